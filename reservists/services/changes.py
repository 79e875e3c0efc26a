"""Changes of a membership by decision, each kept with its ground (O4.16, O4.19)."""

from typing import Any

from django.db import transaction

from assessment.enums import Zone
from commissions.enums import ListState
from commissions.models import DecisionLine, DecisionList
from commissions.motions import LineSpec
from commissions.services import basis_of, create_list
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition, TargetGroup

from ..enums import ChangeKind, ReservistState
from ..models import Reservist, ReservistChange
from ..rules import points_words
from .membership import NO_NUMBER, is_member, registration_number

# The levels of readiness are the zones of those who passed (O4.19): «первоочередной», «управленческий запас».
READINESS = {Zone.GREEN: "первоочередной кандидат", Zone.YELLOW: "управленческий запас"}


def standing_of(reservist: Reservist) -> dict[str, Any]:
    """What a decision can change, in words, as it stands now; `value` and `of` are the points as exact numbers."""
    return {
        "group": str(reservist.target_group),
        "value": str(reservist.points),
        "of": str(reservist.maximum),
        "zone": reservist.get_zone_display().lower(),
        "points": f"{points_words(reservist.points)} из {points_words(reservist.maximum)}",
        "rank": reservist.rank,
    }


def keep_change(
    reservist: Reservist, kind: str, before: dict[str, Any], line: DecisionLine, ground: str
) -> ReservistChange:
    """Store what stood `before` and what stands now, with the ground, in the caller's transaction."""
    return ReservistChange.objects.create(
        reservist=reservist,
        kind=kind,
        made_on=line.list.decided_on or clock.today(),
        before=before,
        after=standing_of(reservist),
        ground=ground,
        basis=basis_of(line.list)[:300],
        line=line,
    )


def may_be_changed(edition: Edition) -> bool:
    """Some body decides about such changes under this edition (O4.16)."""
    return edition.chain_links.filter(decision=Decision.CHANGE).exists()


@transaction.atomic
def make_change_list(
    reservist: Reservist, *, target_group: TargetGroup | None, zone: str, ground: str, actor: Any
) -> DecisionList:
    """Propose another target group or level of readiness (zone; empty: the same) for one reservist (O4.16).

    Raises GateShut without a ground or a change, for a group he or she holds already, or while another list waits.
    """
    reservist = (
        Reservist.objects.select_for_update(of=("self",))
        .select_related("user", "edition", "target_group", "track__application__registration")
        .get(pk=reservist.pk)
    )
    group = target_group if target_group and target_group.code != reservist.target_group.code else None
    zone = zone if zone != reservist.zone else ""
    require_open(change_blockers(reservist) + _wish_blockers(reservist, group, zone, ground))
    kind = "; ".join(
        words
        for words in (
            f"целевая группа: {group}" if group else "",
            f"уровень готовности: {READINESS[Zone(zone)]}" if zone else "",
        )
        if words
    )
    details = {
        "number": registration_number(reservist.track) if reservist.track else NO_NUMBER,
        "group": str(reservist.target_group),
        "was": f"{reservist.target_group}; {reservist.get_zone_display()}",
        "becomes": kind,
        "group_id": group.pk if group else None,
        "zone": zone,
        "ground": ground.strip(),
    }
    return create_list(
        Decision.CHANGE,
        edition=reservist.edition,
        title=f"Изменение в кадровом резерве: {reservist.user.full_name}",
        subject=reservist,
        lines=[LineSpec(reservist, reservist.user, True, ground.strip(), details)],
        actor=actor,
    )


def change_blockers(reservist: Reservist) -> list[Blocker]:
    """What keeps any change from being proposed: out of the reserve, nobody decides about it, a list waits."""
    found = []
    if reservist.state != ReservistState.ACTIVE:
        found.append(Blocker("Этот человек сейчас не состоит в резерве."))
    if not may_be_changed(reservist.edition):
        found.append(Blocker("В редакции порядка не сказано, кто принимает это решение."))
    waiting = DecisionList.objects.about(reservist).filter(decision=Decision.CHANGE)
    if waiting.exclude(state=ListState.DECIDED).exists():
        found.append(Blocker("Список об изменении для этого человека уже составлен."))
    return found


def _wish_blockers(reservist: Reservist, group: TargetGroup | None, zone: str, ground: str) -> list[Blocker]:
    found = []
    if not ground.strip():
        found.append(Blocker("Обоснуйте изменение.", field="ground"))
    if group is None and not zone:
        found.append(Blocker("Выберите другую группу или другой уровень готовности."))
    if zone and zone not in READINESS:
        found.append(Blocker("Уровень готовности — зелёная или жёлтая зона.", field="zone"))
    if group is not None and group.edition_id != reservist.edition_id:
        found.append(Blocker("Такой целевой группы в порядке нет.", field="target_group"))
    if group is not None and is_member(reservist.user, group):
        found.append(Blocker("В этой группе человек уже состоит.", field="target_group"))
    return found


def line_blockers(line: DecisionLine) -> list[Blocker]:
    """What has changed since the list was made."""
    reservist = Reservist.objects.select_related("user").get(pk=line.object_id or 0)
    if reservist.state != ReservistState.ACTIVE:
        return [Blocker(f"{line.label}: уже не состоит в резерве.")]
    group = TargetGroup.objects.filter(pk=line.details["group_id"]).first()
    if group is not None and is_member(reservist.user, group):
        return [Blocker(f"{line.label}: уже состоит в этой группе.")]
    return []


@transaction.atomic
def decide_change(line: DecisionLine, *, actor: Any) -> None:
    """Bring the change about; a place in the former group means nothing in the new one and is left empty (O4.16)."""
    reservist = (
        Reservist.objects.select_for_update(of=("self",))
        .select_related("user", "target_group")
        .get(pk=line.object_id or 0)
    )
    if not line.outcome:
        return
    if line_blockers(line):
        record_event("reservists.skip_line", line, actor=actor, person=line.person, state=reservist.state)
        return
    before = standing_of(reservist)
    if line.details["group_id"]:
        reservist.target_group = TargetGroup.objects.get(pk=line.details["group_id"])
        reservist.rank = None
    if line.details["zone"]:
        reservist.zone = line.details["zone"]
    reservist.save(update_fields=["target_group", "rank", "zone"])
    kind = ChangeKind.GROUP if line.details["group_id"] else ChangeKind.READINESS
    change = keep_change(reservist, kind, before, line, line.details["ground"])
    record_event("reservists.change_membership", reservist, actor=actor, person=reservist.user)
    send_letter(
        "reserve.changed",
        to=reservist.user,
        key=f"reserve.changed:{change.pk}",
        values={
            "changes": "\n".join(f"— {what}: было «{was}», стало «{now}»" for what, was, now in change.rows),
            "ground": change.ground,
            "basis": change.basis,
        },
        about=reservist,
    )
