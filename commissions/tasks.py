from celery import shared_task

from reserve_portal.core.context import begin_unit_of_work

from . import polls


@shared_task(name="commissions.follow_meetings")
def follow_meetings() -> None:
    begin_unit_of_work()
    polls.close_due_polls()
    polls.remind_of_ending_polls()
    polls.remind_of_meetings()
