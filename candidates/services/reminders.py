"""Reminders of unfinished applications before the window closes (process.md 10)."""

from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse

from reserve_portal.core import clock
from reserve_portal.core.words import plural
from reserve_portal.notifications.models import Letter
from reserve_portal.notifications.services import send_letter

from ..enums import CampaignState
from ..models import Application
from .submission import in_words, submission_blockers

KIND = "application.reminder"
DAYS = (7, 3, 1)
FIRST_HOUR = 9
MISSING_AT_MOST = 8
AT_ONCE = 500


def remind_drafts() -> int:
    """Write the reminders 7, 3 and 1 days before a draft's last day, from nine in the morning on; returns how many.

    Each once, also when this runs twice; a day late the reminder still goes out, with the days that are left then. A
    draft begun after the day of a reminder does not get it, nor do people who have submitted already.
    """
    if is_early():
        return 0
    waiting = {key: application for application in _ending_soon() if (key := _key(application))}
    sent = Letter.objects.filter(kind=KIND, key__in=waiting).values_list("key", flat=True)
    for key in set(sent):
        del waiting[key]
    for key, application in list(waiting.items())[:AT_ONCE]:
        _send(application, key)
    return min(len(waiting), AT_ONCE)


def is_early() -> bool:
    """Nobody is reminded before nine in the morning."""
    return clock.local(clock.now()).hour < FIRST_HOUR


def due_reminder(last_day: date, *, begun: date) -> int | None:
    """How many days before the last one the reminder that is due now belongs to; none for what began after its day."""
    left = (last_day - clock.today()).days
    due = [days for days in DAYS if left <= days]
    return min(due) if due and begun <= last_day - timedelta(days=min(due)) else None


def left_in_words(left: int) -> str:
    """«осталось 3 дня», «сегодня последний день»."""
    if left == 1:
        return "остался 1 день"
    return f"осталось {left} {plural(left, 'день', 'дня', 'дней')}" if left else "сегодня последний день"


def _ending_soon() -> list[Application]:
    now = clock.now()
    horizon = now + timedelta(days=max(DAYS) + 1)
    in_window = Q(
        campaign__state=CampaignState.OPEN, campaign__closes_at__gt=now, campaign__closes_at__lt=horizon
    )
    own_term = Q(late_until__gt=now, late_until__lt=horizon)
    rows = Application.objects.drafts_in_waiting().filter(in_window | own_term)
    return list(rows.select_related("campaign__edition", "user").order_by("pk"))


def _days_left(application: Application) -> int:
    return (clock.local(application.submit_until).date() - clock.today()).days


def _key(application: Application) -> str:
    """The reminder that is due now, or "" when none is."""
    last_day = clock.local(application.submit_until).date()
    due = due_reminder(last_day, begun=clock.local(application.created_at).date())
    return f"{KIND}:{application.pk}:{last_day:%Y-%m-%d}:{due}" if due else ""


def _send(application: Application, key: str) -> None:
    blockers = [blocker.text for blocker in submission_blockers(application)]
    missing = "\n".join(f"— {text}" for text in blockers[:MISSING_AT_MOST])
    if len(blockers) > MISSING_AT_MOST:
        missing += f"\n— и ещё: {len(blockers) - MISSING_AT_MOST}"
    send_letter(
        KIND,
        to=application.user,
        key=key,
        values={
            "campaign": application.campaign.name,
            "until": in_words(application.submit_until),
            "left": left_in_words(_days_left(application)),
            "missing": f"Чего не хватает:\n{missing}" if missing else "Всё заполнено, осталось подать.",
            "path": reverse("candidates:application", args=[application.pk]),
        },
        about=application,
    )
