"""Agreement of the department and the municipality's appointment (T9, O7.3)."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.notifications.services import send_letter
from reservists.enums import ReservistState
from reservists.models import Reservist
from reservists.workflow import RESERVIST

from ..enums import ReferralState
from ..models import Agreement, Appointment, Referral, Vacancy
from ..workflow import REFERRAL, VACANCY
from .referrals import release_all


@transaction.atomic
def decide_agreement(
    referral: Referral, *, agreed: bool, number: str, dated: date, reason: str = "", actor: Any
) -> Agreement:
    """Record the department's answer about a recommended nominee (T9); a refusal needs its reason.

    Agreed: the vacancy waits for the appointment. Refused: the nominee is released and matching goes on.
    """
    blockers = []
    if referral.state != ReferralState.RECOMMENDED:
        blockers.append(Blocker("Согласовывают того, кого рекомендовала комиссия."))
    if dated > clock.today():
        blockers.append(Blocker("Дата письма ещё не наступила.", field="dated"))
    if not agreed and not reason.strip():
        blockers.append(Blocker("Отказ в согласовании нуждается в причине.", field="reason"))
    require_open(blockers)
    agreement = Agreement.objects.create(
        referral=referral, agreed=agreed, number=number, dated=dated, reason=reason, decided_by=actor
    )
    vacancy = referral.vacancy
    if agreed:
        REFERRAL.apply(referral, "agree", actor=actor)
        VACANCY.apply(vacancy, "agree", actor=actor)
    else:
        REFERRAL.apply(referral, "release", actor=actor, reason=f"не согласовано: {reason}")
        VACANCY.apply(vacancy, "reopen", actor=actor, reason=f"не согласовано: {reason}")
    send_letter(
        "vacancy.agreed" if agreed else "vacancy.not_agreed",
        to=referral.reservist.user,
        key=f"vacancy.agreement:{agreement.pk}",
        values={"vacancy": str(vacancy), "number": number, "dated": f"{dated:%d.%m.%Y}", "reason": reason or "—"},
        about=referral,
    )
    record_event("vacancies.decide_agreement", agreement, actor=actor, agreed=agreed)
    return agreement


def appointment_blockers(vacancy: Vacancy, referral: Referral | None, order_dated: date | None) -> list[Blocker]:
    """What keeps this appointment from being recorded, with the ground in the edition."""
    edition = vacancy.edition
    blockers = []
    if vacancy.appointments.filter(fell_through_at=None).exists():
        blockers.append(Blocker("На эту вакансию уже назначен руководитель."))
    if order_dated and order_dated > clock.today():
        blockers.append(Blocker("Дата приказа ещё не наступила.", field="order_dated"))
    if referral is None:
        if edition.value("only_from_reserve"):
            clause = edition.clause("only_from_reserve")
            blockers.append(Blocker(f"Назначить можно только из кадрового резерва ({clause}).", field="referral"))
        return blockers
    if referral.reservist.state != ReservistState.ACTIVE:
        blockers.append(Blocker("Назначить можно только действующего резервиста.", field="referral"))
    needed = ReferralState.AGREED if edition.value("agreement") else ReferralState.RECOMMENDED
    if referral.state != needed:
        clause = edition.clause("agreement")
        what = "согласован департаментом" if edition.value("agreement") else "рекомендован"
        blockers.append(Blocker(f"Этот резервист не {what} ({clause}).", field="referral"))
    return blockers


@transaction.atomic
def record_appointment(
    vacancy: Vacancy,
    *,
    referral: Referral | None,
    order_number: str,
    order_dated: date,
    actor: Any,
    person_name: str = "",
) -> Appointment:
    """Record the municipality's order: the reservist is appointed, or an outsider where the edition allows it.

    Of two appointments at once one wins, the other is told (GateShut).
    """
    vacancy = Vacancy.objects.select_for_update().get(pk=vacancy.pk)
    if referral is not None:
        referral.refresh_from_db()
        referral.reservist = Reservist.objects.select_for_update().get(pk=referral.reservist_id)
    require_open(appointment_blockers(vacancy, referral, order_dated))
    try:
        with transaction.atomic():
            appointment = Appointment.objects.create(
                vacancy=vacancy,
                referral=referral,
                person_name=referral.reservist.user.full_name if referral else person_name,
                from_reserve=referral is not None,
                order_number=order_number,
                order_dated=order_dated,
                recorded_by=actor,
            )
    except IntegrityError:
        raise GateShut([Blocker("На эту вакансию уже назначен руководитель.")]) from None
    VACANCY.apply(vacancy, "fill", actor=actor)
    if referral is not None:
        REFERRAL.apply(referral, "appoint", actor=actor)
        RESERVIST.apply(referral.reservist, "appoint", actor=actor)
        basis = f"приказ № {order_number} от {order_dated:%d.%m.%Y}"
        Reservist.objects.filter(pk=referral.reservist_id).update(ended_on=order_dated, end_basis=basis)
        send_letter(
            "vacancy.appointed",
            to=referral.reservist.user,
            key=f"vacancy.appointed:{appointment.pk}",
            values={"vacancy": str(vacancy), "order": basis},
            about=referral,
        )
    release_all(vacancy, actor=actor, reason="на вакансию назначен руководитель", but=referral)
    record_event("vacancies.appoint", appointment, actor=actor)
    return appointment


@transaction.atomic
def fall_through(appointment: Appointment, *, actor: Any, reason: str) -> None:
    """The appointment did not take place: the case is open again, the reservist back in the reserve."""
    appointment = Appointment.objects.select_for_update().get(pk=appointment.pk)
    blockers = []
    if appointment.fell_through_at is not None:
        blockers.append(Blocker("Это уже записано."))
    if not reason.strip():
        blockers.append(Blocker("Укажите, почему назначение не состоялось.", field="reason"))
    require_open(blockers)
    Appointment.objects.filter(pk=appointment.pk).update(fell_through_at=clock.now(), fell_through_reason=reason)
    VACANCY.apply(appointment.vacancy, "reopen", actor=actor, reason=reason)
    if appointment.referral is not None:
        REFERRAL.apply(appointment.referral, "release", actor=actor, reason=reason)
        RESERVIST.apply(appointment.referral.reservist, "reactivate", actor=actor, reason=reason)
        Reservist.objects.filter(pk=appointment.referral.reservist_id).update(ended_on=None, end_basis="")
    record_event("vacancies.fall_through", appointment, actor=actor, reason=reason)
