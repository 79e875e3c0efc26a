"""Plots drawn on the server as SVG, for pages and papers alike: presentation attributes alone, no style, no script.

A plot is read beside its table, which holds the same figures; it hides nothing from who does not see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

WIDTH = 320  # a telephone shows it without shrinking the words
FIGURE = 60  # room for the sum behind a bar
LONGEST = 42  # signs that fit above a bar; the table has the whole name
LINE, BAR, LEGEND = 40, 14, 22
SHADES = ("1", "0.45", "0.2")


@dataclass(frozen=True)
class Piece:
    """A part of a bar: where it begins, how wide it is, how dark."""

    x: float
    width: float
    shade: str


def bar_plot(
    title: str,
    series: Sequence[str],
    rows: Sequence[tuple[str, Sequence[int]]],
    words: Sequence[str] = (),
) -> SafeString:
    """Lying bars, one line for each of `rows` (label, whole numbers by series), stacked in the order of `series`.

    Behind a bar stands its sum, or the line's own `words`.
    """
    largest = max((sum(values) for _, values in rows), default=0) or 1
    top = LEGEND * len(series) if len(series) > 1 else 0
    lines = []
    for number, (label, values) in enumerate(rows):
        pieces, x = [], 0.0
        for value, shade in zip(values, SHADES, strict=False):
            width = round(value / largest * (WIDTH - FIGURE), 1)
            if width:
                pieces.append(Piece(round(x, 1), width, shade))
            x += width
        y = top + number * LINE
        lines.append(
            {
                "label": label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…",
                "text_y": y + 14,
                "bar_y": y + 20,
                "pieces": pieces,
                "sum": words[number] if words else sum(values),
                "sum_x": round(x + 6, 1),
            }
        )
    context = {
        "title": title,
        "width": WIDTH,
        "height": top + LINE * len(rows),
        "bar": BAR,
        "lines": lines,
        "legend": [
            {"name": name, "shade": shade, "y": LEGEND * number}
            for number, (name, shade) in enumerate(zip(series, SHADES, strict=False))
        ]
        if top
        else [],
    }
    return render_to_string("components/bar_plot.html", context)
