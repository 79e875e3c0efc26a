"""Nobody's name is shown without a consent; participation counts when it was confirmed."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count, F, Q

from candidates.enums import PublishedItem
from candidates.models import Consent
from reserve_portal.core import clock
from reserve_portal.regulations.enums import ConsentKind
from reservists.enums import EventKind, EventState, ParticipationState
from reservists.models import Event, Participation, RegistryEdition, Reservist
from reservists.services.registry import published_registry, shown_rows

from .registry import check


@check
def no_name_is_published_without_consent() -> Iterator[str]:
    """A published row carries a name only of who had agreed by then, the public page only of who still does (T4)."""
    consents: dict[int, list[Consent]] = {}
    for consent in Consent.objects.filter(text__kind=ConsentKind.DISSEMINATION):
        if PublishedItem.NAME not in consent.items:
            continue
        consents.setdefault(consent.user_id, []).append(consent)
    for registry in RegistryEdition.objects.exclude(published_at=None):
        for row in registry.lines_in_order():
            at: Any = registry.published_at
            agreed = any(
                item.given_at <= at and (item.withdrawn_at is None or item.withdrawn_at > at)
                for item in consents.get(row.user_id, [])
            )
            if row.published.get("name") and not agreed:
                yield f"{registry}: имя опубликовано без согласия, рег. № {row.cells['number']}."
    newest = published_registry()
    rows = [row for row in newest.lines_in_order() if row.published.get("name")] if newest else []
    shown = shown_rows(rows)
    names = {row.published["name"] for row in rows}
    in_force = {pk for pk, given in consents.items() if any(item.withdrawn_at is None for item in given)}
    allowed = {row.published["name"] for row in rows if row.user_id in in_force}
    for line in shown:
        if line["who"] in names - allowed:
            yield f"На сайте показано имя без согласия: {line['who']}."


@check
def confidential_lists_are_not_published() -> Iterator[str]:
    """Where the edition keeps the list confidential nothing is published (O8.3)."""
    for registry in RegistryEdition.objects.exclude(published_at=None).select_related("edition"):
        if not registry.edition.value("public_list"):
            yield f"{registry}: опубликована, хотя порядок этого не допускает."


@check
def participation_counts_when_confirmed() -> Iterator[str]:
    """A confirmed participation names who confirmed it and lies in an event that has begun (T7)."""
    confirmed = Participation.objects.filter(state=ParticipationState.CONFIRMED)
    wrong = confirmed.filter(Q(confirmed_by=None) | ~Q(event__state="held") & Q(event__state="cancelled"))
    for row in wrong.select_related("reservist__user", "event"):
        yield f"{row}: участие засчитано, но не подтверждено как следует."


@check
def counted_events_are_the_confirmed_ones() -> Iterator[str]:
    """The number kept beside a reservist is that of the person's planned events confirmed since the inclusion (T7)."""
    planned = Participation.objects.filter(state=ParticipationState.CONFIRMED, event__kind=EventKind.PLANNED)
    days: defaultdict[int, list[date]] = defaultdict(list)
    for user, starts_at in planned.exclude(reservist=None).values_list("reservist__user", "event__starts_at"):
        days[user].append(clock.local(starts_at).date())
    for row in Reservist.objects.select_related("user").only("planned_events", "included_on", "user"):
        counted = sum(day >= row.included_on for day in days[row.user_id])
        if row.planned_events != counted:
            yield f"{row}: записано мероприятий {row.planned_events}, а подтверждено {counted}."


@check
def a_person_has_one_place_at_an_event() -> Iterator[str]:
    """Whoever is in two groups takes one place (T6)."""
    taken = Participation.objects.filter(
        state__in=(ParticipationState.REGISTERED, ParticipationState.CONFIRMED)
    )
    doubled = taken.exclude(reservist=None).values("event", "reservist__user").annotate(places=Count("pk"))
    for row in doubled.filter(places__gt=1):
        yield f"Мероприятие {row['event']}: у человека {row['reservist__user']} мест: {row['places']}."


@check
def events_hold_no_more_than_their_places() -> Iterator[str]:
    """Ahead of an event no more people are registered than it has places (T6)."""
    registered = Count("participations", filter=Q(participations__state=ParticipationState.REGISTERED))
    ahead = Event.objects.filter(state=EventState.PLANNED, starts_at__gt=clock.now()).exclude(places=None)
    for event in ahead.annotate(registered=registered).filter(registered__gt=F("places")):
        yield f"{event}: записаны {event.registered}, а мест {event.places}."


@check
def every_answer_has_its_participant() -> Iterator[str]:
    """As many answers to a survey as participants who answered: none twice, none by a stranger (O7.3)."""
    answered = dict(
        Participation.objects.filter(answered=True).order_by().values_list("event").annotate(Count("pk"))
    )
    for event in Event.objects.annotate(given=Count("answers")):
        if event.given != answered.get(event.pk, 0):
            yield f"{event}: отзывов {event.given}, а ответивших {answered.get(event.pk, 0)}."
