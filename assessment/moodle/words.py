"""Texts of an export made comparable, and cells named in sentences."""

import re
from collections.abc import Sequence
from decimal import Decimal

from reserve_portal.core.spreadsheets import clean_text

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


def normal_heading(title: str) -> str:
    """A heading for comparison: lower case, е for ё, single spaces, plain hyphens."""
    return clean_text(title).casefold().replace("ё", "е").translate(_DASHES)


def normal_name(*parts: str) -> str:
    """A name for suggestions only, never for a match: case, ё, spaces, kinds and spacing of hyphens do not matter."""
    return re.sub(r" ?-[ -]*", "-", normal_heading(" ".join(parts))).strip("- ")


def shown(value: Decimal) -> str:
    return format(value, "f").replace(".", ",")


def short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def missing_cells(line: int, titles: Sequence[str]) -> str:
    where = "столбце" if len(titles) == 1 else "столбцах"
    return f"Строка {line}: нет значения в {where} {', '.join(f'«{title}»' for title in titles)}."
