"""Matching as pure arithmetic: who may be proposed, in which order, and why, line by line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from reservists.rules import points_words

# Years of managing beyond these add nothing: the criterion tells the novice from the experienced.
EXPERIENCE_FULL_YEARS = 10
EVENTS_FULL = 5
WHOLE, HALF, NOTHING = Decimal(1), Decimal("0.5"), Decimal(0)
TENTHS = [Decimal(years) / EXPERIENCE_FULL_YEARS for years in range(EXPERIENCE_FULL_YEARS + 1)]
FIFTHS = [Decimal(count) / EVENTS_FULL for count in range(EVENTS_FULL + 1)]

CRITERIA = {
    "rating": "Результат оценки",
    "municipality": "Территория",
    "experience": "Руководящий стаж",
    "events": "Участие в мероприятиях",
}


class Candidate(NamedTuple):
    """What matching knows of one reservist."""

    reservist_id: int
    name: str
    zone: str
    points: Decimal
    maximum: Decimal
    rank: int | None
    included_on: date
    municipality_id: int | None
    ready_to_move: bool
    managing_years: int
    planned_events: int
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of the explanation: criterion, what was found, how many points of how many."""

    criterion: str
    found: str
    points: Decimal
    maximum: Decimal

    @property
    def title(self) -> str:
        return CRITERIA[self.criterion]


class Place(NamedTuple):
    """One reservist's place in the order; the words are made when somebody reads them, not for the whole reserve."""

    candidate: Candidate
    advantage: bool
    total: Decimal
    terms: "Terms"

    @property
    def lines(self) -> tuple[Line, ...]:
        """The explanation; its points add up to the total."""
        terms = self.terms
        return tuple(
            Line(
                name,
                _WORDS[name](self.candidate, terms.municipality_id),
                weight * _SHARES[name](self.candidate, terms.municipality_id),
                weight,
            )
            for name, weight in terms.weights
        )

    @property
    def advantage_text(self) -> str:
        """Why there is an advantage, or what is missing."""
        if self.terms.advantage == "events":
            needed = self.terms.advantage_events
            return f"плановых мероприятий: {self.candidate.planned_events}, для преимущества нужно {needed}"
        if self.terms.advantage == "zone":
            return "зелёная зона" if self.advantage else "не зелёная зона"
        return "порядок преимуществ не даёт"


@dataclass(frozen=True)
class Terms:
    """By what the order is made: `advantage` is events (T7), zone (O3.19, O4.19) or none."""

    municipality_id: int
    advantage: str
    advantage_events: int
    weights: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class MatchOrder:
    """The order, and who is not in it and why."""

    places: tuple[Place, ...]
    left_out: tuple[Candidate, ...]
    weights: Mapping[str, int] = field(default_factory=dict)


def match(
    candidates: Sequence[Candidate],
    *,
    municipality_id: int,
    advantage: str,
    advantage_events: int,
    weights: Mapping[str, int],
) -> MatchOrder:
    """Order the candidates without obstacles: the regulation's advantage first, then the weighted points.

    `advantage` is events (T7), zone (O3.19, O4.19) or none. Equal points: the better rank, then the earlier inclusion,
    then the earlier entry. Points are exact Decimals; every place's lines add up to its total.
    """
    terms = Terms(
        municipality_id,
        advantage,
        advantage_events,
        tuple((name, Decimal(value)) for name, value in weights.items()),
    )
    shares = [(_SHARES[name], weight) for name, weight in terms.weights]
    zero = Decimal(0)
    places = [
        Place(
            item,
            _has_advantage(item, terms),
            sum((weight * share(item, municipality_id) for share, weight in shares), zero),
            terms,
        )
        for item in candidates
        if not item.obstacles
    ]
    places.sort(key=_order)
    left_out = sorted(
        (item for item in candidates if item.obstacles), key=lambda item: (item.name, item.reservist_id)
    )
    return MatchOrder(tuple(places), tuple(left_out), dict(weights))


def _order(place: Place) -> tuple[bool, Decimal, int, date, int]:
    item = place.candidate
    rank = item.rank if item.rank is not None else 10**9
    return (not place.advantage, -place.total, rank, item.included_on, item.reservist_id)


def _has_advantage(item: Candidate, terms: Terms) -> bool:
    if terms.advantage == "events":
        return item.planned_events >= terms.advantage_events
    return terms.advantage == "zone" and item.zone == "green"


def _municipality_share(item: Candidate, municipality_id: int) -> Decimal:
    if item.municipality_id == municipality_id:
        return WHOLE
    return HALF if item.ready_to_move else NOTHING


def _municipality_words(item: Candidate, municipality_id: int) -> str:
    if item.municipality_id == municipality_id:
        return "живёт или работает в этом муниципальном образовании"
    if item.ready_to_move:
        return "готов(а) к переезду"
    return "другое муниципальное образование, о переезде не сказано"


_SHARES: dict[str, Callable[[Candidate, int], Decimal]] = {
    "rating": lambda item, _: item.points / item.maximum if item.maximum else NOTHING,
    "municipality": _municipality_share,
    "experience": lambda item, _: TENTHS[min(item.managing_years, EXPERIENCE_FULL_YEARS)],
    "events": lambda item, _: FIFTHS[min(item.planned_events, EVENTS_FULL)],
}
_WORDS: dict[str, Callable[[Candidate, int], str]] = {
    "rating": lambda item, _: f"{points_words(item.points)} из {points_words(item.maximum)}",
    "municipality": _municipality_words,
    "experience": lambda item, _: f"полных лет на день включения: {item.managing_years}",
    "events": lambda item, _: f"подтверждено: {item.planned_events}",
}
