"""What is wrong with a procedure as it is planned, or with a change of it (O3.15, O3.17)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from assessment.enums import AttemptRule, ProcedureState
from assessment.models import ExpertSheet, Procedure
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker
from reserve_portal.regulations.enums import InstrumentKind

BORDERS = ("threshold_percent", "green_percent", "attempt")
DATES = ("starts_at", "ends_at")
TEXTS = ("name", "place", "instructions", "shows")
SECTION_FIELDS = ("code", "name", "kind", "maximum", "weight")
SECTION_DEFAULTS = {"kind": InstrumentKind.TEST, "weight": Decimal(1)}


def section_blockers(rows: Sequence[Mapping[str, Any]]) -> list[Blocker]:
    """What is wrong with directions given as rows of code, name, kind, maximum, weight."""
    blockers = [] if rows else [Blocker("Укажите хотя бы одно направление.", field="sections")]
    codes = [row["code"] for row in rows]
    if len(codes) != len(set(codes)):
        blockers.append(Blocker("Коды направлений повторяются.", field="sections"))
    for row in section_rows(rows):
        for key, label in (("maximum", "Максимум"), ("weight", "Вес")):
            if not _is_positive(row[key]):
                words = f"{label} направления «{row['name']}» должен быть больше нуля."
                blockers.append(Blocker(words, field="sections"))
        if row["kind"] not in InstrumentKind.values:
            blockers.append(Blocker(f"Вид направления «{row['name']}» неизвестен.", field="sections"))
    return blockers


def field_blockers(procedure: Procedure) -> list[Blocker]:
    blockers = []
    if not procedure.name:
        blockers.append(Blocker("Укажите название процедуры.", field="name"))
    if not procedure.place:
        blockers.append(Blocker("Укажите, где проходит процедура.", field="place"))
    if procedure.ends_at <= procedure.starts_at:
        blockers.append(Blocker("Конец процедуры должен быть позже начала.", field="ends_at"))
    if procedure.attempt not in AttemptRule.values:
        blockers.append(Blocker("Неизвестно, какая попытка засчитывается.", field="attempt"))
    return blockers + _border_blockers(procedure)


def change_blockers(procedure: Procedure, changed: Mapping[str, Any], sections: bool) -> list[Blocker]:
    blockers = []
    if procedure.borders_frozen:
        blockers += [
            Blocker("Процедура началась: порог, зоны, направления и попытка закреплены.", field=key)
            for key in (*BORDERS, "sections")
            if key in changed or (key == "sections" and sections)
        ]
    elif sections and ExpertSheet.objects.in_play().filter(section__procedure=procedure).exists():
        words = "Экспертам уже переданы листы: сначала отзовите их, потом меняйте направления."
        blockers.append(Blocker(words, field="sections"))
    begun = procedure.state not in (ProcedureState.DRAFT, ProcedureState.SCHEDULED)
    if set(DATES) & set(changed):
        if begun:
            blockers.append(Blocker("Процедура началась: даты закреплены.", field="starts_at"))
        elif procedure.invitations.exists():
            blockers.append(
                Blocker("Кандидаты уже приглашены на эти даты: создайте другую процедуру.", field="starts_at")
            )
        elif (
            procedure.state == ProcedureState.SCHEDULED
            and changed.get("starts_at", clock.now()) < clock.now()
        ):
            blockers.append(Blocker("Начало процедуры уже прошло: укажите будущую дату.", field="starts_at"))
    if procedure.state in (ProcedureState.ENDED, ProcedureState.CLOSED) and set(TEXTS) & set(changed):
        blockers.append(Blocker("Процедура закончилась: её описание больше не меняется.", field="name"))
    return blockers


def same_sections(procedure: Procedure, rows: Sequence[Mapping[str, Any]]) -> bool:
    stored = list(procedure.sections.values_list(*SECTION_FIELDS))
    return stored == [tuple(row[key] for key in SECTION_FIELDS) for row in rows]


def section_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows with what was left out: a test of weight one."""
    return [{**SECTION_DEFAULTS, **row} for row in rows]


def _border_blockers(procedure: Procedure) -> list[Blocker]:
    threshold, green = procedure.threshold_percent, procedure.green_percent
    if threshold is None:
        return [Blocker("Порядок не называет порога: укажите его.", field="threshold_percent")]
    if not 0 <= threshold <= 100:
        return [Blocker("Порог — от 0 до 100 процентов.", field="threshold_percent")]
    if green is None:
        return []
    if not 0 <= green <= 100:
        return [Blocker("Граница зелёной зоны — от 0 до 100 процентов.", field="green_percent")]
    if green < threshold:
        return [Blocker("Граница зелёной зоны не может быть ниже порога.", field="green_percent")]
    return []


def _is_positive(number: Any) -> bool:
    try:
        value = Decimal(str(number))
    except InvalidOperation:
        return False
    return value.is_finite() and value > 0
