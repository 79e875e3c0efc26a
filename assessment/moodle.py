"""Parses Moodle's two exports: the quiz report «Оценки» and the gradebook. Pure: no models, no settings.

A file that is not such an export raises UnreadableExport; a row with a mistake is kept, with the mistake in words.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, NamedTuple

from reserve_portal.core.spreadsheets import Cell, Row, UnreadableTable, clean_text, read_table

# Moodle stores marks with seven decimals and twelve digits in all.
MAX_DECIMAL_PLACES = 7
MAX_INTEGER_DIGITS = 5

State = Literal["finished", "in_progress", "not_attempted", "ungraded", "overdue", "never_submitted"]
Method = Literal["best", "last", "first"]

_FIELDS = {
    "фамилия": "last_name",
    "last name": "last_name",
    "surname": "last_name",
    "имя": "first_name",
    "first name": "first_name",
    "адрес электронной почты": "email",
    "email address": "email",
    "email": "email",
    "e-mail": "email",
    "индивидуальный номер": "id_number",
    "id number": "id_number",
    "состояние": "state",
    "state": "state",
    "status": "state",
    "тест начат": "started_at",
    "started on": "started_at",
    "started": "started_at",
    "завершено": "completed_at",
    "completed": "completed_at",
}
_STATES: dict[str, State] = {
    "завершено": "finished",
    "завершенные": "finished",
    "завершены": "finished",
    "finished": "finished",
    "submitted": "ungraded",
    "в процессе": "in_progress",
    "in progress": "in_progress",
    "просроченные": "overdue",
    "overdue": "overdue",
    "не отправленные": "never_submitted",
    "never submitted": "never_submitted",
    "not started": "not_attempted",
    "-": "not_attempted",
}
_AWAITING = {"еще не оценено", "требуется оценивание", "not yet graded", "requires grading"}
_AVERAGES = {"общее среднее", "среднее по группе", "overall average", "group average"}
_REASONS: dict[State, str] = {
    "ungraded": "Попытка ещё не оценена до конца.",
    "in_progress": "Попытка не завершена.",
    "overdue": "Попытка просрочена.",
    "never_submitted": "Попытка не отправлена.",
    "not_attempted": "Попыток нет.",
}
_FAULTY_REASON = "В строках с попытками есть ошибки."

_GRADE = re.compile(r"(?:оценка|grade)\s*/\s*(?P<maximum>\S.*)")
_QUESTION = re.compile(r"(?:в\.|q\.)\s*(?P<number>\S.*?)\s*/\s*(?P<maximum>\S.*)")
_EXTRA_GRADE = re.compile(r".*\S\s*/\s*(?P<maximum>[0-9]+[.,][0-9]+)")
_NO_MAXIMUM = re.compile(r"оценка|grade|(?:в\.|q\.)\s*[0-9]+")
_POINTS = re.compile(r".+\((?:значение|real)\)")
_COURSE = re.compile(r"(?:итоговая оценка за курс|course total)\s*\((?P<shown>[^()]*)\)")
_CATEGORY = re.compile(r"(?:итог[^:]*категори[^:]*|[^:]* total)\s*\([^()]*\)")
_GROUPED = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_EXPONENT = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?e[+-]?[0-9]+", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_RUSSIAN_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"(?P<h>\d{1,2}):(?P<min>\d\d)(?::\d\d)?(?P<half> ?[ap]m)?"
_WORDED = re.compile(rf"(?P<d>\d{{1,2}}) (?P<month>[а-яa-z]+)\.? (?P<y>\d{{4}})(?: г\.?)?,? {_TIME}")
_DOTTED = re.compile(rf"(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.(?P<y>\d{{4}}),? {_TIME}")
_ISO = re.compile(rf"(?P<y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d)[ t]{_TIME}")


class UnreadableExport(Exception):
    """The whole file is refused; ``message`` is one Russian sentence that says what is wrong and why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class GradeColumn:
    """A column of points other than the total: ``key`` is «q1» for question 1, else the heading in lower case."""

    key: str
    title: str
    maximum: Decimal | None


@dataclass(frozen=True)
class ExportRow:
    """One attempt (quiz) or one person (gradebook); ``line`` counts from 1 as a spreadsheet does, headings included."""

    line: int
    last_name: str
    first_name: str
    email: str
    id_number: str
    state: State
    started_at: str
    completed_at: str
    total: Decimal | None
    scores: dict[str, Decimal | None]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Export:
    """A read file: the columns in their order, the maximum of the total (quiz only), the rows of people."""

    kind: Literal["quiz", "gradebook"]
    columns: tuple[GradeColumn, ...]
    total_maximum: Decimal | None
    rows: tuple[ExportRow, ...]


@dataclass(frozen=True)
class WithoutAttempt:
    """A person of whom nothing counts: the row that says most about why, and the reason in Russian."""

    row: ExportRow
    reason: str


@dataclass(frozen=True)
class Choice:
    """One row per person that counts, in the order of the file, and the persons of whom none does."""

    chosen: tuple[ExportRow, ...]
    without: tuple[WithoutAttempt, ...]


class _Column(NamedTuple):
    position: int
    column: GradeColumn
    is_part: bool


@dataclass(frozen=True)
class _Layout:
    kind: Literal["quiz", "gradebook"]
    titles: list[str]
    fields: dict[str, int]
    total_index: int
    total_maximum: Decimal | None
    columns: tuple[_Column, ...]

    @property
    def parts_maximum(self) -> Decimal | None:
        maxima = [item.column.maximum for item in self.columns if item.is_part]
        known = [maximum for maximum in maxima if maximum is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(maxima) else None


class _Points(NamedTuple):
    value: Decimal | None
    problem: str = ""
    missing: bool = False
    awaiting: bool = False


# --- The file --------------------------------------------------------------------------------------------------------


def read_export(name: str, data: bytes) -> Export:
    """Read the bytes of an uploaded file (CSV, XLSX or ODS, decided by content); ``name`` only names it in a refusal.

    Averages are dropped; row mistakes stand in ``ExportRow.problems``. Raises UnreadableExport and nothing else.
    """
    try:
        table = read_table(data, _known_headings)
        layout = _layout([clean_text(cell) for cell in table[0][1]])
        rows = [_read_row(layout, row) for row in table[1:] if not _is_average(layout, row)]
        if not rows:
            raise UnreadableTable("под заголовками нет ни одной строки с человеком")
    except UnreadableTable as error:
        raise UnreadableExport(f"Файл «{clean_text(name)[:80]}» не прочитан: {error.reason}.") from error
    columns = tuple(item.column for item in layout.columns)
    return Export(layout.kind, columns, layout.total_maximum, tuple(_mark_doubles(layout, rows)))


def normal_heading(title: str) -> str:
    """A heading for comparison: lower case, е for ё, single spaces, plain hyphens."""
    return clean_text(title).casefold().replace("ё", "е").translate(_DASHES)


def normal_name(*parts: str) -> str:
    """A name for suggestions only, never for a match: case, ё, spaces, kinds and spacing of hyphens do not matter."""
    return re.sub(r" ?-[ -]*", "-", normal_heading(" ".join(parts))).strip("- ")


def match_key(row: ExportRow) -> str:
    """What a row is matched to a person by: the address in lower case, else the id number; empty if it has neither."""
    return row.email.lower() or row.id_number


# --- Headings --------------------------------------------------------------------------------------------------------


def _known_headings(titles: Sequence[str]) -> int:
    normal = [normal_heading(title) for title in titles]
    patterns = (_GRADE, _QUESTION, _POINTS, _COURSE)
    return sum(title in _FIELDS or any(pattern.fullmatch(title) for pattern in patterns) for title in normal)


def _layout(titles: list[str]) -> _Layout:
    normal = [normal_heading(title) for title in titles]
    _refuse_doubles(titles, normal)
    fields = {_FIELDS[title]: index for index, title in enumerate(normal) if title in _FIELDS}
    if any(_GRADE.fullmatch(title) for title in normal) or "state" in fields:
        return _quiz_layout(titles, normal, fields)
    if any(_COURSE.fullmatch(title) or _POINTS.fullmatch(title) for title in normal):
        return _gradebook_layout(titles, normal, fields)
    total = "«Оценка/максимум» (отчёт теста) или «Итоговая оценка за курс (Значение)» (журнал)"
    missing = [*_missing_names(fields), total]
    raise UnreadableTable(f"это не выгрузка Moodle: нет {_columns_word(missing)} {', '.join(missing)}")


def _refuse_doubles(titles: list[str], normal: list[str]) -> None:
    seen: dict[str, str] = {}
    for title, heading in zip(titles, normal, strict=True):
        meaning = _FIELDS.get(heading, heading)
        if meaning and meaning in seen:
            same = f"столбец «{title}» встречается дважды"
            alike = f"столбцы «{seen[meaning]}» и «{title}» значат одно и то же"
            raise UnreadableTable(
                f"{same if seen[meaning] == title else alike}, и неясно, какой из них верный"
            )
        seen[meaning] = title


def _missing_names(fields: Mapping[str, int]) -> list[str]:
    wanted = {"last_name": "«Фамилия»", "first_name": "«Имя»"}
    missing = [title for field, title in wanted.items() if field not in fields]
    if not {"email", "id_number"} & fields.keys():
        missing.append(
            "«Адрес электронной почты» или «Индивидуальный номер» (по одной фамилии людей не сопоставить)"
        )
    return missing


def _columns_word(missing: list[str]) -> str:
    return "столбца" if len(missing) == 1 else "столбцов"


def _quiz_layout(titles: list[str], normal: list[str], fields: dict[str, int]) -> _Layout:
    without_maximum = [
        title for title, heading in zip(titles, normal, strict=True) if _NO_MAXIMUM.fullmatch(heading)
    ]
    if without_maximum:
        raise UnreadableTable(
            f"в заголовке «{without_maximum[0]}» нет максимума, который Moodle пишет после «/»"
        )
    totals = [index for index, heading in enumerate(normal) if _GRADE.fullmatch(heading)]
    missing = _missing_names(fields)
    if "state" not in fields:
        missing.append("«Состояние»")
    if not totals:
        missing.append("«Оценка/максимум»")
    if missing:
        raise UnreadableTable(f"в отчёте теста Moodle нет {_columns_word(missing)} {', '.join(missing)}")
    if len(totals) > 1:
        raise UnreadableTable(f"итоговых столбцов два: «{titles[totals[0]]}» и «{titles[totals[1]]}»")
    total_maximum = _maximum(titles[totals[0]], _GRADE.fullmatch(normal[totals[0]]))
    if not total_maximum:
        raise UnreadableTable(f"в заголовке «{titles[totals[0]]}» максимум равен нулю")
    columns = []
    for index, heading in enumerate(normal):
        if index not in totals and heading not in _FIELDS:
            columns += _quiz_column(index, titles[index], heading)
    _refuse_same_keys(columns)
    return _Layout("quiz", titles, fields, totals[0], total_maximum, tuple(columns))


def _quiz_column(index: int, title: str, heading: str) -> list[_Column]:
    question = _QUESTION.fullmatch(heading)
    if question:
        key = "q" + question["number"].replace(" ", "_")
        return [_Column(index, GradeColumn(key, title, _maximum(title, question)), True)]
    extra = _EXTRA_GRADE.fullmatch(heading)
    if extra:
        return [_Column(index, GradeColumn(heading, title, _maximum(title, extra)), False)]
    return []


def _refuse_same_keys(columns: Sequence[_Column]) -> None:
    seen: dict[str, str] = {}
    for _, column, _ in columns:
        if column.key in seen:
            raise UnreadableTable(
                f"столбцы «{seen[column.key]}» и «{column.title}» — об одном и том же вопросе"
            )
        seen[column.key] = column.title


def _maximum(title: str, match: re.Match[str] | None) -> Decimal:
    points = _points(match["maximum"] if match else "")
    if points.value is None or points.problem:
        raise UnreadableTable(f"в заголовке «{title}» после «/» стоит не число")
    return points.value


def _gradebook_layout(titles: list[str], normal: list[str], fields: dict[str, int]) -> _Layout:
    courses = [(index, match) for index, title in enumerate(normal) if (match := _COURSE.fullmatch(title))]
    totals = [index for index, match in courses if match["shown"] in {"значение", "real"}]
    missing = _missing_names(fields)
    if not totals and courses:
        raise UnreadableTable(
            "итог за курс выгружен не в баллах: при экспорте журнала выберите вид оценки «Значение»"
        )
    if not totals:
        missing.append("«Итоговая оценка за курс (Значение)»")
    if missing:
        raise UnreadableTable(f"в журнале оценок Moodle нет {_columns_word(missing)} {', '.join(missing)}")
    if len(totals) > 1:
        raise UnreadableTable(f"итоговых столбцов два: «{titles[totals[0]]}» и «{titles[totals[1]]}»")
    columns = [
        _Column(index, GradeColumn(heading, titles[index], None), not _CATEGORY.fullmatch(heading))
        for index, heading in enumerate(normal)
        if index != totals[0] and _POINTS.fullmatch(heading)
    ]
    return _Layout("gradebook", titles, fields, totals[0], None, tuple(columns))


# --- Rows ------------------------------------------------------------------------------------------------------------


def _is_average(layout: _Layout, row: Row) -> bool:
    cells = row[1]
    first = next((text for cell in cells if (text := normal_heading(clean_text(cell)))), "")
    return first in _AVERAGES and not _text(layout, cells, "email") and not _text(layout, cells, "id_number")


def _text(layout: _Layout, cells: Sequence[Cell], field: str) -> str:
    index = layout.fields.get(field)
    text = clean_text(cells[index]) if index is not None and index < len(cells) else ""
    return "" if text == "-" and field in {"email", "id_number"} else text


def _cell(cells: Sequence[Cell], index: int) -> Cell:
    return cells[index] if index < len(cells) else ""


def _read_row(layout: _Layout, row: Row) -> ExportRow:
    line, cells = row
    total = _points(_cell(cells, layout.total_index))
    parts = {item.column.key: _points(_cell(cells, item.position)) for item in layout.columns}
    problems = _problems_of_person(layout, row)
    problems += _problems_of_points(layout, line, total, parts)
    state, state_problem = _state(layout, cells, total, list(parts.values()))
    if state_problem:
        problems.append(f"Строка {line}, {state_problem}")
    if not problems:
        problems += _problems_of_sum(layout, line, total, parts)
    return ExportRow(
        line=line,
        last_name=_text(layout, cells, "last_name"),
        first_name=_text(layout, cells, "first_name"),
        email=_text(layout, cells, "email"),
        id_number=_text(layout, cells, "id_number"),
        state=state,
        started_at=_text(layout, cells, "started_at"),
        completed_at=_text(layout, cells, "completed_at"),
        total=total.value,
        scores={key: points.value for key, points in parts.items()},
        problems=tuple(problems),
    )


def _problems_of_person(layout: _Layout, row: Row) -> list[str]:
    line, cells = row
    problems = []
    stray = [
        text for index, cell in enumerate(cells) if not _title(layout, index) and (text := clean_text(cell))
    ]
    if stray:
        problems.append(f"Строка {line}: значение «{_short(stray[0])}» стоит вне столбцов с заголовками.")
    blank = [field for field in ("last_name", "first_name") if not _text(layout, cells, field)]
    if blank:
        problems.append(_missing_cells(line, [layout.titles[layout.fields[field]] for field in blank]))
    email = _text(layout, cells, "email")
    if email and not _ADDRESS.fullmatch(email):
        title = layout.titles[layout.fields["email"]]
        problems.append(f"Строка {line}, столбец «{title}»: «{_short(email)}» не похоже на адрес.")
    if not email and not _text(layout, cells, "id_number"):
        problems.append(f"Строка {line}: нет ни адреса электронной почты, ни индивидуального номера.")
    return problems


def _title(layout: _Layout, index: int) -> str:
    return layout.titles[index] if index < len(layout.titles) else ""


def _problems_of_points(
    layout: _Layout, line: int, total: _Points, parts: Mapping[str, _Points]
) -> list[str]:
    checked = [
        (layout.titles[item.position], item.column.maximum, parts[item.column.key]) for item in layout.columns
    ]
    checked.append((layout.titles[layout.total_index], layout.total_maximum, total))
    problems = []
    missing = [title for title, _, points in checked if points.missing]
    if missing:
        problems.append(_missing_cells(line, missing))
    for title, maximum, points in checked:
        problem = points.problem
        if not problem and points.value is not None and maximum is not None and points.value > maximum:
            problem = f"{_shown(points.value)} больше максимума {_shown(maximum)}."
        if problem:
            problems.append(f"Строка {line}, столбец «{title}»: {problem}")
    return problems


def _problems_of_sum(layout: _Layout, line: int, total: _Points, parts: Mapping[str, _Points]) -> list[str]:
    """The total must be the sum of its parts (T4), give or take Moodle's rounding of each shown number."""
    values = [parts[item.column.key].value for item in layout.columns if item.is_part]
    known = [value for value in values if value is not None]
    if total.value is None or not known or len(known) < len(values):
        return []
    maximum = layout.parts_maximum
    if maximum is not None and layout.total_maximum is not None:
        maxima = [
            item.column.maximum for item in layout.columns if item.is_part and item.column.maximum is not None
        ]
        if abs(maximum - layout.total_maximum) > _rounding([*maxima, layout.total_maximum]):
            return []
    counted = sum(known, Decimal(0))
    if abs(counted - total.value) <= _rounding([*known, total.value]):
        return []
    title = layout.titles[layout.total_index]
    return [
        f"Строка {line}, столбец «{title}»: {_shown(total.value)} не равно сумме по столбцам {_shown(counted)}."
    ]


def _rounding(numbers: Sequence[Decimal]) -> Decimal:
    """The most by which correctly rounded numbers may miss their sum: half a unit of the last shown digit for each."""
    places = max(-int(number.as_tuple().exponent) for number in numbers)
    return Decimal(len(numbers)) / 2 * Decimal(1).scaleb(-max(places, 0)) if places > 0 else Decimal(0)


def _state(
    layout: _Layout, cells: Sequence[Cell], total: _Points, parts: Sequence[_Points]
) -> tuple[State, str]:
    """The state of a row, and what is wrong with it (empty if nothing), to follow the words «Строка N, »."""
    awaiting = total.awaiting or any(points.awaiting for points in parts)
    if layout.kind == "gradebook":
        return _gradebook_state(total, parts, awaiting)
    shown = _text(layout, cells, "state")
    column, total_column = (layout.titles[index] for index in (layout.fields["state"], layout.total_index))
    state = _STATES.get(normal_heading(shown))
    if state is None:
        what = f"состояние «{_short(shown)}» неизвестно" if shown else "состояние не указано"
        return "ungraded", f"столбец «{column}»: {what}."
    if state != "finished":
        wrong = (
            f"столбец «{total_column}»: попытка не завершена, а оценка стоит."
            if total.value is not None
            else ""
        )
        return state, wrong
    if awaiting:
        wrong = (
            f"столбец «{total_column}»: оценка стоит, хотя оценено не всё." if total.value is not None else ""
        )
        return "ungraded", wrong
    if total.value is None and not total.problem and not total.missing:
        return "ungraded", f"столбец «{total_column}»: попытка завершена, а оценки нет."
    return "finished", ""


def _gradebook_state(total: _Points, parts: Sequence[_Points], awaiting: bool) -> tuple[State, str]:
    if awaiting:
        return "ungraded", ""
    if total.value is not None or total.problem:
        return "finished", ""
    return ("ungraded" if any(points.value is not None for points in parts) else "not_attempted"), ""


def _mark_doubles(layout: _Layout, rows: Sequence[ExportRow]) -> list[ExportRow]:
    """A second row of one person in the gradebook, or of one attempt in the quiz report, is a mistake of that row."""
    first_lines: dict[tuple[str, ...], int] = {}
    marked = []
    for row in rows:
        identity = [match_key(row)]
        if "started_at" in layout.fields:
            identity += [row.state, row.started_at, row.completed_at]
        elif layout.kind == "quiz":
            identity += [row.state, str(row.total), *map(str, row.scores.values())]
        first = first_lines.setdefault(tuple(identity), row.line)
        if match_key(row) and first != row.line:
            what = "ту же попытку" if layout.kind == "quiz" else "того же человека"
            problem = f"Строка {row.line} повторяет {what}, что и строка {first}."
            marked.append(replace(row, problems=(*row.problems, problem)))
        else:
            marked.append(row)
    return marked


# --- Numbers ---------------------------------------------------------------------------------------------------------


def _points(cell: Cell) -> _Points:
    """Points of a cell: a decimal comma or dot, spaces between thousands; «-» is no points; never through float."""
    text = (
        (format(cell, "f") if cell.is_finite() else str(cell))
        if isinstance(cell, Decimal)
        else clean_text(cell)
    )
    plain = normal_heading(text)
    if plain in {"", "-"} or plain in _AWAITING:
        return _Points(None, missing=not plain, awaiting=plain in _AWAITING)
    return _number(plain, f"«{_short(text)}»")


def _number(plain: str, shown: str) -> _Points:
    number = plain.removeprefix("-").strip()
    if _GROUPED.fullmatch(number):
        number = number.replace(" ", "")
    if not _NUMBER.fullmatch(number):
        return _Points(None, _not_a_number(shown, plain))
    whole, _, fraction = number.replace(",", ".").partition(".")
    if len(whole.lstrip("0")) > MAX_INTEGER_DIGITS or len(fraction) > MAX_DECIMAL_PLACES:
        limits = f"не больше {MAX_INTEGER_DIGITS} до запятой и {MAX_DECIMAL_PLACES} после"
        return _Points(None, f"в числе {shown} слишком много знаков ({limits}).")
    value = Decimal(f"{whole}.{fraction}" if fraction else whole)
    if plain.startswith("-") and value:
        return _Points(-value, f"{shown} — баллы не бывают отрицательными.")
    return _Points(value)


def _not_a_number(shown: str, plain: str) -> str:
    if plain.lstrip("+-") in {"nan", "snan", "inf", "infinity", "∞"}:
        return f"{shown} — не конечное число."
    if _EXPONENT.fullmatch(plain):
        return f"{shown} — число с показателем степени, запишите его обычными цифрами."
    return f"{shown} — не число."


def _shown(value: Decimal) -> str:
    return format(value, "f").replace(".", ",")


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _missing_cells(line: int, titles: Sequence[str]) -> str:
    where = "столбце" if len(titles) == 1 else "столбцах"
    return f"Строка {line}: нет значения в {where} {', '.join(f'«{title}»' for title in titles)}."


# --- Attempts --------------------------------------------------------------------------------------------------------


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
