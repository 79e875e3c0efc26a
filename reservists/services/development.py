"""Where a reservist's development stands in the person's way through the reserve: it ends and goes on with it."""

from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q

from reserve_portal.regulations.deadlines import cancel_deadlines, event_happened, revive_deadlines
from reserve_portal.regulations.models import Deadline

from ..models import PlanReport, Reservist
from .mentors import end_assignment

PLAN_EVENTS = ("plan.agreed", "plan.copied")


def begin_development(reservist: Reservist, *, on: date | None = None) -> None:
    """From the inclusion (or the day `on`) the month for the plan runs, where the edition knows it (O4.9)."""
    event_happened(
        "reservist.included",
        reservist,
        edition=reservist.edition,
        on=on or reservist.included_on,
        responsible_user=reservist.user,
    )


def pause_development(reservist: Reservist) -> None:
    """Whoever was appointed owes neither plan nor report; mentor and plan stay, should it fall through."""
    cancel_deadlines(reservist, closes=PLAN_EVENTS)
    for report in reservist.reports.open():
        cancel_deadlines(report)


def resume_development(reservist: Reservist) -> None:
    """Back in the reserve, limits that fell away run again with their old day."""
    revive_deadlines(reservist, closes=PLAN_EVENTS)
    for report in reservist.reports.open():
        revive_deadlines(report, closes=("report.submitted",))


def end_development(reservist: Reservist, *, ground: str) -> None:
    """Whoever was excluded owes nothing any more and is guided by nobody."""
    pause_development(reservist)
    for assignment in reservist.assignments.current():
        end_assignment(assignment, ground=ground)


def late_deadlines(reservists: list[Reservist]) -> dict[int, list[Deadline]]:
    """Overdue limits of plans and reports by the reservist's id, in a fixed number of queries (O4.13, O4.15)."""
    owners = dict(
        PlanReport.objects.open().filter(reservist__in=reservists).values_list("pk", "reservist_id")
    )
    types = ContentType.objects.get_for_models(Reservist, PlanReport)
    about = Q(content_type=types[Reservist], object_id__in=[row.pk for row in reservists])
    about |= Q(content_type=types[PlanReport], object_id__in=list(owners))
    found: dict[int, list[Deadline]] = {}
    for deadline in Deadline.objects.overdue().filter(about):
        key = deadline.object_id or 0
        owner = key if deadline.content_type_id == types[Reservist].pk else owners[key]
        found.setdefault(owner, []).append(deadline)
    return found


def with_late(reservists: Any) -> Any:
    """Only those (queryset of reservists) with an overdue plan or report."""
    types = ContentType.objects.get_for_models(Reservist, PlanReport)
    overdue = Deadline.objects.overdue()
    own = overdue.filter(content_type=types[Reservist], object_id=OuterRef("pk"))
    of_report = overdue.filter(content_type=types[PlanReport], object_id=OuterRef("pk"))
    reports = PlanReport.objects.open().filter(Exists(of_report), reservist=OuterRef("pk"))
    return reservists.filter(Exists(own) | Exists(reports))


def own_deadlines(reservist: Reservist) -> list[Deadline]:
    """The reservist's running limits of plan and reports, soonest first."""
    reports = list(reservist.reports.open().values_list("pk", flat=True))
    types = ContentType.objects.get_for_models(Reservist, PlanReport)
    about = Q(content_type=types[Reservist], object_id=reservist.pk)
    about |= Q(content_type=types[PlanReport], object_id__in=reports)
    return list(Deadline.objects.open().filter(about).select_related("limit").order_by("due_on", "pk"))
