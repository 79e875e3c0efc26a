"""Deadlines of all cases in the admin: what is overdue, what ends today, each with a way to its case."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.regulations.models import Deadline


class WhenFilter(admin.SimpleListFilter):
    """How the limit stands."""

    title = "Как идёт"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("overdue", "просрочен"),
            ("today", "последний день сегодня"),
            ("open", "идёт"),
            ("late", "исполнен с опозданием"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Deadline]) -> QuerySet[Deadline]:
        today, running = clock.today(), queryset.filter(closed_on=None, cancelled=False)
        shown = {
            "overdue": running.filter(due_on__lt=today),
            "today": running.filter(due_on=today),
            "open": running,
            "late": queryset.filter(closed_on__gt=F("due_on")),
        }
        return shown.get(self.value() or "", queryset)


class WhoseFilter(admin.SimpleListFilter):
    """Those the reader answers for."""

    title = "Чей"
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "мой")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.for_user(request.user) if self.value() == "mine" else queryset


class DeadlineAdmin(PortalModelAdmin):
    readers = (Role.OPERATOR, Role.AUDITOR)
    list_display = ["due", "title", "case", "answers", "standing"]
    list_display_links = None
    list_filter = [WhenFilter, WhoseFilter]
    list_select_related = ["content_type", "limit", "responsible_user"]
    ordering = ["due_on", "pk"]
    fields = [
        "title",
        "about",
        "due_on",
        "opened_on",
        "closed_on",
        "cancelled",
        "responsible",
        "responsible_user",
    ]

    @admin.display(description="До какого числа", ordering="due_on")
    def due(self, row: Deadline) -> str:
        return f"{row.due_on:%d.%m.%Y}"

    @admin.display(description="О чём")
    def case(self, row: Deadline) -> str:
        kind = row.content_type
        if kind is None:
            return row.about
        try:
            address = reverse(f"admin:{kind.app_label}_{kind.model}_change", args=[row.object_id])
        except NoReverseMatch:
            return row.about
        return format_html('<a href="{}">{}</a>', address, row.about)

    @admin.display(description="Кто отвечает")
    def answers(self, row: Deadline) -> str:
        return str(row.responsible_user or dict(Role.choices).get(row.responsible, row.responsible))

    @admin.display(description="Состояние")
    def standing(self, row: Deadline) -> str:
        if row.cancelled:
            return "отпал"
        if row.closed_on:
            return f"исполнен {row.closed_on:%d.%m.%Y}{' с опозданием' if row.was_late else ''}"
        return "просрочен" if row.is_overdue else "идёт"


if not admin.site.is_registered(Deadline):
    admin.site.register(Deadline, DeadlineAdmin)
