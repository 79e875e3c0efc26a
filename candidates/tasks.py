from celery import shared_task

from reserve_portal.core.context import begin_unit_of_work

from .services import campaigns, exports, nomination_terms, partial_uploads, quarantine, reminders


@shared_task(name="candidates.follow_windows")
def follow_windows() -> None:
    begin_unit_of_work()
    campaigns.follow_windows()
    nomination_terms.end_unanswered()


@shared_task(name="candidates.drop_stale_uploads")
def drop_stale_uploads() -> None:
    begin_unit_of_work()
    partial_uploads.drop_stale_uploads()


@shared_task(name="candidates.scan_files")
def scan_files() -> None:
    begin_unit_of_work()
    quarantine.scan_waiting_files()


@shared_task(name="candidates.drop_expired_exports")
def drop_expired_exports() -> None:
    begin_unit_of_work()
    exports.drop_expired_exports()


@shared_task(name="candidates.remind_drafts")
def remind_drafts() -> None:
    begin_unit_of_work()
    reminders.remind_drafts()
    nomination_terms.remind_invited()
