"""A month of events as days of a calendar."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from reserve_portal.core import clock

MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
WEEKDAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")


@dataclass
class Day:
    """One day with what happens on it."""

    day: date
    is_today: bool
    events: list[Any] = field(default_factory=list)

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.day.weekday()]

    @property
    def column(self) -> int:
        """Its place in the week, Monday is 1."""
        return self.day.isoweekday()


@dataclass
class Month:
    """A month of days; `earlier` and `later` are the first days of its neighbours."""

    first: date
    days: list[Day]

    @property
    def title(self) -> str:
        return f"{MONTHS[self.first.month - 1].capitalize()} {self.first.year}"

    @property
    def earlier(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def later(self) -> date:
        return self.days[-1].day + timedelta(days=1)

    @property
    def is_empty(self) -> bool:
        return not any(day.events for day in self.days)


def first_of(text: str) -> date | None:
    """The first day of a month given as «2026-11»; None for anything else."""
    year, dash, month = text.partition("-")
    if not (dash and year.isdecimal() and month.isdecimal() and len(year) == 4 and len(month) <= 2):
        return None
    return date(int(year), int(month), 1) if 2000 <= int(year) <= 2100 and 1 <= int(month) <= 12 else None


def month_of(first: date, events: Any) -> Month:
    """The month that begins with `first`, with those of the `events` (queryset) that fall on its days."""
    after = (first + timedelta(days=31)).replace(day=1)
    days = [
        Day(day, day == clock.today())
        for day in (first + timedelta(days=number) for number in range((after - first).days))
    ]
    since, until = clock.end_of(first - timedelta(days=1)), clock.end_of(after - timedelta(days=1))
    for event in events.filter(starts_at__lte=until, ends_at__gt=since).order_by("starts_at", "pk"):
        for day in _days(event, days):
            day.events.append(event)
    return Month(first, days)


def _days(event: Any, days: Iterable[Day]) -> list[Day]:
    start, end = clock.local(event.starts_at).date(), clock.local(event.ends_at).date()
    return [day for day in days if start <= day.day <= end]
