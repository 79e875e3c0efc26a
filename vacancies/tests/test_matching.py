"""Matching on the tables: hard filters, the frozen order, scale (process.md 8; T7, T9)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates.models import Consent, Profile
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import MunicipalityFactory
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.regulations.models import Edition, TargetGroup
from reserve_portal.regulations.services import copy_edition
from reservists.models import Participation, Reservist
from vacancies.models import Vacancy
from vacancies.rules import Facts
from vacancies.services.fitting import vacancies_for
from vacancies.services.matching import match_vacancy, save_snapshot, start_matching

from .factories import accepted, ask, make_reservist, make_vacancy

# edition's parameters; referrals engaged and asked, consents, events, the reserve, clauses are not needed here
QUERIES = 7


@pytest.fixture
def vacancy(tomsk: Edition, operator: User) -> Vacancy:
    vacancy = make_vacancy(tomsk)
    start_matching(vacancy, actor=operator)
    return vacancy


def reasons(vacancy: Vacancy) -> dict[int, tuple[str, ...]]:
    return {item.reservist_id: item.obstacles for item in match_vacancy(vacancy).left_out}


def placed(vacancy: Vacancy) -> list[int]:
    return [place.candidate.reservist_id for place in match_vacancy(vacancy).places]


def test_matching_begins_once(vacancy: Vacancy, operator: User) -> None:
    assert vacancy.state == "matching"
    with pytest.raises(TransitionRefused):
        start_matching(vacancy, actor=operator)


def test_only_confirmed_planned_events_count(vacancy: Vacancy, tomsk: Edition) -> None:
    """T7: registered, refused or other events give no advantage."""
    active, idle = make_reservist(tomsk, events=3), make_reservist(tomsk, events=3, points=99)
    row = Participation.objects.filter(reservist=idle).first()
    assert row is not None
    Participation.objects.filter(pk=row.pk).update(state="registered")
    other = make_reservist(tomsk, events=3)
    for participation in Participation.objects.filter(reservist=other).select_related("event")[:1]:
        type(participation.event).objects.filter(pk=participation.event_id).update(kind="other")
    Reservist.objects.all().count_events()
    order = match_vacancy(vacancy)
    assert order.places[0].candidate.reservist_id == active.pk
    assert {place.candidate.reservist_id: place.facts.planned_events for place in order.places} == {
        active.pk: 3,
        idle.pk: 2,
        other.pk: 2,
    }


def test_appointed_reservist_is_left_out_and_excluded_is_no_reservist(
    vacancy: Vacancy, tomsk: Edition
) -> None:
    """T9: active members only."""
    appointed, excluded = make_reservist(tomsk, state="appointed"), make_reservist(tomsk, state="excluded")
    assert reasons(vacancy) == {appointed.pk: ("уже назначен(а) на должность",)}
    assert excluded.pk not in placed(vacancy)


def test_withdrawn_consent_leaves_a_person_out(vacancy: Vacancy, tomsk: Edition) -> None:
    """152-FZ: nobody is proposed without a consent in force."""
    reservist = make_reservist(tomsk)
    Consent.objects.filter(user=reservist.user).update(withdrawn_at=clock.now())
    assert reasons(vacancy)[reservist.pk] == ("нет действующего согласия на обработку персональных данных",)


@pytest.mark.parametrize(
    ("born", "reasons_found"),
    [(date(1963, 3, 12), None), (date(1963, 3, 11), ("исполнилось 63 года",))],
)
def test_the_age_of_exclusion_keeps_a_person_out(
    orenburg: Edition, born: date, reasons_found: tuple[str, ...] | None
) -> None:
    """O6.2, process.md 8: from the 63rd birthday on nobody is proposed; the signal is decided elsewhere."""
    vacancy = make_vacancy(orenburg)
    reservist = make_reservist(orenburg)
    Profile.objects.filter(user=reservist.user).update(birth_date=born)
    assert reasons(vacancy).get(reservist.pk) == reasons_found


@pytest.mark.parametrize("zone", ["green", "yellow", "red"])
@pytest.mark.parametrize(("moves", "near"), [(None, False), (False, False), (True, False), (True, True)])
def test_what_the_database_packs_is_explained_as_it_stands(
    vacancy: Vacancy, tomsk: Edition, zone: str, moves: bool | None, near: bool
) -> None:
    """Zone, municipality, readiness to move, years, kind of organisation and events come through unaltered."""
    town = vacancy.municipality if near else MunicipalityFactory()
    mine = make_reservist(
        tomsk, zone=zone, municipality=town, points=Decimal("70.5000001"), managing_years=32767
    )
    Profile.objects.filter(user=mine.user).update(ready_to_move=moves)
    User.objects.filter(pk=mine.user_id).update(organisation=vacancy.organisation if near else None)
    Reservist.objects.filter(pk=mine.pk).update(planned_events=32767)
    [facts] = [place.facts for place in match_vacancy(vacancy).places]
    assert facts == Facts(
        mine.pk,
        705_000_001,
        int(mine.maximum) * 10**7,
        zone,
        town.pk if near else None,
        bool(moves) and not near,
        32767,
        vacancy.organisation.kind if near else None,
        32767,
    )


def test_equal_points_are_parted_by_rank_then_date_then_entry(vacancy: Vacancy, tomsk: Edition) -> None:
    last = make_reservist(tomsk, rank=None)
    third = make_reservist(tomsk, rank=2)
    second = make_reservist(tomsk, rank=1, included_on=date(2026, 2, 1))
    first = make_reservist(tomsk, rank=1, included_on=date(2026, 1, 1))
    twin = make_reservist(tomsk, rank=1, included_on=date(2026, 2, 1))
    Reservist.objects.update(points=80, maximum=100, municipality=None, managing_years=0)
    assert placed(vacancy) == [first.pk, second.pk, twin.pk, third.pk, last.pk]


def test_points_are_compared_exactly_over_different_maxima(vacancy: Vacancy, tomsk: Edition) -> None:
    """Never rounded first: 69.99 of 100 is less than 7 of 10 by a hundredth."""
    less, more = make_reservist(tomsk), make_reservist(tomsk)
    Reservist.objects.update(municipality=None, managing_years=0, rank=1)
    Reservist.objects.filter(pk=less.pk).update(points=Decimal("69.9999999"), maximum=100)
    Reservist.objects.filter(pk=more.pk).update(points=7, maximum=10)
    assert placed(vacancy) == [more.pk, less.pk]


def test_saved_try_keeps_the_place_by_the_editions_weights(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    near = make_reservist(tomsk, municipality=vacancy.municipality, points=70)
    strong = make_reservist(tomsk, points=100)
    snapshot = save_snapshot(vacancy, actor=operator, weights={"rating": 100}, reason="важен балл")
    assert [(row["reservist"], row["place"], row["computed_place"]) for row in snapshot.rows] == [
        (strong.pk, 1, 2),
        (near.pk, 2, 1),
    ]


def test_reverse_question_agrees_with_the_order(vacancy: Vacancy, tomsk: Edition, operator: User) -> None:
    """«To which vacancies would this reservist fit»: the same points and the same obstacles as each order has."""
    other = make_vacancy(tomsk)
    free, taken = make_reservist(tomsk, events=2), make_reservist(tomsk)
    Consent.objects.filter(user=make_reservist(tomsk).user).update(withdrawn_at=clock.now())
    accepted(other, taken, operator)
    vacancies = [Vacancy.objects.get(pk=vacancy.pk), Vacancy.objects.get(pk=other.pk)]
    for reservist in Reservist.objects.all():
        for found in vacancies_for(reservist, vacancies):
            order = match_vacancy(found.vacancy)
            totals = {place.facts.reservist_id: place.total for place in order.places}
            left = {item.reservist_id: item.obstacles for item in order.left_out}
            assert left.get(reservist.pk, ()) == found.obstacles
            assert totals.get(reservist.pk, found.place.total) == found.place.total
    assert [bool(fit.obstacles) for fit in vacancies_for(free, vacancies)] == [False, False]
    assert [bool(fit.obstacles) for fit in vacancies_for(taken, vacancies)] == [True, True]


def test_other_target_group_is_left_out(orenburg: Edition) -> None:
    """O1.14: a vacancy is matched within its group."""
    vacancy = make_vacancy(orenburg)
    mine = make_reservist(orenburg, target_group=vacancy.target_group)
    other = make_reservist(
        orenburg, target_group=orenburg.target_groups.exclude(pk=vacancy.target_group_id).first()
    )
    assert placed(vacancy) == [mine.pk]
    assert reasons(vacancy)[other.pk] == ("состоит в другой целевой группе",)


def test_the_group_of_a_copied_edition_is_the_same_group(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    """A reservist of an earlier edition is matched under the present one: the group's code decides."""
    copy = copy_edition(tomsk, code="tomsk-next", name="Следующая", actor=operator)
    reservist = make_reservist(copy, target_group=TargetGroup.objects.get(edition=copy))
    assert placed(vacancy) == [reservist.pk]


def test_who_is_considered_elsewhere_or_asked_already_is_left_out(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    """process.md 8: not already presented elsewhere."""
    taken, asked = make_reservist(tomsk), make_reservist(tomsk)
    other = make_vacancy(tomsk)
    accepted(other, taken, operator)
    ask(vacancy, asked, operator)
    assert reasons(vacancy) == {
        taken.pk: (f"рассматривается на другую вакансию: {other.organisation}",),
        asked.pk: ("по этой вакансии уже спрошен(а)",),
    }


def test_second_membership_of_an_engaged_person_is_left_out(orenburg: Edition, operator: User) -> None:
    """O1.14: one person in two groups is one person."""
    groups = list(orenburg.target_groups.all())
    reservist = make_reservist(orenburg, target_group=groups[0])
    twin = make_reservist(orenburg, target_group=groups[1], user=reservist.user)
    accepted(make_vacancy(orenburg), twin, operator)
    other = make_vacancy(orenburg)
    Vacancy.objects.filter(pk=other.pk).update(target_group=groups[0])
    assert reservist.pk in reasons(Vacancy.objects.get(pk=other.pk))


def test_snapshot_keeps_order_weights_and_reasons(vacancy: Vacancy, tomsk: Edition, operator: User) -> None:
    first, second = make_reservist(tomsk, events=3), make_reservist(tomsk)
    gone = make_reservist(tomsk, state="appointed")
    snapshot = save_snapshot(vacancy, actor=operator)
    assert [(row["reservist"], row["place"], row["computed_place"]) for row in snapshot.rows] == [
        (first.pk, 1, 1),
        (second.pk, 2, 2),
    ]
    assert snapshot.weights == tomsk.value("matching_weights")
    assert snapshot.left_out == [{"name": str(gone.user), "reasons": ["уже назначен(а) на должность"]}]
    assert sum(float(line["points"]) for line in snapshot.rows[0]["lines"]) == float(
        snapshot.rows[0]["total"]
    )


def test_another_order_needs_a_reason_and_the_same_people(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    """process.md 8: the operator may change the order with a reason, which is kept."""
    first, second = make_reservist(tomsk, events=3), make_reservist(tomsk)
    with pytest.raises(GateShut, match="укажите причину"):
        save_snapshot(vacancy, actor=operator, order=[second.pk, first.pk])
    for wrong in ([first.pk], [first.pk, first.pk], [first.pk, second.pk, 10**6]):
        with pytest.raises(GateShut, match="Состав списка изменился"):
            save_snapshot(vacancy, actor=operator, order=wrong, reason="так надо")
    snapshot = save_snapshot(vacancy, actor=operator, order=[second.pk, first.pk], reason="знает район")
    assert [(row["place"], row["computed_place"]) for row in snapshot.rows] == [(1, 2), (2, 1)]
    assert snapshot.reason == "знает район"


def test_other_weights_are_a_try_until_saved_with_a_reason(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    near = make_reservist(tomsk, municipality=vacancy.municipality, points=70)
    strong = make_reservist(tomsk, points=100)
    assert placed(vacancy) == [near.pk, strong.pk]
    tried = match_vacancy(vacancy, {"rating": 100})
    assert [place.candidate.reservist_id for place in tried.places] == [strong.pk, near.pk]
    with pytest.raises(GateShut, match="укажите причину"):
        save_snapshot(vacancy, actor=operator, weights={"rating": 100})
    assert save_snapshot(vacancy, actor=operator, weights={"rating": 100}, reason="важен балл").weights == {
        "rating": 100
    }


def test_snapshot_of_a_case_not_matched_is_refused(tomsk: Edition, operator: User) -> None:
    make_reservist(tomsk)
    with pytest.raises(GateShut, match="пока он идёт"):
        save_snapshot(make_vacancy(tomsk), actor=operator)


@pytest.mark.parametrize("count", [1, 3, 40])
def test_queries_do_not_depend_on_the_size_of_the_reserve(
    vacancy: Vacancy, tomsk: Edition, count: int
) -> None:
    for _ in range(count):
        make_reservist(tomsk, events=1)
    fresh = Vacancy.objects.get(pk=vacancy.pk)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(match_vacancy(fresh).places) == count
    assert len(queries) <= QUERIES + 2, [query["sql"] for query in queries]
    assert Reservist.objects.count() == count
