"""The only source of now and today (a lint rule bans the others), in the region's time zone.

Outside production an offset is kept in a row that web and background processes read, so that a year can be walked
through in a browser. Production refuses an offset.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from . import context

_travelled: ContextVar[datetime | None] = ContextVar("travelled", default=None)


class ClockOffsetRefused(Exception):
    """The clock cannot be moved in production."""


def now() -> datetime:
    """Return the portal's present moment, aware, in UTC."""
    moment = _travelled.get()
    if moment is not None:
        return moment
    if settings.PRODUCTION:
        return timezone.now()
    return timezone.now() + context.remembered("clock-offset", _stored_offset)


def true_now() -> datetime:
    """The moment on the true clock, for leases, pauses and signs of life alone.

    Moving the portal's clock must make no living runner look dead.
    """
    return timezone.now()


def today() -> date:
    """Return the portal's present day in the region's time zone."""
    return timezone.localdate(now())


def local(moment: datetime) -> datetime:
    """Return `moment` in the region's time zone."""
    return timezone.localtime(moment)


def at(day: date, at_time: time) -> datetime:
    """Return the aware moment of `at_time` on `day` in the region's time zone."""
    return timezone.make_aware(datetime.combine(day, at_time))


def end_of(day: date) -> datetime:
    """Return the last moment of `day` that is still in time (Civil Code 194: until 24:00 of the last day)."""
    return at(day, time(23, 59, 59, 999999))


def move_to(moment: datetime) -> None:
    """Move the stored clock of all processes so that now is `moment`; raises ClockOffsetRefused in production."""
    _refuse_in_production()
    from .models import ClockOffset

    seconds = (moment - timezone.now()).total_seconds()
    ClockOffset.objects.update_or_create(pk=1, defaults={"seconds": seconds})
    context.forget("clock-offset")


@contextmanager
def travel(moment: datetime) -> Iterator[None]:
    """Within the block now is `moment`, in this thread only; raises ClockOffsetRefused in production."""
    _refuse_in_production()
    token = _travelled.set(moment)
    try:
        yield
    finally:
        _travelled.reset(token)


def _refuse_in_production() -> None:
    if settings.PRODUCTION:
        raise ClockOffsetRefused("В рабочей установке часы портала не переводятся.")


def _stored_offset() -> timedelta:
    from .models import ClockOffset

    seconds = ClockOffset.objects.filter(pk=1).values_list("seconds", flat=True).first()
    return timedelta(seconds=seconds or 0)
