"""The expert's desk of the attestation: sheets given, one page per sheet, giving one back (O1.10, O4.17)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from reserve_portal.audit.services import record_read
from reserve_portal.core.gates import GateShut

from ..leaving_forms import AttestationSheetForm, SheetReasonForm
from ..models import AttestationSheet
from ..perms import can_see_attestation_sheets
from ..services.attestation_sheets import end_attestation_sheet, save_attestation_sheet
from .common import deed_page, demand

SHOWN = 200


def sheets(request: HttpRequest) -> HttpResponse:
    """Sheets that lie with the expert, by person."""
    demand(can_see_attestation_sheets(request.user))
    rows = _own(request).order_by("instrument", "entry__reservist__user__last_name", "pk")[:SHOWN]
    return render(request, "reservists/attestation_sheets.html", {"sheets": rows})


def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Score one person: a draft may be kept, a sheet handed in is gone for good."""
    row = get_object_or_404(_own(request), pk=pk)
    reservist = row.entry.reservist
    initial = {
        "points": row.points.normalize() if row.points is not None else None,
        "comment": row.comment,
    }
    form = AttestationSheetForm(request.POST or None, maximum=row.instrument.maximum, initial=initial)
    if request.method == "POST" and form.is_valid():
        hand_in = "hand_in" in request.POST
        try:
            save_attestation_sheet(row, actor=request.user, hand_in=hand_in, **form.cleaned_data)
        except GateShut as shut:
            for blocker in shut.blockers:
                form.add_error(blocker.field or None, blocker.text)
        else:
            messages.success(request, "Лист сдан. Спасибо!" if hand_in else "Черновик сохранён.")
            return redirect("reservists:attestation_sheets" if hand_in else request.path)
    record_read(row, actor=request.user, person=reservist.user, what="reservists.read_attestation_sheet")
    plan = reservist.plans.in_force().filter(year=row.entry.attestation.year).first()
    context = {
        "sheet": row,
        "reservist": reservist,
        "plan": plan,
        "items": plan.items.all() if plan else [],
        "form": form,
    }
    return render(request, "reservists/attestation_sheet.html", context)


def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a sheet back, with a reason that the operator sees."""
    row = get_object_or_404(_own(request), pk=pk)

    def deed(form: Any) -> str:
        end_attestation_sheet(row, "decline", reason=form.cleaned_data["reason"], actor=request.user)
        return reverse("reservists:attestation_sheets")

    form = SheetReasonForm(request.POST or None)
    form.danger = True
    return deed_page(
        request,
        title="Отказаться от листа",
        lead=f"{row}. Оператор увидит причину и, если нужно, пригласит другого эксперта.",
        form=form,
        deed=deed,
        back=(reverse("reservists:attestation_sheets"), "Листы аттестации"),
        submit_label="Отказаться",
        done="Вы отказались от листа.",
    )


def _own(request: HttpRequest) -> Any:
    return AttestationSheet.objects.visible_to(request.user).select_related(
        "instrument",
        "entry__attestation",
        "entry__reservist__user",
        "entry__reservist__target_group",
        "entry__reservist__municipality",
    )
