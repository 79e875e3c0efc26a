"""Life in the reserve: the registry and its publication, the plan of events, participation."""

from datetime import date, time
from typing import Any

from assessment.models import LearningRoute
from commissions.models import DecisionList
from reserve_portal.core import calendar, clock
from reservists.event_papers import certificate_of
from reservists.models import Event, RegistryEdition, Reservist
from reservists.models.events import person_of
from reservists.services import events, registry, surveys

from ..year import Year

EVENTS = (
    "Управление качеством образования", "Кадровая политика школы", "Финансы и закупки для директора",
    "Разговор с родителями: трудные случаи", "Школа молодого директора", "Безопасность школы",
    "Воспитательная работа", "Цифровая школа", "Инклюзия: опыт региона", "Право для директора", "Итоги года",
)  # fmt: skip
GUESTS = 0.4  # part of those on a learning route who come to an event
QUEUE = 0.3  # part of those without a place who join the waiting list
ANSWERS = 0.2  # part of the participants who answer the survey
CERTIFICATES = 0.05
REFUSALS = ("Командировка.", "Болезнь.", "Совпадает с экзаменами.")


def begin(year: Year) -> None:
    """Plan the year's events, the publication of their plan."""
    year.plan(calendar.add_working_days(year.first_day, 8), 12, 0, _make_events, year)
    late = year.dice("plan").random() < 0.4
    year.plan(date(year.number, 9, 4) if late else date(year.number, 8, 25), 12, 0, _publish_plan, year)


def _make_events(year: Year) -> None:
    """One event a month but January."""
    for month, name in enumerate(EVENTS, start=2):
        day = calendar.next_working_day(date(year.number, month, 14))
        event = events.create_event(
            actor=year.cast["operator"],
            name=name,
            kind="other" if month % 5 == 0 else "planned",
            starts_at=clock.at(day, time(15)),
            ends_at=clock.at(day, time(17)),
            place="Онлайн",
            places=25 if month % 4 == 0 else None,
        )
        year.plan(calendar.subtract_working_days(day, 6), 10, 0, _register, year, event)
        year.plan(calendar.subtract_working_days(day, 2), 20, 0, _refuse, year, event)
        year.plan(day, 17, 30, _confirm, year, event)
        year.plan(calendar.add_working_days(day, 2), 20, 0, _answer, year, event)


def _publish_plan(year: Year) -> None:
    events.publish_events_plan(year.number, actor=year.cast["operator"])


def _register(year: Year, event: Event) -> None:
    came: set[int] = set()
    for reservist in Reservist.objects.active().select_related("user").order_by("pk"):
        if reservist.user_id in came:  # in two groups, yet with one place
            continue
        came.add(reservist.user_id)
        if year.dice("event", event.name, reservist.user.email).random() < 0.6:
            seat: dict[str, Any] = {"participant": reservist, "actor": reservist.user}
            if events.registration_blockers(event, reservist):
                year.refused("запись без свободного места", events.register_for_event, event, **seat)
                if year.dice("waits", event.name, reservist.user.email).random() < QUEUE:
                    events.register_for_event(event, **seat, may_wait=True)
            else:
                events.register_for_event(event, **seat)
    _register_guests(year, event)


def _register_guests(year: Year, event: Event) -> None:
    """Whoever is on a learning route may come too, until inclusion is possible again (T5)."""
    routes = LearningRoute.objects.filter(state="sent").select_related("track__application__user")
    for route in routes.order_by("pk"):
        person = route.track.application.user
        if year.dice("event", event.name, person.email).random() >= GUESTS:
            continue
        if not events.registration_blockers(event, route, may_wait=True):
            events.register_for_event(event, participant=route, actor=person, may_wait=True)


def _people_of(event: Event, state: str) -> Any:
    """Reservists and guests of an event in this state, in the order of their entry."""
    rows = event.participations.filter(state=state).order_by("pk")
    return rows.select_related("reservist__user", "route__track__application__user")


def _refuse(year: Year, event: Event) -> None:
    for own in _people_of(event, "registered"):
        dice = year.dice("refuses", event.name, own.person.email)
        if dice.random() < 0.1:
            events.refuse_event(own, actor=own.person, reason=dice.choice(REFUSALS))


def _confirm(year: Year, event: Event) -> None:
    operator = year.cast["operator"]
    people = [own.participant for own in _people_of(event, "registered")]
    absent = [item for item in people if year.dice("away", event.name, person_of(item).email).random() < 0.1]
    events.confirm_participation(
        event, participants=[item for item in people if item not in absent], actor=operator
    )
    events.mark_absent(event, participants=absent, actor=operator)
    events.mark_held(event, actor=operator)


def _answer(year: Year, event: Event) -> None:
    """Some answer the survey, few want the certificate; whoever answers twice is refused."""
    for own in _people_of(event, "confirmed"):
        dice = year.dice("survey", event.name, own.person.email)
        if dice.random() < ANSWERS:
            score = dice.choices((5, 4, 3, 2, 1), (40, 35, 15, 7, 3))[0]
            surveys.answer_survey(own, score=score, words="", actor=own.person)
            if dice.random() < 0.05:
                again = {"score": score, "words": "", "actor": own.person}
                year.refused("второй отзыв", surveys.answer_survey, own, **again)
        if dice.random() < CERTIFICATES:
            certificate_of(own, actor=own.person)


def issue_registry_later(year: Year, decision_list: DecisionList) -> None:
    """The papers of the registry's new edition, and its publication where the rules let it be public (T4, O8.3)."""
    edition = RegistryEdition.objects.get(decision_list=decision_list)
    year.soon(1, _issue, year, edition, hour=15)
    publish_registry_later(year, decision_list)


def publish_registry_later(year: Year, decision_list: DecisionList) -> None:
    """The list alone is renewed: an exclusion is soon followed by others, its edition is not worth the paper."""
    edition = RegistryEdition.objects.get(decision_list=decision_list)
    days = year.dice("publication", edition.number).choices((2, 3, 6, 9), (50, 25, 15, 10))[0]
    year.soon(days, _publish, year, edition, hour=16)


def _issue(year: Year, edition: RegistryEdition) -> None:
    registry.issue_registry(edition, actor=year.cast["operator"])


def _publish(year: Year, edition: RegistryEdition) -> None:
    operator = year.cast["operator"]
    if not edition.edition.value("public_list"):
        year.refused("публикация закрытого списка", registry.publish_registry, edition, actor=operator)
    elif not RegistryEdition.objects.filter(number__gt=edition.number, state="published").exists():
        registry.publish_registry(edition, actor=operator)
