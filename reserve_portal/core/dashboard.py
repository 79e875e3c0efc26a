"""Cards of a person's home page; stages plug in functions from their `dashboard.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
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
