"""What the background process does: periods, windows, reports, signals, digests, letters, jobs, seals."""

from django.db import transaction

from assessment.services.procedures import follow_procedures
from candidates.services.campaigns import follow_windows
from candidates.services.reminders import remind_drafts
from reserve_portal.audit.services import seal_events
from reserve_portal.core import calendar
from reserve_portal.core.jobs import claim_job, due_jobs, run_job
from reserve_portal.notifications.digest import send_digests
from reserve_portal.notifications.services import deliver_due_letters
from reserve_portal.regulations.periods import begin_periods
from reservists.services.reports import open_due_reports
from reservists.services.signals import raise_signals

from ..year import Year

MONDAY = 0


def begin(year: Year) -> None:
    """Plan the periodic work; on days off there is nothing to send.

    What does the right thing once when it comes some days late (periods, signals, seals) comes once a week.
    """
    for day in year.days():
        weekly = day.weekday() == MONDAY or day.day == 1 or day == year.last_day
        year.plan(day, 0, 1, _midnight, weekly)
        if calendar.is_working_day(day):
            year.plan(day, 8, 5, send_digests)
            year.plan(day, 9, 5, remind_drafts)
        if calendar.is_working_day(day) or day == year.last_day:
            year.plan(day, 23, 50, _evening, year, weekly)


def _midnight(weekly: bool) -> None:
    follow_windows()
    if weekly:
        begin_periods()
        follow_procedures()
        open_due_reports()
        raise_signals()


def _evening(year: Year, weekly: bool) -> None:
    """Jobs run in this process: another one would not stand on this year's clock."""
    for pk in list(due_jobs().values_list("pk", flat=True)):
        token = claim_job(pk)
        if token:
            run_job(pk, token)
    with transaction.atomic():  # no mail server is waited for, so one commit does for all
        while deliver_due_letters():
            pass
    year.press.feed()
    if weekly:
        seal_events()
