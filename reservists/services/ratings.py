"""How a reservist's zone and rating moved, for the table and the plot beside it (O4.18-4.20)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from reserve_portal.core.plots import bar_plot
from reserve_portal.core.templatetags.portal import points as points_shown

from ..models import Reservist, ReservistChange
from .changes import standing_of

TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Standing:
    """Points, zone and place from a day on, and the decision that gave them."""

    on: date
    what: str
    points: Decimal
    maximum: Decimal
    zone: str
    rank: int | None
    basis: str

    @property
    def share(self) -> Decimal:
        """Percent of the maximum, cut to a tenth: no border is ever shown as reached that was not."""
        if not self.maximum:
            return Decimal(0)
        return (self.points * 100 / self.maximum).quantize(TENTH, rounding=ROUND_DOWN)


def rating_history(reservist: Reservist, changes: Sequence[ReservistChange]) -> list[Standing]:
    """What stood at the inclusion and after each of the reservist's `changes`, oldest first."""
    first = changes[0].before if changes else standing_of(reservist)
    rows = [_standing(reservist.included_on, "включение в резерв", first, reservist.basis)]
    return rows + [_standing(row.made_on, row.get_kind_display(), row.after, row.basis) for row in changes]


def rating_plot(rows: Sequence[Standing], *, zones: bool) -> str:
    """The same as bars of a hundred percent, the zone in words where the edition has `zones`; nothing where no points
    are known (who came with an earlier list)."""
    rows = [row for row in rows if row.maximum]
    if not rows:
        return ""
    return bar_plot(
        "Баллы, % от максимума, по датам решений",
        ("баллы",),
        [(f"{row.on:%d.%m.%Y}, {row.zone if zones else row.what}", (row.share,)) for row in rows],
        [f"{points_shown(row.share)} %" for row in rows],
        whole=100,
    )


def _standing(on: date, what: str, values: Mapping[str, Any], basis: str) -> Standing:
    points, maximum = Decimal(values["value"]), Decimal(values["of"])
    return Standing(on, what, points, maximum, values["zone"], values["rank"], basis)
