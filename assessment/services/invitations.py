"""Who is called to a procedure and by when: invitations, the second date, refusals, sample questions (T3)."""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction

from assessment.enums import ProcedureState
from assessment.models import Invitation, Procedure
from assessment.services.dates import (
    INVITED,
    QUESTIONS,
    earliest_start,
    latest_day_for,
    lock_row,
    start_day,
)
from candidates.enums import TrackState
from candidates.models import ApplicationTrack
from candidates.workflow import TRACK
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.templatetags.portal import ru_date, ru_moment
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.deadlines import event_happened


def waiting_tracks(procedure: Procedure) -> models.QuerySet[ApplicationTrack]:
    """Admitted tracks of the campaign that nobody has invited yet."""
    return (
        ApplicationTrack.objects.filter(
            application__campaign=procedure.campaign_id, state=TrackState.ADMITTED
        )
        .select_related("application__user", "target_group")
        .order_by("application__user__last_name", "application__user__first_name", "pk")
    )


def notice_blockers(procedure: Procedure) -> list[Blocker]:
    """Whether a notice may still go out: the procedure stands ahead and the last day is not over (T3)."""
    if procedure.state == ProcedureState.DRAFT:
        return [Blocker("Сначала назначьте процедуру.")]
    if procedure.state != ProcedureState.SCHEDULED or procedure.starts_at <= clock.now():
        return [Blocker("Процедура уже началась: приглашать поздно.")]
    last = latest_day_for(procedure, INVITED)
    if last is None or clock.today() <= last:
        return []
    start = start_day(procedure)
    return [
        Blocker(
            f"Процедура начинается {ru_date(start)}, пригласить нужно было не позднее {ru_date(last)} "
            f"Если пригласить сегодня, самое раннее начало — {ru_date(earliest_start(procedure))}",
            field="starts_at",
        )
    ]


def invite_blockers(procedure: Procedure) -> list[Blocker]:
    """What keeps the admitted candidates from being invited."""
    blockers = notice_blockers(procedure)
    if not blockers and not waiting_tracks(procedure).exists():
        blockers.append(Blocker("Нет допущенных кандидатов, которых ещё не пригласили."))
    return blockers


@transaction.atomic
def invite_candidates(
    procedure: Procedure, *, actor: Any, tracks: Iterable[ApplicationTrack] | None = None
) -> list[Invitation]:
    """Invite the admitted tracks of the campaign (or `tracks` of them), by letter and in the cabinet (T3).

    Raises GateShut after the last day of the limit, naming the earliest possible start, or when nobody waits.
    """
    row = lock_row(procedure)
    require_open(notice_blockers(row))
    waiting = waiting_tracks(row)
    if tracks is not None:
        waiting = waiting.filter(pk__in=[track.pk for track in tracks])
    chosen = list(waiting)
    if not chosen:
        require_open([Blocker("Нет допущенных кандидатов, которых ещё не пригласили.")])
    invitations = [_invite(row, track, actor) for track in chosen]
    event_happened(INVITED, row, edition=row.campaign.edition, on=clock.today())
    record_event("assessment.invite_candidates", row, actor=actor, count=len(invitations))
    return invitations


@transaction.atomic
def appoint_second_date(
    track: ApplicationTrack, *, procedure: Procedure, actor: Any, reason: str
) -> Invitation:
    """Invite somebody who did not come to another procedure of the campaign, for a reason (no show → invited).

    Raises GateShut when the notice would be late (T3) or the procedure is not another one of the same campaign.
    """
    row = lock_row(procedure)
    blockers = notice_blockers(row)
    if row.campaign_id != track.application.campaign_id:
        blockers.append(Blocker("Эта процедура — другого набора."))
    if Invitation.objects.filter(procedure=row, track=track).exists():
        blockers.append(Blocker("На эту процедуру человек уже приглашён: выберите другую."))
    if not reason.strip():
        blockers.append(Blocker("Укажите причину неявки.", field="reason"))
    if not TRACK.is_open(track, "second_date"):
        blockers.append(Blocker("Вторая дата назначается только тому, у кого отмечена неявка."))
    require_open(blockers)
    invitation = Invitation.objects.create(procedure=row, track=track)
    TRACK.apply(track, "second_date", actor=actor, reason=reason)
    _write(row, track, "assessment.second_date")
    event_happened(INVITED, row, edition=row.campaign.edition, on=clock.today())
    record_event(
        "assessment.second_date", invitation, actor=actor, person=track.application.user, reason=reason
    )
    return invitation


def _invite(procedure: Procedure, track: ApplicationTrack, actor: Any) -> Invitation:
    invitation, _ = Invitation.objects.get_or_create(procedure=procedure, track=track)
    TRACK.apply(track, "invite", actor=actor)
    _write(procedure, track, "assessment.invited")
    return invitation


def _write(procedure: Procedure, track: ApplicationTrack, code: str) -> None:
    """One letter to a person, however many tracks of his or hers are invited."""
    application = track.application
    send_letter(
        code,
        to=application.user,
        key=f"{code}:{procedure.pk}:{application.pk}",
        values={
            "procedure": procedure.name,
            "starts": ru_moment(procedure.starts_at),
            "ends": ru_moment(procedure.ends_at),
            "place": procedure.place,
            "instructions": procedure.instructions or "Подробности — на странице процедуры в кабинете.",
        },
        about=procedure,
    )


@transaction.atomic
def decline_assessment(track: ApplicationTrack, *, actor: Any) -> None:
    """The candidate gives up the assessment (admitted or invited → declined); raises TransitionRefused otherwise."""
    TRACK.apply(track, "decline", actor=actor)
    record_event("assessment.decline", track, actor=actor, person=track.application.user)


@transaction.atomic
def undo_decline(track: ApplicationTrack, *, actor: Any, reason: str) -> None:
    """Bring somebody who declined back (declined → admitted), for a reason; an invitation follows as for everybody."""
    TRACK.apply(track, "undo_decline", actor=actor, reason=reason)
    record_event("assessment.undo_decline", track, actor=actor, person=track.application.user, reason=reason)


def question_blockers(procedure: Procedure, text: str | None = None) -> list[Blocker]:
    """What keeps sample questions from being published; a late publication is allowed and counted as late (T3)."""
    blockers = []
    if procedure.state == ProcedureState.DRAFT:
        blockers.append(Blocker("Сначала назначьте процедуру."))
    elif procedure.state != ProcedureState.SCHEDULED or procedure.starts_at <= clock.now():
        blockers.append(Blocker("Процедура уже началась: примерные вопросы публикуют до начала."))
    if text is not None and not text.strip():
        blockers.append(Blocker("Напишите примерные вопросы.", field="text"))
    return blockers


@transaction.atomic
def publish_questions(procedure: Procedure, *, text: str, actor: Any) -> None:
    """Publish sample questions for everybody; a second call replaces the text. Raises GateShut.

    The limit of T3 is closed by the first publication: after its last day it counts as kept late, since questions that
    come late help candidates more than none.
    """
    row = lock_row(procedure)
    require_open(question_blockers(row, text))
    row.sample_questions = text.strip()
    row.questions_published_at = row.questions_published_at or clock.now()
    row.save(update_fields=["sample_questions", "questions_published_at"])
    event_happened(QUESTIONS, row, edition=row.campaign.edition, on=clock.today())
    record_event("assessment.publish_questions", row, actor=actor)
    procedure.refresh_from_db()
