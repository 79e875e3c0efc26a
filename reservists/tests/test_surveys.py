"""The survey after an event: once, in time, anonymous; its mean is an indicator (O7.3). The certificate (T7)."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.tests.answers import content_of
from reserve_portal.papers.models import IssuedPaper
from reservists.enums import EventKind
from reservists.event_papers import certificate_of, issue_event_sheet
from reservists.indicators import indicators, scope_of
from reservists.models import SurveyAnswer
from reservists.services import events as service
from reservists.services.surveys import SURVEY_DAYS, answer_survey, survey_blockers, survey_of, unanswered
from reservists.views.events import own_places

from .factories import EventFactory, ParticipationFactory, ReservistFactory


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def held(tomsk, operator):
    """An event that is over, four took part."""
    event = EventFactory(begun=True, lasts=0.5)
    people = [ReservistFactory(edition=tomsk) for _ in range(4)]
    service.confirm_participation(event, participants=people, actor=operator)
    return event, list(event.participations.order_by("pk"))


def answer(own, score, words=""):
    answer_survey(own, score=score, words=words, actor=own.person)


def test_one_answer_each(held):
    """O7.3: who has answered is known, whose answer it is, is not."""
    _, places = held
    answer(places[0], 5, "Полезно")
    with pytest.raises(GateShut, match="уже оставили"):
        answer(places[0], 1)
    stored = SurveyAnswer.objects.get()
    named = {field.name for field in stored._meta.get_fields() if field.is_relation}
    assert named == {"event", "target_group", "municipality"}
    assert unanswered(own_places(places[0].person)) == []
    assert unanswered(own_places(places[1].person)) == [places[1]]


def test_below_three_answers_nothing_is_told(held):
    """Two answers would tell the second who the first was."""
    event, places = held
    for place in places[:2]:
        answer(place, 5, "Хорошо")
    assert survey_of(event).mean is None and survey_of(event).words == ()
    assert survey_of(event).answers == 2 and survey_of(event).asked == 4
    answer(places[2], 2, "Душно")
    found = survey_of(event)
    assert found.mean == 4 and found.mean_text == "4" and found.words == ("Душно", "Хорошо", "Хорошо")
    assert dict(found.spread)["5 — отлично"] == 2


@pytest.mark.parametrize("seconds,open_", [(-1, True), (0, True), (1, False)])
def test_the_term_ends_with_its_last_day(held, seconds, open_):
    """Fourteen days after the event, its last moment included."""
    _, places = held
    last = clock.end_of(clock.today() + timedelta(days=SURVEY_DAYS))
    with clock.travel(last + timedelta(seconds=seconds)):
        assert (survey_blockers(places[0]) == []) is open_


def test_a_late_confirmation_has_its_whole_term(tomsk, operator):
    """The days run from the confirmation where that came after the event."""
    own = ParticipationFactory(reservist=ReservistFactory(edition=tomsk), event=EventFactory(begun=True))
    with clock.travel(clock.now() + timedelta(days=30)):
        service.confirm_participation(own.event, participants=[own.reservist], actor=operator)
        own.refresh_from_db()
        assert survey_blockers(own) == []


def test_only_who_took_part_and_only_afterwards(tomsk, operator):
    own = ParticipationFactory(reservist=ReservistFactory(edition=tomsk), event=EventFactory(begun=True))
    assert "подтверждено" in survey_blockers(own)[0].text
    service.confirm_participation(own.event, participants=[own.reservist], actor=operator)
    own.refresh_from_db()
    assert "после окончания" in survey_blockers(own)[0].text
    with clock.travel(own.event.ends_at):
        assert survey_blockers(own) == []


def test_scores_are_one_to_five(held):
    with pytest.raises(IntegrityError), transaction.atomic():
        answer(held[1][0], 6)


def test_satisfaction_is_the_mean_of_the_reservists_answers(held):
    """O7.3: exact, by group and municipality, from three answers on, of the period alone."""
    _, places = held
    satisfaction = indicators.get("satisfaction")
    for place, score in zip(places[:2], (5, 4), strict=True):
        answer(place, score)
    assert satisfaction.measure(scope_of(2026)).number is None
    answer(places[2], 4)
    figure = satisfaction.measure(scope_of(2026))
    assert figure.number == Fraction(13, 3) and figure.text == "4,33 из 5"
    group = places[0].reservist.target_group.code
    assert satisfaction.measure(scope_of(2026, group=group)).number == Fraction(13, 3)
    town = places[0].reservist.municipality_id
    assert satisfaction.measure(scope_of(2026, municipality=town)).number is None  # one answer alone
    assert satisfaction.measure(scope_of(2025)).number is None
    SurveyAnswer.objects.update(from_reserve=False)
    assert satisfaction.measure(scope_of(2026)).number is None


def test_pages_of_the_survey(held, client, operator):
    """The form keeps what was typed; the operator reads the outcome on the event's page, a reservist does not."""
    event, places = held
    address, page = (
        reverse("reservists:survey", args=[event.pk]),
        reverse("reservists:event", args=[event.pk]),
    )
    for place in places[:3]:
        client.force_login(place.person)
        assert address in client.get(page).content.decode()
        bad = client.post(address, {"words": "Очень нужная тема"}).content.decode()
        assert "Очень нужная тема" in bad and "Выберите вариант." in bad
        client.post(address, {"score": "4", "words": "Очень нужная тема"})
    assert SurveyAnswer.objects.count() == 3
    assert "уже оставили" in client.post(address, {"score": "1"}).content.decode()
    assert "Очень нужная тема" not in client.get(page).content.decode()
    client.force_login(operator)
    shown = client.get(page).content.decode()
    assert "Ответили 3 из 4" in shown and "Очень нужная тема" in shown


def test_certificate_is_issued_once_to_who_took_part(held, client):
    """T7: number and check page; asked again it is the same paper; nobody else may have it."""
    event, places = held
    address = reverse("reservists:certificate", args=[event.pk])
    client.force_login(places[0].person)
    first = client.get(address)
    assert first.url == client.get(address).url
    paper = IssuedPaper.objects.get()
    assert paper.number == "СУ-2026-0001" and paper.person == places[0].person
    assert places[0].person.full_name in paper.html and event.name in paper.html
    assert content_of(client.get(first.url)).startswith(b"%PDF")
    client.force_login(places[1].person)
    assert client.get(first.url).status_code == 404
    client.logout()
    checked = client.get(reverse("papers:check"), {"code": paper.check_code}).content.decode()
    assert "Сертификат участника" in checked and places[0].person.last_name not in checked


def test_no_certificate_without_confirmation(tomsk, client):
    own = ParticipationFactory(reservist=ReservistFactory(edition=tomsk))
    with pytest.raises(GateShut, match="подтверждено"):
        certificate_of(own, actor=own.person)
    client.force_login(own.person)
    answer = client.get(reverse("reservists:certificate", args=[own.event_id]), follow=True)
    assert "Сертификат выдаётся" in answer.content.decode() and not IssuedPaper.objects.exists()


def test_sheet_to_sign_lists_who_has_a_place(tomsk, operator, client):
    """T7: those registered by name, spare rows below, nobody from the waiting list; none of a cancelled event."""
    event = EventFactory(places=1, kind=EventKind.OTHER)
    people = [ReservistFactory(edition=tomsk) for _ in range(2)]
    for person in people:
        service.register_for_event(event, participant=person, actor=person.user, may_wait=True)
    client.force_login(operator)
    page = reverse("admin:reservists_event_sheet", args=[event.pk])
    assert "записаны 1" in client.get(page).content.decode()
    assert content_of(client.get(client.post(page).url)).startswith(b"%PDF")
    paper = IssuedPaper.objects.get(kind="event_sheet")
    assert paper.number == "ЛР-2026-0001"
    again = issue_event_sheet(event, actor=operator)
    assert again.number == "ЛР-2026-0002"
    assert people[0].user.full_name in again.html and people[1].user.full_name not in again.html
    service.cancel_event(event, actor=operator, reason="карантин")
    event.refresh_from_db()
    with pytest.raises(GateShut, match="отменено"):
        issue_event_sheet(event, actor=operator)
