"""Who may see and do what about assessment (process.md 12)."""

from typing import Any

from candidates.models import ApplicationTrack
from commissions.enums import MeetingState
from commissions.models import AgendaItem, DecisionList
from reserve_portal.accounts.enums import Role

from .enums import DECIDED_TRACKS, ProcedureState, RouteState
from .models import LearningRoute, Procedure, Result

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


def can_view_result(user: Any, result: Result) -> bool:
    """As above; the person sees the own one only after the decision on inclusion."""
    if result.track.application.user_id == user.pk:
        return result.track.state in DECIDED_TRACKS or user.has_role(Role.OPERATOR)
    return can_view_results(user, result.procedure)


def can_view_route(user: Any, route: LearningRoute) -> bool:
    """The readers of everything; the person once it was sent (T5)."""
    if route.track.application.user_id == user.pk:
        return route.state == RouteState.SENT or user.has_role(Role.OPERATOR)
    return user.has_any_role(*READERS)


def _sits_on(user: Any, procedure: Procedure) -> bool:
    """Called to a meeting that has, or had, the procedure's list on its agenda; what was called off does not count."""
    if not user.has_role(Role.COMMISSION):
        return False
    items = AgendaItem.objects.standing().filter(list__in=DecisionList.objects.about(procedure))
    items = items.exclude(meeting__state=MeetingState.CANCELLED)
    return items.filter(meeting__members__user=user).exists()
