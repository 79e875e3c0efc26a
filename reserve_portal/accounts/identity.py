"""Numbers of organisations and their check digits. Pure functions; used as validators."""

from django.core.exceptions import ValidationError

INN_WEIGHTS = (2, 4, 10, 3, 5, 9, 4, 6, 8)


def check_ogrn(text: str) -> None:
    """Raise ValidationError unless `text` is an ОГРН: 13 digits, the last the rest of the first 12 by 11, then 10."""
    if not (text.isascii() and text.isdigit() and len(text) == 13):
        raise ValidationError("В ОГРН 13 цифр.")
    if int(text[:12]) % 11 % 10 != int(text[12]):
        raise ValidationError("В ОГРН ошибка: последняя цифра не сходится с остальными.")


def check_inn(text: str) -> None:
    """Raise ValidationError unless `text` is an organisation's ИНН: 10 digits, the last from their weighted sum."""
    if not (text.isascii() and text.isdigit() and len(text) == 10):
        raise ValidationError("В ИНН организации 10 цифр.")
    total = sum(int(digit) * weight for digit, weight in zip(text[:9], INN_WEIGHTS, strict=True))
    if total % 11 % 10 != int(text[9]):
        raise ValidationError("В ИНН ошибка: последняя цифра не сходится с остальными.")
