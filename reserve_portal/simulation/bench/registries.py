"""Registries of any length, written straight into the tables, and the work on one of them in a process of its own."""

import json
import random
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

FIRST, LAST = ("Анна", "Вера", "Дарья", "Лейла", "Марина", "Нина", "Антон", "Глеб", "Пётр", "Семён"), (
    "Ромашкин", "Берёзкин", "Журавлёв", "Карасёв", "Облачный", "Пуговкин", "Снежинский", "Фонарёв", "Чайкин",
)  # fmt: skip
TOWNS = ("Городской округ Светлый", "Луговой муниципальный район", "Верхнереченский муниципальный округ")
WORK = (
    "МБОУ «Средняя школа № {}», заместитель директора",
    "МАОУ «Гимназия № {}», учитель истории",
    "МКОУ «Основная школа № {}», директор",
)
EDUCATION = (
    "Педагогический университет, 2004; Менеджмент в образовании, 2019, 520 ч",
    "Педагогический институт, 1998",
)
BASIS = "протокол комиссии от 11.03.2026 № 4"


def write_registries(sizes: tuple[int, ...]) -> None:
    """One approved edition of the registry for each size, its number in the database's own order."""
    from reserve_portal.regulations.services import load_regulation
    from reservists.models import RegistryEdition, RegistryRow
    from reservists.services.registry import batched

    edition = load_regulation("tomsk")
    for number, size in enumerate(sizes, start=1):
        registry = RegistryEdition.objects.create(
            number=number, edition=edition, approved_on=date(2026, 3, 11), basis=BASIS, size=size
        )
        rows = (
            RegistryRow(
                registry=registry, place=place, reservist_id=place, user_id=place, cells=cells, digest="-"
            )
            for place, cells in enumerate(registry_cells(size), start=1)
        )
        for batch in batched(rows, 500):
            RegistryRow.objects.bulk_create(batch)


def registry_cells(size: int) -> Iterator[dict[str, Any]]:
    """Rows as the portal keeps them; the same ones each time, best first."""
    dice = random.Random(size)  # nosec B311: invented people, the same each time
    for place in range(1, size + 1):
        yield {
            "number": f"2026-{place:05d}",
            "name": f"{dice.choice(LAST)} {dice.choice(FIRST)}",
            "birth_date": f"{dice.randint(1, 28):02d}.{dice.randint(1, 12):02d}.{dice.randint(1964, 1998)}",
            "municipality": dice.choice(TOWNS),
            "work": dice.choice(WORK).format(dice.randint(1, 90)),
            "education": dice.choice(EDUCATION),
            "experience": f"{dice.randint(2, 35)} лет",
            "group": "Руководители муниципальных общеобразовательных организаций",
            "points": f"{100 - place * 30 / size:.2f}".replace(".", ","),
            "maximum": "100",
            "zone": "Зелёная",
            "rank": place,
            "included_on": "11.03.2026",
            "basis": BASIS,
            "events": dice.randint(0, 5),
        }


def work(what: str, number: int) -> dict[str, float]:
    """Make one form of the registry `number`: «pdf» and «xlsx» as the portal does, «plain» as one document."""
    from reserve_portal.core.jobs import enqueue_job
    from reservists import papers
    from reservists.jobs import store_table
    from reservists.models import RegistryEdition

    registry = RegistryEdition.objects.select_related("edition", "paper").get(number=number)
    before = _megabytes()
    if what == "xlsx":
        store_table(registry, "bench.xlsx")
    elif what == "pdf":
        job = enqueue_job("bench", key=f"bench:{number}", title="-", params={}, actor=None)
        with papers.issue_registry_paper(registry, job).file.open("rb"):
            pass  # one of a single piece is made by whoever opens it first
    else:
        papers.plain_registry(registry)
    return {"before": before, "peak": _megabytes()}


def _megabytes() -> float:
    """The most that this process has held; what the system counts for a process includes its parent's memory."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def main() -> None:
    import django

    django.setup()
    sys.stdout.write(json.dumps(work(sys.argv[1], int(sys.argv[2]))))


if __name__ == "__main__":
    main()
