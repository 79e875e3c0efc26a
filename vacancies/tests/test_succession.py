"""The reserve place of a case: who follows when the first one recommended falls out (T9, T10)."""

from datetime import date

import pytest

from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import person_with
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Edition
from reservists.models import Reservist
from vacancies.models import Appointment, Referral, Vacancy
from vacancies.services.appointment import decide_agreement, fall_through, record_appointment
from vacancies.services.referrals import accept_offer, release_referral
from vacancies.views.authority import waiting_agreements

from .factories import (
    accepted,
    close_defence,
    hand_in,
    make_commission,
    make_reservist,
    make_vacancy,
    open_defence,
    presented,
    scheduled,
)
from .test_appointment import TODAY, _prepared, agree, appoint, at_once


@pytest.fixture
def department(db: None) -> User:
    return person_with("authority")


@pytest.fixture
def vacancy(tomsk: Edition, department: User) -> Vacancy:
    make_commission(tomsk)
    return make_vacancy(tomsk)


@pytest.fixture
def ranked(vacancy: Vacancy, tomsk: Edition, operator: User) -> list[Referral]:
    """Two nominees recommended at one defence, the better one first."""
    people = [presented(vacancy, make_reservist(tomsk), operator) for _ in range(2)]
    defence = scheduled(vacancy, operator)
    meeting = open_defence(defence)
    with clock.travel(meeting.starts_at):
        for sheet in defence.sheets.all():
            hand_in(sheet, points=2 if sheet.referral_id == people[0].pk else 1)
    close_defence(defence)
    return fresh(vacancy, *people)


def fresh(vacancy: Vacancy, *people: Referral) -> list[Referral]:
    vacancy.refresh_from_db()
    return [Referral.objects.select_related("reservist__user", "vacancy").get(pk=row.pk) for row in people]


def filled(vacancy: Vacancy, first: Referral, operator: User) -> Appointment:
    agree(first, operator)
    return appoint(vacancy, first)


def test_t10_the_second_keeps_a_reserve_place_and_is_free_meanwhile(
    vacancy: Vacancy, ranked: list[Referral], tomsk: Edition, operator: User
) -> None:
    first, second = ranked
    assert (first.defence_place, second.defence_place) == (1, 2)
    filled(vacancy, first, operator)
    first, second = fresh(vacancy, *ranked)
    assert (vacancy.state, first.state, second.state) == ("filled", "appointed", "reserve")
    assert second.defence_words.endswith("2 (резервное)")
    assert Letter.objects.filter(kind="vacancy.reserve", to=second.reservist.user).count() == 1
    assert not Letter.objects.filter(kind="vacancy.released").exists()
    assert accepted(make_vacancy(tomsk), second.reservist, operator).state == "accepted"


def test_t9_after_a_fallen_through_appointment_the_second_is_agreed_and_appointed(
    vacancy: Vacancy, ranked: list[Referral], operator: User, department: User
) -> None:
    """The department and the nominee are written to anew, the first one's agreement does not serve the second."""
    first, second = ranked
    appointment = filled(vacancy, first, operator)
    fall_through(appointment, actor=vacancy.reported_by, reason="отказался от переезда")
    first, second = fresh(vacancy, *ranked)
    assert (vacancy.state, first.state, second.state) == ("recommended", "released", "recommended")
    assert Reservist.objects.get(pk=first.reservist_id).state == "active"
    assert Letter.objects.filter(kind="vacancy.recalled", to=second.reservist.user).count() == 1
    told = Letter.objects.filter(kind="vacancy.agreement_needed", to=department)
    assert [second.reservist.user.full_name in row.body for row in told.order_by("pk")].count(True) == 2
    with pytest.raises(GateShut, match=r"не согласован департаментом \(п. 9 алгоритма раздела 4\)"):
        appoint(vacancy, second)
    agree(second, operator)
    appoint(vacancy, second)
    (second,) = fresh(vacancy, second)
    assert (vacancy.state, second.state) == ("filled", "appointed")


def test_o3_19_without_an_agreement_the_municipality_appoints_the_second(
    orenburg: Edition, operator: User
) -> None:
    """Nothing of the region but the edition's `agreement` decides who acts."""
    vacancy = make_vacancy(orenburg)
    people = [presented(vacancy, make_reservist(orenburg), operator) for _ in range(2)]
    Referral.objects.update(state="recommended")
    Vacancy.objects.update(state="recommended")
    first, second = fresh(vacancy, *people)
    fall_through(appoint(vacancy, first), actor=vacancy.reported_by, reason="передумал")
    first, second = fresh(vacancy, *people)
    assert (vacancy.state, second.state) == ("recommended", "recommended")
    letter = Letter.objects.get(kind="vacancy.order_needed", to=vacancy.reported_by)
    assert second.reservist.user.full_name in letter.body
    appoint(vacancy, second)
    assert fresh(vacancy, second)[0].state == "appointed"


@pytest.mark.parametrize("why", ["elsewhere", "excluded"])
def test_a_reserve_place_is_lost_to_another_vacancy_or_outside_the_reserve(
    vacancy: Vacancy, ranked: list[Referral], tomsk: Edition, operator: User, why: str
) -> None:
    """Nobody is considered twice at once (process.md 8), only members are appointed (T9): matching begins anew."""
    first, second = ranked
    appointment = filled(vacancy, first, operator)
    if why == "elsewhere":
        presented(make_vacancy(tomsk), second.reservist, operator)
    else:
        Reservist.objects.filter(pk=second.reservist_id).update(state="excluded")
    fall_through(appointment, actor=vacancy.reported_by, reason="передумал")
    (second,) = fresh(vacancy, second)
    assert (vacancy.state, second.state) == ("matching", "released")
    assert Letter.objects.filter(kind="vacancy.released", to=second.reservist.user).count() == 1


def test_t9_a_refused_agreement_passes_the_case_to_the_second(
    vacancy: Vacancy, ranked: list[Referral], operator: User
) -> None:
    first, second = ranked
    decide_agreement(first, agreed=False, number="1", dated=TODAY, reason="нет опыта", actor=operator)
    first, second = fresh(vacancy, *ranked)
    assert (vacancy.state, first.state, second.state) == ("recommended", "released", "recommended")
    decide_agreement(second, agreed=False, number="2", dated=TODAY, reason="нет опыта", actor=operator)
    fresh(vacancy)
    assert vacancy.state == "matching"


def test_while_one_is_agreed_the_department_is_not_asked_about_the_other(
    vacancy: Vacancy, ranked: list[Referral], operator: User
) -> None:
    """The best of the defence stands first; a decision about the second waits for how the first one's ends."""
    assert list(waiting_agreements()) == ranked
    agree(ranked[0], operator)
    assert not waiting_agreements().exists()


def test_who_withdraws_after_the_recommendation_makes_room_for_the_second(
    vacancy: Vacancy, ranked: list[Referral], operator: User, department: User
) -> None:
    first, second = ranked
    agree(first, operator)
    release_referral(first, actor=operator, reason="отозвал согласие")
    first, second = fresh(vacancy, *ranked)
    assert (vacancy.state, first.state, second.state) == ("recommended", "released", "recommended")
    assert Letter.objects.filter(kind="vacancy.agreement_needed", to=department).count() == 3
    release_referral(second, actor=operator, reason="отозвал согласие")
    fresh(vacancy)
    assert vacancy.state == "matching"


def test_nobody_appointed_is_taken_off_by_hand(
    vacancy: Vacancy, ranked: list[Referral], operator: User
) -> None:
    """An appointment is undone as one that fell through; a reserve place may be given back."""
    first, second = ranked
    filled(vacancy, first, operator)
    first, second = fresh(vacancy, *ranked)
    with pytest.raises(GateShut, match="пока нет приказа"):
        release_referral(first, actor=operator, reason="ошибка")
    release_referral(second, actor=operator, reason="уехал")
    assert fresh(vacancy, second)[0].state == "released" and vacancy.state == "filled"


def test_an_outsiders_appointment_leaves_the_recommended_in_reserve(
    orenburg: Edition, operator: User
) -> None:
    """O7.3: heads from outside are recorded; when such an appointment falls through, the recommended one is next."""
    vacancy = make_vacancy(orenburg)
    nominee = presented(vacancy, make_reservist(orenburg), operator)
    Referral.objects.update(state="recommended")
    Vacancy.objects.update(state="recommended")
    (nominee,) = fresh(vacancy, nominee)
    appointment = record_appointment(
        vacancy,
        referral=None,
        person_name="Пришельцев Иван",
        order_number="7",
        order_dated=date(2026, 3, 11),
        actor=vacancy.reported_by,
    )
    assert fresh(vacancy, nominee)[0].state == "reserve"
    fall_through(appointment, actor=vacancy.reported_by, reason="не вышел на работу")
    assert fresh(vacancy, nominee)[0].state == "recommended" and vacancy.state == "recommended"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_a_recall_and_another_presentation_at_once_one_wins() -> None:
    """process.md 8: whoever holds a reserve place is either recommended again here or presented there, never both."""
    edition, operator = _prepared()
    make_commission(edition)
    vacancy, other = make_vacancy(edition), make_vacancy(edition)
    first, second = (presented(vacancy, make_reservist(edition), operator) for _ in range(2))
    open_defence(defence := scheduled(vacancy, operator))
    close_defence(defence)
    first, second = fresh(vacancy, first, second)
    appointment = filled(vacancy, first, operator)
    elsewhere = accepted(other, second.reservist, operator)
    Referral.objects.filter(pk=elsewhere.pk).update(state="asked")
    answers = at_once(
        [
            lambda: fall_through(Appointment.objects.get(pk=appointment.pk), actor=operator, reason="отказ"),
            lambda: accept_offer(Referral.objects.get(pk=elsewhere.pk), actor=second.reservist.user),
        ]
    )
    here, there = fresh(vacancy, second, elsewhere)
    assert (here.state, there.state) in {("recommended", "asked"), ("released", "accepted")}
    assert vacancy.state == ("recommended" if here.state == "recommended" else "matching")
    assert answers[0] is None and (answers[1] is None) is (there.state == "accepted")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_agreements_for_one_vacancy_at_once_one_wins() -> None:
    """T9: the department agrees to one of two recommended, whichever click comes first."""
    edition, operator = _prepared()
    make_commission(edition)
    vacancy = make_vacancy(edition)
    people = [presented(vacancy, make_reservist(edition), operator) for _ in range(2)]
    open_defence(defence := scheduled(vacancy, operator))
    close_defence(defence)
    answers = at_once([lambda r=row: agree(Referral.objects.get(pk=r.pk), operator) for row in people])
    assert sorted(type(answer).__name__ for answer in answers) == ["GateShut", "NoneType"]
    assert sorted(row.state for row in fresh(vacancy, *people)) == ["agreed", "recommended"]
