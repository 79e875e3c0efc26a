"""The heads of the example's and the year's schools, as the tables that municipalities load (process.md 8)."""

from collections.abc import Sequence
from random import Random
from typing import Any

from reserve_portal.accounts.models import Municipality, Organisation
from vacancies.services.heads_import import COLUMNS

from .people import invent_people

FIRST_ROW = 2


def tables_of_heads(
    schools: Sequence[Organisation], *, year: int, seed: int
) -> dict[Municipality, list[dict[str, Any]]]:
    """Rows of an import for each municipality; of one head in eight no date is known. The same seed, the same heads."""
    people = invent_people(len(schools), seed=seed, prefix="head")
    tables: dict[Municipality, list[dict[str, Any]]] = {}
    for school, person in zip(schools, people, strict=True):
        dice = Random(f"{seed}:{person.email}")  # nosec B311: a game, no secret
        dates = {
            "since": f"01.09.{year - dice.randint(2, 9)}",
            "contract_until": f"31.08.{year + dice.randint(0, 4)}",
            "birth_year": str(year - dice.randint(36, 64)),
        }
        table = tables.setdefault(school.municipality, [])
        row = {
            **dict.fromkeys(COLUMNS.values(), ""),
            "line": FIRST_ROW + len(table),
            "organisation": school.name,
        }
        row["name"] = f"{person.last_name} {person.first_name} {person.patronymic}"
        table.append(row if dice.random() < 0.125 else row | dates)
    return tables
