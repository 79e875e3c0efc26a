"""Points, zones and places are what the rules make of them."""

from collections.abc import Iterator
from itertools import groupby

from django.db.models import QuerySet

from assessment.models import Result
from assessment.rules import passes, ranks, shown_points, zone

from .registry import check


@check
def results_follow_from_the_points() -> Iterator[str]:
    """Passed and zone are recomputed exactly from points, maximum and the procedure's borders (T4, O3.17)."""
    results = _results()
    for result in results.order_by("pk").iterator(chunk_size=500):
        procedure = result.procedure
        passed = passes(result.exact, result.maximum, procedure.threshold_percent)
        expected = zone(
            result.exact,
            result.maximum,
            threshold_percent=procedure.threshold_percent,
            green_percent=procedure.green_percent,
        )
        if result.passed != passed:
            yield f"{result}: порог «{'пройден' if result.passed else 'не пройден'}» не следует из баллов."
        if result.zone != expected:
            yield f"{result}: зона «{result.get_zone_display()}» не следует из баллов."
        if shown_points(result.exact) != result.points:
            yield f"{result}: баллы не равны сумме по направлениям."


@check
def places_follow_from_the_points() -> Iterator[str]:
    """Within a target group equal points share a place: 1, 2, 2, 4 (O1.16, O3.23)."""
    rows = _results().order_by("procedure", "track__target_group", "pk")
    for _, group in groupby(rows, key=lambda result: (result.procedure_id, result.track.target_group_id)):
        results = list(group)
        for result, place in zip(results, ranks([item.exact for item in results]), strict=True):
            if result.rank != place:
                yield f"{result}: место {result.rank}, а по баллам — {place}."


def _results() -> QuerySet[Result]:
    return Result.objects.select_related("procedure", "track__application__user").prefetch_related(
        "scores__section"
    )
