"""The reserve on the home page, in the navigation and on the operator's desk."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from candidates.models import Consent
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.dashboard import Ahead, Card, ahead_source, card_source
from reserve_portal.core.desk import DeskItem, desk_source
from reserve_portal.core.navigation import NavItem, nav_source
from reserve_portal.core.words import clause_in_words
from reserve_portal.regulations.enums import ConsentKind
from reserve_portal.regulations.models import Deadline, Edition

from .enums import (
    AttestationState,
    EventState,
    ParticipationState,
    PlanState,
    RegistryState,
    ReportState,
    ReservistState,
    SignalState,
)
from .guests import route_of
from .models import (
    Attestation,
    AttestationSheet,
    DevelopmentPlan,
    Event,
    ExclusionSignal,
    MentorAssignment,
    MentorReport,
    Participation,
    PlanReport,
    RegistryEdition,
    Reservist,
)
from .perms import can_have_plan, can_see_attestation_sheets
from .services.development import own_deadlines, with_late
from .services.dissemination import open_stops
from .services.events import counter_words
from .services.membership import procedures_to_decide
from .services.mentors import without_mentor
from .services.ministry import lists_to_send
from .services.plan_reviews import invitations_of

PLAN_NOTICE = timedelta(days=14)  # a plan or report waits for a person this long before its day
QUARTER_NOTICE = timedelta(days=14)  # the quarterly update comes onto the desk this long before its day


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
        items += [
            NavItem("Реестр", reverse("reservists:registries"), "journal-text", 42),
            NavItem("Показатели", reverse("reservists:indicators"), "graph-up", 44),
        ]
    return items


@card_source
def reservist_cards(user: Any) -> list[Card]:
    """Membership with the counter of events (T7), and the next events."""
    if not user.has_role(Role.RESERVIST):
        return []
    memberships = Reservist.objects.filter(user=user).select_related("edition", "target_group").order_by("pk")
    cards = []
    for reservist in memberships.active():
        context = {"reservist": reservist, "counter": counter_words(reservist, reservist.planned_events)}
        cards.append(Card("Вы в кадровом резерве", "reservists/includes/card.html", context, order=20))
    if not cards:
        return [_ended_card(row) for row in memberships.order_by("-ended_on", "-pk")[:1]]
    return [*cards, *_consent_cards(user), _events_card(user)]


def _ended_card(reservist: Reservist) -> Card:
    """How the last membership ended: by an appointment, or by an exclusion."""
    appointed = reservist.state == ReservistState.APPOINTED
    title = "Вы назначены на должность" if appointed else "Вы больше не состоите в резерве"
    return Card(title, "reservists/cards/ended.html", {"reservist": reservist, "appointed": appointed}, 20)


def _consent_cards(user: Any) -> list[Card]:
    """Who came in with an earlier list has agreed to nothing yet (152-FZ, art. 9)."""
    if Consent.given_by(user, ConsentKind.PROCESSING).exists():
        return []
    return [Card("Согласие на обработку данных", "reservists/cards/consent.html", {}, 15, True)]


@card_source
def guest_cards(user: Any) -> list[Card]:
    """The next events for a person on a learning route, who is a guest there (T5)."""
    if user.has_role(Role.RESERVIST) or route_of(user) is None:
        return []
    return [_events_card(user)]


@ahead_source
def reserve_ahead(user: Any) -> list[Ahead]:
    """Limits of plan and reports (O4.9, O4.14), events one is registered for, the attestation that goes on (O4.10)."""
    found = []
    mine = list(Reservist.objects.active().filter(user=user).select_related("edition", "target_group"))
    for reservist in mine:
        group = str(reservist.target_group) if len(mine) > 1 else ""
        found += [
            Ahead(
                row.title,
                _place_of(row),
                row.due_on,
                is_limit=True,
                note=group,
                clause=clause_in_words(row.limit.clause),
            )
            for row in own_deadlines(reservist)
        ]
    registered = Participation.objects.filter(
        reservist__user=user, state=ParticipationState.REGISTERED, event__ends_at__gt=clock.now()
    ).select_related("event")
    found += [
        Ahead(
            row.event.name,
            reverse("reservists:event", args=[row.event_id]),
            clock.local(row.event.starts_at).date(),
            note=row.event.place,
        )
        for row in registered
    ]
    open_ones = Attestation.objects.filter(
        state=AttestationState.OPEN, entries__reservist__in=mine, closes_on__gte=clock.today()
    )
    return found + [
        Ahead(str(row), reverse("reservists:mine"), row.closes_on, is_limit=True, clause="O4.10")
        for row in open_ones.distinct()
    ]


def _place_of(deadline: Deadline) -> str:
    """Where a limit of plan or report is kept."""
    if deadline.limit.closes == "report.submitted":
        return reverse("reservists:report", args=[deadline.object_id])
    return reverse("reservists:my_plans")


def _events_card(user: Any) -> Card:
    own = Participation.objects.filter(
        Q(reservist__user=user) | Q(route__track__application__user=user), event=OuterRef("pk")
    )
    ahead = Event.objects.filter(state=EventState.PLANNED, starts_at__gt=clock.now()).annotate(
        registered=Exists(own.filter(state=ParticipationState.REGISTERED)),
        waits=Exists(own.filter(state=ParticipationState.WAITING)),
    )
    context = {"events": list(ahead[:3])}
    return Card("Ближайшие мероприятия", "reservists/includes/events_card.html", context, order=30)


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


@desk_source
def leaving_counters(user: Any) -> list[DeskItem]:
    """Signals to look at, lists to send to the ministry (O6.2, O6.3), attestations that go on (O4.17)."""
    if not user.has_role(Role.OPERATOR):
        return []
    signals = reverse("admin:reservists_exclusionsignal_changelist")
    seldom = [
        DeskItem(
            "Направить списки на исключение",
            lists_to_send().count(),
            reverse("admin:reservists_exclusionsignal_ministry"),
            group="Резерв",
            order=63,
        ),
        DeskItem(
            "Внести баллы итоговой аттестации",
            Attestation.objects.filter(state=AttestationState.OPEN).count(),
            reverse("admin:reservists_attestation_changelist") + "?state__exact=open",
            group="Резерв",
            order=64,
        ),
    ]
    waiting = DeskItem(
        "Рассмотреть сигналы об исключении",
        ExclusionSignal.objects.filter(state=SignalState.OPEN).count(),
        signals + "?state__exact=open",
        group="Резерв",
        order=62,
    )
    return [waiting, *(item for item in seldom if item.count)]


@desk_source
def registry_limits(user: Any) -> list[DeskItem]:
    """Limits of the registry that run out: its quarterly update (O3.24), publications to stop (152-FZ, art. 10.1)."""
    if not user.has_role(Role.OPERATOR):
        return []
    soon = clock.today() + QUARTER_NOTICE
    revisions = Deadline.objects.open().closed_by("registry.revised").filter(due_on__lte=soon)
    found = [
        DeskItem(
            label,
            len(days),
            reverse(f"admin:reservists_registryedition_{name}"),
            urgent=any(day <= clock.today() for day in days),
            group="Резерв",
            order=order,
        )
        for label, rows, name, order in (
            ("Обновить реестр за квартал", revisions, "confirm", 60),
            ("Прекратить публикацию по отзыву согласия", open_stops(), "stop", 58),
        )
        for days in [rows.values_list("due_on", flat=True)]
    ]
    return [item for item in found if item.count]


def _last_published() -> int:
    newest = RegistryEdition.objects.filter(state=RegistryState.PUBLISHED).order_by("-number")
    return newest.values_list("number", flat=True).first() or 0


# --- mentors, plans and reports


def _with_plans() -> Any:
    """Editions that know plans of development."""
    return Edition.objects.filter(parameters__key="development_plan", parameters__value=True)


@nav_source
def development_entries(user: Any) -> list[NavItem]:
    """Own plan for a reservist, own reservists for a mentor, the monitoring for whoever oversees plans."""
    if user is None or not user.is_authenticated:
        return []
    items = []
    if (
        user.has_role(Role.RESERVIST)
        and Reservist.objects.active().filter(user=user, edition__in=_with_plans().values("pk")).exists()
    ):
        items.append(NavItem("Мой план", reverse("reservists:my_plans"), "list-check", 31))
    if user.has_role(Role.MENTOR):
        items.append(NavItem("Мои резервисты", reverse("reservists:mentees"), "people", 33))
    if user.has_any_role(Role.AUTHORITY, Role.AUDITOR) and _with_plans().filter(in_force=True).exists():
        items.append(NavItem("Планы и отчёты", reverse("reservists:monitoring"), "clipboard-check", 41))
    return items


@card_source
def plan_cards(user: Any) -> list[Card]:
    """The reservist's plan with what is due; what waits for a mentor."""
    cards = []
    if user.has_role(Role.RESERVIST):
        rows = Reservist.objects.active().filter(user=user).select_related("edition", "target_group")
        planned = [row for row in rows.order_by("pk") if can_have_plan(user, row)]
        cards += [_plan_card(row, alone=len(planned) == 1) for row in planned]
    if user.has_role(Role.MENTOR):
        guided = MentorAssignment.objects.guided_by(user).values("reservist")
        plans = DevelopmentPlan.objects.filter(reservist__in=guided, state=PlanState.SUBMITTED).count()
        reports = PlanReport.objects.filter(reservist__in=guided, state=ReportState.SUBMITTED).count()
        own = MentorReport.objects.open().filter(mentor__user=user)
        waiting = {
            "plans": plans,
            "reports": reports,
            "late": with_late(Reservist.objects.active().filter(pk__in=guided)).count(),
            "own": [(row, Deadline.objects.about(row).open().first()) for row in own],
            "invited": invitations_of(user),
        }
        urgent = bool(plans or reports or waiting["own"])
        cards.append(Card("Мои резервисты", "reservists/cards/mentor.html", waiting, 22, urgent))
    return cards


def _plan_card(reservist: Reservist, *, alone: bool) -> Card:
    """A plan with its limits; urgent when something was returned, is late, or is due soon."""
    plan = reservist.plans.exclude(state__in=[PlanState.REPLACED, PlanState.DISCARDED]).first()
    deadlines = own_deadlines(reservist)
    returned = list(reservist.reports.filter(state=ReportState.RETURNED).order_by("year", "quarter"))
    soon = clock.today() + PLAN_NOTICE
    urgent = (
        bool(returned)
        or any(row.due_on <= soon for row in deadlines)
        or (plan is not None and plan.state == PlanState.RETURNED)
    )
    context = {
        "plan": plan,
        "deadlines": deadlines,
        "returned": returned,
        "group": "" if alone else reservist.target_group,
    }
    return Card("Мой план развития", "reservists/cards/plan.html", context, 25, urgent)


@desk_source
def development_counters(user: Any) -> list[DeskItem]:
    """Reservists without a mentor, what operators agree and accept, what is late (O4.7, O4.15)."""
    if not user.has_role(Role.OPERATOR) or not _with_plans().filter(in_force=True).exists():
        return []
    guided = Edition.objects.filter(parameters__key="mentors", parameters__value=True)
    waiting = DevelopmentPlan.objects.filter(state=PlanState.SUBMITTED)
    handed_in = PlanReport.objects.filter(state=ReportState.SUBMITTED)
    to_agree = [
        DeskItem(
            label,
            rows.exclude(reservist__edition__in=guided).count(),
            reverse(f"admin:reservists_{name}_changelist") + "?state__exact=submitted",
            group="Резерв",
            order=62,
        )
        for label, rows, name in (
            ("Согласовать планы развития", waiting, "developmentplan"),
            ("Проверить квартальные отчёты", handed_in, "planreport"),
        )
    ]
    mentors = reverse("admin:reservists_mentorreport_changelist")
    late = Deadline.objects.overdue().closed_by("mentor_report.submitted").count()
    to_agree += [
        DeskItem(
            "Принять отчёты наставников",
            MentorReport.objects.filter(state=ReportState.SUBMITTED).count(),
            mentors + "?state__exact=submitted",
            group="Резерв",
            order=62,
        ),
        DeskItem(
            "Просрочены отчёты наставников",
            late,
            mentors + "?state__exact=due",
            urgent=late > 0,
            group="Резерв",
            order=63,
        ),
    ]
    return [
        *(item for item in to_agree if item.count),
        DeskItem(
            "Закрепить наставников",
            without_mentor().count(),
            reverse("admin:reservists_mentor_assign"),
            group="Резерв",
            order=62,
        ),
        DeskItem(
            "Просрочены план или отчёт",
            with_late(Reservist.objects.active()).count(),
            reverse("reservists:monitoring") + "?late=on",
            group="Резерв",
            order=63,
        ),
    ]


@nav_source
def attestation_entries(user: Any) -> list[NavItem]:
    """Sheets of the attestation, while some lie with the expert."""
    count = _sheets_of(user)
    url = reverse("reservists:attestation_sheets")
    return [NavItem("Листы аттестации", url, "clipboard-data", order=46, badge=count)] if count else []


@card_source
def attestation_cards(user: Any) -> list[Card]:
    """Sheets of the attestation that wait for the expert."""
    count = _sheets_of(user)
    template = "reservists/cards/attestation_sheets.html"
    return [Card("Листы аттестации", template, {"count": count}, order=19, urgent=True)] if count else []


def _sheets_of(user: Any) -> int:
    if user is None or not user.is_authenticated or not can_see_attestation_sheets(user):
        return 0
    return AttestationSheet.objects.visible_to(user).count()
