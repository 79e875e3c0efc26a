"""The measurement of `bin/bench papers` at tiny sizes: it makes what the portal makes, its verdict is exact."""

from pathlib import Path
from typing import Any

import pytest

from reserve_portal.simulation.bench import papers
from reserve_portal.simulation.bench.papers import Run, faults


def run(form: str, rows: int, seconds: float, worked: float, peak: float = 100, added: float = 1) -> Run:
    return Run(form, rows, seconds, worked, (90, peak), added)


GOOD = [
    run("pdf", 100, 5, 2), run("pdf", 1000, 40, 20), run("xlsx", 100, 1, 1), run("xlsx", 1000, 1, 2),
    run("plain", 100, 5, 2), run("plain", 1000, 80, 40), run("xlsx", 5000, 4, 4),
]  # fmt: skip


@pytest.mark.parametrize(
    ("worse", "named"),
    [
        ({}, ""),
        ({1: run("pdf", 1000, 40, 22)}, ""),
        ({1: run("pdf", 1000, 40, 22.01)}, "pdf of 1,000 rows: 1.10 times what is linear"),
        ({1: run("pdf", 1000, 40, 20, peak=150)}, ""),
        ({1: run("pdf", 1000, 40, 20, peak=151)}, "pdf of 1,000 rows: a process takes 151 MB"),
        ({5: run("plain", 1000, 79, 40)}, "the gain over the plain document is 1.98 times"),
        ({5: run("plain", 1000, 80, 40, peak=900)}, ""),
        ({6: run("xlsx", 5000, 4, 4, added=40)}, ""),
        ({6: run("xlsx", 5000, 4, 4, added=41)}, "xlsx of 5,000 rows adds 41 MB"),
    ],
)
def test_each_limit_is_judged_at_its_border(worse: dict[int, Run], named: str) -> None:
    """Growth 10 %, 150 MB a process, twice as fast as the plain document, 40 MB for the longest sheet."""
    runs = [worse.get(place, one) for place, one in enumerate(GOOD)]
    assert faults(runs) == ([named] if named else [])


def test_the_measurement_makes_every_form(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In processes of their own, on a database of its own."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    told: list[str] = []
    with django_db_blocker.unblock():
        papers.run((2,), tmp_path, table_size=3, tell=told.append)
    assert [line.split()[:2] for line in told[2:6]] == [
        ["pdf", "2"],
        ["xlsx", "2"],
        ["plain", "2"],
        ["xlsx", "3"],
    ]
    assert list(tmp_path.rglob("*.pdf")) and list(tmp_path.rglob("*.xlsx"))
