"""People who leave the reserve of the living example, in the regions whose edition has an attestation (O6.1-6.4)."""

from datetime import date, time

from reserve_portal.core import clock
from reserve_portal.regulations.models import Edition
from reservists.enums import EventState
from reservists.models import Event, Reservist
from reservists.services import events
from reservists.services.exclusion import send_signal
from reservists.services.ministry import lists_to_send, send_to_ministry
from reservists.services.signals import apply_to_leave, raise_signals

from .cast import Cast
from .story import at, carry_on

LEAVES_FROM = 9  # by the number of the place: the best ones have vacancies of their own to live through


def play_leaving(cast: Cast) -> None:
    """One has left by own wish through the whole chain, another one's two refusals wait on the operator's desk."""
    edition = Edition.objects.get(pk=cast.edition.pk)
    if not edition.value("attestation"):
        return
    reserve = list(Reservist.objects.active().select_related("user").order_by("rank", "pk")[LEAVES_FROM:])
    leaver = reserve[0]
    with at(date(2026, 9, 2), 12):
        signal = apply_to_leave(leaver, reason="Переезжаю в другой регион.", actor=leaver.user)
    with at(date(2026, 9, 3), 11):
        decision_list = send_signal(signal, actor=cast["operator"])
    carry_on(cast, decision_list, day=date(2026, 9, 3), before_order=_tell_ministry)
    _refusals(cast, reserve[1])


def _tell_ministry(cast: Cast, day: date) -> None:
    with at(day, 15):
        if lists_to_send().exists():
            send_to_ministry(actor=cast["operator"])


def _refusals(cast: Cast, reservist: Reservist) -> None:
    """Two refusals; the portal itself raises the signal."""
    with at(date(2026, 10, 16), 10):
        events.create_event(
            actor=cast["operator"],
            name="Тренинг управленческой команды",
            kind="planned",
            starts_at=clock.at(date(2026, 11, 19), time(10)),
            ends_at=clock.at(date(2026, 11, 19), time(16)),
            place="Институт, аудитория 105",
        )
    planned = Event.objects.filter(state=EventState.PLANNED).order_by("starts_at")
    ahead = [event for event in planned if not events.is_full(event)]
    for number, event in enumerate(ahead):
        with at(date(2026, 10, 19), 10, number):
            seat = events.register_for_event(event, participant=reservist, actor=reservist.user)
        with at(date(2026, 10, 19), 18, number):
            events.refuse_event(seat, actor=reservist.user, reason="Отчётный период в школе.")
    with at(date(2026, 10, 20), 6):
        raise_signals()
