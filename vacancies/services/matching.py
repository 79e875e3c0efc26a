"""Matching begins, is computed, and is frozen as it was shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, require_open
from reservists.models import Reservist

from .. import rules
from ..enums import VacancyState
from ..models import MatchSnapshot, Vacancy
from ..workflow import VACANCY
from .locks import lock_vacancy
from .reserve import MatchOrder, Reserve, obstacles_to, reasons_of

# A saved order keeps every place; beyond these the explanation is left out, so that a row stays of a sane size.
EXPLAINED_PLACES = 500
MATCHED_STATES = (VacancyState.MATCHING, VacancyState.PRESENTED)


@transaction.atomic
def start_matching(vacancy: Vacancy, *, actor: Any) -> None:
    """Begin to match a reported vacancy."""
    VACANCY.apply(vacancy, "match", actor=actor)
    record_event("vacancies.start_matching", vacancy, actor=actor)


def match_vacancy(vacancy: Vacancy, weights: Mapping[str, int] | None = None) -> MatchOrder:
    """Compute the order of the reserve for a vacancy; `weights` (criterion → points) replace the edition's for a try.

    The number of queries does not depend on the size of the reserve.
    """
    return Reserve(vacancy).order(weights)


def obstacles_for(vacancy: Vacancy, reservist: Reservist) -> tuple[str, ...]:
    """Why this reservist may not be asked about this vacancy now, in words; empty when nothing stands in the way."""
    return reasons_of([reservist.pk], obstacles_to(vacancy))[reservist.pk][1]


@transaction.atomic
def save_snapshot(
    vacancy: Vacancy,
    *,
    actor: Any,
    weights: Mapping[str, int] | None = None,
    order: Sequence[int] | None = None,
    reason: str = "",
) -> MatchSnapshot:
    """Freeze the order as shown; another order (`order`: reservist ids) or other weights need a reason.

    Each row keeps the place by the edition's own weights beside the place given.
    Raises GateShut without the reason, when the vacancy is not being matched, or `order` is not the same people.
    """
    vacancy = lock_vacancy(vacancy.pk)
    reserve = Reserve(vacancy)
    computed = reserve.order(weights)
    usual = {pk: place for place, pk in enumerate(reserve.order().places.ids, start=1)}
    rows = list(computed.places)
    blockers = []
    if vacancy.state not in MATCHED_STATES:
        blockers.append(Blocker("Подбор сохраняют, пока он идёт."))
    if not rows:
        blockers.append(Blocker("Подходящих резервистов нет: сохранять нечего."))
    if order is not None:
        by_reservist = {row.candidate.reservist_id: row for row in rows}
        if sorted(order) != sorted(by_reservist):
            blockers.append(
                Blocker("Состав списка изменился, пока вы его меняли. Посмотрите подбор ещё раз.")
            )
        else:
            rows = [by_reservist[pk] for pk in order]
    if (weights is not None or order is not None) and not reason.strip():
        blockers.append(Blocker("Порядок изменён — укажите причину.", field="reason"))
    require_open(blockers)
    snapshot = MatchSnapshot.objects.create(
        vacancy=vacancy,
        weights=dict(computed.weights),
        rows=[
            _row(place, usual[found.candidate.reservist_id], found)
            for place, found in enumerate(rows, start=1)
        ],
        left_out=[{"name": item.name, "reasons": list(item.obstacles)} for item in computed.left_out],
        reason=reason.strip(),
        made_by=actor,
    )
    record_event("vacancies.save_match", snapshot, actor=actor, reason=reason.strip(), places=len(rows))
    return snapshot


def _row(place: int, computed_place: int, found: rules.Place) -> dict[str, Any]:
    return {
        "reservist": found.candidate.reservist_id,
        "name": found.candidate.name,
        "place": place,
        "computed_place": computed_place,
        "advantage": found.advantage,
        "advantage_text": found.advantage_text,
        "total": f"{found.total:f}",
        "lines": [
            {
                "criterion": line.title,
                "found": line.found,
                "points": f"{line.points:f}",
                "maximum": f"{line.maximum:f}",
            }
            for line in (found.lines if place <= EXPLAINED_PLACES else ())
        ],
    }
