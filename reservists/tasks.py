from celery import shared_task

from reserve_portal.core.context import begin_unit_of_work

from .services import reports
from .services.signals import raise_signals


@shared_task(name="reservists.open_due_reports")
def open_due_reports() -> None:
    begin_unit_of_work()
    reports.open_due_reports()


@shared_task(name="reservists.raise_signals")
def raise_signals_task() -> None:
    """Raise the day's signals for an exclusion; late or twice does no harm."""
    begin_unit_of_work()
    raise_signals()
