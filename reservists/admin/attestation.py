"""The yearly attestation in the operator's admin (O4.10, O4.17-4.21)."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse

from assessment.enums import SheetState
from reserve_portal.core.gates import Blocker, GateShut
from reserve_portal.regulations.services import edition_in_force

from ..enums import AttestationState, InstrumentKind
from ..leaving_forms import (
    AttestationForm,
    BordersForm,
    GiveAttestationSheetsForm,
    InstrumentForm,
    MarksForm,
)
from ..leaving_papers import issue_attestation_sheet
from ..models import Attestation, AttestationInstrument, AttestationSheet
from ..perms import can_manage_reserve
from ..services import attestation as services
from ..services.attestation_marks import record_marks
from ..services.attestation_results import listing_blockers, make_attestation_list
from ..services.attestation_sheets import give_sheets, scored_by_experts
from .pages import CaseAdmin, Tool, address_of, deed_page

PEOPLE_ON_A_PAGE = 25


@admin.register(Attestation)
class AttestationAdmin(CaseAdmin):
    change_form_template = "admin/reservists/attestation.html"
    list_display = ["year", "state", "opens_on", "closes_on"]
    list_filter = ["state"]
    fields = [
        "year",
        "edition",
        "state",
        "opens_on",
        "closes_on",
        "threshold_percent",
        "green_percent",
        "borders_basis",
    ]

    def get_urls(self) -> list[Any]:
        deeds: dict[str, tuple[Any, str]] = {
            "new/": (self.create, "new"),
            "<int:pk>/borders/": (self.borders, "borders"),
            "<int:pk>/instruments/add/": (self.add_instrument, "add_instrument"),
            "<int:pk>/instruments/<int:instrument>/remove/": (self.remove_instrument, "remove_instrument"),
            "<int:pk>/open/": (self.open, "open"),
            "<int:pk>/marks/": (self.marks, "marks"),
            "<int:pk>/marks/<int:entry>/": (self.marks, "marks_of"),
            "<int:pk>/give/": (self.give, "give"),
            "<int:pk>/list/": (self.make_list, "list"),
            "<int:pk>/sheet/": (self.sheet, "sheet"),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"reservists_attestation_{name}")
            for route, (view, name) in deeds.items()
        ]
        return [*own, *super().get_urls()]

    def list_tools(self) -> list[Tool]:
        known = edition_in_force().value("attestation")
        return [("Запланировать аттестацию", self.page("new"))] if known else []

    def tools(self, obj: Any) -> list[Tool]:
        if obj.state == AttestationState.DRAFT:
            return [
                ("Добавить оценочное средство", self.page("add_instrument", obj.pk)),
                ("Порог и зоны", self.page("borders", obj.pk)),
                ("Начать аттестацию", self.page("open", obj.pk)),
            ]
        found = []
        if services.can_enter_points(obj):
            found.append(("Внести баллы", self.page("marks", obj.pk)))
        if obj.state == AttestationState.OPEN:
            if obj.instruments.exclude(kind=InstrumentKind.TEST).exists():
                found.append(("Передать листы экспертам", self.page("give", obj.pk)))
            found.append(("Свести результаты", self.page("list", obj.pk)))
            return found
        listed = services.list_of(obj)
        if listed is not None:
            found.append(("Список для решения", address_of(listed)))
        found.append(("Выпустить ведомость", self.page("sheet", obj.pk)))
        return found

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        obj: Any = self.get_object(request, object_id)
        context: dict[str, Any] = {"instruments": [], "counts": [], "gate": []}
        if obj is not None:
            planned = obj.state == AttestationState.DRAFT
            context = {
                "attestation": obj,
                "instruments": obj.instruments.all(),
                "may_change": planned and can_manage_reserve(request.user),
                "counts": [] if planned else _counts(obj),
                "gate": services.opening_blockers(obj)
                if planned
                else listing_blockers(obj)
                if obj.state == AttestationState.OPEN
                else [],
            }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def create(self, request: HttpRequest) -> HttpResponse:
        """Plan the attestation of a year."""
        return deed_page(
            request,
            title="Запланировать итоговую аттестацию",
            effects=["До начала можно менять средства, порог и зоны; потом они закрепляются."],
            form=AttestationForm(request.POST or None),
            deed=lambda form: address_of(
                services.create_attestation(edition_in_force(), actor=request.user, **form.cleaned_data)
            ),
            back=self.page("changelist"),
            submit_label="Запланировать",
            done="Аттестация запланирована.",
        )

    def borders(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Store the borders and the decision behind them."""
        row = _row(pk)
        initial = {
            name: getattr(row, name) for name in ("threshold_percent", "green_percent", "borders_basis")
        }
        form = BordersForm(request.POST or None, edition=row.edition, initial=initial)
        return self._deed(
            request,
            row,
            title=f"Порог и зоны: {row}",
            effects=["С началом аттестации порог и зоны закрепляются."],
            form=form,
            service=lambda data: services.set_borders(row, actor=request.user, **data),
            done="Сохранено.",
        )

    def add_instrument(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add a test, a case, a defence or an expert sheet."""
        row = _row(pk)
        return self._deed(
            request,
            row,
            title=f"Добавить оценочное средство: {row}",
            effects=["Средство попадёт в ведомость."],
            form=InstrumentForm(request.POST or None),
            service=lambda data: services.add_instrument(row, actor=request.user, **data),
            done="Средство добавлено.",
        )

    def remove_instrument(self, request: HttpRequest, pk: int, instrument: int) -> HttpResponse:
        """Take an instrument out."""
        item = get_object_or_404(AttestationInstrument.objects.select_related("attestation"), pk=instrument)
        return self._deed(
            request,
            _row(pk),
            title=f"Убрать средство: {item}",
            effects=["Средства не будет в ведомости."],
            form=None,
            service=lambda data: services.remove_instrument(item, actor=request.user),
            done="Средство убрано.",
        )

    def open(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begin the attestation."""
        row = _row(pk)
        return self._deed(
            request,
            row,
            title=f"Начать: {row}",
            blockers=services.opening_blockers(row),
            effects=["В ведомость войдут все, кто состоит в резерве.", "Порог, зоны и средства закрепятся."],
            form=None,
            service=lambda data: services.open_attestation(row, actor=request.user),
            done="Аттестация начата.",
        )

    def give(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give experts sheets on everybody by one instrument (O4.17)."""
        row = _row(pk)
        return self._deed(
            request,
            row,
            title=f"Передать листы экспертам: {row}",
            effects=[
                "Каждый выбранный эксперт оценит всех, кроме тех, от кого должен взять отвод, и получит письмо.",
                "Баллы средства — среднее сданных листов; внесённые раньше вручную уберутся.",
            ],
            form=GiveAttestationSheetsForm(request.POST or None, attestation=row),
            service=lambda data: give_sheets(row, actor=request.user, **data),
            done="Листы переданы.",
        )

    def make_list(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put the results together into the list for the bodies."""
        row = _row(pk)
        return deed_page(
            request,
            title=f"Свести результаты: {row}",
            blockers=listing_blockers(row),
            effects=[
                "Портал посчитает суммы, зоны и места; появится список для экспертной комиссии.",
                "Пока список не передан, баллы можно исправить.",
            ],
            deed=lambda form: address_of(make_attestation_list(row, actor=request.user)),
            back=address_of(row),
            submit_label="Свести",
            done="Список составлен. Проверьте его и передайте органу.",
        )

    def sheet(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Issue the sheet as PDF."""
        row = _row(pk)
        return deed_page(
            request,
            title=f"Выпустить ведомость: {row}",
            effects=["Будет выдан документ с номером: баллы, зоны, места, отсутствовавшие."],
            deed=lambda form: reverse(
                "papers:download", args=[issue_attestation_sheet(row, actor=request.user).pk]
            ),
            back=address_of(row),
            submit_label="Выпустить",
        )

    def marks(self, request: HttpRequest, pk: int, entry: int | None = None) -> HttpResponse:
        """Enter points for a page of the sheet, or for one person; all cells are stored or none."""
        if not can_manage_reserve(request.user):
            raise PermissionDenied
        row = _row(pk)
        entries = row.entries.in_order()
        if entry is not None:
            entries = entries.filter(pk=entry)
        page = Paginator(entries, PEOPLE_ON_A_PAGE).get_page(request.GET.get("page"))
        by_sheets = scored_by_experts(row)
        instruments = [item for item in row.instruments.all() if item.pk not in by_sheets]
        form = MarksForm(request.POST or None, entries=list(page), instruments=instruments)
        if request.method == "POST" and form.is_valid():
            try:
                changed = record_marks(row, form.marks(), actor=request.user)
            except GateShut as shut:
                for blocker in shut.blockers:
                    form.add_error(None, blocker.text)
            else:
                messages.success(request, f"Сохранено, изменены строки: {changed}.")
                return redirect(request.get_full_path())
        context = {
            **admin.site.each_context(request),
            "title": f"Баллы: {row}",
            "subtitle": None,
            "attestation": row,
            "instruments": instruments,
            "form": form,
            "rows": form.rows(),
            "page": page,
            "single": entry is not None,
            "back": address_of(row),
        }
        return render(request, "admin/reservists/marks.html", context)

    def _deed(
        self,
        request: HttpRequest,
        row: Attestation,
        *,
        title: str,
        effects: list[str],
        form: Any,
        service: Callable[[dict[str, Any]], Any],
        done: str,
        blockers: Sequence[Blocker] = (),
    ) -> HttpResponse:
        def deed(bound: Any) -> str:
            service(bound.cleaned_data if bound is not None else {})
            return address_of(row)

        back = address_of(row)
        return deed_page(
            request,
            title=title,
            blockers=blockers,
            effects=effects,
            form=form,
            deed=deed,
            back=back,
            done=done,
        )


def _row(pk: int) -> Attestation:
    return get_object_or_404(Attestation.objects.select_related("edition"), pk=pk)


def _counts(attestation: Attestation) -> list[tuple[str, int]]:
    """How far the sheet is."""
    entries = attestation.entries
    sheets = AttestationSheet.objects.filter(entry__attestation=attestation)
    return [
        ("В ведомости", entries.count()),
        ("Не проходили", entries.filter(absent=True).count()),
        ("Внесены не все баллы", entries.unfinished(attestation).count()),
        ("Листы у экспертов", sheets.filter(state=SheetState.GIVEN).count()),
        ("Листы сданы", sheets.filter(state=SheetState.HANDED_IN).count()),
    ]
