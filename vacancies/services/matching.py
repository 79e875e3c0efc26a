"""Matching: facts from the tables in a constant number of queries, the order from rules.py."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from candidates.models import Consent
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.regulations.enums import ConsentKind
from reservists.enums import EventKind, ParticipationState, ReservistState
from reservists.models import Reservist

from .. import rules
from ..enums import ENGAGED
from ..models import MatchSnapshot, Referral, Vacancy
from ..workflow import VACANCY


@transaction.atomic
def start_matching(vacancy: Vacancy, *, actor: Any) -> None:
    """Begin to match a reported vacancy."""
    VACANCY.apply(vacancy, "match", actor=actor)
    record_event("vacancies.start_matching", vacancy, actor=actor)


def match_vacancy(vacancy: Vacancy, weights: Mapping[str, int] | None = None) -> rules.MatchOrder:
    """Compute the order of the reserve for a vacancy; `weights` (criterion → points) replace the edition's for a try."""
    edition = vacancy.edition
    return rules.match(
        _candidates(vacancy),
        municipality_id=vacancy.municipality_id,
        advantage=edition.value("advantage"),
        advantage_events=edition.value("advantage_events"),
        weights=weights or edition.value("matching_weights"),
    )


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

    Raises GateShut without the reason, or when `order` is not the same people.
    """
    computed = match_vacancy(vacancy, weights)
    rows = [_row(number, place) for number, place in enumerate(computed.places, start=1)]
    blockers = []
    if order is not None:
        if sorted(order) != sorted(row["reservist"] for row in rows):
            blockers.append(Blocker("Состав списка изменился, пока вы его меняли. Посмотрите подбор ещё раз."))
        else:
            rows = [{**next(row for row in rows if row["reservist"] == pk)} for pk in order]
    changed = weights is not None or order is not None
    if changed and not reason.strip():
        blockers.append(Blocker("Порядок изменён — укажите причину.", field="reason"))
    require_open(blockers)
    snapshot = MatchSnapshot.objects.create(
        vacancy=vacancy,
        weights=dict(computed.weights),
        rows=[{**row, "place": place} for place, row in enumerate(rows, start=1)],
        left_out=[{"name": item.name, "reasons": list(item.obstacles)} for item in computed.left_out],
        reason=reason,
        made_by=actor,
    )
    record_event("vacancies.save_match", snapshot, actor=actor, reason=reason)
    return snapshot


def _row(number: int, place: rules.Place) -> dict[str, Any]:
    return {
        "reservist": place.candidate.reservist_id,
        "name": place.candidate.name,
        "computed_place": number,
        "advantage": place.advantage,
        "advantage_text": place.advantage_text,
        "total": f"{place.total:f}",
        "lines": [
            {
                "criterion": rules.CRITERIA[line.criterion],
                "found": line.found,
                "points": f"{line.points:f}",
                "maximum": f"{line.maximum:f}",
            }
            for line in place.lines
        ],
    }


def _candidates(vacancy: Vacancy) -> list[rules.Candidate]:
    engaged = dict(
        Referral.objects.filter(state__in=ENGAGED)
        .exclude(vacancy=vacancy)
        .values_list("reservist_id", "vacancy__organisation__name")
    )
    asked = set(Referral.objects.filter(vacancy=vacancy).values_list("reservist_id", flat=True))
    consenting = set(
        Consent.objects.filter(text__kind=ConsentKind.PROCESSING, withdrawn_at=None).values_list("user_id", flat=True)
    )
    events = dict(
        Reservist.objects.filter(participations__state=ParticipationState.CONFIRMED)
        .filter(participations__event__kind=EventKind.PLANNED)
        .annotate(count=Count("participations"))
        .values_list("pk", "count")
    )
    reserve = (
        Reservist.objects.filter(~Q(state=ReservistState.EXCLUDED))
        .values_list(
            "pk",
            "user_id",
            "user__last_name",
            "user__first_name",
            "user__patronymic",
            "state",
            "target_group_id",
            "zone",
            "points",
            "maximum",
            "rank",
            "included_on",
            "municipality_id",
            "user__profile__ready_to_move",
            "track__application__snapshot",
        )
        .order_by("pk")
    )
    found = []
    for row in reserve.iterator(chunk_size=2000):
        pk, user_id, *names, state, group, zone, points, maximum, rank, included, town, moves, snapshot = row
        obstacles = []
        if state != ReservistState.ACTIVE:
            obstacles.append("уже назначен(а) на должность")
        if group != vacancy.target_group_id:
            obstacles.append("состоит в другой целевой группе")
        if user_id not in consenting:
            obstacles.append("нет действующего согласия на обработку персональных данных")
        if pk in engaged:
            obstacles.append(f"рассматривается на другую вакансию: {engaged[pk]}")
        if pk in asked:
            obstacles.append("по этой вакансии уже спрошен(а)")
        found.append(
            rules.Candidate(
                reservist_id=pk,
                name=" ".join(part for part in names if part),
                zone=zone,
                points=points,
                maximum=maximum,
                rank=rank,
                included_on=included,
                municipality_id=town,
                ready_to_move=bool(moves),
                managing_years=managing_years(snapshot or {}),
                planned_events=events.get(pk, 0),
                obstacles=tuple(obstacles),
            )
        )
    return found


def managing_years(snapshot: Mapping[str, Any]) -> Decimal:
    """Full years of managing by the frozen work record; overlapping periods count once.

    `snapshot["employment"]` holds rows with kind, since and until as ISO dates (until empty: still working).
    """
    periods = sorted(
        (date.fromisoformat(row["since"]), date.fromisoformat(row["until"]) if row.get("until") else clock.today())
        for row in snapshot.get("employment", [])
        if row.get("kind") == "managing"
    )
    days, reached = 0, date.min
    for since, until in periods:
        start = max(since, reached)
        if until > start:
            days += (until - start).days
            reached = until
    return Decimal(days * 100 // 36525)
