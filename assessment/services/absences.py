"""Those who did not come to a procedure: who they are, marking and telling them."""

from typing import Any

from django.db import models, transaction

from assessment.enums import ProcedureState
from assessment.models import Invitation, Procedure, Result, WaitingScore
from assessment.services.results import lock_procedure
from candidates.enums import TrackState
from candidates.workflow import TRACK
from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import InstrumentKind


def absent_invitations(procedure: Procedure) -> models.QuerySet[Invitation]:
    """Invitations of people who did not come: still invited, nothing from the platform and no defence.

    Expert sheets ask nobody to come, so they neither prove a presence nor excuse an absence.
    """
    if not procedure.typed_sections:
        return Invitation.objects.none()
    came = WaitingScore.objects.filter(invitation=models.OuterRef("pk")).exclude(
        section__kind=InstrumentKind.EXPERT_SHEET
    )
    assessed = Result.objects.filter(procedure=procedure).values("track")
    later = Invitation.objects.filter(track=models.OuterRef("track"), pk__gt=models.OuterRef("pk"))
    return (
        Invitation.objects.filter(procedure=procedure, track__state=TrackState.INVITED)
        .exclude(track__in=assessed)
        .exclude(models.Exists(later))
        .exclude(models.Exists(came))
        .select_related("track__application__user", "track__target_group")
        .order_by("track__application__user__last_name", "pk")
    )


def no_show_blockers(procedure: Procedure) -> list[Blocker]:
    """What keeps the absent from being marked: the procedure runs on, or nobody is absent."""
    if procedure.state != ProcedureState.ENDED:
        return [Blocker("Неявку отмечают после окончания процедуры.")]
    if not absent_invitations(procedure).exists():
        return [Blocker("Неявившихся нет: у всех приглашённых есть результат.")]
    return []


@transaction.atomic
def mark_no_shows(procedure: Procedure, *, actor: Any) -> int:
    """Mark every invited person without a result as absent, tell them by letter; returns how many. Raises GateShut."""
    row = lock_procedure(procedure)
    require_open(no_show_blockers(row))
    absent = list(absent_invitations(row))
    for invitation in absent:
        application = invitation.track.application
        TRACK.apply(invitation.track, "no_show", actor=actor)
        send_letter(
            "assessment.no_show",
            to=application.user,
            key=f"assessment.no_show:{row.pk}:{application.pk}",
            values={"procedure": row.name},
            about=row,
        )
    record_event("assessment.mark_no_shows", row, actor=actor, count=len(absent))
    return len(absent)
