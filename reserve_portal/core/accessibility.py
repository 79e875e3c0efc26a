"""How a person wants to read the portal («версия для слабовидящих»): kept in a cookie, applied as classes of <html>."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property

COOKIE = "reading"
COOKIE_AGE = 365 * 24 * 60 * 60

# Each setting with its allowed values and their names; the first value is the usual one.
CHOICES: dict[str, dict[str, str]] = {
    "size": {"1": "100 %", "2": "150 %", "3": "200 %"},
    "scheme": {
        "usual": "Обычные",
        "black-on-white": "Чёрным по белому",
        "white-on-black": "Белым по чёрному",
        "blue-on-sky": "Тёмно-синим по голубому",
        "brown-on-beige": "Коричневым по бежевому",
        "green-on-brown": "Зелёным по коричневому",
    },
    "letters": {"1": "Обычный", "2": "Полуторный", "3": "Двойной"},
    "lines": {"1": "Обычный", "2": "Полуторный", "3": "Двойной"},
    "images": {"on": "Показывать", "off": "Заменить описаниями"},
    "face": {"sans": "Без засечек", "serif": "С засечками"},
}
LABELS = {
    "size": "Размер шрифта",
    "scheme": "Цвета",
    "letters": "Интервал между буквами",
    "lines": "Интервал между строками",
    "images": "Изображения",
    "face": "Шрифт",
}


@dataclass(frozen=True)
class Reading:
    """Reading settings of one person; every value is one of CHOICES."""

    size: str = "1"
    scheme: str = "usual"
    letters: str = "1"
    lines: str = "1"
    images: str = "on"
    face: str = "sans"

    @property
    def is_special(self) -> bool:
        return self != Reading()

    @cached_property
    def classes(self) -> str:
        """Classes for <html>: nothing for the usual version."""
        usual = Reading()
        names = [f.name for f in fields(self) if getattr(self, f.name) != getattr(usual, f.name)]
        return (
            " ".join(["reading", *(f"reading-{name}-{getattr(self, name)}" for name in names)])
            if names
            else ""
        )

    def changed(self, values: Mapping[str, str]) -> "Reading":
        """A copy with those of `values` that are known settings with allowed values; the rest is ignored."""
        known = {name: values[name] for name in CHOICES if values.get(name) in CHOICES[name]}
        return replace(self, **known)

    def to_cookie(self) -> str:
        """The settings as one short text, for instance `size:2.scheme:white-on-black`."""
        usual = Reading()
        pairs = [(f.name, getattr(self, f.name)) for f in fields(self)]
        return ".".join(f"{name}:{value}" for name, value in pairs if value != getattr(usual, name))


def reading_from_cookie(text: str) -> Reading:
    """Read what `to_cookie` wrote; whatever is not understood counts as usual."""
    pairs = (part.partition(":") for part in text[:200].split("."))
    return Reading().changed({name: value for name, _, value in pairs})
