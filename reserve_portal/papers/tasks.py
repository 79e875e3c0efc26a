from celery import shared_task

from reserve_portal.core.context import begin_unit_of_work

from . import making


@shared_task(name="papers.make_papers")
def make_papers() -> None:
    begin_unit_of_work()
    making.make_due_papers()
