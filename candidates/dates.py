"""Dates of a campaign that people may put into their own calendar; later stages add theirs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from icalendar import Calendar, Event

from reserve_portal.core import clock

from .models import Campaign

SHORT = timedelta(minutes=30)


@dataclass(frozen=True)
class CampaignDate:
    """One entry: `code` stays the same when it is moved; without `ends_at` it is a moment."""

    code: str
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
    url: str = ""
    place: str = ""


DateSource = Callable[[Campaign], list[CampaignDate]]
_sources: list[DateSource] = []


def campaign_dates(function: DateSource) -> DateSource:
    """Register `function(campaign)`, which gives public dates of a campaign."""
    if function not in _sources:
        _sources.append(function)
    return function


@campaign_dates
def window(campaign: Campaign) -> list[CampaignDate]:
    """The beginning and the end of the window (T1, O3.1)."""
    return [
        CampaignDate("opens", f"Начало приёма заявлений: {campaign.name}", campaign.opens_at),
        CampaignDate(
            "closes",
            f"Конец приёма заявлений: {campaign.name}",
            campaign.closes_at - SHORT,
            campaign.closes_at,
        ),
    ]


def calendar_of(campaign: Campaign, address: str) -> bytes:
    """Return the campaign's dates as iCalendar (RFC 5545); `address` is the path of the campaign's page."""
    dates = [item for source in _sources for item in source(campaign)]
    return calendar_file(campaign.name, dates, key=str(campaign.pk), address=address)


def calendar_file(name: str, dates: Iterable[CampaignDate], *, key: str, address: str) -> bytes:
    """Return dates as iCalendar; with their codes `key` names them for good, `address` is the path of their page."""
    book = Calendar()
    book.add("prodid", "-//Кадровый резерв//RU")
    book.add("version", "2.0")
    book.add("name", name)
    for item in sorted(dates, key=lambda item: item.starts_at):
        event = Event()
        event.add("uid", f"{item.code}-{key}@{settings.SITE_URL.split('//')[-1]}")
        event.add("dtstamp", clock.now())
        event.add("dtstart", item.starts_at)
        event.add("dtend", item.ends_at or item.starts_at + SHORT)
        event.add("summary", item.title)
        if item.place:
            event.add("location", item.place)
        event.add("url", settings.SITE_URL + (item.url or address))
        book.add_component(event)
    return bytes(book.to_ical())
