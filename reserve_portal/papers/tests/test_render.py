"""Rendering: the portal's static files and nothing else (architecture.md, rule 9); PDFs that everybody can read."""

import ast
import resource
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdf
import pytest
from django.template.loader import render_to_string

from reserve_portal.core.tests.sources import source_trees
from reserve_portal.papers.render import FetchRefused, html_to_pdf, render_pdf, static_file, with_room

FONTS = "static:/css/fonts-pdf.css"
FOREIGN = [
    "http://example.org/x.png",
    "https://example.org/x.png",
    "HTTPS://example.org/x.png",
    "//example.org/x.png",
    "ftp://example.org/x.png",
    "file:///etc/passwd",
    "file:///usr/share/pixmaps/x.png",
    "data:image/png;base64,iVBORw0KGgo=",
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>",
    "javascript:alert(1)",
    "static://example.org/x.png",
    "static:/../reserve_portal/settings.py",
    "static:/../../../../etc/passwd",
    "static:/../../../../etc/ssl/x.png",
    "static:/%2e%2e/%2e%2e/%2e%2e/etc/x.png",
    "static:/css/../../conftest.png",
    "static:/x%00.png",
    "static:/nowhere.png",
    "static:/css",
    "http://[broken/x.png",
    "css/fonts-pdf.css",
    "x.png",
    "",
]


@pytest.fixture
def own_templates(settings):
    """The templates of this folder beside the portal's."""
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], Path(__file__).parent / "templates"]}]


@pytest.mark.parametrize("url", FOREIGN)
def test_the_fetcher_serves_static_files_alone(url):
    """Nothing from another host, from the disk, from the address itself, or from outside the static folders."""
    with pytest.raises(FetchRefused):
        static_file(url)


def test_a_static_file_is_found():
    """What a paper may use."""
    assert static_file(FONTS).name == "fonts-pdf.css"
    assert static_file(FONTS + "?v=1#x").name == "fonts-pdf.css"


@pytest.mark.parametrize(
    "piece",
    [
        '<img src="https://example.org/x.png">',
        '<img src="/etc/passwd">',
        '<img src="file:///etc/passwd">',
        '<img src="data:image/png;base64,iVBORw0KGgo=">',
        '<img src="static:/nowhere.png">',
        '<img src="static:/../conftest.png">',
        '<img src="static:/x%00.png">',
        '<img src="http://[broken/x.png">',
        '<img src="x.png">',
        '<link rel="stylesheet" href="https://example.org/x.css">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<style>@import "https://example.org/x.css";</style>',
        '<style>body { background: url("file:///etc/passwd") }</style>',
        '<style>@font-face { font-family: X; src: url("https://example.org/x.woff2") }</style>',
        '<object data="https://example.org/x.svg" type="image/svg+xml"></object>',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="https://example.org/x.png"/></svg>',
    ],
)
def test_a_paper_that_asks_for_something_foreign_is_refused_whole(piece):
    """An official paper with a hole in it is worse than none: the rendering stops."""
    with pytest.raises(FetchRefused):
        html_to_pdf(f"<!doctype html><html lang='ru'><title>x</title><body>{piece}</body></html>")


def test_a_paper_has_its_text_language_title_structure_and_fonts(own_templates):
    """Cyrillic text that can be searched, a tagged PDF, fonts inside the file (domain/documents.md)."""
    context = {"paper": {"title": "Выписка", "number": "7/2026"}, "name": "Ёлкин Пётр"}
    pdf = render_pdf("tests/paper.html", context)
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)
    assert "Ёлкин Пётр" in text and "Съешь ещё этих мягких французских булок" in text
    with pikepdf.open(BytesIO(pdf)) as document:
        root = document.Root
        assert str(root.Lang) == "ru" and bool(root.MarkInfo.Marked) and "/StructTreeRoot" in root
        assert str(document.docinfo["/Title"]) == "Выписка № 7/2026"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        fonts = _fonts(document)
    assert {name.split("+")[-1].split("-")[0] for name in fonts} == {"PT"} or all(
        "PT" in name for name in fonts
    )
    assert all(fonts.values()), "a font is not embedded"


def _fonts(document: pikepdf.Pdf) -> dict[str, bool]:
    """Names of the fonts used, and whether each lies in the file."""
    found = {}
    for page in document.pages:
        for font in page.Resources.Font.values():
            descendant = font.DescendantFonts[0] if "/DescendantFonts" in font else font
            descriptor = descendant.FontDescriptor
            embedded = any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
            found[str(descendant.BaseFont)] = embedded
    return found


def test_the_qr_code_has_no_inline_style():
    """A strict policy blocks style= (pitfalls.md 17): presentation attributes alone."""
    from django.template import Context, Template

    svg = Template("{% load papers %}{% qr_svg url %}").render(
        Context({"url": "https://portal.example/?code=<ab>"})
    )
    assert svg.startswith("<svg") and "style=" not in svg and "<ab>" not in svg


def test_only_one_file_imports_weasyprint():
    """The fetcher cannot be gone round by accident (architecture.md, rule 9)."""
    found = {
        place
        for place, tree in source_trees()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(item.name.startswith("weasyprint") for item in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("weasyprint"))
    }
    assert found == {"reserve_portal/papers/render.py"}


def test_papers_escape_what_people_typed(own_templates):
    """A name is text, never markup."""
    html = render_to_string(
        "tests/paper.html", {"paper": {}, "name": '<img src="https://example.org/x.png">'}
    )
    assert "&lt;img" in html


def test_a_signature_never_stands_alone_on_its_page():
    """Whatever the number of rows, one of them goes with the signature: a lone one could be put under any paper."""
    counts = set()
    for number in range(30, 42):
        rows = "".join(f"<tr><td>строка {row}</td></tr>" for row in range(number))
        pages = pypdf.PdfReader(
            BytesIO(
                html_to_pdf(
                    '<link rel="stylesheet" href="static:/css/fonts-pdf.css">'
                    '<link rel="stylesheet" href="static:/css/paper.css">'
                    f'<table class="grid"><tbody>{rows}</tbody></table>'
                    '<div class="signature"><p class="signature-post">Секретарь</p></div>'
                )
            )
        ).pages
        counts.add(len(pages))
        assert "строка" in pages[-1].extract_text()
    assert len(counts) > 1  # the rows of some of these papers just fill their page


def test_no_depth_of_the_caller_makes_layout_ask_for_memory_at_each_call():
    """pitfalls.md 8: at the edge of a piece of the interpreter's stack every call takes and gives back memory."""

    def leaf() -> None:
        pass

    leaf.__code__ = leaf.__code__.replace(co_stacksize=100)  # it meets the edge from some depth or other

    def deeper(depth: int, work: Callable[[], None]) -> None:
        if depth:
            deeper(depth - 1, work)
        else:
            work()

    def calls() -> None:
        for _ in range(1000):
            leaf()

    def most_faults(work: Callable[[int], None]) -> int:
        found = []
        for depth in range(300):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            work(depth)
            found.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
        return max(found)

    assert most_faults(with_room(lambda depth: deeper(depth, calls))) < 500
