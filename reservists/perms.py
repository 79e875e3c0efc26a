"""Who may see and do what in the reserve (process.md 12)."""

from typing import Any

from reserve_portal.accounts.enums import Role

from .models import Event, Participation, Reservist
from .workflow import PARTICIPATION


def can_manage_reserve(user: Any) -> bool:
    """Make lists, issue and publish the registry, run events: the operator."""
    return user.has_role(Role.OPERATOR)


def can_see_registry(user: Any) -> bool:
    """The full registry with its papers: operator, authority, auditor (O8.3)."""
    return user.has_any_role(Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)


def can_list_reservists(user: Any) -> bool:
    """The list of reservists of the registry, each within `visible_to`: who sees all, and a municipality its own."""
    return can_see_registry(user) or bool(user.has_role(Role.MUNICIPAL) and user.municipality_id)


def can_see_points(user: Any, reservist: Reservist) -> bool:
    """Points, rank and participation: the person, and whoever sees the full registry; a municipality does not."""
    return reservist.user_id == user.pk or can_see_registry(user)


def can_see_zone(user: Any, reservist: Reservist) -> bool:
    """The zone: one's own always; of others where the edition has zones, a municipality only if it says so (O8.3)."""
    if reservist.user_id == user.pk:
        return True
    if not reservist.edition.value("zones"):
        return False
    if can_see_registry(user):
        return True
    own = user.has_role(Role.MUNICIPAL) and user.municipality_id == reservist.municipality_id
    return bool(own and reservist.municipality_id and reservist.edition.value("municipal_sees_zone"))


def can_see_events(user: Any) -> bool:
    """The events with registration: reservists, and the staff who run and read them."""
    return user.has_any_role(Role.RESERVIST, Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)


def can_register_for_event(user: Any, event: Event, reservist: Reservist | None) -> bool:
    """A reservist for himself or herself."""
    return reservist is not None and reservist.user_id == user.pk and user.has_role(Role.RESERVIST)


def can_refuse_participation(user: Any, participation: Participation) -> bool:
    """The registered reservist."""
    own = participation.reservist.user_id == user.pk
    return own and PARTICIPATION.is_open(participation, "refuse")
