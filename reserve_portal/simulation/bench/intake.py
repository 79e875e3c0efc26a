"""What the operator's pages cost at a hundred times as many applications (quality.md, speed and scale)."""

import gc
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from urllib.parse import urlencode

from django.urls import reverse

from candidates.enums import ApplicationState
from candidates.models import Application, Campaign
from reserve_portal.accounts.models import Municipality, User
from reserve_portal.core import clock

from .applications import FREQUENT, OPERATOR, SELDOM, SHORT, build_applications
from .places import Place, places
from .timing import Meter, Page, Row, measure

SIZES = (1_000, 100_000)
ROUNDS = 41
PAGE_LIMIT, SEARCH_LIMIT = 1.2, 1.5
TODAY = date(2026, 10, 21)
REGISTER, JOURNAL = "admin:candidates_application_changelist", "admin:candidates_registrationentry_changelist"


def run(
    sizes: tuple[int, int],
    url: str,
    folder: Path,
    *,
    rounds: int = ROUNDS,
    tell: Callable[[str], object] = print,
) -> list[Row]:
    """Build both databases, measure every page by turns, print the table; returns the rows.

    `url` is the address of a PostgreSQL server, or empty for SQLite files in `folder`.
    """
    names = ["small", "large"]
    with clock.travel(clock.at(TODAY, time(11))), places(names, url, folder) as made:
        meters = []
        for place, size in zip(made, sizes, strict=True):
            tell(f"building {size:,} applications on {place.connection.vendor}")
            with place.filled():
                build_applications(size)
                operator = User.objects.get(email=OPERATOR)
            meters.append(Meter(place, operator))
        try:
            rows = [measure(page, meters[0], meters[1], rounds) for page in PAGES]
        finally:
            gc.unfreeze()
    tell(table(rows, sizes))
    return rows


def table(rows: list[Row], sizes: tuple[int, int]) -> str:
    """The measurement as text: milliseconds of processor time, queries, the ratio and what is wrong."""
    lines = [f"{'page':34}{sizes[0]:>12,}{sizes[1]:>12,}{'ratio':>8}{'limit':>7}{'queries':>12}"]
    for row in rows:
        counts = {row.small.queries, row.large.queries}
        queries = f"{row.small.queries} / {row.large.queries}" if len(counts) > 1 else str(row.small.queries)
        times = f"{row.small.ms:>9.1f} ms{row.large.ms:>9.1f} ms{row.ratio:>8.2f}{row.page.limit:>7}"
        lines.append(f"{row.page.label:34}{times}{queries:>12}  {'; '.join(row.faults)}".rstrip())
    return "\n".join(lines)


def _page(label: str, name: str, limit: float = PAGE_LIMIT, **query: str) -> Page:
    return Page(label, lambda place: f"{reverse(name)}?{urlencode(query)}" if query else reverse(name), limit)


def _application(place: Place) -> str:
    """An application under review, from the middle of those that are."""
    with place.used():
        rows = Application.objects.filter(state=ApplicationState.REGISTERED).order_by("pk")
        pk = rows.values_list("pk", flat=True)[rows.count() // 2]
    return reverse("admin:candidates_application_change", args=[pk])


def _municipality(place: Place) -> str:
    """The list of one municipality: the city, whose people fill a page at both sizes."""
    with place.used():
        pk = Municipality.objects.order_by("pk").values_list("pk", flat=True)[0]
    return f"{reverse(REGISTER)}?{urlencode({'municipality__id__exact': pk})}"


def _campaign(place: Place) -> str:
    with place.used():
        pk = Campaign.objects.order_by("-opens_at").values_list("pk", flat=True)[0]
    return reverse("admin:candidates_campaign_change", args=[pk])


def _campaign_list(place: Place) -> str:
    with place.used():
        pk = Campaign.objects.order_by("-opens_at").values_list("pk", flat=True)[0]
    return f"{reverse(REGISTER)}?{urlencode({'campaign__id__exact': pk, 'state__exact': 'registered'})}"


PAGES = [
    _page("desk", "admin:index"),
    _page("register", REGISTER),
    _page("register, by state", REGISTER, state__exact=ApplicationState.REGISTERED),
    Page("register, by campaign and state", _campaign_list, PAGE_LIMIT),
    Page("register, by municipality", _municipality, PAGE_LIMIT),
    _page("register, waiting for admission", REGISTER, admission="waiting"),
    _page("register, overdue", REGISTER, due="overdue"),
    _page("search, frequent surname", REGISTER, SEARCH_LIMIT, q=FREQUENT),
    _page("search, seldom surname", REGISTER, SEARCH_LIMIT, q=SELDOM),
    _page("search, two letters", REGISTER, SEARCH_LIMIT, q=SHORT),
    Page("application", _application, PAGE_LIMIT),
    Page("campaign", _campaign, PAGE_LIMIT),
    _page("journal", JOURNAL),
    _page("journal, frequent surname", JOURNAL, SEARCH_LIMIT, q=FREQUENT),
    _page("deadlines, overdue", "admin:regulations_deadline_changelist", when="overdue", whose="mine"),
]
