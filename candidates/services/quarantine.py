"""Stored files wait in quarantine for the scanner's verdict, where there is a scanner; no person waits for it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from django.db import models, transaction
from django.urls import reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.tasks import wake_after_commit
from reserve_portal.notifications.services import send_letter

from .. import virus_scanner
from ..enums import ScanState, Verdict
from ..models import Consent, Nomination, PackageFile, PackageItem
from ..models.quarantine import Quarantined
from ..workflow import NOMINATION

log = logging.getLogger(__name__)
SWEEP_SECONDS = 20  # the embedded background process has letters to send, too
AT_ONCE = 100


def first_state() -> dict[str, Any]:
    """Fields of a file that is being stored now; wakes the scan of it after the commit."""
    if not virus_scanner.is_configured():
        return {"scan": ScanState.UNSCANNED}
    wake_after_commit("candidates.scan_files")
    return {"scan": ScanState.WAITING, "scan_since": clock.now()}


def oldest_waiting() -> datetime | None:
    """Since when the file that waits longest for its verdict waits."""
    moments = [_waiting(shelf).aggregate(at=models.Min("scan_since"))["at"] for shelf in _shelves]
    return min(filter(None, moments), default=None)


def scan_waiting_files() -> int:
    """Have the waiting files scanned; returns how many got their verdict.

    Without an answer of the scanner files stay where they are until the next sweep; where the administrator has taken
    the scanner away, they are let out unscanned. May run twice at once: a verdict is applied once.
    """
    if not virus_scanner.is_configured():
        return sum(_waiting(shelf).update(scan=ScanState.UNSCANNED) for shelf in _shelves)
    rows = [(shelf, row) for shelf in _shelves for row in _waiting(shelf).order_by("pk")[:AT_ONCE]]
    if not rows or not _scanner_answers():
        return 0
    count, until = 0, monotonic() + SWEEP_SECONDS
    for shelf, row in rows:
        if monotonic() > until:
            break
        try:
            with getattr(row, shelf.field).open("rb") as stream:
                found = virus_scanner.scan(stream)
        except FileNotFoundError:
            continue  # taken away by its owner meanwhile
        except virus_scanner.ScannerUnavailable as error:
            log.warning("%s %s was not scanned: %s", shelf.field, row.pk, error)
            continue
        count += apply_verdict(row, found)
    return count


@transaction.atomic
def apply_verdict(row: Quarantined, found: str) -> bool:
    """Let a clean file out of quarantine; destroy an infected one, with what follows for its case, and tell by letter.

    `found` is the scanner's name for what it found, "" for nothing. Returns False where the verdict came before.
    """
    shelf = next(one for one in _shelves if isinstance(row, one.model))
    stored: Any = _waiting(shelf).select_for_update(of=("self",)).filter(pk=row.pk).first()
    if stored is None:
        return False
    stored.scan = ScanState.INFECTED if found else ScanState.CLEAN
    stored.scan_found, stored.scanned_at = found, clock.now()
    if found:
        _destroy(getattr(stored, shelf.field))
        setattr(stored, shelf.field, "")
    stored.save(update_fields=["scan", "scan_found", "scanned_at", shelf.field])
    if found:
        shelf.take_out(stored, found)
    return True


def _scanner_answers() -> bool:
    try:
        virus_scanner.ping()
    except virus_scanner.ScannerUnavailable as error:
        log.warning("the virus scanner does not answer: %s", error)
        return False
    return True


def _destroy(file: Any) -> None:
    """The bytes go, the row stays: what was there and why it is there no more can be told."""
    name, storage = str(file.name), file.storage
    transaction.on_commit(lambda: storage.delete(name))


def _take_out_of_package(file: Any, found: str) -> None:
    """The slot has lost a file: its acceptance is undone, the person brings another."""
    item = PackageItem.objects.select_related("document_type", "application__user").get(pk=file.item_id)
    file.removed_at = file.removed_at or clock.now()
    file.save(update_fields=["removed_at"])
    PackageItem.objects.filter(pk=item.pk, verdict=Verdict.ACCEPTED).update(verdict=Verdict.PENDING)
    person: Any = item.application.user
    record_event("candidates.infected_file", file, actor=None, person=person, sha256=file.sha256, found=found)
    send_letter(
        "candidates.infected_file",
        to=person,
        key=f"candidates.infected_file:{file.pk}",
        values={
            "file": file.original_name,
            "document": str(item.document_type),
            "found": found,
            "path": reverse("candidates:documents", args=[item.application_id]),
        },
        about=item.application,
    )


def _take_out_of_nomination(nomination: Any, found: str) -> None:
    """A nomination without its letter is none: an unanswered one ends; the copy in a package has its own verdict."""
    record_event(
        "candidates.infected_letter", nomination, actor=None, sha256=nomination.letter_sha256, found=found
    )
    result = "Человек уже принял выдвижение: передайте ему исправное письмо, он приложит его сам."
    if NOMINATION.is_open(nomination, "void"):
        NOMINATION.apply(nomination, "void", actor=None, reason=f"В письме найден вирус ({found})")
        result = "Приглашение снято: исправьте файл и выдвиньте человека снова."
    send_letter(
        "candidates.infected_letter",
        to=nomination.nominator,
        key=f"candidates.infected_letter:{nomination.pk}",
        values={
            "name": nomination.full_name,
            "file": nomination.letter_name,
            "found": found,
            "result": result,
            "path": reverse("candidates:nominations"),
        },
        about=nomination,
    )


def _take_out_of_consent(consent: Any, found: str) -> None:
    """A consent on paper without its scan has no proof: it counts no longer, the operator brings another scan."""
    consent.withdrawn_at = consent.withdrawn_at or clock.now()
    consent.save(update_fields=["withdrawn_at"])
    record_event(
        "candidates.infected_consent",
        consent,
        actor=None,
        person=consent.user,
        sha256=consent.proof_sha256,
        found=found,
    )
    send_letter(
        "candidates.infected_consent",
        to=consent.entered_by,
        key=f"candidates.infected_consent:{consent.pk}",
        values={"name": consent.user.full_name, "consent": consent.text.title, "found": found},
        about=consent,
    )


@dataclass(frozen=True)
class Shelf:
    """One kind of files in quarantine: whose they are, in which field, what follows when one is infected."""

    model: type[Quarantined]
    field: str
    take_out: Callable[[Any, str], None]


_shelves: list[Shelf] = []


def register_quarantined(model: type[Quarantined], field: str, take_out: Callable[[Any, str], None]) -> None:
    """Let the files in `field` go through quarantine; `take_out(row, found)` is called once one is destroyed.

    A later stage does so in its own `quarantine.py`, autodiscovered, and stores its files with `first_state()`.
    """
    _shelves.append(Shelf(model, field, take_out))


register_quarantined(PackageFile, "file", _take_out_of_package)
register_quarantined(Nomination, "letter", _take_out_of_nomination)
register_quarantined(Consent, "proof", _take_out_of_consent)


def _waiting(shelf: Shelf) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = shelf.model._default_manager.filter(scan=ScanState.WAITING)
    return rows
