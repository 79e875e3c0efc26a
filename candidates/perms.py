"""Who may see and do what with applications, packages and the journal (process.md 12)."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from commissions.enums import ListState, MeetingState
from commissions.models import AgendaItem, BodyMember, DecisionLine, Recusal
from commissions.motions import motion_of, motions
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.regulations.enums import LinkForm

from .enums import ApplicationState, NominationKind
from .models import Application, ApplicationTrack
from .readers import is_given_to

# --- the candidate, and whoever reads the package -------------------------------------------------------------------


def is_own(user: Any, application: Application) -> bool:
    """Say whether the application is the user's own."""
    return user.is_authenticated and application.user_id == user.pk


def can_change_application(user: Any, application: Application) -> bool:
    """Only the candidate fills, submits, corrects and withdraws."""
    return is_own(user, application)


def can_read_package(user: Any, application: Application) -> bool:
    """The candidate; the operator once it is submitted; bodies and authority while they have to decide about it;
    whom a later stage gave it to.
    """
    if is_own(user, application) or can_enter_application(user, application):
        return True
    if application.state == ApplicationState.DRAFT or application.submitted_at is None:
        return False
    if user.has_role(Role.OPERATOR):
        return True
    return is_given_to(user, application) or studies(user, application)


def studies(user: Any, application: Application, decision: str = "") -> bool:
    """Say whether the user has to decide about the person now (about `decision` alone, where named), and may.

    A member needs a line about one of its tracks, on an agenda not yet closed or on a list that stands at the body's
    link, and no reason to keep out of any of its lines; the authority needs a list that waits for its order.
    """
    if not user.is_active:
        return False
    lines = _running_lines(application)
    asked = [line for line in lines if not decision or line.list.decision == decision]
    return any(_may_read_line(user, line) for line in asked) and not any(
        _keeps_out(user, line) for line in lines
    )


def can_read_history(user: Any, application: Application) -> bool:
    """Replaced files are for the person and the operator."""
    return is_own(user, application) or user.has_role(Role.OPERATOR)


def _running_lines(application: Application) -> list[DecisionLine]:
    tracks = list(application.tracks.values_list("pk", flat=True))
    track_type = ContentType.objects.get_for_model(ApplicationTrack)
    lines = DecisionLine.objects.filter(content_type=track_type, object_id__in=tracks)
    return list(lines.exclude(list__state=ListState.DECIDED).select_related("list__edition"))


def _may_read_line(user: Any, line: DecisionLine) -> bool:
    if line.list.waits_for_order:
        return user.has_role(Role.AUTHORITY)
    return _is_called(user, line) or _sits_at_link(user, line)


def _is_called(user: Any, line: DecisionLine) -> bool:
    """On the agenda of a meeting that is not over, to which the member was called."""
    items = AgendaItem.objects.standing().filter(list=line.list_id, link_order=line.list.link_order)
    return items.filter(
        meeting__state__in=[MeetingState.PLANNED, MeetingState.OPEN],
        meeting__members__user=user,
    ).exists()


def _sits_at_link(user: Any, line: DecisionLine) -> bool:
    link = line.list.link
    if line.list.state != ListState.SENT or link is None or link.form != LinkForm.MEETING:
        return False
    today = clock.today()
    seats = BodyMember.objects.filter(user=user, body__code=link.body, since__lte=today)
    return seats.filter(Q(until=None) | Q(until__gte=today)).exists()


def _keeps_out(user: Any, line: DecisionLine) -> bool:
    """Recused from this person, or bound to be: own case, same school, mentor."""
    if Recusal.objects.filter(line=line, member__user=user).exists():
        return True
    return line.list.decision in motions and bool(motion_of(line.list).conflicts(line, user))


# --- those who bring applications ---------------------------------------------------------------------------------


def can_nominate(user: Any) -> bool:
    """An official of a municipality, or the head of an organisation (T1); the edition is asked beside it."""
    return user.is_authenticated and bool(_own_nomination_kinds(user))


def nomination_kinds_of(user: Any, edition: Any) -> list[str]:
    """How this person may nominate under the edition (T1): for the own municipality, for the own organisation."""
    allowed = edition.value("nomination_kinds")
    return [kind for kind in _own_nomination_kinds(user) if kind in allowed]


def _own_nomination_kinds(user: Any) -> list[str]:
    kinds = []
    if user.has_role(Role.MUNICIPAL) and user.municipality_id:
        kinds.append(NominationKind.MUNICIPALITY.value)
    if user.has_role(Role.NOMINATOR) and user.organisation_id:
        kinds.append(NominationKind.HEAD.value)
    return kinds


def can_enter_applications(user: Any) -> bool:
    """Operators enter what came on paper, by mail, through Госуслуги, one by one or as an archive (O3.2)."""
    return user.is_authenticated and user.has_role(Role.OPERATOR)


def can_enter_application(user: Any, application: Application) -> bool:
    """A draft that an operator began for somebody else; candidates' own drafts are no operator's affair."""
    return (
        can_enter_applications(user)
        and application.entered_by_id is not None
        and application.state == ApplicationState.DRAFT
        and application.user_id != user.pk
    )


# --- the operator's side: campaigns, journal, review, lists ---------------------------------------------------------


def can_manage_campaigns(user: Any) -> bool:
    """Operators plan, open, move and close campaigns."""
    return user.is_authenticated and user.has_role(Role.OPERATOR)


def can_register_applications(user: Any) -> bool:
    """Operators keep the journal."""
    return user.is_authenticated and user.has_role(Role.OPERATOR)


def can_review_application(user: Any, application: Application) -> bool:
    """Operators review what was submitted, never their own application."""
    return (
        user.is_authenticated
        and user.has_role(Role.OPERATOR)
        and application.state != ApplicationState.DRAFT
        and application.user_id != user.pk
    )


def can_make_lists(user: Any) -> bool:
    """Operators make the lists for the commission."""
    return user.is_authenticated and user.has_role(Role.OPERATOR)


def can_read_journal(user: Any) -> bool:
    """Operators and auditors read the journal, the register and the lists."""
    return user.is_authenticated and user.has_any_role(Role.OPERATOR, Role.AUDITOR)


# --- personal data --------------------------------------------------------------------------------------------------


def can_answer_subject_request(user: Any) -> bool:
    """The operator answers for the personal data (152-FZ, article 20)."""
    return user.has_role(Role.OPERATOR)
