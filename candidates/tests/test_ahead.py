"""The way of an application as its candidate reads it: what happened, what is next, by when, who acts."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from candidates.ahead import WAY, what_lies_ahead
from candidates.enums import ApplicationState, TrackState, Verdict
from candidates.models import Application, ApplicationTrack
from candidates.services import applications as services
from candidates.services import intake
from reserve_portal.core import clock
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.regulations.models import Deadline

from .applying import INSIDE, campaign, person, submitted

pytestmark = pytest.mark.django_db
TOMSK = [
    "Зарегистрировать заявление",
    "Проверить документы",
    "Решить о допуске к оценке",
    "Пригласить на оценку",
    "Пройти оценку",
    "Решить о включении в резерв",
]


@pytest.fixture(autouse=True)
def inside_the_window(settings, tmp_path):
    settings.MEDIA_ROOT, settings.STATIC_ROOT = tmp_path / "files", tmp_path
    load_calendar_quickly()
    with clock.travel(INSIDE):
        yield


def ahead_of(application):
    application.refresh_from_db()
    rows = list(Deadline.objects.open().about(application).select_related("limit"))
    return what_lies_ahead(application, list(application.tracks.all()), rows)


def page_of(application):
    client = Client()
    client.force_login(application.user)
    return client.get(reverse("candidates:application", args=[application.pk])).content.decode()


def test_a_submitted_application_has_its_whole_way_ahead_with_the_first_day_dated():
    """O3.4: five working days; what is not dated yet has its term in words, with the clause."""
    application = submitted()
    steps = ahead_of(application)
    assert [step.what for step in steps] == TOMSK == [stage.what for stage in WAY]
    assert [row.due_on for row in steps[0].deadlines] == [date(2026, 3, 27)] and not steps[0].term
    assert steps[1].term == "10 рабочих дней (образец)" and steps[0].who == "оператор"
    text = page_of(application)
    assert "Заявление подано" in text and "27 марта 2026" in text and "Кто действует: оператор" in text
    assert text.index("Заявление подано") < text.index(TOMSK[0]) < text.index(TOMSK[5])
    assert text.count("timeline-now") == 1 and text.count("timeline-ahead") == 5


def test_the_bodies_that_decide_are_named_in_their_order():
    """O3.11, O3.12: the expert commission, then the authorised body."""
    application = submitted(of=campaign("orenburg"))
    decision = next(step for step in ahead_of(application) if step.what == TOMSK[2])
    first, second = decision.who.split(", затем ")
    assert "Экспертная комиссия" in first and "совет" in second


def test_in_a_correction_round_the_candidate_acts_first_and_knows_by_when():
    application = submitted()
    operator = person("op@demo.example", ("operator",))
    intake.register_application(application, actor=operator)
    for item in services.slots_of(application):
        ground = application.campaign.edition.grounds.filter(kind="correction").first()
        verdict = Verdict.CORRECT if item.present_files else Verdict.PENDING
        if verdict == Verdict.CORRECT:
            intake.review_item(item, verdict=verdict, ground=ground, words="Не видно", actor=operator)
    intake.request_correction(application, actor=operator)
    steps = ahead_of(application)
    assert (steps[0].what, steps[0].who) == ("Исправить отмеченные документы", "вы")
    assert [row.limit.closes for row in steps[0].deadlines][:1] == ["correction.done"]
    assert [step.what for step in steps[1:]] == TOMSK[1:]


@pytest.mark.parametrize(
    ("state", "first"),
    [
        (TrackState.PENDING, 2),
        (TrackState.ADMITTED, 3),
        (TrackState.INVITED, 4),
        (TrackState.NO_SHOW, 4),
        (TrackState.ASSESSED, 5),
        (TrackState.NOT_ADMITTED, None),
        (TrackState.DECLINED, None),
        (TrackState.INCLUDED, None),
        (TrackState.NOT_INCLUDED, None),
        (TrackState.WITHDRAWN, None),
    ],
)
def test_after_the_review_the_way_follows_the_tracks(state, first):
    application = submitted()
    Application.objects.update(state=ApplicationState.REVIEWED)
    ApplicationTrack.objects.update(state=state)
    assert [step.what for step in ahead_of(application)] == ([] if first is None else TOMSK[first:])
    assert page_of(application)


@pytest.mark.parametrize("state", [ApplicationState.REFUSED, ApplicationState.WITHDRAWN])
def test_an_application_that_has_ended_has_nothing_ahead(state):
    application = submitted()
    Application.objects.update(state=state)
    assert ahead_of(application) == []
    assert "timeline-ahead" not in page_of(application)


def test_the_operators_inner_limit_is_not_told_to_the_candidate_but_the_own_one_is():
    """O3.8: «refuse, if the package is incomplete» is the operator's; a limit of one's own never vanishes."""
    application = submitted(of=campaign("orenburg"))
    intake.register_application(application, actor=person("op@demo.example", ("operator",)))
    steps = ahead_of(application)
    assert {row.limit.closes for row in steps[0].deadlines} == {"application.reviewed"}
    assert "неполного пакета" not in page_of(application)
    Deadline.objects.filter(limit__closes="application.completeness_checked").update(
        responsible_user=application.user
    )
    assert len(ahead_of(application)[0].deadlines) == 2
