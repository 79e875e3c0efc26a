"""«Что ждёт оператора»: counters of the operator's desk; stages plug in functions, as a rule from their admin."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .search import shown_count


@dataclass(frozen=True)
class DeskItem:
    """A counter that leads to the list behind it. `urgent`: overdue or due today; `group` is the heading above it."""

    label: str
    count: int
    url: str
    urgent: bool = False
    group: str = "Прочее"
    order: int = 50

    @property
    def shown(self) -> str:
        """The count as people read it: sources count to a bound."""
        return shown_count(self.count)


DeskSource = Callable[[Any], list[DeskItem]]
_sources: list[DeskSource] = []


def desk_source(function: DeskSource) -> DeskSource:
    """Register a function that gives a user's counters; each counter costs at most one query."""
    if function not in _sources:
        _sources.append(function)
    return function


def desk_for(user: Any) -> list[DeskItem]:
    """All counters of `user`: urgent ones that are not empty first, then by order."""
    items = [item for source in _sources for item in source(user)]
    return sorted(items, key=lambda item: (not (item.urgent and item.count), item.order))
