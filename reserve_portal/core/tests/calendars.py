"""The working calendars of 2023-2027 in three queries: many tests need them, the command's own way is tested apart."""

import json
from functools import cache
from typing import Any

from reserve_portal.core.management.commands.load_calendar import BUNDLED
from reserve_portal.core.models import CalendarDay, CalendarYear
from reserve_portal.core.services import _day


def load_calendar_quickly() -> None:
    """Store the bundled years unless the test's database has them."""
    if CalendarYear.objects.exists():
        return
    years = bundled_calendar()["years"]
    CalendarYear.objects.bulk_create([CalendarYear(year=int(year)) for year in years])
    CalendarDay.objects.bulk_create(
        [
            _day(item, int(year), is_working=is_working)
            for year, content in years.items()
            for key, is_working in (("non_working_weekdays", False), ("working_weekend_days", True))
            for item in content[key]
        ]
    )


@cache
def bundled_calendar() -> dict[str, Any]:
    return json.loads(BUNDLED.read_text(encoding="utf-8"))
