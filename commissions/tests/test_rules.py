from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissions.counting import carried, has_quorum, tallies_of
from commissions.enums import Choice
from commissions.rules import Tally, is_supported, quorum_reached
from reserve_portal.regulations.enums import Majority


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    members = draw(st.integers(0, 40))
    present = draw(st.integers(0, members))
    in_favour = draw(st.integers(0, present))
    against = draw(st.integers(0, present - in_favour))
    abstained = draw(st.integers(0, present - in_favour - against))
    return Tally(members, present, in_favour, against, abstained)


@pytest.mark.parametrize(
    ("members", "present", "strict", "reached"),
    [
        (10, 5, True, False),
        (10, 6, True, True),
        (10, 5, False, True),
        (10, 4, False, False),
        (0, 0, False, False),
    ],
)
def test_quorum_at_just_before_and_after_half(
    members: int, present: int, strict: bool, reached: bool
) -> None:
    """More than half (O1.9, preset), or not less than half where the edition says so."""
    assert quorum_reached(members, present, Decimal(50), strict=strict) is reached


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 10000), st.booleans())
def test_quorum_is_exact_and_grows_with_presence(
    members: int, present: int, hundredths: int, strict: bool
) -> None:
    percent = Decimal(hundredths) / 100
    reached = quorum_reached(members, present, percent, strict=strict)
    exact = present * 10000 > hundredths * members if strict else present * 10000 >= hundredths * members
    assert reached is exact
    assert not reached or quorum_reached(members, present + 1, percent, strict=strict)


@pytest.mark.parametrize(
    ("majority", "tally", "casting", "carried"),
    [
        (Majority.SIMPLE, Tally(5, 4, 3, 1, 0), None, True),
        (Majority.SIMPLE, Tally(5, 4, 2, 2, 0), None, False),
        (Majority.SIMPLE, Tally(5, 4, 2, 2, 0), Choice.FOR, True),
        (Majority.SIMPLE, Tally(5, 4, 2, 2, 0), Choice.AGAINST, False),
        (Majority.SIMPLE, Tally(5, 5, 2, 1, 2), Choice.FOR, False),
        (Majority.ALL_MEMBERS, Tally(6, 4, 3, 1, 0), Choice.FOR, False),
        (Majority.ALL_MEMBERS, Tally(6, 4, 4, 0, 0), None, True),
        (Majority.TWO_THIRDS, Tally(6, 6, 4, 2, 0), None, True),
        (Majority.TWO_THIRDS, Tally(6, 6, 3, 3, 0), Choice.FOR, False),
        (Majority.TWO_THIRDS, Tally(6, 0, 0, 0, 0), None, False),
    ],
)
def test_majorities_at_their_borders(majority: str, tally: Tally, casting: str | None, carried: bool) -> None:
    assert is_supported(tally, majority, casting=casting) is carried


@given(tallies(), st.sampled_from(Majority.values), st.sampled_from([None, *Choice.values]))
def test_one_more_voice_in_favour_never_harms(tally: Tally, majority: str, casting: str | None) -> None:
    before = is_supported(tally, majority, casting=casting)
    if tally.against:
        after = Tally(tally.members, tally.present, tally.in_favour + 1, tally.against - 1, tally.abstained)
        assert not before or is_supported(after, majority, casting=casting)
    assert tally.silent == tally.present - tally.in_favour - tally.against - tally.abstained >= 0


@given(tallies(), st.sampled_from(Majority.values))
def test_nothing_is_carried_without_a_voice_or_by_a_minority(tally: Tally, majority: str) -> None:
    if is_supported(tally, majority, casting=None):
        assert tally.in_favour * 2 > tally.present
    if tally.in_favour == 0 and tally.present:
        assert not is_supported(tally, majority, casting=Choice.AGAINST)


@given(tallies(), st.sampled_from(Choice.values))
def test_the_casting_voice_decides_only_a_tie(tally: Tally, casting: str) -> None:
    plain, with_casting = (is_supported(tally, Majority.SIMPLE, casting=one) for one in (None, casting))
    if tally.in_favour * 2 != tally.present:
        assert plain is with_casting


# --- whole meetings of every shape, counted by the portal and by a plain reading of the rules -----------------------


def rows(items: Any) -> Any:
    """A stand-in for a related manager whose rows are prefetched."""
    return SimpleNamespace(all=lambda: list(items))


@st.composite
def shapes(draw: st.DrawFn) -> Any:
    """An item under the rules of any edition: seats, substitutes, presence, recusals, voices, an absentee poll."""
    seats = draw(st.integers(1, 9))
    lines = [SimpleNamespace(pk=1000 + number) for number in range(draw(st.integers(1, 3)))]
    members, voters, recusals, votes = [], [], [], []
    absentee = draw(st.booleans())
    for number in range(seats):
        who = draw(st.sampled_from(["holder", "substitute", "nobody"]))
        substitute = draw(st.booleans()) or who == "substitute"
        voice_now = draw(st.booleans()) if substitute else False  # hands may have changed since the voting
        holder = SimpleNamespace(pk=number, place=number, votes=not voice_now)
        members.append(holder)
        other = SimpleNamespace(pk=100 + number, place=number, votes=voice_now)
        if substitute:
            members.append(other)
        voter = {"holder": holder, "substitute": other, "nobody": None}[who]
        if voter is None:
            continue
        voters.append(voter)
        out = draw(st.sets(st.sampled_from([line.pk for line in lines])))
        recusals += [SimpleNamespace(line_id=pk, member_id=voter.pk) for pk in out]
        whole = draw(st.sampled_from([None, *Choice.values]))
        if whole is not None:
            votes.append(SimpleNamespace(member_id=voter.pk, line_id=None, choice=whole))
            for line in lines:
                own = draw(st.sampled_from([None, *Choice.values]))
                if own is not None and line.pk not in out:
                    votes.append(SimpleNamespace(member_id=voter.pk, line_id=line.pk, choice=own))
    meeting = SimpleNamespace(
        members=rows(members),
        is_absentee=absentee,
        casting_vote=draw(st.booleans()),
        majority=draw(st.sampled_from(Majority.values)),
        quorum_percent=Decimal(draw(st.integers(1, 10000))) / 100,
        quorum_strict=draw(st.booleans()),
    )
    presiding = draw(st.sampled_from([None, *(voter.pk for voter in voters)]))
    return SimpleNamespace(
        meeting=meeting,
        voters=rows(voters),
        recusals=rows(recusals),
        votes=rows(votes),
        list=SimpleNamespace(lines=rows(lines)),
        presiding_id=presiding,
        seats=seats,
    )


@given(shapes())
def test_quorum_and_majority_of_every_shape_follow_the_rules(item: Any) -> None:
    meeting = item.meeting
    said = {(vote.member_id, vote.line_id): vote.choice for vote in item.votes.all()}
    for line in item.list.lines.all():
        out = {row.member_id for row in item.recusals.all() if row.line_id == line.pk}
        entitled = [voter.pk for voter in item.voters.all() if voter.pk not in out]
        if meeting.is_absentee:
            entitled = [pk for pk in entitled if (pk, None) in said]
        voices = {pk: said.get((pk, line.pk), said.get((pk, None))) for pk in entitled}
        yes, no = (sum(voice == one for voice in voices.values()) for one in (Choice.FOR, Choice.AGAINST))
        members = item.seats - len(out)
        counted = tallies_of(item)[line.pk]
        tally = counted[0]
        assert (tally.members, tally.present, tally.in_favour, tally.against) == (
            members,
            len(voices),
            yes,
            no,
        )
        share, needed = Fraction(len(voices) * 100), Fraction(meeting.quorum_percent) * members
        enough = share > needed if meeting.quorum_strict else share >= needed
        assert has_quorum(meeting, tally) is (members > 0 and enough)
        tie = voices and yes * 2 == len(voices)
        casts = meeting.casting_vote and voices.get(item.presiding_id) == Choice.FOR
        expected = {
            Majority.SIMPLE: Fraction(yes) > Fraction(len(voices), 2) or bool(tie and casts),
            Majority.ALL_MEMBERS: Fraction(yes) > Fraction(members, 2),
            Majority.TWO_THIRDS: bool(voices) and Fraction(yes) >= Fraction(2 * len(voices), 3),
        }[Majority(meeting.majority)]
        assert carried(meeting, counted) is expected
