"""Long work as rows. A job function is registered by kind; the runner starts it as a subprocess.

A subprocess, so that a long PDF never holds back a letter, and a killed one is found by its lease.
"""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.db import DatabaseError, models
from django.db.models import F, Q

from . import clock
from .enums import JobState
from .models import Job
from .registry import Registry

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
MAX_RUNNING = 2
FIRST_PAUSE = timedelta(seconds=5)
LOST = "Процесс задания каждый раз прерывался на середине."
JobFunction = Callable[[Job], dict[str, Any]]
job_functions: Registry[JobFunction] = Registry("job")
_children: list[subprocess.Popen[bytes]] = []


def job(kind: str) -> Callable[[JobFunction], JobFunction]:
    """Register a function as the work of jobs of `kind`. It takes the Job, may run twice, returns JSON for `result`."""
    return lambda function: job_functions.add(kind, function)


def enqueue_job(kind: str, *, key: str, title: str, params: dict[str, Any], actor: Any) -> Job:
    """Store a job once per `key`, to be run after this transaction commits; a failed one of the key is tried anew."""
    row, created = Job.objects.get_or_create(
        key=key, defaults={"kind": kind, "title": title, "params": params, "created_by": actor}
    )
    if not created and row.state == JobState.FAILED:
        Job.objects.filter(pk=row.pk, state=JobState.FAILED).update(
            state=JobState.QUEUED, attempts=0, error="", finished_at=None
        )
        row.refresh_from_db()
    from reserve_portal.core.tasks import wake_after_commit

    wake_after_commit("core.sweep_jobs")
    return row


def due_jobs() -> models.QuerySet[Job]:
    """Jobs that wait (a failed one until its pause is over), and those whose runner was lost (its lease ran out)."""
    now = clock.true_now()
    waiting = Q(state=JobState.QUEUED) & (Q(lease_until=None) | Q(lease_until__lte=now))
    return Job.objects.filter(waiting | Q(state=JobState.RUNNING, lease_until__lt=now)).order_by("pk")


def claim_job(pk: int) -> str | None:
    """Claim a due job by a conditional update; returns the lease token, or None when another runner has it.

    A job that was lost with its process MAX_ATTEMPTS times is given up instead: it would take down the next one too.
    """
    given_up = due_jobs().filter(pk=pk, state=JobState.RUNNING, attempts__gte=MAX_ATTEMPTS)
    if given_up.update(state=JobState.FAILED, error=LOST, lease_until=None, finished_at=clock.now()):
        return None
    token = token_hex(8)
    claimed = (
        due_jobs()
        .filter(pk=pk)
        .update(
            state=JobState.RUNNING,
            lease_token=token,
            lease_until=clock.true_now() + timedelta(seconds=settings.JOB_LEASE_SECONDS),
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
            subprocess.run(_command(pk, token), check=False)
            count += 1
    return count


def start_due_jobs() -> int:
    """Start due jobs as subprocesses without waiting for them, MAX_RUNNING at a time; returns how many were started.

    What the sweep calls: whoever sweeps goes on delivering letters while a job runs.
    """
    _children[:] = [child for child in _children if child.poll() is None]
    started = 0
    for pk in list(due_jobs().values_list("pk", flat=True)[: 5 * MAX_RUNNING]):
        if (
            Job.objects.filter(state=JobState.RUNNING, lease_until__gte=clock.true_now()).count()
            >= MAX_RUNNING
        ):
            break
        token = claim_job(pk)
        if token:
            _children.append(subprocess.Popen(_command(pk, token)))
            started += 1
    return started


def _command(pk: int, token: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_job", str(pk), token]


def run_job(pk: int, token: str) -> None:
    """Run a claimed job to its end in this process, keeping its lease alive; the outcome is stored with the token.

    Does nothing when the lease is another runner's by now.
    """
    held = Job.objects.filter(pk=pk, lease_token=token, state=JobState.RUNNING)
    row = held.first()
    if row is None:
        return
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_lease, args=(pk, token, stop), daemon=True)
    keeper.start()
    try:
        result = job_functions.get(row.kind)(row)
    except Exception as error:  # whatever the work raises must reach the operator, not the void
        over = row.attempts >= MAX_ATTEMPTS
        held.update(
            state=JobState.FAILED if over else JobState.QUEUED,
            error=f"{type(error).__name__}: {error}",
            lease_until=None if over else clock.true_now() + FIRST_PAUSE * 2 ** (row.attempts - 1),
            finished_at=clock.now() if over else None,
        )
    else:
        held.update(
            state=JobState.DONE,
            result=result,
            error="",
            done=F("total"),
            lease_until=None,
            finished_at=clock.now(),
        )
    finally:
        stop.set()
        keeper.join()


def report_progress(row: Job, done: int, total: int) -> None:
    """Store how far the job is, in its own units."""
    Job.objects.filter(pk=row.pk).update(done=done, total=total)


def _keep_lease(pk: int, token: str, stop: threading.Event) -> None:
    from django.db import connection

    held = Job.objects.filter(pk=pk, lease_token=token, state=JobState.RUNNING)
    while not stop.wait(settings.JOB_LEASE_SECONDS / 3):
        try:
            held.update(lease_until=clock.true_now() + timedelta(seconds=settings.JOB_LEASE_SECONDS))
        except (
            DatabaseError
        ) as error:  # a database that is busy or restarts must not cost a live job its lease
            log.warning("lease of job %s was not renewed: %s", pk, type(error).__name__)
            connection.close()
    connection.close()
