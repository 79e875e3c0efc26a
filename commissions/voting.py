"""Conflicts and voices: every deed locks the item's row, so that none slips past the end of the voting."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.notifications.services import send_letter

from .counting import quorum_of
from .enums import Choice, ConflictSource, ItemState, MeetingState
from .materials import note_seen_papers
from .models import AgendaItem, DecisionLine, Meeting, MeetingMember, Recusal, Vote
from .workflow import ITEM

OPEN_TO_CONFLICTS = (ItemState.PENDING, ItemState.VOTING)


def recuse(item: AgendaItem, line: DecisionLine, member: MeetingMember, source: str, reason: str) -> None:
    """Keep `member` out of one line; the first reason stands. Within the caller's transaction."""
    Recusal.objects.get_or_create(
        item=item, line=line, member=member, defaults={"source": source, "reason": reason[:300]}
    )


@transaction.atomic
def declare_conflict(item: AgendaItem, line: DecisionLine, user: Any, *, reason: str) -> None:
    """A member keeps out of one line; possible until the item's voting has ended. Raises GateShut otherwise."""
    item = AgendaItem.objects.select_for_update().get(pk=item.pk)
    member = item.meeting.members.filter(user=user).first()
    over = item.meeting.state in (MeetingState.CLOSED, MeetingState.CANCELLED)
    if member is None or over or item.state not in OPEN_TO_CONFLICTS:
        raise GateShut([Blocker("Заявить о конфликте интересов можно до конца голосования по вопросу.")])
    if line.list_id != item.list_id:
        raise GateShut([Blocker("Этого человека нет в списке по вопросу.")])
    if not reason.strip():
        raise GateShut([Blocker("Укажите, в чём состоит конфликт интересов.", field="reason")])
    recuse(item, line, member, ConflictSource.DECLARED, reason.strip())
    Vote.objects.filter(item=item, member=member, line=line).delete()
    record_event(
        "commissions.declare_conflict", item, actor=user, person=line.person, line=line.pk, reason=reason
    )


@transaction.atomic
def open_voting(item: AgendaItem, *, actor: Any) -> None:
    """Open the voting on an item; who may vote and who presides is fixed now. Raises GateShut without a quorum."""
    meeting = Meeting.objects.select_for_update().get(pk=item.meeting_id)
    require_open(voting_blockers(meeting))
    ITEM.apply(item, "open_voting", actor=actor)
    _fix_voters(item, meeting)
    note_seen_papers(item)
    if meeting.is_absentee:
        _call_to_vote(item, meeting)
    record_event("commissions.open_voting", item, actor=actor)


@transaction.atomic
def reopen_voting(item: AgendaItem, *, actor: Any, reason: str) -> None:
    """Take an item's voting up again, voices kept, with a reason; raises GateShut, TransitionRefused."""
    meeting = Meeting.objects.select_for_update().get(pk=item.meeting_id)
    require_open(voting_blockers(meeting))
    ITEM.apply(item, "reopen_voting", actor=actor, reason=reason)
    _fix_voters(item, meeting)
    note_seen_papers(item)
    record_event("commissions.reopen_voting", item, actor=actor, reason=reason)


def voting_blockers(meeting: Meeting) -> list[Blocker]:
    """What keeps a voting from being opened: the meeting does not go on, no quorum, nobody presides."""
    blockers = []
    if meeting.state != MeetingState.OPEN:
        blockers.append(Blocker("Голосовать можно, пока заседание идёт."))
    if meeting.is_over_term:
        blockers.append(Blocker("Срок заочного голосования истёк: продлите его."))
    total, present, reached = quorum_of(meeting)
    if not reached:
        missing = (
            "" if meeting.presiding_id or not meeting.chair_needed else " Нет председателя или заместителя."
        )
        blockers.append(Blocker(f"Нет кворума: присутствуют {present} из {total}.{missing}"))
    return blockers


@transaction.atomic
def cast_vote(
    item: AgendaItem,
    *,
    user: Any,
    choice: str,
    differing: Mapping[int, str] | None = None,
    opinion: str = "",
) -> None:
    """Store a member's voice on the item and, where it differs, on single lines ({line id: choice}); replaces earlier.

    `opinion` is a separate opinion for the protocol. Raises GateShut when the voting is not open or its term is over,
    the member is not entitled, or a line is one he or she keeps out of.
    """
    item = AgendaItem.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=item.pk)
    if item.state != ItemState.VOTING or item.meeting.is_over_term:
        raise GateShut([Blocker("Голосование по этому вопросу не открыто.")])
    member = item.voters.filter(user=user).first()
    if member is None:
        raise GateShut([Blocker("Вы не вошли в число голосующих по этому вопросу.")])
    recused = set(item.recusals.filter(member=member).values_list("line_id", flat=True))
    lines = set(item.list.lines.values_list("pk", flat=True))
    if recused & set(differing or {}) or set(differing or {}) - lines:
        raise GateShut([Blocker("По этому человеку вы не голосуете.")])
    if lines <= recused:
        raise GateShut([Blocker("Вы не участвуете в рассмотрении этого вопроса.")])
    Vote.objects.filter(item=item, member=member).delete()
    Vote.objects.create(item=item, member=member, choice=Choice(choice), opinion=opinion.strip())
    Vote.objects.bulk_create(
        Vote(item=item, member=member, line_id=pk, choice=Choice(own))
        for pk, own in (differing or {}).items()
        if own != choice
    )
    record_event("commissions.cast_vote", item, actor=user)


@transaction.atomic
def close_voting(item: AgendaItem, *, actor: Any) -> None:
    """End the voting on an item; from now on its result is seen."""
    ITEM.apply(item, "close_voting", actor=actor)
    record_event("commissions.close_voting", item, actor=actor)


def _fix_voters(item: AgendaItem, meeting: Meeting) -> None:
    """Who is present now may vote on this item (late comers and leavers change later items alone), voices stay.

    Where somebody has voted for a seat, nobody else votes for it on this item.
    """
    voted = set(MeetingMember.objects.filter(cast_votes__item=item))
    seats = {member.place for member in voted}
    present = [
        member for member in meeting.members.filter(present=True, votes=True) if member.place not in seats
    ]
    meeting.members.filter(pk__in=[member.pk for member in present]).update(entitled=True)
    item.voters.set({*present, *voted})
    item.presiding = (
        meeting.members.filter(user=meeting.presiding_id).first() if meeting.presiding_id else None
    )
    item.save(update_fields=["presiding"])


def _call_to_vote(item: AgendaItem, meeting: Meeting) -> None:
    for member in item.voters.select_related("user"):
        send_letter(
            "meeting.voting",
            to=member.user,
            key=f"meeting.voting:{item.pk}:{member.user_id}",
            values={
                "body": meeting.body.name,
                "question": item.title,
                "until": until_words(meeting),
                "url": settings.SITE_URL + reverse("commissions:item", args=[item.pk]),
            },
            about=item,
        )


def until_words(meeting: Meeting) -> str:
    """The end of the term in words."""
    return f"{clock.local(meeting.ends_at):%d.%m.%Y %H:%M}" if meeting.ends_at else "конца голосования"
