"""Lists of the workplace: counted up to a bound, kept as saved filters, taken away as XLSX as they stand."""

from collections.abc import Callable, Iterator
from functools import cached_property
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import display_for_field, display_for_value, label_for_field, lookup_field
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.test import RequestFactory
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from . import clock
from .downloads import generated_file
from .gates import GateShut
from .job_files import keep_file
from .jobs import enqueue_job, job, report_progress
from .models import Job, SavedFilter
from .saved_filters import remove_filter, save_filter
from .search import COUNTED_AT_MOST, capped_count
from .tables import SHEET_TYPE, save_xlsx

EXPORT = "_export"
SAVE, REMOVE = "_save_filter", "_remove_filter"
EXPORTED_AT_ONCE = 3000  # rows within a request; more are a job's work
CHUNK = 500
NO_VALUE = "—"
# Called with (actor, list, query, rows) for each table that is taken away; the audit trail, a layer above, plugs in.
export_witnesses: list[Callable[[Any, str, str, int], Any]] = []


class CappedPaginator(Paginator):
    """Pages of the first COUNTED_AT_MOST rows: counting a hundred thousand costs more than showing fifty.

    Filtered and sorted are the keys alone; what a page shows is joined to its own rows, not to all that could be shown.
    """

    rows: models.QuerySet[Any] | None = None  # where a page's rows are read by their keys, unfiltered

    @cached_property
    def keys(self) -> list[Any]:
        found: Any = self.object_list
        return list(found.values_list("pk", flat=True)[: COUNTED_AT_MOST + 1])

    @cached_property
    def counted(self) -> int:
        return len(self.keys)

    def page(self, number: int | str) -> Page:
        """The page with this number. Raises InvalidPage."""
        if self.rows is None:
            return super().page(number)
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        keys = self.keys[first : min(first + self.per_page, self.count)]
        found = {row.pk: row for row in self.rows.filter(pk__in=keys)}
        return Page([found[key] for key in keys if key in found], number, self)

    @cached_property
    def count(self) -> int:
        return min(self.counted, COUNTED_AT_MOST)

    @property
    def is_capped(self) -> bool:
        return self.counted > COUNTED_AT_MOST


class ListAdmin(admin.ModelAdmin):
    """What a list of the workplace can do besides being read."""

    paginator = CappedPaginator
    show_full_result_count = False

    def get_paginator(
        self, request: HttpRequest, queryset: models.QuerySet[Any], *args: Any, **kwargs: Any
    ) -> Any:
        paginator: Any = super().get_paginator(request, queryset, *args, **kwargs)
        paginator.rows = self.get_queryset(request)
        paginator.rows.query.select_related = queryset.query.select_related
        return paginator

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if self.has_view_or_change_permission(request):
            if EXPORT in request.GET:
                return self._export(request)
            if request.method == "POST" and (SAVE in request.POST or REMOVE in request.POST):
                return self._filters_changed(request)
        query = list_query(request.GET)
        context = {
            "saved_filters": _shown_filters(request, self.opts.label_lower, query),
            "list_query": query,
            "list_deeds": [],
            "export_url": f"?{query}&{EXPORT}=xlsx" if query else f"?{EXPORT}=xlsx",
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def filtered_rows(self, request: HttpRequest, query: str) -> models.QuerySet[Any]:
        """The rows of the list as the address `query` filters, searches and orders it, for the person of `request`.

        Raises IncorrectLookupParameters for an address the list does not understand.
        """
        rows: models.QuerySet[Any] = self.get_changelist_instance(request_like(request, query)).queryset
        return rows

    def _export(self, request: HttpRequest) -> HttpResponseBase:
        query = list_query(request.GET)
        try:
            rows = self.filtered_rows(request, query)
        except IncorrectLookupParameters:
            return redirect(f"{request.path}?{ERROR_FLAG}=1")
        if capped_count(rows, EXPORTED_AT_ONCE) > EXPORTED_AT_ONCE:
            params = {"model": self.opts.label_lower, "query": query}
            row = enqueue_job(
                "core.export_list",
                key=f"core.export_list:{self.opts.label_lower}:{clock.now():%Y%m%d%H%M%S%f}",
                title=f"Таблица XLSX: {self.opts.verbose_name_plural}",
                params=params,
                actor=request.user,
            )
            messages.info(request, "Список большой: таблица готовится. Здесь видно, сколько сделано.")
            return redirect("admin:core_job_change", row.pk)
        out = BytesIO()
        count = write_list(out, self, request_like(request, query), rows)
        _record_export(self.opts, request.user, query, count)
        out.seek(0)
        return generated_file(out, file_name(self.opts), SHEET_TYPE)

    def _filters_changed(self, request: HttpRequest) -> HttpResponse:
        try:
            if SAVE in request.POST:
                save_filter(
                    self.opts.label_lower,
                    list_query(request.GET),
                    name=request.POST.get("name", ""),
                    is_shared=bool(request.POST.get("is_shared")),
                    owner=request.user,
                )
                messages.success(request, "Отбор сохранён: он стоит над списком.")
            else:
                remove_filter(request.POST.get(REMOVE, ""), owner=request.user)
                messages.success(request, "Сохранённый отбор удалён.")
        except GateShut as shut:
            messages.error(request, str(shut))
        return redirect(request.get_full_path())


def list_query(parameters: QueryDict) -> str:
    """The part of an address that says what a list shows: without the page, the export, errors; in a steady order."""
    dropped = {PAGE_VAR, ERROR_FLAG, EXPORT}
    pairs = [(key, value) for key, values in parameters.lists() if key not in dropped for value in values]
    return urlencode(sorted(pair for pair in pairs if pair[1] != ""))


def request_like(request: HttpRequest, query: str) -> HttpRequest:
    """A request of the same person for another address of the list."""
    return _request_of(request.user, query)


def write_list(
    out: Any, model_admin: Any, request: HttpRequest, rows: models.QuerySet[Any], tell: Any = None
) -> int:
    """Write the rows with the columns that the list shows; returns how many. `tell(done)` hears of the progress."""
    columns = [name for name in model_admin.get_list_display(request) if name != "action_checkbox"]
    labels = [str(label_for_field(name, model_admin.model, model_admin)) for name in columns]
    headings = [label[:1].upper() + label[1:] for label in labels]

    def values() -> Iterator[list[Any]]:
        for done, row in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
            yield [_value(name, row, model_admin) for name in columns]
            if tell and done % CHUNK == 0:
                tell(done)

    return save_xlsx(out, str(model_admin.opts.verbose_name_plural), headings, values())


def file_name(opts: Any) -> str:
    return f"{opts.verbose_name_plural} {clock.today():%Y-%m-%d}.xlsx"


@job("core.export_list")
def export_list(row: Job) -> dict[str, Any]:
    """Write a long list to a file kept for whoever asked."""
    model_admin = next(
        item for model, item in admin.site._registry.items() if model._meta.label_lower == row.params["model"]
    )
    request = _request_of(row.created_by, row.params["query"])
    changelist = model_admin.get_changelist_instance(request)
    total = changelist.queryset.order_by().count()
    report_progress(row, 0, total)
    with keep_file(row, file_name(model_admin.opts)) as out:
        count = write_list(
            out, model_admin, request, changelist.queryset, lambda done: report_progress(row, done, total)
        )
    _record_export(model_admin.opts, row.created_by, row.params["query"], count)
    return {"rows": count}


def _request_of(user: Any, query: str) -> HttpRequest:
    request = RequestFactory().get("/", QUERY_STRING=query)
    request.user = user
    return request


def _value(name: str, row: Any, model_admin: Any) -> Any:
    """A cell as text without markup; whole numbers stay numbers."""
    field, attribute, value = lookup_field(name, row, model_admin)
    if isinstance(value, int) and not isinstance(value, bool) and not getattr(field, "choices", None):
        return value
    if isinstance(value, SafeString):
        return strip_tags(value)
    if isinstance(value, bool):
        return "да" if value else "нет"
    empty = getattr(attribute, "empty_value_display", NO_VALUE)
    if field is None:
        return strip_tags(str(display_for_value(value, empty)))
    if isinstance(field, models.ForeignKey):
        return str(getattr(row, field.name) or NO_VALUE)
    return strip_tags(str(display_for_field(value, field, NO_VALUE)))


def _record_export(opts: Any, actor: Any, query: str, count: int) -> None:
    for witness in export_witnesses:
        witness(actor, opts.label_lower, query, count)


def _shown_filters(request: HttpRequest, label: str, query: str) -> list[dict[str, Any]]:
    rows = SavedFilter.objects.filter(Q(owner=request.user) | Q(is_shared=True), model=label)
    return [
        {
            "row": row,
            "url": f"?{row.query}",
            "is_current": row.query == query,
            "is_own": row.owner_id == request.user.pk,
        }
        for row in rows.select_related("owner")
    ]
