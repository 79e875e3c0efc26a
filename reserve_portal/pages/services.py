"""Writes of the public site."""

from typing import Any

from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.regulations.models import Edition

from .models import NewsItem, PublicPage
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


@transaction.atomic
def publish_page(page: PublicPage, *, actor: Any) -> PublicPage:
    """Show the draft of a page to everybody; raises GateShut for one without heading or text."""
    page = PublicPage.objects.select_for_update().get(pk=page.pk)
    if page.draft_title or page.draft_body:
        page.title, page.body = page.draft_title.strip(), page.draft_body.strip()
    if not page.title or not page.body:
        require_open([Blocker("Напишите заголовок и текст, потом публикуйте.")])
    page.draft_title, page.draft_body, page.is_published = page.title, page.body, True
    page.save(update_fields=["title", "body", "draft_title", "draft_body", "is_published"])
    record_event("pages.publish", page, actor=actor)
    return page


@transaction.atomic
def hide_page(page: PublicPage, *, actor: Any) -> None:
    """Take a page off the site; its text stays, to be published again."""
    PublicPage.objects.filter(pk=page.pk).update(is_published=False)
    record_event("pages.hide", page, actor=actor)


@transaction.atomic
def publish_news(item: NewsItem, *, actor: Any) -> None:
    """Show a piece of news to everybody."""
    NewsItem.objects.filter(pk=item.pk).update(is_published=True)
    record_event("pages.publish_news", item, actor=actor)
