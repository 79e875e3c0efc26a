"""Who leaves: own wish, dismissal, refusals, age, a red attestation; an operator looks, bodies decide (O6.1-6.3)."""

from datetime import date

from commissions.models import DecisionList
from commissions.services import send_list
from reserve_portal.core import calendar, clock
from reserve_portal.regulations.enums import Decision
from reservists.enums import SignalKind, SignalState
from reservists.models import ExclusionSignal, RegistryEdition, Reservist
from reservists.services import exclusion, signals

from ..year import Year
from . import bodies, reserve
from .towns import official_of

MONTHS_OF_LEAVING = (9, 11)
LOOKS_ON = (5, 20)  # days of the month on which the operator looks at the signals
PASSED_ON = (SignalKind.OWN_WISH, SignalKind.DISMISSED)
AT_LEAST = 2  # so many stay


def begin(year: Year) -> None:
    """Plan the own wishes of the year, a dismissal and the operator's looks at the signals."""
    for month in MONTHS_OF_LEAVING:
        year.plan(date(year.number, month, 9), 12, 0, wish_to_leave, year)
    year.plan(calendar.next_working_day(date(year.number, 8, 17)), 15, 0, tell_dismissal, year)
    for month in range(1, 13):
        for day in LOOKS_ON:
            year.plan(calendar.next_working_day(date(year.number, month, day)), 11, 30, look, year)


def _free(year: Year) -> list[Reservist]:
    """Active members who are not on the way to a post."""
    if not year.edition.chain_links.filter(decision=Decision.EXCLUSION).exists():
        return []
    reserve_now = Reservist.objects.active().select_related("user", "edition").order_by("pk")
    return [row for row in reserve_now if not row.referrals.engaged().exists()]


def wish_to_leave(year: Year) -> None:
    """Somebody applies to leave; where the edition has no such ground, the operator makes the list."""
    free = _free(year)
    if len(free) <= AT_LEAST:
        return
    member = year.dice("leaves the reserve", clock.today()).choice(free)
    if signals.ground_of(member.edition, SignalKind.OWN_WISH):
        if not signals.leaving_blockers(member, SignalKind.OWN_WISH):
            signals.apply_to_leave(member, reason="Переезжаю в другой регион.", actor=member.user)
            year.refused(
                "второе заявление о выходе",
                signals.apply_to_leave,
                member,
                reason="Переезжаю.",
                actor=member.user,
            )
        return
    leaving = exclusion.make_exclusion_list(
        member, ground=year.ground("exclusion"), words="Заявление получено.", actor=year.cast["operator"]
    )
    send_list(leaving, actor=year.cast["operator"])
    bodies.carry(year, leaving, then=lambda: _excluded(year, leaving))


def tell_dismissal(year: Year) -> None:
    """A municipality tells that a member was dismissed: a fact for the bodies, not an exclusion (O6.2)."""
    free = [row for row in _free(year) if row.municipality is not None]
    known = [row for row in free if not signals.leaving_blockers(row, SignalKind.DISMISSED)]
    if len(known) <= AT_LEAST:
        return
    member = year.dice("dismissed").choice(known)
    official, today = official_of(year, member.municipality), clock.today()
    fact = {"order_number": "112-к", "words": "По собственному желанию.", "actor": official}
    ahead = calendar.add_working_days(today, 1)
    year.refused("увольнение с датой впереди", signals.report_dismissal, member, dated=ahead, **fact)
    signals.report_dismissal(member, dated=today, **fact)
    year.refused("то же увольнение ещё раз", signals.report_dismissal, member, dated=today, **fact)


def look(year: Year) -> None:
    """The operator passes most signals on, some he or she dismisses with a reason."""
    free = {row.pk for row in _free(year)}
    waiting = ExclusionSignal.objects.filter(state=SignalState.OPEN, reservist__in=free)
    for signal in waiting.select_related("reservist__user", "reservist__edition", "ground").order_by("pk"):
        dice = year.dice("signal", signal.kind, signal.reservist.user.email)
        if len(free) <= AT_LEAST or (dice.random() < 0.3 and signal.kind not in PASSED_ON):
            signals.dismiss_signal(
                signal, reason="Причины уважительные, подтверждены.", actor=year.cast["operator"]
            )
            continue
        if _listed(signal.reservist):
            continue
        free.discard(signal.reservist_id)
        leaving = exclusion.send_signal(signal, actor=year.cast["operator"])
        year.refused(
            "второй список об одном исключении",
            exclusion.make_exclusion_list,
            signal.reservist,
            ground=signal.ground,
            words="",
            actor=year.cast["operator"],
        )
        bodies.carry(year, leaving, then=lambda leaving=leaving: _excluded(year, leaving))  # type: ignore[misc]


def _listed(member: Reservist) -> bool:
    waiting = DecisionList.objects.about(member).filter(decision=Decision.EXCLUSION)
    return waiting.exclude(state="decided").exists()


def _excluded(year: Year, leaving: DecisionList) -> None:
    if RegistryEdition.objects.filter(decision_list=leaving).exists():
        reserve.publish_registry_later(year, leaving)
