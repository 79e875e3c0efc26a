"""Events by month, and a person's own address of them for a calendar program (T6)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reserve_portal.core import clock
from reserve_portal.core.downloads import generated_file
from reserve_portal.core.ics import ICS_TYPE
from reserve_portal.core.throttle import is_too_often

from ..enums import EventState
from ..models import CalendarFeed, Event
from ..month import first_of, month_of
from ..perms import can_have_feed, can_see_events
from ..services.calendar_feed import feed_of, owner_of, renew_feed, stop_feed
from .common import demand
from .events import own_places

FEEDS_A_MINUTE = 60  # a school's people share one address


def month(request: HttpRequest) -> HttpResponse:
    """The events of a month, `?month=2026-11`; without one, or with nonsense, this month."""
    demand(can_see_events(request.user))
    first = first_of(request.GET.get("month", "")) or clock.today().replace(day=1)
    shown = month_of(first, Event.objects.exclude(state=EventState.CANCELLED))
    events = {event.pk for day in shown.days for event in day.events}
    states = {item.event_id: item for item in own_places(request.user).filter(event__in=events)}
    for day in shown.days:
        for event in day.events:
            event.own = states.get(event.pk)
    context = {"month": shown, "may_have_feed": can_have_feed(request.user)}
    return render(request, "reservists/events_month.html", context)


@never_cache
def feed_settings(request: HttpRequest) -> HttpResponse:
    """Get, renew or take away the address; a new one is shown in this answer alone, for only its digest is kept."""
    demand(can_have_feed(request.user))
    address = ""
    if request.method == "POST":
        if "stop" in request.POST:
            stop_feed(request.user, actor=request.user)
            messages.success(request, "Адрес отключён: календарь по нему больше не обновится.")
            return redirect("reservists:feed_settings")
        address = renew_feed(request.user, actor=request.user)
    context: dict[str, Any] = {
        "feed": CalendarFeed.objects.filter(user_id=request.user.pk or 0).first(),
        "address": address,
    }
    return render(request, "reservists/feed_settings.html", context)


@login_not_required
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The events for whoever knows the secret address: a calendar program has no cookies."""
    if is_too_often(request, "calendar-feed", amount=FEEDS_A_MINUTE, seconds=60):
        return HttpResponse(status=429)
    owner = owner_of(secret)
    if owner is None:
        raise Http404
    response = generated_file(feed_of(owner), "meropriyatiya.ics", ICS_TYPE)
    response["X-Robots-Tag"] = "noindex"
    return response
