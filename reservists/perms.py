"""Who may see and do what in the reserve (process.md 12)."""

from typing import Any

from assessment.models import LearningRoute
from reserve_portal.accounts.enums import Role

from .enums import PlanState, ReservistState
from .guests import route_of
from .models import (
    DevelopmentPlan,
    Event,
    MentorAssignment,
    MentorReport,
    Participation,
    PlanReport,
    Reservist,
)
from .models.events import person_of
from .workflow import MENTOR_REPORT, PARTICIPATION, PLAN, REPORT, RESERVIST


def can_manage_reserve(user: Any) -> bool:
    """Make lists, issue and publish the registry, run events: the operator."""
    return user.has_role(Role.OPERATOR)


def can_see_registry(user: Any) -> bool:
    """The full registry with its papers: operator, authority, auditor (O8.3)."""
    return user.has_any_role(Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)


def can_see_indicators(user: Any) -> bool:
    """The indicators and the people behind a figure: who sees the full registry (process.md 1)."""
    return can_see_registry(user)


def can_set_targets(user: Any) -> bool:
    """The authority, and the operator on its behalf (O7.4)."""
    return user.has_any_role(Role.AUTHORITY, Role.OPERATOR)


def can_list_reservists(user: Any) -> bool:
    """The list of reservists of the registry, each within `visible_to`: who sees all, and a municipality its own."""
    return can_see_registry(user) or bool(user.has_role(Role.MUNICIPAL) and user.municipality_id)


def can_see_points(user: Any, reservist: Reservist) -> bool:
    """Points, rank and participation: the person, the mentor, whoever sees the registry; a municipality does not."""
    return reservist.user_id == user.pk or can_see_registry(user) or is_mentor_of(user, reservist)


def can_see_zone(user: Any, reservist: Reservist) -> bool:
    """The zone: one's own always; of others where the edition has zones, a municipality only if it says so (O8.3)."""
    if reservist.user_id == user.pk:
        return True
    if not reservist.edition.value("zones"):
        return False
    if can_see_registry(user) or is_mentor_of(user, reservist):
        return True
    own = user.has_role(Role.MUNICIPAL) and user.municipality_id == reservist.municipality_id
    return bool(own and reservist.municipality_id and reservist.edition.value("municipal_sees_zone"))


def can_see_events(user: Any) -> bool:
    """The events with registration: reservists, guests on a learning route (T5), the staff who run and read them."""
    staff = user.has_any_role(Role.RESERVIST, Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)
    return staff or route_of(user) is not None


def can_register_for_event(user: Any, event: Event, participant: Reservist | LearningRoute | None) -> bool:
    """A reservist, or a guest on a learning route, for himself or herself."""
    if participant is None or person_of(participant) != user:
        return False
    return user.has_role(Role.RESERVIST if isinstance(participant, Reservist) else Role.CANDIDATE)


def can_refuse_participation(user: Any, participation: Participation) -> bool:
    """The registered person."""
    own = participation.person == user
    return own and PARTICIPATION.is_open(participation, "refuse")


def can_leave_waiting_list(user: Any, participation: Participation) -> bool:
    """The person who waits."""
    return participation.person == user and PARTICIPATION.is_open(participation, "leave_queue")


def can_have_feed(user: Any) -> bool:
    """An own address of the events for a calendar program: who takes part in them."""
    return user.has_role(Role.RESERVIST) or route_of(user) is not None


def can_read_survey(user: Any) -> bool:
    """What participants think of an event: who runs the events and who measures the reserve (O7.3)."""
    return can_see_registry(user)


# --- mentors, plans and reports (process.md 12, row «plans and reports»)


def is_mentor_of(user: Any, reservist: Reservist) -> bool:
    """The present mentor of this reservist."""
    if not user.has_role(Role.MENTOR):
        return False
    return MentorAssignment.objects.guided_by(user).filter(reservist=reservist.pk).exists()


def guides(user: Any, reservist: Reservist) -> bool:
    """Agrees the plans and accepts the reports: the mentor; the operator where the edition knows no mentors."""
    if reservist.edition.value("mentors"):
        return is_mentor_of(user, reservist)
    return bool(user.has_role(Role.OPERATOR) and reservist.user_id != user.pk)


def can_have_plan(user: Any, reservist: Reservist) -> bool:
    """A reservist writes the plan of an active membership whose edition knows plans (O4.6)."""
    own = reservist.user_id == user.pk and user.has_role(Role.RESERVIST)
    return bool(
        own and reservist.state == ReservistState.ACTIVE and reservist.edition.value("development_plan")
    )


def can_write_plan(user: Any, plan: DevelopmentPlan) -> bool:
    """The reservist, while the version is a draft or was returned."""
    return _own(user, plan) and PLAN.is_open(plan, "submit")


def can_review_plan(user: Any, plan: DevelopmentPlan) -> bool:
    """Who guides, while the plan waits for him or her (O4.9)."""
    return PLAN.is_open(plan, "agree") and guides(user, plan.reservist)


def can_send_copy(user: Any, plan: DevelopmentPlan) -> bool:
    """The reservist, of an agreed plan (O4.9)."""
    return _own(user, plan) and PLAN.is_open(plan, "send_copy")


def can_change_plan(user: Any, plan: DevelopmentPlan) -> bool:
    """The reservist, of a plan in force; the change is a new version."""
    return _own(user, plan) and plan.is_in_force


def can_discard_plan(user: Any, plan: DevelopmentPlan) -> bool:
    """The reservist, of a change that the mentor has not agreed; a first plan is due and cannot be given up."""
    return _own(user, plan) and plan.version > 1 and PLAN.is_open(plan, "discard")


def can_comment_plan(user: Any, plan: DevelopmentPlan) -> bool:
    """Both who write it together: the reservist and who guides, until the version is of the past (O4.6)."""
    if plan.state in (PlanState.REPLACED, PlanState.DISCARDED):
        return False
    return _own(user, plan) or guides(user, plan.reservist)


def can_add_evidence(user: Any, plan: DevelopmentPlan) -> bool:
    """The reservist, of a plan in force (O4.13)."""
    return _own(user, plan) and plan.is_in_force


def can_write_report(user: Any, report: PlanReport) -> bool:
    """The reservist, until the report is handed in and after it was returned (O4.14)."""
    return _own(user, report) and REPORT.is_open(report, "submit")


def can_review_report(user: Any, report: PlanReport) -> bool:
    """Who guides, while the report waits for him or her."""
    return REPORT.is_open(report, "accept") and guides(user, report.reservist)


def can_write_mentor_report(user: Any, report: MentorReport) -> bool:
    """The mentor, until the report is handed in and after it was returned (O4.7)."""
    own = report.mentor.user_id == user.pk and user.has_role(Role.MENTOR)
    return bool(own and MENTOR_REPORT.is_open(report, "submit"))


def can_review_mentor_report(user: Any, report: MentorReport) -> bool:
    """The operator, who keeps the mentors' work together (O4.7, O4.8); nobody the own report."""
    other = user.has_role(Role.OPERATOR) and report.mentor.user_id != user.pk
    return bool(other and MENTOR_REPORT.is_open(report, "accept"))


def can_see_attestation_sheets(user: Any) -> bool:
    """The expert's desk of the attestation, each sheet within `visible_to` (O1.10, O4.17)."""
    return user.has_role(Role.EXPERT)


def can_see_mentees(user: Any) -> bool:
    """The mentor's desk."""
    return user.has_role(Role.MENTOR)


def can_monitor_plans(user: Any) -> bool:
    """How far all plans are and what is late (O4.13, O4.15): operator, authority, auditor."""
    return user.has_any_role(Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)


def _own(user: Any, row: DevelopmentPlan | PlanReport) -> bool:
    """The person's own and still a matter of the reserve: who left it changes nothing any more."""
    reservist = row.reservist
    return bool(
        reservist.user_id == user.pk
        and user.has_role(Role.RESERVIST)
        and reservist.state == ReservistState.ACTIVE
    )


def can_leave(user: Any, reservist: Reservist) -> bool:
    """A reservist for himself or herself, while in the reserve (O6.2)."""
    return reservist.user_id == user.pk and RESERVIST.is_open(reservist, "exclude")


def can_report_dismissal(user: Any, reservist: Reservist) -> bool:
    """A municipal official about the people of the own municipality (O6.2)."""
    own = user.has_role(Role.MUNICIPAL) and user.municipality_id is not None
    return bool(own and user.municipality_id == reservist.municipality_id and reservist.user_id != user.pk)
