"""What stood before the portal: the heads of the schools and the reserve of earlier years, from tables."""

from datetime import date
from typing import Any

from candidates.services.consents import give_consent, texts_of
from reserve_portal.core import calendar
from reservists.models import Reservist
from reservists.services.reserve_import import COLUMNS as RESERVE_COLUMNS
from reservists.services.reserve_import import import_reserve
from vacancies.services.heads_import import import_heads

from ...heads import tables_of_heads
from ...people import invent_people
from ..year import Year
from .towns import official_of

PER_MEMBER = 25  # candidates of the year for one member of the earlier reserve
AT_LEAST, AT_MOST = 2, 8
FIRST_ROW = 2


def begin(year: Year) -> None:
    """Plan both imports for the first working days of the year."""
    day = calendar.next_working_day(date(year.number, 1, 12))
    year.plan(day, 10, 0, bring_heads, year)
    year.plan(day, 12, 0, bring_reserve, year)


def bring_heads(year: Year) -> None:
    """Each municipality's official loads its own table."""
    tables = tables_of_heads(year.cast.schools, year=year.number, seed=year.seed + 1)
    for town, table in tables.items():
        import_heads(table, municipality=town, actor=official_of(year, town))


def bring_reserve(year: Year) -> None:
    """The members of earlier years by the numbers of their decisions; some days later they give their consents."""
    count = min(AT_MOST, max(AT_LEAST, year.candidates // PER_MEMBER))
    groups = list(year.edition.target_groups.all())
    table = []
    for place, person in enumerate(invent_people(count, seed=year.seed + 2, prefix="earlier")):
        dice = year.dice("earlier", person.email)
        school = dice.choice(year.cast.schools)
        table.append(
            _row(
                RESERVE_COLUMNS,
                place,
                last_name=person.last_name,
                first_name=person.first_name,
                patronymic=person.patronymic,
                email=person.email,
                phone=person.phone,
                birth_date=f"{person.born:%d.%m.%Y}",
                municipality=school.municipality.name,
                organisation_name=school.name,
                post="заместитель директора",
                group=str(dice.randint(1, len(groups))),
                zone=dice.choice(("зелёная", "жёлтая")),
                points=str(dice.randint(72, 98)),
                maximum="100",
                managing_years=str(dice.randint(2, 12)),
                kind="приказ",
                number=f"01-21/{dice.randint(40, 90)}",
                dated=f"{dice.randint(10, 27)}.{dice.randint(3, 12):02}.{year.number - 1}",
            )
        )
    import_reserve(table, edition=year.edition, actor=year.cast["operator"])
    for member in Reservist.objects.filter(track=None).select_related("user").order_by("pk"):
        year.soon(year.dice("consents", member.user.email).randint(1, 9), _consent, year, member, hour=20)


def _consent(year: Year, member: Reservist) -> None:
    """One in eight answers nothing and is not proposed for vacancies; what is optional, not everybody agrees to."""
    dice = year.dice("consents", member.user.email, "all")
    if dice.random() < 0.125:
        return
    for text in texts_of(member.edition):
        if text.required or dice.random() < 0.7:
            give_consent(member.user, text=text, address="127.0.0.1", actor=member.user)


def _row(columns: dict[str, str], place: int, **given: str) -> dict[str, Any]:
    return {**dict.fromkeys(columns.values(), ""), "line": FIRST_ROW + place, **given}
