"""Results from a file of the testing platform, applied all or nothing; files laid up until confirmed (process.md 6)."""

from typing import Any, NamedTuple

from django.core.files.base import ContentFile
from django.db import transaction

from assessment.models import ImportDraft, Invitation, Procedure, ResultImport
from assessment.rules import Points
from assessment.services.preview import CHANGED, NEW, Preview, preview_import
from assessment.services.results import (
    lock_procedure,
    missing_sections,
    rank_results,
    write_new_results,
    write_scores,
)
from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.core.models import Job


class Applied(NamedTuple):
    """The stored import; `again` says that the same file was applied before, so that nothing was written now."""

    source: ResultImport
    again: bool


@transaction.atomic
def apply_import(procedure: Procedure, *, name: str, data: bytes, actor: Any, reason: str = "") -> Applied:
    """Apply a file all or nothing; the source file and its SHA-256 are kept with what came of it.

    The same file again changes nothing, which the answer says, also when two apply it at once. Rows that change stored
    results need a `reason`. Raises GateShut with the rows and reasons; nothing is written then.
    """
    row = lock_procedure(procedure)
    preview = preview_import(row, name=name, data=data)
    require_open(preview.blockers(reason))
    counts = preview.counts
    if not counts[NEW] and not counts[CHANGED]:
        stored = ResultImport.objects.filter(procedure=row, sha256=preview.sha256).first()
        if stored is not None:
            return Applied(stored, True)
    source = ResultImport(
        procedure=row, name=name[:200], sha256=preview.sha256, summary=counts, imported_by=actor
    )
    source.file.save(f"{preview.sha256}.bin", ContentFile(data), save=True)
    _write_rows(row, preview, source, actor=actor, reason=reason)
    record_event("assessment.apply_import", source, actor=actor, sha256=preview.sha256, name=name, **counts)
    return Applied(source, False)


def _write_rows(
    procedure: Procedure, preview: Preview, source: ResultImport, *, actor: Any, reason: str
) -> None:
    """Results that are whole and new by the thousand, corrections and points that wait one by one."""
    people = preview.people
    invitations = {item.track_id: item for item in people.everybody}
    new: list[tuple[Invitation, dict[int, Points]]] = []
    for item in preview.rows:
        if item.status not in (NEW, CHANGED):
            continue
        for track in item.tracks:
            former = people.known[track.pk]
            whole = {**former, **item.scores}
            if track.pk not in people.results and not missing_sections(procedure, whole):
                new.append((invitations[track.pk], whole))
                continue
            write_scores(
                procedure,
                invitations[track.pk],
                item.scores,
                actor=actor,
                reason=reason,
                source=source,
                former=former,
            )
    write_new_results(procedure, new, actor=actor, source=source)
    rank_results(procedure)


# --- Files laid up between preview and confirmation ------------------------------------------------------------------


@transaction.atomic
def keep_draft(
    procedure: Procedure, *, name: str, data: bytes, actor: Any, job: Job | None = None
) -> ImportDraft:
    """Lay a readable file up until the operator confirms or drops it; raises GateShut for an unreadable one."""
    preview = preview_import(procedure, name=name, data=data)
    draft = ImportDraft(procedure=procedure, name=name[:200], uploaded_by=actor, job=job)
    draft.file.save(f"{preview.sha256}.bin", ContentFile(data), save=True)
    record_event("assessment.keep_draft", draft, actor=actor, sha256=preview.sha256)
    return draft


def preview_draft(draft: ImportDraft) -> Preview:
    """The preview of a file laid up, as things stand now."""
    return preview_import(draft.procedure, name=draft.name, data=read_draft(draft))


def read_draft(draft: ImportDraft) -> bytes:
    """The bytes of a file laid up."""
    with draft.file.open("rb") as source:
        return source.read()


@transaction.atomic
def apply_draft(draft: ImportDraft, *, actor: Any, reason: str = "") -> Applied:
    """Apply a file laid up and drop the draft; raises GateShut as `apply_import`, and for a draft already gone.

    Of two people who confirm the same draft one applies it, the other is told.
    """
    rows = ImportDraft.objects.select_for_update(of=("self",)).select_related("procedure")
    row = rows.filter(pk=draft.pk).first()
    if row is None:
        raise GateShut([Blocker("Этот файл уже внесён или удалён: откройте страницу процедуры заново.")])
    applied = apply_import(row.procedure, name=row.name, data=read_draft(row), actor=actor, reason=reason)
    drop_draft(row, actor=actor)
    return applied


@transaction.atomic
def drop_draft(draft: ImportDraft, *, actor: Any) -> None:
    """Forget a file laid up; its bytes go after the commit."""
    storage, path = draft.file.storage, str(draft.file.name)
    record_event("assessment.drop_draft", draft, actor=actor)
    transaction.on_commit(lambda: storage.delete(path))
    draft.delete()
