"""Meetings: calling, agenda, cancelling. Opening: attendance.py; voices: voting.py; the end: closing.py."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import LinkForm
from reserve_portal.regulations.models import BodyRule, Edition

from .attendance import mark_attendance, open_meeting
from .closing import close_meeting, closing_blockers, issue_protocol
from .counting import departures_of, quorum_of, silent_members, tallies_of, tally_of
from .enums import ConflictSource, ListState, MeetingForm, MeetingState, Position
from .models import AgendaItem, Body, BodyMember, DecisionList, Meeting, MeetingMember, Recusal
from .motions import motion_of
from .voting import (
    cast_vote,
    close_voting,
    declare_conflict,
    open_voting,
    recuse,
    reopen_voting,
    voting_blockers,
)
from .workflow import ITEM, MEETING

__all__ = [
    "add_to_agenda",
    "cancel_meeting",
    "cast_vote",
    "close_meeting",
    "close_voting",
    "closing_blockers",
    "declare_conflict",
    "departures_of",
    "issue_protocol",
    "mark_attendance",
    "open_meeting",
    "open_voting",
    "plan_meeting",
    "quorum_of",
    "remove_from_agenda",
    "reopen_voting",
    "save_discussion",
    "silent_members",
    "tallies_of",
    "tally_of",
    "voting_blockers",
]
PRESIDERS = (Position.CHAIR, Position.DEPUTY)


@transaction.atomic
def plan_meeting(
    body: Body,
    *,
    edition: Edition,
    starts_at: datetime,
    place: str,
    actor: Any,
    form: str = MeetingForm.IN_PERSON,
    ends_at: datetime | None = None,
) -> Meeting:
    """Call a meeting: its members are those whose term covers the day, with their substitutes; each gets a letter.

    An absentee poll has a term, `ends_at`, after which no voice is taken (O4.16). Raises GateShut when the body has no
    rules in the edition, no voting members or no chair, or a moment has passed.
    """
    rule = edition.body_rules.filter(code=body.code).first()
    members = _people_of(body, starts_at, substitutes=rule is not None and rule.substitutes)
    ends_at = ends_at if form == MeetingForm.ABSENTEE else None
    blockers = _planning_blockers(rule, members, starts_at)
    if form == MeetingForm.ABSENTEE and (ends_at is None or ends_at <= starts_at):
        blockers.append(
            Blocker("Укажите, до какого времени принимаются голоса: позже начала.", field="ends_at")
        )
    require_open(blockers)
    assert rule is not None
    meeting = Meeting.objects.create(
        body=body,
        edition=edition,
        form=form,
        starts_at=starts_at,
        place=place,
        quorum_percent=rule.quorum_percent,
        quorum_strict=rule.quorum_strict,
        chair_needed=rule.chair_needed,
        majority=rule.majority,
        casting_vote=rule.casting_vote,
        ends_at=ends_at,
        body_name=body.name,
        body_name_in=rule.name_in,
        edition_name=edition.name,
        rule_clause=rule.clause,
        created_by=actor,
    )
    MEETING.start(meeting, actor=actor, label="Заседание назначено")
    _call(meeting, members)
    url = settings.SITE_URL + reverse("commissions:meeting", args=[meeting.pk])
    _write_to_members(
        meeting,
        "meeting.called",
        form=meeting.get_form_display(),
        place=place or "на портале",
        url=url,
        calendar=settings.SITE_URL + reverse("commissions:calendar", args=[meeting.pk]),
    )
    record_event("commissions.plan_meeting", meeting, actor=actor)
    return meeting


def _call(meeting: Meeting, members: list[BodyMember]) -> None:
    """Write the snapshot of the members; a substitute has no voice until he or she stands in."""
    called: dict[int, MeetingMember] = {}
    for member in sorted(members, key=lambda row: row.stands_in_for_id is not None):
        absent = called.get(member.stands_in_for_id or 0)
        if member.stands_in_for_id is not None and absent is None:
            continue  # whom he or she would stand in for has no seat on that day
        called[member.pk] = MeetingMember.objects.create(
            meeting=meeting,
            user=member.user,
            name=member.user.full_name,
            post=member.user.post,
            position=member.position if absent is None else Position.MEMBER,
            votes=member.votes and absent is None,
            stands_in_for=absent,
        )


def _people_of(body: Body, starts_at: datetime, *, substitutes: bool) -> list[BodyMember]:
    """Each person once, even when two of his or her terms cover the day; the own seat goes before a substitute's."""
    rows = body.members_on(clock.local(starts_at).date()).filter(user__is_active=True)
    if not substitutes:
        rows = rows.filter(stands_in_for=None)
    own_last = sorted(rows, key=lambda row: row.stands_in_for_id is None)
    once = {member.user_id: member for member in own_last}
    return [member for member in rows if once[member.user_id].pk == member.pk]


def _planning_blockers(
    rule: BodyRule | None, members: list[BodyMember], starts_at: datetime
) -> list[Blocker]:
    blockers = []
    if rule is None:
        blockers.append(Blocker("В этой редакции порядка нет правил такого органа.", field="body"))
    members = [member for member in members if member.stands_in_for_id is None]
    if not any(member.votes for member in members):
        blockers.append(Blocker("В составе органа на эту дату нет голосующих членов.", field="body"))
    elif (
        rule is not None and rule.chair_needed and not any(member.position in PRESIDERS for member in members)
    ):
        blockers.append(Blocker("В составе органа на эту дату нет председателя и заместителя.", field="body"))
    if starts_at < clock.now():
        blockers.append(Blocker("Время заседания уже прошло.", field="starts_at"))
    return blockers


@transaction.atomic
def add_to_agenda(meeting: Meeting, decision_list: DecisionList, *, speaker: str, actor: Any) -> AgendaItem:
    """Put a list that waits for this body onto the agenda; computed conflicts become recusals at once.

    Raises GateShut when the meeting is over or the list waits for another body.
    """
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("body").get(pk=meeting.pk)
    decision_list = DecisionList.objects.select_for_update(of=("self",)).get(pk=decision_list.pk)
    require_open(agenda_blockers(meeting, decision_list))
    motion = motion_of(decision_list)
    item = AgendaItem.objects.create(
        meeting=meeting,
        order=(meeting.items.aggregate(last=Max("order"))["last"] or 0) + 1,
        list=decision_list,
        link_order=decision_list.link_order,
        title=motion.question,
        speaker=speaker,
    )
    ITEM.start(item, actor=actor, label="Включён в повестку")
    _keep_out(item, decision_list)
    motion.scheduled(item, actor=actor)
    record_event("commissions.add_to_agenda", item, actor=actor)
    return item


def _keep_out(item: AgendaItem, decision_list: DecisionList) -> None:
    """Recusals from facts, and those that a member of two bodies declared before the first of them."""
    motion = motion_of(decision_list)
    members = list(item.meeting.members.select_related("user__organisation"))
    declared: dict[tuple[int, int], str] = {
        (row.line_id, row.member.user_id): row.reason
        for row in Recusal.objects.filter(
            line__list=decision_list, source=ConflictSource.DECLARED
        ).select_related("member")
    }
    for line in decision_list.lines.select_related("person").prefetch_related("subject"):
        for member in members:
            for reason in motion.conflicts(line, member.user):
                recuse(item, line, member, ConflictSource.COMPUTED, reason)
            if (line.pk, member.user_id) in declared:
                recuse(item, line, member, ConflictSource.DECLARED, declared[line.pk, member.user_id])


def agenda_blockers(meeting: Meeting, decision_list: DecisionList) -> list[Blocker]:
    """What keeps the list from this meeting's agenda."""
    link = decision_list.link
    blockers = []
    if meeting.state not in (MeetingState.PLANNED, MeetingState.OPEN):
        blockers.append(Blocker("Заседание уже закончено."))
    if decision_list.state != ListState.SENT or link is None or link.form != LinkForm.MEETING:
        blockers.append(Blocker("Список не передан этому органу."))
    elif link.body != meeting.body.code:
        blockers.append(Blocker("Список ждёт решения другого органа."))
    if decision_list.items.standing().filter(link_order=decision_list.link_order).exists():
        blockers.append(Blocker("Этот список уже в повестке."))
    return blockers


@transaction.atomic
def remove_from_agenda(item: AgendaItem, *, actor: Any, reason: str) -> None:
    """Take an item off the agenda, with a reason; its list waits for another meeting. Raises GateShut."""
    meeting = Meeting.objects.select_for_update().get(pk=item.meeting_id)
    if meeting.state not in (MeetingState.PLANNED, MeetingState.OPEN):
        raise GateShut([Blocker("Заседание уже закончено.")])
    ITEM.apply(item, "remove", actor=actor, reason=reason)
    record_event("commissions.remove_from_agenda", item, actor=actor, reason=reason)


@transaction.atomic
def save_discussion(item: AgendaItem, *, text: str, actor: Any) -> None:
    """Keep who spoke on the item and what about, for the protocol; raises GateShut unless the meeting goes on."""
    meeting = Meeting.objects.select_for_update().get(pk=item.meeting_id)
    if meeting.state != MeetingState.OPEN:
        raise GateShut([Blocker("Записать выступления можно, пока заседание идёт.")])
    item.discussion = text.strip()
    item.save(update_fields=["discussion"])
    record_event("commissions.save_discussion", item, actor=actor)


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, actor: Any, reason: str) -> None:
    """Cancel a meeting that is to come, or break off an open one; its lists wait for another meeting.

    Raises TransitionRefused without a reason or after the closing.
    """
    MEETING.apply(meeting, "cancel", actor=actor, reason=reason)
    for item in meeting.items.standing():
        ITEM.apply(item, "remove", actor=actor, reason="Заседание отменено")
    _write_to_members(meeting, "meeting.cancelled", reason=reason)
    record_event("commissions.cancel_meeting", meeting, actor=actor, reason=reason)


def _write_to_members(meeting: Meeting, code: str, **values: str) -> None:
    when = f"{clock.local(meeting.starts_at):%d.%m.%Y в %H:%M}"
    for member in meeting.members.select_related("user"):
        send_letter(
            code,
            to=member.user,
            key=f"{code}:{meeting.pk}:{member.user_id}",
            values={"body": meeting.body.name, "when": when, **values},
            about=meeting,
        )
