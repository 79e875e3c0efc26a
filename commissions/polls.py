"""Absentee polls end by their term; members are reminded of meetings to come and of voices waited for."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.notifications.services import send_letter

from .counting import silent_members
from .enums import ItemState, MeetingForm, MeetingState
from .models import AgendaItem, Meeting, MeetingMember
from .voting import close_voting, until_words

REMIND_BEFORE = timedelta(days=1)  # a courtesy, no legal period


@transaction.atomic
def extend_poll(meeting: Meeting, *, ends_at: datetime, reason: str, actor: Any) -> None:
    """Give an absentee poll more time, with a reason; raises GateShut. Items whose voting has ended stay so."""
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    blockers = []
    if not meeting.is_absentee or meeting.state not in (MeetingState.PLANNED, MeetingState.OPEN):
        blockers.append(Blocker("Продлить можно заочное голосование, которое не закончено."))
    elif ends_at <= max(clock.now(), meeting.ends_at or ends_at):
        blockers.append(Blocker("Новый срок должен быть позже прежнего и ещё не пройти.", field="ends_at"))
    if not reason.strip():
        blockers.append(Blocker("Укажите, почему срок продлевается.", field="reason"))
    require_open(blockers)
    meeting.ends_at = ends_at
    meeting.save(update_fields=["ends_at"])
    record_event(
        "commissions.extend_poll", meeting, actor=actor, reason=reason.strip(), until=ends_at.isoformat()
    )


def close_due_polls() -> int:
    """End the voting of polls whose term is over; returns how many votings ended. Runs often, twice without harm."""
    due = AgendaItem.objects.filter(
        state=ItemState.VOTING,
        meeting__form=MeetingForm.ABSENTEE,
        meeting__state=MeetingState.OPEN,
        meeting__ends_at__lte=clock.now(),
    )
    ended = 0
    for item in due.order_by("pk"):
        with transaction.atomic():
            meeting = Meeting.objects.select_for_update().get(pk=item.meeting_id)
            item.refresh_from_db()
            if meeting.is_over_term and item.state == ItemState.VOTING:
                close_voting(item, actor=None)
                ended += 1
    return ended


@transaction.atomic
def remind_silent(item: AgendaItem, *, actor: Any) -> int:
    """Write to each entitled member who has not voted, once a day; returns to how many. Raises GateShut."""
    if item.state != ItemState.VOTING:
        raise GateShut([Blocker("Голосование по этому вопросу не идёт.")])
    silent = silent_members(item)
    for member in silent:
        _remind_to_vote(item, member)
    record_event("commissions.remind_silent", item, actor=actor, count=len(silent))
    return len(silent)


def _remind_to_vote(item: AgendaItem, member: MeetingMember) -> None:
    send_letter(
        "meeting.vote_reminder",
        to=member.user,
        key=f"meeting.vote_reminder:{item.pk}:{member.user_id}:{clock.today():%Y%m%d}",
        values={
            "body": item.meeting.body_name,
            "question": item.title,
            "until": until_words(item.meeting),
            "url": settings.SITE_URL + reverse("commissions:item", args=[item.pk]),
        },
        about=item,
    )


def remind_of_ending_polls() -> None:
    """On the last day of a poll's term the silent are reminded, once."""
    ending = AgendaItem.objects.filter(
        state=ItemState.VOTING,
        meeting__form=MeetingForm.ABSENTEE,
        meeting__ends_at__gt=clock.now(),
        meeting__ends_at__lte=clock.now() + REMIND_BEFORE,
    ).select_related("meeting", "list")
    for item in ending:
        with transaction.atomic():
            for member in silent_members(item):
                _remind_to_vote(item, member)


def remind_of_meetings() -> None:
    """Everybody called is reminded of a meeting within the day before it, once."""
    coming = Meeting.objects.filter(
        state=MeetingState.PLANNED, starts_at__gt=clock.now(), starts_at__lte=clock.now() + REMIND_BEFORE
    ).prefetch_related("members__user", "items")
    for meeting in coming:
        with transaction.atomic():
            _remind_of(meeting)


def _remind_of(meeting: Meeting) -> None:
    questions = [item.title for item in meeting.items.all() if item.state != ItemState.REMOVED]
    agenda = "\n".join(f"{number}. {title}" for number, title in enumerate(questions, start=1))
    for member in meeting.members.all():
        send_letter(
            "meeting.reminder",
            to=member.user,
            key=f"meeting.reminder:{meeting.pk}:{member.user_id}",
            values={
                "body": meeting.body_name,
                "when": f"{clock.local(meeting.starts_at):%d.%m.%Y в %H:%M}",
                "form": meeting.get_form_display(),
                "place": meeting.place or "на портале",
                "agenda": agenda or "Вопросов пока нет.",
                "url": settings.SITE_URL + reverse("commissions:meeting", args=[meeting.pk]),
            },
            about=meeting,
        )
