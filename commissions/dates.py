"""A meeting as an entry of people's own calendars (RFC 5545)."""

from datetime import timedelta

from django.urls import reverse

from reserve_portal.core.ics import CalendarEntry, EntryStatus, ics_file

from .enums import MeetingState
from .models import Meeting

USUALLY = timedelta(hours=2)
REMIND = timedelta(hours=1)


def calendar_of(meeting: Meeting) -> bytes:
    """Return the meeting as iCalendar; a moved or cancelled one replaces the entry by its unchanged uid."""
    cancelled = meeting.state == MeetingState.CANCELLED
    entry = CalendarEntry(
        uid=f"meeting-{meeting.pk}",
        title=f"Заседание: {meeting.body_name}",
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at or meeting.starts_at + USUALLY,
        place=meeting.place,
        url=reverse("commissions:meeting", args=[meeting.pk]),
        status=EntryStatus.CANCELLED if cancelled else EntryStatus.CONFIRMED,
        remind=REMIND,
    )
    return ics_file("", [entry], method="PUBLISH")
