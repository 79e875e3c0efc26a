"""What came of a procedure by direction: a table, and the same as a plot drawn on the server."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Max

from assessment.models import Procedure, SectionScore

WIDTH, LEFT, RIGHT = 420, 4, 66  # of the drawing; the right margin holds the percent
ROW, TOP, BAR = 56, 30, 18
LINE = 50  # letters of a direction's name that fit above its bar


def section_statistics(procedure: Procedure) -> list[dict[str, Any]]:
    """For each direction: name, maximum, count, mean, best (points) and share (percent of the maximum, one decimal)."""
    rows = (
        SectionScore.objects.filter(result__procedure=procedure)
        .values("section")
        .annotate(count=Count("pk"), mean=Avg("points"), best=Max("points"))
        .order_by("section")
    )
    found = {row["section"]: row for row in rows}
    statistics = []
    for section in procedure.sections.all():
        row = found.get(section.pk, {"count": 0, "mean": None, "best": None})
        mean = Decimal(str(row["mean"])).quantize(Decimal("0.01")) if row["mean"] is not None else None
        share = (mean * 100 / section.maximum).quantize(Decimal("0.1")) if mean is not None else None
        statistics.append(
            {
                "name": section.name,
                "maximum": section.maximum,
                "count": row["count"],
                "mean": mean,
                "best": row["best"],
                "share": share,
            }
        )
    return statistics


def statistics_context(procedure: Procedure) -> dict[str, Any]:
    """The table and the plot, as the pages show them."""
    statistics = section_statistics(procedure)
    return {"statistics": statistics, "plot": section_plot(procedure, statistics)}


@dataclass(frozen=True)
class Bar:
    """One direction of the plot: whole numbers, since a drawing knows no decimal comma."""

    name: str
    share: Decimal | None
    words_y: int
    y: int
    length: int


@dataclass(frozen=True)
class Plot:
    """Mean shares of the maximum by direction, with the threshold as a line."""

    bars: list[Bar]
    threshold: Decimal
    threshold_x: int
    height: int
    width: int = WIDTH
    left: int = LEFT
    full: int = WIDTH - LEFT - RIGHT
    thickness: int = BAR

    @property
    def value_x(self) -> int:
        return self.left + self.full + 6

    @property
    def value_offset(self) -> int:
        return BAR - 4


def section_plot(procedure: Procedure, statistics: list[dict[str, Any]]) -> Plot | None:
    """The drawing of `section_statistics`; None where there is no result yet."""
    if not any(row["count"] for row in statistics):
        return None
    bars = []
    for number, row in enumerate(statistics):
        top = TOP + number * ROW
        length = _length(row["share"] or Decimal(0))
        name = row["name"] if len(row["name"]) <= LINE else row["name"][: LINE - 1] + "…"
        bars.append(Bar(name, row["share"], top + 14, top + 20, length))
    return Plot(
        bars,
        procedure.threshold_percent,
        LEFT + _length(procedure.threshold_percent),
        TOP + len(bars) * ROW + 6,
    )


def _length(percent: Decimal) -> int:
    return int(percent * (WIDTH - LEFT - RIGHT) / 100)
