"""The operator calls experts in, sees how their sheets stand, takes sheets back (O1.10, O3.17)."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from assessment.enums import SHEET_TONES, SHEET_TRACKS, TAKES_RESULTS, SheetState
from assessment.expert_forms import GiveSheetsForm
from assessment.forms import ReasonForm
from assessment.models import ExpertSheet, Procedure
from assessment.services.experts import give_sheets, people_for_sheets, recall_sheet, return_sheet
from reserve_portal.regulations.enums import InstrumentKind

from .base import attempt, page, procedure_url, require_operator

ROWS = 50


def experts(request: HttpRequest, pk: int) -> HttpResponse:
    """Sheets of one procedure, and the form that gives new ones."""
    require_operator(request)
    row = get_object_or_404(Procedure.objects.select_related("campaign"), pk=pk)
    form = GiveSheetsForm(
        request.POST or None,
        sections=row.sections.filter(kind=InstrumentKind.EXPERT_SHEET),
        people=people_for_sheets(row),
    )
    if request.method == "POST" and form.is_valid() and _give(request, row, form):
        return HttpResponseRedirect(request.path)
    sheets = ExpertSheet.objects.filter(section__procedure=row).select_related(
        "section", "expert", "invitation__track__application__user", "invitation__track__target_group"
    )
    order = ("invitation__track__application__user__last_name", "invitation", "section", "pk")
    shown = Paginator(sheets.order_by(*order), ROWS).get_page(request.GET.get("page"))
    context = {
        "title": f"Эксперты: {row.name}",
        "procedure": row,
        "page": shown,
        "rows": [_row(row, sheet) for sheet in shown],
        "form": form if row.sheet_sections and people_for_sheets(row).exists() else None,
        "back": procedure_url(pk),
    }
    return page(request, "admin/assessment/experts.html", context)


def recall(request: HttpRequest, pk: int, sheet: int) -> HttpResponse:
    """Take a sheet back that is not handed in, with a reason."""
    return _with_reason(
        request,
        _sheet(request, pk, sheet),
        recall_sheet,
        title="Отозвать лист",
        lead="Эксперт {expert} больше не увидит лист и документы этого человека.",
        submit_label="Отозвать",
        done="Лист отозван.",
    )


def return_(request: HttpRequest, pk: int, sheet: int) -> HttpResponse:
    """Give a handed-in sheet back to its expert, with a reason."""
    return _with_reason(
        request,
        _sheet(request, pk, sheet),
        return_sheet,
        title="Вернуть лист",
        lead="Эксперт {expert} снова увидит лист и документы этого человека и сможет их изменить. Список для включения "
        "не составить, пока лист не сдан.",
        submit_label="Вернуть эксперту",
        done="Лист возвращён, эксперту отправлено письмо.",
    )


def _sheet(request: HttpRequest, pk: int, sheet: int) -> ExpertSheet:
    require_operator(request)
    rows = ExpertSheet.objects.select_related(
        "section__procedure", "expert", "invitation__track__application__user"
    )
    return get_object_or_404(rows, pk=sheet, section__procedure=pk)


def _with_reason(
    request: HttpRequest,
    sheet: ExpertSheet,
    service: Callable[..., None],
    *,
    title: str,
    lead: str,
    submit_label: str,
    done: str,
) -> HttpResponse:
    """Ask for a reason, then do the deed on a sheet."""
    form, back = ReasonForm(request.POST or None), procedure_url(sheet.section.procedure_id, "experts")
    form.submit_label = submit_label
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if not attempt(lambda: service(sheet, actor=request.user, reason=reason), form):
            messages.success(request, done)
            return HttpResponseRedirect(back)
    context = {
        "title": f"{title}: {sheet.person.full_name}",
        "lead": lead.format(expert=sheet.expert.full_name),
        "form": form,
        "back": back,
    }
    return page(request, "admin/assessment/form.html", context)


def _give(request: HttpRequest, procedure: Procedure, form: GiveSheetsForm) -> bool:
    data = form.cleaned_data
    given: list[ExpertSheet] = []

    def service() -> None:
        given.extend(
            give_sheets(
                procedure,
                section=data["section"],
                experts=list(data["experts"]),
                invitations=list(data["people"]) or None,
                actor=request.user,
            )
        )

    if attempt(service, form):
        return False
    messages.success(request, f"Передано листов: {len(given)}. Экспертам отправлены письма.")
    return True


def _row(procedure: Procedure, sheet: ExpertSheet) -> dict[str, object]:
    return {
        "sheet": sheet,
        "person": sheet.person.full_name,
        "tone": SHEET_TONES[SheetState(sheet.state)],
        "recall_url": procedure_url(procedure.pk, "recall", sheet.pk)
        if sheet.state == SheetState.GIVEN
        else "",
        "return_url": procedure_url(procedure.pk, "return", sheet.pk)
        if sheet.state == SheetState.HANDED_IN
        and procedure.state in TAKES_RESULTS
        and sheet.invitation.track.state in SHEET_TRACKS
        else "",
    }
