"""Legal time limits on the real working calendar; everything is counted on `datetime.date`.

Counting starts on the day after the event (Civil Code 191); a period in calendar units that ends on a non-working day
ends on the next working day (193); months end on the same number, or the last day of the month (192). Notice that is
due "not later than a week before" is counted backwards and given before, never after, a non-working day.
"""

import calendar as month_lengths
from datetime import date, timedelta

from . import context

ONE_DAY = timedelta(days=1)


class CalendarNotLoaded(Exception):
    """The working calendar of a year is not loaded, so no legal date can be computed in it."""

    def __init__(self, year: int):
        self.year = year
        super().__init__(
            f"Производственный календарь на {year} год не загружен. Загрузите его: "
            f"«Справочники → Производственный календарь» или команда load_calendar."
        )


def is_working_day(day: date) -> bool:
    """Say whether `day` is a working day of the five-day week; raises CalendarNotLoaded for a year not loaded."""
    exceptions = context.remembered(("calendar", day.year), lambda: _exceptions(day.year))
    return exceptions.get(day, day.weekday() < 5)


def add_working_days(start: date, n: int) -> date:
    """Return the n-th working day after `start` (n >= 0; 0 is `start` itself)."""
    return _step_working_days(start, n, ONE_DAY)


def subtract_working_days(start: date, n: int) -> date:
    """Return the n-th working day before `start` (n >= 0; 0 is `start` itself)."""
    return _step_working_days(start, n, -ONE_DAY)


def working_days_between(start: date, end: date) -> int:
    """Return how many working days lie in (start, end]; negative when `end` is before `start`."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=i)) for i in range(1, (end - start).days + 1))


def add_calendar_days(start: date, n: int) -> date:
    """Return the end of a period of `n` calendar days after `start`, rolled to a working day."""
    _refuse_negative(n)
    return next_working_day(start + timedelta(days=n))


def add_weeks(start: date, n: int) -> date:
    """Return the end of a period of `n` weeks after `start`, rolled to a working day."""
    _refuse_negative(n)
    return next_working_day(start + timedelta(weeks=n))


def add_months(start: date, n: int) -> date:
    """Return the end of a period of `n` months after `start`, rolled to a working day."""
    _refuse_negative(n)
    return next_working_day(plus_months(start, n))


def plus_months(start: date, n: int) -> date:
    """Return the same number `n` months later, or the month's last day, not rolled (for ages and waiting years)."""
    year, month0 = divmod(start.year * 12 + start.month - 1 + n, 12)
    return date(year, month0 + 1, min(start.day, month_lengths.monthrange(year, month0 + 1)[1]))


def latest_notice_day(start: date, weeks: int) -> date:
    """Return the last day for a notice due `weeks` weeks before `start`; a non-working day moves it earlier (T3)."""
    _refuse_negative(weeks)
    day = start - timedelta(weeks=weeks)
    while not is_working_day(day):
        day -= ONE_DAY
    return day


def next_working_day(day: date) -> date:
    """Return `day` itself when it is a working day, else the next working day after it."""
    while not is_working_day(day):
        day += ONE_DAY
    return day


def last_month_of_quarter(day: date) -> int:
    """Return the number of the third month of the quarter in which `day` lies."""
    return quarter_of(day) * 3


def quarter_of(day: date) -> int:
    """Return the number of the quarter (1-4) in which `day` lies."""
    return (day.month + 2) // 3


def first_day_of_quarter(year: int, quarter: int) -> date:
    """Return the day on which a quarter (1-4) begins."""
    return date(year, quarter * 3 - 2, 1)


def quarter_end(year: int, quarter: int) -> date:
    """Return the last day of a quarter (1-4)."""
    return date(year, quarter * 3, month_lengths.monthrange(year, quarter * 3)[1])


def years_between(born: date, day: date) -> int:
    """Return the number of full years from `born` to `day`; an age is reached on the birthday itself."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _step_working_days(start: date, n: int, step: timedelta) -> date:
    _refuse_negative(n)
    day = start
    while n:
        day += step
        n -= is_working_day(day)
    return day


def _refuse_negative(n: int) -> None:
    if n < 0:
        raise ValueError("A period cannot be negative.")


def _exceptions(year: int) -> dict[date, bool]:
    from .models import CalendarDay, CalendarYear

    if not CalendarYear.objects.filter(year=year).exists():
        raise CalendarNotLoaded(year)
    return dict(CalendarDay.objects.filter(day__year=year).values_list("day", "is_working"))
