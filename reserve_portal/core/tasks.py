"""Periodic and wake-up tasks of the machinery: ids in, one service called, safe to run twice."""

import logging

from celery import current_app, shared_task
from django.conf import settings

from . import jobs
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


@shared_task(name="core.sweep_jobs", time_limit=3600)
def sweep_jobs() -> None:
    begin_unit_of_work()
    jobs.run_due_jobs()
