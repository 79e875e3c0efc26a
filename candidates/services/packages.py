"""The package of documents: files are stored the moment they are chosen."""

from secrets import token_hex
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import Count, Max, Prefetch, Q, Sum

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.regulations.models import Edition

from ..eligibility import is_returning
from ..enums import ApplicationState, Verdict
from ..models import Application, PackageFile, PackageItem
from ..uploads import MEGABYTE, AcceptedUpload, RejectedUpload, UploadLimits, check_upload, clean_name
from .quarantine import first_state

MAX_FILES_IN_SLOT = 40


def limits_of(edition: Edition) -> UploadLimits:
    """Return the edition's limits of one file."""
    return UploadLimits(
        max_bytes=edition.value("max_file_mb") * MEGABYTE, max_pages=edition.value("max_file_pages")
    )


def read_upload(upload: UploadedFile, edition: Edition) -> bytes:
    """Return the bytes of an uploaded file; one over the limit is refused before it is read into memory."""
    refuse_over_limit(upload.name or "", upload.size or 0, edition)
    return upload.read()


def refuse_over_limit(name: str, size: int, edition: Edition) -> None:
    """Raise RejectedUpload for a file of more bytes than the edition allows."""
    limit = edition.value("max_file_mb")
    if size > limit * MEGABYTE:
        raise RejectedUpload(
            f"Файл «{clean_name(name)}» больше {limit} МБ: уменьшите его или разделите на части."
        )


def add_missing_slots(application: Application) -> None:
    """Give the package a slot for every document that this person has to bring.

    A document for people who come back after an exclusion has a slot in theirs alone, where the edition asks (O6.4).
    """
    edition = application.campaign.edition
    kinds = edition.document_types.exclude(pk__in=application.items.values("document_type"))
    if not (edition.value("return_needs_representation") and is_returning(application.user)):
        kinds = kinds.filter(only_for_return=False)
    PackageItem.objects.bulk_create(
        PackageItem(application=application, document_type=kind) for kind in kinds
    )


def slots_of(application: Application) -> models.QuerySet[Any]:
    """Return the slots of the package; each carries its present files as the list `present_files`."""
    present = Prefetch("files", PackageFile.objects.filter(removed_at=None), to_attr="present_files")
    return application.items.select_related("document_type", "ground").prefetch_related(present)


def may_change_item(item: PackageItem, application: Application) -> bool:
    """Files may be changed in a draft, and in a correction round where the operator asked for it.

    A slot mended in this round keeps the operator's words while its verdict is pending again: so it stays changeable.
    """
    if application.state == ApplicationState.DRAFT:
        return True
    if application.state != ApplicationState.CORRECTION:
        return False
    mended = item.verdict == Verdict.PENDING and (item.ground_id is not None or bool(item.words))
    return mended or item.verdict == Verdict.CORRECT


def lock_application(known: Application) -> Application:
    """Return the application read anew under a lock; its campaign and person never change and are those of `known`."""
    locked = Application.objects.select_for_update(of=("self",)).get(pk=known.pk)
    locked.campaign, locked.user = known.campaign, known.user
    return locked


def add_file(item: PackageItem, *, name: str, data: bytes, actor: Any, keep: bool = False) -> PackageFile:
    """Check a file by its content and store it in its slot (O3.2, T1).

    In a correction round the first new file takes the place of the slot's old ones, which stay in the history, unless
    `keep`; the verdict is pending again. Raises RejectedUpload with one Russian sentence when the file is refused or
    the package grows too large, GateShut when the slot cannot be changed now; then nothing is changed.
    """
    # Outside the transaction: a slow check must not hold a lock.
    return store_file(item, check_file(item, name=name, data=data), actor=actor, keep=keep)


def check_file(item: PackageItem, *, name: str, data: bytes) -> AcceptedUpload:
    """The first half of `add_file`: judge the content; raises the same and writes nothing."""
    require_open(item_blockers(item, item.application))
    return check_upload(name, data, limits_of(item.application.campaign.edition))


@transaction.atomic
def store_file(item: PackageItem, accepted: AcceptedUpload, *, actor: Any, keep: bool = False) -> PackageFile:
    """The second half of `add_file`: put a checked file into its slot; raises the same."""
    application = lock_application(item.application)
    item = PackageItem.objects.select_for_update(of=("self",)).select_related("document_type").get(pk=item.pk)
    require_open(item_blockers(item, application))
    if item.verdict == Verdict.CORRECT:
        _reopen_item(item, keep=keep)
    refuse_over_package(application, len(accepted.content))
    row = PackageFile(
        item=item,
        position=_next_position(item, accepted.original_name),
        original_name=accepted.original_name,
        kind=accepted.kind,
        content_type=accepted.content_type,
        size=len(accepted.content),
        pages=accepted.pages,
        sha256=accepted.sha256,
        uploaded_by=actor,
        **first_state(),
    )
    row.file.save(f"{token_hex(16)}.{accepted.extension}", ContentFile(accepted.content), save=False)
    try:
        row.save()
        record_event(
            "candidates.add_file",
            row,
            actor=actor,
            person=application.user,
            sha256=row.sha256,
            original_sha256=accepted.original_sha256,
            size=row.size,
        )
    except BaseException:
        row.file.storage.delete(str(row.file.name))
        raise
    return row


@transaction.atomic
def remove_file(file: PackageFile, *, actor: Any) -> None:
    """Take a file out of its slot: a draft's file is destroyed, a file that was submitted stays in the history.

    Raises GateShut when the slot cannot be changed now. Removing twice changes nothing.
    """
    application = Application.objects.select_for_update().get(pk=file.item.application_id)
    item = (
        PackageItem.objects.select_for_update(of=("self",))
        .select_related("document_type")
        .get(pk=file.item_id)
    )
    require_open(item_blockers(item, application))
    record_event("candidates.remove_file", file, actor=actor, person=application.user, sha256=file.sha256)
    if application.state == ApplicationState.DRAFT:
        name, storage = str(file.file.name), file.file.storage
        PackageFile.objects.filter(pk=file.pk).delete()
        transaction.on_commit(lambda: storage.delete(name))
        return
    PackageFile.objects.filter(pk=file.pk, removed_at=None).update(removed_at=clock.now())


@transaction.atomic
def move_file(file: PackageFile, *, up: bool, actor: Any) -> None:
    """Swap a file with its neighbour within the slot; at the edge nothing changes.

    Raises GateShut when the slot cannot be changed now.
    """
    application = Application.objects.select_for_update().get(pk=file.item.application_id)
    item = (
        PackageItem.objects.select_for_update(of=("self",))
        .select_related("document_type")
        .get(pk=file.item_id)
    )
    require_open(item_blockers(item, application))
    files = list(item.current_files())
    place = next((number for number, row in enumerate(files) if row.pk == file.pk), None)
    other = None if place is None else place + (-1 if up else 1)
    if place is None or other is None or not 0 <= other < len(files):
        return
    files[place], files[other] = files[other], files[place]
    for number, row in enumerate(files):
        row.position = number
    PackageFile.objects.bulk_update(files, ["position"])
    record_event("candidates.move_file", file, actor=actor, person=application.user, position=other)


def package_size(application: Application) -> int:
    """Return the bytes of all present files of the package."""
    rows = PackageFile.objects.filter(item__application=application, removed_at=None)
    return rows.aggregate(total=Sum("size"))["total"] or 0


def _reopen_item(item: PackageItem, *, keep: bool) -> None:
    if not keep:
        item.files.filter(removed_at=None).update(removed_at=clock.now())
    item.verdict = Verdict.PENDING
    item.save(update_fields=["verdict"])


def refuse_over_package(application: Application, added: int) -> None:
    """Raise RejectedUpload when so many more bytes make the package larger than the edition allows."""
    limit = application.campaign.edition.value("max_package_mb")
    if package_size(application) + added > limit * MEGABYTE:
        raise RejectedUpload(
            f"Вместе с этим файлом пакет больше {limit} МБ: уменьшите файлы или удалите лишние."
        )


def _next_position(item: PackageItem, name: str) -> int:
    """The place behind the slot's present files; raises RejectedUpload when the slot is full."""
    present = item.files.filter(removed_at=None).aggregate(count=Count("pk"), last=Max("position"))
    if present["count"] >= MAX_FILES_IN_SLOT:
        raise RejectedUpload(
            f"Файл «{name}» не добавлен: в одном документе не больше {MAX_FILES_IN_SLOT} файлов, "
            "соедините страницы в один файл."
        )
    return 0 if present["last"] is None else present["last"] + 1


def item_blockers(item: PackageItem, application: Application) -> list[Blocker]:
    if may_change_item(item, application):
        return []
    if application.state == ApplicationState.CORRECTION:
        return [Blocker(f"Документ «{item.document_type}» исправлять не нужно.")]
    return [
        Blocker("Заявление уже подано: документы меняются, только если оператор вернёт их на исправление.")
    ]


def excuse_is_open(item: PackageItem) -> bool:
    """Whether the lack of this document may be excused: it is required, not there, and the edition allows it (O3.8)."""
    application = item.application
    return bool(
        application.campaign.edition.value("good_reason")
        and item.document_type.is_required_for(application.nominations)
        and not item.current_files().exists()
    )


def is_excused(application: Application) -> bool:
    """Whether every lack of the package was excused, so that incompleteness is no ground to refuse (O3.8)."""
    lacking = _lacking(application)
    return bool(lacking) and all(item.verdict == Verdict.EXCUSED for item in lacking)


def lacks_of(application: Application) -> list[tuple[PackageItem, str]]:
    """Required documents that are missing or were not accepted, each with what is wrong; the excused ones left out."""
    return [(item, _lack_in_words(item)) for item in _lacking(application) if item.verdict != Verdict.EXCUSED]


def _lack_in_words(item: PackageItem) -> str:
    what = "не принят" if item.present else "файла нет"  # type: ignore[attr-defined]
    return ". ".join(part for part in (what, str(item.ground or ""), item.words) if part)


def _lacking(application: Application) -> list[PackageItem]:
    """Required documents without a file, and those that were refused or are still to be corrected."""
    items = application.items.select_related("document_type", "ground").annotate(
        present=Count("files", filter=Q(files__removed_at=None))
    )
    return [
        item
        for item in items
        if item.document_type.is_required_for(application.nominations)
        and (not item.present or item.verdict in (Verdict.REFUSED, Verdict.CORRECT))
    ]
