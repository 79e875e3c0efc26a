"""Plays one year on an empty database: people, bodies and schools, then all acts."""

import json
from datetime import date

from reserve_portal.core.management.commands.load_calendar import BUNDLED
from reserve_portal.core.services import load_calendar
from reserve_portal.regulations.models import Edition

from ..example import build_people
from ..story import at
from .acts import (
    brought,
    changes,
    consents,
    daily,
    development,
    intake,
    leaving,
    mentoring,
    requests,
    reserve,
    vacancies,
)
from .press import Press
from .year import Year

ACTS = (
    daily, brought, intake, development, mentoring, reserve, changes, consents, leaving, requests, vacancies,
)  # fmt: skip


def play_year(
    edition: Edition,
    *,
    candidates: int,
    seed: int,
    number: int = 2026,
    until: date | None = None,
    press: Press | None = None,
) -> Year:
    """Play the year `number` with so many candidates up to its end (or `until`); returns it.

    The same seed plays the same year. `press` makes its papers, by default when it is over.
    """
    load_calendar(json.loads(BUNDLED.read_text(encoding="utf-8")))
    with at(date(number, 1, 1), 0):
        last_day = until or date(number, 12, 31)
        year = Year(build_people(edition), number, seed, candidates, last_day, press or Press())
        for act in ACTS:
            act.begin(year)
    year.live()
    with at(last_day, 23, 59):
        year.press.finish()
    return year
