"""What a monitor asks: is everything there that people rely on? Layers above plug in checks by `health.py`."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min, Q

from . import clock
from .enums import HealthLevel
from .jobs import due_jobs
from .models import CalendarYear, Heartbeat
from .registry import Registry

HEARTBEAT = "background"
SILENCE = timedelta(minutes=3)
QUEUE_SLOW, QUEUE_STUCK = timedelta(minutes=5), timedelta(minutes=15)
GIGABYTE = 1024**3
DISK_LOW, DISK_FULL = 5 * GIGABYTE, GIGABYTE


@dataclass(frozen=True)
class Finding:
    """What a check found; the words are for the administrator."""

    level: HealthLevel
    text: str


HealthCheck = Callable[[], Finding]
health_checks: Registry[HealthCheck] = Registry("health check")


def health_check(code: str) -> Callable[[HealthCheck], HealthCheck]:
    """Register a check under a short name that anybody may see; its finding is shown to the monitor alone."""
    return lambda function: health_checks.add(code, function)


def examine() -> dict[str, Finding]:
    """Run every check; one that cannot reach the database has failed."""
    found = {}
    for code in sorted(health_checks.codes()):
        try:
            found[code] = health_checks.get(code)()
        except DatabaseError as error:
            connection.close_if_unusable_or_obsolete()
            found[code] = Finding(HealthLevel.FAILED, f"База не отвечает: {type(error).__name__}.")
    return found


def by_age(age: timedelta, slow: timedelta, stuck: timedelta, text: str) -> Finding:
    """Judge how long something has been waiting."""
    level = HealthLevel.FAILED if age > stuck else HealthLevel.WARNING if age > slow else HealthLevel.OK
    return Finding(level, text.format(minutes=int(age.total_seconds() // 60)))


def note_heartbeat() -> None:
    """Called by the background process every half minute: beat, broker and worker are alive."""
    Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"at": clock.true_now()})


@health_check("database")
def check_database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding(HealthLevel.OK, "База отвечает.")


@health_check("background")
def check_background() -> Finding:
    last = Heartbeat.objects.filter(name=HEARTBEAT).values_list("at", flat=True).first()
    if last is None:
        return Finding(HealthLevel.FAILED, "Фоновые процессы ещё не отметились: запустите beat и worker.")
    return by_age(
        clock.true_now() - last, SILENCE, SILENCE, "Фоновые процессы отметились {minutes} мин назад."
    )


@health_check("jobs")
def check_jobs() -> Finding:
    """The age of the oldest job that nobody has taken: since it was put, or since its pause ended."""
    ages = due_jobs().aggregate(put=Min("created_at", filter=Q(lease_until=None)), paused=Min("lease_until"))
    waits = [clock.now() - ages["put"]] if ages["put"] else []
    waits += [clock.true_now() - ages["paused"]] if ages["paused"] else []
    if not waits:
        return Finding(HealthLevel.OK, "Очередь заданий пуста.")
    return by_age(max(waits), QUEUE_SLOW, QUEUE_STUCK, "Старейшее задание ждёт {minutes} мин.")


@health_check("calendar")
def check_calendar() -> Finding:
    """Legal periods that reach into a year need its calendar; the decree on the next one comes in early autumn."""
    today = clock.today()
    loaded = set(CalendarYear.objects.values_list("year", flat=True))
    if today.year not in loaded:
        return Finding(HealthLevel.FAILED, f"Не загружен производственный календарь на {today.year} год.")
    if today.year + 1 in loaded:
        return Finding(HealthLevel.OK, f"Календарь на {today.year + 1} год загружен.")
    month_and_day = (today.month, today.day)
    level = (
        HealthLevel.FAILED
        if month_and_day >= (12, 15)
        else HealthLevel.WARNING
        if month_and_day >= (10, 1)
        else HealthLevel.OK
    )
    return Finding(level, f"Календарь на {today.year + 1} год ещё не загружен (команда load_calendar).")


@health_check("disk")
def check_disk() -> Finding:
    return judge_disk(shutil.disk_usage(settings.DATA_DIR).free)


def judge_disk(free: int) -> Finding:
    """`free`: bytes left where files and database (embedded) lie."""
    level = (
        HealthLevel.FAILED if free < DISK_FULL else HealthLevel.WARNING if free < DISK_LOW else HealthLevel.OK
    )
    return Finding(level, f"Свободно {free / GIGABYTE:.1f} ГБ.")
