"""Matching as arithmetic: T7, O3.19, O4.19."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vacancies.rules import (
    CRITERIA,
    NEARNESS,
    ZONES,
    Candidate,
    Facts,
    Place,
    Standing,
    Terms,
    alike,
    facts_of,
    in_order,
)

WEIGHTS = {"rating": 50, "zone": 10, "municipality": 20, "experience": 20, "profile": 10, "events": 10}
HOME = 1
UNITS = 100


def someone(pk: int = 1, **fields: object) -> Facts:
    values: dict[str, object] = {
        "reservist_id": pk,
        "points": 80_00,
        "maximum": 100_00,
        "zone": "green",
        "municipality_id": 2,
        "ready_to_move": False,
        "managing_years": 0,
        "kind": "college",
        "planned_events": 0,
    }
    return Facts(**{**values, **fields})  # type: ignore[arg-type]


reserves = st.lists(
    st.builds(
        someone,
        pk=st.integers(1, 10_000),
        zone=st.sampled_from(["green", "yellow", "red"]),
        points=st.integers(0, 70_00),
        maximum=st.sampled_from([70_00, 100_00, 123_45]),
        municipality_id=st.sampled_from([HOME, 2, None]),
        ready_to_move=st.sampled_from([True, False, None]),
        managing_years=st.integers(0, 40),
        kind=st.sampled_from(["school", "college", None]),
        planned_events=st.integers(0, 8),
    ),
    max_size=8,
    unique_by=lambda item: item.reservist_id,
)
advantages = st.sampled_from(["events", "zone", "none"])
weights = st.dictionaries(st.sampled_from(sorted(CRITERIA)), st.integers(0, 100))
lasting = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault


def standing(facts: Facts, terms: Terms) -> Standing:
    """As the database makes it of a reservist's row."""
    nearness = "moves" if facts.ready_to_move else "far"
    if facts.municipality_id == terms.municipality_id:
        nearness = "home"
    kin = alike(
        ZONES.index(facts.zone),
        NEARNESS.index(nearness),
        facts.managing_years,
        int(facts.kind == terms.kind),
        facts.planned_events,
    )
    return Standing(facts.reservist_id, facts.points, facts.maximum, kin)


def run(people: list[Facts], advantage: str = "events", chosen: dict[str, int] | None = None) -> list[Place]:
    terms = Terms(HOME, "school", advantage, 3, WEIGHTS if chosen is None else chosen)
    return [
        Place(Candidate(row[0], f"Человек {row[0]}", UNITS), facts_of(row, terms), terms)
        for row in in_order([standing(person, terms) for person in people], terms)
    ]


def ids(places: list[Place]) -> list[int]:
    return [place.candidate.reservist_id for place in places]


@lasting
@given(reserves, advantages, weights)
def test_nobody_without_the_advantage_stands_above_one_with_it(
    people: list[Facts], advantage: str, chosen: dict[str, int]
) -> None:
    """T7, O3.19: the regulation's advantage comes before any points."""
    flags = [place.advantage for place in run(people, advantage, chosen)]
    assert flags == sorted(flags, reverse=True)


@lasting
@given(reserves, advantages, weights, st.sampled_from(sorted(CRITERIA)))
def test_removing_a_criterion_removes_no_person(
    people: list[Facts], advantage: str, chosen: dict[str, int], gone: str
) -> None:
    fewer = {name: value for name, value in chosen.items() if name != gone}
    assert set(ids(run(people, advantage, fewer))) == set(ids(run(people, advantage, chosen)))


@lasting
@given(reserves, advantages, weights)
def test_lines_add_up_to_the_total_and_stay_within_their_weights(
    people: list[Facts], advantage: str, chosen: dict[str, int]
) -> None:
    for place in run(people, advantage, chosen):
        assert sum((line.points for line in place.lines), Decimal(0)) == place.total
        assert [line.maximum for line in place.lines] == [Decimal(value) for value in chosen.values()]
        assert all(0 <= line.points <= line.maximum for line in place.lines)


@lasting
@given(reserves, advantages, weights)
def test_the_order_is_that_of_the_explained_totals(
    people: list[Facts], advantage: str, chosen: dict[str, int]
) -> None:
    """Within those with the advantage, and within the others, more points stand higher; equal ones as they came."""
    places = run(people, advantage, chosen)
    came = {row.reservist_id: number for number, row in enumerate(people)}

    def exact(place: Place) -> Fraction:
        points, rest = Fraction(place.facts.points, place.facts.maximum), Fraction(0)
        for line in place.lines:
            if line.criterion != "rating":
                rest += Fraction(line.points)
        return points * chosen.get("rating", 0) + rest

    keys = [(not place.advantage, -exact(place), came[place.facts.reservist_id]) for place in places]
    assert keys == sorted(keys)


@pytest.mark.parametrize(("count", "has"), [(2, False), (3, True), (4, True)])
def test_three_planned_events_give_the_advantage(count: int, has: bool) -> None:
    """T7: not fewer than three; just before, at and after the border."""
    place = run([someone(planned_events=count)])[0]
    assert place.advantage is has
    assert place.advantage_text == f"плановых мероприятий: {count}, для преимущества нужно 3"


@pytest.mark.parametrize(("zone", "has"), [("green", True), ("yellow", False), ("red", False)])
def test_green_zone_gives_the_advantage_where_the_edition_says_so(zone: str, has: bool) -> None:
    """O3.19, O4.19: the green zone first."""
    assert run([someone(zone=zone)], "zone")[0].advantage is has


def test_worse_points_with_the_advantage_stand_above_better_ones_without() -> None:
    """T7."""
    active, strong = (
        someone(1, points=70_00, planned_events=3),
        someone(2, points=100_00, planned_events=2),
    )
    assert ids(run([strong, active])) == [1, 2]


@pytest.mark.parametrize(
    ("fields", "criterion", "points", "words"),
    [
        ({"points": 86_50}, "rating", Decimal("43.25"), "86,5 из 100"),
        ({"maximum": 0, "points": 0}, "rating", Decimal(0), "0 из 0"),
        ({"municipality_id": HOME}, "municipality", Decimal(20), "живёт"),
        ({"ready_to_move": True}, "municipality", Decimal(10), "готов(а) к переезду"),
        ({"municipality_id": None}, "municipality", Decimal(0), "другое"),
        ({"managing_years": 5}, "experience", Decimal(10), "5"),
        ({"managing_years": 30}, "experience", Decimal(20), "30"),
        ({"planned_events": 2}, "events", Decimal(4), "подтверждено: 2"),
        ({"zone": "yellow"}, "zone", Decimal(5), "жёлтая"),
        ({"zone": "red"}, "zone", Decimal(0), "красная"),
        ({"kind": "school"}, "profile", Decimal(10), "того же вида"),
        ({"kind": None}, "profile", Decimal(0), "другого вида"),
    ],
)
def test_each_line_says_what_was_found(
    fields: dict[str, object], criterion: str, points: Decimal, words: str
) -> None:
    lines = {line.criterion: line for line in run([someone(**fields)])[0].lines}
    assert lines[criterion].points == points and words in lines[criterion].found
