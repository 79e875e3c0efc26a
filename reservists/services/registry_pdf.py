"""The registry as PDF. A large one is rendered in pieces by processes of their own and merged: bounded memory."""

import gc
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from typing import Any

import django
import pikepdf
from django.template.loader import render_to_string

from reserve_portal.papers.render import html_to_pdf

CHUNK = 500  # rows; up to here one document, beyond it documents of this many rows
WORKERS = 2
Progress = Callable[[int], None]


def registry_pdf(
    template: str,
    rows: Sequence[Any],
    context: dict[str, Any],
    *,
    progress: Progress = lambda done: None,
    chunk: int = CHUNK,
) -> bytes:
    """Render `template` with `rows`; above `chunk` rows in pieces of so many, merged, pages numbered «N из M».

    The template gets `rows`, `start` (rows before these), `first` (draw the heading), `last` (draw the signature) and
    `merged` (leave the numbers of pages out). `progress` is told the number of rows done. A merged registry has no
    structure tree: its accessible form is the XLSX.
    """
    if len(rows) <= chunk:
        pdf = html_to_pdf(_html(template, rows, context, start=0, size=len(rows), merged=False))
        progress(len(rows))
        return pdf
    pages = (
        _html(template, rows, context, start=start, size=chunk, merged=True)
        for start in range(0, len(rows), chunk)
    )
    pieces = []
    for place, piece in enumerate(_render_all(pages), start=1):
        pieces.append(piece)
        progress(min(place * chunk, len(rows)))
    return _merge(pieces)


def _html(
    template: str, rows: Sequence[Any], context: dict[str, Any], *, start: int, size: int, merged: bool
) -> str:
    piece = {
        "rows": rows[start : start + size],
        "start": start,
        "first": start == 0,
        "last": start + size >= len(rows),
        "merged": merged,
    }
    return render_to_string(template, {**context, **piece})


def _render_all(pages: Iterable[str]) -> Iterator[bytes]:
    """Render pieces in processes of their own, in order. Spawned: a forked copy would share the database connection."""
    with ProcessPoolExecutor(
        WORKERS,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=django.setup,
        max_tasks_per_child=8,
    ) as pool:
        yield from pool.map(render_piece, pages)


def render_piece(html: str) -> bytes:
    """Render one piece with the garbage collector off: it costs half of the time and finds nothing until the end."""
    gc.disable()
    try:
        return html_to_pdf(html)
    finally:
        gc.enable()
        gc.collect()


def _merge(pieces: Iterable[bytes]) -> bytes:
    with pikepdf.new() as merged:
        for piece in pieces:
            with pikepdf.open(BytesIO(piece)) as part:
                merged.pages.extend(part.pages)
                if "/Title" in part.docinfo and "/Title" not in merged.docinfo:
                    merged.docinfo["/Title"] = str(part.docinfo["/Title"])
        merged.Root.Lang = pikepdf.String("ru")
        stamps = html_to_pdf(
            render_to_string("reservists/pdf/page_numbers.html", {"pages": range(len(merged.pages))})
        )
        with pikepdf.open(BytesIO(stamps)) as numbers:
            for page, number in zip(merged.pages, numbers.pages, strict=True):
                page.add_overlay(number, None)
        out = BytesIO()
        merged.save(out)
        return out.getvalue()
