"""When posts of heads will fall vacant: the end of a contract, the pension age. Pure arithmetic, nothing is read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from reserve_portal.accounts.enums import OrganisationKind

YEARS_AHEAD = 5
HEADS = ("директор", "заведующ", "руководител", "начальник")
# 400-ФЗ, annex 6: the last cohorts of the transition; whoever was born later retires at the full age.
MEN, WOMEN = 65, 60
MEN_BEFORE = {1961: 63, 1962: 64}
WOMEN_BEFORE = {1966: 58, 1967: 59}


class Known(NamedTuple):
    """What the forecast knows of one head."""

    name: str
    contract_until: date | None
    birth_year: int | None


@dataclass
class Year:
    """How many posts a year is likely to free, each counted once, by what comes first."""

    year: int
    contract: int = 0
    pension: int = 0

    @property
    def total(self) -> int:
        return self.contract + self.pension


@dataclass
class Forecast:
    """The years ahead; heads for whom both have passed stand in the first, `unknown` lack every date."""

    years: list[Year]
    later: int = 0
    unknown: int = 0


def is_head_post(post: str, kind: str) -> bool:
    """Whether a post is the head's own: an authority has many managers, a deputy or a specialist is none."""
    words = post.casefold()
    named = any(word in words for word in HEADS) and "заместител" not in words
    return named and kind != OrganisationKind.AUTHORITY


def is_woman(name: str) -> bool:
    """Told by the patronymic, for the pension age alone; without one the higher age holds."""
    return name.casefold().endswith(("вна", "чна", "шна", "кызы"))


def pension_year(birth_year: int, name: str) -> int:
    """The year in which the old-age pension age is reached (400-ФЗ, article 8 and annex 6)."""
    if is_woman(name):
        first, before, full = min(WOMEN_BEFORE), WOMEN_BEFORE, WOMEN
    else:
        first, before, full = min(MEN_BEFORE), MEN_BEFORE, MEN
    age = before[first] if birth_year < first else before.get(birth_year, full)
    return birth_year + age


def forecast(heads: Iterable[Known], *, this_year: int) -> Forecast:
    """Count the posts that fall vacant in this year and the next ones; who is past both counts for this year.

    Whichever comes first decides; a contract and a pension in the same year count as the contract's.
    """
    found = Forecast([Year(this_year + step) for step in range(YEARS_AHEAD + 1)])
    for head in heads:
        ends = [head.contract_until.year] if head.contract_until else []
        retires = [pension_year(head.birth_year, head.name)] if head.birth_year else []
        if not ends and not retires:
            found.unknown += 1
            continue
        first = min(ends + retires)
        at = max(first - this_year, 0)
        if at > YEARS_AHEAD:
            found.later += 1
        elif ends == [first]:
            found.years[at].contract += 1
        else:
            found.years[at].pension += 1
    return found
