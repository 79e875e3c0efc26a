"""The health page: database, queues, letters, calendar, disk, background processes (issue, Backup and health)."""

from datetime import date, time, timedelta

import pytest
from django.test import Client

from reserve_portal.core import clock
from reserve_portal.core.enums import HealthLevel
from reserve_portal.core.health import (
    DISK_FULL,
    DISK_LOW,
    SILENCE,
    check_background,
    check_calendar,
    check_jobs,
    examine,
    judge_disk,
    note_heartbeat,
)
from reserve_portal.core.jobs import enqueue_job
from reserve_portal.core.models import CalendarYear, Heartbeat, Job
from reserve_portal.notifications.enums import LetterState
from reserve_portal.notifications.health import check_letters
from reserve_portal.notifications.models import Letter
from reserve_portal.notifications.tests.factories import LetterFactory

pytestmark = pytest.mark.django_db
OK, WARNING, FAILED = HealthLevel.OK, HealthLevel.WARNING, HealthLevel.FAILED


@pytest.fixture
def well(calendar_loaded):
    CalendarYear.objects.get_or_create(year=clock.today().year + 1)
    note_heartbeat()


def test_a_monitor_gets_200_when_all_is_well_and_a_stranger_no_details(well):
    """Open to everybody, so it names the checks and their levels only."""
    answer = Client().get("/health/")
    levels = answer.json()["checks"]
    assert answer.status_code == 200 and {levels[code] for code in levels if code != "disk"} == {"ok"}
    assert answer.json().keys() == {"status", "checks"} and "no-store" in answer["Cache-Control"]
    assert set(levels) == {
        "database", "background", "jobs", "letters", "papers", "calendar", "disk", "virus_scanner"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("token", "header", "told"),
    [
        ("", "Bearer ", False),  # no token set: nobody knows it
        ("s3cret", "", False),
        ("s3cret", "Bearer other", False),
        ("s3cret", "Bearer s3cret", True),
    ],
)
def test_details_are_for_who_knows_the_token(well, settings, token, header, told):
    settings.HEALTH_TOKEN = token
    answer = Client(headers={"authorization": header}).get("/health/")
    assert ("details" in answer.json()) is told


def test_anything_failed_answers_503_and_a_warning_does_not(well):
    """A warning leaves time until tomorrow."""
    letter = LetterFactory()
    Letter.objects.filter(pk=letter.pk).update(created_at=clock.now() - timedelta(minutes=16))
    answer = Client().get("/health/")
    assert (answer.status_code, answer.json()["status"], answer.json()["checks"]["letters"]) == (
        200,
        "warning",
        "warning",
    )
    Heartbeat.objects.all().delete()
    answer = Client().get("/health/")
    assert (answer.status_code, answer.json()["checks"]["background"]) == (503, "failed")


def test_background_processes_are_dead_after_three_minutes_of_silence():
    assert check_background().level == FAILED
    note_heartbeat()
    note_heartbeat()
    assert check_background().level == OK and Heartbeat.objects.count() == 1
    Heartbeat.objects.update(at=Heartbeat.objects.get().at - SILENCE)
    assert check_background().level == FAILED


@pytest.mark.parametrize(("minutes", "level"), [(4, OK), (6, WARNING), (14, WARNING), (16, FAILED)])
def test_the_oldest_job_that_nobody_took_is_judged_by_its_age(minutes, level):
    assert check_jobs().level == OK
    enqueue_job("tests", key="a", title="Большая таблица", params={}, actor=None)
    enqueue_job("tests", key="b", title="Ещё одна", params={}, actor=None)
    Job.objects.filter(key="a").update(created_at=clock.now() - timedelta(minutes=minutes))
    assert check_jobs().level == level and f"{minutes} мин" in check_jobs().text


def test_a_job_in_its_pause_waits_since_the_pause_ended():
    """A failed job is tried again later: until then nobody is late."""
    row = enqueue_job("tests", key="a", title="Таблица", params={}, actor=None)
    long_ago = clock.now() - timedelta(hours=5)
    Job.objects.filter(pk=row.pk).update(created_at=long_ago, lease_until=clock.now() - timedelta(minutes=1))
    assert check_jobs().level == OK
    Job.objects.filter(pk=row.pk).update(lease_until=clock.now() - timedelta(minutes=16))
    assert check_jobs().level == FAILED


@pytest.mark.parametrize(("minutes", "level"), [(14, OK), (16, WARNING), (29, WARNING), (31, FAILED)])
def test_the_oldest_letter_that_has_not_left_is_judged_by_its_age(minutes, level):
    """One that left, and one given up (it waits on the operator's desk), alarm nobody."""
    for state in (LetterState.SENT, LetterState.FAILED, LetterState.QUEUED):
        letter = LetterFactory()
        age = timedelta(minutes=minutes) if state == LetterState.QUEUED else timedelta(days=3)
        Letter.objects.filter(pk=letter.pk).update(state=state, created_at=clock.now() - age)
    assert check_letters().level == level and f"{minutes} мин" in check_letters().text


@pytest.mark.parametrize(
    ("day", "level"),
    [
        (date(2027, 9, 30), OK),
        (date(2027, 10, 1), WARNING),
        (date(2027, 12, 14), WARNING),
        (date(2027, 12, 15), FAILED),
        (date(2028, 1, 1), FAILED),
    ],
)
def test_the_next_years_calendar_is_asked_for_in_autumn(calendar_loaded, day, level):
    """Legal periods reach over New Year; the calendars of 2023-2027 come with the portal."""
    with clock.travel(clock.at(day, time(12))):
        assert check_calendar().level == level
    with clock.travel(clock.at(date(2026, 12, 31), time(12))):
        assert check_calendar().level == OK


@pytest.mark.parametrize(
    ("free", "level"),
    [(DISK_LOW, OK), (DISK_LOW - 1, WARNING), (DISK_FULL, WARNING), (DISK_FULL - 1, FAILED)],
)
def test_a_full_disk_is_told_of_in_time(free, level):
    assert judge_disk(free).level == level


def test_the_page_costs_the_same_however_much_waits(well, django_assert_num_queries):
    for _ in range(3):
        LetterFactory()
    with django_assert_num_queries(6):
        examine()
