"""Invitations that nobody answered: reminders before the window's end, and an end with it (T1)."""

from datetime import timedelta

from django.db import models, transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter

from ..enums import NominationState
from ..models import Application, Campaign, Nomination
from ..workflow import NOMINATION
from .nominations import tell_nominator, write_to_invited
from .reminders import AT_ONCE, DAYS, due_reminder, is_early, left_in_words

KIND = "candidates.nomination_reminder"


def remind_invited() -> int:
    """Remind those who have not answered, on the days of the drafts' reminders, each once; returns how many.

    Whoever has submitted an application of the own in this campaign is left in peace.
    """
    if is_early():
        return 0
    waiting = {key: row for row in _ending_soon() if (key := _key(row))}
    for key in set(Letter.objects.filter(kind=KIND, key__in=waiting).values_list("key", flat=True)):
        del waiting[key]
    for key, row in list(waiting.items())[:AT_ONCE]:
        _remind(row, key)
    return min(len(waiting), AT_ONCE)


def end_unanswered() -> int:
    """End what was not answered before the window closed and tell the nominators; returns how many.

    Runs every minute; twice or late it does the right thing once. Where the window is moved later, the nominator may
    invite again.
    """
    over = Nomination.objects.filter(state=NominationState.INVITED, campaign__closes_at__lt=clock.now())
    ended = 0
    for row in over.select_related("campaign", "nominator").order_by("pk")[:AT_ONCE]:
        try:
            _end(row)
        except TransitionRefused:
            continue  # answered this moment, or another process was first
        ended += 1
    return ended


@transaction.atomic
def _end(nomination: Nomination) -> None:
    NOMINATION.apply(nomination, "expire", actor=None)
    record_event("candidates.end_nomination", nomination, actor=None)
    tell_nominator(nomination, "не ответил(а) до конца приёма")


def _ending_soon() -> list[Nomination]:
    now = clock.now()
    horizon = now + timedelta(days=max(DAYS) + 1)
    submitted = Application.objects.filter(
        campaign=models.OuterRef("campaign"),
        user__email__iexact=models.OuterRef("email"),
        submitted_at__isnull=False,
    )
    rows = Nomination.objects.filter(
        ~models.Exists(submitted),
        state=NominationState.INVITED,
        campaign__in=Campaign.objects.receiving().filter(closes_at__lt=horizon),
    )
    return list(rows.select_related("campaign", "nominator", "municipality", "organisation").order_by("pk"))


def _key(nomination: Nomination) -> str:
    last_day = clock.local(nomination.campaign.closes_at).date()
    due = due_reminder(last_day, begun=clock.local(nomination.created_at).date())
    return f"{KIND}:{nomination.pk}:{last_day:%Y-%m-%d}:{due}" if due else ""


def _remind(nomination: Nomination, key: str) -> None:
    left = (clock.local(nomination.campaign.closes_at).date() - clock.today()).days
    write_to_invited(nomination, KIND, key=key, left=left_in_words(left))
