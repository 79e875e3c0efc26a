"""Limits arise from events and close by events; nothing here sends anything (the digest reads the rows)."""

from calendar import monthrange
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from reserve_portal.core import calendar
from reserve_portal.core.registry import Registry

from .enums import Direction, Unit
from .models import Deadline, DeadlineQuerySet, Edition, TimeLimit

YEAR_BEGAN, QUARTER_BEGAN = "year.began", "quarter.began"

events: Registry[str] = Registry("event")


def register_event(code: str, label: str) -> None:
    """Make an event known by which limits may start or close; `label` is its Russian name for the edition's form."""
    events.add(code, label)


register_event(YEAR_BEGAN, "Начался календарный год")
register_event(QUARTER_BEGAN, "Начался квартал")


def event_labels() -> dict[str, str]:
    """Return the Russian names of the known events by their codes."""
    return {code: events.get(code) for code in events.codes()}


def event_happened(
    event: str,
    subject: models.Model,
    *,
    edition: Edition,
    on: date,
    about: str = "",
    responsible_user: Any = None,
    municipality: Any = None,
) -> list[Deadline]:
    """Close the subject's open deadlines that `event` closes and open those it starts; returns the opened ones.

    `on` is the day of the event; for limits counted backwards it is the day counted from (the start of a procedure).
    Told twice, it changes nothing, except that a limit opened and closed on the same day runs anew (sent back twice in
    a day), and so does a cancelled one. A start that is moved lets limits counted back from its former day fall away.
    Runs in the caller's transaction. Raises LookupError for an unknown event, CalendarNotLoaded for an unknown year.
    """
    events.get(event)
    mine = Deadline.objects.about(subject)
    _close(mine, event, on)
    opened = []
    for limit in edition.limits_started_by(event):
        if limit.direction == Direction.BEFORE:
            mine.open().filter(limit=limit).exclude(opened_on=on).update(cancelled=True)
        deadline, created = Deadline.objects.get_or_create(
            limit=limit,
            content_type=ContentType.objects.get_for_model(subject),
            object_id=subject.pk,
            opened_on=on,
            defaults={
                "title": limit.title,
                "about": (about or str(subject))[:250],
                "due_on": due_date(limit, on),
                "responsible": limit.responsible,
                "responsible_user": responsible_user,
                "municipality": municipality,
            },
        )
        if created or _reopen(deadline):
            opened.append(deadline)
    return opened


def due_date(limit: TimeLimit, on: date) -> date:
    """Return the last day of `limit` counted from the event's day `on` (domain/calendar.md for the rules)."""
    if limit.unit == Unit.FIXED_DATE:
        return _day_of_year(on.year, limit.month or 0, limit.day or 0)
    if limit.unit == Unit.QUARTER_DAY:
        return _day_of_year(on.year, calendar.last_month_of_quarter(on), limit.day or 0)
    if limit.direction == Direction.BEFORE:
        return _due_before(limit, on)
    counters = {
        Unit.WORKING_DAYS: calendar.add_working_days,
        Unit.CALENDAR_DAYS: calendar.add_calendar_days,
        Unit.WEEKS: calendar.add_weeks,
        Unit.MONTHS: calendar.add_months,
    }
    return counters[Unit(limit.unit)](on, limit.amount)


def find_limit(edition: Edition, *, starts: str, closes: str) -> TimeLimit | None:
    """Return the edition's limit between two events, or None where it sets none."""
    return edition.time_limits.filter(starts=starts, closes=closes).first()


def cancel_deadlines(subject: models.Model, *, closes: tuple[str, ...] = ()) -> None:
    """Let the subject's open deadlines fall away (its case ended); with `closes` only those closed by these events."""
    rows = Deadline.objects.open().about(subject)
    if closes:
        rows = rows.filter(limit__closes__in=closes)
    rows.update(cancelled=True)


def reopen_deadlines(subject: models.Model, *, closes: tuple[str, ...]) -> None:
    """Let the subject's limits closed by these events run again, with their old day: what closed them was undone."""
    Deadline.objects.about(subject).filter(limit__closes__in=closes).update(cancelled=False, closed_on=None)


def revive_deadlines(subject: models.Model, *, closes: tuple[str, ...]) -> None:
    """Let the subject's fallen limits closed by these events run again, with their old day: its case goes on."""
    rows = Deadline.objects.about(subject).filter(cancelled=True, closed_on=None)
    rows.filter(limit__closes__in=closes, limit__direction=Direction.AFTER).update(cancelled=False)


def _close(mine: DeadlineQuerySet, event: str, on: date) -> None:
    """Close those of the open deadlines `mine` that `event` closes, by whichever edition they run."""
    starts = {limit.pk: limit.starts for limit in TimeLimit.remembered() if limit.closes == event}
    if not starts:
        return
    # What is asked for once a period is not done by a deed of the day before the period.
    done = [
        pk
        for pk, limit, opened_on in mine.open().values_list("pk", "limit_id", "opened_on")
        if limit in starts and not (starts[limit] in (YEAR_BEGAN, QUARTER_BEGAN) and opened_on > on)
    ]
    if done:
        Deadline.objects.open().filter(pk__in=done).update(closed_on=on)


def _reopen(deadline: Deadline) -> bool:
    """A cancelled limit runs anew, and one that was opened and closed on this same day."""
    same_day = deadline.closed_on == deadline.opened_on and deadline.limit.direction == Direction.AFTER
    if not (deadline.cancelled or same_day):
        return False
    deadline.closed_on, deadline.cancelled = None, False
    deadline.save(update_fields=["closed_on", "cancelled"])
    return True


def _day_of_year(year: int, month: int, day: int) -> date:
    """A fixed date does not roll (O4.14); a day that the month lacks is its last one."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def _due_before(limit: TimeLimit, on: date) -> date:
    if limit.unit == Unit.WEEKS:
        return calendar.latest_notice_day(on, limit.amount)
    if limit.unit == Unit.WORKING_DAYS:
        return calendar.subtract_working_days(on, limit.amount)
    raise ValueError("A backward limit is counted in weeks or working days.")
