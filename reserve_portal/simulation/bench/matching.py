"""What matching one vacancy costs at a thousand and at twenty thousand reservists (quality.md, speed and scale)."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from time import process_time
from typing import Any

from django.urls import reverse

from reserve_portal.accounts.models import User
from reserve_portal.core import clock
from reserve_portal.core.context import begin_unit_of_work
from vacancies.models import Vacancy
from vacancies.services.matching import match_vacancy

from .applications import OPERATOR
from .places import Place, places
from .reserve import build_reserve
from .timing import Cost, Meter

SIZES = (1_000, 20_000)
ROUNDS = 11
LIMIT_MS, AIM_MS = 1000, 100
TODAY = date(2026, 10, 21)
FIRST_PAGE = 50


@dataclass
class Row:
    """One question at both sizes."""

    label: str
    small: Cost
    large: Cost

    @property
    def faults(self) -> list[str]:
        found = []
        if self.small.queries != self.large.queries:
            found.append(f"queries: {self.small.queries} and {self.large.queries}")
        if self.large.ms > LIMIT_MS:
            found.append(f"takes over {LIMIT_MS} ms")
        return found


def run(
    sizes: tuple[int, int],
    url: str,
    folder: Path,
    *,
    rounds: int = ROUNDS,
    tell: Callable[[str], object] = print,
) -> list[Row]:
    """Build both databases, measure the order alone and the page by turns, print the table; returns the rows.

    `url` is the address of a PostgreSQL server, or empty for SQLite files in `folder`.
    """
    with clock.travel(clock.at(TODAY, time(11))), places(["small", "large"], url, folder) as made:
        meters = []
        for place, size in zip(made, sizes, strict=True):
            tell(f"building {size:,} reservists on {place.connection.vendor}")
            with place.filled():
                vacancy = build_reserve(size)
                operator = User.objects.get(email=OPERATOR)
            meters.append((Meter(place, operator), vacancy.pk))
        try:
            rows = [_order(meters, rounds), _page(meters, rounds)]
        finally:
            gc.unfreeze()
    tell(table(rows, sizes))
    return rows


def table(rows: list[Row], sizes: tuple[int, int]) -> str:
    """The measurement as text: milliseconds of processor time, queries, what is wrong and whether the aim is met."""
    lines = [f"{'matching of one vacancy':34}{sizes[0]:>12,}{sizes[1]:>12,}{'queries':>12}"]
    for row in rows:
        aim = "" if row.large.ms <= AIM_MS else f"above the aim of {AIM_MS} ms"
        told = "; ".join(row.faults) or aim
        times = f"{row.small.ms:>9.1f} ms{row.large.ms:>9.1f} ms"
        lines.append(f"{row.label:34}{times}{row.large.queries:>12}  {told}".rstrip())
    return "\n".join(lines)


def _order(meters: list[tuple[Meter, int]], rounds: int) -> Row:
    """The order and the names of its first page, without the page around them."""
    row = Row("order and first page", Cost(), Cost())
    pairs = list(zip(meters, (row.small, row.large), strict=True))
    for number in range(rounds + 1):
        for (meter, pk), cost in pairs if number % 2 else reversed(pairs):
            seconds = _timed(meter, pk)
            if number:  # the first one warms up
                cost.seconds.append(seconds)
    for (meter, pk), cost in pairs:
        cost.queries = _counted(meter.place, pk)
    return row


def _timed(meter: Meter, pk: int) -> float:
    gc.collect()
    gc.disable()
    try:
        with meter.place.used():
            database, portal = meter.database_seconds(), process_time()
            _answer(pk)
            return process_time() - portal + meter.database_seconds() - database
    finally:
        gc.enable()


def _counted(place: Place, pk: int) -> int:
    count = [0]

    def counted(execute: Any, *arguments: Any) -> Any:
        count[0] += 1
        return execute(*arguments)

    with place.used(), place.connection.execute_wrapper(counted):
        _answer(pk)
    return count[0]


def _answer(pk: int) -> None:
    begin_unit_of_work()
    rows = Vacancy.objects.select_related("edition", "organisation", "municipality", "target_group")
    order = match_vacancy(rows.get(pk=pk))
    list(order.places[:FIRST_PAGE])


def _page(meters: list[tuple[Meter, int]], rounds: int) -> Row:
    row = Row("page «Подбор»", Cost(), Cost())
    pairs = list(zip(meters, (row.small, row.large), strict=True))
    for number in range(rounds + 1):
        for (meter, pk), cost in pairs if number % 2 else reversed(pairs):
            seconds = meter.sample(reverse("admin:vacancies_matching", args=[pk]))
            if number:
                cost.seconds.append(seconds)
    for (meter, pk), cost in pairs:
        cost.queries = meter.queries(reverse("admin:vacancies_matching", args=[pk]))
    return row
