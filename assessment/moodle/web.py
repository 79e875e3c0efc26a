"""Grades of a course, or attempts of one quiz, from Moodle's web service, as the table that a download would be.

So one reading and one preview serve both ways, and what was fetched is kept as a file with its digest.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

from .client import MISSING_FUNCTION, MoodleClient, MoodleError
from .numbers import MAX_DECIMAL_PLACES
from .words import normal_heading

Progress = Callable[[int, int], None]
PEOPLE = ("Фамилия", "Имя", "Индивидуальный номер", "Адрес электронной почты")
# The words of the download for the states of the service; what is submitted waits for its grade.
STATES = {
    "finished": "Завершены",
    "submitted": "Submitted",
    "inprogress": "В процессе",
    "overdue": "Просроченные",
    "abandoned": "Не отправленные",
    "notstarted": "Not started",
}
USERS, GRADES = "core_enrol_get_enrolled_users", "gradereport_user_get_grade_items"
QUIZZES, ATTEMPTS = "mod_quiz_get_quizzes_by_courses", "mod_quiz_get_user_quiz_attempts"
OLD_ATTEMPTS = "mod_quiz_get_user_attempts"
_PLACE = Decimal(1).scaleb(-MAX_DECIMAL_PLACES)


def fetch_gradebook(client: MoodleClient, course: int, progress: Progress) -> bytes:
    """The gradebook of a course as a CSV file. Raises MoodleError."""
    progress(0, 2)
    users = _users(client, course)
    progress(1, 2)
    people = _rows_of(client.call(GRADES, {"courseid": course}), "usergrades")
    titles, rows = _grade_columns(people), []
    if not titles:
        raise MoodleError("В журнале курса нет итоговой оценки: проверьте номер курса и права токена.")
    for item in people:
        values = {_grade_key(grade): grade.get("graderaw") for grade in item.get("gradeitems") or ()}
        user = users.get(item.get("userid") or 0, {})
        named = {**user, "fullname": user.get("fullname") or item.get("userfullname")}
        named["idnumber"] = user.get("idnumber") or item.get("useridnumber")
        rows.append([*_person(named), *(_shown(values.get(key)) for key in titles)])
    progress(2, 2)
    return _table([*PEOPLE, *titles.values()], rows)


def fetch_quiz(client: MoodleClient, course: int, quiz: str, progress: Progress, zone: tzinfo = UTC) -> bytes:
    """The attempts of one quiz (its number or name) as a CSV file, one call for each person. Raises MoodleError."""
    found = _quiz(client, course, quiz)
    users = _users(client, course)
    maximum, raw_maximum = _decimal(found.get("grade")), _decimal(found.get("sumgrades"))
    if not maximum or not raw_maximum:
        raise MoodleError(f"У теста «{found.get('name')}» нет максимума: оценки из него не посчитать.")
    rows, function = [], ATTEMPTS
    for number, (pk, user) in enumerate(users.items(), start=1):
        attempts, function = _attempts(client, function, found["id"], pk)
        rows += [[*_person(user), *_attempt(item, maximum, raw_maximum, zone)] for item in attempts]
        if not attempts:
            rows.append([*_person(user), "-", "-", "-", "-"])
        progress(number, len(users))
    return _table([*PEOPLE, "Состояние", "Тест начат", "Завершено", f"Оценка/{_shown(maximum)}"], rows)


def _users(client: MoodleClient, course: int) -> dict[int, dict[str, Any]]:
    rows = client.call(USERS, {"courseid": course})
    if not isinstance(rows, list):
        raise MoodleError(f"Moodle ответил на {USERS} не списком людей.")
    users = {row["id"]: row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int)}
    if not users:
        raise MoodleError("На курс никто не записан, или токену не видно участников.")
    if not any(user.get("email") or user.get("idnumber") for user in users.values()):
        words = "не отдаёт ни адресов, ни номеров участников: дайте пользователю токена право видеть их"
        raise MoodleError(f"Moodle {words}.")
    return users


def _quiz(client: MoodleClient, course: int, quiz: str) -> dict[str, Any]:
    rows = _rows_of(client.call(QUIZZES, {"courseids": [course]}), "quizzes")
    wanted = normal_heading(quiz)
    for row in rows:
        if wanted in (str(row.get("id")), str(row.get("coursemodule")), normal_heading(str(row.get("name")))):
            return row
    names = ", ".join(f"«{row.get('name')}»" for row in rows[:5]) or "тестов нет"
    raise MoodleError(f"В курсе нет теста «{quiz}»; есть: {names}.")


def _attempts(client: MoodleClient, function: str, quiz: int, user: int) -> tuple[list[dict[str, Any]], str]:
    """Attempts of one person, and the function that gave them: the new one, or the old one of older sites."""
    parameters = {"quizid": quiz, "userid": user, "status": "all"}
    try:
        return _rows_of(client.call(function, parameters), "attempts"), function
    except MoodleError as error:
        if function == OLD_ATTEMPTS or error.code not in MISSING_FUNCTION:
            raise
    return _rows_of(client.call(OLD_ATTEMPTS, parameters), "attempts"), OLD_ATTEMPTS


def _attempt(item: Mapping[str, Any], maximum: Decimal, raw_maximum: Decimal, zone: tzinfo) -> list[str]:
    state, raw = str(item.get("state")), _decimal(item.get("sumgrades"))
    graded = state == "finished" and raw is not None
    return [
        STATES.get(state, state),
        _moment(item.get("timestart"), zone),
        _moment(item.get("timefinish"), zone),
        _shown(_scaled(raw, maximum, raw_maximum)) if graded else _awaited(state),
    ]


def _scaled(raw: Decimal | None, maximum: Decimal, raw_maximum: Decimal) -> Decimal | None:
    """Raw points on the scale of the quiz; a grade without end is cut, never lifted, so that nobody is helped over."""
    return None if raw is None else (raw * maximum / raw_maximum).quantize(_PLACE, ROUND_DOWN)


def _awaited(state: str) -> str:
    return "Еще не оценено" if state == "finished" else "-"


def _grade_columns(people: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Headings by what a grade belongs to, in the order of the course, the total last; outcomes and scales left out."""
    titles: dict[tuple[str, str], str] = {}
    for item in people:
        for grade in item.get("gradeitems") or ():
            if grade.get("itemtype") != "course" and not grade.get("scaleid") and not grade.get("outcomeid"):
                titles.setdefault(_grade_key(grade), _grade_title(grade))
    if not any(
        grade.get("itemtype") == "course" for item in people for grade in item.get("gradeitems") or ()
    ):
        return {}
    return {**titles, ("course", ""): "Итоговая оценка за курс (Значение)"}


def _grade_key(grade: Mapping[str, Any]) -> tuple[str, str]:
    return ("course", "") if grade.get("itemtype") == "course" else ("item", str(grade.get("id")))


def _grade_title(grade: Mapping[str, Any]) -> str:
    name = grade.get("itemname") or "без названия"
    if grade.get("itemtype") == "category":
        return f"Итог категории {name} (Значение)"
    kinds = {"quiz": "Тест:", "assign": "Задание:"}
    return f"{kinds.get(str(grade.get('itemmodule')), '')}{name} (Значение)"


def _rows_of(answer: Any, key: str) -> list[dict[str, Any]]:
    rows = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MoodleError(f"Ответ Moodle не такого вида: нет списка «{key}».")
    return rows


def _person(user: Mapping[str, Any]) -> list[str]:
    first, last = str(user.get("firstname") or ""), str(user.get("lastname") or "")
    if not first or not last:
        first, _, last = str(user.get("fullname") or "").strip().rpartition(" ")
    return [last or "-", first or "-", str(user.get("idnumber") or "-"), str(user.get("email") or "-")]


def _moment(stamp: Any, zone: tzinfo) -> str:
    if not isinstance(stamp, int) or stamp <= 0:
        return "-"
    return f"{datetime.fromtimestamp(stamp, zone):%Y-%m-%d %H:%M}"


def _decimal(value: Any) -> Decimal | None:
    try:
        return None if value is None or isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        return None


def _shown(value: Any) -> str:
    number = _decimal(value)
    return "-" if number is None else format(number, "f")


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([titles, *rows])
    return out.getvalue().encode("utf-8-sig")
