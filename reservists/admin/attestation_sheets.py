"""Experts' sheets of the attestation in the operator's admin (O4.17)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path

from ..leaving_forms import SheetReasonForm
from ..models import AttestationSheet
from ..services.attestation import can_enter_points
from ..services.attestation_sheets import end_attestation_sheet
from ..workflow import ATTESTATION_SHEET
from .pages import CaseAdmin, Tool, address_of, deed_page


@admin.register(AttestationSheet)
class AttestationSheetAdmin(CaseAdmin):
    list_display = ["person", "instrument", "expert", "state", "points", "handed_in_at"]
    list_filter = ["state", "instrument"]
    list_select_related = ["entry__reservist__user", "instrument", "expert"]
    search_fields = ["entry__reservist__user__search_key", "expert__search_key"]
    search_help_text = "Фамилия, имя, отчество резервиста или эксперта"
    fields = [
        "person",
        "instrument",
        "expert",
        "state",
        "points",
        "comment",
        "given_at",
        "handed_in_at",
        "end_reason",
    ]
    readonly_fields = ["person"]

    @admin.display(description="Резервист", ordering="entry__reservist__user__last_name")
    def person(self, sheet: AttestationSheet) -> str:
        return sheet.entry.reservist.user.full_name

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/recall/", view(self.recall), name="reservists_attestationsheet_recall"),
            path("<int:pk>/return/", view(self.send_back), name="reservists_attestationsheet_return"),
            *super().get_urls(),
        ]

    def tools(self, obj: Any) -> list[Tool]:
        names = {"recall": "Отозвать", "return": "Вернуть эксперту"}
        return [
            (label, self.page(name, obj.pk))
            for name, label in names.items()
            if ATTESTATION_SHEET.is_open(obj, name) and can_enter_points(obj.entry.attestation)
        ]

    def recall(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a sheet back that is not handed in."""
        return self._end(request, pk, "recall", "Отозвать лист", "Лист отозван.")

    def send_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give a handed-in sheet back to its expert."""
        return self._end(request, pk, "return", "Вернуть лист эксперту", "Лист возвращён.")

    def _end(self, request: HttpRequest, pk: int, name: str, title: str, done: str) -> HttpResponse:
        rows = AttestationSheet.objects.select_related(
            "entry__attestation", "entry__reservist__user", "expert", "instrument"
        )
        row = get_object_or_404(rows, pk=pk)

        def deed(form: Any) -> str:
            end_attestation_sheet(row, name, reason=form.cleaned_data["reason"], actor=request.user)
            return address_of(row)

        return deed_page(
            request,
            title=f"{title}: {row.expert.full_name}",
            effects=[f"{row}. Баллы средства посчитаются по остальным сданным листам."],
            form=SheetReasonForm(request.POST or None),
            deed=deed,
            back=address_of(row),
            submit_label=title,
            done=done,
        )
