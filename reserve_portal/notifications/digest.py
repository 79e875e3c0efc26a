"""One letter a day to each responsible person: what is due soon, today, overdue (process.md 10)."""

from datetime import date
from typing import Any

from django.db.models import Q

from reserve_portal.accounts.enums import PRIVATE_ROLES
from reserve_portal.accounts.models import User
from reserve_portal.core import calendar, clock
from reserve_portal.regulations.models import Deadline

from .models import Letter
from .services import send_letter

KIND = "deadlines.digest"
DIGEST_HOUR = 8
SOON_WORKING_DAYS = 2


def send_digests() -> int:
    """Write today's digests, once per person and day, from eight in the morning on; returns how many were written."""
    today = clock.today()
    if clock.local(clock.now()).hour < DIGEST_HOUR or not calendar.is_working_day(today):
        return 0
    count = 0
    due = Deadline.objects.open().filter(due_on__lte=_horizon(today))
    roles = set(due.filter(responsible_user=None).values_list("responsible", flat=True)) - PRIVATE_ROLES
    by_name = set(due.exclude(responsible_user=None).values_list("responsible_user", flat=True))
    people = User.objects.filter(Q(groups__name__in=roles) | Q(pk__in=by_name), is_active=True).distinct()
    written = Letter.objects.filter(kind=KIND, key__endswith=f":{today:%Y-%m-%d}").values_list(
        "to", flat=True
    )
    for user in people.exclude(pk__in=set(written)).prefetch_related("groups"):
        deadlines = list(due.for_user(user).only("title", "about", "due_on"))
        if deadlines:
            _send(user, deadlines)
            count += 1
    return count


def _horizon(today: date) -> date:
    try:
        return calendar.add_working_days(today, SOON_WORKING_DAYS)
    except (
        calendar.CalendarNotLoaded
    ):  # the last days of the last loaded year: what is due today still goes out
        return today


def _send(user: Any, deadlines: list[Deadline]) -> None:
    today = clock.today()
    groups = (
        ("Просрочено", [item for item in deadlines if item.due_on < today]),
        ("Сегодня", [item for item in deadlines if item.due_on == today]),
        ("Скоро", [item for item in deadlines if item.due_on > today]),
    )
    lines = []
    for heading, items in groups:
        if items:
            lines.append(f"{heading}:")
            lines += [f"— {item.title}: {item.about} (до {item.due_on:%d.%m.%Y})" for item in items]
            lines.append("")
    send_letter(
        KIND,
        to=user,
        key=f"digest:{user.pk}:{today:%Y-%m-%d}",
        values={"lines": "\n".join(lines).strip(), "day": f"{today:%d.%m.%Y}", "count": len(deadlines)},
    )
