"""Events, the yearly plan and the counter (T6, T7)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.models import Job, TransitionLog
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.models import Deadline, Parameter
from reservists.enums import EventKind, ReservistState
from reservists.models import Participation
from reservists.rules import advantage_words
from reservists.services import events as service

from .factories import EventFactory, ParticipationFactory, ReservistFactory


def test_counter_words_of_tomsk():
    """T7: three confirmed planned events give the advantage."""
    assert advantage_words(0, 3) == "0 из 3 — ещё три мероприятия до преимущества при назначении"
    assert advantage_words(1, 3) == "1 из 3 — ещё два мероприятия до преимущества при назначении"
    assert advantage_words(2, 3) == "2 из 3 — ещё одно мероприятие до преимущества при назначении"
    assert advantage_words(4, 3) == "4 при нужных 3 — преимущество при назначении есть"
    assert advantage_words(3, 3) == "3 из 3 — преимущество при назначении есть"


@given(st.integers(0, 30), st.integers(1, 12))
def test_counter_words_say_reached_exactly_when_reached(count, needed):
    """T7: «есть» stands exactly from the needed number on."""
    assert ("преимущество при назначении есть" in advantage_words(count, needed)) is (count >= needed)


def test_only_planned_regional_confirmed_events_count(tomsk, operator):
    """T7: neither other events nor registrations nor absences count."""
    reservist = ReservistFactory(edition=tomsk)
    planned, other = EventFactory(begun=True), EventFactory(begun=True, kind=EventKind.OTHER)
    for event in (planned, other):
        service.confirm_participation(event, participants=[reservist], actor=operator)
    ParticipationFactory(reservist=reservist, event=EventFactory())
    assert service.confirmed_events(reservist) == 1
    assert stored_count(reservist) == 1
    service.mark_absent(planned, participants=[reservist], actor=operator)
    assert service.confirmed_events(reservist) == stored_count(reservist) == 0


def test_the_stored_count_follows_the_events_kind(tomsk, operator):
    """T7: an event that turns out to be no planned one counts no more, and the other way round."""
    reservist, event = ReservistFactory(edition=tomsk), EventFactory(begun=True)
    service.confirm_participation(event, participants=[reservist], actor=operator)
    for kind, count in ((EventKind.OTHER, 0), (EventKind.PLANNED, 1)):
        service.change_event(event, actor=operator, kind=kind)
        assert service.confirmed_events(reservist) == stored_count(reservist) == count


def test_a_person_in_two_groups_has_one_place_that_counts_in_both(orenburg, operator):
    """T6, T7: one place at an event, counted beside each membership from its inclusion on."""
    first = ReservistFactory(edition=orenburg)
    second = ReservistFactory(
        edition=orenburg,
        user=first.user,
        target_group=orenburg.target_groups.exclude(pk=first.target_group_id)[0],
    )
    later = ReservistFactory(
        user=first.user,
        edition=orenburg,
        target_group=second.target_group,
        state=ReservistState.EXCLUDED,
        included_on=clock.today() + timedelta(days=1),
    )
    event = EventFactory(places=5)
    service.register_for_event(event, participant=first, actor=first.user)
    assert service.registration_blockers(event, second)[0].text == "Вы уже записаны."
    with pytest.raises(GateShut):
        service.register_for_event(event, participant=second, actor=first.user)
    begun = EventFactory(begun=True)
    assert service.confirm_participation(begun, participants=[first, second], actor=operator) == 1
    assert [stored_count(row) for row in (first, second, later)] == [1, 1, 0]
    assert [service.confirmed_events(row) for row in (first, second, later)] == [1, 1, 0]


def test_who_leaves_one_of_two_groups_keeps_the_places_ahead(orenburg):
    """O6.3: the person stays in the reserve, so the place stays taken."""
    first = ReservistFactory(edition=orenburg)
    second = ReservistFactory(
        edition=orenburg,
        user=first.user,
        target_group=orenburg.target_groups.exclude(pk=first.target_group_id)[0],
    )
    place = service.register_for_event(EventFactory(places=1), participant=first, actor=first.user)
    service.give_up_places(first, reason="Исключён.", actor=first.user)
    place.refresh_from_db()
    assert (place.state, place.reservist) == ("registered", second)


def stored_count(reservist):
    reservist.refresh_from_db()
    return reservist.planned_events


def test_confirming_twice_counts_once(tomsk, operator):
    """T7: the counter moves once for each event; the letter says where it stands."""
    reservist, event = ReservistFactory(edition=tomsk), EventFactory(begun=True)
    assert service.confirm_participation(event, participants=[reservist], actor=operator) == 1
    assert service.confirm_participation(event, participants=[reservist], actor=operator) == 0
    assert service.counter_words(reservist).startswith("1 из 3")
    assert "1 из 3" in Letter.objects.get(kind="event.confirmed").body


def test_participation_is_confirmed_from_its_beginning_on(tomsk, operator):
    """T7: only what took place is confirmed; the first moment of the event is in time."""
    reservist, event = ReservistFactory(edition=tomsk), EventFactory()
    with pytest.raises(GateShut, match="с начала"):
        service.confirm_participation(event, participants=[reservist], actor=operator)
    with clock.travel(event.starts_at):
        assert service.confirm_participation(event, participants=[reservist], actor=operator) == 1


def test_number_of_events_is_data_of_the_edition(tomsk):
    """T7: the edition says how many events give the advantage, and whether events give any."""
    reservist = ReservistFactory(edition=tomsk)
    Parameter.objects.filter(edition=tomsk, key="advantage_events").update(value=1)
    assert service.counter_words(reservist).startswith("0 из 1")
    Parameter.objects.filter(edition=tomsk, key="advantage").update(value="none")
    assert service.counter_words(reservist) == ""


def test_registering_refusing_and_registering_again(tomsk):
    """T6: a reservist registers, refuses with a reason, may change the mind before the beginning."""
    reservist, event = ReservistFactory(edition=tomsk), EventFactory(places=1)
    own = service.register_for_event(event, participant=reservist, actor=reservist.user)
    with pytest.raises(GateShut, match="уже записаны"):
        service.register_for_event(event, participant=reservist, actor=reservist.user)
    with pytest.raises(GateShut, match="причину"):
        service.refuse_event(own, actor=reservist.user, reason=" ")
    service.refuse_event(own, actor=reservist.user, reason="командировка")
    own.refresh_from_db()
    assert own.reason == "командировка" and service.taken_places(event) == 0
    service.register_for_event(event, participant=reservist, actor=reservist.user)
    assert service.taken_places(event) == 1
    assert Letter.objects.filter(kind="event.registered").count() == 2
    assert TransitionLog.objects.about(own).count() == 3


def test_no_place_no_registration(tomsk):
    """The last place is given once."""
    event = EventFactory(places=1)
    first, second = ReservistFactory(edition=tomsk), ReservistFactory(edition=tomsk)
    service.register_for_event(event, participant=first, actor=first.user)
    with pytest.raises(GateShut, match="мест не осталось"):
        service.register_for_event(event, participant=second, actor=second.user)


@pytest.mark.parametrize("offset,allowed", [(-1, True), (0, False), (1, False)])
def test_registration_ends_with_the_beginning(tomsk, offset, allowed):
    """T6: just before the beginning one may register and refuse, at it and after it not."""
    reservist, event = ReservistFactory(edition=tomsk), EventFactory()
    own = ParticipationFactory(event=event)
    with clock.travel(event.starts_at + timedelta(seconds=offset)):
        blockers = service.registration_blockers(event, reservist)
        assert (blockers == []) is allowed
        if allowed:
            service.refuse_event(own, actor=own.reservist.user, reason="болезнь")
        else:
            with pytest.raises(GateShut):
                service.refuse_event(own, actor=own.reservist.user, reason="болезнь")


def test_only_members_of_the_reserve_register(tomsk):
    """T6: events are the reservists'; an excluded person is told so."""
    event = EventFactory()
    former = ReservistFactory(edition=tomsk, state=ReservistState.EXCLUDED)
    assert service.registration_blockers(event, former)[0].text.startswith("Записаться может тот")
    assert service.registration_blockers(event, None)


def test_plan_is_published_once_with_letters_and_closes_the_limit(tomsk, operator):
    """T6: the plan is public by 2 September, every reservist is told by letter; the limit closes."""
    reservists = [ReservistFactory(edition=tomsk) for _ in range(2)]
    ReservistFactory(edition=tomsk, state=ReservistState.EXCLUDED)
    event_happened("year.began", tomsk, edition=tomsk, on=clock.today())
    with pytest.raises(GateShut, match="ни одного мероприятия"):
        service.publish_events_plan(2026, actor=operator)
    event = EventFactory()
    service.publish_events_plan(2026, actor=operator)
    limit = Deadline.objects.about(tomsk).get(limit__code="events_plan")
    assert (limit.due_on.month, limit.due_on.day) == (9, 2) and limit.closed_on == clock.today()
    letters = Letter.objects.filter(kind="events_plan.published")
    assert {letter.to for letter in letters} == {item.user for item in reservists}
    assert event.name in letters[0].body
    with pytest.raises(GateShut, match="уже опубликован"):
        service.publish_events_plan(2026, actor=operator)


def test_large_reserve_is_written_to_by_a_job(tomsk, operator, monkeypatch):
    """quality.md: work over two seconds leaves the request; the job may run twice and writes each letter once."""
    monkeypatch.setattr(service, "LETTERS_AT_ONCE", 1)
    monkeypatch.setattr("reservists.jobs.LETTERS_AT_ONCE", 1)
    for _ in range(3):
        ReservistFactory(edition=tomsk)
    EventFactory()
    service.publish_events_plan(2026, actor=operator)
    assert not Letter.objects.filter(kind="events_plan.published").exists()
    from reservists.jobs import write_all_plan_letters

    job = Job.objects.get(kind="reservists.plan_letters")
    for _ in range(2):
        assert write_all_plan_letters(job) == {"written": 3}
    assert Letter.objects.filter(kind="events_plan.published").count() == 3


def test_changed_time_is_told_to_those_registered(tomsk, operator):
    """process.md 10: whoever registered learns of a new time, and of a cancellation with its reason."""
    own = ParticipationFactory(reservist=ReservistFactory(edition=tomsk))
    event = own.event
    service.change_event(event, actor=operator, description="О чём")
    assert not Letter.objects.filter(kind="event.changed").exists()
    service.change_event(event, actor=operator, ends_at=event.ends_at + timedelta(hours=1))
    assert Letter.objects.filter(kind="event.changed", to=own.reservist.user).count() == 1
    with pytest.raises(GateShut, match="не может быть меньше"):
        service.change_event(event, actor=operator, places=0)
    with pytest.raises(TransitionRefused):
        service.cancel_event(event, reason="", actor=operator)
    service.cancel_event(event, reason="карантин", actor=operator)
    assert "карантин" in Letter.objects.get(kind="event.cancelled").body


def test_event_runs_forward(tomsk, operator):
    """Bad input: an event that ends before it begins is refused in words, nothing is stored."""
    now = clock.now()
    with pytest.raises(ValidationError, match="позже начала"):
        service.create_event(
            actor=operator,
            name="Семинар",
            kind="planned",
            starts_at=now,
            ends_at=now - timedelta(hours=1),
            place="Томск",
        )
    assert not Participation.objects.exists()


def test_held_only_after_the_beginning(operator):
    """T7: an event is held when it has begun."""
    event = EventFactory()
    with pytest.raises(GateShut, match="не началось"):
        service.mark_held(event, actor=operator)
    with clock.travel(event.starts_at):
        service.mark_held(event, actor=operator)
