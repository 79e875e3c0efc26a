"""What keeps a member, or somebody lately excluded, from applying."""

from datetime import date
from typing import Any

from candidates.eligibility import register_eligibility, register_returning
from candidates.enums import ApplicationState
from candidates.models import Application
from reserve_portal.core.gates import Blocker
from reserve_portal.regulations.models import Edition

from .enums import ReservistState
from .models import Reservist
from .services.membership import return_from


@register_eligibility
def reserve_blockers(user: Any, edition: Edition, on: date) -> list[Blocker]:
    """Member already in every wanted group; excluded less than `return_months` ago (O6.4). `on` is the day asked about.

    Wanted are the groups of the person's draft under this edition, or all of the edition where none is chosen yet.
    """
    found = []
    wanted = wanted_groups(user, edition)
    held = set(
        Reservist.objects.filter(user=user)
        .exclude(state=ReservistState.EXCLUDED)
        .values_list("target_group__code", flat=True)
    )
    if wanted and wanted <= held:
        found.append(Blocker("Вы уже состоите в кадровом резерве: подавать заявление ещё раз не нужно."))
    day = return_from(user, edition)
    if day and on < day:
        clause = edition.clause("return_months")
        found.append(Blocker(f"После исключения снова подать заявление можно с {day:%d.%m.%Y} ({clause})."))
    return found


@register_returning
def comes_back(user: Any) -> bool:
    """Excluded from a group and not a member of it again: needs the head's representation (O6.4)."""
    rows = Reservist.objects.filter(user=user).values_list("target_group__code", "state")
    left = {code for code, state in rows if state == ReservistState.EXCLUDED}
    return bool(left - {code for code, state in rows if state != ReservistState.EXCLUDED})


def wanted_groups(user: Any, edition: Edition) -> set[str]:
    """Codes of the target groups the person's draft names, or all of the edition."""
    drafts = Application.objects.filter(user=user, campaign__edition=edition, state=ApplicationState.DRAFT)
    chosen = set(drafts.filter(wanted_groups__isnull=False).values_list("wanted_groups__code", flat=True))
    return chosen or set(edition.target_groups.values_list("code", flat=True))
