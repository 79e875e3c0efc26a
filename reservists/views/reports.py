"""Quarterly reports in the portal: the reservist writes, the mentor accepts or returns (O4.14)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from reserve_portal.audit.services import record_read
from reserve_portal.core.timeline import timeline_of
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline

from .. import development_forms as forms
from .. import perms
from ..models import DevelopmentPlan, PlanReport, ReportRow
from ..services import reports
from ..services.mentors import mentor_of
from ..services.plan_notes import files_of
from .common import deed_page, demand
from .plans import home_of


def report_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One report, with what its reader may do; the reading of another's report is recorded."""
    report, user = _visible(request, pk), request.user
    record_read(report, actor=user, person=report.reservist.user, what="reservists.read_report")
    own = report.reservist.user_id == user.pk
    writes = perms.can_write_report(user, report)
    plans = DevelopmentPlan.objects.in_force().filter(reservist=report.reservist, year=report.year)
    rows = list(report.rows.select_related("item"))
    files = files_of(row.item for row in rows)
    context = {
        "report": report,
        "rows": [(row, files[row.item_id]) for row in rows],
        "percent": reports.report_percent(report),
        "own": own,
        "mentor": mentor_of(report.reservist),
        "plan": plans.first(),
        "deadlines": Deadline.objects.about(report),
        "may_write": writes,
        "may_review": perms.can_review_report(user, report),
        "blockers": reports.report_blockers(report) if writes else [],
        "papers": IssuedPaper.objects.about(report),
        "timeline": timeline_of([report]),
        "parent": home_of(request, own),
    }
    return render(request, "reservists/plan_report.html", context)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Achievements and proposals."""
    report = _written(request, pk)

    def deed(form: Any) -> str:
        reports.save_report(report, actor=request.user, **form.cleaned_data)
        return address_of(report)

    return deed_page(
        request,
        title="Достижения и предложения",
        lead=f"{report}. Можно оставить пустым.",
        form=forms.ReportTextForm(request.POST or None, instance=report),
        deed=deed,
        back=_back(report),
        done="Сохранено.",
    )


def row(request: HttpRequest, pk: int, row_pk: int) -> HttpResponse:
    """What was done of one row of the plan."""
    report = _written(request, pk)
    rows = ReportRow.objects.select_related("item", "report")
    line = get_object_or_404(rows, pk=row_pk, report=report)

    def deed(form: Any) -> str:
        reports.save_report_row(line, actor=request.user, **form.cleaned_data)
        return address_of(report)

    return deed_page(
        request,
        title=line.item.event,
        lead=f"Запланировано до {line.item.ends_on:%d.%m.%Y}: {line.item.result} Файлы прикладывают к плану.",
        form=forms.ReportRowForm(request.POST or None, instance=line),
        deed=deed,
        back=_back(report),
        done="Сохранено.",
    )


def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the report in."""
    report = _written(request, pk)

    def deed(form: Any) -> str:
        reports.submit_report(report, actor=request.user)
        return address_of(report)

    return deed_page(
        request,
        title="Отправить отчёт на проверку",
        lead="Отчёт примут или вернут с замечаниями.",
        deed=deed,
        back=_back(report),
        submit_label="Отправить отчёт",
        done="Отчёт отправлен на проверку.",
        blockers=reports.report_blockers(report),
    )


def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """The mentor accepts the report."""
    report = _reviewed(request, pk)

    def deed(form: Any) -> str:
        reports.accept_report(report, remarks=form.cleaned_data["remarks"], actor=request.user)
        return address_of(report)

    return deed_page(
        request,
        title="Принять отчёт",
        lead=f"{report.reservist}. Выполнение пунктов плана станет таким, как в отчёте.",
        form=forms.RemarksForm(request.POST or None, demanded=False),
        deed=deed,
        back=_back(report),
        submit_label="Принять отчёт",
        done="Отчёт принят.",
    )


def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The mentor returns the report with remarks."""
    report = _reviewed(request, pk)

    def deed(form: Any) -> str:
        reports.return_report(report, remarks=form.cleaned_data["remarks"], actor=request.user)
        return address_of(report)

    return deed_page(
        request,
        title="Вернуть отчёт с замечаниями",
        lead=f"{report.reservist}. Резервист исправит отчёт и отправит его снова.",
        form=forms.RemarksForm(request.POST or None, demanded=True),
        deed=deed,
        back=_back(report),
        submit_label="Вернуть с замечаниями",
        done="Отчёт возвращён.",
    )


def address_of(report: PlanReport) -> str:
    return reverse("reservists:report", args=[report.pk])


def _back(report: PlanReport) -> tuple[str, str]:
    return address_of(report), str(report)


def _visible(request: HttpRequest, pk: int) -> PlanReport:
    rows = PlanReport.objects.visible_to(request.user).select_related(
        "reservist__user", "reservist__edition", "accepted_by__user"
    )
    return get_object_or_404(rows, pk=pk)


def _written(request: HttpRequest, pk: int) -> PlanReport:
    report = _visible(request, pk)
    demand(perms.can_write_report(request.user, report))
    return report


def _reviewed(request: HttpRequest, pk: int) -> PlanReport:
    report = _visible(request, pk)
    demand(perms.can_review_report(request.user, report))
    return report
