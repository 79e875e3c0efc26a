"""The desk's counters about candidates: what came, what is under review, what is due (process.md 5)."""

from typing import Any

from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.desk import DeskItem, desk_source
from reserve_portal.core.search import capped_count
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
            "Просрочено", capped_count(mine.filter(due_on__lt=today)), _deadlines("overdue"), True, "Сроки", 1
        ),
        DeskItem(
            "Последний день — сегодня",
            capped_count(mine.filter(due_on=today)),
            _deadlines("today"),
            True,
            "Сроки",
            2,
        ),
    ]


@desk_source
def application_items(user: Any) -> list[DeskItem]:
    """How many applications stand where; counted by an index, to a bound."""
    if not user.has_role(Role.OPERATOR):
        return []
    listing = reverse("admin:candidates_application_changelist")
    waiting = DeskItem(
        "Проверены, ждут решения о допуске",
        capped_count(Application.objects.awaiting_admission()),
        f"{listing}?admission=waiting",
        group="Заявления",
        order=31,
    )
    items = [
        DeskItem(
            label,
            capped_count(Application.objects.filter(state=state)),
            f"{listing}?state__exact={state.value}",
            group="Заявления",
            order=order,
        )
        for state, label, order in COUNTED
    ]
    entering = DeskItem(
        "Поданные не через портал: внести до конца",
        capped_count(Application.objects.being_entered()),
        reverse("admin:candidates_application_enter"),
        group="Заявления",
        order=19,
    )
    return [entering, *items, waiting]


def _deadlines(which: str) -> str:
    return f"{reverse('admin:regulations_deadline_changelist')}?when={which}&whose=mine"
