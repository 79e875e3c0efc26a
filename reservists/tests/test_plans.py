"""The individual plan: written, agreed within a month, copied within two weeks, changed by new versions (O4.6-4.10)."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline, Ground
from reservists.development_rules import change_sheet, percent_done
from reservists.models import DevelopmentPlan, PlanItem
from reservists.services import development, plans
from reservists.services.exclusion import make_exclusion_list

from .development import add_item, guide_of, guided, make_mentor, make_plan
from .factories import ReservistFactory, assess, decide, make_procedure


def deadline(code: str) -> Deadline:
    return Deadline.objects.get(limit__code=code)


@pytest.mark.parametrize(
    ("included", "due"),
    [
        (date(2026, 1, 30), date(2026, 3, 2)),  # the month ends on Saturday 28 February
        (date(2026, 3, 11), date(2026, 4, 13)),  # 11 April is a Saturday
        (date(2026, 6, 15), date(2026, 7, 15)),
    ],
)
@pytest.mark.parametrize(
    ("shift", "overdue", "late"), [(-1, False, False), (0, False, False), (1, True, True)]
)
def test_the_plan_is_agreed_within_a_month_of_the_inclusion(
    orenburg, travel, included, due, shift, overdue, late
):
    """O4.9, limit 12: the day before, the last day, the day after; the reservist answers for it in person."""
    with travel(included):
        reservist = guided(orenburg)
        plan = make_plan(reservist, state="submitted", starts_on=date(2026, 8, 1), ends_on=date(2026, 9, 1))
    row = deadline("plan_agreed")
    assert row.due_on == due and row.responsible_user == reservist.user
    with travel(date.fromordinal(due.toordinal() + shift)):
        assert row.is_overdue == overdue
        assert (reservist.pk in development.late_deadlines([reservist])) == overdue
        plans.agree_plan(plan, actor=guide_of(reservist))
    row.refresh_from_db()
    assert not row.is_open and row.was_late == late


@pytest.mark.parametrize(
    ("agreed", "due"), [(date(2026, 3, 11), date(2026, 3, 25)), (date(2026, 4, 18), date(2026, 5, 4))]
)
@pytest.mark.parametrize(("shift", "late"), [(-1, False), (0, False), (1, True)])
def test_the_copy_is_sent_within_two_weeks_of_the_agreement(orenburg, travel, agreed, due, shift, late):
    """O4.9, limit 13; two weeks from 18 April end on Saturday 2 May, a holiday follows: the next working day."""
    with travel(agreed):
        plan = make_plan(
            guided(orenburg), state="agreed", starts_on=date(2026, 8, 1), ends_on=date(2026, 9, 1)
        )
    row = deadline("plan_copied")
    assert row.due_on == due
    with travel(date.fromordinal(due.toordinal() + shift)):
        assert row.is_overdue == late
        plans.send_copy(plan, actor=plan.reservist.user)
    row.refresh_from_db()
    plan.refresh_from_db()
    assert row.was_late == late and plan.state == "copied" and plan.copied_on == row.closed_on


def test_where_the_edition_knows_no_plans_nothing_is_due(tomsk):
    """Tomsk's text has events instead: no limit, no plan."""
    reservist = ReservistFactory(edition=tomsk)
    development.begin_development(reservist)
    assert not Deadline.objects.exists()
    with pytest.raises(GateShut, match="не знает планов"):
        plans.start_plan(reservist, year=2026, actor=reservist.user)


def test_a_plan_is_made_for_this_or_the_next_calendar_year_once(orenburg):
    """O4.10."""
    reservist = guided(orenburg)
    plans.start_plan(reservist, year=2026, actor=reservist.user)
    plans.start_plan(reservist, year=2027, actor=reservist.user)
    for year, words in ((2026, "уже есть"), (2025, "этот или на следующий"), (2028, "этот или на следующий")):
        with pytest.raises(GateShut, match=words):
            plans.start_plan(reservist, year=year, actor=reservist.user)
    left = ReservistFactory(edition=orenburg, state="excluded")
    with pytest.raises(GateShut, match="состоит в резерве"):
        plans.start_plan(left, year=2026, actor=left.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        DevelopmentPlan.objects.create(reservist=reservist, year=2026, version=2)


@pytest.mark.parametrize(
    ("points", "words"), [("86", "Тест: 86 из 100"), ("50", "Тест: 50 из 100"), ("100", "")]
)
def test_a_plan_starts_from_what_the_assessment_showed(orenburg, points, words):
    """O4.6: directions below the threshold, else those in which points were lost, else nothing."""
    result = assess(make_procedure(orenburg), points, concluded=False)
    reservist = guided(orenburg, track=result.track, user=result.track.application.user)
    plan = plans.start_plan(reservist, year=2026, actor=reservist.user)
    assert plan.deficits.startswith(words) and bool(plan.deficits) == bool(words)


def test_a_plan_starts_from_the_deficits_of_the_expert_conclusion(orenburg):
    """O3.18, O4.6: what the commission approved goes before what the portal computes."""
    result = assess(make_procedure(orenburg), "50")
    reservist = guided(orenburg, track=result.track, user=result.track.application.user)
    plan = plans.start_plan(reservist, year=2026, actor=reservist.user)
    assert plan.deficits == result.conclusion.deficits == "Правовые вопросы"


def test_a_row_lies_in_the_year_and_has_a_form_of_the_edition(orenburg):
    """O4.4: sixteen forms, data of the edition; O4.10: a calendar year."""
    assert len(orenburg.value("plan_forms")) == 16
    plan = plans.start_plan(guided(orenburg), year=2026, actor=None)
    with pytest.raises(GateShut, match="форму"):
        add_item(plan, form="Отпуск")
    for fields in ({"starts_on": date(2025, 12, 31)}, {"ends_on": date(2027, 1, 1)}):
        with pytest.raises(GateShut, match="2026"):
            add_item(plan, **fields)
    with pytest.raises(ValidationError, match="раньше начала"):
        add_item(plan, starts_on=date(2026, 7, 1))
    edge = add_item(plan, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    plans.remove_item(edge, actor=None)
    assert not plan.items.exists()


def test_an_incomplete_plan_is_not_sent(orenburg):
    """O4.6, O4.7: the composition is the edition's; without a mentor there is nobody to agree it."""
    reservist = ReservistFactory(edition=orenburg)
    plan = plans.start_plan(reservist, year=2026, actor=reservist.user)
    with pytest.raises(GateShut) as shut:
        plans.submit_plan(plan, actor=reservist.user)
    words = str(shut.value)
    assert all(part in words for part in ("наставник", "дефициты", "цели", "хотя бы один пункт"))
    add_item(plan, organiser="", evidence="")
    with pytest.raises(GateShut, match="организатор, подтверждение"):
        plans.submit_plan(plan, actor=reservist.user)


def test_the_mentor_returns_with_remarks_beside_the_rows_and_agrees_what_comes_again(orenburg):
    """O4.6, O4.9: draft → submitted → returned → submitted → agreed, each with its letter; the paper is issued."""
    reservist = guided(orenburg)
    plan = make_plan(reservist, state="submitted")
    mentor, item = guide_of(reservist), plan.items.get()
    assert Letter.objects.get(kind="plan.submitted").to == mentor
    with pytest.raises(GateShut, match="не редактируется"):
        add_item(plan)
    with pytest.raises(TransitionRefused, match="причину"):
        plans.return_plan(plan, remarks="", comments={}, actor=mentor)
    plans.return_plan(plan, remarks="Мало", comments={item.pk: "Назовите гимназию"}, actor=mentor)
    item.refresh_from_db()
    plan.refresh_from_db()
    assert (plan.state, plan.remarks, item.comments.get().text) == ("returned", "Мало", "Назовите гимназию")
    assert "Мало" in Letter.objects.get(kind="plan.returned").body
    plans.submit_plan(plan, actor=reservist.user)
    plans.agree_plan(plan, actor=mentor)
    plan.refresh_from_db()
    assert plan.state == "agreed" and plan.agreed_by.user == mentor and plan.agreed_on == clock.today()
    assert Letter.objects.get(kind="plan.agreed").to == reservist.user
    paper = IssuedPaper.objects.about(plan).get()
    assert paper.number == "ИПР-2026-0001" and paper.person == reservist.user
    with pytest.raises(TransitionRefused):
        plans.agree_plan(plan, actor=mentor)


def test_a_change_is_a_new_version_and_the_old_one_holds_until_it_is_agreed(orenburg):
    """The change sheet: old versions are kept, what was done stays done, a new copy is due."""
    reservist = guided(orenburg)
    plan = make_plan(reservist, state="copied")
    mentor = guide_of(reservist)
    change = plans.start_change(plan, reason="Новая программа", actor=reservist.user)
    with pytest.raises(GateShut, match="уже вносятся"):
        plans.start_change(plan, reason="ещё", actor=reservist.user)
    kept = change.items.get()
    plans.save_item(change, item=kept, actor=reservist.user, ends_on=date(2026, 9, 30))
    add_item(change, event="Курсы")
    plans.mark_progress(plan.items.get(), progress=60, actor=reservist.user)
    plans.submit_plan(change, actor=reservist.user)
    plan.refresh_from_db()
    assert plan.state == "copied"
    plans.agree_plan(change, actor=mentor)
    plan.refresh_from_db()
    kept.refresh_from_db()
    assert plan.state == "replaced" and kept.progress == 60
    assert DevelopmentPlan.objects.in_force().get().version == 2
    sheet = plans.changes_of(DevelopmentPlan.objects.get(version=2))
    assert {(row["what"], row["item"]) for row in sheet[0]["rows"]} == {
        ("изменено", "Стажировка в гимназии"),
        ("добавлено", "Курсы"),
    }
    assert {row.limit.code for row in Deadline.objects.open()} == {"plan_copied", "plan_report"}
    assert IssuedPaper.objects.filter(kind="development_plan").count() == 2


def test_a_change_may_be_given_up_a_first_plan_may_not(orenburg):
    """O4.9: the first plan is due; a discarded change leaves the plan in force and may be begun again."""
    reservist = guided(orenburg)
    first = make_plan(reservist)
    with pytest.raises(GateShut, match="Первый план"):
        plans.discard_change(first, actor=reservist.user)
    plans.submit_plan(first, actor=reservist.user)
    plans.agree_plan(first, actor=guide_of(reservist))
    for version in (2, 3):
        change = plans.start_change(first, reason="Передумал", actor=reservist.user)
        assert change.version == version
        plans.discard_change(change, actor=reservist.user)
    assert DevelopmentPlan.objects.in_force().get() == first


@pytest.mark.parametrize(("progress", "kept"), [(-1, False), (0, True), (100, True), (101, False)])
def test_progress_is_marked_in_a_plan_in_force_from_0_to_100(orenburg, progress, kept):
    """O4.2: progress is measured."""
    plan = make_plan(guided(orenburg), state="agreed")
    item = plan.items.get()
    if kept:
        plans.mark_progress(item, progress=progress, actor=plan.reservist.user)
        item.refresh_from_db()
        assert item.progress == progress and item.is_done == (progress == 100)
    else:
        with pytest.raises(GateShut, match="от 0 до 100"):
            plans.mark_progress(item, progress=progress, actor=plan.reservist.user)


def test_nothing_unfinished_shows_as_done():
    """O4.13: the mean is cut, not rounded, and exact."""
    assert str(percent_done([100, 100, 99])) == "99.6"
    assert (
        percent_done([100] * 2000 + [99]) < 100 and percent_done([100, 100]) == 100 and percent_done([]) == 0
    )


def test_a_change_sheet_names_added_removed_and_changed_rows():
    """The sheet tells by the row's own history, not by its words."""
    old = (
        PlanItem(pk=1, event="А", ends_on=date(2026, 6, 1)),
        PlanItem(pk=2, event="Б", ends_on=date(2026, 6, 1)),
    )
    same = PlanItem(pk=3, previous_id=1, event="А", ends_on=date(2026, 6, 1))
    renamed = PlanItem(pk=4, previous_id=1, event="В", ends_on=date(2026, 6, 1))
    assert [row["what"] for row in change_sheet(old, [same])] == ["исключено"]
    assert change_sheet(old[:1], [renamed]) == [
        {"what": "изменено", "item": "В", "words": "мероприятие: было «А», стало «В»"}
    ]
    assert change_sheet([], [same])[0]["what"] == "добавлено"


def test_limits_fall_away_with_the_exclusion_and_pause_with_an_appointment(orenburg, operator):
    """process.md 5: who left owes nothing; who was appointed owes nothing until it falls through."""
    reservist = guided(orenburg, make_mentor())
    plan = make_plan(reservist, state="agreed", starts_on=date(2026, 2, 1))
    codes = {row.limit.code for row in Deadline.objects.open()}
    assert codes == {"plan_copied", "plan_report"}
    development.pause_development(reservist)
    assert not Deadline.objects.open().exists() and development.own_deadlines(reservist) == []
    development.resume_development(reservist)
    assert {row.limit.code for row in Deadline.objects.open()} == codes
    ground = Ground.objects.get(edition=orenburg, kind="exclusion", code="own_wish")
    decide(make_exclusion_list(reservist, ground=ground, words="", actor=operator), actor=operator)
    assert not Deadline.objects.open().exists()
    assert reservist.assignments.get().until == clock.today()
    plan.refresh_from_db()
    assert plan.state == "agreed"  # history stays
