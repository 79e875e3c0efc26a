"""What the import of a procedure's results costs beside merely reading its file: seconds of processor time.

The limit holds for the workbook, as Moodle's «Excel» download is; reading the same rows as CSV stands beside it.
"""

import csv
import gc
import io
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from datetime import time as datetime_time
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.test.utils import override_settings

from assessment.models import Invitation, Procedure, Result
from assessment.moodle import read_export
from assessment.services.imports import apply_import
from assessment.services.preview import preview_import
from assessment.services.procedures import create_procedure, follow_procedure, schedule_procedure
from candidates.enums import CampaignState, TrackState
from candidates.models import Application, ApplicationTrack, Campaign
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.services import create_person
from reserve_portal.core import clock
from reserve_portal.core.management.commands.load_calendar import BUNDLED
from reserve_portal.core.services import load_calendar
from reserve_portal.core.tables import write_xlsx
from reserve_portal.regulations.services import load_regulation

from .places import places
from .rows import insert_rows, reset_keys

SIZES = (10_000, 10_000)
ROUNDS = 3
LIMIT = 3.0
TODAY = date(2026, 10, 21)
HEADINGS = ("Фамилия", "Имя", "Адрес электронной почты", "Состояние", "Тест начат", "Завершено")


@dataclass(frozen=True)
class Cost:
    """Seconds of reading the file (as CSV, as workbook), of its preview, of the whole import, preview included."""

    rows: int
    reading_csv: float
    reading: float
    preview: float
    whole: float

    @property
    def ratio(self) -> float:
        return self.whole / self.reading

    @property
    def faults(self) -> list[str]:
        return [f"the import costs over {LIMIT:g} times reading its file"] if self.ratio > LIMIT else []


def run(
    sizes: tuple[int, int],
    url: str,
    folder: Path,
    *,
    rounds: int = ROUNDS,
    tell: Callable[[str], object] = print,
) -> list[Cost]:
    """Build a procedure with so many invited people, read and import their file, print the cost; returns it.

    The last of `sizes` counts. `url` is the address of a PostgreSQL server, or empty for SQLite in `folder`.
    """
    size = sizes[-1]
    with (
        clock.travel(clock.at(TODAY, datetime_time(11))),
        override_settings(MEDIA_ROOT=folder / "media"),
        places(["import"], url, folder) as [place],
    ):
        tell(f"building {size:,} invited people on {place.connection.vendor}")
        with place.filled():
            procedure, operator = build_procedure(size)
            rows = rows_of(procedure, size)
            data, plain = write_xlsx("Оценки", rows[0], rows[1:]), csv_of(rows)
        with place.used():
            reading_csv = min(_seconds(lambda: read_export("файл.csv", plain)) for _ in range(rounds))
            reading = min(_seconds(lambda: read_export("файл.xlsx", data)) for _ in range(rounds))
            preview = min(
                _seconds(lambda: preview_import(procedure, name="файл.xlsx", data=data))
                for _ in range(rounds)
            )
            whole = _seconds(lambda: apply_import(procedure, name="файл.xlsx", data=data, actor=operator))
            stored = Result.objects.count()
        assert stored == size, stored
    cost = Cost(size, reading_csv, reading, preview, whole)
    tell(table(cost))
    return [cost]


def table(cost: Cost) -> str:
    """The measurement as text."""
    lines = [f"{'rows':34}{cost.rows:>12,}"]
    shown = {
        "reading the rows as CSV": cost.reading_csv,
        "reading the workbook": cost.reading,
        "preview of the workbook": cost.preview,
        "import of the workbook": cost.whole,
    }
    lines += [
        f"{label:34}{seconds:>10.2f} s{seconds / cost.reading:>8.2f}" for label, seconds in shown.items()
    ]
    return "\n".join([*lines, *cost.faults])


def build_procedure(size: int) -> tuple[Procedure, User]:
    """A running procedure with one invited person a row; people written straight into the tables."""
    load_calendar(json.loads(BUNDLED.read_text(encoding="utf-8")))
    edition = load_regulation("tomsk")
    operator = create_person(
        "operator@demo.example", roles=[Role.OPERATOR], actor=None, last_name="Снегирёва", first_name="Инга"
    )
    now = clock.now()
    campaign = Campaign.objects.create(
        edition=edition,
        name="Набор",
        opens_at=now - timedelta(days=60),
        closes_at=now - timedelta(days=30),
        state=CampaignState.CLOSED,
    )
    with clock.travel(now - timedelta(days=20)):
        procedure = create_procedure(
            campaign,
            name="Дистанционное тестирование",
            starts_at=now - timedelta(days=2),
            ends_at=now - timedelta(days=1),
            place="https://do.demo.example",
            actor=operator,
        )
        schedule_procedure(procedure, actor=operator)
    follow_procedure(procedure)
    _store_people(size, campaign, procedure)
    return procedure, operator


def _store_people(size: int, campaign: Campaign, procedure: Procedure) -> None:
    first = User.objects.latest("pk").pk + 1
    keys = range(first, first + size)
    person = User(password="!", first_name="Анна", date_joined=clock.now())  # nosec B106: nobody signs in with it
    insert_rows(
        person, ["id", "email", "last_name"], ((pk, f"person{pk}@demo.example", f"Людина{pk}") for pk in keys)
    )
    insert_rows(
        Application(campaign=campaign, nominations=["self"], submitted_at=clock.now(), state="reviewed"),
        ["id", "user_id"],
        ((pk, pk) for pk in keys),
    )
    group = campaign.edition.target_groups.all()[0]
    track = ApplicationTrack(target_group=group, state=TrackState.INVITED)
    insert_rows(track, ["id", "application_id"], ((pk, pk) for pk in keys))
    insert_rows(Invitation(procedure=procedure), ["track_id"], ((pk,) for pk in keys))
    reset_keys(User, Application, ApplicationTrack)


def rows_of(procedure: Procedure, size: int) -> list[list[str]]:
    """A quiz report of Moodle with one finished attempt a person; points by chance of a fixed seed."""
    dice = random.Random(size)  # nosec B311: invented points, the same each time
    sections = procedure.platform_sections
    total = sum(section.maximum for section in sections)
    questions = [f"В. {number} /{_shown(row.maximum)}" for number, row in enumerate(sections, start=1)]
    rows = [[*HEADINGS, f"Оценка/{_shown(total)}", *questions]]
    for invitation in Invitation.objects.filter(procedure=procedure).select_related(
        "track__application__user"
    ):
        user = invitation.track.application.user
        marks = [Decimal(dice.randint(0, int(row.maximum) * 100)) / 100 for row in sections]
        moments = ("19 октября 2026  10:00", "19 октября 2026  10:45")
        person = [user.last_name, user.first_name, user.email, "Завершены", *moments]
        rows.append([*person, _shown(sum(marks)), *map(_shown, marks)])
    return rows


def csv_of(rows: list[list[str]]) -> bytes:
    """The same rows as a CSV download."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _shown(value: Any) -> str:
    return f"{Decimal(value):.2f}".replace(".", ",")


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    gc.freeze()  # what was there before is none of the measured work's garbage
    try:
        start = time.process_time()
        work()
        return time.process_time() - start
    finally:
        gc.unfreeze()
