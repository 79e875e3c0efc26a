"""How voices become a decision: pure arithmetic on counts."""

from dataclasses import dataclass
from decimal import Decimal

from reserve_portal.regulations.enums import Majority

from .enums import Choice


@dataclass(frozen=True)
class Tally:
    """Voices on one person's line: those entitled without the recused, and how the present ones voted."""

    members: int
    present: int
    in_favour: int
    against: int
    abstained: int

    @property
    def silent(self) -> int:
        return self.present - self.in_favour - self.against - self.abstained


def quorum_reached(members: int, present: int, percent: Decimal, *, strict: bool) -> bool:
    """Say whether `present` of `members` make a quorum of `percent`; strict: more than the share, else at least it."""
    share, needed = Decimal(present) * 100, percent * members
    return members > 0 and (share > needed if strict else share >= needed)


def is_supported(tally: Tally, majority: str, *, casting: str | None = None) -> bool:
    """Say whether the proposal is carried; `casting` is the presiding member's choice, deciding a tie.

    A tie is broken only for a simple majority; silence counts as not in favour.
    """
    if majority == Majority.ALL_MEMBERS:
        return tally.in_favour * 2 > tally.members
    if majority == Majority.TWO_THIRDS:
        return tally.present > 0 and tally.in_favour * 3 >= tally.present * 2
    if tally.in_favour * 2 == tally.present and tally.present > 0:
        return casting == Choice.FOR
    return tally.in_favour * 2 > tally.present
