"""Writes of the public site."""

from typing import Any

from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.regulations.models import Edition

from .models import PublicPage
from .texts import PAGES


@transaction.atomic
def load_pages(edition: Edition, *, actor: Any = None) -> int:
    """Write the public pages that are still missing from the edition's data; returns how many.

    Pages that exist stay as they are: operators edit them without a programmer.
    """
    existing = set(PublicPage.objects.values_list("slug", flat=True))
    rows = [
        PublicPage(slug=slug, title=title, body=write(edition), order=order * 10)
        for order, (slug, title, write) in enumerate(PAGES, start=1)
        if slug not in existing
    ]
    PublicPage.objects.bulk_create(rows)
    if rows:
        record_event("pages.load", edition, actor=actor, slugs=[row.slug for row in rows])
    return len(rows)
