"""Plots: the same figures as the table beside them, no style and no script."""

import re
from decimal import Decimal

from reserve_portal.core.plots import FIGURE, WIDTH, bar_plot


def test_bars_are_as_long_as_their_figures_and_say_them() -> None:
    svg = bar_plot("По годам", ("договор", "возраст"), [("2026", (3, 1)), ("2027", (0, 2)), ("2028", (0, 0))])
    widths = [float(width) for width in re.findall(r'<rect x="[\d.]+" y="\d+" width="([\d.]+)"', svg)][2:]
    whole = WIDTH - FIGURE
    assert widths == [whole * 0.75, whole * 0.25, whole * 0.5]
    sums = [text for text in re.findall(r">(\d+)</text>", svg) if len(text) == 1]
    assert sums == ["4", "2", "0"]
    assert "style" not in svg and "<script" not in svg


def test_labels_are_escaped_and_one_series_needs_no_legend() -> None:
    svg = bar_plot("<b>", ("людей",), [("<i>Район</i>", (1,))])
    assert "<i>" not in svg and "<b>" not in svg and "людей" not in svg


def test_a_bar_of_a_whole_stands_in_its_frame_with_the_border_across() -> None:
    """A share of a hundred is as long as its share of the frame, exactly; what is nought has a frame all the same."""
    svg = bar_plot(
        "Доли", ("доля",), [("Тест", (Decimal("62.5"),)), ("Кейс", (0,))], ["62,5 %", "—"], whole=100,
        mark=(70, "порог 70 %"),
    )  # fmt: skip
    frame = WIDTH - FIGURE
    widths = [float(width) for width in re.findall(r'<rect x="[\d.]+" y="\d+" width="([\d.]+)"', svg)]
    assert widths == [frame, frame * 0.625, frame]
    assert set(re.findall(r'<line x1="([\d.]+)"', svg)) == {str(frame * 0.7)}
    assert "порог 70 %" in svg and "62,5 %" in svg
