from celery import shared_task

from reserve_portal.core.context import begin_unit_of_work

from .services import campaigns


@shared_task(name="candidates.follow_windows")
def follow_windows() -> None:
    begin_unit_of_work()
    campaigns.follow_windows()
