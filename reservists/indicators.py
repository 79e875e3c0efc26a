"""Indicators of how effective the work with the reserve is: what is counted, over whom, for which span (O7)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet

from reserve_portal.accounts.models import User
from reserve_portal.core import clock
from reserve_portal.core.registry import Registry

from .rules import points_words

YEARS = (1, 2, 3)  # the year itself, and cumulative with the one and the two before (O7.1)
DASH = "—"


@dataclass(frozen=True)
class Scope:
    """A span of days, both ends included, and whom it is narrowed to: a group's code, a municipality's id."""

    since: date
    until: date
    group: str = ""
    municipality: int | None = None

    @property
    def moments(self) -> tuple[datetime, datetime]:
        return clock.at(self.since, time(0)), clock.end_of(self.until)

    def narrow(self, rows: QuerySet[Any], *, group: str = "", municipality: str = "") -> QuerySet[Any]:
        """Narrow `rows` by the paths that lead from them to a group's code and to a municipality."""
        if self.group:
            rows = rows.filter(**{group: self.group}) if group else rows.none()
        if self.municipality:
            rows = rows.filter(**{municipality: self.municipality}) if municipality else rows.none()
        return rows

    def narrow_applicants(self, rows: QuerySet[Any], *, user: str, group: str) -> QuerySet[Any]:
        """The same for people who may not be in the reserve: the questionnaire's municipality, else the account's."""
        rows = replace(self, municipality=None).narrow(rows, group=group)
        if not self.municipality:
            return rows
        told, own = f"{user}__profile__municipality", f"{user}__municipality"
        return rows.filter(Q(**{told: self.municipality}) | Q(**{told: None, own: self.municipality}))


@dataclass(frozen=True)
class Count:
    """Rows that are counted; with `person`, the path to a person, every person once and the figure opens into them."""

    rows: QuerySet[Any]
    person: str = ""

    @property
    def number(self) -> int:
        rows = self.rows.order_by()
        return rows.values(self.person).distinct().count() if self.person else rows.count()

    @property
    def people(self) -> QuerySet[User]:
        """The people behind the figure, by name; nobody where rows are counted."""
        if not self.person:
            return User.objects.none()
        found = self.rows.order_by().exclude(**{self.person: None}).values(self.person)
        return User.objects.filter(pk__in=found).order_by("last_name", "first_name", "pk")


@dataclass(frozen=True)
class Indicator:
    """`part` is counted; with `whole` the figure is its share of it, with `mean` the mean of those fractions.

    `needs`: the parameter without which an edition has nothing to count.
    """

    code: str
    name: str
    clause: str
    definition: str
    part: Callable[[Scope], Count]
    whole: Callable[[Scope], Count] | None = None
    mean: Callable[[Scope], Iterable[Fraction]] | None = None
    unit: str = ""
    needs: str = ""

    def measure(self, scope: Scope) -> "Figure":
        """The figure for a scope, exact."""
        if self.mean is not None:
            values = list(self.mean(scope))
            return Figure(self, sum(values, Fraction(0)) / len(values) if values else None, len(values), 0)
        part = self.part(scope).number
        if self.whole is None:
            return Figure(self, Fraction(part), part, 0)
        whole = self.whole(scope).number
        return Figure(self, Fraction(part * 100, whole) if whole else None, part, whole)


@dataclass(frozen=True)
class Figure:
    """A measured indicator: `number` exact (per cent for a share), None where there is nothing to compare."""

    indicator: Indicator
    number: Fraction | None
    part: int
    whole: int

    @property
    def text(self) -> str:
        """In words, «25 % (3 из 12)»; rounded for the eye alone."""
        if self.number is None:
            return DASH
        if self.indicator.whole is not None:
            return f"{rounded(self.number)} % ({self.part} из {self.whole})"
        return f"{rounded(self.number)}{self.indicator.unit and ' ' + self.indicator.unit}"

    @property
    def short(self) -> str:
        """The number alone, for a plot."""
        if self.number is None:
            return DASH
        return rounded(self.number) + (" %" if self.indicator.whole is not None else "")


indicators: Registry[Indicator] = Registry("indicator")


def register_indicator(indicator: Indicator) -> Indicator:
    """Add an indicator; they are shown in the order of their registration."""
    return indicators.add(indicator.code, indicator)


def scope_of(year: int, years: int = 1, *, group: str = "", municipality: int | None = None) -> Scope:
    """The scope of `years` years that ends with `year`."""
    return Scope(date(year - years + 1, 1, 1), date(year, 12, 31), group, municipality)


def rounded(value: Fraction) -> str:
    """Two digits after the comma, half up, for the eye."""
    hundredths = (value * 100 + Fraction(1, 2)).__floor__()
    return points_words(Decimal(hundredths) / 100)
