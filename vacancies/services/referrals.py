"""Asking reservists, their answers, presenting one for the vacancy."""

from typing import Any

from django.db import IntegrityError, transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core import calendar, clock
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.notifications.services import send_letter
from reservists.enums import ReservistState
from reservists.models import Reservist

from ..enums import ENGAGED, ReferralState, VacancyState
from ..models import MatchSnapshot, Referral, Vacancy
from ..workflow import REFERRAL, VACANCY

ANSWER_WORKING_DAYS = 3


@transaction.atomic
def ask_reservist(vacancy: Vacancy, *, reservist: Reservist, snapshot: MatchSnapshot, actor: Any) -> Referral:
    """Ask a reservist of the frozen order whether he or she is ready; the answer is due in three working days.

    Raises GateShut when the vacancy is not being matched, or the reservist stands not in the order or is taken.
    """
    place = next((row["place"] for row in snapshot.rows if row["reservist"] == reservist.pk), None)
    blockers = []
    if vacancy.state not in (VacancyState.MATCHING, VacancyState.PRESENTED):
        blockers.append(Blocker("Спрашивать резервистов можно, пока идёт подбор."))
    if place is None or snapshot.vacancy_id != vacancy.pk:
        blockers.append(Blocker("Этого резервиста нет в сохранённом подборе."))
    if Referral.objects.filter(vacancy=vacancy, reservist=reservist).exists():
        blockers.append(Blocker("Этого резервиста по этой вакансии уже спросили."))
    if Referral.objects.filter(reservist=reservist, state__in=ENGAGED).exclude(vacancy=vacancy).exists():
        blockers.append(Blocker("Этот резервист уже рассматривается на другую вакансию."))
    require_open(blockers)
    referral = Referral.objects.create(
        vacancy=vacancy,
        reservist=reservist,
        snapshot=snapshot,
        place=place or 0,
        answer_until=calendar.add_working_days(clock.today(), ANSWER_WORKING_DAYS),
    )
    REFERRAL.start(referral, actor=actor, label="Спрошен о готовности")
    _letter("vacancy.offer", referral, until=f"{referral.answer_until:%d.%m.%Y}")
    record_event("vacancies.ask", referral, actor=actor, person=reservist.user)
    return referral


@transaction.atomic
def accept_offer(referral: Referral, *, actor: Any) -> None:
    """The reservist is ready; raises GateShut when he or she already agreed to another vacancy."""
    Reservist.objects.select_for_update().get(pk=referral.reservist_id)
    if Referral.objects.filter(reservist=referral.reservist_id, state__in=ENGAGED).exclude(pk=referral.pk).exists():
        raise GateShut([Blocker("Вы уже согласились на другую вакансию. Сначала сообщите оператору.")])
    REFERRAL.apply(referral, "accept", actor=actor)
    record_event("vacancies.accept", referral, actor=actor, person=referral.reservist.user)


@transaction.atomic
def refuse_offer(referral: Referral, *, actor: Any, reason: str) -> None:
    """The reservist is not ready, with a reason kept in the case; it is not a refusal in the sense of O6.2."""
    REFERRAL.apply(referral, "refuse", actor=actor, reason=reason)
    Referral.objects.filter(pk=referral.pk).update(refusal_reason=reason[:300])
    record_event("vacancies.refuse", referral, actor=actor, person=referral.reservist.user)


@transaction.atomic
def present_reservist(referral: Referral, *, actor: Any) -> None:
    """Present who accepted: a nominee from now on. Of two vacancies at once one wins, the other is told (GateShut)."""
    reservist = Reservist.objects.select_for_update().get(pk=referral.reservist_id)
    if reservist.state != ReservistState.ACTIVE:
        raise GateShut([Blocker("Представить можно только действующего резервиста.")])
    try:
        with transaction.atomic():
            REFERRAL.apply(referral, "present", actor=actor)
    except IntegrityError:
        raise GateShut([Blocker("Этот резервист уже представлен на другую вакансию.")]) from None
    VACANCY.apply(referral.vacancy, "present", actor=actor)
    _letter("vacancy.presented", referral)
    record_event("vacancies.present", referral, actor=actor, person=reservist.user)


def release_all(vacancy: Vacancy, *, actor: Any, reason: str, but: Referral | None = None) -> None:
    """Free everybody still asked or presented, with a letter; within the caller's transaction."""
    waiting = {ReferralState.ASKED, *ENGAGED}
    for referral in vacancy.referrals.filter(state__in=waiting).exclude(pk=but.pk if but else None):
        REFERRAL.apply(referral, "release", actor=actor, reason=reason)
        _letter("vacancy.released", referral, reason=reason)


def _letter(code: str, referral: Referral, **values: str) -> None:
    vacancy = referral.vacancy
    send_letter(
        code,
        to=referral.reservist.user,
        key=f"{code}:{referral.pk}",
        values={"vacancy": str(vacancy), "municipality": str(vacancy.municipality), **values},
        about=referral,
    )
