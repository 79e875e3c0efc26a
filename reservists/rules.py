"""Pure decisions about the reserve, on values alone; they answer with words, not with bare booleans."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from assessment.rules import passes
from candidates.rules import Period, days_worked
from reserve_portal.core.calendar import plus_months, years_between

_COUNT_WORDS = {2: "два", 3: "три", 4: "четыре"}


def advantage_words(count: int, needed: int) -> str:
    """Say how far a reservist is from the advantage at an appointment: `count` events of `needed` (T7)."""
    missing = needed - count
    if missing < 0:
        return f"{count} при нужных {needed} — преимущество при назначении есть"
    if missing == 0:
        return f"{count} из {needed} — преимущество при назначении есть"
    if missing == 1:
        words = "ещё одно мероприятие"
    elif missing in _COUNT_WORDS:
        words = f"ещё {_COUNT_WORDS[missing]} мероприятия"
    else:
        words = f"ещё {missing} мероприятий"
    return f"{count} из {needed} — {words} до преимущества при назначении"


def points_words(points: Decimal) -> str:
    """Points exactly, as people write them: 86.50 becomes «86,5»; nothing is rounded."""
    text = f"{points:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def result_words(points: Decimal, maximum: Decimal, percent: Decimal, clause: str) -> str:
    """Explain a proposal: «86,5 из 100 — порог 70 % пройден (T4)»; all three are exact decimals (T4, O3.20-3.21)."""
    passed = "пройден" if passes(points, maximum, percent) else "не пройден"
    words = f"{points_words(points)} из {points_words(maximum)} — порог {points_words(percent)} % {passed}"
    return f"{words} ({clause})" if clause else words


def return_day(ended: Iterable[date], months: int) -> date | None:
    """The first day on which an excluded person may be included again (O6.4); None where there is nothing to wait for.

    `ended` are the days of his or her exclusions, `months` the edition's waiting period (0: none).
    """
    last = max(ended, default=None)
    return plus_months(last, months) if last is not None and months else None


def birthday_of(born: date, age: int) -> date:
    """The day on which somebody `born` then reaches `age`; born on 29 February, in other years on 1 March (O6.2)."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def managing_years(employment: Iterable[Mapping[str, str | None]], on: date) -> int:
    """Full years of managing work up to and including `on`, by the frozen work record; shared days count once.

    `employment` are rows {kind, since, until} with ISO dates; an empty `until` means the present place.
    """
    periods = tuple(
        Period(str(row["kind"]), date.fromisoformat(str(row["since"])), _iso_day(row.get("until")))
        for row in employment
    )
    after = on.toordinal() + 1
    start = max(1, after - days_worked(periods, ("managing",), on))
    return years_between(date.fromordinal(start), date.fromordinal(after))


def _iso_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
