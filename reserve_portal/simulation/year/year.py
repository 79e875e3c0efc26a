"""The clock of a played year: a queue of deeds, each done at its own moment, and the daily work between them."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from heapq import heappop, heappush
from itertools import count
from typing import Any

from commissions.models import Meeting
from reserve_portal.core import calendar, clock
from reserve_portal.core.context import begin_unit_of_work
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.regulations.models import Edition, Ground

from ..cast import Cast
from .press import Press

Deed = Callable[..., Any]


class WrongYear(Exception):
    """Something happened that the rules should have refused; the text is for people."""


@dataclass
class Year:
    """A year being played: who acts, what is still to be done, what the portal refused."""

    cast: Cast
    number: int
    seed: int
    candidates: int
    last_day: date
    press: Press = field(default_factory=Press)
    refusals: Counter[str] = field(default_factory=Counter)
    # What follows a list's decision, by the list's id; the meeting that each body is called to next.
    follow: dict[int, Callable[[], Any]] = field(default_factory=dict)
    called: dict[str, Meeting] = field(default_factory=dict)
    _queue: list[tuple[datetime, int, Deed, tuple[Any, ...]]] = field(default_factory=list)
    _order: Any = field(default_factory=count)

    @property
    def edition(self) -> Edition:
        return self.cast.edition

    @property
    def first_day(self) -> date:
        return date(self.number, 1, 1)

    def dice(self, *names: Any) -> random.Random:
        """Chance of its own for each occasion: another act more does not change what the others draw."""
        words = "/".join(map(str, (self.seed, *names)))
        return random.Random(words)  # nosec B311: invented people, the same for the same seed

    def ground(self, kind: str) -> Ground:
        """The ground of the edition's closed list that stands last: the general one."""
        return self.edition.grounds.filter(kind=kind).order_by("-order", "-pk")[0]

    def plan(self, day: date, hour: int, minute: int, deed: Deed, *args: Any) -> None:
        """Have `deed(*args)` done on that day at that time; what would come after the last day is left undone."""
        if day <= self.last_day:
            heappush(self._queue, (clock.at(day, time(hour, minute)), next(self._order), deed, args))

    def soon(self, working_days: int, deed: Deed, *args: Any, hour: int = 10, minute: int = 0) -> None:
        """Have `deed(*args)` done so many working days from today."""
        day = calendar.add_working_days(clock.today(), working_days)
        if working_days == 0 and (hour, minute) <= self._time_now():
            hour, minute = self._time_now()
        self.plan(day, hour, minute, deed, *args)

    def refused(self, what: str, deed: Deed, *args: Any, **fields: Any) -> None:
        """Try what the rules forbid: the portal must refuse it, which is counted; raises WrongYear when it does not."""
        try:
            deed(*args, **fields)
        except (GateShut, TransitionRefused):
            self.refusals[what] += 1
        else:
            raise WrongYear(f"Портал должен был отказать: {what}.")

    def live(self) -> None:
        """Do all deeds in the order of their moments, those of one moment in the order of planning."""
        while self._queue:
            moment, _, deed, args = heappop(self._queue)
            with clock.travel(moment):
                begin_unit_of_work()
                deed(*args)

    def days(self) -> list[date]:
        """All days that are played."""
        first, last = self.first_day.toordinal(), self.last_day.toordinal()
        return [date.fromordinal(day) for day in range(first, last + 1)]

    def _time_now(self) -> tuple[int, int]:
        now = clock.local(clock.now())
        return now.hour, now.minute
