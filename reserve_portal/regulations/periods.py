"""The turn of the year and of the quarter as events, by which limits may start (T6, O3.10, O3.24, O7.1)."""

from datetime import date

from django.db import transaction

from reserve_portal.core import calendar, clock

from .deadlines import QUARTER_BEGAN, YEAR_BEGAN, event_happened
from .models import Deadline, Edition
from .services import edition_in_force

QUARTERS = ("I", "II", "III", "IV")


@transaction.atomic
def begin_periods() -> None:
    """Tell the edition in force, once each, that the present year and quarter have begun, as of their first day.

    Runs often; run twice or a day late it does the right thing once. What another edition's period still asked for
    falls away: its successor asks for the same by its own rules.
    """
    try:
        edition = edition_in_force()
    except LookupError:
        return
    Edition.objects.select_for_update().get(pk=edition.pk)
    today = clock.today()
    running = Deadline.objects.open().filter(limit__starts__in=(YEAR_BEGAN, QUARTER_BEGAN))
    running.exclude(limit__edition=edition).update(cancelled=True)
    _begin(YEAR_BEGAN, edition, date(today.year, 1, 1), f"{today.year} год")
    quarter = calendar.quarter_of(today)
    first_day = calendar.first_day_of_quarter(today.year, quarter)
    _begin(QUARTER_BEGAN, edition, first_day, f"{QUARTERS[quarter - 1]} квартал {today.year} года")


def _begin(event: str, edition: Edition, first_day: date, words: str) -> None:
    told = Deadline.objects.about(edition).filter(limit__starts=event, opened_on=first_day, cancelled=False)
    if not told.exists():
        event_happened(event, edition, edition=edition, on=first_day, about=words)
