from typing import Any

from django.contrib import admin, auth
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.search import indexed_values, search_key

from .models import AuditEvent


class ActionFilter(admin.SimpleListFilter):
    """Events of one deed."""

    title = "Действие"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in indexed_values(AuditEvent, "action")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(PortalModelAdmin):
    readers = ("auditor",)
    list_display = ["at", "actor_label", "action", "object_label", "person", "is_read"]
    list_filter = ["is_read", ActionFilter]
    list_select_related = ["person"]
    search_fields = ["actor_label"]
    search_help_text = "Начало фамилии: чьи данные или кто действовал"
    sortable_by = ()

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By whom or about whom, found by the beginning of the name."""
        key = search_key(search_term)
        if not key:
            return queryset, False
        people = auth.get_user_model().objects.filter(search_key__prefix=key).order_by().values("pk")
        return queryset.filter(Q(person__in=people) | Q(actor__in=people)), False
