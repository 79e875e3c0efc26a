"""A decision about one person replayed from what was kept of it: nothing is read anew from rules, bodies or people."""

from typing import Any

from django.db.models import Q

from reserve_portal.papers.models import IssuedPaper

from .models import AgendaItem, DecisionLine, LineResult, Meeting
from .motions import motion_of
from .perms import replayed_results


def replay_of(line: DecisionLine, user: Any) -> dict[str, Any]:
    """The stages of the chain that `user` may see, in their order, and the orders after them."""
    motion = motion_of(line.list)
    results = list(
        replayed_results(user, line)
        .select_related("item__meeting", "item__presiding", "line")
        .prefetch_related(
            "item__meeting__members__stands_in_for", "item__voters", "item__votes__member", "item__recusals"
        )
        .order_by("item__link_order", "pk")
    )
    papers = _protocols([result.item.meeting for result in results])
    return {
        "line": line,
        "list": line.list,
        "proposal": motion.yes if line.proposal else motion.no,
        "facts": [(heading, line.details.get(key, "")) for key, heading in motion.shown_columns(line.list)],
        "stages": [_stage(result, papers, motion) for result in results],
        "orders": list(line.list.orders.order_by("link_order")),
    }


def _protocols(meetings: list[Meeting]) -> dict[int, IssuedPaper]:
    rows = IssuedPaper.objects.about_kind(Meeting).filter(
        kind="protocol", object_id__in=[meeting.pk for meeting in meetings]
    )
    return {paper.object_id: paper for paper in rows}


def _stage(result: LineResult, papers: dict[int, IssuedPaper], motion: Any) -> dict[str, Any]:
    item, meeting = result.item, result.item.meeting
    return {
        "item": item,
        "meeting": meeting,
        "protocol": papers.get(meeting.pk),
        "members": _members(item, result.line_id),
        "papers": list(item.seen_papers.filter(Q(line=None) | Q(line=result.line_id))),
        "result": result,
        "silent": result.present - result.in_favour - result.against - result.abstained,
        "decision": motion.yes if result.outcome else motion.no,
        "opinions": [vote for vote in item.votes.all() if vote.opinion],
        "corrections": DecisionLine.objects.about(result.line)
        .filter(list__corrects=item, list__decided_on__isnull=False)
        .select_related("list"),
    }


def _members(item: AgendaItem, line_id: int) -> list[dict[str, Any]]:
    """Who was called, was there, was entitled on this item, kept out of this line, gave a voice."""
    voters = {member.pk for member in item.voters.all()}
    voted = {vote.member_id for vote in item.votes.all()}
    recusals = {row.member_id: row for row in item.recusals.all() if row.line_id == line_id}
    return [
        {
            "member": member,
            "attended": member.attended,
            "entitled": member.pk in voters and member.pk not in recusals,
            "voted": member.pk in voted and member.pk not in recusals,
            "recusal": recusals.get(member.pk),
            "presided": member.pk == item.presiding_id,
        }
        for member in item.meeting.members.all()
    ]
