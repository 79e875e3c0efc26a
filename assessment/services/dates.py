"""The days around a procedure's start: limits counted back from it, the earliest start that keeps them (T3)."""

from datetime import date

from assessment.models import Procedure
from reserve_portal.core import calendar, clock
from reserve_portal.core.gates import Blocker
from reserve_portal.regulations.deadlines import due_date, event_happened, find_limit
from reserve_portal.regulations.models import TimeLimit

SCHEDULED, INVITED, QUESTIONS = "procedure.scheduled", "procedure.invited", "procedure.questions_published"
LOOK_AHEAD = 400  # days within which the earliest possible start is sought


def latest_day_for(procedure: Procedure, closes: str) -> date | None:
    """The last day of the limit before the start that event `closes` ends; None where the edition sets none (T3)."""
    limit = _limit(procedure, closes)
    return due_date(limit, start_day(procedure)) if limit else None


def earliest_start(procedure: Procedure, closes: str = INVITED) -> date:
    """The first day on which a procedure may begin if its notice goes out today (T3)."""
    limit, today = _limit(procedure, closes), clock.today()
    if limit is None:
        return today
    for days in range(LOOK_AHEAD):
        day = date.fromordinal(today.toordinal() + days)
        if due_date(limit, day) >= today:
            return day
    raise ValueError("The limit before the start is longer than a year.")


def calendar_blockers(procedure: Procedure) -> list[Blocker]:
    try:
        latest_day_for(procedure, INVITED)
        latest_day_for(procedure, QUESTIONS)
    except calendar.CalendarNotLoaded as error:
        return [Blocker(str(error))]
    return []


def open_deadlines(procedure: Procedure) -> None:
    event_happened(SCHEDULED, procedure, edition=procedure.campaign.edition, on=start_day(procedure))


def start_day(procedure: Procedure) -> date:
    return clock.local(procedure.starts_at).date()


def lock_row(procedure: Procedure) -> Procedure:
    return (
        Procedure.objects.select_for_update(of=("self",))
        .select_related("campaign__edition")
        .get(pk=procedure.pk)
    )


def _limit(procedure: Procedure, closes: str) -> TimeLimit | None:
    return find_limit(procedure.campaign.edition, starts=SCHEDULED, closes=closes)
