from celery import shared_task

from reserve_portal.core.context import begin_unit_of_work

from . import digest, services


@shared_task(name="notifications.sweep_letters")
def sweep_letters() -> None:
    begin_unit_of_work()
    services.deliver_due_letters()


@shared_task(name="notifications.send_digests")
def send_digests() -> None:
    begin_unit_of_work()
    digest.send_digests()
