"""Facts of the reserve for which a member of a body must keep out of a line."""

from typing import Any

from commissions.models import DecisionLine
from commissions.motions import register_conflict
from reserve_portal.accounts.enums import Role

from .models import MentorAssignment


@register_conflict
def mentor_of(line: DecisionLine, user: Any) -> list[str]:
    """Whoever guides the person does not vote on him or her, whatever is decided (O4.7, O4.13)."""
    if not user.has_role(Role.MENTOR):
        return []
    guided = MentorAssignment.objects.guided_by(user).filter(reservist__user=line.person_id)
    return ["персональный куратор (наставник)"] if guided.exists() else []
