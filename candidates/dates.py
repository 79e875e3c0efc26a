"""Dates of a campaign that people may put into their own calendar; later stages add theirs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from reserve_portal.core.ics import CalendarEntry, ics_file

from .models import Campaign


@dataclass(frozen=True)
class CampaignDate:
    """One entry: `code` stays the same when it is moved.

    Without `ends_at` it takes half an hour; one that ends as it begins is a moment.
    """

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
            campaign.closes_at,
            campaign.closes_at,
        ),
    ]


def calendar_of(campaign: Campaign, address: str) -> bytes:
    """Return the campaign's dates as iCalendar (RFC 5545); `address` is the path of the campaign's page."""
    dates = [item for source in _sources for item in source(campaign)]
    return calendar_file(campaign.name, dates, key=str(campaign.pk), address=address)


def calendar_file(name: str, dates: Iterable[CampaignDate], *, key: str, address: str) -> bytes:
    """Return dates as iCalendar; with their codes `key` names them for good, `address` is the path of their page."""
    entries = [
        CalendarEntry(
            uid=f"{item.code}-{key}",
            title=item.title,
            starts_at=item.starts_at,
            ends_at=item.ends_at,
            place=item.place,
            url=item.url or address,
        )
        for item in dates
    ]
    return ics_file(name, entries)
