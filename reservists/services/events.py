"""Events of the reserve: the yearly plan, registration, confirmed participation and its counter (T6, T7)."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from assessment.enums import RouteState
from assessment.models import LearningRoute
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.jobs import enqueue_job
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.services import edition_in_force

from ..enums import EventKind, EventState, ParticipationState, ReservistState
from ..models import Event, EventsPlan, Participation, Reservist
from ..rules import advantage_words
from ..workflow import EVENT, PARTICIPATION

Participant = Reservist | LearningRoute
LETTERS_AT_ONCE = 200
FIELDS = ("name", "description", "kind", "starts_at", "ends_at", "place", "places")
TAKES_A_PLACE = (ParticipationState.REGISTERED, ParticipationState.CONFIRMED)
GAVE_UP = (ParticipationState.REFUSED, ParticipationState.LEFT)  # may register again before the beginning


@transaction.atomic
def create_event(*, actor: Any, **fields: Any) -> Event:
    """Create an event from its FIELDS (`places` None: no limit); raises ValidationError for what breaks its rules."""
    event = Event(**fields)
    event.full_clean()
    event.save()
    EVENT.start(event, actor=actor, label="Мероприятие создано")
    record_event("reservists.create_event", event, actor=actor)
    return event


@transaction.atomic
def change_event(event: Event, *, actor: Any, **fields: Any) -> None:
    """Change an event that lies ahead; whoever is registered is told when its time or place changed.

    More places go to those who wait.
    Raises GateShut when it is over or fewer places are left than were taken; ValidationError as `create_event`.
    """
    event = Event.objects.select_for_update().get(pk=event.pk)
    blockers = []
    if event.state != EventState.PLANNED:
        blockers.append(Blocker("Мероприятие уже проведено или отменено."))
    places, taken = fields.get("places", event.places), taken_places(event)
    if places is not None and places < taken:
        blockers.append(Blocker(f"Уже записаны {taken} — мест не может быть меньше.", field="places"))
    require_open(blockers)
    changed = [name for name in FIELDS if name in fields and getattr(event, name) != fields[name]]
    for name in changed:
        setattr(event, name, fields[name])
    event.full_clean()
    event.save(update_fields=changed or None)
    deed = record_event("reservists.change_event", event, actor=actor, fields=changed)
    if "kind" in changed:
        Reservist.objects.filter(user__in=event.participations.values("reservist__user")).count_events()
    if {"starts_at", "ends_at", "place"} & set(changed):
        for participation in _expected(event):
            _write(participation, "event.changed", f"{participation.pk}:{deed.pk}", _facts(event))
    _fill_places(event)


@transaction.atomic
def cancel_event(event: Event, *, reason: str, actor: Any) -> None:
    """Cancel an event that lies ahead and tell everybody registered."""
    EVENT.apply(event, "cancel", actor=actor, reason=reason)
    record_event("reservists.cancel_event", event, actor=actor, reason=reason)
    for participation in _expected(event):
        values = {"event": event.name, "when": _when(event), "reason": reason}
        _write(participation, "event.cancelled", str(participation.pk), values)


@transaction.atomic
def mark_held(event: Event, *, actor: Any) -> None:
    """Note that an event took place. Raises GateShut before it has begun."""
    if event.starts_at > clock.now():
        require_open([Blocker("Мероприятие ещё не началось.")])
    EVENT.apply(event, "hold", actor=actor)
    record_event("reservists.mark_held", event, actor=actor)


@transaction.atomic
def publish_events_plan(year: int, *, actor: Any) -> EventsPlan:
    """Publish the plan of events of a year, tell every reservist by letter, close the limit (T6).

    Raises GateShut when it is published already or has no event in it. A large reserve is written to by a job.
    """
    EventsPlan.objects.get_or_create(year=year)
    plan = EventsPlan.objects.select_for_update().get(year=year)
    blockers = []
    if plan.published_on:
        blockers.append(Blocker(f"План на {year} год уже опубликован."))
    if not plan_events(year).exists():
        blockers.append(Blocker(f"На {year} год не внесено ни одного мероприятия."))
    require_open(blockers)
    plan.published_on = clock.today()
    plan.save(update_fields=["published_on"])
    edition = edition_in_force()
    event_happened("events_plan.published", edition, edition=edition, on=plan.published_on)
    record_event("reservists.publish_events_plan", plan, actor=actor)
    if Reservist.objects.active().count() <= LETTERS_AT_ONCE:
        write_plan_letters(plan)
    else:
        enqueue_job(
            "reservists.plan_letters",
            key=f"plan-letters:{plan.pk}",
            title=f"Письма резервистам: {plan}",
            params={"plan": plan.pk},
            actor=actor,
        )
    return plan


def plan_events(year: int) -> Any:
    """Events of the plan of a year (queryset), in their order; cancelled ones are not part of it."""
    return Event.objects.filter(starts_at__year=year).exclude(state=EventState.CANCELLED)


def write_plan_letters(plan: EventsPlan, after: int = 0, limit: int | None = None) -> int:
    """Write to active reservists with an id above `after`, at most `limit`; returns the last id (0: nobody is left).

    May run twice: letters have a stable key.
    """
    ahead = plan_events(plan.year).filter(starts_at__gte=clock.now()).first()
    values = {
        "year": plan.year,
        "count": plan_events(plan.year).count(),
        "next": f"{ahead.name}, {_when(ahead)}" if ahead else "все уже прошли",
        "address": settings.SITE_URL + reverse("reservists:plan", args=[plan.year]),
    }
    last = 0
    for reservist in (
        Reservist.objects.active().filter(pk__gt=after).select_related("user").order_by("pk")[:limit]
    ):
        key = f"events_plan.published:{plan.year}:{reservist.user_id}"
        send_letter("events_plan.published", to=reservist.user, key=key, values=values, about=plan)
        last = reservist.pk
    return last


def taken_places(event: Event) -> int:
    """How many places are taken."""
    return event.participations.filter(state__in=TAKES_A_PLACE).count()


def registered_places(event: Event) -> list[Participation]:
    """Who has a place, confirmed or not, by name."""
    rows = _with_people(event.participations.filter(state__in=TAKES_A_PLACE))
    return sorted(rows, key=lambda item: item.person.full_name)


def waiting_places(event: Event) -> list[Participation]:
    """Who waits for a place, the next in line first."""
    return list(_line(event))


def registration_blockers(
    event: Event, participant: Participant | None, *, may_wait: bool = False
) -> list[Blocker]:
    """What keeps a reservist, or a guest on a learning route (T5), from registering for the event.

    With `may_wait` a full event is no obstacle: there is the waiting list.
    """
    if participant is None or not _belongs(participant):
        return [Blocker("Записаться может тот, кто состоит в резерве.")]
    if event.state != EventState.PLANNED:
        return [Blocker("Запись на это мероприятие закрыта.")]
    if event.starts_at <= clock.now():
        return [Blocker("Мероприятие уже началось: записаться можно было до его начала.")]
    own = place_of(event, participant)
    if own is not None and own.state == ParticipationState.WAITING:
        return [Blocker("Вы уже в листе ожидания.")]
    if own is not None and own.state not in GAVE_UP:
        return [Blocker("Вы уже записаны.")]
    if not may_wait and is_full(event):
        return [Blocker("Свободных мест не осталось.")]
    return []


def is_full(event: Event) -> bool:
    """Whether every place is taken."""
    return event.places is not None and taken_places(event) >= event.places


def place_of(event: Event, participant: Participant) -> Participation | None:
    """The place of a participant at an event, whatever its state; a person in two groups has one."""
    if isinstance(participant, Reservist):
        return event.participations.filter(reservist__user=participant.user_id).first()
    return event.participations.filter(route=participant).first()


def _belongs(participant: Participant) -> bool:
    if isinstance(participant, Reservist):
        return participant.state == ReservistState.ACTIVE
    return participant.state == RouteState.SENT and participant.possible_from > clock.today()


def _as_key(participant: Participant) -> dict[str, Any]:
    return {"reservist" if isinstance(participant, Reservist) else "route": participant}


@transaction.atomic
def register_for_event(
    event: Event, *, participant: Participant, actor: Any, may_wait: bool = False
) -> Participation:
    """Register a reservist or a guest; the event's row is locked, so the last place is given once (T5, T6).

    With `may_wait`, who finds no place joins the waiting list instead. Raises GateShut with `registration_blockers`.
    """
    event = Event.objects.select_for_update().get(pk=event.pk)
    require_open(registration_blockers(event, participant, may_wait=may_wait))
    waits = is_full(event)
    participation = place_of(event, participant)
    if participation is None:
        label = "Подана заявка на участие" if waits else "Записан на мероприятие"
        participation = _start(event, participant, actor, label)
        if waits:
            PARTICIPATION.apply(participation, "wait", actor=actor)
    else:
        PARTICIPATION.apply(participation, "wait" if waits else "register_again", actor=actor)
        _touch(participation, reason="")
    deed = record_event(
        "reservists.join_waiting_list" if waits else "reservists.register_for_event",
        participation,
        actor=actor,
        person=participation.person,
    )
    kind = "event.waiting" if waits else "event.registered"
    facts = _facts(event)
    if waits:
        facts["number"] = event.participations.filter(state=ParticipationState.WAITING).count()
    _write(participation, kind, f"{participation.pk}:{deed.pk}", facts)
    return participation


@transaction.atomic
def refuse_event(participation: Participation, *, actor: Any, reason: str) -> None:
    """A registered reservist refuses before the event begins; the reason is kept, the next in line gets the place.

    Raises GateShut without a reason or when the event has begun.
    """
    event = Event.objects.select_for_update().get(pk=participation.event_id)
    blockers = []
    if not reason.strip():
        blockers.append(Blocker("Укажите причину отказа.", field="reason"))
    if event.starts_at <= clock.now():
        blockers.append(Blocker("Мероприятие уже началось: отказаться можно было до его начала."))
    require_open(blockers)
    PARTICIPATION.apply(participation, "refuse", actor=actor, reason=reason)
    _touch(participation, reason=reason)
    record_event("reservists.refuse_event", participation, actor=actor, person=participation.person)
    _fill_places(event)


@transaction.atomic
def leave_waiting_list(participation: Participation, *, actor: Any) -> None:
    """Wait no longer: nobody promised to come, so it needs no reason and is no refusal (O6.2)."""
    Event.objects.select_for_update().get(pk=participation.event_id)
    PARTICIPATION.apply(participation, "leave_queue", actor=actor)
    _touch(participation)
    record_event("reservists.leave_waiting_list", participation, actor=actor, person=participation.person)


@transaction.atomic
def give_up_places(reservist: Reservist, *, reason: str, actor: Any) -> None:
    """Who leaves the reserve loses the places ahead to those who wait; who stays in another group keeps them."""
    other = Reservist.objects.active().filter(user=reservist.user_id).exclude(pk=reservist.pk).first()
    ahead = reservist.participations.filter(
        state__in=[ParticipationState.REGISTERED, ParticipationState.WAITING],
        event__starts_at__gt=clock.now(),
    )
    if other is not None:
        ahead.update(reservist=other)
        return
    for participation in ahead.order_by("event"):  # locks of several events are taken in one order
        event = Event.objects.select_for_update().get(pk=participation.event_id)
        participation.refresh_from_db(fields=["state"])  # may have moved up before the lock
        waits = participation.state == ParticipationState.WAITING
        PARTICIPATION.apply(participation, "leave_queue" if waits else "refuse", actor=actor, reason=reason)
        _touch(participation, reason=reason)
        _fill_places(event)


@transaction.atomic
def confirm_participation(event: Event, *, participants: Iterable[Participant], actor: Any) -> int:
    """Confirm that these people took part, registered before or not; returns how many were confirmed now (T7).

    Raises GateShut before the event has begun or after it was cancelled. Confirming twice changes nothing.
    """
    event = _begun(event)
    confirmed = 0
    for participant in participants:
        own = place_of(event, participant)
        if own is None:
            own = _start(event, participant, actor, "Внесён по списку участников")
        elif own.state in GAVE_UP:
            PARTICIPATION.apply(own, "register_again", actor=actor)
        elif own.state == ParticipationState.CONFIRMED:
            continue
        PARTICIPATION.apply(own, "confirm", actor=actor)
        _touch(own, reason="", confirmed_by=actor)
        deed = record_event("reservists.confirm_participation", own, actor=actor, person=own.person)
        counter = counter_words(participant) if isinstance(participant, Reservist) else ""
        values = {**_facts(event), "counter": counter or "Спасибо за участие!"}
        _write(own, "event.confirmed", f"{own.pk}:{deed.pk}", values)
        confirmed += 1
    return confirmed


@transaction.atomic
def mark_absent(event: Event, *, participants: Iterable[Participant], actor: Any) -> int:
    """Note that registered people did not come (or take a wrong confirmation back); returns how many."""
    event = _begun(event)
    marked = 0
    for participant in participants:
        own = place_of(event, participant)
        if own is None or own.state not in TAKES_A_PLACE:
            continue
        PARTICIPATION.apply(own, "absent", actor=actor)
        _touch(own, confirmed_by=None)
        record_event("reservists.mark_absent", own, actor=actor, person=own.person)
        marked += 1
    return marked


def confirmed_events(reservist: Reservist) -> int:
    """Planned regional events since the inclusion in which the person's participation is confirmed (T7)."""
    return Participation.objects.filter(
        reservist__user=reservist.user_id,
        state=ParticipationState.CONFIRMED,
        event__kind=EventKind.PLANNED,
        event__starts_at__date__gte=reservist.included_on,
    ).count()


def counter_words(reservist: Reservist, count: int | None = None) -> str:
    """The counter for people, «2 из 3 — ещё одно мероприятие…»; empty where events give no advantage (T7)."""
    edition = reservist.edition
    if edition.value("advantage") != "events":
        return ""
    return advantage_words(
        confirmed_events(reservist) if count is None else count, edition.value("advantage_events")
    )


def _begun(event: Event) -> Event:
    event = Event.objects.select_for_update().get(pk=event.pk)
    blockers = []
    if event.state == EventState.CANCELLED:
        blockers.append(Blocker("Мероприятие отменено."))
    if event.starts_at > clock.now():
        blockers.append(Blocker("Отмечать участие можно с начала мероприятия."))
    require_open(blockers)
    return event


def _start(event: Event, participant: Participant, actor: Any, label: str) -> Participation:
    participation = Participation.objects.create(
        event=event, state=ParticipationState.REGISTERED, **_as_key(participant)
    )
    PARTICIPATION.start(participation, actor=actor, label=label)
    return participation


def _touch(participation: Participation, **fields: Any) -> None:
    """Store what goes with a change of state."""
    participation.changed_at = clock.now()
    for name, value in fields.items():
        setattr(participation, name, value)
    participation.save(update_fields=["changed_at", *fields])


def _expected(event: Event) -> Iterable[Participation]:
    """Who is registered or waits for a place."""
    states = [ParticipationState.REGISTERED, ParticipationState.WAITING]
    return _with_people(event.participations.filter(state__in=states))


def _line(event: Event) -> Iterable[Participation]:
    waiting = event.participations.filter(state=ParticipationState.WAITING).order_by("changed_at", "pk")
    return _with_people(waiting)


def _with_people(rows: Any) -> Any:
    return rows.select_related(
        "reservist__user", "reservist__municipality", "route__track__application__user", "event"
    )


def _fill_places(event: Event) -> None:
    """Give free places of a locked event to those who wait, the first in line first, with a letter."""
    if event.state != EventState.PLANNED or event.starts_at <= clock.now():
        return
    line = [item for item in _line(event) if _belongs(item.participant)]
    free = len(line) if event.places is None else event.places - taken_places(event)
    for participation in line[: max(0, free)]:
        PARTICIPATION.apply(participation, "move_up", actor=None)
        _touch(participation)
        deed = record_event(
            "reservists.move_up_in_line", participation, actor=None, person=participation.person
        )
        _write(participation, "event.moved_up", f"{participation.pk}:{deed.pk}", _facts(event))


def _write(participation: Participation, kind: str, key: str, values: dict[str, Any]) -> None:
    person = participation.person
    send_letter(kind, to=person, key=f"{kind}:{key}", values=values, about=participation.event)


def _facts(event: Event) -> dict[str, Any]:
    address = settings.SITE_URL + reverse("reservists:event", args=[event.pk])
    return {"event": event.name, "when": _when(event), "place": event.place, "address": address}


def _when(event: Event) -> str:
    return f"{clock.local(event.starts_at):%d.%m.%Y в %H:%M}"
