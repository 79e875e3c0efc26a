"""An edition with plans and without mentors: the operators agree what a mentor would (O4.7, O4.9 as data)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import person_with
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Edition, Parameter
from reservists import perms
from reservists.models import DevelopmentPlan
from reservists.services import plans, reports

from .development import FORM, make_plan, report_of
from .factories import ReservistFactory


@pytest.fixture
def edition(tomsk: Edition) -> Edition:
    for key, value in (("development_plan", True), ("mentors", False), ("plan_forms", [FORM])):
        Parameter.objects.filter(edition=tomsk, key=key).update(value=value)
    return Edition.objects.get(pk=tomsk.pk)


def test_operators_agree_the_plan_and_accept_the_report(
    edition: Edition, operator: User, travel: Callable[..., AbstractContextManager[None]]
) -> None:
    """From the plan to the accepted report, with letters to the operator and the operator's name on the papers."""
    with travel(date(2026, 2, 2)):
        plan = make_plan(ReservistFactory(edition=edition), state="submitted")
        assert Letter.objects.filter(kind="plan.submitted", to=operator).count() == 1
        plans.agree_plan(plan, actor=operator)
        report = report_of(plan)
        row = report.rows.get()
        reports.save_report_row(row, actor=plan.reservist.user, done="Стажировка начата", progress=40)
        reports.submit_report(report, actor=plan.reservist.user)
        assert Letter.objects.filter(kind="report.submitted", to=operator).count() == 1
        reports.accept_report(report, remarks="", actor=operator)
    for kind in ("development_plan", "plan_report"):
        words = text_of(IssuedPaper.objects.get(kind=kind))
        assert "Исполнитель" in words and "наставник" not in words and operator.last_name in words


@pytest.mark.parametrize("mentors", [False, True])
def test_only_where_there_are_no_mentors_an_operator_agrees(edition: Edition, mentors: bool) -> None:
    """Nobody else does either: not the reservist, not an official, and no mentor of others."""
    reservist = ReservistFactory(edition=edition)
    plan = make_plan(reservist)
    DevelopmentPlan.objects.filter(pk=plan.pk).update(state="submitted")
    Parameter.objects.filter(edition=edition, key="mentors").update(value=mentors)
    plan = DevelopmentPlan.objects.select_related("reservist__edition").get(pk=plan.pk)
    allowed = {role for role in Role if perms.can_review_plan(person_with(role), plan)}
    assert allowed == (set() if mentors else {Role.OPERATOR})
    assert not perms.can_review_plan(reservist.user, plan)


def test_the_desk_leads_the_operator_to_what_waits(
    edition: Edition, operator: User, client_of: Callable[[User], Client]
) -> None:
    plan = make_plan(ReservistFactory(edition=edition), state="submitted")
    browser = client_of(operator)
    assert "Согласовать планы развития" in browser.get(reverse("admin:index")).content.decode()
    page = browser.get(reverse("reservists:development_plan", args=[plan.pk])).content.decode()
    assert reverse("reservists:plan_agree", args=[plan.pk]) in page and "Наставник" not in page


def text_of(paper: Any) -> str:
    with paper.file.open("rb") as file:
        return " ".join(page.extract_text() for page in PdfReader(BytesIO(file.read())).pages)
