"""Numbers and issuing."""

from datetime import date
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.tasks import wake_after_commit

from .kinds import paper_kinds
from .making import put_file
from .models import IssuedPaper, NumberSequence


def next_number(series: str) -> int:
    """Take the next number of `series` (1, 2, 3 …) within the caller's transaction.

    The row stays locked until the caller commits: a rollback gives the number back, so there is no gap and no double.
    Raises RuntimeError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A number is taken inside the transaction that uses it.")
    row = NumberSequence.objects.select_for_update().filter(key=series).first()
    if row is None:
        try:
            with transaction.atomic():
                NumberSequence.objects.create(key=series)
        except IntegrityError:
            pass  # another one opened the series first
        row = NumberSequence.objects.select_for_update().get(key=series)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


@transaction.atomic
def issue_paper(
    code: str,
    subject: models.Model,
    context: dict[str, Any],
    *,
    actor: Any,
    person: Any = None,
    dated: date | None = None,
    title: str = "",
    number: str = "",
    numbering: dict[str, str] | None = None,
) -> IssuedPaper:
    """Number a paper of kind `code` about `subject` and freeze its words; the file is made from them after the commit.

    `dated` is the paper's own date (of the meeting, not of the typing); `number` overrides the kind's pattern, which
    otherwise is filled from {year}, {number} and `numbering`. The context reaches the template with `paper`.
    """
    kind = paper_kinds.get(code)
    day = dated or clock.today()
    extra = {"year": str(day.year), **(numbering or {})}
    text = number or kind.number.format(number=next_number(kind.series.format(**extra)), **extra)
    paper = draft_paper(code, subject, number=text, actor=actor, person=person, dated=day, title=title)
    html = render_to_string(kind.template, {**context, "paper": paper, "check_url": check_url(paper)})
    return store_words(paper, html, actor=actor)


def draft_paper(
    code: str,
    subject: models.Model,
    *,
    number: str,
    actor: Any,
    person: Any = None,
    dated: date | None = None,
    title: str = "",
) -> IssuedPaper:
    """Return a paper that is not stored yet, for work too long for a transaction; see `store_words`, `store_paper`."""
    return IssuedPaper(
        kind=code,
        number=number,
        title=title or paper_kinds.get(code).title,
        dated=dated or clock.today(),
        issued_by=actor,
        person=person,
        content_type=ContentType.objects.get_for_model(subject),
        object_id=subject.pk,
        check_code=token_hex(8),
    )


@transaction.atomic
def store_words(paper: IssuedPaper, html: str, *, actor: Any) -> IssuedPaper:
    """Store a drafted paper with its words: it is issued and never changes; the file is made after the commit."""
    paper.html = html
    paper.save()
    record_event("papers.issue", paper, actor=actor, person=paper.person, number=paper.number)
    wake_after_commit("papers.make_papers")
    return paper


@transaction.atomic
def store_paper(paper: IssuedPaper, pdf: bytes, *, actor: Any) -> IssuedPaper:
    """Store a drafted paper with its file: from now on it is issued and never changes."""
    put_file(paper, pdf)
    paper.save()
    record_event(
        "papers.issue", paper, actor=actor, person=paper.person, number=paper.number, sha256=paper.sha256
    )
    return paper


def check_url(paper: IssuedPaper) -> str:
    """The public address behind the paper's QR code."""
    return f"{settings.SITE_URL}{reverse('papers:check')}?code={paper.check_code}"
