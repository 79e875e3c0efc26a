"""Who leaves the reserve: the list for the bodies, and the effect of their decision."""

from typing import Any

from django.db import transaction

from candidates.enums import ApplicationState
from candidates.services.packages import add_missing_slots
from commissions.enums import ListState
from commissions.models import DecisionLine, DecisionList
from commissions.motions import LineSpec
from commissions.services import basis_of, create_list, send_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.services import revoke_role
from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.words import clause_in_words
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import Decision, GroundKind
from reserve_portal.regulations.models import Ground

from ..enums import ReservistState
from ..models import ExclusionSignal, Reservist
from ..workflow import RESERVIST, SIGNAL
from .development import end_development
from .events import give_up_places
from .membership import NO_NUMBER, registration_number
from .registry import approve_registry
from .signals import lapse_signals


@transaction.atomic
def make_exclusion_list(reservist: Reservist, *, ground: Ground, words: str, actor: Any) -> DecisionList:
    """Make a list that proposes to exclude one reservist by a ground of the edition (O6.1-6.3).

    Raises GateShut when the person is out already, a list about him or her waits, or the ground is not for this.
    """
    Reservist.objects.select_for_update().get(pk=reservist.pk)
    reservist.refresh_from_db(fields=["state"])
    blockers = exclusion_blockers(reservist)
    if ground.kind != GroundKind.EXCLUSION or ground.edition_id != reservist.edition_id:
        blockers.append(Blocker("Выберите основание исключения из редакции порядка.", field="ground"))
    require_open(blockers)
    reason = f"{ground.text}{f' ({clause_in_words(ground.clause)})' if ground.clause else ''}"
    details = {
        "number": registration_number(reservist.track) if reservist.track else NO_NUMBER,
        "group": str(reservist.target_group),
        "ground": reason,
        "ground_id": ground.pk,
    }
    return create_list(
        Decision.EXCLUSION,
        edition=reservist.edition,
        title=f"Исключение из кадрового резерва: {reservist.user.full_name}",
        subject=reservist,
        lines=[LineSpec(reservist, reservist.user, True, f"{reason}. {words}".strip(" ."), details)],
        actor=actor,
    )


def exclusion_blockers(reservist: Reservist) -> list[Blocker]:
    """What keeps this person from being proposed for exclusion, whatever the ground: out already, a list that waits."""
    found = []
    if not RESERVIST.is_open(reservist, "exclude"):
        found.append(Blocker("Этот человек уже исключён из резерва."))
    waiting = DecisionList.objects.about(reservist).filter(decision=Decision.EXCLUSION)
    if waiting.exclude(state=ListState.DECIDED).exists():
        found.append(Blocker("Список об исключении этого человека уже составлен."))
    return found


@transaction.atomic
def send_signal(signal: ExclusionSignal, *, actor: Any) -> DecisionList:
    """Pass a signal on to the body: the list with its ground is made and sent (O6.1). Raises GateShut.

    Of two operators at once one sends it, the other is told.
    """
    reservist = (
        Reservist.objects.select_for_update(of=("self",))
        .select_related("user", "edition", "target_group", "track__application__registration")
        .get(pk=signal.reservist_id)
    )
    SIGNAL.apply(signal, "send", actor=actor)
    decision_list = make_exclusion_list(reservist, ground=signal.ground, words=signal.facts, actor=actor)
    send_list(decision_list, actor=actor)
    signal.decision_list = decision_list
    signal.save(update_fields=["decision_list"])
    record_event("reservists.send_signal", signal, actor=actor, person=reservist.user)
    return decision_list


@transaction.atomic
def decide_exclusion(line: DecisionLine, *, actor: Any) -> None:
    """Exclude the reservist of a line; the role goes with the last membership, future events lose the place (O6.2)."""
    reservist = Reservist.objects.select_for_update(of=("self",)).get(pk=line.object_id or 0)
    if not line.outcome or not RESERVIST.is_open(reservist, "exclude"):
        return
    RESERVIST.apply(reservist, "exclude", actor=actor, reason=line.outcome_reason)
    reservist.ended_on = line.list.decided_on
    reservist.end_basis = basis_of(line.list)[:300]
    reservist.end_ground_id = line.details["ground_id"]
    reservist.save(update_fields=["ended_on", "end_basis", "end_ground"])
    give_up_places(reservist, reason="исключён из резерва", actor=actor)
    end_development(reservist, ground="исключён из резерва")
    lapse_signals(reservist)
    for draft in line.person.applications.filter(state=ApplicationState.DRAFT):
        add_missing_slots(draft)  # who comes back needs the representation (O6.4)
    if not Reservist.objects.filter(user=line.person).exclude(state=ReservistState.EXCLUDED).exists():
        revoke_role(line.person, Role.RESERVIST, actor=actor)
    record_event(
        "reservists.exclude", reservist, actor=actor, person=line.person, ground=line.details["ground"]
    )


@transaction.atomic
def finish_exclusion(decision_list: DecisionList, *, actor: Any) -> None:
    """After the last body: the registry's next edition and the letters to those excluded (O6.3)."""
    lines = [line for line in decision_list.lines.select_related("person") if line.outcome]
    if lines:
        approve_registry(decision_list, actor=actor)
    for line in lines:
        send_letter(
            "reserve.excluded",
            to=line.person,
            key=f"reserve.excluded:{line.pk}",
            values={"ground": line.details["ground"], "basis": basis_of(decision_list)},
            about=decision_list,
        )


def can_be_excluded(line: DecisionLine) -> bool:
    """Say whether the reservist of a line is still in the reserve."""
    reservist = Reservist.objects.filter(pk=line.object_id or 0).first()
    return reservist is not None and RESERVIST.is_open(reservist, "exclude")
