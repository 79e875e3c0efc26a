"""Invented people and papers for the living example; names are plainly made up, addresses end in demo.example."""

import random
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import BytesIO

LAST = (
    ("Синичкин", "Синичкина"), ("Берёзкин", "Берёзкина"), ("Одуванов", "Одуванова"), ("Ёлочкин", "Ёлочкина"),
    ("Журавушкин", "Журавушкина"), ("Карасиков", "Карасикова"), ("Лунтиков", "Лунтикова"), ("Малинкин", "Малинкина"),
    ("Облачков", "Облачкова"), ("Пуговкин", "Пуговкина"), ("Ромашкин", "Ромашкина"), ("Снежков", "Снежкова"),
    ("Тропинкин", "Тропинкина"), ("Фонариков", "Фонарикова"), ("Хворостов", "Хворостова"), ("Цветиков", "Цветикова"),
    ("Чайкин", "Чайкина"), ("Шишкин-Лесной", "Шишкина-Лесная"), ("Щеглов", "Щеглова"), ("Яблочков", "Яблочкова"),
    ("Ли", "Ли"), ("Веточкин", "Веточкина"), ("Грибков", "Грибкова"), ("Дудочкин", "Дудочкина"),
)  # fmt: skip
FIRST = (
    (("Пётр", "Ильич"), ("Олег", "Игоревич"), ("Семён", "Аркадьевич"), ("Фёдор", "Львович"), ("Антон", "Павлович"),
     ("Глеб", "Романович"), ("Тимур", "Русланович"), ("Николай", "Егорович")),
    (("Марина", "Павловна"), ("Ольга", "Сергеевна"), ("Лейла", "Рустамовна"), ("Анна", "Фёдоровна"),
     ("Вера", "Ильинична"), ("Дарья", "Олеговна"), ("Елена", "Викторовна"), ("Нина", "Андреевна")),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """An invented person."""

    last_name: str
    first_name: str
    patronymic: str
    email: str
    phone: str
    born: date


def invent_people(count: int, *, seed: int, prefix: str) -> list[Person]:
    """Invent `count` different people; the same seed gives the same people. Addresses are `prefix`1@demo.example …"""
    source = random.Random(seed)  # nosec B311: invented people, the same for the same seed
    seen: set[tuple[str, str]] = set()
    people: list[Person] = []
    while len(people) < count:
        gender = source.randrange(2)
        last = source.choice(LAST)[gender]
        first, patronymic = source.choice(FIRST[gender])
        if (last, first) in seen and len(seen) < len(LAST) * 14:
            continue
        seen.add((last, first))
        number = len(people) + 1
        people.append(
            Person(
                last,
                first,
                patronymic,
                f"{prefix}{number}@demo.example",
                f"+7900{seed % 1000:03d}{number:04d}",
                date(source.randint(1968, 1992), source.randint(1, 12), source.randint(1, 28)),
            )
        )
    return people


@lru_cache(maxsize=64)
def sample_pdf(title: str, pages: int = 1) -> bytes:
    """A small true PDF that says what it stands for."""
    from reserve_portal.papers.render import html_to_pdf

    sheet = (
        f"<section><h1>{title}</h1><p>Учебный образец. Настоящих сведений нет.</p>"
        f"<p>{'Строка для вида документа. ' * 40}</p></section>"
    )
    css = '<style>@import url("static:/css/fonts-pdf.css");body{font:12pt "PT Serif"}section{break-after:page}</style>'
    head = f"<head><title>{title}</title>{css}</head>"
    return html_to_pdf(f'<!doctype html><html lang="ru">{head}<body>{sheet * pages}</body></html>')


@lru_cache(maxsize=4)
def sample_photo(kind: str = "JPEG") -> bytes:
    """A picture of a page, as a phone would make it."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (1240, 1754), "#f4f1ea")
    draw = ImageDraw.Draw(image)
    for row in range(24):
        draw.line((150, 200 + row * 60, 1090 - (row * 37) % 300, 200 + row * 60), fill="#33373d", width=8)
    draw.ellipse((820, 1450, 1060, 1690), outline="#3b4a8c", width=10)
    out = BytesIO()
    image.save(out, kind, quality=80)
    return out.getvalue()
