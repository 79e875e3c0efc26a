"""Russian words that follow numbers."""


def plural(count: int, one: str, few: str, many: str) -> str:
    """Return the form that fits `count`: plural(3, "день", "дня", "дней") → «дня»."""
    number = abs(count)
    if number % 10 == 1 and number % 100 != 11:
        return one
    if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14:
        return few
    return many
