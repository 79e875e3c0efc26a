"""The desk's counters about candidates: what came, what is under review, what is due (process.md 5)."""

from typing import Any

from django.db.models import Count
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.desk import DeskItem, desk_source
from reserve_portal.regulations.models import Deadline

from ..enums import ApplicationState
from ..models import Application

COUNTED = (
    (ApplicationState.SUBMITTED, "Зарегистрировать заявления", 20),
    (ApplicationState.REGISTERED, "Проверить документы", 21),
    (ApplicationState.CORRECTION, "Ждут исправления от кандидатов", 30),
)


@desk_source
def due_items(user: Any) -> list[DeskItem]:
    """Deadlines this person answers for: overdue and due today."""
    if not user.has_any_role(Role.OPERATOR, Role.AUDITOR):
        return []
    mine = Deadline.objects.open().for_user(user)
    today = clock.today()
    return [
        DeskItem(
            "Просрочено", mine.filter(due_on__lt=today).count(), _deadlines("overdue"), True, "Сроки", 1
        ),
        DeskItem(
            "Последний день — сегодня",
            mine.filter(due_on=today).count(),
            _deadlines("today"),
            True,
            "Сроки",
            2,
        ),
    ]


@desk_source
def application_items(user: Any) -> list[DeskItem]:
    """How many applications stand where; one query."""
    if not user.has_role(Role.OPERATOR):
        return []
    states = [state for state, _, _ in COUNTED]
    rows = (
        Application.objects.filter(state__in=states)
        .order_by()
        .values_list("state")
        .annotate(count=Count("pk"))
    )
    counts = dict(rows)
    listing = reverse("admin:candidates_application_changelist")
    waiting = DeskItem(
        "Проверены, ждут решения о допуске",
        Application.objects.awaiting_admission().count(),
        f"{listing}?admission=waiting",
        group="Заявления",
        order=31,
    )
    items = [
        DeskItem(
            label,
            counts.get(state, 0),
            f"{listing}?state__exact={state.value}",
            group="Заявления",
            order=order,
        )
        for state, label, order in COUNTED
    ]
    entering = DeskItem(
        "Поданные не через портал: внести до конца",
        Application.objects.being_entered().count(),
        reverse("admin:candidates_application_enter"),
        group="Заявления",
        order=19,
    )
    return [entering, *items, waiting]


def _deadlines(which: str) -> str:
    return f"{reverse('admin:regulations_deadline_changelist')}?when={which}&whose=mine"
