from typing import Any

from reserve_portal.accounts.enums import Role

from .kinds import paper_kinds
from .models import IssuedPaper


def can_read_paper(user: Any, paper: IssuedPaper) -> bool:
    """The person it is about, the operator, and whom the kind names."""
    kind = paper_kinds.get(paper.kind)
    if kind.person_reads and paper.person_id and paper.person_id == user.pk:
        return True
    return (kind.operator_reads and user.has_role(Role.OPERATOR)) or kind.may_read(user, paper)
