"""Cards of a person's home page, and what lies ahead of a person; stages plug in from their `dashboard.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Card:
    """A card: a template and what it shows; lower `order` stands higher. `urgent` marks what waits for the person."""

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 50
    urgent: bool = False


CardSource = Callable[[Any], list[Card]]
_sources: list[CardSource] = []


def card_source(function: CardSource) -> CardSource:
    """Register a function that gives a user's cards."""
    _sources.append(function)
    return function


def cards_for(user: Any) -> list[Card]:
    """All cards of `user`, urgent ones first, then by order."""
    cards = [card for source in _sources for card in source(user)]
    return sorted(cards, key=lambda card: (not card.urgent, card.order))


@dataclass(frozen=True)
class Ahead:
    """Something a person has before him or her: by or on which day (None: not known yet), what, where it is done."""

    title: str
    url: str
    on: date | None = None
    is_limit: bool = False  # «до» a day, not «в» it
    note: str = ""
    clause: str = ""


AheadSource = Callable[[Any], list[Ahead]]
_ahead: list[AheadSource] = []


def ahead_source(function: AheadSource) -> AheadSource:
    """Register a function that gives what lies ahead of a user."""
    _ahead.append(function)
    return function


def ahead_of(user: Any) -> list[Ahead]:
    """Everything that lies ahead of `user`, the nearest day first, what has no day yet last."""
    rows = [row for source in _ahead for row in source(user)]
    return sorted(rows, key=lambda row: (row.on is None, row.on or date.min, row.title))
