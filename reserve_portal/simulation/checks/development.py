"""Mentors, plans and reports rest on what was decided and agreed, within their limits (O4.7-4.14)."""

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType

from commissions.enums import ListState
from commissions.models import DecisionLine
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Deadline, TimeLimit
from reservists.enums import PlanState, ReportState, SignalKind
from reservists.models import (
    DevelopmentPlan,
    Mentor,
    MentorAssignment,
    MentorReport,
    PlanReport,
    PlanReview,
)

from .registry import check

ONCE_AGREED = (PlanState.AGREED, PlanState.COPIED, PlanState.REPLACED)


@check
def mentors_rest_on_a_decision() -> Iterator[str]:
    """Who is in the pool and who guides whom was decided by the bodies (O4.7)."""
    pooled = set(_decided(Decision.MENTOR_POOL).values_list("person", flat=True))
    for mentor in Mentor.objects.select_related("user").order_by("pk"):
        if mentor.user_id not in pooled:
            yield f"{mentor}: в составе наставников без решения."
    lines = _decided(Decision.MENTOR).values_list("object_id", "details__mentor_id")
    pairs = {(reservist, mentor) for reservist, mentor in lines}
    for row in MentorAssignment.objects.select_related("reservist__user", "mentor__user").order_by("pk"):
        if (row.reservist_id, row.mentor_id) not in pairs:
            yield f"{row}: наставник закреплён без решения."


@check
def agreed_plans_say_by_whom() -> Iterator[str]:
    """A plan in force has its day, the mentor where there are mentors, and its paper (O4.9)."""
    issued = _papers("development_plan", DevelopmentPlan)
    plans = DevelopmentPlan.objects.filter(state__in=ONCE_AGREED)
    for plan in plans.select_related("reservist__user", "reservist__edition").order_by("pk"):
        name = f"{plan.reservist}: {plan}"
        if plan.agreed_on is None or plan.agreed_on < plan.reservist.included_on:
            yield f"{name} — согласован, а день согласования не записан или раньше включения."
        if plan.agreed_by_id is None and plan.reservist.edition.value("mentors"):
            yield f"{name} — согласован, а кем — не записано."
        if plan.pk not in issued:
            yield f"{name} — согласован, а документа нет."
        if plan.state == PlanState.COPIED and plan.copied_on is None:
            yield f"{name} — копия направлена, а день не записан."


@check
def reports_have_their_limit_and_paper() -> Iterator[str]:
    """A quarter's report has its limit, closed by the first handing in; an accepted one has its paper (O4.14)."""
    with_limit = set(
        TimeLimit.objects.filter(starts="plan_quarter.began").values_list("edition_id", flat=True)
    )
    closed = dict(
        Deadline.objects.filter(
            content_type=_type(PlanReport), limit__starts="plan_quarter.began"
        ).values_list("object_id", "closed_on")
    )
    issued = _papers("plan_report", PlanReport)
    for report in PlanReport.objects.select_related("reservist__user").order_by("pk"):
        name = f"{report.reservist}: {report}"
        if report.reservist.edition_id in with_limit and report.pk not in closed:
            yield f"{name} — срока нет."
        elif report.pk in closed and report.submitted_on != closed[report.pk]:
            yield f"{name} — срок закрыт не тем днём, когда отчёт представлен."
        if report.state == ReportState.ACCEPTED and report.pk not in issued:
            yield f"{name} — принят, а документа нет."


@check
def mentors_reports_have_their_limit_and_paper() -> Iterator[str]:
    """A mentor's report has its limit, closed by the first handing in; an accepted one its paper (O4.7)."""
    rows = Deadline.objects.filter(content_type=_type(MentorReport), limit__starts="mentor_quarter.ended")
    closed = dict(rows.values_list("object_id", "closed_on"))
    issued = _papers("mentor_report", MentorReport)
    for report in MentorReport.objects.select_related("mentor__user").order_by("pk"):
        name = f"{report.mentor}: {report}"
        if report.pk not in closed or report.submitted_on != closed[report.pk]:
            yield f"{name} — срока нет, или он закрыт не тем днём, когда отчёт представлен."
        if report.state == ReportState.ACCEPTED and report.pk not in issued:
            yield f"{name} — принят, а документа нет."


@check
def reviews_of_plans_rest_on_a_decision() -> Iterator[str]:
    """What is found of a plan is what the body decided; a bad finding has its signal (O4.13, O6.2)."""
    for review in PlanReview.objects.select_related("line", "plan__reservist__user").order_by("pk"):
        name = f"{review.plan.reservist}: {review.plan}"
        if review.line.outcome is not review.satisfactory:
            yield f"{name} — оценка не та, что решена."
        signals = review.plan.reservist.signals.filter(kind=SignalKind.MONITORING)
        if not review.satisfactory and not signals.exists():
            yield f"{name} — оценка неудовлетворительна, а сигнала нет."


def _decided(decision: str) -> Any:
    return DecisionLine.objects.filter(list__decision=decision, list__state=ListState.DECIDED, outcome=True)


def _papers(kind: str, model: Any) -> set[int | None]:
    rows = IssuedPaper.objects.filter(kind=kind, content_type=_type(model))
    return set(rows.values_list("object_id", flat=True))


def _type(model: Any) -> ContentType:
    return ContentType.objects.get_for_model(model)
