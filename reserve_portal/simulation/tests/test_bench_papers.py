"""The measurement of `bin/bench papers` at tiny sizes: it makes what the portal makes, its verdict is exact."""

from pathlib import Path
from typing import Any

import pytest

from reserve_portal.simulation.bench import papers
from reserve_portal.simulation.bench.papers import Run, judge


def made(form: str, rows: int, seconds: float, worked: float, peak: float = 100, added: float = 1) -> Run:
    return Run(form, rows, seconds, worked, (90, peak), added)


def good() -> list[Run]:
    return [
        made("pdf", 100, 5, 2), made("pdf", 1000, 40, 20), made("xlsx", 100, 1, 1), made("xlsx", 1000, 1, 2),
        made("plain", 100, 5, 2), made("plain", 1000, 80, 40), made("xlsx", 5000, 4, 4),
        made("table", 1000, 31, 9), made("table plain", 1000, 79, 12, peak=900),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("worse", "named"),
    [
        ({}, ""),
        ({1: made("pdf", 1000, 40, 22)}, ""),
        ({1: made("pdf", 1000, 40, 22.1)}, "pdf of 1,000 rows grows 1.10 times as much as they do"),
        ({1: made("pdf", 1000, 40, 20, peak=150)}, ""),
        ({1: made("pdf", 1000, 40, 20, peak=151)}, "pdf of 1,000 rows: a process takes 151 MB"),
        ({5: made("plain", 1000, 79, 40)}, "pdf of 1,000 rows is 1.98 times as fast as the plain document"),
        ({5: made("plain", 1000, 80, 40, peak=900)}, ""),
        ({6: made("xlsx", 5000, 4, 4, added=40)}, ""),
        ({7: made("table", 1000, 31, 9, peak=150)}, ""),
        ({7: made("table", 1000, 31, 9, peak=151)}, "table of 1,000 rows: a process takes 151 MB"),
        (
            {8: made("table plain", 1000, 78.5, 12)},
            "table of 1,000 rows is 2.53 times as fast as the plain document",
        ),
        ({6: made("xlsx", 5000, 4, 4, added=41)}, "xlsx of 5,000 rows adds 41 MB"),
    ],
)
def test_each_limit_is_judged_at_its_border(worse: dict[int, Run], named: str) -> None:
    """Growth 10 %, 150 MB a process, twice as fast as the plain document (of reference 79/31), 40 MB a sheet."""
    runs = [worse.get(place, one) for place, one in enumerate(good())]
    judge(runs, lambda line: None)
    assert [fault for one in runs for fault in one.faults] == ([named] if named else [])


def test_the_measurement_makes_every_form(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In processes of their own, on a database of its own."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    told: list[str] = []
    with django_db_blocker.unblock():
        runs = papers.run((2,), "", tmp_path, tell=told.append)
    assert [(one.form, one.rows) for one in runs] == [
        ("pdf", 2), ("xlsx", 2), ("plain", 2), ("xlsx", 10), ("table", 2), ("table plain", 2),
    ]  # fmt: skip
    assert any("plain / in pieces" in line for line in told)
    assert all(one.text in told and one.peaks[0] > 50 for one in runs)
    assert list(tmp_path.rglob("*.pdf")) and list(tmp_path.rglob("*.xlsx"))
