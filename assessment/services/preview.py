"""What a file of the testing platform would change: every row judged, nothing written (process.md 6)."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from assessment.enums import DECIDED_TRACKS, LEFT_TRACKS, Zone
from assessment.models import Procedure, Section
from assessment.moodle import (
    Export,
    ExportRow,
    UnreadableExport,
    choose_attempts,
    match_key,
    read_export,
)
from assessment.rules import shown_points, zone
from assessment.services.columns import TOTAL, ColumnMap, match_columns
from assessment.services.matching import People, people_of
from assessment.services.results import (
    missing_sections,
    result_blockers,
    score_blockers,
    track_blockers,
    weighted_total,
)
from candidates.models import ApplicationTrack
from reserve_portal.core.gates import Blocker, GateShut

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
REMEDIES = {
    INVALID: "Исправьте файл и загрузите его снова.",
    UNMATCHED: "Укажите, кто это, или исправьте файл.",
}


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
    key: str = ""  # by which an unmatched row may be confirmed as somebody's
    confirmed_key: str = ""  # by which the operator confirmed whose row it is

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
    people: People
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
                found.append(Blocker(f"{words}: {shown}. {REMEDIES[status]}", field="file"))
        counts = self.counts
        if not found and not any(counts[status] for status in (NEW, CHANGED, UNCHANGED)):
            found.append(Blocker("В файле нет ни одной оценённой попытки.", field="file"))
        if reason is not None and self.needs_reason and not reason.strip():
            found.append(Blocker("Файл меняет внесённые результаты: укажите причину.", field="reason"))
        return found


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
    columns, people = match_columns(sections, export), people_of(procedure)
    rows: tuple[PreviewRow, ...] = ()
    if columns.is_whole:
        rows = tuple(_judge_rows(procedure, sections, export, columns, people))
    return Preview(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        export=export,
        columns=columns,
        people=people,
        rows=rows,
        gate=tuple(result_blockers(procedure) + platform_blockers(procedure)),
    )


def platform_blockers(procedure: Procedure) -> list[Blocker]:
    """Whether the procedure has anything that the testing platform exports."""
    if procedure.platform_sections:
        return []
    return [Blocker("В процедуре нет тестов и кейсов: загружать нечего, баллы приходят иначе.", field="file")]


def _judge_rows(
    procedure: Procedure, sections: list[Section], export: Export, columns: ColumnMap, people: People
) -> Iterable[PreviewRow]:
    choice = choose_attempts(export.rows, procedure.attempt)  # type: ignore[arg-type]
    chosen = {row.line for row in choice.chosen}
    without = {item.row.line: item.reason for item in choice.without}
    lines: dict[int, int] = {}
    for row in export.rows:
        if row.problems and row.state != "not_attempted":
            yield _plain(row, INVALID, *row.problems, person=_person(people, row))
        elif row.line in chosen:
            yield _judge_once(procedure, sections, columns, people, row, lines)
        else:
            reason = without.get(row.line) or _why_not(row)
            yield _plain(row, IGNORED, reason, person=_person(people, row))


def _judge_once(
    procedure: Procedure,
    sections: list[Section],
    columns: ColumnMap,
    people: People,
    row: ExportRow,
    lines: dict[int, int],
) -> PreviewRow:
    """A person has one row that counts: a second one, known by another key, is a mistake of the file."""
    judged = _judge_attempt(procedure, sections, columns, people, row)
    if judged.person is None or judged.status not in (NEW, CHANGED, UNCHANGED):
        return judged
    first = lines.setdefault(judged.person.pk, row.line)
    if first == row.line:
        return judged
    return _plain(row, INVALID, f"Тот же человек, что и в строке {first}.", person=judged.person)


def _person(people: People, row: ExportRow) -> Any:
    """The invited person behind a row that does not count, where anything tells."""
    found = people.of(row)
    return found[0].track.application.user if found else None


def _why_not(row: ExportRow) -> str:
    return "Засчитана другая попытка." if row.state == "finished" else "Попытка не завершена или не оценена."


def _plain(row: ExportRow, status: str, *reasons: str, person: Any = None, key: str = "") -> PreviewRow:
    words = tuple(
        reason.removeprefix(f"Строка {row.line}, ").removeprefix(f"Строка {row.line}: ") for reason in reasons
    )
    words = tuple(text[:1].upper() + text[1:] for text in words)
    return PreviewRow(
        row.line,
        f"{row.last_name} {row.first_name}".strip(),
        status,
        words,
        person,
        points=row.total,
        key=key,
    )


def _judge_attempt(
    procedure: Procedure, sections: list[Section], columns: ColumnMap, people: People, row: ExportRow
) -> PreviewRow:
    contradiction, found = people.contradiction(row), people.of(row)
    if not found:
        return _plain(row, UNMATCHED, *people.reasons(row), key=match_key(row))
    person = found[0].track.application.user
    if contradiction:
        return _plain(row, INVALID, contradiction, person=person)
    scores, missing = _scores(sections, columns, row)
    problems = [*missing, *(item.text for item in score_blockers(procedure, scores) if not missing)]
    if problems:
        return _plain(row, INVALID, *problems, person=person)
    judged = _compare(procedure, people, row, tuple(item.track for item in found), scores)
    return replace(judged, confirmed_key=match_key(row).casefold()) if people.is_confirmed(row) else judged


def _compare(
    procedure: Procedure,
    people: People,
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
    reached = zone(
        total,
        maximum,
        threshold_percent=procedure.threshold_percent,
        green_percent=procedure.green_percent,
    )
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
        passed=None if missing else reached != Zone.RED,
        zone="" if missing else reached,
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
