"""Editions of the registry for whoever may see all of it: operator, authority, auditor."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from reserve_portal.audit.services import record_read
from reserve_portal.core.downloads import private_file
from reserve_portal.core.enums import JobState
from reserve_portal.core.timeline import timeline_of

from ..forms import DifferenceForm
from ..models import RegistryEdition
from ..perms import can_manage_reserve, can_see_registry
from ..services.registry_difference import Difference
from ..services.registry_table import registry_columns

DECISIONS_SHOWN = 20


def registries(request: HttpRequest) -> HttpResponse:
    """All editions, newest first."""
    _require(request)
    editions = RegistryEdition.objects.select_related("edition", "paper")
    page = Paginator(editions.order_by("-number"), 30).get_page(request.GET.get("page"))
    return render(request, "reservists/registries.html", {"page": page})


def registry(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition: its papers and its rows, 50 on a page; the reading is recorded."""
    _require(request)
    row = get_object_or_404(_editions(), pk=pk)
    record_read(row, actor=request.user, person=None, what="reservists.read_registry")
    columns = registry_columns(row.edition)
    page = Paginator(row.lines.order_by("place"), 50).get_page(request.GET.get("page"))
    context = {
        "registry": row,
        "page": page,
        "columns": columns,
        "rows": [[item.cells.get(column.key) for column in columns] for item in page],
        "total": row.size,
        "timeline": timeline_of([row]),
        "manages": can_manage_reserve(request.user),
    }
    return render(request, "reservists/registry.html", context)


def difference(request: HttpRequest, pk: int) -> HttpResponse:
    """What an edition changed against the one before it, or an earlier one; the reading is recorded."""
    _require(request)
    newer = get_object_or_404(_editions(), pk=pk)
    form = DifferenceForm({"number": request.GET["number"]} if "number" in request.GET else None, newer=newer)
    if form.is_bound:
        older = form.cleaned_data["number"] if form.is_valid() else None
    else:
        older = form.earlier.first()
    context: dict[str, Any] = {"registry": newer, "form": form if older or form.is_bound else None}
    if older is not None:
        record_read(newer, actor=request.user, person=None, what="reservists.compare_registry")
        context |= _compared(Difference(older, newer), request.GET.get("page"))
    return render(request, "reservists/difference.html", context)


def _compared(found: Difference, number: str | None) -> dict[str, Any]:
    page = Paginator(found, 50).get_page(number)
    decisions = list(found.decisions[: DECISIONS_SHOWN + 1])
    return {
        "difference": True,
        "older": found.older,
        "counts": found.counts,
        "page": page,
        "lines": list(found.lines(list(page))),
        "decisions": decisions[:DECISIONS_SHOWN],
        "more": found.decisions.count() - DECISIONS_SHOWN if len(decisions) > DECISIONS_SHOWN else 0,
    }


def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the papers are; a page that survives a reload, refreshed by htmx where there is JavaScript."""
    _require(request)
    row = get_object_or_404(_editions(), pk=pk)
    if row.job is None:
        raise Http404
    template = (
        "reservists/includes/progress.html"
        if request.headers.get("HX-Request")
        else "reservists/progress.html"
    )
    context = {
        "registry": row,
        "job": row.job,
        "finished": row.job.state == JobState.DONE,
        "failed": row.job.state == JobState.FAILED,
    }
    return render(request, template, context)


def table(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The XLSX of an edition."""
    _require(request)
    row = get_object_or_404(RegistryEdition, pk=pk)
    if not row.table:
        raise Http404
    record_read(row, actor=request.user, person=None, what="reservists.download_table")
    return private_file(row.table, f"{row}.xlsx")


def _editions() -> Any:
    return RegistryEdition.objects.select_related("edition", "paper", "job", "decision_list")


def _require(request: HttpRequest) -> None:
    if not can_see_registry(request.user):
        raise PermissionDenied
