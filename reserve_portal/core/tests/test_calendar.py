"""Legal time limits on the real working calendar (domain/calendar.md; Civil Code 191-193)."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reserve_portal.core import calendar
from reserve_portal.core.context import begin_unit_of_work
from reserve_portal.core.models import CalendarDay, CalendarYear

pytestmark = pytest.mark.usefixtures("calendar_loaded")

# The database is only read, so the examples of one test may share its transaction.
properties = hypothesis_settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
days = st.dates(date(2023, 1, 1), date(2026, 12, 31))
numbers = st.integers(0, 60)


@pytest.mark.parametrize("year", range(2023, 2028))
def test_the_calendar_agrees_with_an_independent_one_day_by_day(year):
    """Every day of 2023-2027 against the package `holidays`, transferred days included."""
    russia = holidays.Russia(years=[year - 1, year, year + 1])
    first = date(year, 1, 1)
    length = (date(year + 1, 1, 1) - first).days
    wrong = [
        day
        for day in (first + timedelta(days=i) for i in range(length))
        if calendar.is_working_day(day) != russia.is_working_day(day)
    ]
    assert wrong == []


@pytest.mark.parametrize(("year", "count"), [(2023, 247), (2024, 248), (2025, 247), (2026, 247), (2027, 247)])
def test_a_year_has_its_official_number_of_working_days(year, count):
    """Sums of the official production calendars."""
    assert calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2024, 4, 25), 1, date(2024, 4, 26)),
        (date(2024, 4, 26), 1, date(2024, 4, 27)),  # a working Saturday
        (date(2024, 4, 27), 1, date(2024, 5, 2)),  # over the May holidays
        (date(2024, 12, 27), 1, date(2024, 12, 28)),  # a working Saturday
        (date(2024, 12, 28), 1, date(2025, 1, 9)),  # over the New Year into the next calendar
        (date(2025, 1, 1), 1, date(2025, 1, 9)),  # a start on a day off does not count either
        (date(2024, 5, 24), 5, date(2024, 5, 31)),  # five working days (O3.4)
        (date(2026, 2, 20), 7, date(2026, 3, 4)),  # seven working days over 23 February (T4, T8)
        (date(2024, 5, 24), 0, date(2024, 5, 24)),
    ],
)
def test_working_days_count_from_the_day_after(start, n, end):
    """The day of the event does not count (Civil Code 191)."""
    assert calendar.add_working_days(start, n) == end


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2024, 5, 2), 1, date(2024, 4, 27)),
        (date(2025, 1, 9), 1, date(2024, 12, 28)),
        (date(2024, 5, 31), 5, date(2024, 5, 24)),
    ],
)
def test_working_days_are_counted_back_over_days_off(start, n, end):
    """Backwards the same days are left out."""
    assert calendar.subtract_working_days(start, n) == end


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 6, 1), 10, date(2026, 6, 11)),  # the day before the holiday
        (date(2026, 6, 2), 10, date(2026, 6, 15)),  # 12 June is a holiday, a weekend follows
        (date(2026, 6, 5), 10, date(2026, 6, 15)),  # the Monday itself
        (date(2026, 6, 6), 10, date(2026, 6, 16)),
    ],
)
def test_ten_calendar_days_roll_to_the_next_working_day(start, n, end):
    """Days off within the period count, its end rolls (Civil Code 193; O6.3)."""
    assert calendar.add_calendar_days(start, n) == end


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 2, 6), 2, date(2026, 2, 20)),
        (date(2026, 2, 9), 2, date(2026, 2, 24)),  # 23 February
        (date(2024, 4, 13), 2, date(2024, 4, 27)),  # a Saturday that is worked does not roll
    ],
)
def test_weeks_end_on_the_same_weekday_and_roll(start, n, end):
    """A copy of the plan within two weeks (O4.9)."""
    assert calendar.add_weeks(start, n) == end


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 3, 10), 1, date(2026, 4, 10)),
        (date(2026, 1, 31), 1, date(2026, 3, 2)),  # 28 February is a Saturday
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 1, 30), 1, date(2025, 2, 28)),
        (date(2026, 4, 1), 1, date(2026, 5, 4)),  # 1 May, then a weekend
        (date(2026, 12, 8), 1, date(2027, 1, 11)),  # over the New Year into the next calendar
        (date(2026, 11, 30), 3, date(2027, 3, 1)),  # 28 February is a Sunday
    ],
)
def test_months_end_on_the_same_number_or_the_months_last_day(start, n, end):
    """One month to agree the plan (O4.9; Civil Code 192, 193)."""
    assert calendar.add_months(start, n) == end


@pytest.mark.parametrize(
    ("start", "weeks", "latest"),
    [
        (date(2026, 6, 18), 1, date(2026, 6, 11)),
        (date(2026, 6, 19), 1, date(2026, 6, 11)),  # a week before is the holiday of 12 June
        (date(2026, 6, 22), 1, date(2026, 6, 15)),
        (date(2024, 5, 4), 1, date(2024, 4, 27)),  # a working Saturday is good enough
        (date(2026, 1, 13), 1, date(2025, 12, 30)),  # over the New Year into the calendar before
    ],
)
def test_notice_goes_out_a_week_before_or_earlier(start, weeks, latest):
    """Not later than one week before the start, moved to the working day before, never after (T3)."""
    assert calendar.latest_notice_day(start, weeks) == latest


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 8, 31), 12, date(2027, 8, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
    ],
)
def test_a_waiting_year_ends_on_its_day_without_rolling(start, n, end):
    """One year until inclusion is possible again is not a period in which something must be done (T5, O6.4)."""
    assert calendar.plus_months(start, n) == end


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1964, 6, 15), date(2026, 6, 14), 61),
        (date(1964, 6, 15), date(2026, 6, 15), 62),
        (date(2000, 2, 29), date(2025, 2, 28), 24),
        (date(2000, 2, 29), date(2025, 3, 1), 25),
    ],
)
def test_an_age_is_reached_on_the_birthday(born, day, age):
    """25 to 62 years (O1.6), 63 for the signal (O6.2)."""
    assert calendar.years_between(born, day) == age


@given(days, numbers)
@properties
def test_adding_and_subtracting_working_days_are_inverse(day, n):
    """From a working day, n days on and n days back lead home."""
    start = calendar.next_working_day(day)
    assert calendar.subtract_working_days(calendar.add_working_days(start, n), n) == start


@given(days, st.integers(1, 60))
@properties
def test_a_counted_end_is_a_working_day(day, n):
    """No limit ends on a day off (Civil Code 193)."""
    ends = (
        calendar.add_working_days(day, n),
        calendar.add_calendar_days(day, n),
        calendar.add_weeks(day, n % 8),
        calendar.add_months(day, n % 10),
    )
    assert all(calendar.is_working_day(end) for end in ends)


@given(days, days, numbers)
@properties
def test_a_later_event_never_ends_earlier(first, second, n):
    """Counting is monotone in its start."""
    first, second = sorted((first, second))
    assert calendar.add_working_days(first, n) <= calendar.add_working_days(second, n)
    assert calendar.add_calendar_days(first, n) <= calendar.add_calendar_days(second, n)
    assert calendar.add_months(first, n % 10) <= calendar.add_months(second, n % 10)


@given(days, st.integers(1, 60))
@properties
def test_one_day_more_ends_later(day, n):
    """Counting is strictly monotone in its length."""
    assert calendar.add_working_days(day, n) > calendar.add_working_days(day, n - 1)


@given(days, st.integers(0, 60))
@properties
def test_the_distance_in_working_days_is_what_was_added(day, n):
    """`working_days_between` and `add_working_days` count the same days, both ways."""
    end = calendar.add_working_days(day, n)
    assert calendar.working_days_between(day, end) == n
    assert calendar.working_days_between(end, day) == -n


@given(st.dates(date(2023, 3, 1), date(2027, 12, 31)), st.integers(0, 6))
@properties
def test_notice_is_never_given_too_late(start, weeks):
    """At least that many weeks lie between the notice and the start, and it goes out on a working day (T3)."""
    notice = calendar.latest_notice_day(start, weeks)
    assert start - notice >= timedelta(weeks=weeks)
    assert calendar.is_working_day(notice)


@pytest.mark.parametrize(
    "count",
    [
        calendar.add_working_days,
        calendar.subtract_working_days,
        calendar.add_calendar_days,
        calendar.add_weeks,
        calendar.add_months,
        calendar.latest_notice_day,
    ],
)
def test_a_period_is_not_negative(count):
    """Backwards there are functions of their own."""
    with pytest.raises(ValueError, match="negative"):
        count(date(2026, 6, 1), -1)


@pytest.mark.parametrize(
    ("ask", "year"),
    [
        (lambda: calendar.is_working_day(date(2028, 1, 10)), 2028),
        (lambda: calendar.add_working_days(date(2027, 12, 30), 5), 2028),
        (lambda: calendar.add_months(date(2027, 12, 1), 2), 2028),
        (lambda: calendar.subtract_working_days(date(2023, 1, 9), 3), 2022),
        (lambda: calendar.latest_notice_day(date(2023, 1, 5), 1), 2022),
    ],
)
def test_a_year_not_loaded_is_named(ask, year):
    """Without the year's calendar no legal date is computed, neither forwards nor backwards."""
    with pytest.raises(calendar.CalendarNotLoaded, match=f"на {year} год не загружен") as caught:
        ask()
    assert caught.value.year == year


def test_a_day_changed_by_the_administrator_counts_from_the_next_unit_of_work():
    """The calendar is editable (issue: calendar); one request sees one calendar."""
    day = date(2026, 6, 10)
    assert calendar.is_working_day(day)
    CalendarDay.objects.create(day=day, is_working=False, note="перенос")
    assert calendar.is_working_day(day)
    begin_unit_of_work()
    assert not calendar.is_working_day(day)


def test_a_year_costs_two_queries_in_a_unit_of_work(django_assert_num_queries):
    """A list of a hundred limits asks the calendar once."""
    begin_unit_of_work()
    with django_assert_num_queries(2):
        for n in range(100):
            calendar.add_working_days(date(2026, 3, 1), n)


def test_an_empty_loaded_year_is_a_plain_five_day_week():
    """A year without special days is known, not missing."""
    CalendarYear.objects.create(year=2030)
    assert calendar.is_working_day(date(2030, 1, 1))
    assert not calendar.is_working_day(date(2030, 1, 5))
