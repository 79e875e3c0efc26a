"""The candidate's cards of the home page and entries of the navigation."""

from typing import Any

from django.urls import reverse

from reserve_portal.accounts.enums import PRIVATE_ROLES, Role
from reserve_portal.core import clock
from reserve_portal.core.dashboard import Card, card_source
from reserve_portal.core.navigation import NavItem, nav_source
from reserve_portal.regulations.models import Deadline

from . import showing
from .eligibility import eligibility_blockers
from .enums import ApplicationState, NominationState
from .models import Application, Campaign, Nomination
from .perms import can_nominate
from .services.nominations import open_campaigns_for

SHOWN_ENDED = frozenset({ApplicationState.WITHDRAWN})


@nav_source
def candidate_entries(user: Any) -> list[NavItem]:
    """«Мои заявления» for candidates and for people without any role yet."""
    if user is None or not user.is_authenticated or not _applies(user):
        return []
    return [NavItem("Мои заявления", reverse("candidates:my"), "file-earmark-text", 20)]


@card_source
def candidate_cards(user: Any) -> list[Card]:
    """The running applications, loudest first, and the campaigns one may enter."""
    if not _applies(user):
        return []
    rows = Application.objects.own_of(user).exclude(state__in=SHOWN_ENDED).select_related("campaign")
    applications = list(rows[:3])
    taken = [application.campaign_id for application in applications]
    cards = [_application_card(application) for application in applications]
    if user.has_role(Role.CANDIDATE) or not user.roles:
        cards += [
            Card("Можно подать заявление", "candidates/card_campaign.html", {"campaign": campaign}, order=25)
            for campaign in Campaign.objects.receiving().exclude(pk__in=taken).select_related("edition")[:3]
            if not eligibility_blockers(user, campaign.edition, clock.today())
        ]
    return cards


@nav_source
def nominator_entries(user: Any) -> list[NavItem]:
    """«Выдвижения» for officials and heads of organisations."""
    if user is None or not can_nominate(user):
        return []
    return [NavItem("Выдвижения", reverse("candidates:nominations"), "person-up", 45)]


@card_source
def nomination_cards(user: Any) -> list[Card]:
    """Invitations that came to this person's address and wait for the answer."""
    rows = Nomination.objects.waiting_for(user).select_related(
        "campaign", "nominator", "municipality", "organisation"
    )
    return [
        Card(
            "Вас выдвигают в резерв",
            "candidates/card_nomination.html",
            {"nomination": row},
            order=15,
            urgent=True,
        )
        for row in rows[:3]
    ]


@card_source
def nominator_cards(user: Any) -> list[Card]:
    """Where one may nominate now, and how many have not answered yet."""
    if not can_nominate(user):
        return []
    sent = Nomination.objects.visible_to(user).filter(state=NominationState.INVITED)
    waiting = sent.filter(campaign__in=Campaign.objects.receiving()).count()
    campaigns = open_campaigns_for(user)
    if not campaigns and not waiting:
        return []
    context = {"campaigns": campaigns, "waiting": waiting}
    return [Card("Выдвижения", "candidates/card_nominator.html", context, order=35)]


def _application_card(application: Application) -> Card:
    state = ApplicationState(application.state)
    is_draft, in_correction = state == ApplicationState.DRAFT, state == ApplicationState.CORRECTION
    tracks = [] if is_draft else list(application.tracks.select_related("target_group"))
    label, tone = showing.standing(application, tracks)
    deadline = (
        Deadline.objects.open().about(application).order_by("due_on").first() if in_correction else None
    )
    term = showing.draft_term(application)
    context = {
        "application": application,
        "label": label,
        "tone": tone,
        "is_draft": is_draft,
        "in_correction": in_correction,
        "next": showing.what_next(application, tracks),
        "deadline": deadline,
        **term,
    }
    title = "Заявление НЕ ПОДАНО" if is_draft else "Моё заявление"
    return Card(
        title,
        "candidates/card.html",
        context,
        order=20,
        urgent=in_correction or (is_draft and not term["term_is_over"]),
    )


def _applies(user: Any) -> bool:
    return user.has_role(Role.CANDIDATE) or user.roles <= PRIVATE_ROLES
