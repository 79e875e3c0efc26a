"""Very long papers: rendered in pieces by processes of their own, merged, numbered; bounded memory, linear time.

A worker loads neither Django's apps nor the database: it holds WeasyPrint and one piece at a time.
"""

import gc
import multiprocessing
import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from .render import html_to_pdf

WORKERS = 2
AHEAD = 2  # pieces that wait for each worker: enough to keep it busy, few enough to lie in memory
PIECES_PER_WORKER = 30  # then a fresh process: what a library keeps does not pile up
OF = " из "
NUMBER_SIZE = 11  # points
NUMBER_BELOW_EDGE = (
    25  # mm: the foot of the number below the upper edge, as paper.css sets it on a wide sheet
)
MM = 72 / 25.4
NUMBERS = (
    '<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Номера</title>'
    '<link rel="stylesheet" href="static:/css/fonts-pdf.css">'
    '<link rel="stylesheet" href="static:/css/paper.css"></head><body>0123456789 из</body></html>'
)


def render_document(html: str) -> bytes:
    """Render one tagged paper in a process of its own, which leaves no memory behind."""
    with tempfile.TemporaryDirectory() as name, _workers(1) as pool:
        path = Path(name) / "paper.pdf"
        return pool.submit(render_piece, html, path, tagged=True).result().read_bytes()


def render_pieces(pieces: Iterable[str], out: Path, *, progress: Callable[[int], None]) -> None:
    """Render HTML documents, put their sheets into one PDF at `out`, number them «N из M» from the second on.

    `pieces` is drawn from as the work goes on; `progress` is told the number of pieces done. The merged paper has no
    structure tree: what it says needs an accessible form beside it.
    """
    with tempfile.TemporaryDirectory() as name, _workers(WORKERS) as pool:
        folder = Path(name)
        parts = []
        for part in _in_order(pool, _numbered(pieces, folder)):
            parts.append(part)
            progress(len(parts))
        numbers = pool.submit(render_piece, NUMBERS, folder / "numbers.pdf").result()
        with _workers(1) as merger:
            merger.submit(merge, parts, numbers, out).result()


def _workers(number: int) -> ProcessPoolExecutor:
    """Spawned: a forked copy would share the database connection."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(number, mp_context=context, max_tasks_per_child=PIECES_PER_WORKER)


def _numbered(pieces: Iterable[str], folder: Path) -> Iterator[tuple[str, Path]]:
    return ((html, folder / f"{place}.pdf") for place, html in enumerate(pieces))


def _in_order(pool: ProcessPoolExecutor, work: Iterable[tuple[str, Path]]) -> Iterator[Path]:
    """Results in order, a few pieces ahead: `pool.map` would draw all of them at once."""
    waiting: deque[Future[Path]] = deque()
    for html, path in work:
        waiting.append(pool.submit(render_piece, html, path))
        if len(waiting) > WORKERS * AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def render_piece(html: str, path: Path, *, tagged: bool = False) -> Path:
    """Render one piece with the garbage collector off: it costs half of the time and finds nothing until the end.

    Untagged where it is to be merged, for merging drops the tags.
    """
    gc.disable()
    try:
        path.write_bytes(html_to_pdf(html, tagged=tagged))
    finally:
        gc.enable()
        gc.collect()
    return path


def merge(parts: list[Path], numbers: Path, out: Path) -> None:
    """Put the sheets of `parts` one after another, with their numbers, into `out`."""
    with pikepdf.new() as merged:
        opened = [pikepdf.open(path) for path in parts]
        for part in opened:
            merged.pages.extend(part.pages)
        title = opened[0].docinfo.get("/Title")
        if title is not None:
            merged.docinfo["/Title"] = str(title)
        merged.Root.Lang = pikepdf.String("ru")
        merged.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        with pikepdf.open(numbers) as source:
            _number(merged, Digits.of(source, merged))
            merged.save(out)
        for part in opened:
            part.close()


def _number(merged: pikepdf.Pdf, digits: "Digits") -> None:
    total = len(merged.pages)
    for place, page in enumerate(merged.pages, start=1):
        if place > 1:
            page.add_resource(digits.font, pikepdf.Name.Font, pikepdf.Name("/Numbers"))
            order = pikepdf.Stream(merged, digits.line(f"{place}{OF}{total}", page))
            page.contents_add(order, prepend=True)  # before the page moves its axes


@dataclass(frozen=True)
class Digits:
    """The face that the numbers of the sheets are set in, taken from a sheet that holds every sign of them."""

    font: Any
    glyphs: dict[str, int]
    widths: dict[int, float]

    @classmethod
    def of(cls, source: pikepdf.Pdf, target: pikepdf.Pdf) -> "Digits":
        """Take over the face of `source`'s first sheet into `target`."""
        (font,) = source.pages[0].Resources.Font.values()
        table = font.ToUnicode.read_bytes().decode()
        glyphs = {
            bytes.fromhex(text).decode("utf-16-be"): int(glyph, 16)
            for glyph, text in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", table)
        }
        return cls(target.copy_foreign(font), glyphs, _widths(font.DescendantFonts[0].W))

    def line(self, text: str, page: pikepdf.Page) -> bytes:
        """Drawing orders for `text` in the middle of the upper margin, outside of what the page itself draws."""
        codes = [self.glyphs[sign] for sign in text]
        width = sum(self.widths[code] for code in codes) / 1000 * NUMBER_SIZE
        _, _, right, top = (float(edge) for edge in page.mediabox)
        x, y = (right - width) / 2, top - NUMBER_BELOW_EDGE * MM
        shown = "".join(f"{code:04x}" for code in codes)
        return f"q 0 g BT /Numbers {NUMBER_SIZE} Tf {x:.2f} {y:.2f} Td <{shown}> Tj ET Q".encode()


def _widths(table: Any) -> dict[int, float]:
    """The widths of a composite font: «first [w w w]» or «first last w»."""
    found: dict[int, float] = {}
    rest = list(table)
    while rest:
        first, second = int(rest.pop(0)), rest.pop(0)
        if isinstance(second, pikepdf.Array):
            found.update({first + place: float(width) for place, width in enumerate(list(second))})
        else:
            found.update(dict.fromkeys(range(first, int(second) + 1), float(rest.pop(0))))
    return found
