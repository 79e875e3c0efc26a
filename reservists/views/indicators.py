"""Indicators for the authority, the operator and the auditor: table, plots, people behind a figure, targets (O7)."""

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from reserve_portal.accounts.models import Municipality
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.downloads import generated_file
from reserve_portal.core.plots import bar_plot
from reserve_portal.core.tables import SHEET_TYPE, write_xlsx
from reserve_portal.regulations.models import Edition

from ..forms import IndicatorsForm, TargetForm
from ..indicators import Figure, Indicator, Scope, indicators, scope_of
from ..perms import can_see_indicators, can_set_targets
from ..services.indicators import (
    breakdown_of,
    clauses_of,
    history_of,
    read_target,
    set_target,
    span_words,
    table_of,
)
from .common import deed_page, demand


def table(request: HttpRequest) -> HttpResponse:
    """Every indicator of a year, cumulative for two and three, against the year before and the target."""
    form, scope = _asked(request)
    context = {
        "form": form,
        "rows": _rows(scope),
        "spans": span_words(scope.until.year),
        "query": _query(scope),
        "year": scope.until.year,
        "until": min(scope.until, clock.today()),
    }
    return render(request, "reservists/indicators.html", context)


def sheet(request: HttpRequest) -> HttpResponseBase:
    """The table as XLSX."""
    _, scope = _asked(request)
    year = scope.until.year
    headings = [
        "Показатель",
        *span_words(year),
        "К прошлому году",
        "Ориентир",
        "Решение",
        "Пункт",
        "Как считается",
    ]
    rows = [
        [
            row.indicator.name,
            *(figure.text for figure in row.figures),
            row.change,
            row.target.words if row.target else "",
            row.target.basis if row.target else "",
            row.clause,
            row.indicator.definition,
        ]
        for row in _rows(scope)
    ]
    record_event("reservists.export_indicators", None, actor=request.user, year=year, scope=_query(scope))
    return generated_file(
        write_xlsx(f"Показатели {year}", headings, rows), f"Показатели {year}.xlsx", SHEET_TYPE
    )


def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: year by year, by group and by municipality, each plot with its table."""
    form, scope = _asked(request)
    found = _indicator(code)
    groups = [(name, replace(scope, group=key)) for key, name in form.groups.items()]
    towns = [(town.name, replace(scope, municipality=town.pk)) for town in Municipality.objects.all()]
    parts = [("по годам", "Год", history_of(found, scope))]
    if not scope.group and len(groups) > 1:
        parts.append(("по целевым группам", "Целевая группа", breakdown_of(found, scope, groups)))
    if not scope.municipality:
        parts.append(
            ("по муниципальным образованиям", "Муниципальное образование", breakdown_of(found, scope, towns))
        )
    context = {
        "indicator": found,
        "clause": clauses_of(Edition.objects.filter(in_force=True).first())[code],
        "figure": found.measure(scope),
        "target": read_target(code, scope.until.year),
        "parts": [
            {"title": title, "heading": heading, "rows": rows, "plot": _plot(found, title, rows)}
            for title, heading, rows in parts
            if rows
        ],
        "query": _query(scope),
        "year": scope.until.year,
        "until": min(scope.until, clock.today()),
        "opens": bool(found.part(scope).person),
        "may_set": can_set_targets(request.user),
        "narrowed": _narrowed(form, scope),
    }
    return render(request, "reservists/indicator.html", context)


def people(request: HttpRequest, code: str) -> HttpResponse:
    """The people behind a figure, by name; the reading is recorded."""
    form, scope = _asked(request)
    found = _indicator(code)
    counted = found.part(scope)
    if not counted.person:
        raise Http404
    record_event(
        "reservists.read_people_of_indicator", None, actor=request.user, indicator=code, scope=_query(scope)
    )
    context = {
        "indicator": found,
        "page": Paginator(counted.people.select_related("municipality"), 50).get_page(
            request.GET.get("page")
        ),
        "query": _query(scope),
        "year": scope.until.year,
        "narrowed": _narrowed(form, scope),
    }
    return render(request, "reservists/indicator_people.html", context)


def target(request: HttpRequest, code: str) -> HttpResponse:
    """Set what the indicator is to reach in a year (O7.4)."""
    demand(can_set_targets(request.user))
    _, scope = _asked(request)
    found, year = _indicator(code), scope.until.year
    old = read_target(code, year)
    initial = {"value": old.value, "at_most": old.at_most, "basis": old.basis} if old else None
    back = f"{reverse('reservists:indicator', args=[code])}?{urlencode({'year': year})}"

    def deed(form: Any) -> str:
        set_target(found, year, actor=request.user, **form.cleaned_data)
        return back

    return deed_page(
        request,
        title=f"Ориентир на {year} год: {found.name.lower()}",
        lead=found.definition,
        form=TargetForm(request.POST if request.method == "POST" else None, initial=initial),
        deed=deed,
        back=(back, found.name),
        done="Ориентир сохранён.",
    )


def _asked(request: HttpRequest) -> tuple[IndicatorsForm, Scope]:
    """The form and the scope asked for; what is not understood is told beside its field and not narrowed by."""
    demand(can_see_indicators(request.user))
    today = clock.today()
    form = IndicatorsForm({"year": today.year, **request.GET.dict()})
    form.is_valid()
    data = form.cleaned_data
    town = data.get("municipality")
    scope = scope_of(
        data.get("year") or today.year, group=data.get("group", ""), municipality=town.pk if town else None
    )
    return form, replace(scope, until=data["until"]) if data.get("until") and form.is_valid() else scope


def _rows(scope: Scope) -> Any:
    return table_of(scope.until.year, until=scope.until, group=scope.group, municipality=scope.municipality)


def _indicator(code: str) -> Indicator:
    if code not in indicators:
        raise Http404
    return indicators.get(code)


def _query(scope: Scope) -> str:
    """The scope as the part of an address after the question mark."""
    whole = (scope.until.month, scope.until.day) == (12, 31)
    asked: dict[str, Any] = {
        "year": scope.until.year,
        "until": "" if whole else scope.until.isoformat(),
        "group": scope.group,
        "municipality": scope.municipality or "",
    }
    return urlencode({name: value for name, value in asked.items() if value})


def _narrowed(form: IndicatorsForm, scope: Scope) -> str:
    """Whose people alone are counted, in words."""
    town = form.cleaned_data.get("municipality")
    words = [form.groups.get(scope.group, ""), town.name if town else ""]
    return ", ".join(word for word in words if word)


def _plot(found: Indicator, title: str, rows: list[tuple[str, Figure]]) -> str:
    values = [(name, [round((figure.number or 0) * 100)]) for name, figure in rows]
    return bar_plot(f"{found.name} {title}", [found.name], values, [figure.short for _, figure in rows])
