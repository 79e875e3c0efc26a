"""Points in a cell of an export: exact decimals, no points, points that are still awaited."""

import re
from decimal import Decimal
from typing import NamedTuple

from reserve_portal.core.spreadsheets import Cell, clean_text

from .words import normal_heading, short

# Moodle stores marks with seven decimals and twelve digits in all.
MAX_DECIMAL_PLACES = 7
MAX_INTEGER_DIGITS = 5
_AWAITING = {"еще не оценено", "требуется оценивание", "not yet graded", "requires grading"}
_GROUPED = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_EXPONENT = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?e[+-]?[0-9]+", re.IGNORECASE)


class PointsCell(NamedTuple):
    value: Decimal | None
    problem: str = ""
    missing: bool = False
    awaiting: bool = False


def points_of(cell: Cell) -> PointsCell:
    """Points of a cell: a decimal comma or dot, spaces between thousands; «-» is no points; never through float."""
    text = (
        (format(cell, "f") if cell.is_finite() else str(cell))
        if isinstance(cell, Decimal)
        else clean_text(cell)
    )
    plain = normal_heading(text)
    if plain in {"", "-"} or plain in _AWAITING:
        return PointsCell(None, missing=not plain, awaiting=plain in _AWAITING)
    return _number(plain, f"«{short(text)}»")


def _number(plain: str, shown: str) -> PointsCell:
    number = plain.removeprefix("-").strip()
    if _GROUPED.fullmatch(number):
        number = number.replace(" ", "")
    if not _NUMBER.fullmatch(number):
        return PointsCell(None, _not_a_number(shown, plain))
    whole, _, fraction = number.replace(",", ".").partition(".")
    if len(whole.lstrip("0")) > MAX_INTEGER_DIGITS or len(fraction) > MAX_DECIMAL_PLACES:
        limits = f"не больше {MAX_INTEGER_DIGITS} до запятой и {MAX_DECIMAL_PLACES} после"
        return PointsCell(None, f"в числе {shown} слишком много знаков ({limits}).")
    value = Decimal(f"{whole}.{fraction}" if fraction else whole)
    if plain.startswith("-") and value:
        return PointsCell(-value, f"{shown} — баллы не бывают отрицательными.")
    return PointsCell(value)


def _not_a_number(shown: str, plain: str) -> str:
    if plain.lstrip("+-") in {"nan", "snan", "inf", "infinity", "∞"}:
        return f"{shown} — не конечное число."
    if _EXPONENT.fullmatch(plain):
        return f"{shown} — число с показателем степени, запишите его обычными цифрами."
    return f"{shown} — не число."
