"""Periodic and wake-up tasks of the machinery: ids in, one service called, safe to run twice."""

import logging
from collections.abc import Callable
from functools import cache

from celery import current_app, shared_task
from django.conf import settings
from django.db import transaction

from . import health, job_files, jobs
from .context import begin_unit_of_work

log = logging.getLogger(__name__)


def wake(task_name: str) -> None:
    """Tell the workers to sweep now. A lost message costs seconds: the periodic sweep finds the row."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        return
    try:
        current_app.send_task(task_name, retry=False)
    except Exception:  # the broker may be down; a request must not break on it
        log.warning("broker unreachable, the sweep will find the row")


def wake_after_commit(task_name: str) -> None:
    """Wake the workers once when the caller's transaction commits, however many rows it wrote."""
    waker = _waker(task_name)
    if settings.CELERY_TASK_ALWAYS_EAGER or any(
        waker is item[1] for item in transaction.get_connection().run_on_commit
    ):
        return
    transaction.on_commit(waker)


@cache
def _waker(task_name: str) -> Callable[[], None]:
    return lambda: wake(task_name)


@shared_task(name="core.sweep_jobs")
def sweep_jobs() -> None:
    begin_unit_of_work()
    jobs.start_due_jobs()


@shared_task(name="core.purge_job_files")
def purge_job_files() -> None:
    begin_unit_of_work()
    job_files.purge_expired_files()


@shared_task(name="core.note_heartbeat")
def note_heartbeat() -> None:
    health.note_heartbeat()
