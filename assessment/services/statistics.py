"""What came of a procedure by direction: a table, and the same as a plot drawn on the server."""

from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Max

from assessment.models import Procedure, SectionScore
from reserve_portal.core.plots import bar_plot
from reserve_portal.core.templatetags.portal import points


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


def section_plot(procedure: Procedure, statistics: list[dict[str, Any]]) -> str:
    """The drawing of `section_statistics` with the threshold as a border; nothing where there is no result yet."""
    if not any(row["count"] for row in statistics):
        return ""
    return bar_plot(
        "Средняя доля баллов по направлениям, % от максимума",
        ("доля",),
        [(row["name"], (row["share"] or Decimal(0),)) for row in statistics],
        ["—" if row["share"] is None else f"{points(row['share'])} %" for row in statistics],
        whole=100,
        mark=(procedure.threshold_percent, f"порог {points(procedure.threshold_percent)} %"),
    )
