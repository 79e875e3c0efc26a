"""Signals for an exclusion and the list for the ministry in the operator's admin (O6.1-6.3)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from ..leaving_forms import DismissSignalForm
from ..models import ExclusionSignal
from ..services.exclusion import send_signal
from ..services.ministry import NOBODY, lists_to_send, send_to_ministry
from ..services.signals import dismiss_signal
from ..workflow import SIGNAL
from .pages import CaseAdmin, Tool, address_of, deed_page


@admin.register(ExclusionSignal)
class ExclusionSignalAdmin(CaseAdmin):
    list_display = ["person", "kind", "short_facts", "state", "raised_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["reservist__user"]
    search_fields = ["reservist__user__search_key"]
    search_help_text = "Фамилия, имя, отчество или адрес электронной почты"
    fields = [
        "person",
        "kind",
        "ground",
        "facts",
        "state",
        "raised_at",
        "raised_by",
        "decision_list",
    ]
    readonly_fields = ["person"]

    @admin.display(description="Резервист", ordering="reservist__user__last_name")
    def person(self, signal: ExclusionSignal) -> str:
        return signal.reservist.user.full_name

    @admin.display(description="Что произошло")
    def short_facts(self, signal: ExclusionSignal) -> str:
        return signal.facts if len(signal.facts) <= 120 else f"{signal.facts[:120]}…"

    def get_urls(self) -> list[Any]:
        deeds: dict[str, tuple[Any, str]] = {
            "ministry/": (self.ministry, "ministry"),
            "<int:pk>/send/": (self.send, "send"),
            "<int:pk>/dismiss/": (self.dismiss, "dismiss"),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"reservists_exclusionsignal_{name}")
            for route, (view, name) in deeds.items()
        ]
        return [*own, *super().get_urls()]

    def list_tools(self) -> list[Tool]:
        return (
            [("Направить список в министерство", self.page("ministry"))] if lists_to_send().exists() else []
        )

    def tools(self, obj: Any) -> list[Tool]:
        found = [
            ("Карточка резервиста", reverse("admin:reservists_reservist_change", args=[obj.reservist_id]))
        ]
        if SIGNAL.is_open(obj, "send"):
            found.append(("Передать органу", self.page("send", obj.pk)))
            found.append(("Отклонить", self.page("dismiss", obj.pk)))
        return found

    def send(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the exclusion list with the signal's ground and send it to the body (O6.1)."""
        signal = _signal(pk)
        return deed_page(
            request,
            title=f"Передать органу: {signal.reservist.user.full_name}",
            effects=[
                f"Основание: {signal.ground}. {signal.facts}",
                "Список об исключении уйдёт органу. Человек останется в резерве до решения.",
            ],
            deed=lambda form: address_of(send_signal(signal, actor=request.user)),
            back=address_of(signal),
            submit_label="Передать",
            done="Список передан органу.",
        )

    def dismiss(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Dismiss the signal with a reason."""
        signal = _signal(pk)

        def deed(form: Any) -> str:
            dismiss_signal(signal, actor=request.user, **form.cleaned_data)
            return address_of(signal)

        return deed_page(
            request,
            title=f"Отклонить сигнал: {signal.reservist.user.full_name}",
            effects=[signal.facts, "По тем же обстоятельствам сигнал больше не появится."],
            form=DismissSignalForm(request.POST or None),
            deed=deed,
            back=address_of(signal),
            submit_label="Отклонить",
            done="Сигнал отклонён.",
        )

    def ministry(self, request: HttpRequest) -> HttpResponse:
        """Issue the list of those recommended for exclusion and note that it was sent (O6.3)."""
        people = [
            line.label
            for row in lists_to_send().prefetch_related("lines")
            for line in row.lines.all()
            if line.standing
        ]

        def deed(form: Any) -> str:
            send_to_ministry(actor=request.user)
            return reverse("admin:papers_issuedpaper_changelist")

        return deed_page(
            request,
            title="Направить список рекомендованных к исключению",
            blockers=[] if lists_to_send().exists() else [NOBODY],
            effects=[
                "Будет выпущен документ с номером, его увидит министерство.",
                "Срок направления списка будет закрыт.",
            ],
            deed=deed,
            items=people,
            back=self.page("changelist"),
            submit_label="Выпустить и направить",
            done="Список выпущен. Он — первый среди выданных документов.",
        )


def _signal(pk: int) -> ExclusionSignal:
    return get_object_or_404(ExclusionSignal.objects.select_related("reservist__user", "ground"), pk=pk)
