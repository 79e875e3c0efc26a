"""Closing a meeting: results fixed, the protocol issued, the lists passed on, all in one transaction."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.papers.services import issue_paper, next_number
from reserve_portal.regulations.deadlines import event_happened

from .counting import Counted, carried, has_quorum, tallies_of
from .enums import ItemState, MeetingState
from .models import AgendaItem, DecisionLine, LineResult, Meeting
from .papers import order_context, protocol_context
from .services import advance_list, set_outcome
from .workflow import MEETING


def closing_blockers(meeting: Meeting, departures: Mapping[int, str] | None = None) -> list[Blocker]:
    """What keeps the meeting from being closed; `departures` maps lines decided otherwise to the body's reason."""
    if meeting.state != MeetingState.OPEN:
        return [Blocker("Закрыть можно заседание, которое идёт.")]
    items = _items(meeting)
    blockers = [] if items else [Blocker("В повестке нет ни одного вопроса.")]
    for item in items:
        if item.state != ItemState.VOTED:
            blockers.append(Blocker(f"Вопрос {item.order}: голосование не закончено."))
        else:
            blockers += _line_blockers(item, departures or {})
    return blockers


def _line_blockers(item: AgendaItem, departures: Mapping[int, str]) -> list[Blocker]:
    found = []
    lines = list(item.list.lines.all())
    counted = tallies_of(item, lines)
    for line in lines:
        if not has_quorum(item.meeting, counted[line.pk][0]):
            found.append(Blocker(f"Вопрос {item.order}, {line}: без отведённых нет кворума."))
        if not carried(item.meeting, counted[line.pk]) and not departures.get(line.pk, "").strip():
            text = f"Вопрос {item.order}, {line}: решение расходится с предложением — укажите причину."
            found.append(Blocker(text, field=f"reason_{line.pk}"))
    return found


@transaction.atomic
def close_meeting(meeting: Meeting, *, departures: Mapping[int, str] | None = None, actor: Any) -> None:
    """Close the meeting: results fixed, protocol numbered and issued, lists moved on; raises GateShut.

    The row of the meeting is locked first: of two closings at once one wins, the other is told.
    """
    locked = (
        Meeting.objects.select_for_update(of=("self",)).select_related("body", "edition").get(pk=meeting.pk)
    )
    require_open(closing_blockers(locked, departures))
    MEETING.apply(locked, "close", actor=actor)
    day = clock.local(locked.starts_at).date()
    index = locked.body.number_index
    locked.closed_at = clock.now()
    locked.number = f"{index}-{next_number(f'protocol:{index}:{day.year}')}/{day.year}"
    if locked.secretary_id is None:
        locked.secretary = actor
    locked.save(update_fields=["closed_at", "number", "secretary"])
    items = _items(locked)
    _note_who_took_part(locked, items)
    for item in items:
        lines = list(item.list.lines.all())
        counted = tallies_of(item, lines)
        for line in lines:
            _store_result(item, line, counted[line.pk], (departures or {}).get(line.pk, "").strip())
    issue_protocol(locked, actor=actor)
    record_event("commissions.close_meeting", locked, actor=actor, number=locked.number)
    if locked.body.code == locked.edition.value("quarterly_body"):  # O3.10
        event_happened("quarterly_body.met", locked.edition, edition=locked.edition, on=day)
    for item in items:
        advance_list(item.list, on=day, actor=actor)
        if item.list.waits_for_order:
            _issue_order_draft(item, actor=actor)
    meeting.refresh_from_db()


def issue_protocol(meeting: Meeting, *, actor: Any) -> None:
    """Issue the protocol, full and short; its date is the day of the meeting, its text is what the tables say."""
    context, dated = protocol_context(meeting), clock.local(meeting.starts_at).date()
    for code, words in (("protocol", "Протокол"), ("protocol_short", "Краткий протокол")):
        issue_paper(
            code,
            meeting,
            {**context, "short": code == "protocol_short"},
            actor=actor,
            dated=dated,
            title=f"{words} заседания {meeting.body_name_in}"[:300],
            number=meeting.number,
        )


def _issue_order_draft(item: AgendaItem, *, actor: Any) -> None:
    """A list that came to an order brings its draft along."""
    issue_paper(
        "order_draft",
        item.list,
        order_context(item.list),
        actor=actor,
        title=f"Проект приказа: {item.list.title}"[:300],
        number=f"{item.meeting.number}-{item.order}",
    )


def _items(meeting: Meeting) -> list[AgendaItem]:
    return list(
        meeting.items.standing()
        .select_related("meeting", "list__edition")
        .prefetch_related("meeting__members", "recusals", "votes", "voters")
    )


def _note_who_took_part(meeting: Meeting, items: list[AgendaItem]) -> None:
    """In an absentee poll those took part who voted."""
    if meeting.is_absentee:
        voted = {vote.member_id for item in items for vote in item.votes.all()}
        meeting.members.update(present=False)
        meeting.members.filter(pk__in=voted).update(present=True)


def _store_result(item: AgendaItem, line: DecisionLine, counted: Counted, reason: str) -> None:
    tally, supported = counted[0], carried(item.meeting, counted)
    outcome = line.standing if supported else not line.standing
    ground = (line.outcome_reason or line.proposal_reason) if supported else reason
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
        reason="" if supported else reason,
        ground=ground,
    )
    set_outcome(line, outcome, ground)
