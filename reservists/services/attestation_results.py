"""Results of the attestation: points, zone, place; the list for the bodies, and its effect (O4.18-4.21)."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from assessment.enums import Zone
from assessment.rules import ranks, shown_points, total_of
from assessment.rules import zone as zone_of
from commissions.models import DecisionLine, DecisionList
from commissions.motions import LineSpec
from commissions.services import basis_of, create_list, replace_lines
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import Decision

from ..enums import AttestationState, ChangeKind, ReservistState, SignalKind
from ..models import Attestation, AttestationEntry, Reservist, ReservistChange
from ..rules import points_words, result_words
from ..workflow import ATTESTATION
from .attestation import list_of
from .attestation_sheets import means_of
from .changes import keep_change, standing_of
from .membership import NO_NUMBER, registration_number
from .registry import approve_registry
from .signals import raise_signal

NAMED = 10  # how many people a gate names


def listing_blockers(attestation: Attestation) -> list[Blocker]:
    """What keeps the results from being put together: the window, people without points."""
    if attestation.state != AttestationState.OPEN:
        return [Blocker("Аттестация не идёт.")]
    found = []
    if clock.today() < attestation.closes_on:
        found.append(
            Blocker(f"Аттестация идёт до {attestation.closes_on:%d.%m.%Y}: свести итоги можно в этот день.")
        )
    unfinished = attestation.entries.unfinished(attestation).in_order()
    found += [
        Blocker(f"{entry.reservist.user.full_name}: внесены не все баллы и нет причины отсутствия.")
        for entry in unfinished[:NAMED]
    ]
    if not found and not attestation.entries.filter(absent=False).exists():
        found.append(Blocker("Никто не прошёл аттестацию."))
    return found


@transaction.atomic
def make_attestation_list(attestation: Attestation, *, actor: Any) -> DecisionList:
    """Compute points, zones and places and make the list for the bodies; raises GateShut (O4.18-4.19)."""
    locked = Attestation.objects.select_for_update(of=("self",)).get(pk=attestation.pk)
    require_open(listing_blockers(locked))
    ATTESTATION.apply(attestation, "list", actor=actor)
    return put_together(attestation, actor=actor)


def put_together(attestation: Attestation, *, actor: Any) -> DecisionList:
    """Compute the results and write them into the list, a new one or the draft that is there."""
    compute_results(attestation)
    lines = [_line(entry) for entry in _attested(attestation)]
    decision_list = list_of(attestation)
    if decision_list is None:
        return create_list(
            Decision.ATTESTATION,
            edition=attestation.edition,
            title=str(attestation),
            subject=attestation,
            lines=lines,
            actor=actor,
        )
    replace_lines(decision_list, lines, actor=actor)
    return decision_list


def compute_results(attestation: Attestation) -> None:
    """Sum the weighted points, exactly; zone by the frozen borders; equal points share a place in a group (O4.19)."""
    instruments = list(attestation.instruments.all())
    maximum = sum((item.maximum * item.weight for item in instruments), Decimal(0))
    means, exact = means_of(attestation), dict[int, Fraction]()
    groups: dict[int, list[AttestationEntry]] = {}
    for entry in attestation.entries.in_order():
        entry.points = entry.maximum = entry.rank = None
        entry.zone = ""
        if not entry.absent:
            given = entry.points_by_instrument()
            exact[entry.pk] = total_of(
                (means.get((entry.pk, item.pk), given[item.pk]), Decimal(item.weight)) for item in instruments
            )
            entry.points, entry.maximum = shown_points(exact[entry.pk]), maximum
            entry.zone = zone_of(
                exact[entry.pk],
                maximum,
                threshold_percent=attestation.threshold_percent,
                green_percent=attestation.green_percent,
            )
        groups.setdefault(entry.reservist.target_group_id, []).append(entry)
    for entries in groups.values():
        present = [entry for entry in entries if entry.points is not None]
        places = ranks([exact[entry.pk] for entry in present])
        for entry, rank in zip(present, places, strict=True):
            entry.rank = rank
        fields = ["points", "maximum", "zone", "rank"]
        AttestationEntry.objects.bulk_update(entries, fields, batch_size=500)


def results_blockers(decision_list: DecisionList) -> list[Blocker]:
    """What keeps the list from being sent: somebody who left the reserve meanwhile needs no result."""
    subject = decision_list.subject
    if not isinstance(subject, Attestation) or subject.state != AttestationState.LISTED:
        return [Blocker("Список составлен не по аттестации.")]
    return []


@transaction.atomic
def decide_result(line: DecisionLine, *, actor: Any) -> None:
    """Give the reservist the new points, zone and place; red raises a signal and excludes nobody (O4.18-4.21, O6.2)."""
    entry = AttestationEntry.objects.select_related("attestation").get(pk=line.object_id or 0)
    reservist = (
        Reservist.objects.select_for_update(of=("self",))
        .select_related("user", "edition", "target_group")
        .get(pk=entry.reservist_id)
    )
    if not line.outcome:
        return
    if reservist.state == ReservistState.EXCLUDED or entry.points is None or entry.maximum is None:
        record_event("reservists.skip_line", line, actor=actor, person=line.person, state=reservist.state)
        return
    before = standing_of(reservist)
    reservist.points, reservist.maximum = entry.points, entry.maximum
    reservist.zone, reservist.rank = entry.zone, entry.rank
    reservist.save(update_fields=["points", "maximum", "zone", "rank"])
    keep_change(reservist, ChangeKind.ATTESTATION, before, line, str(entry.attestation))
    record_event("reservists.attest", reservist, actor=actor, person=reservist.user, zone=entry.zone)
    if entry.zone == Zone.RED:
        words = f"{entry.attestation}: {line.proposal_reason}. {basis_of(line.list)}"
        raise_signal(reservist, SignalKind.ATTESTATION, facts=words, fact_at=clock.now(), actor=None)


@transaction.atomic
def finish_attestation(decision_list: DecisionList, *, actor: Any) -> None:
    """After the last body: the ranked registry's next edition, a letter to everybody attested (O4.19-4.20)."""
    attestation: Any = decision_list.subject
    ATTESTATION.apply(attestation, "decide", actor=actor)
    approve_registry(decision_list, actor=actor)
    changes = ReservistChange.objects.filter(line__list=decision_list).select_related("reservist__user")
    for change in changes:
        send_letter(
            "reserve.attested",
            to=change.reservist.user,
            key=f"reserve.attested:{change.pk}",
            values={
                "year": attestation.year,
                "points": change.after["points"],
                "before": change.before["zone"],
                "zone": change.after["zone"],
                "rank": change.after["rank"],
                "basis": change.basis,
            },
            about=change.reservist,
        )


def _attested(attestation: Attestation) -> Iterable[AttestationEntry]:
    """Those with a result, best first within the group."""
    return (
        attestation.entries.filter(absent=False)
        .select_related(
            "attestation__edition",
            "reservist__user",
            "reservist__target_group",
            "reservist__track__application__registration",
        )
        .order_by("reservist__target_group__code", "rank", "reservist__user__last_name", "pk")
    )


def _line(entry: AttestationEntry) -> LineSpec:
    reservist, attestation = entry.reservist, entry.attestation
    assert entry.points is not None and entry.maximum is not None
    return LineSpec(
        subject=entry,
        person=reservist.user,
        proposal=True,
        reason=result_words(entry.points, entry.maximum, attestation.threshold_percent, ""),
        details={
            "number": registration_number(reservist.track) if reservist.track else NO_NUMBER,
            "group": str(reservist.target_group),
            "points": points_words(entry.points),
            "maximum": points_words(entry.maximum),
            "before": reservist.get_zone_display(),
            "zone": entry.get_zone_display(),
            "rank": entry.rank,
        },
    )
