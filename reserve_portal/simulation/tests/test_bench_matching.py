"""The measurement of `bin/bench matching` at tiny sizes: whole rows, the same queries, an exact verdict."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from reserve_portal.core import clock
from reserve_portal.simulation.bench import matching
from reserve_portal.simulation.bench.matching import Row, table
from reserve_portal.simulation.bench.places import places
from reserve_portal.simulation.bench.reserve import build_reserve
from reserve_portal.simulation.bench.timing import Cost
from vacancies.services.matching import match_vacancy


@pytest.fixture
def unblocked(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Databases of the test's own are reached; the usual one is not used."""
    with django_db_blocker.unblock():
        yield


def test_the_measurement_answers_with_the_same_queries_at_both_sizes(unblocked: None, tmp_path: Path) -> None:
    told: list[str] = []
    rows = matching.run((60, 200), "", tmp_path, rounds=1, tell=told.append)
    assert [row.faults for row in rows] == [[], []]
    assert all(row.large.queries > 3 and row.label in told[-1] for row in rows)


def test_the_measured_reserve_has_people_for_every_obstacle(unblocked: None, tmp_path: Path) -> None:
    """The order and those left out are all of the reserve, each of whom has a reason."""
    with (
        places(["one"], "", tmp_path) as [place],
        clock.travel(clock.at(matching.TODAY, time(11))),
        place.filled(),
    ):
        order = match_vacancy(build_reserve(200))
        reasons = {reason.split(":")[0] for item in order.left_out for reason in item.obstacles}
        assert len(order.places) + len(order.left_out) == 200
        assert all(item.obstacles for item in order.left_out)
        assert reasons == {
            "уже назначен(а) на должность",
            "нет действующего согласия на обработку персональных данных",
            "рассматривается на другую вакансию",
        }
        assert {found.advantage for found in order.places} == {True, False}


@pytest.mark.parametrize(
    ("small", "large", "faults"),
    [
        (Cost([0.1], 9), Cost([1.0], 9), []),
        (Cost([0.1], 9), Cost([1.001], 9), ["takes over 1000 ms"]),
        (Cost([0.1], 9), Cost([0.1], 10), ["queries: 9 and 10"]),
    ],
)
def test_one_second_and_the_same_queries_are_the_limit(small: Cost, large: Cost, faults: list[str]) -> None:
    assert Row("order", small, large).faults == faults


def test_the_aim_is_told_where_it_is_missed() -> None:
    assert "above the aim" in table([Row("order", Cost([0.1], 9), Cost([0.101], 9))], (1, 2))
    assert "above the aim" not in table([Row("order", Cost([0.1], 9), Cost([0.1], 9))], (1, 2))
