"""Every kind of paper can be read by who cannot see it (domain/accessibility.md); read back from the finished PDF."""

from datetime import date
from io import BytesIO

import pikepdf
import pytest

from reserve_portal.papers.kinds import paper_kinds
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.pieces import NUMBERS
from reserve_portal.papers.reading import faults_of
from reserve_portal.papers.render import html_to_pdf, render_pdf

KINDS = [code for code in paper_kinds.codes() if not code.startswith("tests.")]


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_is_tagged_with_language_title_and_fonts(code: str):
    """The template of the kind itself, with nothing but the paper filled in."""
    kind = paper_kinds.get(code)
    paper = IssuedPaper(
        kind=code, number="7", title=kind.title, dated=date(2026, 3, 11), check_code="ab", issued_at=None
    )
    pdf = render_pdf(kind.template, {"paper": paper, "check_url": "https://portal.example/"})
    assert faults_of(pdf) == []


def test_the_stages_have_plugged_in_their_kinds():
    """An empty list would let the test above pass."""
    assert len(KINDS) > 15 and {"protocol", "registry", "consent"} <= set(KINDS)


def test_what_is_missing_is_named():
    """Each fault is seen to be found."""
    assert faults_of(html_to_pdf(NUMBERS)) == []
    assert faults_of(b"%PDF-1.7 a few bytes") == ["файл не читается"]
    assert faults_of(html_to_pdf(NUMBERS, tagged=False)) == [
        "заголовок не показан",
        "нет структуры",
    ]
    bare = NUMBERS.replace(' lang="ru"', "").replace("<title>Номера</title>", "")
    assert faults_of(html_to_pdf(bare)) == ["нет языка", "нет заголовка"]


def test_a_font_that_is_not_inside_is_named():
    """A paper must look the same on every machine."""
    out = BytesIO()
    with pikepdf.open(BytesIO(html_to_pdf(NUMBERS))) as document:
        for font in document.pages[0].Resources.Font.values():
            del font.DescendantFonts[0].FontDescriptor["/FontFile2"]
        document.save(out)
    assert faults_of(out.getvalue()) == ["шрифт не вложен"]
