"""Plots drawn on the server as SVG, for pages and papers alike: presentation attributes alone, no style, no script.

A plot is read beside its table, which holds the same figures; it hides nothing from who does not see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

WIDTH = 320  # a telephone shows it without shrinking the words
FIGURE = 60  # room for the sum behind a bar
LONGEST = 42  # signs that fit above a bar; the table has the whole name
LINE, BAR, LEGEND = 40, 14, 22
SHADES = ("1", "0.45", "0.2")

Number = int | Decimal


@dataclass(frozen=True)
class Piece:
    """A part of a bar: where it begins, how wide it is, how dark."""

    x: float
    width: float
    shade: str


def bar_plot(
    title: str,
    series: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Number]]],
    words: Sequence[str] = (),
    *,
    whole: Number | None = None,
    mark: tuple[Number, str] | None = None,
) -> SafeString:
    """Lying bars, one line for each of `rows` (label, numbers by series), stacked in the order of `series`.

    Behind a bar stands its sum, or the line's own `words`. `whole` is what the full length stands for (else it is the
    longest bar), shown as a frame around each bar; `mark` is a border at a value, with its words above the bars.
    """
    largest = whole or max((sum(values) for _, values in rows), default=0) or 1
    scale = Decimal(WIDTH - FIGURE) / Decimal(largest)
    legend = LEGEND * len(series) if len(series) > 1 else 0
    top = legend + (LEGEND if mark else 0)
    lines = []
    for number, (label, values) in enumerate(rows):
        pieces, x = [], Decimal(0)
        for value, shade in zip(values, SHADES, strict=False):
            width = round(value * scale, 1)
            if width:
                pieces.append(Piece(float(round(x, 1)), float(width), shade))
            x += width
        y = top + number * LINE
        lines.append(
            {
                "label": label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…",
                "text_y": y + 14,
                "bar_y": y + 20,
                "pieces": pieces,
                "sum": words[number] if words else sum(values),
                "sum_x": WIDTH - FIGURE + 6 if whole else float(round(x + 6, 1)),
            }
        )
    context = {
        "title": title,
        "width": WIDTH,
        "height": top + LINE * len(rows),
        "bar": BAR,
        "lines": lines,
        "frame": WIDTH - FIGURE if whole else 0,
        "mark": _mark(mark, scale, legend) if mark else None,
        "legend": [
            {"name": name, "shade": shade, "y": LEGEND * number}
            for number, (name, shade) in enumerate(zip(series, SHADES, strict=False))
        ]
        if legend
        else [],
    }
    return render_to_string("components/bar_plot.html", context)


def _mark(mark: tuple[Number, str], scale: Decimal, top: int) -> dict[str, object]:
    """Where the border stands; its words lie on the side with more room."""
    value, words = mark
    x = float(round(value * scale, 1))
    return {"x": x, "words": words, "words_y": top + 14, "anchor": "end" if x > WIDTH / 2 else "start"}
