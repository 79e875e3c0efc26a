"""The expert's desk: sheets given, one page per sheet, giving one back (O1.10, O3.17)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from candidates.summary import summary_of
from reserve_portal.accounts.enums import Role
from reserve_portal.audit.services import record_read
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused

from ..enums import TAKES_RESULTS, SheetState
from ..expert_forms import DeclineForm, SheetForm
from ..forms import show_blockers
from ..models import ExpertSheet
from ..services.experts import decline_sheet, save_sheet

PAGE = 30


def sheets(request: HttpRequest) -> HttpResponse:
    """Sheets that lie with the expert; of those handed in only how many there were."""
    user: Any = request.user
    if not user.has_role(Role.EXPERT):
        raise PermissionDenied
    rows = (
        ExpertSheet.objects.visible_to(user)
        .select_related(
            "section__procedure__campaign",
            "invitation__track__application__user",
            "invitation__track__target_group",
        )
        .order_by("section__procedure__ends_at", "invitation__track__application__user__last_name", "pk")
    )
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "handed_in": user.expert_sheets.filter(state=SheetState.HANDED_IN).count(),
    }
    return render(request, "assessment/sheets.html", context)


def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Score one person: a draft may be kept, a sheet handed in is gone for good."""
    row = _own(request, pk)
    form = SheetForm(
        request.POST or None,
        section=row.section,
        initial={
            "points": row.points.normalize() if row.points is not None else None,
            "comment": row.comment,
            "deficits": row.deficits,
            "development": row.development,
            "recommended": "" if row.recommended is None else "yes" if row.recommended else "no",
        },
    )
    if request.method == "POST" and form.is_valid() and _save(request, row, form):
        return redirect("assessment:sheets" if "hand_in" in request.POST else request.path)
    application = row.invitation.track.application
    record_read(row, actor=request.user, person=application.user, what="assessment.read_sheet")
    context = {
        "sheet": row,
        "person": application.user,
        "track": row.invitation.track,
        "procedure": row.section.procedure,
        "summary": summary_of(application),
        "form": form,
        "takes": row.section.procedure.state in TAKES_RESULTS,
    }
    return render(request, "assessment/sheet.html", context)


def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a sheet back, with a reason that the operator sees."""
    row = _own(request, pk)
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            decline_sheet(row, actor=request.user, reason=form.cleaned_data["reason"])
        except TransitionRefused as refused:
            form.add_error("reason", str(refused))
        else:
            messages.success(request, "Вы отказались от листа, оператор увидит причину.")
            return redirect("assessment:sheets")
    context = {
        "title": f"Отказаться от листа: {row.person.full_name}",
        "effects": [
            "Лист и документы этого человека станут вам недоступны.",
            "Оператор увидит причину и, если нужно, пригласит другого эксперта.",
        ],
        "count": 0,
        "items": [],
        "form": form,
        "hidden": {},
        "submit_label": "Отказаться",
        "danger": True,
        "cancel_url": reverse("assessment:sheet", args=[pk]),
    }
    return render(request, "components/confirm.html", context)


def _own(request: HttpRequest, pk: int) -> ExpertSheet:
    rows = ExpertSheet.objects.visible_to(request.user).select_related(
        "section__procedure__campaign",
        "invitation__track__application__user",
        "invitation__track__application__campaign",
        "invitation__track__application__registration",
        "invitation__track__target_group",
    )
    return get_object_or_404(rows, pk=pk)


def _save(request: HttpRequest, row: ExpertSheet, form: SheetForm) -> bool:
    hand_in = "hand_in" in request.POST
    try:
        save_sheet(row, actor=request.user, hand_in=hand_in, **form.cleaned_data)
    except GateShut as shut:
        show_blockers(form, shut.blockers)
        return False
    messages.success(request, "Лист сдан. Спасибо!" if hand_in else "Черновик сохранён.")
    return True
