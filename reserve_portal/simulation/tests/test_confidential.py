"""Orenburg's registry is confidential (O8.3): a crawl of every page that can be reached finds nobody in it."""

import re
from collections import Counter
from collections.abc import Callable
from urllib.parse import urljoin

from django.test import Client
from django.urls import Resolver404, resolve

from reserve_portal.accounts.models import User
from reserve_portal.core.tests.answers import content_of
from reserve_portal.regulations.models import Edition
from reserve_portal.simulation.cast import DOMAIN
from reserve_portal.simulation.example import build_example
from reservists.models import RegistryEdition, Reservist

LINK = re.compile(r'(?:href|hx-get)="([^"#?]+)')
PAGES_OF_A_VIEW = 2


def crawl(client: Client) -> dict[str, str]:
    """Follow the links from the front page and the home page, two of each view; returns the texts by address."""
    queue, read, opened = ["/", "/home/", "/reserve/list/", "/reserve/people/"], {}, Counter[str]()
    while queue:
        address = queue.pop(0)
        view = view_of(address)
        if address in read or not view or opened[view] >= PAGES_OF_A_VIEW:
            continue
        opened[view] += 1
        response = client.get(address, follow=True)
        read[address] = content_of(response).decode(errors="replace")
        if "text/html" in response.get("Content-Type", ""):
            queue += [urljoin(address, link) for link in LINK.findall(read[address])]
    return read


def view_of(address: str) -> str:
    """The name of the view; nothing for other hosts, files and the box of all letters, which only the example has."""
    try:
        name = resolve(address).view_name or ""
    except Resolver404:
        return ""
    return "" if name in ("notifications:all", "account_logout") else name


def test_a_crawl_finds_no_reservist_of_a_confidential_registry(
    orenburg: Edition, client_of: Callable[[User], Client]
) -> None:
    """O8.3: neither strangers, nor candidates, nor fellow reservists, nor another municipality read a name."""
    build_example(orenburg, tell=lambda line: None)
    assert RegistryEdition.objects.filter(published_at=None).exists()
    reserve = list(Reservist.objects.select_related("user"))
    assert len(reserve) > 5
    for name in ("", "candidate", "reservist", "municipal"):
        user = User.objects.filter(email=f"{name}@{DOMAIN}").first()
        client = client_of(user) if user else Client()
        hidden = [row for row in reserve if user is None or not _may_know(user, row)]
        assert hidden
        for address, text in crawl(client).items():
            found = [row.user.full_name for row in hidden if row.user.full_name in text]
            assert not found, f"{name or 'a stranger'} reads {found} at {address}"


def _may_know(user: User, reservist: Reservist) -> bool:
    """Oneself, and a municipality the names of its own people (process.md 12)."""
    own = user.municipality_id is not None and user.municipality_id == reservist.municipality_id
    return reservist.user_id == user.pk or own
