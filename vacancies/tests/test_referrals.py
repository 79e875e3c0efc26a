"""Availability and presentation: process.md 8; O6.2 does not count these refusals."""

from datetime import date, timedelta

import pytest
from django.test import Client

from reserve_portal.accounts.models import User
from reserve_portal.core import clock
from reserve_portal.core.desk import desk_for
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Edition
from reservists.models import Reservist
from vacancies.models import Vacancy
from vacancies.services.matching import save_snapshot, start_matching
from vacancies.services.referrals import (
    accept_offer,
    ask_reservist,
    present_reservist,
    refuse_offer,
    release_referral,
)

from .factories import accepted, ask, make_reservist, make_vacancy, presented


@pytest.fixture
def vacancy(tomsk: Edition) -> Vacancy:
    return make_vacancy(tomsk)


def test_question_gives_three_working_days_and_a_letter(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    reservist = make_reservist(tomsk)
    referral = ask(vacancy, reservist, operator)
    assert (referral.place, referral.answer_until) == (1, date(2026, 3, 16))
    assert "16.03.2026" in Letter.objects.get(kind="vacancy.offer", to=reservist.user).body


def test_the_desk_leads_to_the_vacancies_without_an_answer_in_time(
    vacancy: Vacancy, tomsk: Edition, operator: User, client: Client
) -> None:
    """The counter and the list behind it are the same vacancies."""
    ask(vacancy, make_reservist(tomsk), operator)
    other = make_vacancy(tomsk)
    with clock.travel(clock.now() + timedelta(days=7)):
        item = next(item for item in desk_for(operator) if "не ответили в срок" in item.label)
        assert (item.count, item.urgent) == (1, True)
        client.force_login(operator)
        rows = client.get(item.url).context["cl"].result_list
    assert list(rows) == [vacancy] and other not in rows


def test_only_who_stands_in_the_saved_order_is_asked(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    make_reservist(tomsk)
    start_matching(vacancy, actor=operator)
    snapshot = save_snapshot(vacancy, actor=operator)
    late = make_reservist(tomsk)
    with pytest.raises(GateShut, match="нет в сохранённом подборе"):
        ask_reservist(vacancy, reservist=late, snapshot=snapshot, actor=operator)
    other = make_vacancy(tomsk)
    start_matching(other, actor=operator)
    with pytest.raises(GateShut, match="нет в сохранённом подборе"):
        ask_reservist(other, reservist=late, snapshot=snapshot, actor=operator)


def test_who_is_excluded_since_the_order_was_saved_is_not_asked(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    """T9: a member at the moment of asking."""
    reservist = make_reservist(tomsk)
    start_matching(vacancy, actor=operator)
    snapshot = save_snapshot(vacancy, actor=operator)
    Reservist.objects.filter(pk=reservist.pk).update(state="excluded")
    with pytest.raises(GateShut, match="исключён"):
        ask_reservist(vacancy, reservist=reservist, snapshot=snapshot, actor=operator)


def test_nobody_is_asked_twice(vacancy: Vacancy, tomsk: Edition, operator: User) -> None:
    reservist = make_reservist(tomsk)
    referral = ask(vacancy, reservist, operator)
    with pytest.raises(GateShut, match="уже спрошен"):
        ask_reservist(vacancy, reservist=reservist, snapshot=referral.snapshot, actor=operator)


def test_refusal_keeps_its_reason_and_leaves_the_reserve_alone(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    """O6.2 concerns programmes and events: the membership stays as it was."""
    reservist = make_reservist(tomsk)
    referral = ask(vacancy, reservist, operator)
    with pytest.raises(TransitionRefused):
        refuse_offer(referral, actor=reservist.user, reason="  ")
    refuse_offer(referral, actor=reservist.user, reason="далеко от дома")
    referral.refresh_from_db()
    reservist.refresh_from_db()
    assert (referral.state, referral.refusal_reason, reservist.state) == (
        "refused",
        "далеко от дома",
        "active",
    )
    with pytest.raises(TransitionRefused):
        accept_offer(referral, actor=reservist.user)


def test_who_accepted_and_is_presented_becomes_a_nominee(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    reservist = make_reservist(tomsk)
    referral = ask(vacancy, reservist, operator)
    with pytest.raises(TransitionRefused):
        present_reservist(referral, actor=operator)
    accept_offer(referral, actor=reservist.user)
    present_reservist(referral, actor=operator)
    vacancy.refresh_from_db()
    assert (referral.state, vacancy.state) == ("presented", "presented")
    assert Letter.objects.filter(kind="vacancy.presented", to=reservist.user).count() == 1


def test_who_left_the_reserve_is_neither_taken_nor_presented(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    """T9."""
    reservist = make_reservist(tomsk)
    referral = ask(vacancy, reservist, operator)
    Reservist.objects.filter(pk=reservist.pk).update(state="excluded")
    with pytest.raises(GateShut, match="действующий"):
        accept_offer(referral, actor=reservist.user)
    Reservist.objects.filter(pk=reservist.pk).update(state="active")
    accept_offer(referral, actor=reservist.user)
    Reservist.objects.filter(pk=reservist.pk).update(state="excluded")
    with pytest.raises(GateShut, match="действующего"):
        present_reservist(referral, actor=operator)


def test_last_nominee_taken_off_sends_the_case_back_to_matching(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    first = presented(vacancy, make_reservist(tomsk), operator)
    second = presented(vacancy, make_reservist(tomsk), operator)
    with pytest.raises(GateShut, match="причину"):
        release_referral(first, actor=operator, reason="")
    release_referral(first, actor=operator, reason="заболел")
    vacancy.refresh_from_db()
    assert vacancy.state == "presented"
    release_referral(second, actor=operator, reason="передумал")
    vacancy.refresh_from_db()
    assert vacancy.state == "matching"
    assert ask(vacancy, first.reservist, operator).state == "asked"


def test_released_person_is_free_for_another_vacancy(
    vacancy: Vacancy, tomsk: Edition, operator: User
) -> None:
    reservist = make_reservist(tomsk)
    release_referral(accepted(vacancy, reservist, operator), actor=operator, reason="ошибка")
    assert accepted(make_vacancy(tomsk), reservist, operator)
