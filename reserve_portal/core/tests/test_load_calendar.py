"""`manage.py load_calendar [FILE]`: loads, replaces, refuses in one line."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from reserve_portal.core import calendar
from reserve_portal.core.models import CalendarDay, CalendarYear

pytestmark = pytest.mark.django_db
GOOD = {"non_working_weekdays": [{"date": "2029-01-01"}], "working_weekend_days": [{"date": "2029-01-06"}]}


def _file(tmp_path, content):
    path = tmp_path / "calendar.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_without_a_file_the_trees_own_copy_is_loaded(capsys):
    """Five years come with the portal."""
    call_command("load_calendar")
    assert list(CalendarYear.objects.order_by("year").values_list("year", flat=True)) == [
        2023,
        2024,
        2025,
        2026,
        2027,
    ]
    assert "Загружены годы: 2023, 2024, 2025, 2026, 2027." in capsys.readouterr().out
    assert not calendar.is_working_day(date(2027, 2, 22))


def test_a_second_load_changes_nothing():
    """The command may be repeated."""
    call_command("load_calendar", verbosity=0)
    before = CalendarDay.objects.count()
    call_command("load_calendar", verbosity=0)
    assert CalendarDay.objects.count() == before


def test_a_file_replaces_its_years_whole_and_leaves_the_others(tmp_path, calendar_loaded):
    """Special days of the year that the file does not name are gone."""
    CalendarYear.objects.create(year=2029)
    CalendarDay.objects.create(day=date(2029, 5, 4), is_working=False)
    call_command("load_calendar", str(_file(tmp_path, {"years": {"2029": GOOD}})))
    assert list(CalendarDay.objects.filter(day__year=2029).values_list("day", "is_working")) == [
        (date(2029, 1, 1), False),
        (date(2029, 1, 6), True),
    ]
    assert CalendarYear.objects.count() == 6


BAD = {
    "not JSON": "{",
    "not text": b"\xff\xfe\x00",
    "a list": [1, 2],
    "no years": {"days": {}},
    "empty years": {"years": {}},
    "years as a list": {"years": [2029]},
    "a year in words": {"years": {"будущий": GOOD}},
    "a year out of bounds": {"years": {"20290": GOOD}},
    "no days": {"years": {"2029": {}}},
    "a day without a date": {"years": {"2029": {"non_working_weekdays": [{}]}}},
    "no such date": {"years": {"2029": {"non_working_weekdays": [{"date": "2029-02-30"}]}}},
    "a date of another year": {"years": {"2029": {"non_working_weekdays": [{"date": "2028-01-03"}]}}},
    "a weekend as a weekday off": {"years": {"2029": {"non_working_weekdays": [{"date": "2029-01-06"}]}}},
    "a date twice": {"years": {"2029": {"non_working_weekdays": [{"date": "2029-01-01"}] * 2}}},
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_in_one_russian_line_and_changes_nothing(tmp_path, content):
    """quality.md: any failure says what happened in one line, without a traceback."""
    path = _file(tmp_path, {}) if isinstance(content, bytes) else _file(tmp_path, content)
    if isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(CommandError, match=r"^calendar\.json: ") as caught:
        call_command("load_calendar", str(path))
    assert "\n" not in str(caught.value)
    assert not CalendarYear.objects.exists() and not CalendarDay.objects.exists()


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    """The path stands in the sentence."""
    with pytest.raises(CommandError, match=r"Файл не найден: .*nowhere\.json"):
        call_command("load_calendar", str(tmp_path / "nowhere.json"))
    with pytest.raises(CommandError, match="Файл не читается"):
        call_command("load_calendar", str(tmp_path))
