"""Agreement of the department and the municipality's appointment (T9, O7.3)."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.deadlines import cancel_deadlines
from reservists.enums import ReservistState
from reservists.models import Reservist
from reservists.services.development import pause_development, resume_development
from reservists.workflow import RESERVIST

from ..enums import ReferralState
from ..models import Agreement, Appointment, Referral, Vacancy
from ..workflow import REFERRAL, VACANCY
from .cases import withdraw_lists
from .heads import install_head, remove_head
from .locks import lock_people, lock_person, lock_referral, lock_vacancy
from .referrals import release_all
from .succession import ask_for_order, go_on, keep_reserve, recall_reserve, reserve_people


@transaction.atomic
def decide_agreement(
    referral: Referral, *, agreed: bool, number: str, dated: date, reason: str = "", actor: Any
) -> Agreement:
    """Record the department's answer about a recommended nominee (T9); a refusal needs its reason.

    Agreed: the vacancy waits for the appointment. Refused: the nominee is released; the next one recommended may be
    agreed, without one matching goes on.
    """
    fresh = lock_referral(referral)
    blockers = agreement_blockers(fresh, agreed)
    if dated > clock.today():
        blockers.append(Blocker("Дата письма ещё не наступила.", field="dated"))
    if not agreed and not reason.strip():
        blockers.append(Blocker("Отказ в согласовании нуждается в причине.", field="reason"))
    require_open(blockers)
    vacancy = fresh.vacancy
    agreement = Agreement.objects.create(
        referral=referral, agreed=agreed, number=number, dated=dated, reason=reason, decided_by=actor
    )
    if agreed:
        REFERRAL.apply(referral, "agree", actor=actor)
        VACANCY.apply(vacancy, "agree", actor=actor)
        ask_for_order(referral)
    else:
        REFERRAL.apply(referral, "release", actor=actor, reason=f"не согласовано: {reason}")
        go_on(vacancy, actor=actor, reason=f"не согласовано: {reason}")
    send_letter(
        "vacancy.agreed" if agreed else "vacancy.not_agreed",
        to=referral.reservist.user,
        key=f"vacancy.agreement:{agreement.pk}",
        values={
            "vacancy": str(vacancy),
            "number": number,
            "dated": f"{dated:%d.%m.%Y}",
            "reason": reason or "—",
        },
        about=referral,
    )
    record_event("vacancies.decide_agreement", agreement, actor=actor, agreed=agreed)
    return agreement


def agreement_blockers(referral: Referral, agreed: bool) -> list[Blocker]:
    """What keeps the department's answer about this nominee from being recorded (T9)."""
    edition = referral.vacancy.edition
    blockers = []
    if not edition.value("agreement"):
        blockers.append(Blocker("Порядок не требует согласования назначения."))
    if referral.state != ReferralState.RECOMMENDED:
        blockers.append(Blocker("Согласовывают того, кого рекомендовала комиссия и о ком ещё не решено."))
    elif agreed and referral.reservist.state != ReservistState.ACTIVE:
        clause = edition.clause("only_from_reserve")
        blockers.append(Blocker(f"Согласовать можно только действующего резервиста ({clause})."))
    if agreed and referral.vacancy.referrals.filter(state=ReferralState.AGREED).exists():
        blockers.append(Blocker("На эту вакансию уже согласован другой человек."))
    return blockers


def appointment_blockers(
    vacancy: Vacancy, referral: Referral | None, order_dated: date | None
) -> list[Blocker]:
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
            blockers.append(
                Blocker(f"Назначить можно только из кадрового резерва ({clause}).", field="referral")
            )
        return blockers
    if referral.vacancy_id != vacancy.pk:
        return [*blockers, Blocker("Этого человека представляли на другую вакансию.", field="referral")]
    if referral.reservist.state != ReservistState.ACTIVE:
        blockers.append(Blocker("Назначить можно только действующего резервиста.", field="referral"))
    needed = ReferralState.AGREED if edition.value("agreement") else ReferralState.RECOMMENDED
    if referral.state != needed:
        clause = edition.clause("agreement")
        what = "согласован департаментом" if edition.value("agreement") else "рекомендован"
        blockers.append(Blocker(f"Этот резервист не {what} ({clause}).", field="referral"))
    agreement = Agreement.objects.filter(referral=referral).first()
    if agreement and order_dated and order_dated < agreement.dated:
        text = f"Приказ не может быть раньше согласования ({agreement.dated:%d.%m.%Y})."
        blockers.append(Blocker(text, field="order_dated"))
    return blockers


@transaction.atomic
def record_appointment(
    vacancy: Vacancy,
    *,
    order_number: str,
    order_dated: date,
    actor: Any,
    referral: Referral | None = None,
    person_name: str = "",
    contract_until: date | None = None,
) -> Appointment:
    """Record the municipality's order: the reservist is appointed, or an outsider where the edition allows it.

    Others recommended keep a reserve place; whoever else was asked or presented is free again.
    `contract_until` is the end of the new head's contract, for the forecast of vacancies.
    Of two appointments at once one wins, the other is told (GateShut).
    """
    vacancy = lock_vacancy(vacancy.pk)
    if referral is not None:
        lock_person(referral.reservist.user_id)
        referral = Referral.objects.select_related("reservist__user").get(pk=referral.pk)
    blockers = appointment_blockers(vacancy, referral, order_dated)
    if contract_until and order_dated and contract_until <= order_dated:
        blockers.append(Blocker("Договор кончается позже, чем издан приказ.", field="contract_until"))
    if referral is None and not person_name.strip():
        blockers.append(Blocker("Укажите, кто назначен.", field="person_name"))
    require_open(blockers)
    VACANCY.apply(vacancy, "fill", actor=actor)
    try:
        with transaction.atomic():
            appointment = Appointment.objects.create(
                vacancy=vacancy,
                referral=referral,
                person_name=referral.reservist.user.full_name if referral else person_name.strip(),
                from_reserve=referral is not None,
                order_number=order_number,
                order_dated=order_dated,
                recorded_by=actor,
            )
    except IntegrityError:
        raise GateShut([Blocker("На эту вакансию уже назначен руководитель.")]) from None
    if referral is not None:
        _appoint(appointment, referral, actor)
    keep_reserve(appointment, actor=actor)
    release_all(vacancy, actor=actor, reason="на вакансию назначен руководитель", but=referral)
    withdraw_lists(vacancy, actor=actor, reason="на вакансию назначен руководитель")
    cancel_deadlines(vacancy)
    install_head(appointment, contract_until=contract_until, actor=actor)
    record_event("vacancies.appoint", appointment, actor=actor)
    return appointment


@transaction.atomic
def fall_through(appointment: Appointment, *, actor: Any, reason: str) -> None:
    """The appointment did not take place: the case is open again, the reservist back in the reserve.

    Who holds a reserve place is recommended again and may be appointed by the edition's rule; without such a person
    matching begins anew.
    """
    vacancy = lock_vacancy(appointment.vacancy_id)
    appointment = Appointment.objects.select_related("referral__reservist").get(pk=appointment.pk)
    appointment.vacancy = vacancy
    people = reserve_people(vacancy)
    if appointment.referral is not None:
        people.append(appointment.referral.reservist.user_id)
    lock_people(people)
    blockers = []
    if appointment.fell_through_at is not None:
        blockers.append(Blocker("Это уже записано."))
    if not reason.strip():
        blockers.append(Blocker("Укажите, почему назначение не состоялось.", field="reason"))
    require_open(blockers)
    Appointment.objects.filter(pk=appointment.pk).update(
        fell_through_at=clock.now(), fell_through_reason=reason
    )
    remove_head(appointment, actor=actor)
    if appointment.referral is not None:
        REFERRAL.apply(appointment.referral, "release", actor=actor, reason=reason)
        reservist = Reservist.objects.get(pk=appointment.referral.reservist_id)
        if RESERVIST.is_open(
            reservist, "reactivate"
        ):  # excluded meanwhile: the case opens, the person stays out
            RESERVIST.apply(reservist, "reactivate", actor=actor, reason=reason)
            Reservist.objects.filter(pk=reservist.pk).update(ended_on=None, end_basis="")
            resume_development(reservist)
    recall_reserve(appointment, actor=actor)
    go_on(vacancy, actor=actor, reason=reason)
    record_event("vacancies.fall_through", appointment, actor=actor, reason=reason)


def _appoint(appointment: Appointment, referral: Referral, actor: Any) -> None:
    """The reservist of an appointment becomes «appointed» and is told."""
    REFERRAL.apply(referral, "appoint", actor=actor)
    RESERVIST.apply(referral.reservist, "appoint", actor=actor)
    pause_development(referral.reservist)
    basis = f"приказ № {appointment.order_number} от {appointment.order_dated:%d.%m.%Y}"
    Reservist.objects.filter(pk=referral.reservist_id).update(
        ended_on=appointment.order_dated, end_basis=basis
    )
    send_letter(
        "vacancy.appointed",
        to=referral.reservist.user,
        key=f"vacancy.appointed:{appointment.pk}",
        values={"vacancy": str(appointment.vacancy), "order": basis},
        about=referral,
    )
