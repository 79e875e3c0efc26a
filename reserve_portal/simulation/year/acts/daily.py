"""What the background process does on each day: periods, windows, reports, signals, digests, letters, jobs, seals."""

from assessment.services.procedures import follow_procedures
from candidates.services.campaigns import follow_windows
from reserve_portal.audit.services import seal_events
from reserve_portal.core import calendar
from reserve_portal.core.jobs import claim_job, due_jobs, run_job
from reserve_portal.notifications.digest import send_digests
from reserve_portal.notifications.services import deliver_due_letters, due_letters
from reserve_portal.regulations.periods import begin_periods
from reservists.services.reports import open_due_reports
from reservists.services.signals import raise_signals

from ..year import Year


def begin(year: Year) -> None:
    """Plan the periodic work; on days off there is nothing to send."""
    for day in year.days():
        year.plan(day, 0, 1, _midnight)
        if calendar.is_working_day(day):
            year.plan(day, 8, 5, send_digests)
        if calendar.is_working_day(day) or day == year.last_day:
            year.plan(day, 23, 50, _evening)


def _midnight() -> None:
    begin_periods()
    follow_windows()
    follow_procedures()
    open_due_reports()
    raise_signals()


def _evening() -> None:
    """Jobs run in this process: another one would not stand on this year's clock."""
    for pk in list(due_jobs().values_list("pk", flat=True)):
        token = claim_job(pk)
        if token:
            run_job(pk, token)
    while due_letters().exists():
        deliver_due_letters()
    seal_events()
