"""Registries of any length, written straight into the tables, and the work on one of them in a process of its own."""

import json
import random
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
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
TABLES = ("table", "table plain")
PIECE = 100  # rows of a piece of the table, as many as of the registry
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


def table(start: int, end: int) -> str:
    """The table of reference as HTML, its rows from `start` to `end`: eight columns of short cells, no style sheet."""
    body = "".join(
        f"<tr><td>{place}</td><td>2026-{place:05d}</td><td>{LAST[place % 9]}</td><td>{FIRST[place % 10]}</td>"
        f"<td>Зелёная</td><td>{place % 100}</td><td>11.03.2026</td><td>№ {place % 7}</td></tr>"
        for place in range(start + 1, end + 1)
    )
    head = "".join(f"<th>Графа {place}</th>" for place in range(1, 9))
    return (
        '<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Таблица</title></head><body>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></body></html>"
    )


def work_on_table(what: str, rows: int) -> dict[str, float]:
    """Draw the table of reference: «table» in pieces as the portal draws long papers, «table plain» as one document."""
    from reserve_portal.papers.pieces import render_pieces
    from reserve_portal.papers.render import html_to_pdf

    before = _megabytes()
    if what == "table":
        pieces = (table(start, min(start + PIECE, rows)) for start in range(0, rows, PIECE))
        with TemporaryDirectory() as folder:
            render_pieces(pieces, Path(folder) / "table.pdf", progress=lambda done: None)
    else:
        html_to_pdf(table(0, rows), tagged=False)
    return {"before": before, "peak": _megabytes()}


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
    make = work_on_table if sys.argv[1] in TABLES else work
    sys.stdout.write(json.dumps(make(sys.argv[1], int(sys.argv[2]))))


if __name__ == "__main__":
    main()
