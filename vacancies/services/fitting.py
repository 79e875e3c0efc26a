"""Matching asked the other way round: to which vacancies a reservist would fit, and where the reserve has nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from reserve_portal.accounts.enums import OrganisationKind
from reserve_portal.accounts.models import Municipality, Organisation
from reservists.enums import ReservistState
from reservists.models import Reservist

from ..enums import ReferralState
from ..models import Referral, Vacancy
from ..rules import Candidate, Facts, Place
from .reserve import UNITS, InUnits, engaged_words, own_obstacles, reasons_of, terms_of


@dataclass(frozen=True)
class Fit:
    """One vacancy before a reservist: the points there, and what stands in the way (empty: nothing)."""

    vacancy: Vacancy
    place: Place
    obstacles: tuple[str, ...]


def vacancies_for(reservist: Reservist, vacancies: Sequence[Vacancy]) -> list[Fit]:
    """How the reservist would stand before each of these vacancies: those that fit first, by advantage and points.

    The number of queries depends on the number of editions alone.
    """
    editions = {vacancy.edition_id: vacancy.edition for vacancy in vacancies}
    own = {
        pk: reasons_of([reservist.pk], own_obstacles(edition))[reservist.pk]
        for pk, edition in editions.items()
    }
    referrals = Referral.objects.filter(reservist__user=reservist.user_id).select_related(
        "vacancy__organisation"
    )
    engaged = list(referrals.engaged())
    asked = {
        item.vacancy_id
        for item in referrals
        if item.reservist_id == reservist.pk and item.state != ReferralState.RELEASED
    }
    facts = _facts_of(reservist)
    fits = []
    for vacancy in vacancies:
        vacancy.edition = editions[vacancy.edition_id]  # one row, whose parameters are read once
        name, reasons = own[vacancy.edition_id]
        found = list(reasons)
        if vacancy.target_group.code != reservist.target_group.code:
            found.append("состоит в другой целевой группе")
        found += [
            engaged_words(item.vacancy.organisation.name) for item in engaged if item.vacancy_id != vacancy.pk
        ]
        if vacancy.pk in asked:
            found.append("по этой вакансии уже спрошен(а)")
        place = Place(Candidate(reservist.pk, name, UNITS), facts, terms_of(vacancy))
        fits.append(Fit(vacancy, place, tuple(found)))
    return sorted(fits, key=lambda fit: (bool(fit.obstacles), not fit.place.advantage, -fit.place.total))


def _facts_of(reservist: Reservist) -> Facts:
    row = Reservist.objects.values_list(
        "pk",
        InUnits("points"),
        InUnits("maximum"),
        "zone",
        "municipality_id",
        "user__profile__ready_to_move",
        "managing_years",
        "user__organisation__kind",
        "planned_events",
    )
    return Facts(*row.get(pk=reservist.pk))


@dataclass(frozen=True)
class Coverage:
    """One municipality: its reservists, open vacancies, organisations, and those where no reservist works."""

    pk: int
    name: str
    reservists: int
    vacancies: int
    schools: int
    bare: int


def coverage_of(municipalities: "QuerySet[Municipality]") -> list[Coverage]:
    """How far each municipality is provided for, those without a reservist first, in four queries."""
    reserve = Reservist.objects.active().exclude(municipality=None).order_by().values("municipality")
    reservists = dict(
        reserve.annotate(count=Count("user", distinct=True)).values_list("municipality", "count")
    )
    cases = Vacancy.objects.open().order_by().values("municipality").annotate(count=Count("pk"))
    vacancies = dict(cases.values_list("municipality", "count"))
    schools = (
        _organisations()
        .values("municipality")
        .annotate(count=Count("pk"), bare=Count("pk", filter=Q(covered=False)))
    )
    counted = {
        town: (count, bare) for town, count, bare in schools.values_list("municipality", "count", "bare")
    }
    rows = [
        Coverage(pk, name, reservists.get(pk, 0), vacancies.get(pk, 0), *counted.get(pk, (0, 0)))
        for pk, name in municipalities.filter(is_active=True).values_list("pk", "name")
    ]
    return sorted(rows, key=lambda row: (row.reservists > 0, row.name))


def bare_schools(municipality: int) -> "QuerySet[Organisation]":
    """Organisations of a municipality where no active reservist works."""
    rows: QuerySet[Organisation] = _organisations().filter(municipality=municipality, covered=False)
    return rows.order_by("name")


def _organisations() -> Any:
    """Organisations with a head to replace, each with `covered`: whether an active reservist works there."""
    own = Reservist.objects.filter(state=ReservistState.ACTIVE, user__organisation=OuterRef("pk"))
    rows = Organisation.objects.filter(is_active=True).exclude(kind=OrganisationKind.AUTHORITY)
    return rows.annotate(covered=Exists(own)).order_by()
