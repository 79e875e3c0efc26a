"""The admin's base: read-only, deletes nothing; writes go through services by actions and own views."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class PortalModelAdmin(admin.ModelAdmin):
    """Shows rows to `readers` and, where a subclass names them, lets `editors` add and change reference data."""

    readers: tuple[str, ...] = ("operator", "administrator", "auditor")
    editors: tuple[str, ...] = ()
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    actions: Any = []

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_any(request, self.readers) or _has_any(request, self.editors)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_any(request, self.editors)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_any(request, self.editors)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PortalTabularInline(admin.TabularInline):
    """Rows of a parent in the admin; editable by `editors` alone."""

    readers: tuple[str, ...] = ("operator", "administrator", "auditor")
    editors: tuple[str, ...] = ()
    extra = 0
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_any(request, self.readers) or _has_any(request, self.editors)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_any(request, self.editors)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_any(request, self.editors)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_any(request, self.editors)


def _has_any(request: HttpRequest, roles: tuple[str, ...]) -> bool:
    user: Any = request.user
    return user.is_active and user.is_authenticated and user.has_any_role(*roles)
