from celery import shared_task

from reserve_portal.core.context import begin_unit_of_work

from .services import mentor_reports, reports
from .services.signals import raise_signals


@shared_task(name="reservists.open_due_reports")
def open_due_reports() -> None:
    """Open the quarter's reports, and the mentors' on the quarter before."""
    begin_unit_of_work()
    reports.open_due_reports()
    mentor_reports.open_mentor_reports()


@shared_task(name="reservists.raise_signals")
def raise_signals_task() -> None:
    """Raise the day's signals for an exclusion; late or twice does no harm."""
    begin_unit_of_work()
    raise_signals()
