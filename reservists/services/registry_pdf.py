"""The registry on paper. A large one is drawn in pieces by processes of their own and merged: bounded memory."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from reserve_portal.papers.pieces import render_pieces

from .registry import batched

CHUNK = 100  # rows; up to here one tagged document, made as any other paper; beyond it pieces of so many
Progress = Callable[[int], None]


def registry_words(template: str, rows: Iterable[Any], total: int, context: dict[str, Any]) -> str:
    """Return `template` with all its rows as one document, for a registry of up to CHUNK rows."""
    return next(_pieces(template, rows, total, context, max(total, 1)))


def registry_pdf(
    template: str,
    rows: Iterable[Any],
    total: int,
    context: dict[str, Any],
    *,
    progress: Progress = lambda done: None,
    chunk: int = CHUNK,
) -> bytes:
    """Render `template` with `total` rows in pieces of `chunk`, merged, pages numbered «N из M».

    `rows` are drawn as they are needed. The template gets `rows`, `start` (rows before these), `first` (draw the
    heading), `last` (draw the signature) and `merged` (leave the numbers of pages out). `progress` is told the number
    of rows done. A merged registry has no structure tree: its accessible form is the XLSX and the table on the site.
    """
    pieces = _pieces(template, rows, total, context, chunk)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "registry.pdf"
        render_pieces(pieces, out, progress=lambda done: progress(min(done * chunk, total)))
        return out.read_bytes()


def _pieces(
    template: str, rows: Iterable[Any], total: int, context: dict[str, Any], chunk: int
) -> Iterator[str]:
    rest = batched(rows, chunk)
    for start in range(0, max(total, 1), chunk):
        piece = {
            "rows": next(rest, []),
            "start": start,
            "first": start == 0,
            "last": start + chunk >= total,
            "merged": total > chunk,
        }
        yield render_to_string(template, {**context, **piece})
