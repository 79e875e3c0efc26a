"""Matching as pure arithmetic: who may be proposed, in which order, and why, line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from reservists.rules import points_words

# Years of managing beyond these add nothing: the criterion tells the novice from the experienced, not the old from the very old.
EXPERIENCE_FULL_YEARS = 10
EVENTS_FULL = 5

CRITERIA = {
    "rating": "Результат оценки",
    "municipality": "Территория",
    "experience": "Руководящий стаж",
    "events": "Участие в мероприятиях",
}


@dataclass(frozen=True)
class Candidate:
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


@dataclass(frozen=True)
class Place:
    """One reservist's place in the order."""

    candidate: Candidate
    advantage: bool
    advantage_text: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.points for line in self.lines), Decimal(0))


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
    places = [
        Place(
            item,
            *_advantage(item, advantage, advantage_events),
            tuple(_line(name, item, Decimal(weight), municipality_id) for name, weight in weights.items()),
        )
        for item in candidates
        if not item.obstacles
    ]
    places.sort(key=_order)
    left_out = sorted((item for item in candidates if item.obstacles), key=lambda item: (item.name, item.reservist_id))
    return MatchOrder(tuple(places), tuple(left_out), dict(weights))


def _order(place: Place) -> tuple[bool, Decimal, int, date, int]:
    item = place.candidate
    rank = item.rank if item.rank is not None else 10**9
    return (not place.advantage, -place.total, rank, item.included_on, item.reservist_id)


def _advantage(item: Candidate, advantage: str, needed: int) -> tuple[bool, str]:
    if advantage == "events":
        has = item.planned_events >= needed
        return has, f"плановых мероприятий: {item.planned_events}, для преимущества нужно {needed}"
    if advantage == "zone":
        has = item.zone == "green"
        return has, "зелёная зона" if has else "не зелёная зона"
    return False, "порядок преимуществ не даёт"


def _line(name: str, item: Candidate, weight: Decimal, municipality_id: int) -> Line:
    share, found = _SHARES[name](item, municipality_id)
    return Line(name, found, weight * share, weight)


def _rating(item: Candidate, municipality_id: int) -> tuple[Decimal, str]:
    share = item.points / item.maximum if item.maximum else Decimal(0)
    return share, f"{points_words(item.points)} из {points_words(item.maximum)}"


def _municipality(item: Candidate, municipality_id: int) -> tuple[Decimal, str]:
    if item.municipality_id == municipality_id:
        return Decimal(1), "живёт в этом муниципальном образовании"
    if item.ready_to_move:
        return Decimal("0.5"), "готов(а) к переезду"
    return Decimal(0), "другое муниципальное образование, о переезде не сказано"


def _experience(item: Candidate, municipality_id: int) -> tuple[Decimal, str]:
    share = Decimal(min(item.managing_years, EXPERIENCE_FULL_YEARS)) / EXPERIENCE_FULL_YEARS
    return share, f"полных лет на день включения: {item.managing_years}"


def _events(item: Candidate, municipality_id: int) -> tuple[Decimal, str]:
    share = Decimal(min(item.planned_events, EVENTS_FULL)) / EVENTS_FULL
    return share, f"подтверждено: {item.planned_events}"


_SHARES = {"rating": _rating, "municipality": _municipality, "experience": _experience, "events": _events}
