"""Who comes next in a case: the reserve place of those recommended, and whom the portal asks to act."""

from typing import Any

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.notifications.services import send_letter
from reservists.enums import ReservistState

from ..enums import ReferralState, VacancyState
from ..models import Appointment, Referral, Vacancy
from ..workflow import REFERRAL, VACANCY


def tell_who_acts_next(referral: Referral, *, again: str = "") -> None:
    """After a recommendation: the department where the edition wants its agreement (T9), else the municipality.

    `again` tells a later occasion from the first, so that they are written to once on each.
    """
    vacancy = referral.vacancy
    if not vacancy.edition.value("agreement"):
        ask_for_order(referral, again=again)
        return
    for official in User.objects.with_role(Role.AUTHORITY):
        send_letter(
            "vacancy.agreement_needed",
            to=official,
            key=f"vacancy.agreement_needed:{referral.pk}:{official.pk}{again}",
            values={
                "vacancy": str(vacancy),
                "municipality": str(vacancy.municipality),
                "nominee": referral.reservist.user.full_name,
            },
            about=vacancy,
        )


def ask_for_order(referral: Referral, *, again: str = "") -> None:
    """Tell the municipality that its order may be issued now; within the caller's transaction."""
    vacancy = referral.vacancy
    for official in User.objects.with_role(Role.MUNICIPAL).filter(municipality=vacancy.municipality_id):
        send_letter(
            "vacancy.order_needed",
            to=official,
            key=f"vacancy.order_needed:{referral.pk}:{official.pk}{again}",
            values={"vacancy": str(vacancy), "nominee": referral.reservist.user.full_name},
            about=vacancy,
        )


def go_on(vacancy: Vacancy, *, actor: Any, reason: str) -> None:
    """Somebody fell out after the recommendation: the others recommended are next, else matching begins anew.

    Nothing changes while somebody else is agreed. Within the caller's transaction.
    """
    if vacancy.referrals.filter(state=ReferralState.AGREED).exists():
        return
    following = list(
        vacancy.referrals.filter(state=ReferralState.RECOMMENDED).select_related("reservist__user")
    )
    if not following:
        VACANCY.apply(vacancy, "reopen", actor=actor, reason=reason)
    elif vacancy.state != VacancyState.RECOMMENDED:
        VACANCY.apply(vacancy, "recall", actor=actor, reason=reason)
        occasion = f":{vacancy.referrals.filter(state=ReferralState.RELEASED).count()}"
        for referral in following:
            referral.vacancy = vacancy
            tell_who_acts_next(referral, again=occasion)


def keep_reserve(appointment: Appointment, *, actor: Any) -> None:
    """Those recommended beside the one appointed keep a reserve place, free for other vacancies meanwhile."""
    for referral in _of(appointment.vacancy, ReferralState.RECOMMENDED):
        REFERRAL.apply(referral, "keep", actor=actor)
        _letter("vacancy.reserve", referral, appointment)


def recall_reserve(appointment: Appointment, *, actor: Any) -> None:
    """The appointment fell through: who holds a reserve place is recommended again.

    Whoever left the reserve or is considered for another vacancy is released. The people must be locked.
    """
    vacancy = appointment.vacancy
    holders = _of(vacancy, ReferralState.RESERVE)
    people = [referral.reservist.user_id for referral in holders]
    elsewhere = Referral.objects.engaged().filter(reservist__user__in=people).exclude(vacancy=vacancy)
    taken = set(elsewhere.values_list("reservist__user", flat=True))
    following = (
        "Теперь решает департамент (министерство)."
        if vacancy.edition.value("agreement")
        else "Теперь муниципалитет может издать приказ."
    )
    for referral in holders:
        reason = ""
        if referral.reservist.state != ReservistState.ACTIVE:
            reason = "резервное место снято: человек больше не действующий резервист"
        elif referral.reservist.user_id in taken:
            reason = "резервное место снято: рассматривается на другую вакансию"
        if reason:
            REFERRAL.apply(referral, "release", actor=actor, reason=reason)
            _letter("vacancy.released", referral, appointment, reason=reason)
        else:
            REFERRAL.apply(referral, "recall", actor=actor)
            _letter("vacancy.recalled", referral, appointment, next=following)


def reserve_people(vacancy: Vacancy) -> list[int]:
    """The ids of the people who hold a reserve place."""
    rows = vacancy.referrals.filter(state=ReferralState.RESERVE)
    return list(rows.values_list("reservist__user", flat=True))


def _of(vacancy: Vacancy, state: ReferralState) -> list[Referral]:
    """The case's people in this state, the best place of the defence first."""
    rows = vacancy.referrals.filter(state=state).select_related("reservist__user", "vacancy__municipality")
    return list(rows.order_by("defence_place", "place", "pk"))


def _letter(code: str, referral: Referral, appointment: Appointment, **values: str) -> None:
    vacancy = referral.vacancy
    send_letter(
        code,
        to=referral.reservist.user,
        key=f"{code}:{referral.pk}:{appointment.pk}",
        values={"vacancy": str(vacancy), "municipality": str(vacancy.municipality), **values},
        about=referral,
    )
