from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
