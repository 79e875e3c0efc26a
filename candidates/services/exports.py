"""«Мои данные»: everything the portal holds about a person, as an archive for that person alone."""

from datetime import timedelta
from secrets import token_hex
from tempfile import TemporaryFile
from typing import Any

from django.core.files import File
from django.db import transaction
from django.urls import reverse

from reserve_portal.accounts.models import User
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.enums import JobState
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.jobs import enqueue_job
from reserve_portal.core.personal_data import Progress, write_archive
from reserve_portal.notifications.services import send_letter

from ..models import DataExport
from .submission import in_words

KEPT = timedelta(days=7)
RUNNING = (JobState.QUEUED, JobState.RUNNING)


def newest_export(user: Any) -> DataExport | None:
    """Return the person's newest archive, made or in the making, or None; an expired one is none."""
    row = DataExport.objects.filter(user=user).select_related("job").first()
    if row is None or (row.expires_at is not None and row.expires_at <= clock.now()):
        return None
    return row


@transaction.atomic
def ask_for_export(user: Any) -> DataExport:
    """Have the person's own data put together by a job; an older archive goes (152-FZ, article 14).

    Raises GateShut while one is being made.
    """
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    standing = newest_export(user)
    if standing is not None and standing.job is not None and standing.job.state in RUNNING:
        require_open([Blocker("Архив уже собирается.")])
    for row in DataExport.objects.filter(user=user):
        _drop(row)
    row = DataExport.objects.create(user=user)
    row.job = enqueue_job(
        "candidates.export_data",
        key=f"candidates.export_data:{row.pk}",
        title="Архив личных данных",
        params={"export": row.pk},
        actor=user,
    )
    row.save(update_fields=["job"])
    record_event("candidates.ask_for_export", row, actor=user, person=user)
    return row


def make_export(pk: int, progress: Progress) -> dict[str, Any]:
    """The job: write the archive, keep it for KEPT, send a letter; returns the number of files.

    Run again, it does nothing to an archive that is there, nor to one that was asked for anew meanwhile.
    """
    row = DataExport.objects.select_related("user").filter(pk=pk).first()
    if row is None or row.file:
        return {}
    with TemporaryFile() as target:
        count = write_archive(row.user, target, progress)
        size = target.tell()
        target.seek(0)
        row.file.save(f"{token_hex(16)}.zip", File(target), save=False)
    try:
        _note_ready(row, size)
    except BaseException:
        row.file.storage.delete(str(row.file.name))
        raise
    return {"files": count}


def drop_expired_exports() -> int:
    """Destroy archives whose time is over; returns how many. Runs every hour, twice or late without harm."""
    rows = list(DataExport.objects.filter(expires_at__lte=clock.now()))
    for row in rows:
        with transaction.atomic():
            _drop(row)
    return len(rows)


@transaction.atomic
def _note_ready(row: DataExport, size: int) -> None:
    row.size, row.expires_at = size, clock.now() + KEPT
    changed = DataExport.objects.filter(pk=row.pk).update(
        file=row.file.name, size=size, expires_at=row.expires_at
    )
    if not changed:
        raise LookupError("the archive was asked for anew meanwhile")
    record_event("candidates.make_export", row, actor=None, person=row.user, size=size)
    send_letter(
        "data_export.ready",
        to=row.user,
        key=f"data_export.ready:{row.pk}",
        values={"until": in_words(row.expires_at), "path": reverse("candidates:my_data")},
        about=row.user,  # the archive itself goes after some days
    )


def _drop(row: DataExport) -> None:
    name, storage = str(row.file.name or ""), row.file.storage
    row.delete()
    if name:
        transaction.on_commit(lambda: storage.delete(name))
