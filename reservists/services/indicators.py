"""Indicators over spans, against their targets; the yearly report (O7.1, O7.4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.words import clause_in_words
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.models import Edition

from ..indicators import DASH, YEARS, Figure, Indicator, Scope, indicators, scope_of
from ..leaving_papers import EFFECTIVENESS
from ..models import IndicatorTarget
from ..rules import points_words

HISTORY = 5  # years of the plot


@dataclass(frozen=True)
class Row:
    """One indicator: the year, the cumulative spans, the year before, the target (O7.1, O7.4)."""

    indicator: Indicator
    figures: tuple[Figure, ...]
    before: Figure
    target: IndicatorTarget | None
    clause: str

    @property
    def change(self) -> str:
        """Against the previous period, signed."""
        now, before = self.figures[0].number, self.before.number
        if now is None or before is None:
            return DASH
        difference = now - before
        if not difference:
            return "без изменений"
        sign = "+" if difference > 0 else "−"
        shown = points_words(Decimal((abs(difference) * 100 + Fraction(1, 2)).__floor__()) / 100)
        return f"{sign}{shown}" + (" п. п." if self.indicator.whole is not None else "")

    @property
    def is_reached(self) -> bool | None:
        """Whether the year's figure reaches the target; None where there is none or nothing to compare."""
        number = self.figures[0].number
        if self.target is None or number is None:
            return None
        return self.target.is_reached(number)


def table_of(
    year: int, *, until: date | None = None, group: str = "", municipality: int | None = None
) -> list[Row]:
    """Every indicator of the edition in force for a year, the facts up to `until` (by default all of the year)."""
    spans = [_cut(scope_of(year, years, group=group, municipality=municipality), until) for years in YEARS]
    before = _year_before(spans[0])
    targets = {row.indicator: row for row in IndicatorTarget.objects.filter(year=year)}
    clauses = clauses_of(Edition.objects.filter(in_force=True).first())
    return [
        Row(
            indicator,
            tuple(indicator.measure(span) for span in spans),
            indicator.measure(before),
            targets.get(indicator.code),
            clauses[indicator.code],
        )
        for indicator in _counted()
    ]


def clauses_of(edition: Edition | None) -> dict[str, str]:
    """The clause of each indicator by its code, in words; «образец» where the edition's document has none (O7)."""
    cited = "".join(row.clause for row in edition.parameters.all()) if edition else ""
    return {
        item.code: clause_in_words(item.clause) if not edition or item.clause[:1] in cited else "образец"
        for item in indicators
    }


def _counted() -> list[Indicator]:
    """Without those that the edition in force has nothing to count for."""
    edition = Edition.objects.filter(in_force=True).first()
    return [item for item in indicators if not item.needs or edition is None or edition.value(item.needs)]


def history_of(indicator: Indicator, scope: Scope) -> list[tuple[str, Figure]]:
    """The indicator year by year, the scope's year last."""
    years = range(scope.until.year - HISTORY + 1, scope.until.year + 1)
    return [
        (
            str(year),
            indicator.measure(
                _cut(scope_of(year, group=scope.group, municipality=scope.municipality), scope.until)
            ),
        )
        for year in years
    ]


def span_words(year: int) -> list[str]:
    """How the spans of a year are headed: «2026», «2025–2026», «2024–2026»."""
    return [str(year) if years == 1 else f"{year - years + 1}–{year}" for years in YEARS]


def read_target(indicator: str, year: int) -> IndicatorTarget | None:
    """The target set for an indicator and a year."""
    return IndicatorTarget.objects.filter(indicator=indicator, year=year).first()


@transaction.atomic
def set_target(
    indicator: Indicator, year: int, *, value: Decimal | None, at_most: bool, basis: str, actor: Any
) -> IndicatorTarget | None:
    """Set the target of an indicator for a year, by the named decision; without a value take it away (O7.4).

    Raises GateShut without a basis.
    """
    old = IndicatorTarget.objects.select_for_update().filter(indicator=indicator.code, year=year).first()
    row = old
    if value is None:
        IndicatorTarget.objects.filter(indicator=indicator.code, year=year).delete()
        row = None
    else:
        require_open(
            [] if basis.strip() else [Blocker("Укажите, каким решением установлен ориентир.", "basis")]
        )
        row, _ = IndicatorTarget.objects.update_or_create(
            indicator=indicator.code,
            year=year,
            defaults={"value": value, "at_most": at_most, "basis": basis.strip(), "set_by": actor},
        )
    record_event(
        "reservists.set_target",
        row,
        actor=actor,
        indicator=indicator.code,
        year=year,
        before=str(old.value) if old else "",
        value="" if value is None else str(value),
    )
    return row


@transaction.atomic
def issue_report(edition: Edition, *, year: int, actor: Any) -> IssuedPaper:
    """Issue the report of a year, with the figures cumulative for two and three years (O7.1).

    Closes the year's limit. Raises GateShut for a year that has not begun.
    """
    if year > clock.today().year:
        require_open([Blocker("Этот год ещё не начался.", field="year")])
    context = {
        "edition": edition,
        "year": year,
        "until": min(clock.today(), date(year, 12, 31)),
        "spans": span_words(year),
        "rows": table_of(year),
        "signed_by": actor.short_name,
    }
    title = f"{EFFECTIVENESS.title} за {year} год"
    paper = issue_paper(EFFECTIVENESS.code, edition, context, actor=actor, title=title)
    if year >= clock.today().year - 1:
        event_happened("effectiveness.reported", edition, edition=edition, on=clock.today())
    record_event("reservists.issue_effectiveness_report", paper, actor=actor, year=year)
    return paper


def breakdown_of(
    indicator: Indicator, scope: Scope, parts: Iterable[tuple[str, Scope]]
) -> list[tuple[str, Figure]]:
    """The figure for each named part of the scope, those with nothing in them left out."""
    measured = [(name, indicator.measure(part)) for name, part in parts]
    return [(name, figure) for name, figure in measured if figure.part or figure.whole]


def _cut(scope: Scope, until: date | None) -> Scope:
    """The scope without what comes after `until`, where that lies within it."""
    if until is None or not scope.since <= until < scope.until:
        return scope
    return Scope(scope.since, until, scope.group, scope.municipality)


def _year_before(scope: Scope) -> Scope:
    """The same days of the year before: half a year is compared with half a year."""
    until = scope.until
    last = (
        date(until.year - 1, 2, 28)
        if (until.month, until.day) == (2, 29)
        else until.replace(year=until.year - 1)
    )
    return Scope(scope.since.replace(year=scope.since.year - 1), last, scope.group, scope.municipality)
