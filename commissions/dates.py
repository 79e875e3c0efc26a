"""A meeting as an entry of people's own calendars (RFC 5545)."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Alarm, Calendar, Event

from reserve_portal.core import clock

from .enums import MeetingState
from .models import Meeting

USUALLY = timedelta(hours=2)


def calendar_of(meeting: Meeting) -> bytes:
    """Return the meeting as iCalendar; a moved or cancelled one replaces the entry by its unchanged uid."""
    book = Calendar()
    book.add("prodid", "-//Кадровый резерв//RU")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    event = Event()
    event.add("uid", f"meeting-{meeting.pk}@{settings.SITE_URL.split('//')[-1]}")
    event.add("dtstamp", clock.now())
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.ends_at or meeting.starts_at + USUALLY)
    event.add("summary", f"Заседание: {meeting.body_name}")
    event.add("location", meeting.place)
    event.add("url", settings.SITE_URL + reverse("commissions:meeting", args=[meeting.pk]))
    event.add("status", "CANCELLED" if meeting.state == MeetingState.CANCELLED else "CONFIRMED")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"Заседание: {meeting.body_name}")
    alarm.add("trigger", timedelta(hours=-1))
    event.add_component(alarm)
    book.add_component(event)
    return bytes(book.to_ical())
