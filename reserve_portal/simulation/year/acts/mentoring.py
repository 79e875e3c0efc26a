"""Beside the plans: words and a proof, mentors' own reports, a review by the body, a programme passed (O4.7-4.15)."""

from datetime import date

from commissions.services import send_list
from reserve_portal.core import calendar, clock
from reservists.models import DevelopmentPlan, MentorReport, Reservist
from reservists.services import mentor_reports, mentors, plan_notes, plan_reviews
from reservists.services.certifications import record_certification

from ...people import sample_photo
from ..year import Year
from . import bodies

REVIEWED = 3  # plans the body looks at: enough to be played, few statements


def begin(year: Year) -> None:
    """Plan the mentors' reports after each quarter, the review, the words beside one plan."""
    edition = year.edition
    if edition.value("mentors"):
        for month in (4, 7, 10):
            year.plan(calendar.next_working_day(date(year.number, month, 6)), 16, 0, report, year)
    if plan_reviews.is_reviewed(edition):
        year.plan(calendar.next_working_day(date(year.number, 10, 19)), 11, 0, review, year)
    if edition.value("development_plan"):
        year.plan(calendar.next_working_day(date(year.number, 9, 7)), 18, 0, talk, year)


def report(year: Year) -> None:
    """Each mentor reports in time but one in eight; the operator accepts (O4.7)."""
    mentor_reports.open_mentor_reports()
    for row in MentorReport.objects.open().select_related("mentor__user").order_by("pk"):
        if year.dice("mentor reports", row.mentor.user.email, row.quarter).random() < 0.12:
            continue
        lines = {line.pk: "Работает по плану." for line in row.lines.all()}
        mentor = row.mentor.user
        year.refused("пустой отчёт наставника", mentor_reports.submit_mentor_report, row, actor=mentor)
        mentor_reports.save_mentor_report(row, texts={"work": "Встречи."}, lines=lines, actor=mentor)
        mentor_reports.submit_mentor_report(row, actor=mentor)
        mentor_reports.accept_mentor_report(row, actor=year.cast["operator"])


def review(year: Year) -> None:
    """Plans with something overdue, else the first ones, come before the body (O4.13, O4.15)."""
    rows = list(plan_reviews.late_plans())[:REVIEWED]
    others = DevelopmentPlan.objects.in_force().filter(
        year=year.number, reservist__in=Reservist.objects.active().values("pk")
    )
    rows = rows or list(
        others.select_related("reservist__user", "reservist__edition").order_by("pk")[:REVIEWED]
    )
    if rows:
        decision_list = plan_reviews.make_review_list(rows, actor=year.cast["operator"])
        send_list(decision_list, actor=year.cast["operator"])
        bodies.carry(year, decision_list, then=lambda: None)


def talk(year: Year) -> None:
    """Question, proof and answer beside a row of one plan; a programme passed is recorded (O1.16, O4.6, O4.13)."""
    plan = (
        DevelopmentPlan.objects.in_force()
        .filter(reservist__in=Reservist.objects.active().values("pk"))
        .select_related("reservist__user", "reservist__edition")
        .order_by("pk")
        .first()
    )
    if plan is None:
        return
    own, item = plan.reservist.user, plan.items.all()[0]
    guide = mentors.mentor_of(plan.reservist)
    year.refused("пустой комментарий", plan_notes.comment_plan, plan, item=item, text=" ", actor=own)
    if guide is not None:
        plan_notes.comment_plan(plan, item=item, text="Приложите удостоверение.", actor=guide.user)
    plan_notes.add_evidence(
        item, title="Удостоверение (учебное)", name="удостоверение.jpg", data=sample_photo(), actor=own
    )
    plan_notes.comment_plan(plan, item=item, text="Приложено.", actor=own)
    record_certification(
        plan.reservist,
        actor=year.cast["operator"],
        programme="Управление изменениями",
        kind="course",
        organiser="Институт",
        hours=72,
        passed_on=clock.today(),
        passed=True,
        result="зачтено",
        document="удостоверение № 1 (учебное)",
        with_experts=True,
    )
