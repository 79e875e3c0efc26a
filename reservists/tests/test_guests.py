"""A person on a learning route takes part in the reserve's events, without any advantage from it (T5, T7)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from assessment.services.routes import draft_route, send_route
from assessment.tests import factories as stage
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.notifications.models import Letter
from reservists.enums import ParticipationState
from reservists.event_papers import certificate_of
from reservists.guests import route_of
from reservists.models import Participation
from reservists.services import attendance
from reservists.services import events as service
from reservists.services.surveys import answer_survey

from .factories import EventFactory, ReservistFactory

pytestmark = pytest.mark.django_db
DECIDED = date(2026, 12, 25)


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def route(tomsk, operator):
    """A route drafted from a result below the threshold, sent on the 28th of December."""
    from assessment.models import Programme

    campaign = stage.make_campaign(tomsk)
    track = stage.make_track(campaign)
    procedure = stage.make_open_procedure(campaign, operator, [track], ended=True)
    stage.give(procedure, track, "5", "15", "30", actor=operator)
    Programme.objects.get_or_create(name="Право", section_code="policy", organiser="Институт")
    stage.decide(track, included=False, on=DECIDED)
    with clock.travel(stage.moment(date(2026, 12, 28))):
        found = draft_route(track, actor=operator)
        send_route(found, actor=operator)
    return found


def at(day):
    return clock.travel(stage.moment(day))


def event_on(day, **fields):
    start = stage.moment(day)
    return EventFactory(starts_at=start, ends_at=start + timedelta(hours=2), **fields)


def person_of(route):
    return route.track.application.user


def test_a_person_on_a_route_registers_and_gets_the_letter(route, operator):
    with at(date(2027, 1, 12)):
        event = event_on(date(2027, 2, 1))
        assert route_of(person_of(route)) == route
        place = service.register_for_event(event, participant=route, actor=person_of(route))
        with pytest.raises(GateShut, match="уже записаны"):
            service.register_for_event(event, participant=route, actor=person_of(route))
    assert (place.person, place.reservist) == (person_of(route), None)
    assert Letter.objects.get(kind="event.registered").to == person_of(route)
    with at(date(2027, 2, 2)):
        assert service.confirm_participation(event, participants=[route], actor=operator) == 1
    place.refresh_from_db()
    assert place.state == ParticipationState.CONFIRMED


def test_a_guests_participation_gives_no_advantage(route, tomsk, operator):
    """T7 speaks of reservists: who enters the reserve later begins at nothing."""
    with at(date(2027, 1, 12)):
        event = event_on(date(2027, 2, 1))
        service.register_for_event(event, participant=route, actor=person_of(route))
    with at(date(2027, 2, 2)):
        service.confirm_participation(event, participants=[route], actor=operator)
        assert service.confirmed_events(ReservistFactory(edition=tomsk, user=person_of(route))) == 0


def test_a_guest_is_known_in_a_list_of_participants_and_may_answer_the_survey(route, operator):
    """T5, O7.3: the answer counts for the event, not for the reservists' satisfaction."""
    with at(date(2027, 2, 2)):
        event = event_on(date(2027, 2, 1))
        rows = attendance.lines_of(person_of(route).email)
        assert attendance.plan_attendance(event, rows).people == [route]
        attendance.confirm_list(event, rows, actor=operator)
        own = event.participations.get()
        answer_survey(own, score=3, words="", actor=person_of(route))
        assert not event.answers.get().from_reserve
        assert certificate_of(own, actor=person_of(route)).person == person_of(route)


def test_a_guest_takes_a_place_like_everybody(route, tomsk):
    with at(date(2027, 1, 12)):
        event = event_on(date(2027, 2, 1), places=1)
        service.register_for_event(event, participant=route, actor=person_of(route))
        reservist = ReservistFactory(edition=tomsk)
        with pytest.raises(GateShut, match="мест не осталось"):
            service.register_for_event(event, participant=reservist, actor=reservist.user)


def test_events_are_open_only_while_the_wait_lasts(route):
    with at(date(2027, 12, 24)):
        assert route_of(person_of(route)) == route
    with at(date(2027, 12, 25)):
        assert route_of(person_of(route)) is None
        with pytest.raises(GateShut, match="состоит в резерве"):
            service.register_for_event(event_on(date(2028, 1, 20)), participant=route, actor=person_of(route))


def test_a_draft_of_a_route_opens_nothing(route):
    type(route).objects.update(state="draft")
    with at(date(2027, 1, 12)):
        assert route_of(person_of(route)) is None


def test_a_place_is_a_reservists_or_a_guests(route, tomsk):
    event = event_on(date(2027, 2, 1))
    for fields in ({}, {"reservist": ReservistFactory(edition=tomsk), "route": route}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Participation.objects.create(event=event, state=ParticipationState.REGISTERED, **fields)


def test_the_guest_on_pages(client, route, operator):
    """The list, the card of the home page, registering, refusing; the operator's list of participants."""
    client.force_login(person_of(route))
    with at(date(2027, 1, 12)):
        event = event_on(date(2027, 2, 1), name="Школа руководителя")
        assert "Школа руководителя" in client.get(reverse("home")).content.decode()
        assert "Школа руководителя" in client.get(reverse("reservists:events")).content.decode()
        page = reverse("reservists:event", args=[event.pk])
        assert "Записаться" in client.get(page).content.decode()
        client.post(reverse("reservists:register", args=[event.pk]))
        assert "Отказаться от участия" in client.get(page).content.decode()
        client.post(reverse("reservists:refuse", args=[event.pk]), {"reason": "Болезнь"})
        assert Participation.objects.get().state == ParticipationState.REFUSED
        client.post(reverse("reservists:register", args=[event.pk]))
    client.force_login(operator)
    with at(date(2027, 2, 2)):
        attendance = reverse("admin:reservists_event_attendance", args=[event.pk])
        shown = client.get(attendance).content.decode()
        assert person_of(route).full_name in shown and "на образовательном маршруте" in shown
        place = Participation.objects.get()
        client.post(attendance, {"people": [place.pk], "confirm": "1"})
        place.refresh_from_db()
        assert place.state == ParticipationState.CONFIRMED


def test_others_below_the_threshold_see_no_events(client, route):
    stranger = stage.make_person("candidate")
    client.force_login(stranger)
    with at(date(2027, 1, 12)):
        assert client.get(reverse("reservists:events")).status_code == 403
        event = event_on(date(2027, 2, 1))
        assert client.post(reverse("reservists:register", args=[event.pk])).status_code == 403
