"""Identity numbers as people write them. Pure functions."""

import re

FIRST_CHECKED = 1_001_998  # numbers up to 001-001-998 carry no check digits
SNILS = re.compile(r"\d{11}")


def read_snils(text: str) -> str:
    """Return a СНИЛС as «112-233-445 95»; an empty text stays empty.

    Raises ValueError with a Russian sentence for another number of digits, other signs, or wrong check digits (the sum
    of the nine digits by the weights 9 to 1: below 100 itself, 100 and 101 give 00, above the remainder of 101).
    """
    text = text.strip()
    if not text:
        return ""
    digits = re.sub(r"[\s\-–—]", "", text)
    if not SNILS.fullmatch(digits):
        raise ValueError("В СНИЛС 11 цифр: проверьте номер, например 112-233-445 95.")
    if int(digits[:9]) > FIRST_CHECKED and int(digits[9:]) != _check_of(digits[:9]):
        raise ValueError("В номере СНИЛС ошибка: последние две цифры не сходятся с остальными.")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def _check_of(nine: str) -> int:
    total = sum(int(digit) * weight for digit, weight in zip(nine, range(9, 0, -1), strict=True))
    return total % 101 % 100
