"""Who takes part in events without being in the reserve: a person on a learning route, while the wait lasts (T5)."""

from typing import Any

from assessment.enums import RouteState
from assessment.models import LearningRoute
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock


def route_of(user: Any) -> LearningRoute | None:
    """The learning route that opens the events to a person: sent, and inclusion is not possible again yet."""
    if not user.is_authenticated or not user.has_role(Role.CANDIDATE):
        return None
    rows = LearningRoute.objects.filter(
        track__application__user=user, state=RouteState.SENT, possible_from__gt=clock.today()
    )
    return rows.select_related("track__application__user").order_by("-pk").first()
