"""Writes of the machinery that are not a stage's."""

from collections import Counter
from datetime import date
from typing import Any

from django.db import transaction

from . import context
from .models import CalendarDay, CalendarYear


@transaction.atomic
def load_calendar(data: dict[str, Any]) -> list[int]:
    """Load years of the working calendar; returns them.

    `data["years"]` maps a year to its decree, `non_working_weekdays` and `working_weekend_days` (rows with an ISO
    `date`). A year is replaced whole. Raises ValueError for a date outside its year, given twice or on the wrong kind
    of day; KeyError, TypeError or AttributeError for data of another shape.
    """
    loaded = []
    for year_text, content in data["years"].items():
        year = int(year_text)
        if not 2000 <= year <= 2100:
            raise ValueError(f"год {year} вне границ 2000–2100")
        rows = [_day(item, year, is_working=False) for item in content["non_working_weekdays"]]
        rows += [_day(item, year, is_working=True) for item in content.get("working_weekend_days", [])]
        _refuse_doubles([row.day for row in rows])
        CalendarYear.objects.update_or_create(
            year=year, defaults={"source": (content.get("decree") or "")[:250]}
        )
        CalendarDay.objects.filter(day__year=year).delete()
        CalendarDay.objects.bulk_create(rows)
        context.forget(("calendar", year))
        loaded.append(year)
    return loaded


def _refuse_doubles(days: list[date]) -> None:
    for day, count in Counter(days).items():
        if count > 1:
            raise ValueError(f"дата {day:%d.%m.%Y} указана дважды")


def _day(item: dict[str, Any], year: int, *, is_working: bool) -> CalendarDay:
    day = date.fromisoformat(item["date"])
    if day.year != year or (day.weekday() >= 5) != is_working:
        raise ValueError(f"неожиданная дата {day:%d.%m.%Y} в {year} году")
    return CalendarDay(
        day=day, is_working=is_working, note=(item.get("name") or item.get("note") or "")[:250]
    )
