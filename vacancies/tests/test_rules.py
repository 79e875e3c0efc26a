"""Matching as arithmetic: T7, O3.19, O4.19."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vacancies.rules import CRITERIA, Candidate, match

WEIGHTS = {"rating": 50, "municipality": 20, "experience": 20, "events": 10}
HOME = 1


def someone(pk: int = 1, **fields: object) -> Candidate:
    values: dict[str, object] = {
        "reservist_id": pk,
        "name": f"Человек {pk}",
        "zone": "green",
        "points": Decimal(80),
        "maximum": Decimal(100),
        "rank": 1,
        "included_on": date(2026, 1, 12),
        "municipality_id": 2,
        "ready_to_move": False,
        "managing_years": 0,
        "planned_events": 0,
    }
    return Candidate(**{**values, **fields})  # type: ignore[arg-type]


candidates = st.lists(
    st.builds(
        someone,
        pk=st.integers(1, 10_000),
        zone=st.sampled_from(["green", "yellow", "red"]),
        points=st.decimals(0, 100, places=2),
        rank=st.none() | st.integers(1, 50),
        included_on=st.dates(date(2024, 1, 1), date(2026, 3, 1)),
        municipality_id=st.sampled_from([HOME, 2, None]),
        ready_to_move=st.booleans(),
        managing_years=st.integers(0, 40),
        planned_events=st.integers(0, 8),
        obstacles=st.sampled_from([(), (), ("уже назначен(а)",)]),
    ),
    max_size=20,
    unique_by=lambda item: item.reservist_id,
)
advantages = st.sampled_from(["events", "zone", "none"])
weights = st.dictionaries(st.sampled_from(sorted(CRITERIA)), st.integers(0, 100))


def ids(order: object) -> list[int]:
    return [place.candidate.reservist_id for place in order.places]  # type: ignore[attr-defined]


def run(people: list[Candidate], advantage: str = "events", chosen: dict[str, int] | None = None):  # type: ignore[no-untyped-def]
    return match(
        people,
        municipality_id=HOME,
        advantage=advantage,
        advantage_events=3,
        weights=WEIGHTS if chosen is None else chosen,
    )


@given(candidates, advantages, weights)
def test_nobody_without_the_advantage_stands_above_one_with_it(
    people: list[Candidate], advantage: str, chosen: dict[str, int]
) -> None:
    """T7, O3.19: the regulation's advantage comes before any points."""
    flags = [place.advantage for place in run(people, advantage, chosen).places]
    assert flags == sorted(flags, reverse=True)


@given(candidates, advantages, weights, st.sampled_from(sorted(CRITERIA)))
def test_removing_a_criterion_removes_no_person(
    people: list[Candidate], advantage: str, chosen: dict[str, int], gone: str
) -> None:
    fewer = {name: value for name, value in chosen.items() if name != gone}
    assert set(ids(run(people, advantage, fewer))) == set(ids(run(people, advantage, chosen)))


@given(candidates, advantages, weights)
def test_lines_add_up_to_the_total_and_stay_within_their_weights(
    people: list[Candidate], advantage: str, chosen: dict[str, int]
) -> None:
    for place in run(people, advantage, chosen).places:
        assert sum((line.points for line in place.lines), Decimal(0)) == place.total
        assert [line.maximum for line in place.lines] == [Decimal(value) for value in chosen.values()]
        assert all(0 <= line.points <= line.maximum for line in place.lines)


@given(candidates, advantages, weights, st.randoms(use_true_random=False))
def test_order_does_not_depend_on_the_order_of_input(
    people: list[Candidate], advantage: str, chosen: dict[str, int], random: object
) -> None:
    mixed = list(people)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert run(mixed, advantage, chosen) == run(people, advantage, chosen)


@given(candidates, advantages)
def test_everybody_is_either_placed_or_left_out_with_a_reason(
    people: list[Candidate], advantage: str
) -> None:
    order = run(people, advantage)
    left = [item.reservist_id for item in order.left_out]
    assert sorted([*ids(order), *left]) == sorted(item.reservist_id for item in people)
    assert all(item.obstacles for item in order.left_out)


@pytest.mark.parametrize(("count", "has"), [(2, False), (3, True), (4, True)])
def test_three_planned_events_give_the_advantage(count: int, has: bool) -> None:
    """T7: not fewer than three; just before, at and after the border."""
    place = run([someone(planned_events=count)]).places[0]
    assert place.advantage is has
    assert place.advantage_text == f"плановых мероприятий: {count}, для преимущества нужно 3"


@pytest.mark.parametrize(("zone", "has"), [("green", True), ("yellow", False), ("red", False)])
def test_green_zone_gives_the_advantage_where_the_edition_says_so(zone: str, has: bool) -> None:
    """O3.19, O4.19: the green zone first."""
    assert run([someone(zone=zone)], "zone").places[0].advantage is has


def test_worse_points_with_the_advantage_stand_above_better_ones_without() -> None:
    """T7."""
    active, strong = (
        someone(1, points=Decimal(70), planned_events=3),
        someone(2, points=Decimal(100), planned_events=2),
    )
    assert ids(run([strong, active])) == [1, 2]


def test_equal_points_are_parted_by_rank_then_date_then_entry() -> None:
    people = [
        someone(4, rank=None),
        someone(3, rank=2),
        someone(2, rank=1, included_on=date(2026, 2, 1)),
        someone(5, rank=1, included_on=date(2026, 1, 1)),
        someone(1, rank=1, included_on=date(2026, 2, 1)),
    ]
    assert ids(run(people)) == [5, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("fields", "criterion", "points", "words"),
    [
        ({"points": Decimal("86.50")}, "rating", Decimal("43.25"), "86,5 из 100"),
        ({"maximum": Decimal(0), "points": Decimal(0)}, "rating", Decimal(0), "0 из 0"),
        ({"municipality_id": HOME}, "municipality", Decimal(20), "живёт"),
        ({"ready_to_move": True}, "municipality", Decimal(10), "готов(а) к переезду"),
        ({"municipality_id": None}, "municipality", Decimal(0), "другое"),
        ({"managing_years": 5}, "experience", Decimal(10), "5"),
        ({"managing_years": 30}, "experience", Decimal(20), "30"),
        ({"planned_events": 2}, "events", Decimal(4), "подтверждено: 2"),
    ],
)
def test_each_line_says_what_was_found(
    fields: dict[str, object], criterion: str, points: Decimal, words: str
) -> None:
    lines = {line.criterion: line for line in run([someone(**fields)]).places[0].lines}
    assert lines[criterion].points == points and words in lines[criterion].found
