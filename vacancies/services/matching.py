"""Matching: facts from the tables in a constant number of queries, the order from rules.py."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, F, QuerySet

from candidates.models import Consent
from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.regulations.enums import ConsentKind
from reservists.enums import EventKind, ParticipationState, ReservistState
from reservists.models import Participation, Reservist

from .. import rules
from ..enums import ReferralState, VacancyState
from ..models import MatchSnapshot, Referral, Vacancy
from ..workflow import VACANCY
from .locks import lock_vacancy

# A saved order keeps every place; beyond these the explanation is left out, so that a row stays of a sane size.
EXPLAINED_PLACES = 500
MATCHED_STATES = (VacancyState.MATCHING, VacancyState.PRESENTED)


@transaction.atomic
def start_matching(vacancy: Vacancy, *, actor: Any) -> None:
    """Begin to match a reported vacancy."""
    VACANCY.apply(vacancy, "match", actor=actor)
    record_event("vacancies.start_matching", vacancy, actor=actor)


def match_vacancy(vacancy: Vacancy, weights: Mapping[str, int] | None = None) -> rules.MatchOrder:
    """Compute the order of the reserve for a vacancy; `weights` (criterion → points) replace the edition's for a try.

    The number of queries does not depend on the size of the reserve.
    """
    edition = vacancy.edition
    return rules.match(
        _candidates(vacancy, Reservist.objects.exclude(state=ReservistState.EXCLUDED)),
        municipality_id=vacancy.municipality_id,
        advantage=edition.value("advantage"),
        advantage_events=edition.value("advantage_events"),
        weights=weights if weights is not None else edition.value("matching_weights"),
    )


def obstacles_for(vacancy: Vacancy, reservist: Reservist) -> tuple[str, ...]:
    """Why this reservist may not be asked about this vacancy now, in words; empty when nothing stands in the way."""
    found = _candidates(vacancy, Reservist.objects.filter(pk=reservist.pk))
    return found[0].obstacles if found else ("исключён(а) из резерва",)


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

    Raises GateShut without the reason, when the vacancy is not being matched, or `order` is not the same people.
    """
    vacancy = lock_vacancy(vacancy.pk)
    computed = match_vacancy(vacancy, weights)
    rows = list(enumerate(computed.places, start=1))
    blockers = []
    if vacancy.state not in MATCHED_STATES:
        blockers.append(Blocker("Подбор сохраняют, пока он идёт."))
    if not rows:
        blockers.append(Blocker("Подходящих резервистов нет: сохранять нечего."))
    if order is not None:
        by_reservist = {row[1].candidate.reservist_id: row for row in rows}
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
        rows=[_row(place, number, found) for place, (number, found) in enumerate(rows, start=1)],
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


def _candidates(vacancy: Vacancy, reserve: "QuerySet[Reservist]") -> list[rules.Candidate]:
    facts = _Facts(vacancy)
    rows = reserve.order_by("pk").values_list(
        "pk",
        "user_id",
        "user__last_name",
        "user__first_name",
        "user__patronymic",
        "state",
        "target_group__code",
        "zone",
        "points",
        "maximum",
        "rank",
        "included_on",
        "municipality_id",
        "user__profile__ready_to_move",
        "managing_years",
    )
    found = []
    for row in rows.iterator(chunk_size=2000):
        pk, user_id, *names, state, group, zone, points, maximum, rank, included, town, moves, years = row
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
                managing_years=years,
                planned_events=facts.events.get(pk, 0),
                obstacles=facts.obstacles(pk, user_id, state, group),
            )
        )
    return found


class _Facts:
    """What stands in somebody's way, read once for the whole reserve."""

    def __init__(self, vacancy: Vacancy) -> None:
        # A copied edition has rows of its own: the group is the same when its code is.
        self.group = vacancy.target_group.code
        self.engaged = dict(
            Referral.objects.engaged()
            .exclude(vacancy=vacancy)
            .values_list("reservist__user_id", "vacancy__organisation__name")
        )
        self.asked = set(
            Referral.objects.filter(vacancy=vacancy)
            .exclude(state=ReferralState.RELEASED)
            .values_list("reservist_id", flat=True)
        )
        self.consenting = set(
            Consent.objects.filter(
                text__kind=ConsentKind.PROCESSING, withdrawn_at=None, user__memberships__isnull=False
            ).values_list("user_id", flat=True)
        )
        self.events: dict[int, int] = dict(
            Participation.objects.filter(state=ParticipationState.CONFIRMED, event__kind=EventKind.PLANNED)
            .values("reservist")
            .annotate(count=Count("pk"))
            .order_by()
            .values_list(F("reservist"), "count")
        )

    def obstacles(self, pk: int, user_id: int, state: str, group: str) -> tuple[str, ...]:
        """Reasons in words, hard filters of process.md 8."""
        found = []
        if state == ReservistState.EXCLUDED:
            found.append("исключён(а) из резерва")
        elif state != ReservistState.ACTIVE:
            found.append("уже назначен(а) на должность")
        if group != self.group:
            found.append("состоит в другой целевой группе")
        if user_id not in self.consenting:
            found.append("нет действующего согласия на обработку персональных данных")
        if user_id in self.engaged:
            found.append(f"рассматривается на другую вакансию: {self.engaged[user_id]}")
        if pk in self.asked:
            found.append("по этой вакансии уже спрошен(а)")
        return tuple(found)
