"""The main navigation and the portal's name; stages plug in from their `dashboard.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import context


@dataclass(frozen=True)
class NavItem:
    """An entry of the main navigation: `icon` is a name of Bootstrap Icons without `bi-`, `badge` a count (0: none).

    Lower `order` stands further to the left: 10 home, 20-79 the stages, 80 letters, 90 the operator's workplace.
    """

    label: str
    url: str
    icon: str = ""
    order: int = 50
    badge: int = 0


@dataclass(frozen=True)
class NavLink:
    """A NavItem on a certain page: whether the page belongs to it."""

    item: NavItem
    is_current: bool


@dataclass(frozen=True)
class Identity:
    """What stands in the header and the footer."""

    service: str = "Кадровый резерв"
    region: str = ""
    operator: str = ""
    operator_short: str = ""
    authority: str = ""


@dataclass(frozen=True)
class Step:
    """One step for components/steps.html; `state` is "done", "current" or "todo"."""

    label: str
    state: str = "todo"
    note: str = ""
    url: str = ""


NavSource = Callable[[Any], list[NavItem]]
_sources: list[NavSource] = []
_identity: list[Callable[[], Identity]] = []


def nav_source(function: NavSource) -> NavSource:
    """Register a function that gives a user's entries; it is asked on every page: at most one cheap query."""
    if function not in _sources:
        _sources.append(function)
    return function


def identity_source(function: Callable[[], Identity]) -> Callable[[], Identity]:
    """Register the function that names the portal; the last one registered counts."""
    _identity.append(function)
    return function


def navigation_for(user: Any, path: str) -> list[NavLink]:
    """Return the entries of `user` in their order; the one with the longest address that begins `path` is current."""
    items = sorted(
        (item for source in _sources for item in source(user)), key=lambda item: (item.order, item.label)
    )
    fitting = [item for item in items if path == item.url or (item.url != "/" and path.startswith(item.url))]
    current = max(fitting, key=lambda item: len(item.url), default=None)
    return [NavLink(item, item is current) for item in items]


def identity() -> Identity:
    """Return the portal's name, read once per request."""
    return context.remembered("identity", lambda: _identity[-1]() if _identity else Identity())
