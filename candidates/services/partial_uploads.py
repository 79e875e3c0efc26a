"""Uploads in pieces: begun once, continued from the byte that arrived last, stored by `add_file` when whole.

The pieces lie in the private folder, belong to the person who sends them, are limited in size, number and age. Nothing
of them is a paper of the package: only the whole file is, after the same check as any other.
"""

import os
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q, Sum

from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut, require_open

from ..models import Application, PackageItem, PartialUpload
from ..uploads import MEGABYTE, AcceptedUpload, RejectedUpload, clean_name
from .packages import check_file, item_blockers, refuse_over_limit, refuse_over_package, store_file

FOLDER = "partial"
PIECE = 512 * 1024
MAX_PIECE = 1024 * 1024
MAX_UNFINISHED = 20
MAX_AGE = timedelta(days=2)
# Longer than the slowest inspection of a file: a check that takes longer has lost its process.
CHECK_LEASE = timedelta(seconds=60)


class WrongOffset(Exception):
    """The piece does not begin where the stored part ends; `upload` says where that is."""

    def __init__(self, upload: PartialUpload) -> None:
        super().__init__(f"expected a piece at byte {upload.received}")
        self.upload = upload


def unfinished_of(application: Application, user: Any) -> models.QuerySet[PartialUpload]:
    """Return what the user began to send into the package's slots and did not finish."""
    return PartialUpload.objects.filter(item__application=application, user=user, finished_at=None)


@transaction.atomic
def start_upload(
    item: PackageItem, *, name: str, size: int, modified: str, keep: bool, actor: Any
) -> PartialUpload:
    """Begin to send a file of `size` bytes, or go on with the same one begun before (its `received` says from where).

    Raises RejectedUpload where the size or the number of unfinished files is over the limit, GateShut when the slot
    cannot be changed now.
    """
    application = Application.objects.select_for_update(of=("self",)).get(pk=item.application_id)
    require_open(item_blockers(item, application))
    shown = clean_name(name)
    begun = PartialUpload.objects.filter(user=actor, finished_at=None)
    same = begun.filter(item=item, name=shown, size=size, modified=modified[:20]).first()
    if same is not None:
        if same.keep != keep:
            same.keep = keep
            same.save(update_fields=["keep"])
        return _as_stored(same)
    if size <= 0:
        raise RejectedUpload(
            f"Файл «{shown}» пустой (0 байт): проверьте, открывается ли он у вас, и загрузите снова."
        )
    refuse_over_limit(name, size, application.campaign.edition)
    refuse_over_package(application, size)
    _refuse_too_many(begun, shown, size, application)
    return PartialUpload.objects.create(
        item=item,
        user=actor,
        path=f"{FOLDER}/{token_hex(16)}.part",
        name=shown,
        size=size,
        modified=modified[:20],
        keep=keep,
    )


@transaction.atomic
def receive_piece(upload: PartialUpload, *, offset: int, data: bytes) -> PartialUpload:
    """Append `data` to what has arrived; returns the upload as stored now.

    Raises WrongOffset when another byte is expected (also for a second tab that sends the same file). A piece that
    was written and not noted down, because the process was killed between the two, is written over by the next one.
    """
    stored = _as_stored(PartialUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk))
    if stored.finished_at is not None:
        return stored
    if offset != stored.received or len(data) > min(MAX_PIECE, stored.size - stored.received):
        raise WrongOffset(stored)
    path = _path(stored)
    path.parent.mkdir(mode=settings.FOLDER_MODE, parents=True, exist_ok=True)
    with open(os.open(path, os.O_RDWR | os.O_CREAT, settings.FILE_MODE), "r+b") as file:
        file.seek(offset)
        file.truncate()
        file.write(data)
    stored.received = offset + len(data)
    stored.touched_at = clock.true_now()
    stored.save(update_fields=["received", "touched_at"])
    return stored


def finish_upload(upload: PartialUpload) -> PartialUpload:
    """Store a file that is whole in its slot, once, and note what became of it; returns the upload as stored now.

    The check is that of `add_file`, outside any transaction; what it refuses is noted as the upload's `error`. An
    upload that another process is checking at this moment is returned as it is: not finished.
    """
    now = clock.true_now()
    free = Q(checked_until=None) | Q(checked_until__lt=now)
    claimed = PartialUpload.objects.filter(
        free, pk=upload.pk, finished_at=None, received=models.F("size")
    ).update(checked_until=now + CHECK_LEASE)
    upload = PartialUpload.objects.select_related("item__application__campaign__edition", "user").get(
        pk=upload.pk
    )
    if not claimed:
        return upload
    accepted: AcceptedUpload | None = None
    error = ""
    try:
        accepted = check_file(upload.item, name=upload.name, data=_path(upload).read_bytes())
    except FileNotFoundError:
        error = f"Файл «{upload.name}» не сохранился на сервере: выберите его ещё раз."
    except (RejectedUpload, GateShut) as refusal:
        error = _words(refusal)
    return _store_checked(upload, accepted, error)


@transaction.atomic
def _store_checked(upload: PartialUpload, accepted: AcceptedUpload | None, error: str) -> PartialUpload:
    stored = PartialUpload.objects.select_for_update(of=("self",)).select_related("user").get(pk=upload.pk)
    if stored.finished_at is not None:
        return stored
    if accepted is not None:
        try:
            stored.file = store_file(upload.item, accepted, actor=upload.user, keep=stored.keep)
        except (RejectedUpload, GateShut) as refusal:
            error = _words(refusal)
    stored.error, stored.finished_at = error, clock.now()
    stored.save(update_fields=["file", "error", "finished_at"])
    path = _path(stored)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return stored


@transaction.atomic
def discard_upload(upload: PartialUpload) -> None:
    """Forget an unfinished upload together with what has arrived of it."""
    path = _path(upload)
    PartialUpload.objects.filter(pk=upload.pk).delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def drop_stale_uploads() -> int:
    """Forget uploads that nobody went on with for MAX_AGE, and pieces that no row names; returns how many rows went.

    Runs every hour; run twice or late it does the right thing once.
    """
    border = clock.true_now() - MAX_AGE
    stale = list(PartialUpload.objects.filter(touched_at__lt=border))
    for upload in stale:
        discard_upload(upload)
    _drop_nameless(border.timestamp())
    return len(stale)


def _words(refusal: RejectedUpload | GateShut) -> str:
    if isinstance(refusal, RejectedUpload):
        return refusal.message
    return " ".join(blocker.text for blocker in refusal.blockers)


def _as_stored(upload: PartialUpload) -> PartialUpload:
    """Where the folder holds less than the row says (a restored backup has no pieces), the folder is right."""
    if upload.finished_at is None and upload.received:
        path = _path(upload)
        there = path.stat().st_size if path.exists() else 0
        if there < upload.received:
            upload.received = there
            upload.save(update_fields=["received"])
    return upload


def _refuse_too_many(
    begun: models.QuerySet[PartialUpload], name: str, size: int, application: Application
) -> None:
    limit = application.campaign.edition.value("max_package_mb") * MEGABYTE
    waiting = begun.aggregate(total=Sum("size"))["total"] or 0
    if begun.count() >= MAX_UNFINISHED or waiting + size > limit:
        raise RejectedUpload(
            f"Файл «{name}» пока не принят: слишком много незаконченных загрузок, закончите или уберите их."
        )


def _drop_nameless(border: float) -> None:
    folder = Path(default_storage.path(FOLDER))
    if not folder.is_dir():
        return
    old = [path for path in folder.iterdir() if path.stat().st_mtime < border]
    known = set(PartialUpload.objects.values_list("path", flat=True))
    for path in old:
        if f"{FOLDER}/{path.name}" not in known:
            path.unlink(missing_ok=True)


def _path(upload: PartialUpload) -> Path:
    return Path(default_storage.path(upload.path))
