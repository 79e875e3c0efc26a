from celery import shared_task

from reserve_portal.core.context import begin_unit_of_work

from . import services


@shared_task(name="audit.seal_events")
def seal_events() -> None:
    begin_unit_of_work()
    services.seal_events()
