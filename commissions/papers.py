"""Protocol, extract, draft order: their text is what the tables say, nothing is counted anew (domain/documents.md)."""

from collections import Counter
from typing import Any

from reserve_portal.papers.kinds import PaperKind, register_paper

from .models import AgendaItem, DecisionLine, DecisionList, LineResult, Meeting, MeetingMember
from .motions import Columns, Motion, motion_of, table_row
from .perms import can_read_extract, can_read_order_draft, can_read_protocol
from .services import basis_of

LISTED_IN_TEXT = 10
Votes = tuple[int, int, int, int]  # for, against, abstained, silent

register_paper(
    PaperKind(
        code="protocol",
        title="Протокол заседания",
        template="commissions/pdf/protocol.html",
        number="{number}/{year}",
        series="protocol:{year}",
        may_read=can_read_protocol,
    )
)
register_paper(
    PaperKind(
        code="protocol_short",
        title="Краткий протокол заседания",
        template="commissions/pdf/protocol.html",
        number="{number}/{year}",
        series="protocol:{year}",
        may_read=can_read_protocol,
    )
)
register_paper(
    PaperKind(
        code="extract",
        title="Выписка из протокола",
        template="commissions/pdf/extract.html",
        number="{number}/{year}",
        series="extract:{year}",
        may_read=can_read_extract,
        person_reads=False,  # by can_read_extract: only once the whole chain has decided
    )
)
register_paper(
    PaperKind(
        code="order_draft",
        title="Проект приказа",
        template="commissions/pdf/order.html",
        number="{number}/{year}",
        series="order_draft:{year}",
        may_read=can_read_order_draft,
    )
)


def protocol_context(meeting: Meeting) -> dict[str, Any]:
    """What the protocol of a closed meeting says; people in alphabetical order, voices from the stored results."""
    members = list(meeting.members.select_related("stands_in_for").order_by("name"))
    seats = [member for member in members if member.votes]
    there = [member for member in members if member.attended]
    taken = {member.place for member in there}
    items = list(
        meeting.items.standing()
        .select_related("list__corrects__meeting", "presiding")
        .prefetch_related("list__lines", "results", "recusals__member", "recusals__line", "votes__member")
    )
    first = 1 if len(there) > LISTED_IN_TEXT else 0
    rows = [_item(number, item, first + number) for number, item in enumerate(items, start=1)]
    return {
        "meeting": meeting,
        "edition": meeting.edition,
        "body_in": meeting.body_name_in,
        "presiding": _presiding(meeting, members, items),
        "secretary": _secretary(meeting, members),
        "present": there,
        "present_in_annex": bool(first),
        "absent": [member for member in seats if member.place not in taken],
        "late": [member for member in there if member.arrived_at],
        "left": [member for member in there if member.left_at],
        "voting_total": len(seats),
        "voting_present": len(taken & {member.place for member in seats}),
        "items": rows,
        "opinions": _number_opinions(rows, first + len(rows)),
        "departing": any(result.reason for item in items for result in item.results.all()),
    }


def _presiding(meeting: Meeting, members: list[MeetingMember], items: list[AgendaItem]) -> Any:
    """Who presided: at the end, or, when he or she had left, at the last item."""
    at_the_end = next((member for member in members if member.user_id == meeting.presiding_id), None)
    return at_the_end or next((item.presiding for item in reversed(items) if item.presiding), None)


def _secretary(meeting: Meeting, members: list[MeetingMember]) -> Any:
    """The secretary as called to the meeting; whoever closed it in the absence of one."""
    called = next((member for member in members if member.user_id == meeting.secretary_id), None)
    if called is None and meeting.secretary is not None:
        return {"name": meeting.secretary.full_name, "short_name": meeting.secretary.short_name}
    return called


def _number_opinions(rows: list[dict[str, Any]], last: int) -> list[dict[str, Any]]:
    """Separate opinions, each an annex of its own after the lists."""
    opinions = [opinion for row in rows for opinion in row["opinions"]]
    for number, opinion in enumerate(opinions, start=last + 1):
        opinion["annex"] = number
    return opinions


def _item(number: int, item: AgendaItem, annex: int) -> dict[str, Any]:
    motion = motion_of(item.list)
    columns = motion.shown_columns(item.list)
    results = {result.line_id: result for result in item.results.all()}
    rows = [
        _row(order, line, results[line.pk], motion, columns)
        for order, line in enumerate(item.list.lines.all(), start=1)
    ]
    common = _usual_votes([row["votes"] for row in rows])
    return {
        "number": number,
        "item": item,
        "annex": annex,
        "headings": [heading for _, heading in columns],
        "rows": rows,
        "decisions": _decisions(number, rows, motion),
        "votes": common,
        "apart": [row for row in rows if row["votes"] != common],
        "took_part": max((row["result"].present for row in rows), default=0),
        "entitled": max((row["result"].members for row in rows), default=0),
        "opinions": [
            {"number": number, "title": item.title, "name": vote.member.name, "text": vote.opinion}
            for vote in sorted(item.votes.all(), key=lambda vote: vote.member.name)
            if vote.opinion
        ],
        "recusals": sorted(item.recusals.all(), key=lambda row: (row.line.order, row.member.name)),
        "departures": [row for row in rows if row["result"].reason],
    }


def _usual_votes(votes: list[Votes]) -> Votes:
    """The counts of most people; of equally frequent ones those with most voices, then most in favour."""
    count = Counter(votes)
    return max(count, key=lambda one: (count[one], sum(one), one), default=(0, 0, 0, 0))


def _row(
    order: int, line: DecisionLine, result: LineResult, motion: Motion, columns: Columns = ()
) -> dict[str, Any]:
    silent = result.present - result.in_favour - result.against - result.abstained
    return {
        "order": order,
        **table_row(line, columns),
        "result": result,
        "decision": motion.yes if result.outcome else motion.no,
        "votes": (result.in_favour, result.against, result.abstained, silent),
    }


def _decisions(number: int, rows: list[dict[str, Any]], motion: Motion) -> list[dict[str, Any]]:
    """«1.1. Допустить: …», «1.2. Не допускать: …»; long lists stand in the annex alone."""
    found: list[dict[str, Any]] = []
    for outcome, words in ((True, motion.yes), (False, motion.no)):
        people = [row for row in rows if row["result"].outcome is outcome]
        if people:
            found.append(
                {
                    "number": f"{number}.{len(found) + 1}",
                    "words": words[:1].upper() + words[1:],
                    "count": len(people),
                    "people": people if len(people) <= LISTED_IN_TEXT else [],
                }
            )
    return found


def extract_context(result: LineResult) -> dict[str, Any]:
    """What a protocol says of one person: the item as in the original, nobody else's name or points.

    Points stand in the annex, which is no part of it: what a person sees of them is the procedure's to say.
    """
    item, meeting = result.item, result.item.meeting
    members = list(meeting.members.all())
    recused = [row for row in item.recusals.select_related("member") if row.line_id == result.line_id]
    motion = motion_of(item.list)
    number = list(meeting.items.standing().values_list("pk", flat=True)).index(item.pk) + 1
    return {
        "meeting": meeting,
        "edition": meeting.edition,
        "body_in": meeting.body_name_in,
        "presiding": _presiding(meeting, members, [item]),
        "secretary": _secretary(meeting, members),
        "voting_total": result.members,
        "voting_present": result.present,
        "number": number,
        "item": item,
        "cells": _mended(result.line, motion) if item.list.corrects else [],
        "recusals": sorted(recused, key=lambda row: row.member.name),
        "row": _row(1, result.line, result, motion),
        "corrected": item.list.corrects,
    }


def _mended(line: DecisionLine, motion: Motion) -> list[tuple[str, str]]:
    """What a correction mends: as it was written, as it is to be read."""
    return [(heading, line.details.get(key, "")) for key, heading in motion.columns]


def order_context(decision_list: DecisionList) -> dict[str, Any]:
    """What the draft of the order says that the list waits for."""
    motion, link = motion_of(decision_list), decision_list.link
    body = decision_list.edition.body_rules.get(code=link.body) if link else None
    columns = motion.shown_columns(decision_list)
    rows = [table_row(line, columns) for line in decision_list.lines.all()]
    groups: list[dict[str, Any]] = [
        {"words": words[:1].upper() + words[1:], "rows": [row for row in rows if row["line"].standing is yes]}
        for yes, words in ((True, motion.yes), (False, motion.no))
    ]
    return {
        "list": decision_list,
        "edition": decision_list.edition,
        "body": body,
        "question": motion.question,
        "basis": basis_of(decision_list),
        "headings": [heading for _, heading in columns],
        "groups": [group for group in groups if group["rows"]],
    }
