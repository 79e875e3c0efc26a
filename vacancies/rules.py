"""Matching as pure arithmetic: who may be proposed, in which order, and why, line by line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import lcm
from typing import Any, NamedTuple

from reservists.rules import points_words

# Years of managing beyond these add nothing: the criterion tells the novice from the experienced.
EXPERIENCE_FULL_YEARS = 10
EVENTS_FULL = 5
TENTHS = 10  # every share but the rating's is a whole number of tenths

CRITERIA = {
    "rating": "Результат оценки",
    "zone": "Зона",
    "municipality": "Территория",
    "experience": "Руководящий стаж",
    "profile": "Профиль организации",
    "events": "Участие в мероприятиях",
}


ZONES = ("", "red", "yellow", "green")
NEARNESS = ("far", "moves", "home")  # home: of the vacancy's own municipality; moves: else ready to move
YEARS = 2**15  # more than the column holds


class Standing(NamedTuple):
    """What the order needs of one reservist: whole numbers, so that twenty thousand are read and compared fast.

    `points` and `maximum` are in the same small units; `alike` is the same for people alike in all the rest.
    """

    reservist_id: int
    points: int
    maximum: int
    alike: int


def alike(zone: Any, nearness: Any, managing_years: Any, same_kind: Any, planned_events: Any) -> Any:
    """One number for all that counts beside the points; of numbers, or of the database's expressions of them.

    `zone` and `nearness` are places in ZONES and NEARNESS, `same_kind` is 0 or 1.
    """
    counts = planned_events * YEARS + managing_years
    return ((counts * len(ZONES) + zone) * len(NEARNESS) + nearness) * 2 + same_kind


class Facts(NamedTuple):
    """A reservist as the explanation reads him or her.

    `points` and `maximum` are in the same small units; `kind` is that of the organisation where he or she works.
    """

    reservist_id: int
    points: int
    maximum: int
    zone: str
    municipality_id: int | None
    ready_to_move: int | None
    managing_years: int
    kind: str | None
    planned_events: int


@dataclass(frozen=True)
class Terms:
    """By what the order is made: `advantage` is events (T7), zone (O3.19, O4.19) or none; weights by criterion."""

    municipality_id: int
    kind: str
    advantage: str
    advantage_events: int
    weights: Mapping[str, int]


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


class Candidate(NamedTuple):
    """A reservist as people read of him or her; with `obstacles` he or she stands in no order."""

    reservist_id: int
    name: str
    units: int = 1
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """One reservist's place in the order; the words are made when somebody reads them, not for the whole reserve."""

    candidate: Candidate
    facts: Facts
    terms: Terms

    @property
    def advantage(self) -> bool:
        return has_advantage(self.facts, self.terms)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The explanation; its points add up to the total."""
        return tuple(
            Line(name, self._words(name), Decimal(weight) * self._share(name), Decimal(weight))
            for name, weight in self.terms.weights.items()
        )

    @property
    def total(self) -> Decimal:
        return sum((line.points for line in self.lines), Decimal(0))

    @property
    def advantage_text(self) -> str:
        """Why there is an advantage, or what is missing."""
        if self.terms.advantage == "events":
            needed = self.terms.advantage_events
            return f"плановых мероприятий: {self.facts.planned_events}, для преимущества нужно {needed}"
        if self.terms.advantage == "zone":
            return "зелёная зона" if self.advantage else "не зелёная зона"
        return "порядок преимуществ не даёт"

    def _share(self, criterion: str) -> Decimal:
        if criterion == "rating":
            return Decimal(self.facts.points) / self.facts.maximum if self.facts.maximum else Decimal(0)
        return Decimal(_TENTHS_OF[criterion](self.facts, self.terms)) / TENTHS

    def _words(self, criterion: str) -> str:
        if criterion == "rating":
            points, maximum = (
                Decimal(value) / self.candidate.units for value in (self.facts.points, self.facts.maximum)
            )
            return f"{points_words(points)} из {points_words(maximum)}"
        return _WORDS[criterion](self.facts, self.terms)


def facts_of(standing: tuple[int, int, int, int], terms: Terms) -> Facts:
    """What a Standing before these terms holds: of municipality and kind, whether they are the vacancy's own."""
    reservist_id, points, maximum, rest = standing
    rest, same_kind = divmod(rest, 2)
    rest, nearness = divmod(rest, len(NEARNESS))
    rest, zone = divmod(rest, len(ZONES))
    planned_events, managing_years = divmod(rest, YEARS)
    return Facts(
        reservist_id,
        points,
        maximum,
        ZONES[zone],
        terms.municipality_id if NEARNESS[nearness] == "home" else None,
        NEARNESS[nearness] == "moves",
        managing_years,
        terms.kind if same_kind else None,
        planned_events,
    )


def in_order(reserve: Iterable[tuple[int, int, int, int]], terms: Terms) -> list[tuple[int, int, int, int]]:
    """Order a reserve of Standings: the regulation's advantage first, then the weighted points, compared exactly.

    Equal ones stay in the order in which they come: the better rank, the earlier inclusion, the earlier entry.
    """
    rows = list(reserve)
    maxima = {maximum for _, _, maximum, _ in rows}
    whole = lcm(*(maxima - {0}))
    rating = terms.weights.get("rating", 0) * TENTHS
    scale = {maximum: rating * (whole // maximum) if maximum else 0 for maximum in maxima}
    others = [
        (_TENTHS_OF[name], weight * whole) for name, weight in terms.weights.items() if name in _TENTHS_OF
    ]
    rest, first = {}, set()  # by what people have alike, of which there are far fewer than people
    for kin in {kin for _, _, _, kin in rows}:
        facts = facts_of((0, 0, 0, kin), terms)
        rest[kin] = sum(weight * tenths(facts, terms) for tenths, weight in others)
        if has_advantage(facts, terms):
            first.add(kin)

    def total(row: tuple[int, int, int, int]) -> int:
        return rest[row[3]] + row[1] * scale[row[2]]

    parts = [row for row in rows if row[3] in first], [row for row in rows if row[3] not in first]
    return [row for part in parts for row in sorted(part, key=total, reverse=True)]


def has_advantage(facts: Facts, terms: Terms) -> bool:
    """Whether the regulation puts this person before all others: by events (T7) or by the zone (O3.19, O4.19)."""
    if terms.advantage == "events":
        return facts.planned_events >= terms.advantage_events
    return terms.advantage == "zone" and facts.zone == "green"


def _municipality_tenths(facts: Facts, terms: Terms) -> int:
    if facts.municipality_id == terms.municipality_id:
        return TENTHS
    return TENTHS // 2 if facts.ready_to_move else 0


def _municipality_words(facts: Facts, terms: Terms) -> str:
    if facts.municipality_id == terms.municipality_id:
        return "живёт или работает в этом муниципальном образовании"
    if facts.ready_to_move:
        return "готов(а) к переезду"
    return "другое муниципальное образование, о переезде не сказано"


_ZONES = {"green": TENTHS, "yellow": TENTHS // 2}
_ZONE_WORDS = {"green": "зелёная", "yellow": "жёлтая", "red": "красная"}
_TENTHS_OF: dict[str, Callable[[Facts, Terms], int]] = {
    "zone": lambda facts, _: _ZONES.get(facts.zone, 0),
    "municipality": _municipality_tenths,
    "experience": lambda facts, _: min(facts.managing_years, EXPERIENCE_FULL_YEARS),
    "profile": lambda facts, terms: TENTHS if facts.kind == terms.kind else 0,
    "events": lambda facts, _: min(facts.planned_events, EVENTS_FULL) * TENTHS // EVENTS_FULL,
}
_WORDS: dict[str, Callable[[Facts, Terms], str]] = {
    "zone": lambda facts, _: _ZONE_WORDS.get(facts.zone, "не указана"),
    "municipality": _municipality_words,
    "experience": lambda facts, _: f"полных лет на день включения: {facts.managing_years}",
    "profile": lambda facts, terms: (
        "работает в организации того же вида" if facts.kind == terms.kind else "организация другого вида"
    ),
    "events": lambda facts, _: f"подтверждено: {facts.planned_events}",
}
