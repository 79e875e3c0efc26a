from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.enums import Zone
from assessment.rules import passes, ranks, weak_sections, zone

D = Decimal
SEVENTY = D("70")


def decimals(low: str, high: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(D(low), D(high), allow_nan=False, allow_infinity=False, places=7)


@st.composite
def graded(draw: st.DrawFn) -> tuple[Decimal, Decimal]:
    maximum = draw(decimals("0.0000001", "99999"))
    return draw(st.decimals(D(0), maximum, allow_nan=False, places=7)), maximum


@pytest.mark.parametrize(
    ("points", "maximum", "percent", "expected"),
    [
        ("69.99", "100", "70", False),
        ("70.00", "100", "70", True),
        ("70.01", "100", "70", True),
        ("69.9999999", "100.00", "70", False),
        ("0", "100", "70", False),
        ("100", "100", "70", True),
        ("0", "100", "0", True),
        ("99.99", "100", "100", False),
        # 2 of 3 is 66.666…: a rounded percent would let it reach 66.67.
        ("2", "3", "66.67", False),
        ("2", "3", "66.66", True),
        # 4.9 of 7 is exactly 70 %, in binary floats 4.9 / 7 * 100 is not.
        ("4.9", "7", "70", True),
        ("4.89", "7", "70", False),
        ("5", "7", "71.43", False),
        ("5", "7", "71.42", True),
        ("2.1", "3", "70", True),
        ("2.09", "3", "70", False),
    ],
)
def test_threshold_is_compared_exactly(points: str, maximum: str, percent: str, expected: bool) -> None:
    """T4: not less than the percent of the maximum, never rounded first."""
    assert passes(D(points), D(maximum), D(percent)) is expected


def test_threshold_keeps_digits_beyond_the_default_precision() -> None:
    """T4: the default decimal context would round this product up to the border."""
    short_by_little = D("69." + "9" * 40)
    assert not passes(short_by_little, D(100), SEVENTY)
    assert zone(short_by_little, D(100), threshold_percent=SEVENTY, green_percent=None) is Zone.RED


@pytest.mark.parametrize(
    ("points", "maximum", "percent"),
    [
        ("1", "0", "70"),
        ("1", "-5", "70"),
        ("-0.01", "100", "70"),
        ("100.01", "100", "70"),
        ("NaN", "100", "70"),
        ("1", "Infinity", "70"),
        ("1", "100", "NaN"),
        ("1", "100", "-1"),
        ("1", "100", "100.01"),
    ],
)
def test_impossible_numbers_are_refused(points: str, maximum: str, percent: str) -> None:
    """T4: a result outside 0..maximum is an error, not a failed test."""
    with pytest.raises(ValueError):
        passes(D(points), D(maximum), D(percent))
    with pytest.raises(ValueError):
        zone(D(points), D(maximum), threshold_percent=D(percent), green_percent=None)


def test_floats_are_refused() -> None:
    """T4: points are decimals."""
    with pytest.raises(TypeError):
        passes(70.0, D(100), SEVENTY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("69.99", Zone.RED),
        ("70.00", Zone.YELLOW),
        ("70.01", Zone.YELLOW),
        ("84.99", Zone.YELLOW),
        ("85.00", Zone.GREEN),
        ("85.01", Zone.GREEN),
        ("0", Zone.RED),
        ("100", Zone.GREEN),
    ],
)
def test_three_zones_by_the_frozen_borders(points: str, expected: Zone) -> None:
    """O3.17, O3.19-3.21: green from the upper border, yellow from the minimum, red below."""
    assert zone(D(points), D(100), threshold_percent=SEVENTY, green_percent=D(85)) is expected


@pytest.mark.parametrize(
    ("points", "expected"), [("69.99", Zone.RED), ("70.00", Zone.GREEN), ("70.01", Zone.GREEN)]
)
def test_without_zones_passed_shows_green(points: str, expected: Zone) -> None:
    """T4: passed or not passed, shown green or red."""
    assert zone(D(points), D(100), threshold_percent=SEVENTY, green_percent=None) is expected


def test_equal_borders_leave_no_yellow_zone() -> None:
    """O3.17: a green border at the minimum is allowed."""
    assert zone(D(70), D(100), threshold_percent=SEVENTY, green_percent=SEVENTY) is Zone.GREEN
    assert zone(D("69.99"), D(100), threshold_percent=SEVENTY, green_percent=SEVENTY) is Zone.RED


def test_green_border_below_the_threshold_is_refused() -> None:
    """O3.17."""
    with pytest.raises(ValueError):
        zone(D(50), D(100), threshold_percent=SEVENTY, green_percent=D("69.99"))


@given(graded(), decimals("0", "100"), decimals("0", "100"))
def test_zone_agrees_with_fractions(result: tuple[Decimal, Decimal], one: Decimal, other: Decimal) -> None:
    """O3.17, T4: on any decimals the zone is that of rational arithmetic."""
    points, maximum = result
    threshold, green = min(one, other), max(one, other)
    share = Fraction(points) / Fraction(maximum) * 100
    expected = (
        Zone.GREEN if share >= Fraction(green) else Zone.YELLOW if share >= Fraction(threshold) else Zone.RED
    )
    assert zone(points, maximum, threshold_percent=threshold, green_percent=green) is expected
    assert passes(points, maximum, threshold) is (share >= Fraction(threshold))


def test_zones_have_russian_labels() -> None:
    """O3.17."""
    assert Zone.choices == [("green", "Зелёная"), ("yellow", "Жёлтая"), ("red", "Красная")]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([], []),
        (["5"], [1]),
        (["90", "80", "80", "70"], [1, 2, 2, 4]),
        (["70", "80.0", "90", "80.00"], [4, 2, 1, 2]),
        (["1", "1", "1"], [1, 1, 1]),
    ],
)
def test_equal_points_share_a_place(points: list[str], expected: list[int]) -> None:
    """O3.23: rating with shared places, 1, 2, 2, 4."""
    assert ranks([D(value) for value in points]) == expected


@given(st.lists(decimals("0", "20"), max_size=30))
def test_place_is_one_more_than_the_number_of_better_ones(points: list[Decimal]) -> None:
    """O3.23."""
    assert ranks(points) == [1 + sum(other > value for other in points) for value in points]


def test_weak_sections_start_with_the_weakest_share() -> None:
    """T5: the learning route is drawn from the sections below the border."""
    scores = {
        "policy": (D("14"), D("20")),
        "psychology": (D("13.99"), D("20")),
        "case": (D("20"), D("60")),
        "law": (D("1"), D("3")),
    }
    assert weak_sections(scores, SEVENTY) == ["case", "law", "psychology"]
    assert weak_sections(scores, D(100)) == ["case", "law", "psychology", "policy"]
    assert weak_sections({}, SEVENTY) == []


def test_full_sections_are_never_weak() -> None:
    """T5."""
    assert weak_sections({"a": (D("7"), D("7"))}, D(100)) == []


@given(st.dictionaries(st.text(max_size=3), graded(), max_size=6), decimals("0", "100"))
def test_weak_sections_are_those_that_do_not_pass_in_order(
    scores: dict[str, tuple[Decimal, Decimal]], percent: Decimal
) -> None:
    """T5."""
    weak = weak_sections(scores, percent)
    shares = [Fraction(scores[name][0]) / Fraction(scores[name][1]) for name in weak]
    assert shares == sorted(shares)
    assert set(weak) == {
        name for name, (points, maximum) in scores.items() if not passes(points, maximum, percent)
    }
