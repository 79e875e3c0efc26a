"""Cards and entries of the people of a vacancy, and the operator's counters."""

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.urls import reverse

from commissions.enums import MeetingState
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.dashboard import Ahead, Card, ahead_source, card_source
from reserve_portal.core.desk import DeskItem, desk_source
from reserve_portal.core.navigation import NavItem, nav_source
from reserve_portal.regulations.models import Edition

from .enums import WAITING, ReferralState, SheetState, VacancyState
from .models import ConceptDefence, Referral, Vacancy
from .next_step import next_for_reservist, wants_concept
from .perms import can_list_heads, can_list_vacancies, can_report_vacancy
from .views.authority import waiting_agreements

MAX_CARDS = 3


@card_source
def municipal_card(user: Any) -> list[Card]:
    """The municipality's vacancies; urgent when an order is waited for."""
    if not can_report_vacancy(user):
        return []
    counts = (
        Vacancy.objects.open()
        .filter(municipality=user.municipality_id)
        .aggregate(count=Count("pk"), to_appoint=Count("pk", filter=Q(state=VacancyState.AGREED)))
    )
    return [
        Card("Вакансии", "vacancies/cards/municipal.html", counts, order=30, urgent=counts["to_appoint"] > 0)
    ]


@card_source
def offer_cards(user: Any) -> list[Card]:
    """A reservist's offers that wait for an answer, and the own case."""
    if not user.has_role(Role.RESERVIST):
        return []
    rows = Referral.objects.filter(reservist__user=user, state__in=WAITING).select_related(
        "vacancy__edition", "vacancy__organisation", "vacancy__municipality"
    )
    cards = []
    for offer in rows.order_by("-pk")[:MAX_CARDS]:
        asked = offer.state == ReferralState.ASKED
        context = {
            "offer": offer,
            "next": next_for_reservist(offer),
            "until": offer.answer_until if asked else None,
        }
        title = "Вам предлагают должность" if asked else "Ваша вакансия"
        urgent = asked or wants_concept(offer)
        cards.append(Card(title, "vacancies/cards/offer.html", context, order=20, urgent=urgent))
    return cards


@ahead_source
def offers_ahead(user: Any) -> list[Ahead]:
    """Offers: by when to answer, then the meeting that hears the nominee, once its day is set (process.md 8)."""
    rows = Referral.objects.filter(reservist__user=user, state__in=WAITING)
    ahead = ConceptDefence.objects.filter(
        sheets__referral=OuterRef("pk"), meeting__state=MeetingState.PLANNED
    ).values("meeting__starts_at")
    return [
        _offer_ahead(offer, offer.heard_at)
        for offer in rows.select_related("vacancy__edition", "vacancy__organisation")
        .annotate(heard_at=Subquery(ahead[:1]))
        .order_by("pk")
    ]


def _offer_ahead(offer: Referral, heard_at: datetime | None) -> Ahead:
    asked = offer.state == ReferralState.ASKED
    on = offer.answer_until if asked else clock.local(heard_at).date() if heard_at else None
    words = "Предложение должности" if asked else "Вакансия"
    url = reverse("vacancies:offer", args=[offer.pk])
    return Ahead(f"{words}: {offer.vacancy}", url, on, is_limit=asked, note=next_for_reservist(offer))


@card_source
def agreement_card(user: Any) -> list[Card]:
    """The department's agreements that wait."""
    if not user.has_role(Role.AUTHORITY):
        return []
    count = waiting_agreements().count()
    if not count:
        return []
    return [
        Card(
            "Согласование назначений",
            "vacancies/cards/agreements.html",
            {"count": count},
            order=20,
            urgent=True,
        )
    ]


@card_source
def sheet_cards(user: Any) -> list[Card]:
    """Defences a member sits on that are to come or go on."""
    if not user.has_role(Role.COMMISSION):
        return []
    own = Q(sheets__member__user=user, sheets__state=SheetState.DRAFT)
    rows = (
        ConceptDefence.objects.filter(meeting__members__user=user)
        .filter(meeting__state__in=[MeetingState.PLANNED, MeetingState.OPEN])
        .select_related("meeting", "vacancy__organisation")
        .annotate(waiting=Count("sheets", filter=own, distinct=True))
    )
    cards = []
    for defence in rows[:MAX_CARDS]:
        is_open = defence.meeting.state == MeetingState.OPEN
        waiting = defence.waiting if is_open else 0
        context = {"defence": defence, "waiting": waiting}
        cards.append(
            Card("Защита концепции", "vacancies/cards/sheets.html", context, order=25, urgent=waiting > 0)
        )
    return cards


@nav_source
def vacancy_entries(user: Any) -> list[NavItem]:
    """Entries by role; the department's agreements where the edition in force wants them (T9)."""
    if user is None or not user.is_authenticated:
        return []
    items = []
    if can_list_vacancies(user) and not user.has_role(Role.OPERATOR):
        items.append(NavItem("Вакансии", reverse("vacancies:list"), "briefcase", 50))
    if can_list_heads(user):
        items.append(NavItem("Руководители", reverse("vacancies:heads"), "person-badge", 51))
    if user.has_role(Role.RESERVIST):
        items.append(NavItem("Предложения", reverse("vacancies:offers"), "briefcase", 51))
    if user.has_role(Role.COMMISSION):
        items.append(NavItem("Защиты", reverse("vacancies:defences"), "mortarboard", 52))
    wants_agreement = Edition.objects.filter(
        in_force=True, parameters__key="agreement", parameters__value=True
    )
    if user.has_role(Role.AUTHORITY) and wants_agreement.exists():
        items.append(NavItem("Согласования", reverse("vacancies:agreements"), "check2-square", 53))
    return items


@desk_source
def operator_counters(user: Any) -> list[DeskItem]:
    """What waits for the operator in the vacancies."""
    if not user.has_role(Role.OPERATOR):
        return []
    base = reverse("admin:vacancies_vacancy_changelist")
    states = Vacancy.objects.aggregate(
        reported=Count("pk", filter=Q(state=VacancyState.REPORTED)),
        matching=Count("pk", filter=Q(state=VacancyState.MATCHING)),
        presented=Count("pk", filter=Q(state=VacancyState.PRESENTED)),
    )
    late = Vacancy.objects.with_late_answers().count()
    return [
        DeskItem(
            "Новые вакансии: начать подбор",
            states["reported"],
            f"{base}?state__exact=reported",
            group="Вакансии",
            order=60,
        ),
        DeskItem(
            "Идёт подбор", states["matching"], f"{base}?state__exact=matching", group="Вакансии", order=61
        ),
        DeskItem(
            "Представлены: назначить защиту или передать органу",
            states["presented"],
            f"{base}?state__exact=presented",
            group="Вакансии",
            order=62,
        ),
        DeskItem(
            "Вакансии: резервисты не ответили в срок",
            late,
            f"{base}?answers=late",
            urgent=late > 0,
            group="Вакансии",
            order=63,
        ),
    ]
