"""The protocol: its text is what the tables say, nothing is counted anew (domain/documents.md)."""

from collections import Counter
from typing import Any

from reserve_portal.papers.kinds import PaperKind, register_paper

from .models import AgendaItem, DecisionLine, LineResult, Meeting, MeetingMember
from .motions import Motion, motions
from .perms import can_read_protocol

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


def protocol_context(meeting: Meeting) -> dict[str, Any]:
    """What the protocol of a closed meeting says; people in alphabetical order, voices from the stored results."""
    members = list(meeting.members.select_related("user").order_by("name"))
    voting = [member for member in members if member.votes]
    present = [member for member in members if member.present]
    items = list(
        meeting.items.standing()
        .select_related("list", "presiding__user")
        .prefetch_related("list__lines", "results", "recusals__member", "recusals__line")
    )
    annexes = (1 if len(present) > LISTED_IN_TEXT else 0) + 1
    return {
        "meeting": meeting,
        "edition": meeting.edition,
        "body_in": meeting.body.rule(meeting.edition).name_in,
        "presiding": _presiding(meeting, members, items),
        "secretary": meeting.secretary,
        "present": present,
        "present_in_annex": len(present) > LISTED_IN_TEXT,
        "absent": [member for member in voting if not member.present],
        "voting_total": len(voting),
        "voting_present": sum(member.present for member in voting),
        "items": [_item(number, item, annexes - 1 + number) for number, item in enumerate(items, start=1)],
        "departing": any(result.reason for item in items for result in item.results.all()),
    }


def _presiding(meeting: Meeting, members: list[MeetingMember], items: list[AgendaItem]) -> Any:
    """Who presided: at the end, or, when he or she had left, at the last item."""
    if meeting.presiding is not None:
        return meeting.presiding
    return next((item.presiding.user for item in reversed(items) if item.presiding), None)


def _item(number: int, item: AgendaItem, annex: int) -> dict[str, Any]:
    motion = motions.get(item.list.decision)
    results = {result.line_id: result for result in item.results.all()}
    rows = [
        _row(order, line, results[line.pk], motion)
        for order, line in enumerate(item.list.lines.all(), start=1)
    ]
    common = _usual_votes([row["votes"] for row in rows])
    return {
        "number": number,
        "item": item,
        "annex": annex,
        "headings": [heading for _, heading in motion.columns],
        "rows": rows,
        "decisions": _decisions(number, rows, motion),
        "votes": common,
        "apart": [row for row in rows if row["votes"] != common],
        "recusals": sorted(item.recusals.all(), key=lambda row: (row.line.order, row.member.name)),
        "departures": [row for row in rows if row["result"].reason],
    }


def _usual_votes(votes: list[Votes]) -> Votes:
    """The counts of most people; of equally frequent ones those with most voices, then most in favour."""
    count = Counter(votes)
    return max(count, key=lambda one: (count[one], sum(one), one), default=(0, 0, 0, 0))


def _row(order: int, line: DecisionLine, result: LineResult, motion: Motion) -> dict[str, Any]:
    silent = result.present - result.in_favour - result.against - result.abstained
    return {
        "order": order,
        "line": line,
        "result": result,
        "cells": [line.details.get(key, "") for key, _ in motion.columns],
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
