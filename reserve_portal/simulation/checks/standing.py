"""What stands in the registry is what was decided last: result, attestation, change (O4.16-4.21)."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from assessment.models import Result
from assessment.rules import ranks, zone
from commissions.enums import ListState
from commissions.models import DecisionLine, DecisionList
from reserve_portal.regulations.enums import Decision
from reservists.enums import AttestationState, ChangeKind, ReservistState
from reservists.models import Attestation, AttestationEntry, Reservist, ReservistChange

from .registry import check

Standing = tuple[Decimal, Decimal, str]


@check
def members_stand_as_was_decided_last() -> Iterator[str]:
    """Points, maximum and zone are those of the result behind the inclusion, changed by each later decision in turn."""
    found: dict[int, list[Standing]] = {}
    for track, points, maximum, own in Result.objects.values_list("track", "points", "maximum", "zone"):
        found.setdefault(track, []).append((points, maximum, own))
    changes: dict[int, list[ReservistChange]] = {}
    for change in ReservistChange.objects.select_related("line").order_by("pk"):
        changes.setdefault(change.reservist_id, []).append(change)
    entries = {
        entry.pk: (entry.points, entry.maximum, entry.zone) for entry in AttestationEntry.objects.all()
    }
    for member in Reservist.objects.exclude(track=None).select_related("user").order_by("pk"):
        starts = found.get(member.track_id or 0, [])
        ends = [_after(start, changes.get(member.pk, []), entries) for start in starts]
        if (member.points, member.maximum, member.zone) not in ends:
            yield f"{member}: баллы и зона в реестре не те, что решены."


def _after(start: Standing, changes: list[ReservistChange], entries: dict[int, Any]) -> Any:
    for change in changes:
        if change.kind == ChangeKind.ATTESTATION:
            start = entries[change.line.object_id or 0]
        elif change.line.details["zone"]:
            start = (start[0], start[1], change.line.details["zone"])
    return start


@check
def changes_rest_on_a_decision() -> Iterator[str]:
    """Nothing changes in a membership but by a line decided in favour, with its ground (O4.16)."""
    rows = ReservistChange.objects.select_related("line__list", "reservist__user").order_by("pk")
    for row in rows:
        if row.line.list.state != ListState.DECIDED or not row.line.outcome:
            yield f"{row}: изменено без решения."
        if not row.ground.strip():
            yield f"{row}: изменено без обоснования."


@check
def attestations_follow_from_the_points() -> Iterator[str]:
    """Sum, zone and place are recomputed exactly from points, weights and the frozen borders (O4.18-4.19)."""
    for row in Attestation.objects.filter(state__in=(AttestationState.LISTED, AttestationState.DECIDED)):
        tools = list(row.instruments.all())
        maximum = sum((tool.maximum * tool.weight for tool in tools), Decimal(0))
        entries = (
            row.entries.filter(absent=False).select_related("reservist__user").prefetch_related("scores")
        )
        by_group = {}
        for track_group, group in groupby(
            entries.order_by("reservist__target_group", "pk"), key=lambda item: item.reservist.target_group_id
        ):
            by_group[track_group] = list(group)
        for people in by_group.values():
            yield from _attested(row, people, tools, maximum)


def _attested(
    row: Attestation, entries: list[AttestationEntry], tools: list[Any], maximum: Decimal
) -> Iterator[str]:
    sums = []
    for entry in entries:
        given = entry.points_by_instrument()
        sums.append(sum((given[tool.pk] * tool.weight for tool in tools), Decimal(0)))
    for entry, points, place in zip(entries, sums, ranks(sums), strict=True):
        expected = zone(
            points, maximum, threshold_percent=row.threshold_percent, green_percent=row.green_percent
        )
        if (entry.points, entry.maximum, entry.zone) != (points, maximum, expected):
            yield f"{row}, {entry}: баллы или зона не следуют из ведомости."
        if entry.rank != place:
            yield f"{row}, {entry}: место {entry.rank}, а по баллам — {place}."


@check
def decided_attestations_took_effect() -> Iterator[str]:
    """A decided attestation changed everybody approved who is still in the reserve, and nobody else (O4.20)."""
    decided = DecisionList.objects.filter(decision=Decision.ATTESTATION, state=ListState.DECIDED)
    lines = DecisionLine.objects.filter(list__in=decided, outcome=True)
    changed = set(ReservistChange.objects.filter(kind=ChangeKind.ATTESTATION).values_list("line", flat=True))
    gone = set(Reservist.objects.filter(state=ReservistState.EXCLUDED).values_list("pk", flat=True))
    owners = dict(AttestationEntry.objects.values_list("pk", "reservist"))
    for line in lines.order_by("pk"):
        if line.pk not in changed and owners.get(line.object_id or 0) not in gone:
            yield f"{line}: результат аттестации утверждён, а в реестре его нет."
    for row in Attestation.objects.filter(state=AttestationState.DECIDED):
        if not decided.about(row).exists():
            yield f"{row}: утверждена без решения."
