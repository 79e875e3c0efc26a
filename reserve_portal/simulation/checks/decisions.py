"""Nobody is admitted, included, excluded or appointed but by a decision that went its whole way."""

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import F

from assessment.enums import ConclusionState
from assessment.models import ExpertConclusion
from candidates.enums import TrackState
from candidates.models import ApplicationTrack
from commissions.enums import ItemState, ListState, MeetingState
from commissions.models import AgendaItem, DecisionLine, DecisionList, LineResult, Order, Recusal, Vote
from reserve_portal.core.models import TransitionLog
from reserve_portal.regulations.enums import Decision, LinkForm
from reserve_portal.regulations.models import ChainLink
from reservists.enums import ReservistState
from reservists.models import Reservist
from reservists.services.reserve_import import STARTED

from .registry import check


@check
def decided_lists_went_their_whole_way() -> Iterator[str]:
    """A decided list has a protocol or an order for each link of its chain, and an outcome for each line."""
    links: dict[tuple[int, str], list[ChainLink]] = {}
    for link in ChainLink.objects.order_by("order"):
        links.setdefault((link.edition_id, link.decision), []).append(link)
    heard = set(
        AgendaItem.objects.filter(state=ItemState.VOTED, meeting__state=MeetingState.CLOSED).values_list(
            "list_id", "link_order"
        )
    )
    ordered = set(Order.objects.values_list("list_id", "link_order"))
    open_lines = set(DecisionLine.objects.filter(outcome=None).values_list("list_id", flat=True))
    for row in DecisionList.objects.filter(state=ListState.DECIDED).select_related("corrects").order_by("pk"):
        first = (
            row.corrects.link_order if row.corrects else 0
        )  # a correction begins where the mistake was made
        for link in links.get((row.edition_id, row.decision), []):
            if link.order < first:
                continue
            there = heard if link.form == LinkForm.MEETING else ordered
            if (row.pk, link.order) not in there:
                yield f"Список «{row}» считается решённым, а по звену {link.order} нет протокола или приказа."
        if row.pk in open_lines:
            yield f"Список «{row}» решён не о каждом: у кого-то из списка решения нет."


@check
def admission_rests_on_a_decision() -> Iterator[str]:
    """Who is (not) admitted stands on a decided list with that outcome (T2, O3.9-3.12)."""
    for name, outcome, words in (("admit", True, "допущен(а)"), ("not_admit", False, "не допущен(а)")):
        moved = _moved("track", ApplicationTrack, name)
        decided = _decided(Decision.ADMISSION, ApplicationTrack, outcome)
        tracks = ApplicationTrack.objects.filter(pk__in=moved - decided).select_related("application__user")
        for track in tracks.order_by("pk"):
            yield f"{track}: {words} без решения."


@check
def inclusion_rests_on_a_decision() -> Iterator[str]:
    """Who is in the reserve stands on a decided list for inclusion, with a positive outcome (T4, O3.22-3.23).

    Who was brought in with an earlier list has the decision's name in the history.
    """
    decided = _decided(Decision.INCLUSION, ApplicationTrack, True)
    refused = _decided(Decision.INCLUSION, ApplicationTrack, False)
    births = TransitionLog.objects.filter(workflow="reservist", transition="start", label=STARTED)
    brought = set(births.exclude(reason="").values_list("object_id", flat=True))
    for member in Reservist.objects.select_related("user", "track").order_by("pk"):
        if member.track_id is None and member.pk in brought:
            continue
        if member.track_id is None or member.track_id not in decided:
            yield f"{member}: включён(а) в резерв без решения."
        elif member.track is not None and member.track.state != TrackState.INCLUDED:
            yield f"{member}: состоит в резерве, а заявление в состоянии «{member.track.get_state_display()}»."
    left_out = ApplicationTrack.objects.filter(state=TrackState.NOT_INCLUDED).exclude(pk__in=refused)
    for track in left_out.select_related("application__user"):
        yield f"{track}: не включён(а) без решения."


@check
def inclusion_rests_on_an_approved_conclusion() -> Iterator[str]:
    """Where the edition wants conclusions, nobody is included without one that a protocol approved (O3.17-3.18)."""
    approved = set(
        ExpertConclusion.objects.filter(state=ConclusionState.APPROVED)
        .exclude(approval="")
        .values_list("result__track", flat=True)
    )
    members = Reservist.objects.exclude(track=None).exclude(track__in=approved)
    for member in members.select_related("user", "edition").order_by("pk"):
        if member.edition.value("expert_conclusion"):
            yield f"{member}: включён(а) без утверждённого экспертного заключения."


@check
def included_people_are_members() -> Iterator[str]:
    """A track «included» has its membership."""
    members = Reservist.objects.exclude(track=None).values("track")
    for track in ApplicationTrack.objects.filter(state=TrackState.INCLUDED).exclude(pk__in=members):
        yield f"{track}: решено включить, а в резерве человека нет."


@check
def exclusion_rests_on_a_decision() -> Iterator[str]:
    """Who is excluded stands on a decided list for exclusion, with day and basis (O6.1-6.3)."""
    decided = _decided(Decision.EXCLUSION, Reservist, True)
    for member in Reservist.objects.filter(state=ReservistState.EXCLUDED).select_related("user"):
        if member.pk not in decided:
            yield f"{member}: исключён(а) из резерва без решения."
        if member.ended_on is None or not member.end_basis:
            yield f"{member}: исключён(а), а дата или основание не записаны."


@check
def departures_have_a_reason() -> Iterator[str]:
    """A body that departs from the proposal says why (process.md 6)."""
    for result in LineResult.objects.filter(supported=False, reason="").select_related("line"):
        yield f"{result.line}: орган решил иначе, чем предложено, а причины нет."


@check
def votes_are_those_of_the_entitled() -> Iterator[str]:
    """Nobody votes who is not entitled, and nobody on a line he or she keeps out of; voices never exceed voters."""
    entitled = set(AgendaItem.voters.through.objects.values_list("agendaitem_id", "meetingmember_id"))
    for vote in Vote.objects.select_related("member").order_by("pk").iterator(chunk_size=2000):
        if (vote.item_id, vote.member_id) not in entitled:
            yield f"{vote.member}: проголосовал(а), не имея права голоса по вопросу."
    recused = set(Recusal.objects.values_list("item_id", "line_id", "member_id"))
    for own in Vote.objects.exclude(line=None).select_related("member", "line"):
        if (own.item_id, own.line_id, own.member_id) in recused:
            yield f"{own.member}: проголосовал(а) по делу, от которого отведён(а): {own.line}."
    too_many = LineResult.objects.filter(present__lt=F("in_favour") + F("against") + F("abstained"))
    for result in too_many.select_related("line"):
        yield f"{result.line}: голосов больше, чем голосовавших."


def _decided(decision: str, model: Any, outcome: bool) -> set[int]:
    rows = DecisionLine.objects.filter(
        list__decision=decision,
        list__state=ListState.DECIDED,
        outcome=outcome,
        content_type=ContentType.objects.get_for_model(model),
    )
    return {pk for pk in rows.values_list("object_id", flat=True) if pk is not None}


def _moved(workflow: str, model: Any, transition: str) -> set[int]:
    rows = TransitionLog.objects.filter(
        workflow=workflow, transition=transition, content_type=ContentType.objects.get_for_model(model)
    )
    return {pk for pk in rows.values_list("object_id", flat=True) if pk is not None}
