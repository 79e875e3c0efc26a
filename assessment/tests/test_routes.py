from datetime import date
from decimal import Decimal

import pytest

from assessment.eligibility import inclusion_possible_from, waiting_blockers
from assessment.enums import RouteState
from assessment.models import LearningRoute, Programme
from assessment.services.routes import change_route, draft_route, send_route
from assessment.tests.factories import (
    decide,
    give,
    make_campaign,
    make_edition,
    make_open_procedure,
    make_person,
    make_track,
    moment,
)
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def with_parameter(edition, key, value):
    edition.parameters.filter(key=key).update(value=value)
    return type(edition).objects.get(pk=edition.pk)


def failed(campaign, operator, *points):
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    give(procedure, track, *(points or ("18", "8", "30")), actor=operator)
    decide(track, included=False)
    return track


def test_route_is_drafted_from_weak_directions_and_the_catalogue(campaign, operator):
    """T5: directions below the threshold, the weakest first, each with its programmes."""
    Programme.objects.create(
        name="Психология руководителя", section_code="psychology", organiser="Институт", hours=36
    )
    Programme.objects.create(name="Разбор кейсов", section_code="case", organiser="Институт")
    Programme.objects.create(name="Не предлагать", section_code="case", organiser="Институт", is_active=False)
    Programme.objects.create(name="Политика", section_code="policy", organiser="Институт")
    track = failed(campaign, operator)
    route = draft_route(track, actor=operator)
    assert [item.programme for item in route.items.all()] == ["Психология руководителя", "Разбор кейсов"]
    assert route.deficits.splitlines()[0] == "Психология управления: 8 из 20 баллов (40 %)"
    assert route.possible_from == date(2027, 12, 25)
    assert draft_route(track, actor=operator) == route


def test_no_route_where_the_edition_has_none_or_the_threshold_was_reached(campaign, operator):
    """O3.21 has no route; T5 speaks of those below the threshold."""
    assert draft_route(failed(campaign, operator, "20", "20", "60"), actor=operator) is None
    campaign.edition.parameters.filter(key="learning_route").update(value=False)
    assert draft_route(failed(make_campaign(campaign.edition), operator), actor=operator) is None
    assert not LearningRoute.objects.exists()


def test_route_is_edited_approved_and_sent_once(campaign, operator):
    """T5: the operator edits and approves; letter and PDF; the person sees it only then."""
    track = failed(campaign, operator)
    user = track.application.user
    route = draft_route(track, actor=operator)
    with pytest.raises(GateShut, match="ни одной программы"):
        send_route(route, actor=operator)
    item = {
        "section_name": "Психология управления",
        "programme": "Тренинг",
        "organiser": "Институт",
        "hours": 16,
    }
    change_route(route, deficits="Психология", words="Начать с весны", items=[item], actor=operator)
    assert not LearningRoute.objects.visible_to(user).exists()
    operator.post = "Методист отдела оценки"
    paper = send_route(route, actor=operator)
    assert "Методист отдела оценки" in paper.html and operator.short_name in paper.html
    assert route.state == RouteState.SENT and paper.person == user and paper.number.startswith("ИОМ-")
    assert LearningRoute.objects.visible_to(user).get() == route
    letter = Letter.objects.get(kind="route.sent")
    assert letter.to == user and "Тренинг" in letter.body and "25 декабря 2027" in letter.body
    with pytest.raises(GateShut, match="уже отправлен"):
        change_route(route, deficits="Другое", words="", items=[], actor=operator)
    with pytest.raises(GateShut, match="уже отправлен"):
        send_route(route, actor=operator)
    assert IssuedPaper.objects.filter(kind="learning_route").count() == 1


def test_inclusion_again_a_year_after_the_decision(campaign, operator):
    """T5: not before a year; on the day itself nothing hinders."""
    track = failed(campaign, operator)
    user, edition = track.application.user, campaign.edition
    assert inclusion_possible_from(user, edition, date(2027, 12, 24)) == date(2027, 12, 25)
    assert inclusion_possible_from(user, edition, date(2027, 12, 25)) is None
    with clock.travel(moment(date(2027, 3, 1))):
        assert inclusion_possible_from(user, edition) == date(2027, 12, 25)
    assert inclusion_possible_from(make_person("candidate"), edition) is None


def test_whether_one_may_apply_while_waiting_is_a_setting(campaign, operator):
    """T5: Tomsk lets one apply earlier; another edition may not."""
    user = failed(campaign, operator).application.user
    assert waiting_blockers(user, campaign.edition, date(2027, 3, 1)) == []
    strict = with_parameter(campaign.edition, "apply_while_waiting", False)
    blockers = waiting_blockers(user, strict, date(2027, 3, 1))
    assert "25 декабря 2027" in blockers[0].text and "п. 5 алгоритма" in blockers[0].text
    assert waiting_blockers(user, strict, date(2027, 12, 25)) == []


def test_no_waiting_where_the_edition_sets_none(campaign, operator):
    """O3.21: no waiting; and six months where an edition says so."""
    user = failed(campaign, operator).application.user
    assert inclusion_possible_from(user, make_edition("orenburg"), date(2027, 1, 1)) is None
    half = with_parameter(campaign.edition, "wait_months", 6)
    assert inclusion_possible_from(user, half, date(2027, 1, 1)) == date(2027, 6, 25)


def test_who_passed_but_was_not_included_waits_for_nothing(campaign, operator):
    """T5 binds those below the threshold alone."""
    user = failed(campaign, operator, "20", "20", "60").application.user
    assert inclusion_possible_from(user, campaign.edition, date(2027, 1, 1)) is None
    assert Decimal(campaign.edition.value("threshold_percent")) == 70
