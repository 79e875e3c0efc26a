"""Making the files of issued papers: after the commit, outside any transaction, once."""

import hashlib
import logging
from secrets import token_hex
from time import monotonic

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import transaction

from reserve_portal.audit.services import record_event

from .models import IssuedPaper
from .pieces import render_document
from .render import html_to_pdf

log = logging.getLogger(__name__)
TURN, TURN_SECONDS = "papers.making", 60
PAUSE_SECONDS = 600
LONG = 20_000  # signs of HTML, a registry of some 25 rows; what is longer is drawn by a process of its own


def put_file(paper: IssuedPaper, pdf: bytes) -> None:
    """Lay the file down and note its SHA-256 and size on `paper`, which the caller saves."""
    paper.sha256 = hashlib.sha256(pdf).hexdigest()
    paper.size = len(pdf)
    paper.stored.save(f"{token_hex(16)}.pdf", ContentFile(pdf), save=False)


def make_paper(paper: IssuedPaper, pdf: bytes | None = None) -> None:
    """Make the file of an issued paper (or take `pdf`, made elsewhere from its words); of two makers the first wins.

    Raises FetchRefused when its words ask for anything but static files.
    """
    content = _drawn(paper.html) if pdf is None else pdf
    with transaction.atomic():
        put_file(paper, content)
        name = str(paper.stored.name)
        made = {"stored": name, "sha256": paper.sha256, "size": paper.size, "html": ""}
        if IssuedPaper.objects.to_be_made().filter(pk=paper.pk).update(**made):
            paper.html = ""
            record_event("papers.make", paper, actor=None, person=paper.person, sha256=paper.sha256)
            return
    paper.stored.storage.delete(name)
    paper.refresh_from_db(fields=[*made])


def _drawn(html: str) -> bytes:
    """A long paper takes more memory than a process of the portal may keep."""
    return render_document(html) if len(html) > LONG else html_to_pdf(html)


def make_due_papers(seconds: float = 5) -> int:
    """Make the files that are missing, for about so many seconds; returns how many. One process at a time does it."""
    if not cache.add(TURN, True, TURN_SECONDS):
        return 0
    end, count = monotonic() + seconds, 0
    try:
        for paper in IssuedPaper.objects.to_be_made().order_by("pk")[:100]:
            if monotonic() > end:
                break
            if cache.get(f"papers.failed.{paper.pk}"):
                continue
            try:
                make_paper(paper)
                count += 1
            except Exception:  # the others shall not wait for it; the health page counts it
                log.exception("paper %s cannot be made", paper.pk)
                cache.set(f"papers.failed.{paper.pk}", True, PAUSE_SECONDS)
    finally:
        cache.delete(TURN)
    return count
