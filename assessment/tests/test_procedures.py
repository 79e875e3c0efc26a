from datetime import date, timedelta
from decimal import Decimal

import pytest

from assessment.enums import ProcedureState
from assessment.models import Procedure
from assessment.services.absences import mark_no_shows
from assessment.services.dates import earliest_start, latest_day_for
from assessment.services.invitations import appoint_second_date, invite_candidates, publish_questions
from assessment.services.procedures import (
    change_procedure,
    close_procedure,
    create_procedure,
    follow_procedures,
    schedule_procedure,
)
from assessment.services.statistics import section_statistics
from assessment.tests.factories import (
    LAST_DAY,
    START,
    decide_borders,
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
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Deadline

pytestmark = pytest.mark.django_db
D = Decimal


def deadline(procedure: Procedure, code: str) -> Deadline:
    return Deadline.objects.about(procedure).filter(limit__code=code).order_by("-pk").first()


def scheduled(campaign, operator, **fields):
    procedure = make_procedure(campaign, operator, **fields)
    with clock.travel(moment(date(2026, 11, 23))):
        decide_borders(procedure, operator)
        schedule_procedure(procedure, actor=operator)
    return procedure


def test_procedure_proposes_what_the_edition_sets(campaign, operator):
    """T3, T4: three directions, 70 %, no yellow zone."""
    procedure = make_procedure(campaign, operator)
    assert (procedure.threshold_percent, procedure.green_percent, procedure.attempt) == (D(70), None, "best")
    assert [(row.code, row.maximum) for row in procedure.sections.all()] == [
        ("policy", D(20)),
        ("psychology", D(20)),
        ("case", D(60)),
    ]


def test_zones_and_borders_come_from_the_edition_of_the_other_region(db):
    """O3.15, O3.17: minimum and green border proposed, set for each procedure by decision."""
    edition = make_edition("orenburg")
    operator = make_person("operator")
    procedure = make_procedure(make_campaign(edition), operator)
    assert (procedure.threshold_percent, procedure.green_percent) == (D(70), D(85))
    own = make_procedure(make_campaign(edition), operator, threshold_percent=D(60), green_percent=D("82.5"))
    assert (own.threshold_percent, own.green_percent) == (D(60), D("82.5"))


def test_green_border_below_the_threshold_is_refused(db):
    """O3.17: the green zone lies above the minimum."""
    edition = make_edition("orenburg")
    with pytest.raises(GateShut, match="не может быть ниже порога"):
        make_procedure(make_campaign(edition), make_person("operator"), green_percent=D(50))
    assert not Procedure.objects.exists()


def test_end_before_the_start_is_refused(campaign, operator):
    with pytest.raises(GateShut, match="позже начала"):
        make_procedure(campaign, operator, ends_at=moment(date(2026, 12, 1)))


def test_schedule_opens_the_limits_before_the_start(campaign, operator):
    """T3: invitation and sample questions are due a week before the start."""
    procedure = scheduled(campaign, operator)
    assert procedure.state == ProcedureState.SCHEDULED
    assert deadline(procedure, "invitation").due_on == LAST_DAY
    assert deadline(procedure, "sample_questions").due_on == LAST_DAY


def test_schedule_of_a_past_date_is_refused(campaign, operator):
    procedure = make_procedure(campaign, operator)
    with clock.travel(moment(date(2026, 12, 15))), pytest.raises(GateShut, match="уже прошло"):
        schedule_procedure(procedure, actor=operator)


def test_a_year_without_calendar_blocks_the_schedule_with_a_sentence(campaign, operator):
    procedure = make_procedure(
        campaign, operator, starts_at=moment(date(2035, 3, 1)), ends_at=moment(date(2035, 3, 2))
    )
    with clock.travel(moment(date(2026, 11, 23))), pytest.raises(GateShut, match="2035"):
        schedule_procedure(procedure, actor=operator)


def test_invitation_on_the_last_day_is_in_time(campaign, operator):
    """T3: exactly a week before the start."""
    track = make_track(campaign)
    procedure = scheduled(campaign, operator)
    with clock.travel(clock.end_of(LAST_DAY)):
        invite_candidates(procedure, actor=operator)
    track.refresh_from_db()
    assert track.state == TrackState.INVITED
    assert not deadline(procedure, "invitation").was_late


def test_invitation_a_day_late_is_blocked_and_names_the_earliest_start(campaign, operator):
    """T3: a day late; the reason, the last day and the earliest possible start are named, nothing is changed."""
    track = make_track(campaign)
    procedure = scheduled(campaign, operator)
    late = LAST_DAY + timedelta(days=1)
    with clock.travel(moment(late)), pytest.raises(GateShut) as shut:
        invite_candidates(procedure, actor=operator)
    text = str(shut.value)
    assert "7 декабря 2026" in text and "14 декабря 2026" in text and "15 декабря 2026" in text
    track.refresh_from_db()
    assert track.state == TrackState.ADMITTED
    assert not Letter.objects.exists() and not procedure.invitations.exists()


def test_last_day_before_a_holiday_rolls_back(campaign, operator):
    """T3: a notice due on a non-working day is given on the working day before, never after."""
    procedure = make_procedure(campaign, operator, starts_at=moment(date(2026, 12, 13)))
    assert latest_day_for(procedure, "procedure.invited") == date(2026, 12, 4)
    with clock.travel(moment(date(2026, 12, 5))):  # a Saturday
        assert earliest_start(procedure) == date(2026, 12, 14)


def test_another_period_of_the_edition_moves_the_last_day(campaign, operator):
    """T3 is data: two weeks in place of one."""
    campaign.edition.time_limits.filter(code="invitation").update(amount=2)
    procedure = make_procedure(campaign, operator)
    assert latest_day_for(procedure, "procedure.invited") == date(2026, 11, 30)


def test_everybody_admitted_gets_one_letter(campaign, operator):
    """T3: by e-mail, with place, time and instruction; a second call invites only the new ones."""
    tracks = [make_track(campaign) for _ in range(2)]
    make_track(campaign, state=TrackState.NOT_ADMITTED)
    procedure = scheduled(campaign, operator, instructions="Возьмите паспорт.")
    with clock.travel(moment(date(2026, 12, 1))):
        assert len(invite_candidates(procedure, actor=operator)) == 2
        with pytest.raises(GateShut, match="Нет допущенных"):
            invite_candidates(procedure, actor=operator)
        late_one = make_track(campaign)
        assert len(invite_candidates(procedure, actor=operator)) == 1
    letters = Letter.objects.filter(kind="assessment.invited")
    assert {letter.to for letter in letters} == {track.application.user for track in [*tracks, late_one]}
    assert "Возьмите паспорт." in letters[0].body and "https://do.example.org/course/7" in letters[0].body
    assert "14 декабря 2026" in letters[0].body


def test_a_person_in_two_groups_gets_one_letter(db):
    """O1.15: two tracks, one person."""
    campaign = make_campaign(make_edition("orenburg"))
    operator = make_person("operator")
    first = make_track(campaign)
    make_track(campaign, application=first.application, group=1)
    procedure = scheduled(campaign, operator)
    with clock.travel(moment(date(2026, 12, 1))):
        assert len(invite_candidates(procedure, actor=operator)) == 2
    assert Letter.objects.filter(kind="assessment.invited").count() == 1


def test_draft_and_running_procedures_invite_nobody(campaign, operator):
    make_track(campaign)
    procedure = make_procedure(campaign, operator)
    with pytest.raises(GateShut, match="Сначала назначьте"):
        invite_candidates(procedure, actor=operator)
    running = make_open_procedure(campaign, operator)
    with clock.travel(moment(START, 12)), pytest.raises(GateShut, match="уже началась"):
        invite_candidates(running, actor=operator)


def test_sample_questions_are_published_in_time(campaign, operator):
    """T3: not later than a week before the start; the limit closes."""
    procedure = scheduled(campaign, operator)
    with clock.travel(clock.end_of(LAST_DAY)):
        publish_questions(procedure, text="Что такое ФГОС?", actor=operator)
    assert procedure.sample_questions == "Что такое ФГОС?"
    row = deadline(procedure, "sample_questions")
    assert row.closed_on == LAST_DAY and not row.was_late


def test_sample_questions_a_day_late_count_as_late(campaign, operator):
    """T3: late questions are published and the limit shows the delay."""
    procedure = scheduled(campaign, operator)
    with clock.travel(moment(LAST_DAY + timedelta(days=1))):
        publish_questions(procedure, text="Что такое ФГОС?", actor=operator)
    assert deadline(procedure, "sample_questions").was_late


def test_questions_without_text_or_after_the_start_are_refused(campaign, operator):
    procedure = scheduled(campaign, operator)
    with clock.travel(moment(date(2026, 12, 1))), pytest.raises(GateShut, match="Напишите"):
        publish_questions(procedure, text=" ", actor=operator)
    with clock.travel(moment(START, 10)), pytest.raises(GateShut, match="уже началась"):
        publish_questions(procedure, text="Вопрос", actor=operator)


def test_procedure_opens_and_ends_by_its_times(campaign, operator):
    """T4: the end of the procedure starts the ten working days; twice does no harm."""
    procedure = scheduled(campaign, operator)
    with clock.travel(moment(START, 10) - timedelta(seconds=1)):
        assert follow_procedures() == 0
    with clock.travel(moment(START, 10)):
        assert follow_procedures() == 1
        assert follow_procedures() == 0
    with clock.travel(moment(date(2026, 12, 20))):  # the sweep comes late: the limit counts from the true end
        assert follow_procedures() == 1
    procedure.refresh_from_db()
    assert procedure.state == ProcedureState.ENDED
    assert deadline(procedure, "results").opened_on == date(2026, 12, 16)
    assert deadline(procedure, "results").due_on == date(2026, 12, 30)


def test_closing_ends_the_limit_of_the_results(campaign, operator):
    """T4: the list is approved within ten working days of the end."""
    make_track(campaign)
    procedure = make_open_procedure(campaign, operator, ended=True)
    with clock.travel(moment(date(2026, 12, 25))):
        close_procedure(procedure, actor=operator)
        close_procedure(procedure, actor=operator)
    assert procedure.state == ProcedureState.CLOSED
    assert deadline(procedure, "results").closed_on == date(2026, 12, 25)


def test_a_running_procedure_cannot_be_closed(campaign, operator):
    make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    with pytest.raises(TransitionRefused):
        close_procedure(procedure, actor=operator)


@pytest.mark.parametrize(
    "change",
    [
        {"threshold_percent": D(60)},
        {"green_percent": D(90)},
        {"attempt": "last"},
        {"sections": [{"code": "policy", "name": "Одно", "maximum": D(100)}]},
    ],
)
def test_borders_are_frozen_once_the_procedure_opens(campaign, operator, change):
    """O3.15, O3.17: threshold, green border, attempt and directions change before the start and never after."""
    make_track(campaign)
    procedure = scheduled(campaign, operator)
    with clock.travel(moment(START, 10) - timedelta(seconds=1)):
        change_procedure(procedure, actor=operator, **change)
    other = scheduled(campaign, operator)
    with clock.travel(moment(START, 10)):
        with pytest.raises(GateShut, match="закреплены"):  # the sweep has not come yet
            change_procedure(other, actor=operator, **change)
        follow_procedures()
        other.refresh_from_db()
        with pytest.raises(GateShut, match="закреплены"):
            change_procedure(other, actor=operator, **change)
    other.refresh_from_db()
    assert (other.threshold_percent, other.sections.count()) == (D(70), 3)


def test_a_moved_start_moves_its_limits(campaign, operator):
    """T3: as long as nobody is invited, the date may be moved; the old limits fall away."""
    track = make_track(campaign)
    procedure = scheduled(campaign, operator)
    with clock.travel(moment(date(2026, 12, 8))):
        dates = {"starts_at": moment(date(2026, 12, 15), 10)}
        change_procedure(procedure, actor=operator, **dates)
        invite_candidates(procedure, actor=operator)
        with pytest.raises(GateShut, match="уже приглашены"):
            change_procedure(procedure, actor=operator, starts_at=moment(date(2026, 12, 15), 12))
    track.refresh_from_db()
    assert track.state == TrackState.INVITED
    rows = Deadline.objects.about(procedure).filter(limit__code="invitation").order_by("pk")
    assert [(row.due_on, row.cancelled) for row in rows] == [(LAST_DAY, True), (date(2026, 12, 8), False)]


def test_no_shows_are_marked_after_the_end_and_get_a_second_date(campaign, operator):
    """T3: who did not come is told; with a reason a second date is appointed, again a week ahead."""
    came, absent = make_track(campaign), make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    give(procedure, came, "20", "20", "60", actor=operator)
    with clock.travel(moment(date(2026, 12, 17))):
        assert mark_no_shows(procedure, actor=operator) == 1
        with pytest.raises(GateShut, match="Неявившихся нет"):
            mark_no_shows(procedure, actor=operator)
    absent.refresh_from_db()
    assert absent.state == TrackState.NO_SHOW
    assert Letter.objects.filter(kind="assessment.no_show", to=absent.application.user).count() == 1
    second = make_procedure(
        campaign,
        operator,
        name="Резервный день",
        starts_at=moment(date(2026, 12, 28)),
        ends_at=moment(date(2026, 12, 29)),
    )
    with clock.travel(moment(date(2026, 12, 17))):
        schedule_procedure(second, actor=operator)
        with pytest.raises(GateShut, match="причину"):
            appoint_second_date(absent, procedure=second, actor=operator, reason=" ")
        appoint_second_date(absent, procedure=second, actor=operator, reason="Больничный лист")
    absent.refresh_from_db()
    assert absent.state == TrackState.INVITED
    assert Letter.objects.filter(kind="assessment.second_date", to=absent.application.user).count() == 1


def test_no_shows_are_not_marked_while_it_runs(campaign, operator):
    make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    with clock.travel(moment(START, 13)), pytest.raises(GateShut, match="после окончания"):
        mark_no_shows(procedure, actor=operator)


def test_statistics_by_direction(campaign, operator):
    """T4: mean and share of each direction."""
    tracks = [make_track(campaign), make_track(campaign)]
    procedure = make_open_procedure(campaign, operator)
    give(procedure, tracks[0], "20", "10", "30", actor=operator)
    give(procedure, tracks[1], "15", "10", "40", actor=operator)
    rows = section_statistics(procedure)
    assert [(row["count"], row["mean"], row["share"]) for row in rows] == [
        (2, D("17.50"), D("87.5")),
        (2, D("10.00"), D("50.0")),
        (2, D("35.00"), D("58.3")),
    ]


def test_unknown_region_parameters_do_not_leak(campaign, operator):
    with pytest.raises(TypeError):
        change_procedure(make_procedure(campaign, operator), actor=operator, state="open")
    with pytest.raises(GateShut, match="хотя бы одно направление"):
        create_procedure(
            campaign,
            name="Без направлений",
            starts_at=moment(START),
            ends_at=moment(date(2026, 12, 16)),
            place="здесь",
            actor=operator,
            sections=[],
        )
