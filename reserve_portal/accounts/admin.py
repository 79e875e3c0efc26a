from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from reserve_portal.core.admin_base import PortalModelAdmin

from .enums import Role
from .models import Municipality, Organisation, User


# The libraries' own pages would show a superuser the secrets of second factors and let roles be changed unrecorded.
admin.site.unregister([Authenticator, EmailAddress, Group])


class RoleFilter(admin.SimpleListFilter):
    title = "Роль"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(code), str(label)) for code, label in Role.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class UserAdmin(PortalModelAdmin):
    readers = ("administrator", "operator")
    list_display = ["name", "email", "post", "municipality", "is_active"]
    list_filter = [RoleFilter, "is_active"]
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

    @admin.display(description="Фамилия, имя, отчество", ordering="last_name")
    def name(self, user: User) -> str:
        return user.full_name


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
