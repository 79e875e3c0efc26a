"""The reserve on the home page, in the navigation and on the operator's desk."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.dashboard import Card, card_source
from reserve_portal.core.desk import DeskItem, desk_source
from reserve_portal.core.navigation import NavItem, nav_source

from .enums import EventState, ParticipationState, RegistryState
from .models import Event, Participation, RegistryEdition, Reservist
from .services.events import counter_words
from .services.membership import procedures_to_decide


@nav_source
def reserve_entries(user: Any) -> list[NavItem]:
    """Own reserve and events for a reservist; reservists and the registry for whoever oversees them."""
    if user is None or not user.is_authenticated:
        return []
    items = []
    if user.has_role(Role.RESERVIST):
        items += [
            NavItem("Мой резерв", reverse("reservists:mine"), "person-badge", 30),
            NavItem("Мероприятия", reverse("reservists:events"), "calendar-event", 32),
        ]
    if user.has_any_role(Role.AUTHORITY, Role.AUDITOR) or (
        user.has_role(Role.MUNICIPAL) and user.municipality_id
    ):
        items.append(NavItem("Резервисты", reverse("reservists:people"), "people", 40))
    if user.has_any_role(Role.AUTHORITY, Role.AUDITOR):
        items.append(NavItem("Реестр", reverse("reservists:registries"), "journal-text", 42))
    return items


@card_source
def reservist_cards(user: Any) -> list[Card]:
    """Membership with the counter of events (T7), and the next events."""
    if not user.has_role(Role.RESERVIST):
        return []
    memberships = (
        Reservist.objects.filter(user=user)
        .with_events()
        .select_related("edition", "target_group")
        .order_by("pk")
    )
    cards = []
    for reservist in memberships.active():
        context = {"reservist": reservist, "counter": counter_words(reservist, reservist.planned_events)}
        cards.append(Card("Вы в кадровом резерве", "reservists/includes/card.html", context, order=20))
    if cards:
        own = Participation.objects.filter(
            event=OuterRef("pk"), reservist__user=user, state=ParticipationState.REGISTERED
        )
        ahead = Event.objects.filter(state=EventState.PLANNED, starts_at__gt=clock.now()).annotate(
            registered=Exists(own)
        )
        cards.append(
            Card(
                "Ближайшие мероприятия",
                "reservists/includes/events_card.html",
                {"events": list(ahead[:3])},
                order=30,
            )
        )
    return cards


@desk_source
def reserve_counters(user: Any) -> list[DeskItem]:
    """Registries to publish, events whose participation is not marked yet."""
    if not user.has_role(Role.OPERATOR):
        return []
    unpublished = RegistryEdition.objects.filter(
        state=RegistryState.APPROVED,
        edition__parameters__key="public_list",
        edition__parameters__value=True,
    ).exclude(number__lt=_last_published())
    unmarked = Event.objects.filter(state=EventState.PLANNED, ends_at__lt=clock.now())
    return [
        DeskItem(
            "Составить список для включения",
            procedures_to_decide().count(),
            reverse("admin:reservists_registryedition_inclusion"),
            group="Резерв",
            order=59,
        ),
        DeskItem(
            "Опубликовать список резервистов",
            unpublished.count(),
            reverse("admin:reservists_registryedition_changelist") + "?state__exact=approved",
            group="Резерв",
            order=60,
        ),
        DeskItem(
            "Отметить участие в прошедших мероприятиях",
            unmarked.count(),
            reverse("admin:reservists_event_changelist") + "?state__exact=planned",
            group="Резерв",
            order=61,
        ),
    ]


def _last_published() -> int:
    newest = RegistryEdition.objects.filter(state=RegistryState.PUBLISHED).order_by("-number")
    return newest.values_list("number", flat=True).first() or 0
