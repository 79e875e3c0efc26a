"""The list of checks: functions that return what is wrong as Russian sentences."""

from collections.abc import Callable, Iterable

Check = Callable[[], Iterable[str]]
checks: list[Check] = []


def check(function: Check) -> Check:
    """Make a check known; `find_problems` runs it."""
    checks.append(function)
    return function
