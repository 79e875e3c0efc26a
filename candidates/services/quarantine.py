"""Stored files wait in quarantine for the scanner's verdict, where there is a scanner; no person waits for it."""

import logging
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
from ..models import Application, PackageFile, PackageItem

log = logging.getLogger(__name__)
SWEEP_SECONDS = 20  # the embedded background process has letters to send, too
AT_ONCE = 100


def first_state() -> str:
    """The state of a file that is being stored now, and wakes the scan of it after the commit."""
    if not virus_scanner.is_configured():
        return ScanState.UNSCANNED
    wake_after_commit("candidates.scan_files")
    return ScanState.WAITING


def waiting_files() -> models.QuerySet[PackageFile]:
    """Files in quarantine, oldest first."""
    return PackageFile.objects.filter(scan=ScanState.WAITING).order_by("pk")


def scan_waiting_files() -> int:
    """Have the waiting files scanned; returns how many got their verdict.

    Without an answer of the scanner files stay where they are until the next sweep; where the administrator has taken
    the scanner away, they are let out unscanned. May run twice at once: a verdict is applied once.
    """
    if not virus_scanner.is_configured():
        return waiting_files().update(scan=ScanState.UNSCANNED)
    files = list(waiting_files()[:AT_ONCE])
    if not files or not _scanner_answers():
        return 0
    count, until = 0, monotonic() + SWEEP_SECONDS
    for file in files:
        if monotonic() > until:
            break
        try:
            with file.file.open("rb") as stream:
                found = virus_scanner.scan(stream)
        except FileNotFoundError:
            continue  # taken away by its owner meanwhile
        except virus_scanner.ScannerUnavailable as error:
            log.warning("file %s was not scanned: %s", file.pk, error)
            continue
        count += apply_verdict(file, found)
    return count


@transaction.atomic
def apply_verdict(file: PackageFile, found: str) -> bool:
    """Let a clean file out of quarantine; take an infected one out of its slot, destroy it and tell its owner.

    `found` is the scanner's name for what it found, "" for nothing. Returns False where the verdict came before.
    """
    rows = PackageFile.objects.select_for_update(of=("self",))
    stored = rows.filter(pk=file.pk, scan=ScanState.WAITING).first()
    if stored is None:
        return False
    item = PackageItem.objects.select_related("document_type", "application__user").get(pk=stored.item_id)
    stored.scan = ScanState.INFECTED if found else ScanState.CLEAN
    stored.scan_found, stored.scanned_at = found, clock.now()
    if found:
        _take_out(stored, item, found)
    stored.save(update_fields=["scan", "scan_found", "scanned_at", "removed_at", "file"])
    return True


def _scanner_answers() -> bool:
    try:
        virus_scanner.ping()
    except virus_scanner.ScannerUnavailable as error:
        log.warning("the virus scanner does not answer: %s", error)
        return False
    return True


def _take_out(file: PackageFile, item: PackageItem, found: str) -> None:
    """The bytes go, the row stays: what was in the package and why it is there no more can be told."""
    name, storage = str(file.file.name), file.file.storage
    file.removed_at = file.removed_at or clock.now()
    file.file = ""
    transaction.on_commit(lambda: storage.delete(name))
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
            "path": _place(item.application),
        },
        about=item.application,
    )


def _place(application: Application) -> str:
    return reverse("candidates:documents", args=[application.pk])
