"""Certification within training programmes, recorded with its result (O1.16)."""

from typing import Any

from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter

from ..enums import ReservistState
from ..models import Certification, Reservist


@transaction.atomic
def record_certification(reservist: Reservist, *, actor: Any, **fields: Any) -> Certification:
    """Record what a reservist's programme ended with; the person learns by letter (O1.16).

    Raises GateShut for somebody outside the reserve or a day to come, ValidationError for what was recorded before.
    """
    reservist = Reservist.objects.select_for_update(of=("self",)).select_related("user").get(pk=reservist.pk)
    blockers = []
    if reservist.state == ReservistState.EXCLUDED:
        blockers.append(Blocker("Этот человек не состоит в резерве."))
    if fields["passed_on"] > clock.today():
        blockers.append(Blocker("Эта дата ещё не наступила.", field="passed_on"))
    require_open(blockers)
    row = Certification(reservist=reservist, recorded_by=actor, **fields)
    row.full_clean()
    row.save()
    record_event("reservists.record_certification", row, actor=actor, person=reservist.user)
    send_letter(
        "reserve.certified",
        to=reservist.user,
        key=f"reserve.certified:{row.pk}",
        values={"programme": row.programme, "outcome": row.outcome, "result": row.result},
        about=reservist,
    )
    return row


@transaction.atomic
def remove_certification(row: Certification, *, reason: str, actor: Any) -> None:
    """Take out what was recorded by mistake; the reason stays in the audit trail."""
    if not reason.strip():
        require_open([Blocker("Укажите причину.", field="reason")])
    record_event(
        "reservists.remove_certification",
        row.reservist,
        actor=actor,
        person=row.reservist.user,
        programme=row.programme,
        reason=reason.strip(),
    )
    row.delete()
