"""Who may do what with a vacancy (process.md 12)."""

from typing import Any

from commissions.enums import MeetingState
from commissions.models import DecisionLine, Meeting, Recusal
from reserve_portal.accounts.enums import Role

from .enums import ReferralState, SheetState
from .models import Concept, ConceptDefence, Referral, ScoreSheet, Vacancy
from .services.defence import recused_from
from .workflow import REFERRAL, VACANCY

AFTER_RECOMMENDATION = frozenset(
    {ReferralState.RECOMMENDED, ReferralState.AGREED, ReferralState.RESERVE, ReferralState.APPOINTED}
)


def can_report_vacancy(user: Any) -> bool:
    """A municipal official, for the own municipality."""
    return user.has_role(Role.MUNICIPAL) and user.municipality_id is not None


def can_list_vacancies(user: Any) -> bool:
    """Whoever has the page «Вакансии»: a municipality its own, operator, authority and auditor all."""
    return can_report_vacancy(user) or user.has_any_role(Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)


def can_list_heads(user: Any) -> bool:
    """«Руководители»: a municipality its own organisations, operator, authority and auditor all."""
    return can_list_vacancies(user)


def can_import_heads(user: Any) -> bool:
    """A municipality the heads of its own organisations, the operator of all."""
    return can_report_vacancy(user) or user.has_role(Role.OPERATOR)


def can_see_vacancy(user: Any, vacancy: Vacancy) -> bool:
    return Vacancy.objects.visible_to(user).filter(pk=vacancy.pk).exists()


def can_see_vacancy_letter(user: Any, vacancy: Vacancy) -> bool:
    """The municipality that wrote it, the department, the auditor; the operator reads every paper."""
    own = user.has_role(Role.MUNICIPAL) and user.municipality_id == vacancy.municipality_id
    return own or user.has_any_role(Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)


def can_run_case(user: Any, vacancy: Vacancy | None = None) -> bool:
    """The operator matches, asks, presents, schedules the defence."""
    return user.has_role(Role.OPERATOR)


def can_read_case_desk(user: Any) -> bool:
    """The case in the workplace: the operator acts, the auditor reads."""
    return user.has_any_role(Role.OPERATOR, Role.AUDITOR)


def can_cancel_vacancy(user: Any, vacancy: Vacancy) -> bool:
    """The municipality that reported it, while the case is open."""
    return can_record_appointment(user, vacancy) and VACANCY.is_open(vacancy, "cancel")


def can_answer_offer(user: Any, referral: Referral) -> bool:
    """The reservist who was asked."""
    return referral.reservist.user_id == user.pk


def can_upload_concept(user: Any, referral: Referral) -> bool:
    return referral.reservist.user_id == user.pk


def can_read_concept(user: Any, concept: Concept) -> bool:
    """The author; the operator; members who hear it, until they decided; the department once he or she is recommended.

    Who keeps out of the nominee reads no concept; an auditor reads no private papers.
    """
    referral = concept.referral
    if referral.reservist.user_id == user.pk or user.has_role(Role.OPERATOR):
        return True
    if user.has_role(Role.AUTHORITY) and referral.state in AFTER_RECOMMENDATION:
        return True
    return any(
        meeting.state in (MeetingState.PLANNED, MeetingState.OPEN) for meeting in hearings_of(referral, user)
    )


def hearings_of(referral: Referral, user: Any) -> list[Meeting]:
    """Meetings at which `user` sits on this nominee without keeping out, the latest first."""
    lines = DecisionLine.objects.about(referral)
    kept_out = Recusal.objects.filter(line__in=lines, member__user=user).values("item__meeting")
    meetings = Meeting.objects.filter(members__user=user, items__list__lines__in=lines).exclude(
        pk__in=kept_out
    )
    return list(meetings.exclude(state=MeetingState.CANCELLED).distinct().order_by("-pk"))


def can_see_nominee(user: Any, referral: Referral) -> bool:
    """Members who hear the nominee without keeping out; operator, authority and auditor."""
    return user.has_any_role(Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR) or bool(hearings_of(referral, user))


def can_read_career(user: Any, referral: Referral) -> bool:
    """The questionnaire's diplomas and work: operator, department, and members until they have decided; no auditor."""
    if user.has_any_role(Role.OPERATOR, Role.AUTHORITY):
        return True
    return any(
        meeting.state in (MeetingState.PLANNED, MeetingState.OPEN) for meeting in hearings_of(referral, user)
    )


def can_score(user: Any, sheet: ScoreSheet) -> bool:
    """The member whose sheet it is, unless he or she keeps out of the nominee."""
    return sheet.member.user_id == user.pk and (sheet.member_id, sheet.referral_id) not in recused_from(
        sheet.defence
    )


def can_see_sheets(user: Any, defence: ConceptDefence) -> bool:
    """Who handed in all the own sheets sees the others'; whoever has none, operator and auditor after the meeting."""
    closed = defence.meeting.state == MeetingState.CLOSED
    if user.has_any_role(Role.OPERATOR, Role.AUDITOR):
        return closed
    out = recused_from(defence)
    own = [
        sheet
        for sheet in defence.sheets.filter(member__user=user).only("state", "member_id", "referral_id")
        if (sheet.member_id, sheet.referral_id) not in out
    ]
    if not own:
        return closed and defence.meeting.members.filter(user=user).exists()
    return closed or all(sheet.state == SheetState.HANDED_IN for sheet in own)


def can_see_summary(user: Any, defence: ConceptDefence) -> bool:
    """Operator, authority, auditor, and members who keep out of nobody."""
    if user.has_any_role(Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR):
        return True
    member = defence.meeting.members.filter(user=user).first()
    return member is not None and member.pk not in {pk for pk, _ in recused_from(defence)}


def can_decide_agreement(user: Any, vacancy: Vacancy | None = None) -> bool:
    """The department (T9)."""
    return user.has_role(Role.AUTHORITY)


def can_record_appointment(user: Any, vacancy: Vacancy) -> bool:
    """The municipality whose order it is."""
    return user.has_role(Role.MUNICIPAL) and user.municipality_id == vacancy.municipality_id


def can_be_presented(referral: Referral) -> bool:
    return (
        REFERRAL.is_open(referral, "present")
        and referral.vacancy.state in VACANCY.transitions["present"].sources
    )
