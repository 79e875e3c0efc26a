"""Mentors, plans and reports for tests, made through the services where a rule is proved."""

from datetime import date
from typing import Any

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.regulations.models import Edition
from reservists.models import DevelopmentPlan, Mentor, MentorAssignment, PlanReport, Reservist
from reservists.services import development, plans

from .factories import ReservistFactory

FORM = "Стажировка"


def make_mentor(**fields: Any) -> Mentor:
    """A member of the pool, with the role."""
    user = fields.pop("user", None) or UserFactory(roles=[Role.EXPERT, Role.MENTOR])
    return Mentor.objects.create(user=user, since=clock.today(), basis="приказ № 1", **fields)


def guided(edition: Edition, mentor: Mentor | None = None, **fields: Any) -> Reservist:
    """A reservist included today, whose month for the plan runs, with a mentor."""
    reservist = ReservistFactory(edition=edition, **fields)
    development.begin_development(reservist)
    MentorAssignment.objects.create(
        reservist=reservist, mentor=mentor or make_mentor(), since=clock.today(), basis="протокол № 2"
    )
    return reservist


def guide_of(reservist: Reservist) -> Any:
    return reservist.assignments.current().get().mentor.user


def add_item(plan: DevelopmentPlan, **fields: Any) -> Any:
    """One row that lacks nothing; its term is the first half of the plan's year."""
    row = {
        "area": "managerial",
        "form": FORM,
        "competence": "Управление",
        "event": "Стажировка в гимназии",
        "organiser": "Гимназия",
        "starts_on": date(plan.year, 2, 1),
        "ends_on": date(plan.year, 6, 30),
        "result": "Проект плана.",
        "evidence": "Дневник",
    }
    return plans.save_item(plan, actor=plan.reservist.user, **{**row, **fields})


def make_plan(reservist: Reservist, *, state: str = "draft", **item: Any) -> DevelopmentPlan:
    """This year's plan with one row, brought to `state` by the people whose deeds these are."""
    plan = plans.start_plan(reservist, year=clock.today().year, actor=reservist.user)
    plans.save_plan(plan, actor=reservist.user, deficits="Финансы", goals="Освоить финансы")
    add_item(plan, **item)
    if state in ("submitted", "returned", "agreed", "copied"):
        plans.submit_plan(plan, actor=reservist.user)
    if state == "returned":
        plans.return_plan(plan, remarks="Уточните цели", comments={}, actor=guide_of(reservist))
    if state in ("agreed", "copied"):
        plans.agree_plan(plan, actor=guide_of(reservist))
    if state == "copied":
        plans.send_copy(plan, actor=reservist.user)
    return DevelopmentPlan.objects.select_related("reservist__user", "reservist__edition").get(pk=plan.pk)


def report_of(plan: DevelopmentPlan) -> PlanReport:
    return PlanReport.objects.get(reservist=plan.reservist_id)
