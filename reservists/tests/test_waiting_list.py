"""The waiting list of an event: who stands in it, who moves up, what it costs nobody (T6, O6.2)."""

from datetime import timedelta

import pytest

from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.models import TransitionLog
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reservists.enums import ParticipationState, ReservistState
from reservists.models import Participation
from reservists.services import events as service
from reservists.services.signals import raise_signals

from .factories import EventFactory, ReservistFactory


@pytest.fixture
def full(tomsk):
    """An event of one place: the first has it, two wait in this order."""
    event = EventFactory(places=1)
    seats = [register(event, ReservistFactory(edition=tomsk)) for _ in range(3)]
    return event, seats


def register(event, reservist):
    return service.register_for_event(event, participant=reservist, actor=reservist.user, may_wait=True)


def states(event):
    return list(event.participations.order_by("pk").values_list("state", flat=True))


def test_the_line_is_told_its_numbers(full):
    """process.md 10: a letter with the number in the line; the place stays with who has it."""
    event, seats = full
    assert states(event) == ["registered", "waiting", "waiting"]
    numbers = [
        letter.values["number"] for letter in Letter.objects.filter(kind="event.waiting").order_by("pk")
    ]
    assert numbers == ["1", "2"]
    with pytest.raises(GateShut, match="уже в листе ожидания"):
        register(event, seats[1].reservist)


def test_a_refusal_moves_the_next_in_line_up_with_a_letter(full):
    """T6: the first who waits gets the place, written in the history and the audit trail."""
    event, seats = full
    service.refuse_event(seats[0], actor=seats[0].person, reason="командировка")
    assert states(event) == ["refused", "registered", "waiting"]
    letter = Letter.objects.get(kind="event.moved_up")
    assert letter.to == seats[1].person and event.name in letter.body
    assert TransitionLog.objects.about(seats[1]).filter(transition="move_up").exists()
    assert AuditEvent.objects.filter(action="reservists.move_up_in_line").count() == 1


def test_the_line_is_kept_by_the_time_of_joining(full):
    """Who left the line and came back stands at its end."""
    event, seats = full
    with clock.travel(clock.now()):
        service.leave_waiting_list(seats[1], actor=seats[1].person)
        with clock.travel(clock.now() + timedelta(minutes=1)):
            register(event, seats[1].reservist)
    assert [item.pk for item in service.waiting_places(event)] == [seats[2].pk, seats[1].pk]


def test_leaving_the_line_is_no_refusal(orenburg, full):
    """O6.2: two refusals raise a signal; a place in the line given up does not count."""
    reservist = ReservistFactory(edition=orenburg)
    for _ in range(2):
        event = EventFactory(places=0)
        service.leave_waiting_list(register(event, reservist), actor=reservist.user)
    assert raise_signals() == 0
    own = Participation.objects.filter(reservist=reservist)
    assert set(own.values_list("state", flat=True)) == {ParticipationState.LEFT}


def test_more_places_go_to_the_line(full, operator):
    """T6: the operator finds a larger room: everybody who waits is registered."""
    event, _ = full
    service.change_event(event, actor=operator, places=2)
    assert states(event) == ["registered", "registered", "waiting"]
    service.change_event(event, actor=operator, places=None)
    assert states(event) == ["registered"] * 3


def test_nobody_moves_up_once_it_has_begun_or_left_the_reserve(full):
    """T6: a place that becomes free too late stays empty; who left the reserve is passed over."""
    event, seats = full
    type(seats[1].reservist).objects.filter(pk=seats[1].reservist_id).update(state=ReservistState.EXCLUDED)
    service.refuse_event(seats[0], actor=seats[0].person, reason="болезнь")
    assert states(event) == ["refused", "waiting", "registered"]
    with clock.travel(event.starts_at), pytest.raises(GateShut, match="уже началось"):
        service.refuse_event(seats[2], actor=seats[2].person, reason="болезнь")


def test_who_waits_hears_of_changes_and_may_come_all_the_same(full, operator):
    """T7: the line is told of another place; who came without one is confirmed like the others."""
    event, seats = full
    service.change_event(event, actor=operator, place="Северск")
    assert Letter.objects.filter(kind="event.changed").count() == 3
    with clock.travel(event.starts_at):
        assert service.confirm_participation(event, participants=[seats[2].reservist], actor=operator) == 1
    assert states(event) == ["registered", "waiting", "confirmed"]


def test_who_leaves_the_reserve_makes_room(full, operator):
    """O6.2: places ahead go to the line; waiting ends without a refusal."""
    event, seats = full
    service.give_up_places(seats[2].reservist, reason="исключён из резерва", actor=operator)
    service.give_up_places(seats[0].reservist, reason="исключён из резерва", actor=operator)
    assert states(event) == ["refused", "registered", "left"]
    seats[0].refresh_from_db()
    assert seats[0].reason == "исключён из резерва"


def test_only_who_waits_leaves_the_line(full):
    _, seats = full
    with pytest.raises(TransitionRefused):
        service.leave_waiting_list(seats[0], actor=seats[0].person)
