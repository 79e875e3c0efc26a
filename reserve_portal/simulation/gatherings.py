"""Events of the living example: held ones with their surveys, one with a waiting list (T6, T7)."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from reserve_portal.core import calendar, clock
from reservists.event_papers import certificate_of
from reservists.models import Event, Reservist
from reservists.services import events
from reservists.services.surveys import answer_survey

from .cast import Cast
from .story import at

HELD = (
    ("Управление качеством образования", date(2026, 7, 16)),
    ("Кадровая политика школы", date(2026, 8, 20)),
    ("Финансы и закупки для директора", date(2026, 9, 17)),
    ("Разговор с родителями: трудные случаи", date(2026, 10, 8)),
)
SCORES = (5, 4, 5, 3, 5, 4, 4)
WORDS = (
    "Много примеров из школ области, пригодится сразу.",
    "",
    "Хорошо бы разослать материалы заранее.",
    "Не хватило времени на вопросы.",
)
ONES_OWN = 1  # the reservist whom visitors play: the last survey still waits for an answer


def play_events(cast: Cast, *, after: date) -> None:
    """The year's events: the plan, registration, participation, surveys, a certificate, a line for a full one."""
    operator = cast["operator"]
    reserve = _one_of_each(Reservist.objects.order_by("rank", "pk"))
    with at(calendar.add_working_days(after, 3), 9):
        held = [_event(operator, name, day, (15, 17), place="Онлайн", places=40) for name, day in HELD]
        coming = _event(
            operator,
            "Школа молодого директора: очная сессия",
            date(2026, 11, 12),
            (10, 16),
            place="Институт, аудитория 210",
            places=8,
        )
        full = _event(
            operator,
            "Практикум: проверка надзора без страха",
            date(2026, 11, 5),
            (14, 17),
            place="Институт, аудитория 112",
            places=5,
        )
        events.publish_events_plan(2026, actor=operator)
    for number, event in enumerate(held):
        guests = [row for place, row in enumerate(reserve) if (place + number) % 4 or place < 3]
        _hold(event, guests, operator, last=event == held[-1])
    with at(date(2026, 10, 15), 18):
        for row in reserve[:5]:
            events.register_for_event(coming, participant=row, actor=row.user)
    for minute, row in enumerate(reserve[:8]):
        with at(date(2026, 10, 16), 9, minute):
            seat = events.register_for_event(full, participant=row, actor=row.user, may_wait=True)
            if not minute:
                first = seat
    with at(date(2026, 10, 19), 8, 30):
        events.refuse_event(first, actor=first.person, reason="В этот день педсовет.")


def _one_of_each(rows: Iterable[Reservist]) -> list[Reservist]:
    """A person in two groups has one place at an event."""
    return list({row.user_id: row for row in reversed(list(rows))}.values())[::-1]


def _event(operator: Any, name: str, day: date, hours: tuple[int, int], **fields: Any) -> Event:
    starts, ends = (clock.at(day, time(hour)) for hour in hours)
    return events.create_event(
        actor=operator, name=name, kind="planned", starts_at=starts, ends_at=ends, **fields
    )


def _hold(event: Event, guests: list[Reservist], operator: Any, *, last: bool) -> None:
    day = clock.local(event.starts_at).date()
    with at(calendar.subtract_working_days(day, 2), 9):
        for row in guests:
            events.register_for_event(event, participant=row, actor=row.user)
    with at(day, 17, 30):
        events.confirm_participation(event, participants=guests, actor=operator)
        events.mark_held(event, actor=operator)
    with at(day + timedelta(days=1), 20):
        for number, own in enumerate(event.participations.order_by("pk").select_related("reservist__user")):
            if number % 3 == 2 or (last and number == ONES_OWN):
                continue
            words = WORDS[number % len(WORDS)]
            answer_survey(own, score=SCORES[number % len(SCORES)], words=words, actor=own.person)
            if number == ONES_OWN:
                certificate_of(own, actor=own.person)
