"""The turn of the year and of the quarter (T6, O3.10, O3.24, O7.1)."""

from datetime import date, timedelta

import pytest

from reserve_portal.core import clock
from reserve_portal.regulations.deadlines import due_date, event_happened
from reserve_portal.regulations.enums import Unit
from reserve_portal.regulations.models import Deadline
from reserve_portal.regulations.periods import begin_periods
from reserve_portal.regulations.services import copy_edition, put_in_force
from reserve_portal.regulations.tasks import begin_periods_task

from .factories import TimeLimitFactory


def periods(edition, starts):
    return [
        (row.opened_on.isoformat(), row.due_on.isoformat(), row.about)
        for row in Deadline.objects.about(edition).filter(limit__starts=starts).order_by("pk")
    ]


def test_year_begins_once_on_the_edition_in_force(tomsk, travel):
    """T6: the plan of events is due on the edition's day of each year."""
    with travel(date(2026, 3, 3)):
        begin_periods_task()
        begin_periods_task()
    assert periods(tomsk, "year.began") == [("2026-01-01", "2026-09-02", "2026 год")]
    with travel(date(2027, 1, 1), 0):
        begin_periods()
        begin_periods()
    assert [row[1] for row in periods(tomsk, "year.began")] == ["2026-09-02", "2027-09-02"]


def test_quarter_begins_once_and_the_limits_end_with_it(orenburg, travel):
    """O3.10, O3.24: both limits run to the quarter's last day, each quarter anew."""
    for day in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 1), date(2026, 6, 30)):
        with travel(day):
            begin_periods()
    assert periods(orenburg, "quarter.began") == [
        ("2026-01-01", "2026-03-31", "I квартал 2026 года"),
        ("2026-01-01", "2026-03-31", "I квартал 2026 года"),
        ("2026-04-01", "2026-06-30", "II квартал 2026 года"),
        ("2026-04-01", "2026-06-30", "II квартал 2026 года"),
    ]


@pytest.mark.parametrize(
    ("on", "due"),
    [
        (date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 3, 31), date(2026, 3, 31)),
        (date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 9, 30), date(2026, 9, 30)),
        (date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_quarter_end_is_the_last_day_of_the_quarter(tomsk, on, due):
    """It does not roll to a working day: the next quarter has its own."""
    assert due_date(TimeLimitFactory(unit=Unit.QUARTER_DAY, amount=0, day=31), on) == due


def test_deed_of_the_former_quarter_does_not_close_the_new_one(orenburg, travel):
    """O3.10: a meeting of 31 March, entered on 1 April, counts for the first quarter alone."""
    for day in (date(2026, 3, 1), date(2026, 4, 1)):
        with travel(day):
            begin_periods()
    event_happened("quarterly_body.met", orenburg, edition=orenburg, on=date(2026, 3, 31))
    rows = Deadline.objects.about(orenburg).filter(limit__code="quarterly_meeting")
    assert {row.opened_on.month: row.is_open for row in rows} == {1: False, 4: True}


def test_what_is_done_on_the_first_day_is_not_asked_for_again(orenburg, travel):
    """Beat runs every ten minutes."""
    with travel(date(2026, 4, 1)):
        begin_periods()
        event_happened("registry.revised", orenburg, edition=orenburg, on=clock.today())
        begin_periods()
    assert not Deadline.objects.about(orenburg).get(limit__code="registry_quarter").is_open


def test_periods_of_a_former_edition_fall_away(orenburg, travel):
    """A new edition put in force in the middle of a quarter asks by its own rules, the old one no more."""
    with travel(date(2026, 4, 1)):
        begin_periods()
        following = copy_edition(orenburg, code="next", name="Новая", actor=None)
        put_in_force(following, actor=None)
    with travel(date(2026, 4, 1) + timedelta(days=9)):
        begin_periods()
    assert not Deadline.objects.open().about(orenburg).exists()
    assert Deadline.objects.open().about(following).count() == 3


def test_without_an_edition_nothing_begins(db):
    """A fresh installation has no rules yet."""
    begin_periods()
    assert not Deadline.objects.exists()
