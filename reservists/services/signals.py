"""Signals for an exclusion: raised from facts, looked at by an operator, decided by a body (O6.1, O6.2)."""

from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Count

from commissions.enums import ListState
from commissions.models import DecisionList
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.calendar import plus_months
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.words import plural
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import GroundKind
from reserve_portal.regulations.models import Edition, Ground

from ..enums import SIGNAL_GROUNDS, ParticipationState, ReservistState, SignalKind, SignalState
from ..models import ExclusionSignal, Participation, Reservist
from ..rules import birthday_of
from ..workflow import RESERVIST, SIGNAL


def ground_of(edition: Edition, kind: str) -> Ground | None:
    """The edition's ground behind a kind of signal; None where it knows none (O6.2)."""
    code = SIGNAL_GROUNDS[SignalKind(kind)]
    return edition.grounds.filter(kind=GroundKind.EXCLUSION, code=code).first()


@transaction.atomic
def raise_signal(
    reservist: Reservist, kind: str, *, facts: str, fact_at: datetime, actor: Any
) -> ExclusionSignal | None:
    """Raise a signal from facts, the newest of which is of `fact_at`; told twice, it is raised once.

    None where the edition has no such ground, one is open already, or nothing is new since an earlier one.
    """
    reservist = (
        Reservist.objects.select_for_update(of=("self",))
        .select_related("user", "edition")
        .get(pk=reservist.pk)
    )
    ground = ground_of(reservist.edition, kind)
    if ground is None or not RESERVIST.is_open(reservist, "exclude"):
        return None
    earlier = ExclusionSignal.objects.filter(reservist=reservist, ground=ground)
    if earlier.filter(state=SignalState.OPEN).exists() or earlier.filter(fact_at__gte=fact_at).exists():
        return None
    signal = ExclusionSignal.objects.create(
        reservist=reservist,
        ground=ground,
        kind=kind,
        facts=facts,
        fact_at=fact_at,
        raised_by=actor,
    )
    SIGNAL.start(signal, actor=actor, label="Сигнал появился")
    record_event("reservists.raise_signal", signal, actor=actor, person=reservist.user, kind=str(kind))
    return signal


def raise_signals() -> int:
    """Raise what the facts of this day ask for, under each edition people are members by; returns how many.

    Runs daily; run twice or late it does the right thing once.
    """
    active = Reservist.objects.active().order_by().values("edition")
    editions = Edition.objects.filter(pk__in=active)
    return sum(_raise_by_age(edition) + _raise_by_refusals(edition) for edition in editions)


def _raise_by_age(edition: Edition) -> int:
    """Everybody who has reached the age, from the birthday itself on (O6.2)."""
    age = edition.value("exclusion_age")
    if not age or ground_of(edition, SignalKind.AGE) is None:
        return 0
    people = (
        Reservist.objects.active()
        .filter(edition=edition, user__profile__birth_date__lte=plus_months(clock.today(), -12 * age))
        .exclude(signals__kind=SignalKind.AGE)
        .select_related("user__profile")
    )
    raised = 0
    for reservist in people:
        born: Any = reservist.user.profile.birth_date
        day = birthday_of(born, age)
        words = f"{day:%d.%m.%Y} исполнилось {age} {plural(age, 'год', 'года', 'лет')}."
        raised += _count(reservist, SignalKind.AGE, words, clock.at(day, time(0)))
    return raised


def _raise_by_refusals(edition: Edition) -> int:
    """Everybody with so many refusals of events; both memberships of a person are concerned (O1.15, O6.2)."""
    needed = edition.value("exclusion_refusals")
    if not needed or ground_of(edition, SignalKind.REFUSALS) is None:
        return 0
    refusals = Participation.objects.filter(state=ParticipationState.REFUSED, route=None).exclude(
        reservist__state=ReservistState.EXCLUDED
    )
    often = refusals.order_by().values("reservist__user").annotate(count=Count("pk"))
    users = often.filter(count__gte=needed).values("reservist__user")
    told = ExclusionSignal.objects.filter(kind=SignalKind.REFUSALS, state=SignalState.OPEN).values(
        "reservist"
    )
    people = Reservist.objects.active().filter(edition=edition, user__in=users).exclude(pk__in=told)
    raised = 0
    for reservist in people.select_related("user"):
        own = (
            refusals.filter(reservist__user=reservist.user_id).select_related("event").order_by("changed_at")
        )
        rows = list(own)
        named = "; ".join(
            f"«{row.event}», {clock.local(row.changed_at):%d.%m.%Y} ({row.reason.rstrip('.')})"
            for row in rows
        )
        words = f"Отказов: {len(rows)}. {named}."
        raised += _count(reservist, SignalKind.REFUSALS, words, rows[-1].changed_at)
    return raised


def _count(reservist: Reservist, kind: str, facts: str, fact_at: datetime) -> int:
    return raise_signal(reservist, kind, facts=facts, fact_at=fact_at, actor=None) is not None


def leaving_blockers(reservist: Reservist, kind: str) -> list[Blocker]:
    """What keeps a person from applying to leave, or a dismissal from being told."""
    if not RESERVIST.is_open(reservist, "exclude"):
        return [Blocker("Этот человек уже не состоит в резерве.")]
    ground = ground_of(reservist.edition, kind)
    if ground is None:
        return [Blocker("Такого основания в порядке нет.")]
    if ExclusionSignal.objects.filter(reservist=reservist, ground=ground, state=SignalState.OPEN).exists():
        return [Blocker("Об этом уже сообщено: оператор рассматривает.")]
    waiting = DecisionList.objects.filter(exclusion_signal__reservist=reservist).exclude(
        state=ListState.DECIDED
    )
    if waiting.exists():
        return [Blocker("Вопрос об исключении уже передан органу.")]
    return []


def leaving_words(reservist: Reservist) -> str:
    """What has become of the person's own application to leave; empty where there is none running."""
    own = ExclusionSignal.objects.filter(reservist=reservist, kind=SignalKind.OWN_WISH)
    signal = (
        own.filter(state__in=[SignalState.OPEN, SignalState.SENT]).select_related("decision_list").first()
    )
    if signal is None or (signal.decision_list and signal.decision_list.state == ListState.DECIDED):
        return ""
    where = (
        "передано уполномоченному органу" if signal.state == SignalState.SENT else "рассматривает оператор"
    )
    return f"Вы подали заявление о выходе из резерва {clock.local(signal.raised_at):%d.%m.%Y}: {where}."


@transaction.atomic
def apply_to_leave(reservist: Reservist, *, reason: str, actor: Any) -> ExclusionSignal:
    """A reservist's own application to leave: a signal, not an exclusion (O6.2). Raises GateShut."""
    Reservist.objects.select_for_update().get(pk=reservist.pk)
    blockers = leaving_blockers(reservist, SignalKind.OWN_WISH)
    if not reason.strip():
        blockers.append(Blocker("Напишите, почему вы выходите.", field="reason"))
    require_open(blockers)
    words = f"Заявление от {clock.today():%d.%m.%Y}: {reason.strip()}"
    signal = raise_signal(reservist, SignalKind.OWN_WISH, facts=words, fact_at=clock.now(), actor=actor)
    assert signal is not None
    send_letter("reserve.leaving", to=reservist.user, key=f"reserve.leaving:{signal.pk}", about=reservist)
    return signal


@transaction.atomic
def report_dismissal(
    reservist: Reservist, *, dated: date, order_number: str, words: str, actor: Any
) -> ExclusionSignal:
    """A municipality tells that a reservist of its own was dismissed (O6.2). Raises GateShut."""
    Reservist.objects.select_for_update().get(pk=reservist.pk)
    blockers = leaving_blockers(reservist, SignalKind.DISMISSED)
    if dated > clock.today():
        blockers.append(Blocker("Дата увольнения ещё не наступила.", field="dated"))
    if not order_number.strip():
        blockers.append(Blocker("Укажите номер приказа.", field="order_number"))
    require_open(blockers)
    facts = f"Увольнение {dated:%d.%m.%Y}, приказ № {order_number.strip()}. {words.strip()}".strip()
    signal = raise_signal(reservist, SignalKind.DISMISSED, facts=facts, fact_at=clock.now(), actor=actor)
    assert signal is not None
    return signal


@transaction.atomic
def dismiss_signal(signal: ExclusionSignal, *, reason: str, actor: Any) -> None:
    """Dismiss a signal with a reason; the same facts raise no other. Who applied to leave is told why."""
    SIGNAL.apply(signal, "dismiss", actor=actor, reason=reason)
    user = signal.reservist.user
    record_event("reservists.dismiss_signal", signal, actor=actor, person=user, reason=reason)
    if signal.kind == SignalKind.OWN_WISH:
        send_letter(
            "reserve.leaving_dismissed",
            to=user,
            key=f"reserve.leaving_dismissed:{signal.pk}",
            values={"reason": reason.strip()},
            about=signal.reservist,
        )


def lapse_signals(reservist: Reservist) -> None:
    """The person has left the reserve: what was still open asks for nothing any more."""
    for signal in ExclusionSignal.objects.filter(reservist=reservist, state=SignalState.OPEN):
        SIGNAL.apply(signal, "lapse", actor=None)
