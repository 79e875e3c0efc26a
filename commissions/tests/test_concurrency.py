"""Threads on PostgreSQL: SQLite hides races."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from commissions.enums import Choice, ItemState, MeetingForm, MeetingState, Position
from commissions.extracts import extract_of
from commissions.meetings import add_to_agenda, cast_vote, close_meeting, close_voting, reopen_voting
from commissions.models import AgendaItem, Body, LineResult, Meeting, Vote
from commissions.polls import close_due_polls
from commissions.services import record_order
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition

from .factories import NOW, FakeMotion, all_vote, make_body, make_list, make_meeting, people, voting_item

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*deeds: Callable[[], Any]) -> list[str]:
    """Run all deeds in threads that start together; returns how each ended."""
    barrier, ends = Barrier(len(deeds)), [""] * len(deeds)

    def run(number: int, deed: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            with clock.travel(NOW):
                deed()
            ends[number] = "done"
        except (GateShut, TransitionRefused) as refused:
            assert str(refused).strip().endswith("."), "who loses is told in a sentence"
            ends[number] = "refused"
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_of_two_closings_at_once_one_wins(commission: Body, tomsk: Edition, motion: FakeMotion) -> None:
    item = voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True, False]))
    all_vote(item)
    secretary = people(commission, Position.SECRETARY)[0]
    ends = at_once(*[lambda: close_meeting(Meeting.objects.get(), actor=secretary)] * 4)
    assert ends == ["done", "refused", "refused", "refused"]
    papers = IssuedPaper.objects.filter(kind="protocol").count()
    assert (LineResult.objects.count(), papers, len(motion.effects)) == (2, 1, 2)


def test_two_bodies_closing_at_once_number_their_protocols_without_a_gap(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    items = [
        voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True])) for _ in range(3)
    ]
    for item in items:
        all_vote(item)
    secretary = people(commission, Position.SECRETARY)[0]
    ends = at_once(*[lambda m=item.meeting: close_meeting(m, actor=secretary) for item in items])
    assert ends == ["done"] * 3
    numbers = sorted(Meeting.objects.values_list("number", flat=True))
    index = commission.number_index
    assert numbers == [f"{index}-1/2026", f"{index}-2/2026", f"{index}-3/2026"]


def test_a_voice_given_while_the_voting_ends_is_counted_or_refused_never_lost(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    for _ in range(5):
        item = voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True]))
        voter = people(commission, Position.MEMBER)[0]
        ends = at_once(
            lambda item=item: close_voting(item, actor=None),
            lambda item=item, voter=voter: cast_vote(item, user=voter, choice=Choice.FOR),
        )
        assert Vote.objects.filter(item=item).count() == ends.count("done") - 1
        assert AgendaItem.objects.get(pk=item.pk).state == ItemState.VOTED


def test_one_member_voting_twice_at_once_has_one_voice(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    item = voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True]))
    voter = people(commission, Position.MEMBER)[0]
    choices = [Choice.FOR, Choice.AGAINST, Choice.ABSTAIN]
    ends = at_once(*[lambda c=choice: cast_vote(item, user=voter, choice=c) for choice in choices])
    assert ends == ["done"] * 3
    assert Vote.objects.count() == 1


def test_a_list_put_on_two_agendas_at_once_stands_on_one(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    row = make_list(tomsk, Decision.INCLUSION, proposals=[True])
    meetings = [make_meeting(commission, tomsk) for _ in range(3)]
    ends = at_once(
        *[lambda m=m: add_to_agenda(m, row, speaker="Петрова О. И.", actor=None) for m in meetings]
    )
    assert ends == ["done", "refused", "refused"]
    assert AgendaItem.objects.count() == 1


def test_two_orders_at_once_leave_one(orenburg: Edition, motion: FakeMotion) -> None:
    row = make_list(orenburg, Decision.INCLUSION, proposals=[True])
    for code in ("expert_commission", "authorised_body"):
        body = make_body(code)
        item = voting_item(body, row)
        all_vote(item)
        close_meeting(item.meeting, actor=people(body, Position.SECRETARY)[0])
    official = make_body("ministry").members.first().user
    deeds = [
        lambda number=number: record_order(row, number=str(number), dated=NOW.date(), actor=official)
        for number in range(3)
    ]
    assert at_once(*deeds) == ["done", "refused", "refused"]
    assert len(motion.effects) == 1 and Meeting.objects.filter(state=MeetingState.CLOSED).count() == 2


def test_voices_given_while_the_meeting_closes_change_nothing_of_its_results(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    item = voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True, True]))
    all_vote(item)
    voter = people(commission, Position.MEMBER)[0]
    secretary = people(commission, Position.SECRETARY)[0]
    ends = at_once(
        lambda: close_meeting(Meeting.objects.get(), actor=secretary),
        *[lambda: cast_vote(item, user=voter, choice=Choice.AGAINST)] * 3,
        lambda: reopen_voting(AgendaItem.objects.get(), actor=secretary, reason="ошибка в голосе"),
    )
    meeting, item = Meeting.objects.get(), AgendaItem.objects.get()
    if meeting.state == MeetingState.CLOSED:
        assert item.state == ItemState.VOTED and ends.count("done") == 1
        results = LineResult.objects.values_list("in_favour", "against")
        assert list(results) == [(4, 0), (4, 0)] and Vote.objects.filter(choice=Choice.AGAINST).count() == 0
    else:
        assert item.state == ItemState.VOTING and not LineResult.objects.exists()


def test_a_voice_at_the_end_of_a_polls_term_is_counted_or_refused(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    row = make_list(tomsk, Decision.INCLUSION, proposals=[True])
    item = voting_item(commission, row, form=MeetingForm.ABSENTEE)
    Meeting.objects.update(ends_at=NOW)
    voter = people(commission, Position.MEMBER)[0]
    ends = at_once(close_due_polls, close_due_polls, lambda: cast_vote(item, user=voter, choice=Choice.FOR))
    assert ends == ["done", "done", "refused"]
    assert AgendaItem.objects.get().state == ItemState.VOTED and not Vote.objects.exists()


def test_two_extracts_asked_for_at_once_are_one_paper(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    item = voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True]))
    all_vote(item)
    secretary = people(commission, Position.SECRETARY)[0]
    close_meeting(item.meeting, actor=secretary)
    ends = at_once(*[lambda: extract_of(LineResult.objects.get(), actor=secretary)] * 3)
    assert ends == ["done"] * 3
    assert IssuedPaper.objects.filter(kind="extract").count() == 1
