"""Agreement and appointment: T9, O3.19, O7.3."""

from datetime import date

import pytest

from reserve_portal.accounts.models import User
from reserve_portal.core.gates import GateShut
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Edition
from reservists.models import Reservist
from vacancies.models import Appointment, Referral, Vacancy
from vacancies.services.appointment import decide_agreement, fall_through, record_appointment
from vacancies.services.referrals import present_reservist

from .factories import (
    MOMENT,
    accepted,
    ask,
    make_commission,
    make_reservist,
    make_vacancy,
    presented,
    recommended,
)

# The fixed day is 11 March 2026; the defence is held a week later, so papers bear that day or an earlier one.
TODAY = date(2026, 3, 11)


@pytest.fixture
def vacancy(tomsk: Edition) -> Vacancy:
    make_commission(tomsk)
    return make_vacancy(tomsk)


def agree(referral: Referral, actor: User, *, agreed: bool = True, reason: str = "") -> None:
    decide_agreement(referral, agreed=agreed, number="12-к", dated=TODAY, reason=reason, actor=actor)
    referral.refresh_from_db()


def appoint(vacancy: Vacancy, referral: Referral | None, **fields: object) -> Appointment:
    values = {"order_number": "45-р", "order_dated": TODAY, "actor": vacancy.reported_by, **fields}
    return record_appointment(vacancy, referral=referral, **values)  # type: ignore[arg-type]


def test_agreed_nominee_is_appointed_and_the_vacancy_closed(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    """T9: agreement of the department, then the order; the reservist is «appointed»."""
    reservist = make_reservist(tomsk)
    referral = recommended(vacancy, reservist, operator)
    agree(referral, operator)
    appointment = appoint(vacancy, referral)
    for row in (vacancy, referral, reservist):
        row.refresh_from_db()
    assert (vacancy.state, referral.state, reservist.state) == ("filled", "appointed", "appointed")
    assert appointment.from_reserve and reservist.ended_on == TODAY
    assert reservist.end_basis == "приказ № 45-р от 11.03.2026"
    assert Letter.objects.filter(kind="vacancy.appointed", to=reservist.user).count() == 1


def test_order_without_the_agreement_is_refused(vacancy: Vacancy, tomsk: Edition, operator: User) -> None:
    """T9: only with the department's agreement."""
    referral = recommended(vacancy, make_reservist(tomsk), operator)
    with pytest.raises(GateShut, match=r"не согласован департаментом \(п. 9 алгоритма раздела 4\)"):
        appoint(vacancy, referral)
    assert not Appointment.objects.exists()


def test_outsider_is_refused_where_only_members_are_appointed(vacancy: Vacancy) -> None:
    """T9: only from the reserve; the ground is named."""
    with pytest.raises(GateShut, match=r"только из кадрового резерва \(п. 9 алгоритма раздела 4\)"):
        appoint(vacancy, None, person_name="Чужой Человек")


def test_outsider_closes_the_vacancy_where_the_edition_allows(orenburg: Edition, operator: User) -> None:
    """O7.3: appointments from outside are recorded, so that the share can be counted; the nominee is free again."""
    vacancy = make_vacancy(orenburg)
    nominee = presented(vacancy, make_reservist(orenburg), operator)
    with pytest.raises(GateShut, match="Укажите, кто назначен"):
        appoint(vacancy, None, person_name="  ")
    appointment = appoint(vacancy, None, person_name="Чужой Человек")
    vacancy.refresh_from_db()
    nominee.refresh_from_db()
    assert not appointment.from_reserve
    assert (vacancy.state, nominee.state) == ("filled", "released")


def test_appointed_or_excluded_reservist_cannot_be_appointed(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    """T9: an active member only, at the agreement and at the order."""
    referral = recommended(vacancy, make_reservist(tomsk), operator)
    Reservist.objects.filter(pk=referral.reservist_id).update(state="excluded")
    with pytest.raises(GateShut, match=r"действующего резервиста \(п. 9 алгоритма раздела 4\)"):
        agree(referral, operator)
    Reservist.objects.filter(pk=referral.reservist_id).update(state="active")
    agree(referral, operator)
    Reservist.objects.filter(pk=referral.reservist_id).update(state="excluded")
    with pytest.raises(GateShut, match="действующего"):
        appoint(vacancy, referral)


def test_nominee_of_another_vacancy_cannot_be_appointed(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    referral = recommended(vacancy, make_reservist(tomsk), operator)
    agree(referral, operator)
    other = make_vacancy(tomsk)
    with pytest.raises(GateShut, match="на другую вакансию"):
        appoint(other, referral)


@pytest.mark.parametrize("dated", [date(2026, 3, 10), date(2026, 3, 12)])
def test_order_is_neither_ahead_nor_before_the_agreement(
    vacancy: Vacancy, tomsk: Edition, operator: User, dated: date
) -> None:
    """T9: the agreement comes first."""
    referral = recommended(vacancy, make_reservist(tomsk), operator)
    agree(referral, operator)
    with pytest.raises(GateShut):
        appoint(vacancy, referral, order_dated=dated)


def test_refused_agreement_needs_a_reason_and_reopens_the_case(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    """T9: without the agreement matching goes on."""
    referral = recommended(vacancy, make_reservist(tomsk), operator)
    with pytest.raises(GateShut, match="нуждается в причине"):
        agree(referral, operator, agreed=False)
    agree(referral, operator, agreed=False, reason="нет опыта")
    vacancy.refresh_from_db()
    assert (referral.state, vacancy.state) == ("released", "matching")
    assert "нет опыта" in Letter.objects.get(kind="vacancy.not_agreed").body


def test_agreement_is_answered_once(vacancy: Vacancy, tomsk: Edition, operator: User) -> None:
    referral = recommended(vacancy, make_reservist(tomsk), operator)
    agree(referral, operator)
    with pytest.raises(GateShut, match="ещё не решено"):
        agree(referral, operator)


def test_edition_without_agreement_refuses_one(orenburg: Edition, operator: User) -> None:
    """O3.19 names no agreement: the parameter decides."""
    vacancy = make_vacancy(orenburg)
    referral = presented(vacancy, make_reservist(orenburg), operator)
    Referral.objects.filter(pk=referral.pk).update(state="recommended")
    Vacancy.objects.filter(pk=vacancy.pk).update(state="recommended")
    referral.refresh_from_db()
    with pytest.raises(GateShut, match="не требует согласования"):
        agree(referral, operator)
    appoint(vacancy, referral)
    referral.refresh_from_db()
    assert referral.state == "appointed"


def test_appointment_that_falls_through_reopens_the_case(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    """The reservist returns to the reserve, both he and the second one may be asked again."""
    second = make_reservist(tomsk)
    reservist = make_reservist(tomsk)
    waiting = ask(vacancy, second, operator)
    referral = recommended(vacancy, reservist, operator)
    agree(referral, operator)
    appointment = appoint(vacancy, referral)
    waiting.refresh_from_db()
    assert waiting.state == "released"
    with pytest.raises(GateShut, match="почему назначение не состоялось"):
        fall_through(appointment, actor=vacancy.reported_by, reason=" ")
    fall_through(appointment, actor=vacancy.reported_by, reason="отказался")
    vacancy.refresh_from_db()
    reservist.refresh_from_db()
    assert (vacancy.state, reservist.state, reservist.ended_on) == ("matching", "active", None)
    assert ask(vacancy, second, operator).pk != waiting.pk
    with pytest.raises(GateShut, match="уже записано"):
        fall_through(appointment, actor=vacancy.reported_by, reason="ещё раз")


def test_second_appointment_is_refused(vacancy: Vacancy, tomsk: Edition, operator: User) -> None:
    referral = recommended(vacancy, make_reservist(tomsk), operator)
    agree(referral, operator)
    appoint(vacancy, referral)
    with pytest.raises(GateShut, match="уже назначен"):
        appoint(vacancy, referral)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_presentations_at_once_one_wins() -> None:
    """process.md 8: two municipalities want the same person at the same moment."""
    edition, operator = _prepared()
    reservist = make_reservist(edition)
    first = ask(make_vacancy(edition), reservist, operator)
    second = ask(make_vacancy(edition), reservist, operator)
    Referral.objects.filter(pk__in=[first.pk, second.pk]).update(state="accepted")
    answers = at_once(
        [
            lambda r=row: present_reservist(Referral.objects.get(pk=r.pk), actor=operator)
            for row in (first, second)
        ]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["GateShut", "NoneType"]
    assert Referral.objects.filter(state="presented").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_appointments_at_once_one_wins() -> None:
    """Two clerks record the same order; one appointment stays."""
    edition, operator = _prepared()
    make_commission(edition)
    vacancy = make_vacancy(edition)
    referral = recommended(vacancy, make_reservist(edition), operator)
    agree(referral, operator)
    answers = at_once([lambda: appoint(Vacancy.objects.get(pk=vacancy.pk), referral)] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["Appointment", "GateShut"]
    assert Appointment.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_wins() -> None:
    """A reservist accepts two offers in two tabs: one person is engaged once."""
    edition, operator = _prepared()
    reservist = make_reservist(edition)
    offers = [ask(make_vacancy(edition), reservist, operator) for _ in range(2)]
    from vacancies.services.referrals import accept_offer

    answers = at_once(
        [lambda r=row: accept_offer(Referral.objects.get(pk=r.pk), actor=reservist.user) for row in offers]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["GateShut", "NoneType"]


def _prepared() -> tuple[Edition, User]:
    from reserve_portal.accounts.tests.factories import UserFactory
    from reserve_portal.core.tests.calendars import load_calendar_quickly
    from reserve_portal.regulations.tests.editions import load_edition_quickly

    load_calendar_quickly()
    return load_edition_quickly("tomsk"), UserFactory(operator=True)


def at_once(deeds: list) -> list:
    """Run the deeds in threads that start together; return what each gave back or raised."""
    from threading import Barrier, Thread

    from django.db import connection

    from reserve_portal.core import clock

    barrier, answers = Barrier(len(deeds)), [None] * len(deeds)

    def run(number: int) -> None:
        try:
            with clock.travel(MOMENT):
                barrier.wait()
                answers[number] = deeds[number]()
        except Exception as error:
            answers[number] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_accepting_a_second_vacancy_is_refused(tomsk: Edition, operator: User) -> None:
    """One person is considered for one vacancy at a time."""
    from vacancies.services.referrals import accept_offer

    reservist = make_reservist(tomsk)
    second = ask(make_vacancy(tomsk), reservist, operator)
    accepted(make_vacancy(tomsk), reservist, operator)
    with pytest.raises(GateShut, match="другую вакансию"):
        accept_offer(second, actor=reservist.user)
