"""What waits for members, for who runs a meeting, for the authority and for the operator."""

from typing import Any

from django.db.models import Count
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.core.dashboard import Card, card_source
from reserve_portal.core.navigation import NavItem, nav_source

from .enums import MeetingState
from .models import AgendaItem, DecisionList, Meeting
from .perms import RUNNERS

SHOWN = 10


@nav_source
def commission_entries(user: Any) -> list[NavItem]:
    """Meetings for members (badge: voices waited for) and auditors, orders for the authority."""
    if user is None or not user.is_authenticated:
        return []
    items = []
    if user.has_role(Role.COMMISSION):
        waiting = AgendaItem.objects.waiting_for_voice(user).count()
        items.append(NavItem("Заседания", reverse("commissions:meetings"), "people", 40, waiting))
    elif user.has_any_role(Role.AUDITOR, Role.OPERATOR):
        items.append(NavItem("Заседания", reverse("commissions:meetings"), "people", 40))
    if user.has_role(Role.AUTHORITY):
        waiting = DecisionList.objects.waiting_for_order().count()
        items.append(NavItem("Приказы", reverse("commissions:orders"), "file-earmark-check", 45, waiting))
    elif user.has_role(Role.AUDITOR):
        items.append(NavItem("Приказы", reverse("commissions:orders"), "file-earmark-check", 45))
    return items


@card_source
def commission_cards(user: Any) -> list[Card]:
    """Cards by role; a person may hold several."""
    cards = []
    if user.has_role(Role.COMMISSION):
        cards += _member_cards(user)
    if user.has_role(Role.AUTHORITY):
        cards += _order_cards()
    if user.has_role(Role.OPERATOR):
        cards += _operator_cards()
    return cards


def _member_cards(user: Any) -> list[Card]:
    cards = []
    voting = list(AgendaItem.objects.waiting_for_voice(user).select_related("meeting__body")[:SHOWN])
    if voting:
        cards.append(Card("Ждут вашего голоса", "commissions/cards/voting.html", {"items": voting}, 20, True))
    meetings = Meeting.objects.select_related("body")
    running = list(
        meetings.filter(members__user=user, members__position__in=RUNNERS, state=MeetingState.OPEN)[:SHOWN]
    )
    if running:
        cards.append(
            Card("Вы ведёте заседание", "commissions/cards/meetings.html", {"meetings": running}, 25, True)
        )
    unsigned = list(meetings.waiting_for_signature(user)[:SHOWN])
    if unsigned:
        cards.append(
            Card(
                "Протоколы ждут вашей подписи", "commissions/cards/meetings.html", {"meetings": unsigned}, 30
            )
        )
    coming = list(
        meetings.filter(members__user=user, state=MeetingState.PLANNED).order_by("starts_at")[:SHOWN]
    )
    if coming:
        cards.append(Card("Ближайшие заседания", "commissions/cards/meetings.html", {"meetings": coming}, 40))
    return cards


def _order_cards() -> list[Card]:
    lists = list(
        DecisionList.objects.waiting_for_order().annotate(people=Count("lines")).order_by("pk")[:SHOWN]
    )
    if not lists:
        return []
    return [Card("Списки ждут приказа", "commissions/cards/orders.html", {"lists": lists}, 20, True)]


def _operator_cards() -> list[Card]:
    lists = list(
        DecisionList.objects.waiting_for_meeting().annotate(people=Count("lines")).order_by("pk")[:SHOWN]
    )
    if not lists:
        return []
    return [Card("Списки ждут заседания", "commissions/cards/lists.html", {"lists": lists}, 30, True)]
