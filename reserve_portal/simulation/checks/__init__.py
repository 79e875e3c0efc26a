"""What must hold of every portal's data, whatever happened: read only, one sentence for each thing that does not."""

from . import (
    cases,
    decisions,
    development,
    leaving,
    letters,
    numbers,
    papers,
    people,
    results,
    standing,
    states,
)
from .registry import checks

__all__ = [
    "cases",
    "checks",
    "decisions",
    "development",
    "find_problems",
    "leaving",
    "letters",
    "numbers",
    "papers",
    "people",
    "results",
    "standing",
    "states",
]


def find_problems() -> list[str]:
    """Run every check; an empty list means that the data are consistent."""
    return [problem for check in checks for problem in check()]
