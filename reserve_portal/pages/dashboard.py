"""Entries of the navigation that belong to no stage, and the portal's name."""

from typing import Any

from django.urls import reverse

from reserve_portal.accounts.enums import ADMIN_ROLES
from reserve_portal.core.dashboard import Card, card_source
from reserve_portal.core.desk import desk_for
from reserve_portal.core.navigation import Identity, NavItem, identity_source, nav_source
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Edition


@nav_source
def own_entries(user: Any) -> list[NavItem]:
    """Home, letters and the operator's workplace; the public site for a stranger."""
    if user is None or not user.is_authenticated:
        return [
            NavItem("О резерве", reverse("pages:front"), "house", 10),
            NavItem("Проверить документ", reverse("papers:check"), "patch-check", 60),
        ]
    unread = Letter.objects.visible_to(user).filter(in_cabinet=True, read_at=None).count()
    items = [
        NavItem("Мой кабинет", reverse("home"), "house", 10),
        NavItem("Письма", reverse("notifications:inbox"), "envelope", 80, unread),
    ]
    if user.has_any_role(*ADMIN_ROLES):
        items.append(NavItem("Рабочий стол", reverse("admin:index"), "table", 90))
    return items


@card_source
def desk_card(user: Any) -> list[Card]:
    """What waits on the desk of who works there."""
    if not user.has_any_role(*ADMIN_ROLES):
        return []
    waiting = [item for item in desk_for(user) if item.count]
    urgent = any(item.urgent for item in waiting)
    return [Card("Рабочий стол", "pages/card_desk.html", {"waiting": waiting}, order=5, urgent=urgent)]


@identity_source
def names_of_the_edition() -> Identity:
    """Region and organisations as the edition in force names them."""
    edition = Edition.objects.filter(in_force=True).first()
    if edition is None:
        return Identity()
    return Identity(
        region=edition.region_name,
        operator=edition.operator_name,
        operator_short=edition.operator_short,
        authority=edition.authority_name,
    )
