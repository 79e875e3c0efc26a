"""The measurement of `bin/bench intake` at tiny sizes: its rows are whole, its pages answer, its verdict is exact."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from candidates.models import Application, SearchTerm
from candidates.services.finding import index_application
from reserve_portal.core import clock
from reserve_portal.simulation.bench import intake, results
from reserve_portal.simulation.bench.applications import build_applications
from reserve_portal.simulation.bench.places import places
from reserve_portal.simulation.bench.timing import Cost, Page, Row


@pytest.fixture
def unblocked(django_db_setup: None, django_db_blocker: Any, settings: Any) -> Any:
    """Databases of the test's own are reached; the usual one is not used."""
    with django_db_blocker.unblock():
        yield


def test_every_page_of_the_measurement_answers_and_is_counted(unblocked: None, tmp_path: Path) -> None:
    told: list[str] = []
    rows = intake.run((60, 130), "", tmp_path, rounds=1, tell=told.append)
    assert [row.page for row in rows] == intake.PAGES
    assert all(row.small.queries > 3 and row.large.queries > 3 for row in rows)
    assert all(row.page.label in told[-1] for row in rows)


def test_what_the_measurement_builds_is_what_the_services_leave(unblocked: None, tmp_path: Path) -> None:
    """Words of the search and the mark of waiting are exactly those that the portal itself writes."""
    with (
        places(["one"], "", tmp_path) as [place],
        clock.travel(clock.at(intake.TODAY, time(11))),
        place.filled(),
    ):
        build_applications(60)
        before = set(SearchTerm.objects.values_list("application", "term"))
        for application in Application.objects.exclude(submitted_at=None):
            index_application(application)
        assert set(SearchTerm.objects.values_list("application", "term")) == before
        waiting = Application.objects.awaiting_admission().count()
        Application.objects.all().note_admission()
        assert Application.objects.awaiting_admission().count() == waiting > 0


@pytest.mark.parametrize(
    ("small", "large", "faults"),
    [
        (Cost([1.0], 9), Cost([1.2], 9), []),
        (Cost([1.0], 9), Cost([1.21], 9), ["costs over 1.2 times as much"]),
        (Cost([1.0, 1.0, 9.0], 9), Cost([1.0], 10), ["the number of queries differs"]),
    ],
)
def test_a_page_is_judged_by_its_medians_and_its_queries(small: Cost, large: Cost, faults: list[str]) -> None:
    assert Row(Page("page", lambda place: "/", 1.2), small, large).faults == faults


def test_the_import_is_measured_on_what_it_really_stores(unblocked: None, tmp_path: Path) -> None:
    told: list[str] = []
    [cost] = results.run((20, 40), "", tmp_path, rounds=1, tell=told.append)
    assert cost.rows == 40 and min(cost.reading_csv, cost.reading, cost.preview) > 0
    assert cost.whole >= cost.preview / 2 and "import of the workbook" in told[-1]


@pytest.mark.parametrize(("whole", "faults"), [(3.0, 0), (3.01, 1)])
def test_an_import_is_judged_by_the_reading_of_its_file(whole: float, faults: int) -> None:
    assert len(results.Cost(10, 0.1, 1.0, 2.0, whole).faults) == faults
