"""A person's own address of the events for a calendar program: secret, renewable, kept as a digest alone (T6)."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.ics import CalendarEntry, EntryStatus, ics_file

from ..enums import EventState, ParticipationState
from ..models import CalendarFeed, Event, Participation
from ..perms import can_see_events

SECRET_BYTES = 32
PAST = timedelta(days=90)
AT_MOST = 500
STANDING = {
    ParticipationState.REGISTERED: "Вы записаны.",
    ParticipationState.CONFIRMED: "Ваше участие подтверждено.",
    ParticipationState.WAITING: "Вы в листе ожидания.",
}


@transaction.atomic
def renew_feed(user: Any, *, actor: Any) -> str:
    """Give the person a new secret address and return it, whole; the old one is dead. It cannot be shown again."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    feed, made = CalendarFeed.objects.update_or_create(
        user=user, defaults={"digest": digest_of(secret), "made_at": clock.now()}
    )
    record_event("reservists.renew_calendar_feed", feed, actor=actor, person=user, first=made)
    return settings.SITE_URL + reverse("reservists:feed", args=[secret])


@transaction.atomic
def stop_feed(user: Any, *, actor: Any) -> None:
    """Take the address away; without one nothing happens."""
    feed = CalendarFeed.objects.select_for_update().filter(user=user).first()
    if feed is not None:
        record_event("reservists.stop_calendar_feed", feed, actor=actor, person=user)
        feed.delete()


def owner_of(secret: str) -> Any:
    """Whose address this is; None for one that is not, is no longer, or whose owner's account is closed."""
    feed = CalendarFeed.objects.filter(digest=digest_of(secret)).select_related("user").first()
    return feed.user if feed is not None and feed.user.is_active else None


def digest_of(secret: str) -> str:
    """What is kept of an address: 32 random bytes need neither salt nor stretching."""
    return sha256(secret.encode()).hexdigest()


def feed_of(user: Any) -> bytes:
    """The events as iCalendar, those of the person marked; empty for who may not see the events any more."""
    entries = _entries(user) if can_see_events(user) else []
    return ics_file("Мероприятия кадрового резерва", entries)


def _entries(user: Any) -> list[CalendarEntry]:
    mine = Q(reservist__user=user) | Q(route__track__application__user=user)
    states = dict(Participation.objects.filter(mine).order_by("pk").values_list("event", "state"))
    called_off = Q(state=EventState.CANCELLED) & ~Q(pk__in=states)
    rows = Event.objects.filter(starts_at__gte=clock.now() - PAST).exclude(called_off)
    return [_entry(row, states.get(row.pk, "")) for row in rows.order_by("starts_at", "pk")[:AT_MOST]]


def _entry(event: Event, state: str) -> CalendarEntry:
    own = state in STANDING
    return CalendarEntry(
        uid=f"reserve-event-{event.pk}",
        title=event.name,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        place=event.place,
        url=reverse("reservists:event", args=[event.pk]),
        description=STANDING.get(ParticipationState(state), "") if state else "Вы не записаны.",
        status=EntryStatus.CANCELLED
        if event.state == EventState.CANCELLED
        else (EntryStatus.CONFIRMED if own else EntryStatus.TENTATIVE),
        busy=own and state != ParticipationState.WAITING,
    )
