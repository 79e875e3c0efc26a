"""Long work as rows. A job function is registered by kind; the runner starts it as a subprocess.

A subprocess, so that a long PDF never holds back a letter, and a killed one is found by its lease.
"""

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q

from . import clock
from .enums import JobState
from .models import Job
from .registry import Registry

MAX_ATTEMPTS = 5
JobFunction = Callable[[Job], dict[str, Any]]
job_functions: Registry[JobFunction] = Registry("job")


def job(kind: str) -> Callable[[JobFunction], JobFunction]:
    """Register a function as the work of jobs of `kind`. It takes the Job, may run twice, returns JSON for `result`."""
    return lambda function: job_functions.add(kind, function)


def enqueue_job(kind: str, *, key: str, title: str, params: dict[str, Any], actor: Any) -> Job:
    """Store a job once per `key`, to be run after this transaction commits; a failed one of the key is tried anew."""
    row, created = Job.objects.get_or_create(
        key=key, defaults={"kind": kind, "title": title, "params": params, "created_by": actor}
    )
    if not created and row.state == JobState.FAILED:
        Job.objects.filter(pk=row.pk, state=JobState.FAILED).update(state=JobState.QUEUED, attempts=0, error="")
    if not settings.CELERY_TASK_ALWAYS_EAGER:
        from reserve_portal.core.tasks import wake

        transaction.on_commit(lambda: wake("core.sweep_jobs"))
    return row


def due_jobs() -> models.QuerySet[Job]:
    """Jobs that wait, and those whose runner was lost (its lease ran out)."""
    lost = Q(state=JobState.RUNNING, lease_until__lt=_lease_now())
    return Job.objects.filter(Q(state=JobState.QUEUED) | lost).order_by("pk")


def claim_job(pk: int) -> str | None:
    """Claim a due job by a conditional update; returns the lease token, or None when another runner has it."""
    token = token_hex(8)
    claimed = (
        due_jobs()
        .filter(pk=pk)
        .update(
            state=JobState.RUNNING,
            lease_token=token,
            lease_until=_lease_now() + timedelta(seconds=settings.JOB_LEASE_SECONDS),
            attempts=F("attempts") + 1,
        )
    )
    return token if claimed else None


def run_due_jobs() -> int:
    """Claim and run every due job, each as a subprocess that is waited for; returns how many ran."""
    count = 0
    for pk in list(due_jobs().values_list("pk", flat=True)):
        token = claim_job(pk)
        if token:
            subprocess.run(  # noqa: S603
                [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_job", str(pk), token], check=False
            )
            count += 1
    return count


def run_job(pk: int, token: str) -> None:
    """Run a claimed job to its end in this process, keeping its lease alive; the outcome is stored with the token."""
    row = Job.objects.get(pk=pk)
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_lease, args=(pk, token, stop), daemon=True)
    keeper.start()
    held = Job.objects.filter(pk=pk, lease_token=token, state=JobState.RUNNING)
    try:
        result = job_functions.get(row.kind)(row)
    except Exception as error:  # whatever the work raises must reach the operator, not the void
        over = row.attempts >= MAX_ATTEMPTS
        held.update(
            state=JobState.FAILED if over else JobState.QUEUED,
            error=f"{type(error).__name__}: {error}",
            lease_until=None,
            finished_at=clock.now() if over else None,
        )
    else:
        held.update(
            state=JobState.DONE, result=result, error="", done=F("total"), lease_until=None, finished_at=clock.now()
        )
    finally:
        stop.set()
        keeper.join()


def report_progress(row: Job, done: int, total: int) -> None:
    """Store how far the job is, in its own units."""
    Job.objects.filter(pk=row.pk).update(done=done, total=total)


def _keep_lease(pk: int, token: str, stop: threading.Event) -> None:
    from django.db import connection

    while not stop.wait(settings.JOB_LEASE_SECONDS / 3):
        until = _lease_now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
        Job.objects.filter(pk=pk, lease_token=token).update(lease_until=until)
    connection.close()


def _lease_now():
    """Leases run on the true clock: moving the portal's clock must not make a live runner look dead."""
    from django.utils import timezone

    return timezone.now()  # noqa: TID251
