"""The admin's base: read-only, deletes nothing; writes go through services by actions and own views."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from .admin_lists import ListAdmin
from .gates import GateShut
from .search import search_key


class PortalModelAdmin(ListAdmin):
    """Shows rows to `readers` and, where a subclass names them, lets `editors` add and change reference data."""

    readers: tuple[str, ...] = ("operator", "administrator", "auditor")
    editors: tuple[str, ...] = ()
    list_per_page = 50
    empty_value_display = "—"
    show_facets = admin.ShowFacets.NEVER
    actions: Any = []

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A search in search keys is made in a key's own spelling: case and ё do not matter."""
        if self.search_fields and all(field.endswith("search_key") for field in self.search_fields):
            search_term = search_key(search_term)
        return super().get_search_results(request, queryset, search_term)

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

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        """What is not there answers 404, as on the portal's pages."""
        raise Http404

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the list offers to filter by: others could be guessed through `?password__startswith=`."""
        filters = self.get_list_filter(request)
        offered = [_offered(item) for item in filters]
        fits = any(lookup == name or lookup.startswith(f"{name}__") for name in offered)
        return fits and super().lookup_allowed(lookup, value, request)


def _offered(item: Any) -> str:
    """What a filter of a list is called in an address."""
    if isinstance(item, (tuple, list)):
        return str(item[0])
    return item if isinstance(item, str) else getattr(item, "parameter_name", "")


class PortalTabularInline(admin.TabularInline):
    """Rows of a parent in the admin; editable by `editors` alone."""

    readers: tuple[str, ...] = ("operator", "administrator", "auditor")
    editors: tuple[str, ...] = ()
    extra = 0
    show_change_link = False
    template = "admin/rows.html"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A cell's control bears its column's name: the heading alone is no label for a screen reader."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs.setdefault("aria-label", str(field.label))
        return field

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_any(request, self.readers) or _has_any(request, self.editors)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_any(request, self.editors)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_any(request, self.editors)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_any(request, self.editors)


class KindFilter(admin.SimpleListFilter):
    """Rows of one registered kind; a subclass names the registry, people read the titles."""

    title = "Вид"
    parameter_name = "kind"
    kinds: Any = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(((kind.code, kind.title) for kind in self.kinds), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


def confirm_page(
    request: HttpRequest,
    title: str,
    effects: Sequence[str],
    form: Any,
    deed: Callable[[dict[str, Any]], Any],
    done: str,
    back: str,
) -> HttpResponse:
    """Show what a deed does, with its form; once confirmed, call `deed(cleaned_data)`, say `done` and go `back`.

    The blockers of a shut gate stand beside the fields they name, the others above the form.
    """
    if request.method == "POST" and form.is_valid():
        try:
            deed(form.cleaned_data)
        except GateShut as shut:
            for blocker in shut.blockers:
                form.add_error(blocker.field if blocker.field in form.fields else None, blocker.text)
        else:
            messages.success(request, done)
            return redirect(back)
    context = {
        **admin.site.each_context(request),
        "title": title,
        "effects": list(effects),
        "form": form,
        "submit_label": "Подтвердить",
        "cancel_url": back,
    }
    return TemplateResponse(request, "admin/confirm.html", context)


def _has_any(request: HttpRequest, roles: tuple[str, ...]) -> bool:
    user: Any = request.user
    return user.is_active and user.is_authenticated and user.has_any_role(*roles)
