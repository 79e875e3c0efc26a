"""Results from a file of the testing platform: preview, then all or nothing (process.md 6).

People are matched by address or registration number, never by name; names serve as hints alone.
"""

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.db import models, transaction

from assessment.enums import DECIDED_TRACKS, LEFT_TRACKS, Zone
from assessment.models import ImportDraft, Invitation, Procedure, Result, ResultImport, Section
from assessment.moodle import (
    Export,
    ExportRow,
    UnreadableExport,
    choose_attempts,
    normal_name,
    read_export,
)
from assessment.rules import Points, passes, shown_points, zone
from assessment.services.columns import TOTAL, ColumnMap, match_columns
from assessment.services.results import (
    known_scores,
    lock_procedure,
    missing_sections,
    rank_results,
    result_blockers,
    score_blockers,
    track_blockers,
    weighted_total,
    write_scores,
)
from candidates.models import ApplicationTrack
from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, GateShut, require_open

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"
UNMATCHED, INVALID, IGNORED = "unmatched", "invalid", "ignored"
LABELS = {
    NEW: "новый",
    CHANGED: "изменится",
    UNCHANGED: "без изменений",
    UNMATCHED: "не найден",
    INVALID: "ошибка",
    IGNORED: "пропущен",
}
TONES = {
    NEW: "success",
    CHANGED: "warning",
    UNCHANGED: "neutral",
    UNMATCHED: "danger",
    INVALID: "danger",
    IGNORED: "neutral",
}
HINTS = 3  # similar names suggested for a row that matched nobody


@dataclass(frozen=True)
class PreviewRow:
    """One row of the file, `line` as a spreadsheet counts: what will become of it and why.

    `points`, `before` are weighted sums over all directions known by then, whatever they came from; `passed` and
    `zone` are known once none is missing. `tracks` are those the row belongs to, `scores` what the file gives.
    """

    line: int
    name: str
    status: str
    reasons: tuple[str, ...] = ()
    person: Any = None
    tracks: tuple[ApplicationTrack, ...] = ()
    scores: Mapping[int, Decimal] = field(default_factory=dict)
    points: Decimal | None = None
    before: Decimal | None = None
    passed: bool | None = None
    zone: str = ""

    @property
    def label(self) -> str:
        return LABELS[self.status]

    @property
    def tone(self) -> str:
        return TONES[self.status]

    @property
    def zone_label(self) -> str:
        return Zone(self.zone).label if self.zone else ""

    @property
    def blocks(self) -> bool:
        return self.status in (UNMATCHED, INVALID)


@dataclass(frozen=True)
class Preview:
    """What an import would do; nothing is written. `sha256` names the file it was made from."""

    name: str
    sha256: str
    export: Export
    columns: ColumnMap
    rows: tuple[PreviewRow, ...]
    gate: tuple[Blocker, ...] = ()

    def of(self, status: str) -> list[PreviewRow]:
        return [row for row in self.rows if row.status == status]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows there are of each status."""
        return {status: len(self.of(status)) for status in LABELS}

    @property
    def needs_mapping(self) -> bool:
        return not self.columns.is_whole

    @property
    def needs_reason(self) -> bool:
        return bool(self.of(CHANGED))

    def blockers(self, reason: str | None = None) -> list[Blocker]:
        """Everything that keeps the file from being applied; with `reason` given, also its absence where it is due."""
        found = [*self.gate, *self.columns.blockers]
        for status, words in (
            (INVALID, "Строки с ошибками"),
            (UNMATCHED, "Строки, для которых нет приглашённого"),
        ):
            lines = [str(row.line) for row in self.of(status)]
            if lines:
                shown = ", ".join(lines[:20]) + (" …" if len(lines) > 20 else "")
                found.append(
                    Blocker(f"{words}: {shown}. Исправьте файл и загрузите его снова.", field="file")
                )
        counts = self.counts
        if not found and not any(counts[status] for status in (NEW, CHANGED, UNCHANGED)):
            found.append(Blocker("В файле нет ни одной оценённой попытки.", field="file"))
        if reason is not None and self.needs_reason and not reason.strip():
            found.append(Blocker("Файл меняет внесённые результаты: укажите причину.", field="reason"))
        return found


@dataclass(frozen=True)
class _People:
    by_email: dict[str, list[Invitation]]
    by_number: dict[str, list[Invitation]]
    results: dict[int, Result]
    known: dict[int, dict[int, Points]]
    everybody: tuple[Invitation, ...]


# --- Preview ---------------------------------------------------------------------------------------------------------


def preview_import(procedure: Procedure, *, name: str, data: bytes) -> Preview:
    """Read the bytes of a file and say of every row what would become of it; writes nothing.

    Raises GateShut with one sentence (field «file») for a file that cannot be read at all.
    """
    try:
        export = read_export(name, data)
    except UnreadableExport as error:
        raise GateShut([Blocker(error.message, field="file")]) from error
    procedure = Procedure.objects.select_related("campaign").prefetch_related("sections").get(pk=procedure.pk)
    sections = procedure.platform_sections
    columns = match_columns(sections, export)
    rows: tuple[PreviewRow, ...] = ()
    if columns.is_whole:
        rows = tuple(_judge_rows(procedure, sections, export, columns))
    return Preview(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        export=export,
        columns=columns,
        rows=rows,
        gate=tuple(result_blockers(procedure) + platform_blockers(procedure)),
    )


def platform_blockers(procedure: Procedure) -> list[Blocker]:
    """Whether the procedure has anything that the testing platform exports."""
    if procedure.platform_sections:
        return []
    return [Blocker("В процедуре нет тестов и кейсов: загружать нечего, баллы приходят иначе.", field="file")]


def _judge_rows(
    procedure: Procedure, sections: list[Section], export: Export, columns: ColumnMap
) -> Iterable[PreviewRow]:
    choice = choose_attempts(export.rows, procedure.attempt)  # type: ignore[arg-type]
    chosen = {row.line for row in choice.chosen}
    without = {item.row.line: item.reason for item in choice.without}
    people = _people(procedure)
    for row in export.rows:
        if row.problems and row.state != "not_attempted":
            yield _plain(row, INVALID, *row.problems, person=_known(people, row))
        elif row.line in chosen:
            yield _judge_attempt(procedure, sections, columns, people, row)
        else:
            reason = without.get(row.line) or _why_not(row)
            yield _plain(row, IGNORED, reason, person=_known(people, row))


def _known(people: _People, row: ExportRow) -> Any:
    """The invited person behind a faulty row, where its address or number tells."""
    found = people.by_email.get(row.email.lower()) or people.by_number.get(row.id_number.casefold())
    return found[0].track.application.user if found else None


def _why_not(row: ExportRow) -> str:
    return "Засчитана другая попытка." if row.state == "finished" else "Попытка не завершена или не оценена."


def _plain(row: ExportRow, status: str, *reasons: str, person: Any = None) -> PreviewRow:
    words = tuple(
        reason.removeprefix(f"Строка {row.line}, ").removeprefix(f"Строка {row.line}: ") for reason in reasons
    )
    words = tuple(text[:1].upper() + text[1:] for text in words)
    return PreviewRow(
        row.line, f"{row.last_name} {row.first_name}".strip(), status, words, person, points=row.total
    )


def _judge_attempt(
    procedure: Procedure, sections: list[Section], columns: ColumnMap, people: _People, row: ExportRow
) -> PreviewRow:
    by_email = people.by_email.get(row.email.lower(), []) if row.email else []
    by_number = people.by_number.get(row.id_number.casefold(), []) if row.id_number else []
    found = by_email or by_number
    if not found:
        return _plain(row, UNMATCHED, *_unmatched_reasons(procedure, people, row))
    person = found[0].track.application.user
    if by_email and by_number and by_number[0].track.application.user_id != person.pk:
        other = by_number[0].track.application.user
        words = f"Адрес принадлежит человеку {person.full_name}, а номер {row.id_number} — {other.full_name}."
        return _plain(row, INVALID, words, person=person)
    scores, missing = _scores(sections, columns, row)
    problems = [*missing, *(item.text for item in score_blockers(procedure, scores) if not missing)]
    if problems:
        return _plain(row, INVALID, *problems, person=person)
    return _compare(procedure, people, row, tuple(item.track for item in found), scores)


def _compare(
    procedure: Procedure,
    people: _People,
    row: ExportRow,
    tracks: tuple[ApplicationTrack, ...],
    scores: dict[int, Decimal],
) -> PreviewRow:
    here = tuple(track for track in tracks if track.state not in LEFT_TRACKS)
    person = tracks[0].application.user
    if not here:
        return _plain(
            row, IGNORED, f"Кандидат больше не участвует: {tracks[0].get_state_display()}.", person=person
        )
    results = {track.pk: people.results.get(track.pk) for track in here}
    changed = [track for track in here if not scores.items() <= people.known[track.pk].items()]
    for track in changed:
        blockers = track_blockers(track, corrects=results[track.pk] is not None)
        if track.state in DECIDED_TRACKS:
            blockers = [Blocker("Решение о включении уже принято: результат не меняется.")]
        if blockers:
            return _plain(row, INVALID, *(item.text for item in blockers), person=person)
    known = people.known[(changed or here)[0].pk]
    whole = {**known, **scores}
    missing = missing_sections(procedure, whole)
    total, maximum = weighted_total(procedure, whole), procedure.maximum
    corrects = any(scores.keys() & people.known[track.pk].keys() for track in changed)
    status = UNCHANGED if not changed else CHANGED if corrects else NEW
    return PreviewRow(
        line=row.line,
        name=f"{row.last_name} {row.first_name}".strip(),
        status=status,
        person=person,
        tracks=tuple(changed),
        scores=scores,
        reasons=(f"Не хватает: {', '.join(section.name for section in missing)}.",) if missing else (),
        points=shown_points(total),
        before=shown_points(weighted_total(procedure, known)) if status == CHANGED else None,
        passed=None if missing else passes(total, maximum, procedure.threshold_percent),
        zone=""
        if missing
        else zone(
            total,
            maximum,
            threshold_percent=procedure.threshold_percent,
            green_percent=procedure.green_percent,
        ),
    )


def _scores(
    sections: list[Section], columns: ColumnMap, row: ExportRow
) -> tuple[dict[int, Decimal], list[str]]:
    """Points by section, and what is missing. A dash counts as zero where the file's own total says so too."""
    cells = {**row.scores, TOTAL: row.total}
    used = [key for section in sections for key in columns.keys[section.pk]]
    known = sum((value for key in used if (value := cells.get(key)) is not None), Decimal(0))
    dash_is_zero = row.total is not None and known == row.total
    scores, missing = {}, []
    for section in sections:
        values = [cells.get(key) for key in columns.keys[section.pk]]
        if None in values and not dash_is_zero:
            missing.append(f"Направление «{section.name}»: в файле нет баллов.")
        scores[section.pk] = sum((value for value in values if value is not None), Decimal(0))
    return scores, missing


def _people(procedure: Procedure) -> _People:
    invitations = (
        Invitation.objects.filter(procedure=procedure)
        .select_related("track__application__user", "track__application__registration", "track__target_group")
        .prefetch_related("waiting_scores")
        .order_by("pk")
    )
    by_email: dict[str, list[Invitation]] = {}
    by_number: dict[str, list[Invitation]] = {}
    everybody = tuple(invitations)
    for invitation in everybody:
        application = invitation.track.application
        by_email.setdefault(application.user.email.lower(), []).append(invitation)
        registration = getattr(application, "registration", None)
        if registration is not None:
            by_number.setdefault(registration.text.casefold(), []).append(invitation)
    rows = Result.objects.filter(procedure=procedure).prefetch_related("scores")
    results = {result.track_id: result for result in rows}
    known = {item.track_id: known_scores(item, results.get(item.track_id)) for item in everybody}
    return _People(by_email, by_number, results, known, everybody)


def _unmatched_reasons(procedure: Procedure, people: _People, row: ExportRow) -> list[str]:
    applied = ApplicationTrack.objects.filter(application__campaign=procedure.campaign_id)
    own = models.Q(application__user__email__iexact=row.email or "\n")
    if row.id_number:
        own |= models.Q(application__registration__text__iexact=row.id_number)
    track = applied.filter(own).first()
    if track is not None:
        return [f"Человек из этого набора, но не приглашён на процедуру: {track.get_state_display()}."]
    key = row.email or row.id_number
    reasons = [f"Среди приглашённых нет никого с адресом или номером «{key}»."]
    similar = _similar_names(people, row)
    if similar:
        reasons.append(f"Похожие имена: {', '.join(similar)}. Проверьте адрес в файле.")
    return reasons


def _similar_names(people: _People, row: ExportRow) -> list[str]:
    names = {normal_name(u.last_name, u.first_name, u.patronymic): u.full_name for u in _users(people)}
    wanted = normal_name(row.last_name, row.first_name)
    return [names[name] for name in difflib.get_close_matches(wanted, names, n=HINTS, cutoff=0.75)]


def _users(people: _People) -> Iterable[Any]:
    return (invitation.track.application.user for invitation in people.everybody)


# --- Apply -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def apply_import(
    procedure: Procedure, *, name: str, data: bytes, actor: Any, reason: str = ""
) -> ResultImport:
    """Apply a file all or nothing; the source file and its SHA-256 are kept with what came of it.

    The same file again changes nothing and returns the import already stored, also when two apply it at once. Rows
    that change stored results need a `reason`. Raises GateShut with the rows and reasons; nothing is written then.
    """
    row = lock_procedure(procedure)
    preview = preview_import(row, name=name, data=data)
    require_open(preview.blockers(reason))
    counts = preview.counts
    if not counts[NEW] and not counts[CHANGED]:
        stored = ResultImport.objects.filter(procedure=row, sha256=preview.sha256).first()
        if stored is not None:
            return stored
    source = ResultImport(
        procedure=row, name=name[:200], sha256=preview.sha256, summary=counts, imported_by=actor
    )
    source.file.save(f"{preview.sha256}.bin", ContentFile(data), save=True)
    people = _people(row)
    invitations = {item.track_id: item for item in people.everybody}
    for item in preview.rows:
        if item.status not in (NEW, CHANGED):
            continue
        for track in item.tracks:
            write_scores(
                row,
                invitations[track.pk],
                item.scores,
                actor=actor,
                reason=reason,
                source=source,
                former=people.known[track.pk],
            )
    rank_results(row)
    record_event("assessment.apply_import", source, actor=actor, sha256=preview.sha256, name=name, **counts)
    return source


# --- Files laid up between preview and confirmation ------------------------------------------------------------------


@transaction.atomic
def keep_draft(procedure: Procedure, *, name: str, data: bytes, actor: Any) -> ImportDraft:
    """Lay a readable file up until the operator confirms or drops it; raises GateShut for an unreadable one."""
    preview = preview_import(procedure, name=name, data=data)
    draft = ImportDraft(procedure=procedure, name=name[:200], uploaded_by=actor)
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
def apply_draft(draft: ImportDraft, *, actor: Any, reason: str = "") -> ResultImport:
    """Apply a file laid up and drop the draft; raises GateShut as `apply_import`."""
    data = read_draft(draft)
    stored = apply_import(draft.procedure, name=draft.name, data=data, actor=actor, reason=reason)
    drop_draft(draft, actor=actor)
    return stored


@transaction.atomic
def drop_draft(draft: ImportDraft, *, actor: Any) -> None:
    """Forget a file laid up; its bytes go after the commit."""
    storage, path = draft.file.storage, str(draft.file.name)
    record_event("assessment.drop_draft", draft, actor=actor)
    transaction.on_commit(lambda: storage.delete(path))
    draft.delete()
