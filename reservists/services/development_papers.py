"""The papers of development: the plan with the mentor's agreement, the report with his or her words (process.md 9)."""

from typing import Any

from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper

from ..development_rules import change_sheet, percent_done, text_changes
from ..models import DevelopmentPlan, PlanReport, Reservist


def issue_plan(plan: DevelopmentPlan, *, actor: Any) -> IssuedPaper:
    """Issue the agreed plan: facts of the reservist, rows, change sheet, signatures (O4.9)."""
    reservist = plan.reservist
    items = list(plan.items.all())
    changes = (
        text_changes(plan.previous, plan) + change_sheet(plan.previous.items.all(), items)
        if plan.previous
        else []
    )
    context = {
        "plan": plan,
        "items": items,
        "changes": changes,
        "reservist": reservist,
        "edition": reservist.edition,
        "parts": reservist.edition.value("plan_parts"),
        "mentor": plan.agreed_by.user if plan.agreed_by else actor,
        "guide_post": _guide_post(reservist),
    }
    return issue_paper("development_plan", plan, context, actor=actor, person=reservist.user, title=str(plan))


def issue_report(report: PlanReport, *, actor: Any) -> IssuedPaper:
    """Issue the accepted report (O4.14)."""
    reservist = report.reservist
    rows = list(report.rows.select_related("item"))
    context = {
        "report": report,
        "rows": rows,
        "percent": percent_done([row.progress for row in rows]),
        "reservist": reservist,
        "edition": reservist.edition,
        "mentor": report.accepted_by.user if report.accepted_by else actor,
        "guide_post": _guide_post(reservist),
    }
    return issue_paper("plan_report", report, context, actor=actor, person=reservist.user, title=str(report))


def _guide_post(reservist: Reservist) -> str:
    return "Персональный куратор (наставник)" if reservist.edition.value("mentors") else "Исполнитель"
