from celery import shared_task

from reserve_portal.core.context import begin_unit_of_work

from .periods import begin_periods


@shared_task(name="regulations.begin_periods")
def begin_periods_task() -> None:
    """Begin the year and the quarter; late or twice does no harm."""
    begin_unit_of_work()
    begin_periods()
