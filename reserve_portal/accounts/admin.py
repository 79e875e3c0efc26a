from django.contrib import admin

from reserve_portal.core.admin_base import PortalModelAdmin

from .models import Municipality, Organisation, User


@admin.register(User)
class UserAdmin(PortalModelAdmin):
    readers = ("administrator", "operator")
    list_display = ["full_name", "email", "post", "municipality", "is_active"]
    list_filter = ["groups", "is_active"]
    list_select_related = ["municipality"]
    search_fields = ["search_key"]
    fields = [
        "email",
        "last_name",
        "first_name",
        "patronymic",
        "phone",
        "post",
        "municipality",
        "organisation",
        "is_active",
        "date_joined",
    ]


@admin.register(Municipality)
class MunicipalityAdmin(PortalModelAdmin):
    editors = ("administrator", "operator")
    list_display = ["name", "oktmo", "is_active"]
    search_fields = ["name", "oktmo"]


@admin.register(Organisation)
class OrganisationAdmin(PortalModelAdmin):
    editors = ("administrator", "operator")
    list_display = ["name", "municipality", "kind", "is_active"]
    list_filter = ["municipality", "kind"]
    list_select_related = ["municipality"]
    search_fields = ["name"]
