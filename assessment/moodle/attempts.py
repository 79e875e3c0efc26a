"""Which attempt of a person counts, by the method of the quiz."""

import re
from collections.abc import Iterable
from decimal import Decimal

from .model import Choice, ExportRow, Method, State, WithoutAttempt
from .words import normal_heading

_REASONS: dict[State, str] = {
    "ungraded": "Попытка ещё не оценена до конца.",
    "in_progress": "Попытка не завершена.",
    "overdue": "Попытка просрочена.",
    "never_submitted": "Попытка не отправлена.",
    "not_attempted": "Попыток нет.",
}
_FAULTY_REASON = "В строках с попытками есть ошибки."
_RUSSIAN_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"(?P<h>\d{1,2}):(?P<min>\d\d)(?::\d\d)?(?P<half> ?[ap]m)?"
_WORDED = re.compile(rf"(?P<d>\d{{1,2}}) (?P<month>[а-яa-z]+)\.? (?P<y>\d{{4}})(?: г\.?)?,? {_TIME}")
_DOTTED = re.compile(rf"(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.(?P<y>\d{{4}}),? {_TIME}")
_ISO = re.compile(rf"(?P<y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d)[ t]{_TIME}")


def match_key(row: ExportRow) -> str:
    """What a row is matched to a person by: the address in lower case, else the id number; empty if it has neither."""
    return row.email.lower() or row.id_number


def choose_attempts(rows: Iterable[ExportRow], method: Method) -> Choice:
    """One row per person (``match_key``) by the quiz's grading method: «best», «last» or «first» attempt.

    Only finished, graded rows without problems count; of equal totals the earlier row stands. Attempts are ordered by
    the moment they began, or by the file where a moment cannot be read. Raises ValueError for another method.
    """
    if method not in ("best", "last", "first"):
        raise ValueError(f"Неизвестный способ выбора попытки: {method}.")
    people: dict[str, list[ExportRow]] = {}
    for row in rows:
        people.setdefault(match_key(row) or f"\n{row.line}", []).append(row)
    chosen, without = [], []
    for attempts in people.values():
        counted = [
            row for row in attempts if row.state == "finished" and row.total is not None and not row.problems
        ]
        if counted:
            chosen.append(_choose(counted, method))
        else:
            without.append(_explain(attempts))
    return Choice(tuple(sorted(chosen, key=lambda row: row.line)), tuple(without))


def _choose(attempts: list[ExportRow], method: Method) -> ExportRow:
    if method == "best":
        return max(attempts, key=lambda row: row.total or Decimal(0))
    moments = {row.line: attempt_moment(row.started_at) for row in attempts}
    if None not in moments.values():
        attempts = sorted(attempts, key=lambda row: moments[row.line] or ())
    return attempts[0 if method == "first" else -1]


def _explain(attempts: list[ExportRow]) -> WithoutAttempt:
    faulty = next((row for row in attempts if row.problems), None)
    if faulty:
        return WithoutAttempt(faulty, _FAULTY_REASON)
    row = min(attempts, key=lambda attempt: list(_REASONS).index(attempt.state))
    return WithoutAttempt(row, _REASONS[row.state])


def attempt_moment(text: str) -> tuple[int, int, int, int, int] | None:
    """(year, month, day, hour, minute) of a moment as Moodle or a spreadsheet writes it; None if unknown."""
    plain = normal_heading(text)
    match = _WORDED.fullmatch(plain) or _DOTTED.fullmatch(plain) or _ISO.fullmatch(plain)
    if not match:
        return None
    parts = match.groupdict()
    month = int(parts["m"]) if parts.get("m") else _month(parts["month"])
    hour = int(parts["h"])
    half = (parts.get("half") or "").strip()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return (int(parts["y"]), month, int(parts["d"]), hour, int(parts["min"])) if month else None


def _month(word: str) -> int:
    for months in (_RUSSIAN_MONTHS, _ENGLISH_MONTHS):
        for number, start in enumerate(months, start=1):
            if word.startswith(start):
                return number
    return 0
