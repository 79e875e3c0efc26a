"""The headings of both exports: which column holds what, and its maximum."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from reserve_portal.core.spreadsheets import UnreadableTable

from .model import GradeColumn
from .numbers import points_of
from .words import normal_heading

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
_GRADE = re.compile(r"(?:оценка|grade)\s*/\s*(?P<maximum>\S.*)")
_QUESTION = re.compile(r"(?:в\.|q\.)\s*(?P<number>\S.*?)\s*/\s*(?P<maximum>\S.*)")
_EXTRA_GRADE = re.compile(r".*\S\s*/\s*(?P<maximum>[0-9]+[.,][0-9]+)")
_NO_MAXIMUM = re.compile(r"оценка|grade|(?:в\.|q\.)\s*[0-9]+")
_POINTS = re.compile(r".+\((?:значение|real)\)")
_COURSE = re.compile(r"(?:итоговая оценка за курс|course total)\s*\((?P<shown>[^()]*)\)")
_CATEGORY = re.compile(r"(?:итог[^:]*категори[^:]*|[^:]* total)\s*\([^()]*\)")


class PlacedColumn(NamedTuple):
    position: int
    column: GradeColumn
    is_part: bool


@dataclass(frozen=True)
class Layout:
    kind: Literal["quiz", "gradebook"]
    titles: list[str]
    fields: dict[str, int]
    total_index: int
    total_maximum: Decimal | None
    columns: tuple[PlacedColumn, ...]

    @property
    def parts_maximum(self) -> Decimal | None:
        maxima = [item.column.maximum for item in self.columns if item.is_part]
        known = [maximum for maximum in maxima if maximum is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(maxima) else None


def known_headings(titles: Sequence[str]) -> int:
    normal = [normal_heading(title) for title in titles]
    patterns = (_GRADE, _QUESTION, _POINTS, _COURSE)
    return sum(title in _FIELDS or any(pattern.fullmatch(title) for pattern in patterns) for title in normal)


def layout_of(titles: list[str]) -> Layout:
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


def _quiz_layout(titles: list[str], normal: list[str], fields: dict[str, int]) -> Layout:
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
    return Layout("quiz", titles, fields, totals[0], total_maximum, tuple(columns))


def _quiz_column(index: int, title: str, heading: str) -> list[PlacedColumn]:
    question = _QUESTION.fullmatch(heading)
    if question:
        key = "q" + question["number"].replace(" ", "_")
        return [PlacedColumn(index, GradeColumn(key, title, _maximum(title, question)), True)]
    extra = _EXTRA_GRADE.fullmatch(heading)
    if extra:
        return [PlacedColumn(index, GradeColumn(heading, title, _maximum(title, extra)), False)]
    return []


def _refuse_same_keys(columns: Sequence[PlacedColumn]) -> None:
    seen: dict[str, str] = {}
    for _, column, _ in columns:
        if column.key in seen:
            raise UnreadableTable(
                f"столбцы «{seen[column.key]}» и «{column.title}» — об одном и том же вопросе"
            )
        seen[column.key] = column.title


def _maximum(title: str, match: re.Match[str] | None) -> Decimal:
    points = points_of(match["maximum"] if match else "")
    if points.value is None or points.problem:
        raise UnreadableTable(f"в заголовке «{title}» после «/» стоит не число")
    return points.value


def _gradebook_layout(titles: list[str], normal: list[str], fields: dict[str, int]) -> Layout:
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
        PlacedColumn(index, GradeColumn(heading, titles[index], None), not _CATEGORY.fullmatch(heading))
        for index, heading in enumerate(normal)
        if index != totals[0] and _POINTS.fullmatch(heading)
    ]
    return Layout("gradebook", titles, fields, totals[0], None, tuple(columns))
