"""Reading voices: who is there, who has not voted, what the voices on each line come to."""

from collections import Counter, defaultdict

from .enums import Choice
from .models import AgendaItem, DecisionLine, Meeting, MeetingMember
from .rules import Tally, is_supported, quorum_reached

Counted = tuple[Tally, str | None]


def quorum_of(meeting: Meeting) -> tuple[int, int, bool]:
    """Return (voting members, present among them, quorum reached); without a needed chair there is none."""
    members = [member for member in meeting.members.all() if member.votes]
    present = sum(member.present for member in members)
    reached = quorum_reached(len(members), present, meeting.quorum_percent, strict=meeting.quorum_strict)
    return len(members), present, reached and (meeting.presiding_id is not None or not meeting.chair_needed)


def silent_members(item: AgendaItem) -> list[MeetingMember]:
    """Entitled members who have not voted on the item and do not keep out of all of it."""
    voted = {row.member_id for row in item.votes.all() if row.line_id is None}
    recused = Counter(row.member_id for row in item.recusals.all())
    lines = item.list.lines.count()
    return [member for member in item.voters.all() if member.pk not in voted and recused[member.pk] < lines]


def tallies_of(item: AgendaItem, lines: list[DecisionLine] | None = None) -> dict[int, Counted]:
    """Count `lines` (all of the item's, if not given): {line id: (tally, the presiding member's choice)}.

    A recused member is neither a member nor present for that line, so its quorum is counted without him or her. The
    choice is None where the edition knows no casting vote. Queries do not depend on the number of lines.
    """
    recused: dict[int, set[int]] = defaultdict(set)
    for row in item.recusals.all():
        recused[row.line_id].add(row.member_id)
    whole: dict[int, str] = {}
    own: dict[tuple[int, int], str] = {}
    for vote in item.votes.all():
        if vote.line_id is None:
            whole[vote.member_id] = vote.choice
        else:
            own[vote.member_id, vote.line_id] = vote.choice
    members = _electorate(item)
    voters = {member.pk for member in item.voters.all()}
    if item.meeting.is_absentee:
        voters &= set(whole)
    presiding = item.presiding_id if item.meeting.casting_vote else None
    result: dict[int, Counted] = {}
    for line in item.list.lines.all() if lines is None else lines:
        there = voters - recused[line.pk]
        choices = {pk: own.get((pk, line.pk), whole.get(pk)) for pk in there}
        count = Counter(choices.values())
        tally = Tally(
            len(members - recused[line.pk]),
            len(there),
            count[Choice.FOR],
            count[Choice.AGAINST],
            count[Choice.ABSTAIN],
        )
        result[line.pk] = tally, choices.get(presiding) if presiding else None
    return result


def _electorate(item: AgendaItem) -> set[int]:
    """Who had the voice of each seat when the item was voted on; a later change of hands does not matter."""
    seats = {member.place: member.pk for member in item.meeting.members.all() if member.votes}
    seats |= {voter.place: voter.pk for voter in item.voters.all()}
    return set(seats.values())


def tally_of(item: AgendaItem, line: DecisionLine) -> Counted:
    """Count one line: without its recused members; returns the tally and the presiding member's choice."""
    return tallies_of(item, [line])[line.pk]


def carried(meeting: Meeting, counted: Counted) -> bool:
    """Say whether the voices of one line carry the proposal that stands, by the meeting's frozen rules."""
    return is_supported(counted[0], meeting.majority, casting=counted[1])


def has_quorum(meeting: Meeting, tally: Tally) -> bool:
    """Say whether a line has its quorum without the recused."""
    return quorum_reached(tally.members, tally.present, meeting.quorum_percent, strict=meeting.quorum_strict)


def departures_of(item: AgendaItem) -> list[DecisionLine]:
    """Lines on which the voices did not carry the proposal, so that the body departs from it."""
    lines = list(item.list.lines.all())
    counted = tallies_of(item, lines)
    return [line for line in lines if not carried(item.meeting, counted[line.pk])]
