"""The waiting year of T5: may one apply, and from when is inclusion possible again."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef

from candidates.eligibility import register_eligibility
from candidates.enums import TrackState
from candidates.models import ApplicationTrack
from reserve_portal.core import calendar, clock
from reserve_portal.core.gates import Blocker
from reserve_portal.core.templatetags.portal import ru_date

from .models import Result
from .services.routes import decision_day


def inclusion_possible_from(user: Any, edition: Any, on: date | None = None) -> date | None:
    """The day from which `user` may be included again by `edition`, where it lies after `on` (today); else None (T5).

    Counted from the day inclusion was refused to a person below the threshold.
    """
    months, day = edition.value("wait_months"), on or clock.today()
    if not months:
        return None
    failed = Result.objects.filter(track=OuterRef("pk"), passed=False)
    tracks = ApplicationTrack.objects.filter(
        Exists(failed), application__user=user, state=TrackState.NOT_INCLUDED
    )
    ends = [calendar.plus_months(refused, months) for track in tracks if (refused := decision_day(track))]
    latest = max(ends, default=None)
    return latest if latest is not None and latest > day else None


def waiting_blockers(user: Any, edition: Any, on: date) -> list[Blocker]:
    """Keeps a person from applying within the waiting time, unless the edition lets one apply earlier (T5)."""
    if edition.value("apply_while_waiting"):
        return []
    possible = inclusion_possible_from(user, edition, on)
    if possible is None:
        return []
    words = f"Порог в прошлый раз не набран: подать заявление снова можно с {ru_date(possible)}"
    return [Blocker(f"{words} ({edition.clause('wait_months')}).")]


register_eligibility(waiting_blockers)
