"""Who may do what with a vacancy (process.md 12)."""

from typing import Any

from reserve_portal.accounts.enums import Role

from .models import ConceptDefence, Referral, ScoreSheet, Vacancy


def can_report_vacancy(user: Any) -> bool:
    """A municipal official, for the own municipality."""
    return user.has_role(Role.MUNICIPAL) and user.municipality_id is not None


def can_run_case(user: Any, vacancy: Vacancy | None = None) -> bool:
    """The operator matches, asks, presents, schedules the defence."""
    return user.has_role(Role.OPERATOR)


def can_see_vacancy(user: Any, vacancy: Vacancy) -> bool:
    return Vacancy.objects.visible_to(user).filter(pk=vacancy.pk).exists()


def can_answer_offer(user: Any, referral: Referral) -> bool:
    """The reservist who was asked."""
    return referral.reservist.user_id == user.pk


def can_upload_concept(user: Any, referral: Referral) -> bool:
    return referral.reservist.user_id == user.pk


def can_score(user: Any, sheet: ScoreSheet) -> bool:
    """The member whose sheet it is."""
    return sheet.member.user_id == user.pk


def can_see_sheets(user: Any, defence: ConceptDefence) -> bool:
    """Who handed in all the own sheets sees the others'; the operator and the auditor after the meeting."""
    if user.has_any_role(Role.OPERATOR, Role.AUDITOR):
        return defence.meeting.state == "closed"
    own = defence.sheets.filter(member__user=user)
    return own.exists() and not own.exclude(state="handed_in").exists()


def can_decide_agreement(user: Any, vacancy: Vacancy | None = None) -> bool:
    return user.has_role(Role.AUTHORITY)


def can_record_appointment(user: Any, vacancy: Vacancy) -> bool:
    """The municipality whose order it is."""
    return user.has_role(Role.MUNICIPAL) and user.municipality_id == vacancy.municipality_id
