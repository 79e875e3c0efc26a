"""Russian words that follow numbers, and for the codes of clauses."""

import re


def plural(count: int, one: str, few: str, many: str) -> str:
    """Return the form that fits `count`: plural(3, "день", "дня", "дней") → «дня»."""
    number = abs(count)
    if number % 10 == 1 and number % 100 != 11:
        return one
    if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14:
        return few
    return many


_CODE = re.compile(r"\b([TO])(\d+(?:\.\d+)*)([а-я]?)(?!\w)")


def clause_in_words(text: str) -> str:
    """Return a clause as people read it: its codes become Russian words, the rest stays as it is written.

    «O3.2к» (a point of the Порядок, with its letter) → «подп. «к» п. 3.2 Порядка»; «T4» (a row of the algorithm in the
    fourth section of Tomsk's regulation) → «п. 4 алгоритма раздела 4»; «O6.2, образец» → «п. 6.2 Порядка, образец».
    """
    return _CODE.sub(_words_of_code, text)


def _words_of_code(found: re.Match[str]) -> str:
    letter, number, part = found.groups()
    if letter == "T":
        return f"п. {number} алгоритма раздела 4"
    return f"подп. «{part}» п. {number} Порядка" if part else f"п. {number} Порядка"
