"""Mentors' own reports in the portal: the mentor writes, the operator accepts or returns (O4.7)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from reserve_portal.core.timeline import timeline_of
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline

from .. import perms
from ..development_forms import MentorReportForm, RemarksForm
from ..models import MentorReport
from ..services import mentor_reports
from .common import deed_page, demand


def mentor_report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report of a mentor, with what its reader may do."""
    report, user = _visible(request, pk), request.user
    writes = perms.can_write_mentor_report(user, report)
    own = report.mentor.user_id == user.pk
    context = {
        "report": report,
        "lines": report.lines.select_related("reservist__user", "reservist__target_group"),
        "own": own,
        "deadlines": Deadline.objects.about(report),
        "may_write": writes,
        "may_review": perms.can_review_mentor_report(user, report),
        "blockers": mentor_reports.report_blockers(report) if writes else [],
        "papers": IssuedPaper.objects.about(report),
        "timeline": timeline_of([report]),
        "parent": (reverse("reservists:mentees"), "Мои резервисты")
        if own
        else (reverse("reservists:monitoring"), "Планы и отчёты"),
    }
    return render(request, "reservists/mentor_report.html", context)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What was done, and a word on each reservist; parts may be left for later."""
    report = _visible(request, pk)
    demand(perms.can_write_mentor_report(request.user, report))

    def deed(form: Any) -> str:
        mentor_reports.save_mentor_report(report, texts=form.texts(), lines=form.lines(), actor=request.user)
        return address_of(report)

    return deed_page(
        request,
        title="Заполнить отчёт",
        lead=f"{report}. Можно сохранить часть и вернуться.",
        form=MentorReportForm(request.POST or None, report=report),
        deed=deed,
        back=_back(report),
        done="Сохранено.",
    )


def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the report in."""
    report = _visible(request, pk)
    demand(perms.can_write_mentor_report(request.user, report))

    def deed(form: Any) -> str:
        mentor_reports.submit_mentor_report(report, actor=request.user)
        return address_of(report)

    return deed_page(
        request,
        title="Отправить отчёт",
        lead="Отчёт примут или вернут с замечаниями. Портал впишет, насколько выполнены планы на сегодня.",
        deed=deed,
        back=_back(report),
        submit_label="Отправить отчёт",
        done="Отчёт отправлен.",
        blockers=mentor_reports.report_blockers(report),
    )


def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """The operator accepts the report."""
    report = _visible(request, pk)
    demand(perms.can_review_mentor_report(request.user, report))

    def deed(form: Any) -> str:
        mentor_reports.accept_mentor_report(report, actor=request.user)
        return address_of(report)

    return deed_page(
        request,
        title="Принять отчёт наставника",
        lead=f"{report.mentor}. Отчёт получит номер, наставник — письмо.",
        deed=deed,
        back=_back(report),
        submit_label="Принять отчёт",
        done="Отчёт принят.",
    )


def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The operator returns the report with remarks."""
    report = _visible(request, pk)
    demand(perms.can_review_mentor_report(request.user, report))

    def deed(form: Any) -> str:
        mentor_reports.return_mentor_report(report, remarks=form.cleaned_data["remarks"], actor=request.user)
        return address_of(report)

    return deed_page(
        request,
        title="Вернуть отчёт наставника",
        lead=f"{report.mentor}. Наставник исправит отчёт и отправит его снова.",
        form=RemarksForm(request.POST or None, demanded=True),
        deed=deed,
        back=_back(report),
        submit_label="Вернуть с замечаниями",
        done="Отчёт возвращён.",
    )


def address_of(report: MentorReport) -> str:
    return reverse("reservists:mentor_report", args=[report.pk])


def _back(report: MentorReport) -> tuple[str, str]:
    return address_of(report), str(report)


def _visible(request: HttpRequest, pk: int) -> MentorReport:
    rows = MentorReport.objects.visible_to(request.user).select_related("mentor__user")
    return get_object_or_404(rows, pk=pk)
