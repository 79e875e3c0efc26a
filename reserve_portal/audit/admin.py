from django.contrib import admin

from reserve_portal.core.admin_base import PortalModelAdmin

from .models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(PortalModelAdmin):
    readers = ("auditor",)
    list_display = ["at", "actor_label", "action", "object_label", "person", "is_read"]
    list_filter = ["is_read", "action"]
    list_select_related = ["person"]
    search_fields = ["object_label", "actor_label"]
