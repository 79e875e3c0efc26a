from celery import shared_task

from reserve_portal.core.context import begin_unit_of_work

from .services import reports


@shared_task(name="reservists.open_due_reports")
def open_due_reports() -> None:
    begin_unit_of_work()
    reports.open_due_reports()
