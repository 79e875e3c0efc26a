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
from .locks import lock_person, lock_referral, lock_vacancy
from .matching import MATCHED_STATES, obstacles_for
from .succession import go_on

ANSWER_WORKING_DAYS = 3
BEFORE_THE_BODY = frozenset({ReferralState.ASKED, ReferralState.ACCEPTED, ReferralState.PRESENTED})
AFTER_THE_BODY = frozenset({ReferralState.RECOMMENDED, ReferralState.AGREED})


@transaction.atomic
def ask_reservist(vacancy: Vacancy, *, reservist: Reservist, snapshot: MatchSnapshot, actor: Any) -> Referral:
    """Ask a reservist of the frozen order whether he or she is ready; the answer is due in three working days.

    Raises GateShut when the vacancy is not being matched, or the reservist stands not in the order or is taken.
    """
    vacancy = lock_vacancy(vacancy.pk)
    lock_person(reservist.user_id)
    place = next((row["place"] for row in snapshot.rows if row["reservist"] == reservist.pk), None)
    blockers = []
    if vacancy.state not in MATCHED_STATES:
        blockers.append(Blocker("Спрашивать резервистов можно, пока идёт подбор."))
    if place is None or snapshot.vacancy_id != vacancy.pk:
        blockers.append(Blocker("Этого резервиста нет в сохранённом подборе."))
    blockers += [Blocker(f"{reservist}: {obstacle}.") for obstacle in obstacles_for(vacancy, reservist)]
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
    fresh = lock_referral(referral)
    taken = Referral.objects.engaged().filter(reservist__user=fresh.reservist.user_id).exclude(pk=fresh.pk)
    blockers = []
    if taken.exists():
        blockers.append(Blocker("Вы уже согласились на другую вакансию. Сначала сообщите оператору."))
    if fresh.reservist.state != ReservistState.ACTIVE:
        blockers.append(Blocker("Согласиться может только действующий резервист."))
    require_open(blockers)
    REFERRAL.apply(referral, "accept", actor=actor)
    record_event("vacancies.accept", referral, actor=actor, person=fresh.reservist.user)


@transaction.atomic
def refuse_offer(referral: Referral, *, actor: Any, reason: str) -> None:
    """The reservist is not ready, with a reason kept in the case; it is not a refusal in the sense of O6.2."""
    lock_vacancy(referral.vacancy_id)
    REFERRAL.apply(referral, "refuse", actor=actor, reason=reason)
    Referral.objects.filter(pk=referral.pk).update(refusal_reason=reason[:300])
    record_event("vacancies.refuse", referral, actor=actor, person=referral.reservist.user)


@transaction.atomic
def present_reservist(referral: Referral, *, actor: Any) -> None:
    """Present who accepted: a nominee from now on. Of two vacancies at once one wins, the other is told (GateShut)."""
    fresh = lock_referral(referral)
    elsewhere = Referral.objects.filter(reservist__user=fresh.reservist.user_id, state__in=_BOUND).exclude(
        pk=fresh.pk
    )
    blockers = []
    if fresh.reservist.state != ReservistState.ACTIVE:
        blockers.append(Blocker("Представить можно только действующего резервиста."))
    if elsewhere.exists():
        blockers.append(Blocker("Этот резервист уже представлен на другую вакансию."))
    require_open(blockers)
    try:
        with transaction.atomic():
            REFERRAL.apply(referral, "present", actor=actor)
    except IntegrityError:
        raise GateShut([Blocker("Этот резервист уже представлен на другую вакансию.")]) from None
    VACANCY.apply(referral.vacancy, "present", actor=actor)
    _letter("vacancy.presented", referral)
    record_event("vacancies.present", referral, actor=actor, person=fresh.reservist.user)


@transaction.atomic
def release_referral(referral: Referral, *, actor: Any, reason: str) -> None:
    """Take one person out of the case: no answer in time, or a nominee who withdraws, before or after the body.

    The vacancy goes on with the others recommended, or back to matching when nobody is left. Raises GateShut without
    a reason, while the defence is called, and once somebody is appointed.
    """
    fresh = lock_referral(referral)
    blockers = []
    if not may_be_released(fresh):
        text = "Снять человека с рассмотрения можно до назначения защиты или после рекомендации, пока нет приказа."
        blockers.append(Blocker(text))
    if not reason.strip():
        blockers.append(Blocker("Укажите причину.", field="reason"))
    require_open(blockers)
    REFERRAL.apply(referral, "release", actor=actor, reason=reason)
    _letter("vacancy.released", referral, reason=reason)
    presented = fresh.vacancy.referrals.filter(state=ReferralState.PRESENTED)
    if fresh.vacancy.state == VacancyState.PRESENTED and not presented.exists():
        VACANCY.apply(fresh.vacancy, "reopen", actor=actor, reason=reason)
    elif fresh.state in AFTER_THE_BODY:
        go_on(fresh.vacancy, actor=actor, reason=reason)
    record_event("vacancies.release", referral, actor=actor, person=fresh.reservist.user, reason=reason)


def may_be_released(referral: Referral) -> bool:
    """Before the defence is called whoever was asked; after the body those recommended or agreed; a reserve place."""
    vacancy = VacancyState(referral.vacancy.state)
    if vacancy in MATCHED_STATES and referral.state in BEFORE_THE_BODY:
        return True
    is_decided = vacancy in (VacancyState.RECOMMENDED, VacancyState.AGREED)
    return referral.state == ReferralState.RESERVE or (is_decided and referral.state in AFTER_THE_BODY)


def release_all(vacancy: Vacancy, *, actor: Any, reason: str, but: Referral | None = None) -> None:
    """Free everybody still asked or presented, with a letter; within the caller's transaction."""
    waiting = vacancy.referrals.waiting().select_related("reservist__user", "vacancy__municipality")
    for referral in waiting.exclude(pk=but.pk) if but else waiting:
        REFERRAL.apply(referral, "release", actor=actor, reason=reason)
        _letter("vacancy.released", referral, reason=reason)


_BOUND = ENGAGED - {ReferralState.ACCEPTED}


def _letter(code: str, referral: Referral, **values: str) -> None:
    vacancy = referral.vacancy
    send_letter(
        code,
        to=referral.reservist.user,
        key=f"{code}:{referral.pk}",
        values={"vacancy": str(vacancy), "municipality": str(vacancy.municipality), **values},
        about=referral,
    )
