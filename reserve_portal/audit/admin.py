from typing import Any

from django.contrib import admin, auth
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string

from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.search import indexed_values, search_key

from .deeds import words_of
from .models import AuditEvent
from .words import described_details


class ActionFilter(admin.SimpleListFilter):
    """Events of one deed."""

    title = "Действие"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        named = [(code, words_of(code)) for code in indexed_values(AuditEvent, "action")]
        return sorted(named, key=lambda pair: search_key(pair[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(PortalModelAdmin):
    readers = ("auditor",)
    list_display = ["at", "actor_label", "deed", "object_label", "person", "is_read"]
    list_filter = ["is_read", ActionFilter]
    list_select_related = ["person"]
    fields = [
        "at",
        "actor",
        "actor_label",
        "deed",
        "object_label",
        "person",
        "is_read",
        "details_in_words",
        "address",
        "batch",
    ]
    readonly_fields = ["deed", "details_in_words"]
    search_fields = ["actor_label"]
    search_help_text = "Начало фамилии: чьи данные или кто действовал"
    sortable_by = ()

    @admin.display(description="Действие")
    def deed(self, event: AuditEvent) -> str:
        return event.get_action_display()

    @admin.display(description="Подробности")
    def details_in_words(self, event: AuditEvent) -> str:
        """A list of names and values; lists within it as lists."""
        model = event.content_type.model_class() if event.content_type else None
        pairs = described_details(model, event.details)
        if not pairs:
            return "—"
        return render_to_string("admin/audit/details.html", {"pairs": pairs})

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By whom or about whom, found by the beginning of the name."""
        key = search_key(search_term)
        if not key:
            return queryset, False
        people = auth.get_user_model().objects.filter(search_key__prefix=key).order_by().values("pk")
        return queryset.filter(Q(person__in=people) | Q(actor__in=people)), False
