"""Meetings: calling, attendance, conflicts, voting, closing."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.papers.services import issue_paper, next_number
from reserve_portal.regulations.enums import LinkForm
from reserve_portal.regulations.models import Edition

from .enums import Choice, ConflictSource, ItemState, ListState, MeetingForm, MeetingState, Position
from .models import AgendaItem, Body, DecisionLine, DecisionList, LineResult, Meeting, MeetingMember, Recusal, Vote
from .motions import motions
from .rules import Tally, is_supported, quorum_reached
from .services import advance_list, set_outcome
from .workflow import ITEM, MEETING


@transaction.atomic
def plan_meeting(
    body: Body, *, edition: Edition, starts_at: datetime, place: str, actor: Any, form: str = MeetingForm.IN_PERSON
) -> Meeting:
    """Call a meeting: its members are those whose term covers the day; each gets a letter.

    Raises GateShut when the body has no members or no chair, or the moment has passed.
    """
    members = list(body.members_on(clock.local(starts_at).date()))
    blockers = []
    if not any(member.votes for member in members):
        blockers.append(Blocker("В составе органа на эту дату нет голосующих членов."))
    if starts_at < clock.now():
        blockers.append(Blocker("Время заседания уже прошло.", field="starts_at"))
    require_open(blockers)
    rule = body.rule(edition)
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
        created_by=actor,
    )
    MEETING.start(meeting, actor=actor, label="Заседание назначено")
    for member in members:
        MeetingMember.objects.create(
            meeting=meeting,
            user=member.user,
            name=member.user.full_name,
            post=member.user.post,
            position=member.position,
            votes=member.votes,
        )
        send_letter(
            "meeting.called",
            to=member.user,
            key=f"meeting.called:{meeting.pk}:{member.user_id}",
            values={"body": body.name, "when": f"{clock.local(starts_at):%d.%m.%Y в %H:%M}", "place": place},
            about=meeting,
        )
    record_event("commissions.plan_meeting", meeting, actor=actor)
    return meeting


@transaction.atomic
def add_to_agenda(meeting: Meeting, decision_list: DecisionList, *, speaker: str, actor: Any) -> AgendaItem:
    """Put a list that waits for this body onto the agenda; computed conflicts become recusals at once.

    Raises GateShut when the meeting is over or the list waits for another body.
    """
    link = decision_list.link
    blockers = []
    if meeting.state not in (MeetingState.PLANNED, MeetingState.OPEN):
        blockers.append(Blocker("Заседание уже закончено."))
    if decision_list.state != ListState.SENT or link is None or link.form != LinkForm.MEETING:
        blockers.append(Blocker("Список не передан этому органу."))
    elif link.body != meeting.body.code:
        blockers.append(Blocker("Список ждёт решения другого органа."))
    if AgendaItem.objects.filter(list=decision_list, link_order=decision_list.link_order).exists():
        blockers.append(Blocker("Этот список уже в повестке."))
    require_open(blockers)
    motion = motions.get(decision_list.decision)
    item = AgendaItem.objects.create(
        meeting=meeting,
        order=meeting.items.count() + 1,
        list=decision_list,
        link_order=decision_list.link_order,
        title=motion.question,
        speaker=speaker,
    )
    ITEM.start(item, actor=actor, label="Включён в повестку")
    for line in decision_list.lines.select_related("person"):
        for member in meeting.members.select_related("user"):
            for reason in motion.conflicts(line, member.user):
                _recuse(item, line, member, ConflictSource.COMPUTED, reason)
    record_event("commissions.add_to_agenda", item, actor=actor)
    return item


@transaction.atomic
def declare_conflict(item: AgendaItem, line: DecisionLine, user: Any, *, reason: str) -> None:
    """A member keeps out of one line; possible until the item's voting has ended. Raises GateShut otherwise."""
    item = AgendaItem.objects.select_for_update().get(pk=item.pk)
    member = item.meeting.members.filter(user=user).first()
    if member is None or item.state == ItemState.VOTED or item.meeting.state == MeetingState.CLOSED:
        raise GateShut([Blocker("Заявить о конфликте интересов можно до конца голосования по вопросу.")])
    _recuse(item, line, member, ConflictSource.DECLARED, reason)
    Vote.objects.filter(item=item, member=member, line=line).delete()
    record_event("commissions.declare_conflict", item, actor=user, line=line.pk, reason=reason)


@transaction.atomic
def open_meeting(meeting: Meeting, *, present: list[int], actor: Any) -> None:
    """Open the meeting with the members present (their user ids); chair or deputy presides."""
    MEETING.apply(meeting, "open", actor=actor)
    Meeting.objects.filter(pk=meeting.pk).update(opened_at=clock.now())
    _set_attendance(meeting, present)
    record_event("commissions.open_meeting", meeting, actor=actor)


@transaction.atomic
def mark_attendance(meeting: Meeting, *, present: list[int], actor: Any) -> None:
    """Change who is present while the meeting goes on; who already voted stays present."""
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if locked.state != MeetingState.OPEN:
        raise GateShut([Blocker("Отмечать явку можно, пока заседание идёт.")])
    voted = set(Vote.objects.filter(item__meeting=meeting).values_list("member__user_id", flat=True))
    _set_attendance(meeting, [*present, *voted])
    record_event("commissions.mark_attendance", meeting, actor=actor, present=sorted({*present, *voted}))


def quorum_of(meeting: Meeting) -> tuple[int, int, bool]:
    """Return (voting members, present among them, quorum reached)."""
    members = [member for member in meeting.members.all() if member.votes]
    present = sum(member.present for member in members)
    reached = quorum_reached(len(members), present, meeting.quorum_percent, strict=meeting.quorum_strict)
    return len(members), present, reached and (meeting.presiding_id is not None or not meeting.chair_needed)


@transaction.atomic
def open_voting(item: AgendaItem, *, actor: Any) -> None:
    """Open the voting on an item; the entitled voters are fixed now. Raises GateShut without a quorum."""
    meeting = Meeting.objects.select_for_update().get(pk=item.meeting_id)
    blockers = []
    if meeting.state != MeetingState.OPEN:
        blockers.append(Blocker("Голосовать можно, пока заседание идёт."))
    total, present, reached = quorum_of(meeting)
    if not reached:
        missing = "" if meeting.presiding_id or not meeting.chair_needed else " Нет председателя или заместителя."
        blockers.append(Blocker(f"Нет кворума: присутствуют {present} из {total}.{missing}"))
    require_open(blockers)
    ITEM.apply(item, "open_voting", actor=actor)
    meeting.members.filter(present=True, votes=True).update(entitled=True)
    record_event("commissions.open_voting", item, actor=actor)


@transaction.atomic
def cast_vote(item: AgendaItem, *, user: Any, choice: str, differing: Mapping[int, str] | None = None) -> None:
    """Store a member's voice on the item and, where it differs, on single lines ({line id: choice}); replaces earlier.

    Raises GateShut when the voting is not open, the member is not entitled, or a line is one he or she keeps out of.
    """
    item = AgendaItem.objects.select_for_update().get(pk=item.pk)
    member = item.meeting.members.filter(user=user, entitled=True).first()
    if item.state != ItemState.VOTING:
        raise GateShut([Blocker("Голосование по этому вопросу не открыто.")])
    if member is None:
        raise GateShut([Blocker("Вы не вошли в число голосующих на этом заседании.")])
    recused = set(item.recusals.filter(member=member).values_list("line_id", flat=True))
    lines = set(item.list.lines.values_list("pk", flat=True))
    if recused & set(differing or {}) or set(differing or {}) - lines:
        raise GateShut([Blocker("По этому человеку вы не голосуете.")])
    if lines <= recused:
        raise GateShut([Blocker("Вы не участвуете в рассмотрении этого вопроса.")])
    Vote.objects.filter(item=item, member=member).delete()
    Vote.objects.create(item=item, member=member, choice=Choice(choice))
    for pk, own in (differing or {}).items():
        if own != choice:
            Vote.objects.create(item=item, member=member, line_id=pk, choice=Choice(own))
    record_event("commissions.cast_vote", item, actor=user)


def silent_members(item: AgendaItem) -> list[MeetingMember]:
    """Entitled members who have not voted on the item and do not keep out of all of it."""
    voted = set(item.votes.values_list("member_id", flat=True))
    lines = item.list.lines.count()
    recused = Counter(item.recusals.values_list("member_id", flat=True))
    entitled = item.meeting.members.filter(entitled=True)
    return [member for member in entitled if member.pk not in voted and recused[member.pk] < lines]


@transaction.atomic
def close_voting(item: AgendaItem, *, actor: Any) -> None:
    """End the voting on an item; from now on its result is seen."""
    ITEM.apply(item, "close_voting", actor=actor)
    record_event("commissions.close_voting", item, actor=actor)


def tally_of(item: AgendaItem, line: DecisionLine) -> tuple[Tally, str | None]:
    """Count one line: without its recused members; returns the tally and the presiding member's choice."""
    recused = {row.member_id for row in item.recusals.all() if row.line_id == line.pk}
    own = {row.member_id: row.choice for row in item.votes.all() if row.line_id == line.pk}
    whole = {row.member_id: row.choice for row in item.votes.all() if row.line_id is None}
    members = [member for member in item.meeting.members.all() if member.votes and member.pk not in recused]
    voters = [member for member in members if member.entitled]
    choices = {member.pk: own.get(member.pk, whole.get(member.pk)) for member in voters}
    count = Counter(choices.values())
    presiding = next((member.pk for member in voters if member.user_id == item.meeting.presiding_id), None)
    tally = Tally(len(members), len(voters), count[Choice.FOR], count[Choice.AGAINST], count[Choice.ABSTAIN])
    return tally, choices.get(presiding) if presiding and item.meeting.casting_vote else None


def departures_of(item: AgendaItem) -> list[DecisionLine]:
    """Lines on which the voices did not carry the proposal, so that the body departs from it."""
    return [line for line in item.list.lines.all() if not _supported(item, line)]


def closing_blockers(meeting: Meeting, departures: Mapping[int, str] | None = None) -> list[Blocker]:
    """What keeps the meeting from being closed; `departures` maps lines decided otherwise to the body's reason."""
    items = list(meeting.items.select_related("list"))
    blockers = [] if items else [Blocker("В повестке нет ни одного вопроса.")]
    for item in items:
        if item.state != ItemState.VOTED:
            blockers.append(Blocker(f"Вопрос {item.order}: голосование не закончено."))
            continue
        for line in item.list.lines.all():
            tally, _ = tally_of(item, line)
            if not quorum_reached(tally.members, tally.present, meeting.quorum_percent, strict=meeting.quorum_strict):
                blockers.append(Blocker(f"Вопрос {item.order}, {line}: без отведённых нет кворума."))
        for line in departures_of(item):
            if not (departures or {}).get(line.pk, "").strip():
                text = f"Вопрос {item.order}, {line}: решение расходится с предложением — укажите причину."
                blockers.append(Blocker(text, field=f"reason_{line.pk}"))
    return blockers


@transaction.atomic
def close_meeting(meeting: Meeting, *, departures: Mapping[int, str] | None = None, actor: Any) -> None:
    """Close the meeting: results fixed, protocol numbered and issued, lists moved on; raises GateShut.

    The row of the meeting is locked first: of two closings at once one wins, the other is told.
    """
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    MEETING.apply(meeting, "close", actor=actor)
    require_open(closing_blockers(meeting, departures))
    day = clock.local(meeting.starts_at).date()
    meeting.refresh_from_db()
    meeting.closed_at = clock.now()
    meeting.number = str(next_number(f"protocol:{meeting.body.code}:{day.year}"))
    if meeting.secretary_id is None:
        meeting.secretary = actor
    meeting.save(update_fields=["closed_at", "number", "secretary"])
    for item in meeting.items.select_related("list"):
        for line in item.list.lines.all():
            _store_result(item, line, (departures or {}).get(line.pk, "").strip())
    issue_protocol(meeting, actor=actor)
    record_event("commissions.close_meeting", meeting, actor=actor, number=meeting.number)
    for item in meeting.items.select_related("list", "list__edition"):
        advance_list(item.list, on=day, actor=actor)


def issue_protocol(meeting: Meeting, *, actor: Any) -> None:
    """Issue the protocol; its date is the day of the meeting, its text is what the tables say."""
    from .papers import protocol_context

    issue_paper(
        "protocol",
        meeting,
        protocol_context(meeting),
        actor=actor,
        dated=clock.local(meeting.starts_at).date(),
        title=f"Протокол заседания {meeting.body.rule(meeting.edition).name_in}",
        number=meeting.number,
    )


def _recuse(item: AgendaItem, line: DecisionLine, member: MeetingMember, source: str, reason: str) -> None:
    Recusal.objects.get_or_create(item=item, line=line, member=member, defaults={"source": source, "reason": reason})


def _set_attendance(meeting: Meeting, present: list[int]) -> None:
    meeting.members.filter(user__in=present).update(present=True)
    meeting.members.exclude(user__in=present).update(present=False)
    there = {member.position: member.user for member in meeting.members.filter(present=True).select_related("user")}
    meeting.presiding = there.get(Position.CHAIR) or there.get(Position.DEPUTY)
    meeting.secretary = there.get(Position.SECRETARY)
    meeting.save(update_fields=["presiding", "secretary"])


def _supported(item: AgendaItem, line: DecisionLine) -> bool:
    tally, casting = tally_of(item, line)
    return is_supported(tally, item.meeting.majority, casting=casting)


def _store_result(item: AgendaItem, line: DecisionLine, reason: str) -> None:
    tally, _ = tally_of(item, line)
    supported = _supported(item, line)
    outcome = line.standing if supported else not line.standing
    LineResult.objects.create(
        item=item,
        line=line,
        members=tally.members,
        present=tally.present,
        in_favour=tally.in_favour,
        against=tally.against,
        abstained=tally.abstained,
        supported=supported,
        outcome=outcome,
        reason=reason,
    )
    set_outcome(line, outcome, reason or line.proposal_reason)
