"""Mentors' own reports on each quarter that has ended (O4.7)."""

from datetime import date, time
from decimal import Decimal

import pytest
from django.urls import reverse

from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline, TimeLimit
from reservists import perms
from reservists.models import MentorReport
from reservists.services import mentor_reports as services
from reservists.tasks import open_due_reports

from .development import guide_of, guided, make_plan
from .test_views import OVERSEERS, allowed_roles

APRIL = clock.at(date(2026, 4, 1), time(9))
LATER = clock.at(date(2026, 4, 20), time(9))


@pytest.fixture
def report(orenburg):
    """The report on the first quarter, due since the first of April, with one reservist's line."""
    reservist = guided(orenburg)
    make_plan(reservist, state="agreed").items.update(progress=40)
    with clock.travel(APRIL):
        assert services.open_mentor_reports() == 1
    return MentorReport.objects.get()


def fill(report):
    mentor, line = report.mentor.user, report.lines.get()
    services.save_mentor_report(report, texts={"work": "Встречи"}, lines={line.pk: "Старается"}, actor=mentor)


def test_it_is_due_when_the_quarter_has_ended_and_by_the_term_of_the_edition(report):
    """O4.7: the body sets the term, here ten working days; opened once, each mentor knows it as the own limit."""
    assert (report.year, report.quarter) == (2026, 1)
    deadline = Deadline.objects.about(report).get()
    assert (deadline.due_on, deadline.responsible_user) == (date(2026, 4, 14), report.mentor.user)
    assert deadline.limit.clause.startswith("O4.7")
    with clock.travel(LATER):
        open_due_reports()
    assert MentorReport.objects.count() == 1


def test_none_is_due_without_a_term_without_people_or_for_who_came_later(orenburg):
    """Who guided nobody in the quarter has nothing to tell; an edition without the term asks for nothing."""
    reservist = guided(orenburg)
    with clock.travel(APRIL):
        reservist.assignments.update(since=clock.today())
        assert services.open_mentor_reports() == 0
        reservist.assignments.update(since=date(2026, 3, 1))
        TimeLimit.objects.filter(code="mentor_report").delete()
        assert services.open_mentor_reports() == 0


def test_it_needs_a_word_on_everybody(report):
    with pytest.raises(GateShut) as shut:
        services.submit_mentor_report(report, actor=report.mentor.user)
    line = report.lines.get()
    assert "что сделано" in str(shut.value) and f"{line.reservist}: оцените" in str(shut.value)


def test_handed_in_returned_and_accepted(report, operator):
    """How far the plan is comes from the plan; the limit is kept by the first handing in; the paper is the mentor's."""
    mentor = report.mentor.user
    with clock.travel(APRIL):
        fill(report)
        services.submit_mentor_report(report, actor=mentor)
        assert report.lines.get().percent == Decimal(40)
        assert Deadline.objects.about(report).get().closed_on == clock.today()
        assert Letter.objects.get(kind="mentor_report.submitted").to == operator
        with pytest.raises(GateShut, match="не редактируется"):
            fill(report)
        with pytest.raises(TransitionRefused, match="причину"):
            services.return_mentor_report(report, remarks=" ", actor=operator)
        services.return_mentor_report(report, remarks="Подробнее", actor=operator)
        assert "Подробнее" in Letter.objects.get(kind="mentor_report.returned", to=mentor).body
        services.submit_mentor_report(report, actor=mentor)
        paper = services.accept_mentor_report(report, actor=operator)
        assert Letter.objects.filter(kind="mentor_report.accepted", to=mentor).count() == 1
    report.refresh_from_db()
    assert report.state == "accepted" and not report.remarks
    assert IssuedPaper.objects.about(report).get() == paper


def test_who_may_see_and_do_what(report):
    """process.md 12, row «plans and reports»: own, three roles all; the operator accepts, never the own one."""
    mentor = report.mentor.user
    assert allowed_roles(lambda user: MentorReport.objects.visible_to(user).exists()) == OVERSEERS
    assert MentorReport.objects.visible_to(mentor).exists()
    assert perms.can_write_mentor_report(mentor, report)
    assert allowed_roles(lambda user: perms.can_write_mentor_report(user, report)) == set()
    MentorReport.objects.update(state="submitted")
    report.refresh_from_db()
    assert allowed_roles(lambda user: perms.can_review_mentor_report(user, report)) == {"operator"}


def test_pages_from_the_desk_to_the_paper(client, report, operator):
    """The mentor finds the report with its day on the desk, fills part of it, hands it in; the operator accepts it."""
    mentor, line = report.mentor.user, report.lines.get()
    with clock.travel(LATER):
        client.force_login(mentor)
        assert str(report) in client.get(reverse("home")).content.decode()
        assert str(report) in client.get(reverse("reservists:mentees")).content.decode()
        address = reverse("reservists:mentor_report_edit", args=[report.pk])
        client.post(address, {"work": "Встречи", f"line_{line.pk}": ""})
        page = client.get(reverse("reservists:mentor_report", args=[report.pk])).content.decode()
        assert "оцените работу" in page and "Встречи" in page
        client.post(address, {"work": "Встречи", f"line_{line.pk}": "Старается"})
        client.post(reverse("reservists:mentor_report_submit", args=[report.pk]))
        client.force_login(operator)
        desk = client.get(reverse("admin:index")).content.decode()
        assert "Принять отчёты наставников" in desk
        assert str(report.mentor) in client.get(reverse("reservists:monitoring")).content.decode()
        client.post(reverse("reservists:mentor_report_accept", args=[report.pk]))
    report.refresh_from_db()
    assert report.state == "accepted"


def test_late_ones_stand_on_the_operators_desk_and_late_people_on_the_mentors(client, report, operator):
    """O4.13, O4.15: both sides see what is overdue."""
    with clock.travel(LATER):
        client.force_login(operator)
        assert "Просрочены отчёты наставников" in client.get(reverse("admin:index")).content.decode()
        client.force_login(guide_of(report.lines.get().reservist))
        assert "просрочено" in client.get(reverse("home")).content.decode()


def test_a_stranger_finds_none(client, report):
    client.force_login(UserFactory(roles=["mentor"]))
    assert client.get(reverse("reservists:mentor_report", args=[report.pk])).status_code == 404
