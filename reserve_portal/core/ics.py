"""Dates for people's own calendar programs (RFC 5545): the portal's one writer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from icalendar import Alarm, Calendar, Event

from . import clock

SHORT = timedelta(minutes=30)
ICS_TYPE = "text/calendar; charset=utf-8"


class EntryStatus(StrEnum):
    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class CalendarEntry:
    """One entry: `uid` names it for good, so that a moved one moves; without `ends_at` it takes half an hour, one
    that ends as it begins is a moment; `url` is a path.

    `busy` False leaves the time free; `remind` asks for a reminder so long before.
    """

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
    place: str = ""
    url: str = ""
    description: str = ""
    status: EntryStatus | None = None
    busy: bool = True
    remind: timedelta | None = None


def ics_file(name: str, entries: Iterable[CalendarEntry], *, method: str = "") -> bytes:
    """Return the entries as an iCalendar file, soonest first; without a name it has none."""
    book = Calendar()
    book.add("prodid", "-//Кадровый резерв//RU")
    book.add("version", "2.0")
    if name:
        book.add("name", name)
        book.add("x-wr-calname", name)
    if method:
        book.add("method", method)
    for entry in sorted(entries, key=lambda item: item.starts_at):
        book.add_component(_event(entry))
    return bytes(book.to_ical())


def _event(entry: CalendarEntry) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@{settings.SITE_URL.split('//')[-1]}")
    event.add("dtstamp", clock.now())
    event.add("dtstart", entry.starts_at)
    if entry.ends_at != entry.starts_at:  # without an end it ends as it begins (RFC 5545, 3.6.1)
        event.add("dtend", entry.ends_at or entry.starts_at + SHORT)
    event.add("summary", entry.title)
    for name, value in (("location", entry.place), ("description", entry.description)):
        if value:
            event.add(name, value)
    event.add("url", settings.SITE_URL + entry.url)
    if entry.status:
        event.add("status", str(entry.status))
    if not entry.busy:
        event.add("transp", "TRANSPARENT")
    if entry.remind is not None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry.title)
        alarm.add("trigger", -entry.remind)
        event.add_component(alarm)
    return event
