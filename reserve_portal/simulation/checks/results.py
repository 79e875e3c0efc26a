"""Points, zones and places are what the rules make of them."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from assessment.models import Result
from assessment.rules import passes, ranks, zone
from reservists.models import Reservist

from .registry import check


@check
def results_follow_from_the_points() -> Iterator[str]:
    """Passed and zone are recomputed exactly from points, maximum and the procedure's borders (T4, O3.17)."""
    results = Result.objects.select_related("procedure", "track__application__user").prefetch_related(
        "scores"
    )
    for result in results.order_by("pk").iterator(chunk_size=500):
        procedure = result.procedure
        passed = passes(result.points, result.maximum, procedure.threshold_percent)
        expected = zone(
            result.points,
            result.maximum,
            threshold_percent=procedure.threshold_percent,
            green_percent=procedure.green_percent,
        )
        if result.passed != passed:
            yield f"{result}: порог «{'пройден' if result.passed else 'не пройден'}» не следует из баллов."
        if result.zone != expected:
            yield f"{result}: зона «{result.get_zone_display()}» не следует из баллов."
        if sum((score.points for score in result.scores.all()), Decimal(0)) != result.points:
            yield f"{result}: баллы не равны сумме по направлениям."


@check
def places_follow_from_the_points() -> Iterator[str]:
    """Equal points share a place: 1, 2, 2, 4 (O3.23)."""
    rows = Result.objects.order_by("procedure", "pk").select_related("track__application__user")
    for _, group in groupby(rows, key=lambda result: result.procedure_id):
        results = list(group)
        for result, place in zip(results, ranks([item.points for item in results]), strict=True):
            if result.rank != place:
                yield f"{result}: место {result.rank}, а по баллам — {place}."


@check
def members_carry_their_result() -> Iterator[str]:
    """Points, maximum and zone of a membership are those of the result behind its inclusion (T4, O3.23)."""
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for track, *values in Result.objects.values_list("track", "points", "maximum", "zone"):
        found[track].append(tuple(values))
    members = Reservist.objects.exclude(track=None).select_related("user").order_by("pk")
    for member in members.iterator(chunk_size=500):
        if (member.points, member.maximum, member.zone) not in found[member.track_id or 0]:
            yield f"{member}: баллы и зона в реестре не те, что в результате оценки."
