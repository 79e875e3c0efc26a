"""Two at once on PostgreSQL, with real threads: the last place, the next number of the registry."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from candidates.models import Profile
from commissions.models import DecisionList
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.regulations.tests.editions import load_edition_quickly
from reservists.models import ExclusionSignal, Participation, RegistryEdition, SurveyAnswer
from reservists.services.events import (
    confirm_participation,
    publish_events_plan,
    refuse_event,
    register_for_event,
)
from reservists.services.exclusion import send_signal
from reservists.services.membership import make_inclusion_list
from reservists.services.registry import publish_registry
from reservists.services.signals import apply_to_leave, raise_signals
from reservists.services.surveys import answer_survey

from .factories import (
    TODAY,
    EventFactory,
    ParticipationFactory,
    ReservistFactory,
    assess,
    decide,
    make_procedure,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*deeds):
    """Do all deeds in threads that start together; returns what each gave or raised."""
    barrier = Barrier(len(deeds))

    def run(deed):
        try:
            barrier.wait()
            with clock.travel(TODAY):
                return deed()
        except (GateShut, TransitionRefused) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


@pytest.fixture
def edition():
    load_calendar_quickly()
    return load_edition_quickly("tomsk")


def test_last_place_is_given_once(edition):
    """Eight reservists want the two last places: two get them, six are told so."""
    event = EventFactory(places=2)
    people = [ReservistFactory(edition=edition) for _ in range(8)]
    answers = at_once(
        *(lambda item=item: register_for_event(event, participant=item, actor=item.user) for item in people)
    )
    assert sum(isinstance(answer, Participation) for answer in answers) == 2
    assert all(
        "мест не осталось" in str(answer) for answer in answers if not isinstance(answer, Participation)
    )
    assert Participation.objects.count() == 2


def test_a_place_given_up_goes_to_one_who_waits(edition):
    """T6: of two who refuse at once each frees one place; three wait, two of them get it, nobody twice."""
    event = EventFactory(places=2)
    people = [ReservistFactory(edition=edition) for _ in range(5)]
    with clock.travel(TODAY):
        seats = [
            register_for_event(event, participant=item, actor=item.user, may_wait=True) for item in people
        ]
    at_once(
        *(lambda seat=seat: refuse_event(seat, actor=seat.person, reason="болезнь") for seat in seats[:2])
    )
    states = list(event.participations.order_by("pk").values_list("state", flat=True))
    assert states == ["refused", "refused", "registered", "registered", "waiting"]


def test_the_last_place_and_the_list_behind_it(edition):
    """T6: eight want two places and would wait: two have them, six stand in line, nobody is lost."""
    event = EventFactory(places=2)
    people = [ReservistFactory(edition=edition) for _ in range(8)]
    at_once(
        *(
            lambda item=item: register_for_event(event, participant=item, actor=item.user, may_wait=True)
            for item in people
        )
    )
    assert event.participations.filter(state="registered").count() == 2
    assert event.participations.filter(state="waiting").count() == 6


def test_a_survey_sent_twice_at_once_counts_once(edition):
    """O7.3: a double click is one answer."""
    own = ParticipationFactory(
        reservist=ReservistFactory(edition=edition), event=EventFactory(begun=True, lasts=0.5)
    )
    with clock.travel(TODAY):
        confirm_participation(own.event, participants=[own.reservist], actor=UserFactory(operator=True))
        own.refresh_from_db()
    at_once(*[lambda: answer_survey(own, score=5, words="", actor=own.person)] * 4)
    assert SurveyAnswer.objects.count() == 1


def test_one_person_registers_twice_at_once(edition):
    """A double click makes one participation."""
    event, reservist = EventFactory(), ReservistFactory(edition=edition)
    at_once(*[lambda: register_for_event(event, participant=reservist, actor=reservist.user)] * 4)
    assert Participation.objects.count() == 1


def test_one_list_of_a_procedure_from_two_operators(edition):
    """T4: two operators make the list at once: one list."""
    operator = UserFactory(operator=True)
    procedure = make_procedure(edition)
    assess(procedure, "90")
    answers = at_once(*[lambda: make_inclusion_list(procedure, actor=operator)] * 3)
    assert sum(not isinstance(answer, Exception) for answer in answers) == 1


def test_registries_of_two_decisions_have_numbers_without_gap(edition):
    """Two lists decided at once give editions 1 and 2; publishing one twice at once publishes it once."""
    operator = UserFactory(operator=True)
    lists = []
    for _ in range(2):
        procedure = make_procedure(edition)
        assess(procedure, "90")
        lists.append(make_inclusion_list(procedure, actor=operator))
    at_once(*(lambda item=item: decide(item, actor=operator) for item in lists))
    assert sorted(RegistryEdition.objects.values_list("number", flat=True)) == [1, 2]
    newest = RegistryEdition.objects.order_by("-number").first()
    answers = at_once(*[lambda: publish_registry(newest, actor=operator)] * 3)
    assert sum(not isinstance(answer, Exception) for answer in answers) == 1


def test_plan_is_published_once(edition):
    """T6: two operators publish the plan at once: one publication."""
    operator = UserFactory(operator=True)
    EventFactory()
    answers = at_once(*[lambda: publish_events_plan(2026, actor=operator)] * 3)
    assert sum(not isinstance(answer, Exception) for answer in answers) == 1


def test_signal_sent_by_two_operators_makes_one_list():
    """O6.1: of two operators who pass a signal on at once one does, the other is told."""
    load_calendar_quickly()
    reservist = ReservistFactory(edition=load_edition_quickly("orenburg"))
    operator = UserFactory(operator=True)
    with clock.travel(TODAY):
        signal = apply_to_leave(reservist, reason="Переезд", actor=reservist.user)
    answers = at_once(*[lambda: send_signal(ExclusionSignal.objects.get(pk=signal.pk), actor=operator)] * 4)
    assert sum(isinstance(answer, DecisionList) for answer in answers) == 1
    assert DecisionList.objects.count() == 1


def test_signals_raised_by_two_processes_at_once_are_raised_once():
    """Beat may run twice: one open signal per person and ground."""
    load_calendar_quickly()
    reservist = ReservistFactory(edition=load_edition_quickly("orenburg"))
    Profile.objects.create(user=reservist.user, birth_date=date(1950, 1, 1))
    assert sum(at_once(*[raise_signals] * 4)) == 1
    assert ExclusionSignal.objects.count() == 1
