from celery import shared_task

from reserve_portal.core.context import begin_unit_of_work

from .services.procedures import follow_procedures


@shared_task(name="assessment.follow_procedures")
def follow_procedures_task() -> None:
    """Open and end procedures by their times; late or twice does no harm."""
    begin_unit_of_work()
    follow_procedures()
