"""Signals for an exclusion, the list for the ministry, own wish, return (O6.1-6.4)."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates.models import Application, Profile
from candidates.services.applications import start_application
from candidates.services.submission import submission_blockers
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.timeline import timeline_of
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Deadline
from reservists.enums import ReservistState, SignalState
from reservists.models import ExclusionSignal, MinistryList
from reservists.services.events import refuse_event, register_for_event
from reservists.services.exclusion import make_exclusion_list, send_signal
from reservists.services.ministry import lists_to_send, send_to_ministry
from reservists.services.signals import (
    apply_to_leave,
    dismiss_signal,
    leaving_words,
    raise_signals,
    report_dismissal,
)
from reservists.tasks import raise_signals_task

from .factories import EventFactory, ReservistFactory, decide, make_procedure


def born(reservist, day):
    Profile.objects.update_or_create(user=reservist.user, defaults={"birth_date": day})


def refuse(reservist, count=1):
    for _ in range(count):
        seat = register_for_event(EventFactory(), participant=reservist, actor=reservist.user)
        refuse_event(seat, actor=reservist.user, reason="Отчётный период")


@pytest.mark.parametrize(("offset", "raised"), [(-1, False), (0, True), (1, True)])
def test_age_is_reached_on_the_birthday_itself(orenburg, travel, offset, raised):
    """O6.2: 63 years; the day before there is no signal, on the day and after there is one."""
    reservist = ReservistFactory(edition=orenburg)
    born(reservist, date(1963, 6, 10))
    with travel(date(2026, 6, 10) + timedelta(days=offset), 0):
        raise_signals_task()
        raise_signals_task()
    signals = ExclusionSignal.objects.all()
    assert [signal.ground.code for signal in signals] == (["age_63"] if raised else [])
    if raised:
        assert signals[0].facts == "10.06.2026 исполнилось 63 года."
        assert timeline_of([signals[0]]).get().actor is None


@pytest.mark.parametrize(("day", "raised"), [(date(2027, 2, 28), 0), (date(2027, 3, 1), 1)])
def test_born_on_29_february_reaches_the_age_on_1_march(orenburg, travel, day, raised):
    """An age is reached on the birthday; where the year has none, the day after 28 February."""
    born(ReservistFactory(edition=orenburg), date(1964, 2, 29))
    with travel(day):
        assert raise_signals() == raised


def test_people_whose_signal_waits_cost_the_hourly_look_nothing(orenburg):
    """The look runs every hour: what the operator has on the desk already is not read again person by person."""
    counts = []
    for _ in range(2):
        refuse(ReservistFactory(edition=orenburg), 2)
        assert raise_signals() == 1
        with CaptureQueriesContext(connection) as queries:
            assert raise_signals() == 0
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_two_refusals_raise_one_signal_that_quotes_both(orenburg):
    """O6.2: one refusal does nothing; the second one names both with their days and reasons."""
    reservist = ReservistFactory(edition=orenburg)
    refuse(reservist)
    assert raise_signals() == 0
    refuse(reservist)
    assert (raise_signals(), raise_signals()) == (1, 0)
    signal = ExclusionSignal.objects.get()
    assert signal.facts.startswith("Отказов: 2. «Семинар") and signal.facts.count("Отчётный период") == 2


def test_after_a_dismissal_only_a_new_refusal_raises_a_signal(orenburg, operator, travel):
    """The same facts are judged once."""
    reservist = ReservistFactory(edition=orenburg)
    refuse(reservist, 2)
    raise_signals()
    dismiss_signal(ExclusionSignal.objects.get(), reason="Уважительная причина", actor=operator)
    assert raise_signals() == 0
    with travel(date(2026, 3, 13)):
        refuse(reservist)
        assert raise_signals() == 1
    newest = ExclusionSignal.objects.first()
    assert newest.state == SignalState.OPEN and newest.facts.startswith("Отказов: 3")


def test_tomsk_has_no_signals_of_age_and_refusals(tomsk):
    """The text is silent: both are 0 in the preset."""
    reservist = ReservistFactory(edition=tomsk)
    born(reservist, date(1950, 1, 1))
    refuse(reservist, 3)
    assert raise_signals() == 0


@pytest.mark.parametrize("region", ["tomsk", "orenburg"])
def test_own_wish_is_a_signal_and_no_exclusion(request, region, operator):
    """O6.2: the person applies, the operator passes it on, the body decides."""
    edition = request.getfixturevalue(region)
    reservist = ReservistFactory(edition=edition)
    with pytest.raises(GateShut, match="Напишите, почему"):
        apply_to_leave(reservist, reason=" ", actor=reservist.user)
    signal = apply_to_leave(reservist, reason="Переезд", actor=reservist.user)
    with pytest.raises(GateShut, match="Об этом уже сообщено"):
        apply_to_leave(reservist, reason="Переезд", actor=reservist.user)
    reservist.refresh_from_db()
    assert reservist.state == ReservistState.ACTIVE and "рассматривает оператор" in leaving_words(reservist)
    decision_list = send_signal(signal, actor=operator)
    assert "передано" in leaving_words(reservist) and decision_list.lines.get().details["ground"]
    with pytest.raises(GateShut, match="уже передан"):
        apply_to_leave(reservist, reason="Переезд", actor=reservist.user)
    _decide_sent(decision_list, operator)
    reservist.refresh_from_db()
    assert reservist.state == ReservistState.EXCLUDED and reservist.end_ground.code == "own_wish"
    assert leaving_words(reservist) == "" and Letter.objects.filter(kind="reserve.leaving").count() == 1


def _decide_sent(decision_list, operator):
    """Carry a list that was sent already through its chain."""
    from commissions.services import take_back_list

    take_back_list(decision_list, actor=operator, reason="для проверки")
    decide(decision_list, actor=operator)


def test_a_dismissed_application_is_answered(orenburg, operator):
    """Who applied to leave is told why nothing came of it; without a reason nothing is dismissed."""
    reservist = ReservistFactory(edition=orenburg)
    signal = apply_to_leave(reservist, reason="Устала", actor=reservist.user)
    with pytest.raises(TransitionRefused, match="причину"):
        dismiss_signal(signal, reason="", actor=operator)
    dismiss_signal(signal, reason="Заявление отозвано", actor=operator)
    assert "Заявление отозвано" in Letter.objects.get(kind="reserve.leaving_dismissed").body
    with pytest.raises(TransitionRefused):
        send_signal(signal, actor=operator)


def test_a_dismissal_from_work_is_told_with_order_and_day(orenburg):
    """O6.2: dismissal; the day may not lie ahead, the order is named."""
    reservist = ReservistFactory(edition=orenburg)
    official = UserFactory(roles=["municipal"], municipality=reservist.municipality)
    with pytest.raises(GateShut) as shut:
        report_dismissal(
            reservist,
            dated=clock.today() + timedelta(days=1),
            order_number=" ",
            words="",
            actor=official,
        )
    assert {blocker.field for blocker in shut.value.blockers} == {"dated", "order_number"}
    signal = report_dismissal(
        reservist, dated=clock.today(), order_number="15-к", words="По соглашению.", actor=official
    )
    assert signal.facts == "Увольнение 11.03.2026, приказ № 15-к. По соглашению."
    assert signal.ground.code == "dismissed" and signal.raised_by == official


def test_open_signals_lapse_with_the_exclusion(orenburg, operator):
    """Who has left needs no other ground."""
    reservist = ReservistFactory(edition=orenburg)
    born(reservist, date(1950, 1, 1))
    raise_signals()
    signal = apply_to_leave(reservist, reason="Переезд", actor=reservist.user)
    _decide_sent(send_signal(signal, actor=operator), operator)
    assert ExclusionSignal.objects.get(kind="age").state == SignalState.LAPSED


# --- the list for the ministry (O6.3) -------------------------------------------------------------------------------


@pytest.fixture
def recommended(orenburg, operator):
    """A list that the authorised body has decided by a real meeting on Wednesday, 11 March."""
    from commissions.enums import Position
    from commissions.meetings import close_meeting
    from commissions.services import send_list
    from commissions.tests.factories import all_vote, make_body, people, voting_item

    reservist = ReservistFactory(edition=orenburg)
    ground = orenburg.grounds.get(code="own_wish", kind="exclusion")
    decision_list = make_exclusion_list(reservist, ground=ground, words="", actor=operator)
    send_list(decision_list, actor=operator)
    body = make_body("authorised_body")
    item = voting_item(body, decision_list)
    all_vote(item)
    close_meeting(item.meeting, actor=people(body, Position.SECRETARY)[0])
    decision_list.refresh_from_db()
    return decision_list


def test_ten_days_run_from_the_meeting_to_the_list_for_the_ministry(recommended, operator):
    """O6.3: ten calendar days; the 21st is a Saturday, so the last day is Monday, 23 March."""
    deadline = Deadline.objects.about(recommended).get()
    assert (deadline.limit.clause, deadline.due_on) == ("O6.3", date(2026, 3, 23))
    sent = send_to_ministry(actor=operator)
    deadline.refresh_from_db()
    assert deadline.closed_on == clock.today() and list(sent.lists.all()) == [recommended]
    assert sent.paper.number == "1/2026" and sent.paper.kind == "ministry_list"
    with pytest.raises(GateShut, match="Направлять некого"):
        send_to_ministry(actor=operator)
    assert MinistryList.objects.count() == 1


@pytest.mark.parametrize(("day", "late"), [(23, False), (24, True)])
def test_list_sent_after_the_tenth_day_was_late(recommended, operator, travel, day, late):
    """O6.3: on the last day it is in time, the day after it is not."""
    with travel(date(2026, 3, day)):
        send_to_ministry(actor=operator)
    assert Deadline.objects.about(recommended).get().was_late is late


def test_a_list_that_no_meeting_has_decided_goes_nowhere(orenburg, operator):
    """O6.3: after the approval by the body."""
    signal = apply_to_leave(ReservistFactory(edition=orenburg), reason="Переезд", actor=None)
    send_signal(signal, actor=operator)
    assert not lists_to_send().exists() and not Deadline.objects.exists()


# --- return (O6.4) --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "slot"), [("excluded", True), ("active", False), (None, False)])
def test_who_comes_back_brings_the_heads_representation(orenburg, state, slot):
    """O6.4: an excluded person's package has a required slot for it; nobody else's has."""
    user = UserFactory(candidate=True)
    if state:
        ended = date(2024, 1, 10) if state == "excluded" else None
        ReservistFactory(edition=orenburg, user=user, state=state, ended_on=ended)
    application = _draft(orenburg, user)
    codes = set(application.items.values_list("document_type__code", flat=True))
    asked = any("Представление руководителя" in blocker.text for blocker in submission_blockers(application))
    assert ("representation" in codes) is slot and asked is slot and "passport" in codes


def test_a_draft_begun_before_the_exclusion_gets_the_slot(orenburg, operator):
    """O6.4: a member of one group who applies for the other and is excluded meanwhile comes back all the same."""
    reservist = ReservistFactory(edition=orenburg)
    application = _draft(orenburg, reservist.user)
    assert not application.items.filter(document_type__only_for_return=True).exists()
    ground = orenburg.grounds.get(code="own_wish", kind="exclusion")
    decide(make_exclusion_list(reservist, ground=ground, words="", actor=operator), actor=operator)
    assert application.items.filter(document_type__only_for_return=True).count() == 1


def _draft(edition, user) -> Application:
    campaign = make_procedure(edition).campaign
    campaign.opens_at, campaign.closes_at = clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
    campaign.state = "open"
    campaign.save()
    return start_application(user, campaign=campaign)
