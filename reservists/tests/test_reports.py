"""Quarterly reports: due on the 30th of the quarter's third month, written, accepted or returned (O4.14)."""

from datetime import date

import pytest

from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.deadlines import due_date
from reserve_portal.regulations.models import Deadline, TimeLimit
from reservists.models import PlanReport, ReportRow
from reservists.services import development, plans, reports
from reservists.tasks import open_due_reports

from .development import add_item, guide_of, guided, make_plan, report_of

ROW = {"progress": 40, "done": "Две недели из пяти"}


def fill(report, **fields):
    for row in report.rows.all():
        reports.save_report_row(row, actor=report.reservist.user, **{**ROW, **fields})


@pytest.mark.parametrize(
    ("begins", "due"),
    [
        (date(2026, 1, 1), date(2026, 3, 30)),
        (date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2026, 12, 30)),
        (date(2025, 7, 1), date(2025, 9, 30)),
        (date(2025, 10, 1), date(2025, 12, 30)),
        (date(2024, 1, 1), date(2024, 3, 30)),  # a Saturday: the day does not roll
    ],
)
def test_a_report_is_due_on_the_30th_of_the_third_month(orenburg, begins, due):
    """O4.14, limit 14: that day, whatever day of the week it is, also where the month has 31."""
    assert due_date(TimeLimit.objects.get(edition=orenburg, code="plan_report"), begins) == due


@pytest.mark.parametrize(("day", "overdue"), [(29, False), (30, False), (31, True)])
def test_a_report_is_late_from_the_31st_on(orenburg, travel, day, overdue):
    """O4.14: the day before, the last day, the day after; handing in closes the limit of its own quarter."""
    plan = make_plan(guided(orenburg), state="agreed")
    report = report_of(plan)
    limit = Deadline.objects.about(report).get()
    assert limit.responsible_user == plan.reservist.user and limit.opened_on == date(2026, 1, 1)
    with travel(date(2026, 3, day)):
        assert limit.is_overdue == overdue
        fill(report)
        reports.submit_report(report, actor=plan.reservist.user)
    limit.refresh_from_db()
    assert limit.closed_on == date(2026, 3, day) and limit.was_late == overdue


@pytest.mark.parametrize(("agreed", "owes"), [(date(2026, 3, 30), True), (date(2026, 3, 31), False)])
def test_a_plan_agreed_after_the_day_owes_no_report_for_the_quarter(orenburg, travel, agreed, owes):
    """O4.14: the first report is that of the quarter whose day still lay ahead."""
    with travel(agreed):
        make_plan(guided(orenburg), state="agreed", starts_on=date(2026, 3, 1))
        open_due_reports()
    assert PlanReport.objects.filter(quarter=1).exists() == owes
    with travel(date(2026, 4, 1)):
        open_due_reports()
    assert PlanReport.objects.filter(quarter=2).count() == 1


def test_the_periodic_task_opens_each_report_once_also_when_late(orenburg, travel):
    """architecture.md: idempotent by period; a day late it does the right thing once."""
    plan = make_plan(guided(orenburg), state="agreed")
    make_plan(guided(orenburg), state="submitted")
    with travel(date(2026, 4, 2)):
        open_due_reports()
        open_due_reports()
    second = PlanReport.objects.get(quarter=2)
    assert second.reservist == plan.reservist
    assert Deadline.objects.about(second).get().due_on == date(2026, 6, 30)
    assert PlanReport.objects.count() == 2


def test_who_is_not_active_owes_no_report(orenburg, travel):
    """process.md 5: appointed and excluded people are left alone."""
    plan = make_plan(guided(orenburg), state="agreed")
    type(plan.reservist).objects.filter(pk=plan.reservist_id).update(state="appointed")
    with travel(date(2026, 4, 1)):
        assert reports.open_due_reports() == 0


def test_handing_in_one_quarter_leaves_another_one_late(orenburg, travel):
    """O4.14: each quarter has a limit of its own."""
    plan = make_plan(guided(orenburg), state="agreed", ends_on=date(2026, 9, 30))
    with travel(date(2026, 4, 6)):
        open_due_reports()
        second = PlanReport.objects.get(quarter=2)
        fill(second)
        reports.submit_report(second, actor=plan.reservist.user)
        late = development.late_deadlines([plan.reservist])[plan.reservist_id]
        assert {row.due_on for row in late} == {date(2026, 3, 30), date(2026, 3, 25)}  # the copy is late too


def test_a_report_speaks_about_rows_that_have_begun_and_are_not_done(orenburg, travel):
    """domain/requirements-and-forms.md: rows of the plan; what was reported as done is not asked again."""
    reservist = guided(orenburg)
    plan = make_plan(reservist)
    add_item(plan, event="Курсы", starts_on=date(2026, 5, 1))
    add_item(plan, event="Осенью", starts_on=date(2026, 7, 1), ends_on=date(2026, 8, 1))
    plans.submit_plan(plan, actor=reservist.user)
    plans.agree_plan(plan, actor=guide_of(reservist))
    first = report_of(plan)
    assert [row.item.event for row in first.rows.select_related("item")] == ["Стажировка в гимназии"]
    fill(first, progress=100, done="Всё", done_on=clock.today(), evidence="Дневник")
    reports.submit_report(first, actor=reservist.user)
    reports.accept_report(first, remarks="", actor=guide_of(reservist))
    with travel(date(2026, 4, 1)):
        open_due_reports()
    second = PlanReport.objects.get(quarter=2)
    assert [row.item.event for row in second.rows.select_related("item")] == ["Курсы"]


def test_a_row_says_what_is_needed_and_no_more(orenburg):
    """O4.14: done needs words, day and proof; late needs a reason and a later term; not begun needs nothing."""
    plan = make_plan(guided(orenburg), state="agreed", ends_on=date(2026, 3, 10))
    row = ReportRow.objects.select_related("report", "item").get()

    def lacks(**fields):
        row.progress, row.done, row.done_on, row.evidence, row.reason, row.new_term = (
            0,
            "",
            None,
            "",
            "",
            None,
        )
        for name, value in fields.items():
            setattr(row, name, value)
        return {blocker.field for blocker in reports.row_blockers(row)}

    assert lacks() == {"reason", "new_term"}
    assert lacks(progress=99) == {"done", "reason", "new_term"}
    assert lacks(progress=100) == {"done", "done_on", "evidence"}
    done = {"progress": 100, "done": "Всё", "evidence": "Дневник"}
    assert lacks(**done, done_on=clock.today()) == set()
    assert lacks(**done, done_on=date(2026, 3, 12)) == {"done_on"}
    assert lacks(reason="болезнь", new_term=date(2026, 3, 10)) == {"new_term"}
    assert lacks(reason="болезнь", new_term=date(2026, 3, 11)) == set()
    row.item.ends_on = date(2026, 3, 11)  # today is the last day of the term
    assert lacks() == set()
    assert plan.is_in_force


def test_an_incomplete_report_is_not_handed_in(orenburg):
    """O4.14: the gate names the row and leads to it; without a mentor there is nobody to accept it."""
    plan = make_plan(guided(orenburg), state="agreed", ends_on=date(2026, 3, 10))
    report = report_of(plan)
    plan.reservist.assignments.update(until=clock.today())
    with pytest.raises(GateShut) as shut:
        reports.submit_report(report, actor=plan.reservist.user)
    assert "не закреплён наставник" in str(shut.value) and "Стажировка в гимназии" in str(shut.value)
    assert shut.value.blockers[-1].url.endswith(f"/reports/{report.pk}/rows/{report.rows.get().pk}/")


def test_the_mentor_returns_and_accepts_and_the_plan_follows(orenburg):
    """O4.13, O4.14: returned with remarks the limit stays kept; accepted, the plan's progress and the paper come."""
    reservist = guided(orenburg)
    plan = make_plan(reservist, state="agreed")
    report, mentor = report_of(plan), guide_of(reservist)
    fill(report)
    reports.save_report(report, achievements=" Грант ", proposals="", actor=reservist.user)
    reports.submit_report(report, actor=reservist.user)
    assert Letter.objects.get(kind="report.submitted").to == mentor
    with pytest.raises(GateShut, match="не редактируется"):
        fill(report)
    reports.return_report(report, remarks="Сколько часов?", actor=mentor)
    assert not Deadline.objects.open().about(report).exists()
    assert "Сколько часов" in Letter.objects.get(kind="report.returned").body
    fill(report, hours="36.5")
    reports.submit_report(report, actor=reservist.user)
    reports.accept_report(report, remarks="Хорошо", actor=mentor)
    report.refresh_from_db()
    assert report.state == "accepted" and report.accepted_by.user == mentor
    assert report.achievements == "Грант" and plan.items.get().progress == 40
    assert IssuedPaper.objects.about(report).get().number == "ОТ-2026-0001"
    assert Letter.objects.get(kind="report.accepted").to == reservist.user


def test_a_report_follows_a_change_of_the_plan(orenburg):
    """The change sheet: rows of the new version with what was written already; progress reaches the new version."""
    reservist = guided(orenburg)
    plan = make_plan(reservist, state="agreed")
    report, mentor = report_of(plan), guide_of(reservist)
    fill(report)
    change = plans.start_change(plan, reason="Курсы", actor=reservist.user)
    add_item(change, event="Курсы")
    plans.submit_plan(change, actor=reservist.user)
    plans.agree_plan(change, actor=mentor)
    rows = {row.item.event: row for row in report.rows.select_related("item")}
    assert rows["Стажировка в гимназии"].item.plan_id == change.pk
    assert rows["Стажировка в гимназии"].done == ROW["done"] and rows["Курсы"].done == ""
    reports.submit_report(report, actor=reservist.user)
    later = plans.start_change(change, reason="Ещё", actor=reservist.user)
    plans.submit_plan(later, actor=reservist.user)
    plans.agree_plan(later, actor=mentor)
    reports.accept_report(report, remarks="", actor=mentor)
    assert later.items.get(event="Стажировка в гимназии").progress == 40
