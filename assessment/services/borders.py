"""By which decision the borders and instruments of a procedure hold, where the edition demands one (O3.15)."""

from datetime import date
from typing import Any

from django.core.files.base import File
from django.db import transaction

from assessment.enums import ProcedureState
from assessment.models import BordersDecision, Procedure
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.regulations.models import BodyRule

PARAMETER = "borders_by_decision"


@transaction.atomic
def record_borders_decision(
    procedure: Procedure, *, body: BodyRule, number: str, dated: date, actor: Any, file: File | None = None
) -> BordersDecision:
    """Record the decision by which the present borders and directions hold; earlier ones stay as history (O3.15).

    Raises GateShut once the procedure has opened, for a date ahead or a body that the edition does not know.
    """
    row = Procedure.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=procedure.pk)
    require_open(recording_blockers(row, body=body, number=number, dated=dated))
    decision = BordersDecision.objects.create(
        procedure=row,
        body=body,
        number=number.strip(),
        dated=dated,
        file=file or "",
        approved=borders_of(row),
        recorded_by=actor,
    )
    record_event(
        "assessment.record_borders_decision", decision, actor=actor, number=number, approved=decision.approved
    )
    return decision


def recording_blockers(procedure: Procedure, *, body: BodyRule, number: str, dated: date) -> list[Blocker]:
    """What keeps this decision from being recorded."""
    blockers = []
    if procedure.borders_frozen:
        blockers.append(Blocker("Процедура началась: границы закреплены вместе с решением о них."))
    if body.edition_id != procedure.campaign.edition_id:
        blockers.append(Blocker("Такого органа нет в порядке этого набора.", field="body"))
    if not number.strip():
        blockers.append(Blocker("Укажите номер решения.", field="number"))
    if dated > clock.today():
        blockers.append(Blocker("Дата решения ещё не наступила.", field="dated"))
    return blockers


def decision_blockers(procedure: Procedure) -> list[Blocker]:
    """Whether the borders as they stand were decided upon, where the edition demands it (O3.15)."""
    if not procedure.campaign.edition.value(PARAMETER):
        return []
    standing, clause = procedure.standing_decision, procedure.campaign.edition.clause(PARAMETER)
    if standing is None:
        return [Blocker(f"Не записано решение, которым утверждены границы и направления ({clause}).")]
    if standing.approved != borders_of(procedure):
        return [
            Blocker(
                f"После решения № {standing.number} границы или направления изменены: запишите новое ({clause})."
            )
        ]
    return []


def new_decision_blockers(procedure: Procedure) -> list[Blocker]:
    """An appointed procedure never has borders that nobody decided upon: a change brings its decision (O3.15)."""
    if procedure.state != ProcedureState.SCHEDULED or procedure.borders_frozen:
        return []
    if not procedure.campaign.edition.value(PARAMETER):
        return []
    clause = procedure.campaign.edition.clause(PARAMETER)
    return [Blocker(f"Новые границы утверждает новое решение: укажите его ({clause}).", field="number")]


def borders_of(procedure: Procedure) -> dict[str, Any]:
    """What a decision approves, as JSON: borders, counted attempt, rule of places, directions with all they have."""
    green = procedure.green_percent
    return {
        "threshold": f"{procedure.threshold_percent.normalize():f}",
        "green": "" if green is None else f"{green.normalize():f}",
        "attempt": procedure.attempt,
        "ranking": procedure.ranking,
        "sections": [
            [row.code, row.name, row.kind, f"{row.maximum.normalize():f}", f"{row.weight.normalize():f}"]
            for row in procedure.sections.order_by("order", "pk")
        ],
    }
