import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from assessment.enums import Zone
from assessment.models import Result
from assessment.perms import can_manage_procedures, can_view_result, can_view_results, can_view_route
from assessment.services.procedures import close_procedure
from assessment.services.results import store_result
from assessment.tests.factories import (
    decide,
    give,
    make_campaign,
    make_edition,
    make_open_procedure,
    make_person,
    make_procedure,
    make_track,
    moment,
)
from candidates.enums import TrackState
from commissions.models import DecisionList
from reserve_portal.accounts.enums import Role
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.models import TransitionLog

D = Decimal


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("points", "passed"),
    [(("14", "15.99", "40"), False), (("14", "16", "40"), True), (("14", "16.01", "40"), True)],
)
def test_seventy_per_cent_exactly(campaign, operator, points, passed):
    """T4: 69.99 of 100 does not pass, 70 and 70.01 do; nothing is rounded."""
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    result = give(procedure, track, *points, actor=operator)
    assert (result.passed, result.zone) == (passed, Zone.GREEN if passed else Zone.RED)
    track.refresh_from_db()
    assert track.state == TrackState.ASSESSED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("points", "zone"),
    [("69.99", "red"), ("70", "yellow"), ("84.99", "yellow"), ("85", "green"), ("85.01", "green")],
)
def test_zones_by_the_borders_of_the_procedure(db, points, zone):
    """O3.17-3.21: red below the minimum, green from the green border on."""
    campaign = make_campaign(make_edition("orenburg"))
    operator = make_person("operator")
    track = make_track(campaign)
    procedure = make_open_procedure(
        campaign, operator, sections=[{"code": "test", "name": "Тест", "maximum": D(100)}]
    )
    assert give(procedure, track, points, actor=operator).zone == zone


@pytest.mark.django_db
def test_equal_points_share_a_place(campaign, operator):
    """O3.23: 1, 2, 2, 4, recomputed with every result."""
    tracks = [make_track(campaign) for _ in range(4)]
    procedure = make_open_procedure(campaign, operator)
    for track, case in zip(tracks, ["30", "60", "45", "45"], strict=True):
        give(procedure, track, "10", "10", case, actor=operator)
    assert [Result.objects.get(track=track).rank for track in tracks] == [4, 1, 2, 2]
    give(procedure, tracks[0], "10", "10", "60", actor=operator, reason="Апелляция")
    assert [Result.objects.get(track=track).rank for track in tracks] == [1, 1, 3, 3]


@pytest.mark.django_db
def test_a_correction_needs_a_reason_and_keeps_the_history(campaign, operator):
    """T4: assessed → assessed, who, why, from which points to which."""
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    give(procedure, track, "10", "10", "40", actor=operator)
    give(procedure, track, "10", "10", "40", actor=operator)  # the same again changes nothing
    with pytest.raises(GateShut) as shut:
        give(procedure, track, "10", "10", "50", actor=operator)
    assert shut.value.blockers[0].field == "reason"
    assert Result.objects.get().points == D(60)
    result = give(procedure, track, "10", "10", "50", actor=operator, reason="Апелляция № 1")
    assert (result.points, result.passed) == (D(70), True)
    log = TransitionLog.objects.about(track).filter(transition="correct").get()
    assert "60 → 70" in log.reason and "Апелляция № 1" in log.reason and log.actor == operator
    event = AuditEvent.objects.get(action="assessment.correct_result")
    assert set(event.details["before"].values()) != set(event.details["after"].values())
    assert AuditEvent.objects.filter(action="assessment.store_result").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("points", "words"),
    [
        (("20.01", "10", "10"), "больше максимума"),
        (("-1", "10", "10"), "отрицательными"),
        (("NaN", "10", "10"), "не число"),
        (("1.12345678", "10", "10"), "слишком много знаков"),
    ],
)
def test_impossible_points_are_refused_at_their_field(campaign, operator, points, words):
    """T4: points between 0 and the maximum of their direction; nothing is stored otherwise."""
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    with pytest.raises(GateShut, match=words) as shut:
        give(procedure, track, *points, actor=operator)
    assert shut.value.blockers[0].field == f"section_{procedure.sections.first().pk}"
    assert not Result.objects.exists()


@pytest.mark.django_db
def test_results_only_for_the_invited_and_only_while_it_takes_them(campaign, operator):
    track, stranger = make_track(campaign), make_track(campaign, state=TrackState.NOT_ADMITTED)
    draft = make_procedure(campaign, operator)
    with pytest.raises(GateShut, match="ещё не началась"):
        give(draft, track, "1", "1", "1", actor=operator)
    procedure = make_open_procedure(campaign, operator, ended=True)
    with pytest.raises(GateShut, match="не приглашён"):
        give(procedure, stranger, "1", "1", "1", actor=operator)
    with pytest.raises(GateShut, match="нет баллов"):
        store_result(procedure, track=track, scores={}, actor=operator)
    with clock.travel(moment(date(2026, 12, 25))):
        close_procedure(procedure, actor=operator)
    with pytest.raises(GateShut, match="Итоги подведены"):
        give(procedure, track, "1", "1", "1", actor=operator)


@pytest.mark.django_db
def test_results_stand_still_once_the_list_is_at_the_body(campaign, operator):
    """T4: the commission decides on what it was sent."""
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    give(procedure, track, "10", "10", "40", actor=operator)
    DecisionList.objects.create(
        decision="inclusion", edition=campaign.edition, title="Список", state="sent", subject=procedure
    )
    with pytest.raises(GateShut, match="передан комиссии"):
        give(procedure, track, "10", "10", "50", actor=operator, reason="Апелляция")


@pytest.mark.django_db
def test_a_candidate_sees_nothing_before_the_decision(campaign, operator):
    """T4: the own result after the decision on inclusion alone; another's never."""
    track, other = make_track(campaign), make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    result = give(procedure, track, "10", "10", "40", actor=operator)
    user = track.application.user
    assert not can_view_result(user, result) and not Result.objects.visible_to(user).exists()
    decide(track, included=False)
    result = Result.objects.get()
    assert can_view_result(user, result) and Result.objects.visible_to(user).get() == result
    assert not can_view_result(other.application.user, result)
    assert not Result.objects.visible_to(other.application.user).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role.values)
def test_results_of_others_by_role(campaign, operator, role):
    """process.md 12: operator, authority, auditor; a member only with the list on the agenda."""
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    result = give(procedure, track, "10", "10", "40", actor=operator)
    person = make_person(role)
    allowed = role in {Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR}
    assert can_view_results(person, procedure) is allowed
    assert can_view_result(person, result) is allowed
    assert Result.objects.visible_to(person).exists() is allowed
    assert can_manage_procedures(person) is (role == Role.OPERATOR)


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role.values)
def test_routes_by_role(campaign, operator, role):
    from assessment.services.routes import draft_route

    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    give(procedure, track, "10", "10", "10", actor=operator)
    decide(track, included=False)
    route = draft_route(track, actor=operator)
    assert can_view_route(make_person(role), route) is (role in {Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR})
    assert not can_view_route(track.application.user, route)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_results_at_once_leave_whole_places():
    """O3.23: writers of one procedure queue; no place is lost."""
    edition = make_edition()
    campaign, operator = make_campaign(edition), make_person("operator")
    tracks = [make_track(campaign) for _ in range(4)]
    procedure = make_open_procedure(campaign, operator)
    cases = ["30", "60", "45", "45"]

    def work(track, case):
        try:
            give(procedure, track, "10", "10", case, actor=operator)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in zip(tracks, cases, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [Result.objects.get(track=track).rank for track in tracks] == [4, 1, 2, 2]
