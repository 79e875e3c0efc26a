"""A file becomes an Export; a row with a mistake is kept, with the mistake in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from reserve_portal.core.spreadsheets import Cell, Row, UnreadableTable, clean_text, read_table

from .attempts import match_key
from .headings import Layout, known_headings, layout_of
from .model import Export, ExportRow, State, UnreadableExport
from .numbers import PointsCell, points_of
from .words import missing_cells, normal_heading, short, shown

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
_AVERAGES = {"общее среднее", "среднее по группе", "overall average", "group average"}
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def read_export(name: str, data: bytes) -> Export:
    """Read the bytes of an uploaded file (CSV, XLSX or ODS, decided by content); ``name`` only names it in a refusal.

    Averages are dropped; row mistakes stand in ``ExportRow.problems``. Raises UnreadableExport and nothing else.
    """
    try:
        table = read_table(data, known_headings)
        layout = layout_of([clean_text(cell) for cell in table[0][1]])
        rows = [_read_row(layout, row) for row in table[1:] if not _is_average(layout, row)]
        if not rows:
            raise UnreadableTable("под заголовками нет ни одной строки с человеком")
    except UnreadableTable as error:
        raise UnreadableExport(f"Файл «{clean_text(name)[:80]}» не прочитан: {error.reason}.") from error
    columns = tuple(item.column for item in layout.columns)
    return Export(layout.kind, columns, layout.total_maximum, tuple(_mark_doubles(layout, rows)))


def _is_average(layout: Layout, row: Row) -> bool:
    cells = row[1]
    first = next((text for cell in cells if (text := normal_heading(clean_text(cell)))), "")
    return first in _AVERAGES and not _text(layout, cells, "email") and not _text(layout, cells, "id_number")


def _text(layout: Layout, cells: Sequence[Cell], field: str) -> str:
    index = layout.fields.get(field)
    text = clean_text(cells[index]) if index is not None and index < len(cells) else ""
    return "" if text == "-" and field in {"email", "id_number"} else text


def _cell(cells: Sequence[Cell], index: int) -> Cell:
    return cells[index] if index < len(cells) else ""


def _read_row(layout: Layout, row: Row) -> ExportRow:
    line, cells = row
    total = points_of(_cell(cells, layout.total_index))
    parts = {item.column.key: points_of(_cell(cells, item.position)) for item in layout.columns}
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


def _problems_of_person(layout: Layout, row: Row) -> list[str]:
    line, cells = row
    problems = []
    stray = [
        text for index, cell in enumerate(cells) if not _title(layout, index) and (text := clean_text(cell))
    ]
    if stray:
        problems.append(f"Строка {line}: значение «{short(stray[0])}» стоит вне столбцов с заголовками.")
    blank = [field for field in ("last_name", "first_name") if not _text(layout, cells, field)]
    if blank:
        problems.append(missing_cells(line, [layout.titles[layout.fields[field]] for field in blank]))
    email = _text(layout, cells, "email")
    if email and not _ADDRESS.fullmatch(email):
        title = layout.titles[layout.fields["email"]]
        problems.append(f"Строка {line}, столбец «{title}»: «{short(email)}» не похоже на адрес.")
    if not email and not _text(layout, cells, "id_number"):
        problems.append(f"Строка {line}: нет ни адреса электронной почты, ни индивидуального номера.")
    return problems


def _title(layout: Layout, index: int) -> str:
    return layout.titles[index] if index < len(layout.titles) else ""


def _problems_of_points(
    layout: Layout, line: int, total: PointsCell, parts: Mapping[str, PointsCell]
) -> list[str]:
    checked = [
        (layout.titles[item.position], item.column.maximum, parts[item.column.key]) for item in layout.columns
    ]
    checked.append((layout.titles[layout.total_index], layout.total_maximum, total))
    problems = []
    missing = [title for title, _, points in checked if points.missing]
    if missing:
        problems.append(missing_cells(line, missing))
    for title, maximum, points in checked:
        problem = points.problem
        if not problem and points.value is not None and maximum is not None and points.value > maximum:
            problem = f"{shown(points.value)} больше максимума {shown(maximum)}."
        if problem:
            problems.append(f"Строка {line}, столбец «{title}»: {problem}")
    return problems


def _problems_of_sum(
    layout: Layout, line: int, total: PointsCell, parts: Mapping[str, PointsCell]
) -> list[str]:
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
        f"Строка {line}, столбец «{title}»: {shown(total.value)} не равно сумме по столбцам {shown(counted)}."
    ]


def _rounding(numbers: Sequence[Decimal]) -> Decimal:
    """The most by which correctly rounded numbers may miss their sum: half a unit of the last shown digit for each."""
    places = max(-int(number.as_tuple().exponent) for number in numbers)
    return Decimal(len(numbers)) / 2 * Decimal(1).scaleb(-max(places, 0)) if places > 0 else Decimal(0)


def _state(
    layout: Layout, cells: Sequence[Cell], total: PointsCell, parts: Sequence[PointsCell]
) -> tuple[State, str]:
    """The state of a row, and what is wrong with it (empty if nothing), to follow the words «Строка N, »."""
    awaiting = total.awaiting or any(points.awaiting for points in parts)
    if layout.kind == "gradebook":
        return _gradebook_state(total, parts, awaiting)
    shown = _text(layout, cells, "state")
    column, total_column = (layout.titles[index] for index in (layout.fields["state"], layout.total_index))
    state = _STATES.get(normal_heading(shown))
    if state is None:
        what = f"состояние «{short(shown)}» неизвестно" if shown else "состояние не указано"
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


def _gradebook_state(total: PointsCell, parts: Sequence[PointsCell], awaiting: bool) -> tuple[State, str]:
    if awaiting:
        return "ungraded", ""
    if total.value is not None or total.problem:
        return "finished", ""
    return ("ungraded" if any(points.value is not None for points in parts) else "not_attempted"), ""


def _mark_doubles(layout: Layout, rows: Sequence[ExportRow]) -> list[ExportRow]:
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
