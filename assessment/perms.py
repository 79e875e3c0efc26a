"""Who may see and do what about assessment (process.md 12)."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from candidates.models import ApplicationTrack
from candidates.perms import studies
from commissions.enums import MeetingState
from commissions.models import AgendaItem, DecisionList, Recusal
from reserve_portal.accounts.enums import Role
from reserve_portal.regulations.enums import Decision

from .enums import DECIDED_TRACKS, ConclusionState, ProcedureState, RouteState
from .models import ExpertConclusion, ExpertSheet, LearningRoute, Procedure, Result

READERS = (Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)


def can_manage_procedures(user: Any) -> bool:
    """The operator plans procedures, invites, imports and corrects results, sends routes."""
    return user.has_role(Role.OPERATOR)


def can_view_procedure(user: Any, procedure: Procedure) -> bool:
    """The readers of everything, and who was invited to it."""
    if user.has_any_role(*READERS):
        return True
    if procedure.state == ProcedureState.DRAFT:
        return False
    return procedure.invitations.filter(track__application__user=user).exists()


def can_decline_assessment(user: Any, track: ApplicationTrack) -> bool:
    """The candidate alone, for the own track."""
    return user.is_authenticated and track.application.user_id == user.pk


def can_view_results(user: Any, procedure: Procedure) -> bool:
    """Results of others: operator, authority, auditor, and those who sit on the meeting that has them on its agenda."""
    return user.has_any_role(*READERS) or _sits_on(user, procedure)


def readable_results(user: Any, procedure: Procedure) -> QuerySet[Result]:
    """Results of others that `user` may read: a member not those of people from whom he or she keeps out."""
    if not can_view_results(user, procedure):
        return procedure.results.none()
    if user.has_any_role(*READERS):
        return procedure.results.all()
    tracks = ContentType.objects.get_for_model(ApplicationTrack)
    kept_out = Recusal.objects.filter(member__user=user, line__content_type=tracks)
    return procedure.results.exclude(track__in=kept_out.values("line__object_id"))


def can_view_result(user: Any, result: Result) -> bool:
    """As above; the person sees the own one only after the decision on inclusion."""
    if result.track.application.user_id == user.pk:
        return result.track.state in DECIDED_TRACKS or user.has_role(Role.OPERATOR)
    return readable_results(user, result.procedure).filter(pk=result.pk).exists()


def can_read_results_sheet(user: Any, procedure: Procedure) -> bool:
    """Who may read each of the sheet's rows."""
    readable = readable_results(user, procedure).count()
    return can_view_results(user, procedure) and readable == procedure.results.count()


def can_appeal(user: Any, result: Result) -> bool:
    """The person alone, against the own result."""
    return user.is_authenticated and result.track.application.user_id == user.pk


def can_answer_appeals(user: Any) -> bool:
    """The operator."""
    return user.has_role(Role.OPERATOR)


def can_view_route(user: Any, route: LearningRoute) -> bool:
    """The readers of everything; the person once it was sent (T5)."""
    if route.track.application.user_id == user.pk:
        return route.state == RouteState.SENT or user.has_role(Role.OPERATOR)
    return user.has_any_role(*READERS)


def can_fill_sheet(user: Any, sheet: ExpertSheet) -> bool:
    """The expert to whom it was given, until it is handed in."""
    return ExpertSheet.objects.visible_to(user).filter(pk=sheet.pk).exists()


def can_view_conclusion(user: Any, conclusion: ExpertConclusion) -> bool:
    """The operator; once signed the authority and who has to decide about the inclusion; the person after that."""
    track = conclusion.result.track
    if track.application.user_id == user.pk:
        return conclusion.state == ConclusionState.APPROVED and track.state in DECIDED_TRACKS
    if user.has_role(Role.OPERATOR):
        return True
    if conclusion.state == ConclusionState.DRAFT:
        return False
    return user.has_role(Role.AUTHORITY) or studies(user, track.application, Decision.INCLUSION)


def can_view_borders_file(user: Any) -> bool:
    """The readers of everything."""
    return user.has_any_role(*READERS)


def _sits_on(user: Any, procedure: Procedure) -> bool:
    """Called to a meeting that has, or had, the procedure's list on its agenda; what was called off does not count."""
    if not user.has_role(Role.COMMISSION):
        return False
    items = AgendaItem.objects.standing().filter(list__in=DecisionList.objects.about(procedure))
    items = items.exclude(meeting__state=MeetingState.CANCELLED)
    return items.filter(meeting__members__user=user).exists()
