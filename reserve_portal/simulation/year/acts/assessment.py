"""The assessment: invitations, declines, absences and second dates, points around the border, who is to be included."""

from datetime import time
from typing import Any

from assessment.models import LearningRoute, Procedure, Result
from assessment.services import imports, procedures
from assessment.services import invitations as notices
from assessment.services.absences import absent_invitations, mark_no_shows
from assessment.services.results import issue_results_sheet, store_result
from assessment.services.routes import route_blockers, send_route
from candidates.enums import TrackState
from candidates.models import ApplicationTrack, Campaign
from candidates.workflow import TRACK
from commissions.models import DecisionList
from commissions.services import send_list
from reserve_portal.core import calendar, clock
from reservists.services import membership

from ...story import moodle_export
from ..year import Year
from . import appeals, bodies, development, experts, reserve

QUESTIONS = "1. Какие полномочия в сфере образования есть у муниципалитета?\n\n2. С чего вы начнёте?"
ROUTES_SENT = 12  # routes sent by the operator in one intake


def announce(year: Year, campaign: Campaign) -> None:
    """Appoint a procedure for those admitted and not yet invited."""
    first = notices.waiting_tracks(_unsaved(campaign))
    if first.exists():
        procedure = _appoint(year, campaign, f"Оценка: {campaign.name}, {_count(campaign)}")
        invitations = notices.invite_candidates(procedure, actor=year.cast["operator"])
        for track in [item.track for item in invitations]:
            if year.dice("declines", track.application.user.email, track.target_group.code).random() < 0.04:
                year.soon(3, _decline, year, track, hour=19)
        experts.call(year, procedure)


def _appoint(year: Year, campaign: Campaign, name: str) -> Procedure:
    operator = year.cast["operator"]
    starts = calendar.add_working_days(clock.today(), 9)
    ends = calendar.add_working_days(starts, 2)
    procedure = procedures.create_procedure(
        campaign,
        name=name,
        starts_at=clock.at(starts, time(9)),
        ends_at=clock.at(ends, time(18)),
        place="https://testing.demo.example/",
        instructions="На тест — 90 минут.",
        actor=operator,
    )
    experts.decide(year, procedure)
    procedures.schedule_procedure(procedure, actor=operator)
    year.plan(starts, 9, 1, procedures.follow_procedures)
    year.plan(ends, 18, 1, procedures.follow_procedures)
    late = year.dice("questions", name).random() < 0.25
    year.soon(8 if late else 1, _publish, year, procedure, hour=15)
    year.plan(ends, 18, 5, _import, year, procedure)
    year.plan(calendar.add_working_days(ends, 1), 11, 0, _mark_absent, year, procedure)
    days = year.dice("results", name).choices((2, 3, 5, 9), (40, 30, 20, 10))[0]
    year.plan(calendar.add_working_days(ends, days), 14, 0, _propose_inclusion, year, procedure)
    return procedure


def _publish(year: Year, procedure: Procedure) -> None:
    notices.publish_questions(procedure, text=QUESTIONS, actor=year.cast["operator"])


def _decline(year: Year, track: ApplicationTrack) -> None:
    track.refresh_from_db()
    if TRACK.is_open(track, "decline"):
        notices.decline_assessment(track, actor=track.application.user)


def _import(year: Year, procedure: Procedure) -> None:
    """The platform's export of everybody who came; later one result is corrected, and some people appeal."""
    procedure.refresh_from_db()
    here = procedure.invitations.filter(track__state=TrackState.INVITED).select_related(
        "track__application__user"
    )
    people = list(dict.fromkeys(row.track.application.user for row in here.order_by("pk")))
    came = [user for user in people if not _stays_away(year, user, procedure)]
    if not came:
        return
    points = []
    for user in came:
        scores = experts.points_of(year, user, procedure)
        points.append((user, [scores[section.pk] for section in procedure.platform_sections]))
    data = moodle_export(procedure, points)
    operator = year.cast["operator"]
    imports.apply_import(procedure, name="Оценки теста.csv", data=data, actor=operator)
    imports.apply_import(procedure, name="Оценки теста.csv", data=data, actor=operator)
    year.soon(1, _correct, year, procedure, hour=16)
    appeals.begin_with(year, procedure)


def _stays_away(year: Year, user: Any, procedure: Procedure) -> bool:
    """Once; to a second date people come."""
    return year.dice("absent", user.email).random() < 0.06 and procedure.name.startswith("Оценка")


def _correct(year: Year, procedure: Procedure) -> None:
    """The operator finds a slip in one answer's key: the result is corrected with a reason, and again ranked."""
    dice = year.dice("corrected", procedure.name)
    results = list(procedure.results.filter(track__state=TrackState.ASSESSED).order_by("pk"))
    if not results or dice.random() < 0.4:
        return
    result: Result = dice.choice(results)
    scores = appeals.one_point_more(result)
    if scores is not None:
        again: dict[str, Any] = {"track": result.track, "scores": scores, "actor": year.cast["operator"]}
        year.refused("исправление результата без причины", store_result, procedure, **again)
        store_result(procedure, **again, reason="Ошибка в ключе к заданию: ответ засчитан.")


def _mark_absent(year: Year, procedure: Procedure) -> None:
    """Those who did not come; half of them were ill and get a second date."""
    absent = [row.track for row in absent_invitations(procedure).order_by("pk")]
    if not absent:
        return
    mark_no_shows(procedure, actor=year.cast["operator"])
    excused = [track for track in absent if year.dice("ill", track.application.user.email).random() < 0.5]
    if excused:
        campaign = procedure.campaign
        second = _appoint(year, campaign, f"Вторая дата: {campaign.name}, {_count(campaign)}")
        for track in excused:
            track.refresh_from_db()
            notices.appoint_second_date(
                track, procedure=second, actor=year.cast["operator"], reason="Был болен, справка есть."
            )
        experts.call(year, second)


def _propose_inclusion(year: Year, procedure: Procedure) -> None:
    if not membership.assessed_results(procedure):
        return
    operator = year.cast["operator"]
    procedure.refresh_from_db()
    if appeals.waits_for_answer(procedure):
        year.refused(
            "список для включения до ответа на апелляцию",
            membership.make_inclusion_list,
            procedure,
            actor=operator,
        )
        year.soon(1, _propose_inclusion, year, procedure, hour=14)
        return
    issue_results_sheet(procedure, actor=operator)
    experts.conclude_all(year, procedure)
    inclusion = membership.make_inclusion_list(procedure, actor=operator)
    send_list(inclusion, actor=operator)
    bodies.carry(year, inclusion, then=lambda: _after_inclusion(year, procedure, inclusion))


def _after_inclusion(year: Year, procedure: Procedure, inclusion: DecisionList) -> None:
    year.soon(1, appeals.after_decision, year, procedure, hour=18)
    reserve.issue_registry_later(year, inclusion)
    development.begin_with(year, inclusion)
    year.soon(3, _send_routes, year, hour=13)


def _send_routes(year: Year) -> None:
    """Learning routes of those below the threshold, where the edition knows them (T5)."""
    drafts = LearningRoute.objects.filter(state="draft").order_by("pk")[:ROUTES_SENT]
    for route in drafts:
        if not route_blockers(route):
            send_route(route, actor=year.cast["operator"])


def _count(campaign: Campaign) -> int:
    return campaign.procedures.count() + 1


def _unsaved(campaign: Campaign) -> Procedure:
    """A procedure that does not exist yet, to ask who waits for one."""
    return Procedure(campaign=campaign)
