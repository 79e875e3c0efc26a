"""What the public front page shows of the reserve: the published list, the plan of events."""

from django.urls import reverse

from reserve_portal.core import clock
from reserve_portal.pages.public import (
    PublicBlock,
    page_block_source,
    public_address_source,
    public_block_source,
)

from .models import EventsPlan
from .services.events import plan_events
from .services.registry import published_registry


@public_block_source
@page_block_source("events")
def reserve_block() -> list[PublicBlock]:
    """The published list where the edition has one (T4), the newest plan and its next events (T6)."""
    registry = published_registry()
    plan = EventsPlan.objects.exclude(published_on=None).first()
    if registry is None and plan is None:
        return []
    ahead = plan_events(plan.year).filter(starts_at__gte=clock.now())[:3] if plan else []
    context = {"registry": registry, "plan": plan, "events": list(ahead)}
    return [PublicBlock("reservists/includes/public_block.html", context, order=40)]


@public_address_source
def reserve_addresses() -> list[str]:
    """The published list, where there is one (T4), and the newest plan of events (T6)."""
    plan = EventsPlan.objects.exclude(published_on=None).first()
    addresses = [reverse("reservists:plan", args=[plan.year])] if plan else []
    return [reverse("reservists:public_list"), *addresses] if published_registry() else addresses
