"""Issued papers for tests; the file is a few bytes, rendering is tested apart."""

from typing import Any

import factory

from reserve_portal.papers.kinds import PaperKind, paper_kinds
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import draft_paper, store_paper

KIND = PaperKind(
    code="tests.paper",
    title="Пробный документ",
    template="tests/paper.html",
    number="П-{number}/{year}",
    series="tests-{year}",
    may_read=lambda user, paper: user.has_role("commission"),
)


class PaperFactory(factory.django.DjangoModelFactory):
    """A stored paper about `subject` (by default about `person`), of a kind that commission members may read."""

    person = None
    number = factory.Sequence(lambda n: f"П-{n + 1}/2026")
    content = b"%PDF-1.7 a few bytes"

    class Meta:
        model = IssuedPaper

    @classmethod
    def _create(cls, model_class: type[IssuedPaper], *args: Any, **fields: Any) -> IssuedPaper:
        paper_kinds.add(KIND.code, KIND)
        content, person, subject = fields.pop("content"), fields.pop("person"), fields.pop("subject", None)
        paper = draft_paper(KIND.code, subject or person, actor=None, person=person, **fields)
        return store_paper(paper, content, actor=None)
