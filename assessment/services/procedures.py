"""A procedure from its plan to its end: borders, date, opening and end by the clock (O3.15, O3.17)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from assessment.enums import ProcedureState, RankRule
from assessment.models import Procedure
from assessment.services import borders
from assessment.services.checks import (
    BORDERS,
    DATES,
    SECTION_FIELDS,
    TEXTS,
    change_blockers,
    field_blockers,
    same_sections,
    section_blockers,
    section_rows,
)
from assessment.services.dates import (
    INVITED,
    QUESTIONS,
    calendar_blockers,
    lock_row,
    open_deadlines,
    start_day,
)
from assessment.workflow import PROCEDURE
from candidates.models import Campaign
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.regulations.deadlines import cancel_deadlines, event_happened


@transaction.atomic
def create_procedure(
    campaign: Campaign,
    *,
    name: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    actor: Any,
    instructions: str = "",
    threshold_percent: Decimal | None = None,
    green_percent: Decimal | None = None,
    attempt: str = "",
    ranking: str = RankRule.GROUP,
    shows: str = "",
    sections: Sequence[Mapping[str, Any]] | None = None,
) -> Procedure:
    """Plan a procedure of `campaign`; borders and directions left out are those the edition proposes (O3.15, T3, T4).

    Percents are 0..100; `sections` are rows with code, name, kind, maximum (points), weight. Raises GateShut with
    what is wrong.
    """
    edition = campaign.edition
    procedure = Procedure(
        campaign=campaign,
        name=name.strip(),
        starts_at=starts_at,
        ends_at=ends_at,
        place=place.strip(),
        instructions=instructions.strip(),
        threshold_percent=edition.value("threshold_percent")
        if threshold_percent is None
        else threshold_percent,
        green_percent=(green_percent if green_percent is not None else edition.value("green_percent"))
        if edition.value("zones")
        else None,
        attempt=attempt or edition.value("attempt"),
        ranking=ranking,
        shows=shows or edition.value("result_shown"),
    )
    rows = proposed_sections(campaign) if sections is None else section_rows(sections)
    require_open(field_blockers(procedure) + section_blockers(rows))
    procedure.save()
    PROCEDURE.start(procedure, actor=actor, label="Процедура создана")
    _store_sections(procedure, rows)
    record_event("assessment.create_procedure", procedure, actor=actor)
    return procedure


def proposed_sections(campaign: Campaign) -> list[dict[str, Any]]:
    """The directions the campaign's edition proposes: code, name, kind, maximum in points, weight (T3, O3.15)."""
    rules = campaign.edition.section_rules.order_by("order", "pk")
    return [{key: getattr(row, key) for key in SECTION_FIELDS} for row in rules]


@transaction.atomic
def change_procedure(
    procedure: Procedure,
    *,
    actor: Any,
    sections: Sequence[Mapping[str, Any]] | None = None,
    decision: Mapping[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Change a procedure: texts until it ends, the date until somebody is invited, borders until it opens (O3.17).

    Once it is appointed and its borders hold by a decision, other borders need another `decision` (body, number,
    dated, file) at once (O3.15). Raises GateShut naming what is frozen, TypeError for an unknown field.
    """
    unknown = set(fields) - {*BORDERS, *DATES, *TEXTS}
    if unknown:
        raise TypeError(f"unknown fields {sorted(unknown)}")
    row = lock_row(procedure)
    changed = {key: value for key, value in fields.items() if getattr(row, key) != value}
    wanted = None if sections is None else section_rows(sections)
    new_sections = None if wanted is None or same_sections(row, wanted) else wanted
    old_day = start_day(row)
    blockers = change_blockers(row, changed, new_sections is not None)
    if not decision and (new_sections is not None or set(BORDERS) & set(changed)):
        blockers += borders.new_decision_blockers(row)
    for key, value in changed.items():
        setattr(row, key, value)
    blockers += field_blockers(row)
    if new_sections is not None:
        blockers += section_blockers(new_sections)
    require_open(blockers)
    row.save(update_fields=list(changed) or None)
    if new_sections is not None:
        _store_sections(row, new_sections)
    if decision:
        borders.record_borders_decision(row, actor=actor, **decision)
    if row.state == ProcedureState.SCHEDULED and start_day(row) != old_day:
        cancel_deadlines(row, closes=(INVITED, QUESTIONS))
        open_deadlines(row)
    record_event(
        "assessment.change_procedure", row, actor=actor, fields=sorted(changed), sections=bool(new_sections)
    )
    procedure.refresh_from_db()


def _store_sections(procedure: Procedure, rows: Sequence[Mapping[str, Any]]) -> None:
    procedure.sections.exclude(code__in=[row["code"] for row in rows]).delete()
    for order, row in enumerate(rows, start=1):
        procedure.sections.update_or_create(
            code=row["code"],
            defaults={
                "name": row["name"],
                "kind": row["kind"],
                "maximum": Decimal(str(row["maximum"])),
                "weight": Decimal(str(row["weight"])),
                "order": order,
            },
        )


@transaction.atomic
def map_columns(procedure: Procedure, *, columns: Mapping[int, Sequence[str]], actor: Any) -> None:
    """Remember which columns of the export make up each direction: {section's pk: [column key, …]}.

    Raises GateShut when a direction has no column or a column stands twice.
    """
    procedure.sections.select_for_update().count()
    sections = procedure.platform_sections
    keys = [key for section in sections for key in columns.get(section.pk, [])]
    blockers = [
        Blocker(f"Укажите столбец для направления «{section.name}».", field=f"section_{section.pk}")
        for section in sections
        if not columns.get(section.pk)
    ]
    if len(keys) != len(set(keys)):
        blockers.append(Blocker("Один и тот же столбец отнесён к двум направлениям."))
    require_open(blockers)
    for section in sections:
        section.column = "\n".join(columns[section.pk])
        section.save(update_fields=["column"])
    record_event("assessment.map_columns", procedure, actor=actor)


def schedule_blockers(procedure: Procedure) -> list[Blocker]:
    """What keeps a procedure from being appointed."""
    blockers = field_blockers(procedure)
    if procedure.state != ProcedureState.DRAFT:
        blockers.append(Blocker("Процедура уже назначена."))
    if procedure.starts_at <= clock.now():
        blockers.append(Blocker("Начало процедуры уже прошло: укажите будущую дату.", field="starts_at"))
    if not procedure.sections.exists():
        blockers.append(Blocker("Не указано ни одного направления с максимумом баллов."))
    return blockers + borders.decision_blockers(procedure) + calendar_blockers(procedure)


@transaction.atomic
def schedule_procedure(procedure: Procedure, *, actor: Any) -> None:
    """Appoint the date: the procedure is announced, the limits before its start begin (T3). Raises GateShut."""
    row = lock_row(procedure)
    require_open(schedule_blockers(row))
    PROCEDURE.apply(row, "schedule", actor=actor)
    open_deadlines(row)
    record_event("assessment.schedule_procedure", row, actor=actor, starts_at=row.starts_at.isoformat())
    procedure.refresh_from_db()


def follow_procedures() -> int:
    """Open and end the procedures whose moment has come; returns how many steps were made. Safe to run twice."""
    now = clock.now()
    due = models.Q(state=ProcedureState.SCHEDULED, starts_at__lte=now) | models.Q(
        state=ProcedureState.OPEN, ends_at__lte=now
    )
    return sum(follow_procedure(row) for row in Procedure.objects.filter(due).order_by("pk"))


def is_due(procedure: Procedure) -> bool:
    """Whether the procedure's next step by its own times has come."""
    now = clock.now()
    if procedure.state == ProcedureState.SCHEDULED:
        return procedure.starts_at <= now
    return procedure.state == ProcedureState.OPEN and procedure.ends_at <= now


def follow_procedure(procedure: Procedure) -> int:
    """Open and end one procedure by its own times; returns the number of steps made (0, 1, 2)."""
    steps = 0
    try:
        with transaction.atomic():
            row = lock_row(procedure)
            if row.state == ProcedureState.SCHEDULED and row.starts_at <= clock.now():
                PROCEDURE.apply(row, "open", actor=None)
                steps += 1
            if row.state == ProcedureState.OPEN and row.ends_at <= clock.now():
                PROCEDURE.apply(row, "end", actor=None)
                event_happened(
                    "procedure.ended", row, edition=row.campaign.edition, on=clock.local(row.ends_at).date()
                )
                steps += 1
    except TransitionRefused:
        return 0
    procedure.refresh_from_db()
    return steps


@transaction.atomic
def close_procedure(procedure: Procedure, *, actor: Any, on: date | None = None) -> None:
    """Close a procedure after the body approved the list for inclusion on day `on`; ends the limit of T4.

    Closing twice changes nothing; raises TransitionRefused while it has not ended.
    """
    row = lock_row(procedure)
    if row.state != ProcedureState.CLOSED:
        PROCEDURE.apply(row, "close", actor=actor)
        event_happened("procedure.list_approved", row, edition=row.campaign.edition, on=on or clock.today())
        record_event("assessment.close_procedure", row, actor=actor)
    procedure.refresh_from_db()
