"""A ready archive of applications: a ZIP with one table and a folder of files for each person. Pure reading.

Nothing is ever unpacked to a path: members are read by name into memory, one at a time, and names are only compared.
"""

import io
import re
import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from .uploads import MEGABYTE

MAX_ARCHIVE = 150 * MEGABYTE
MAX_UNPACKED = 600 * MEGABYTE
MAX_MEMBERS = 3000
MAX_RATIO = 200  # a member that grows more than so many times is a bomb
MAX_PEOPLE = 300
MAX_TABLE = 5 * MEGABYTE
MAX_TABLE_UNPACKED = 60 * MEGABYTE
MAX_TABLE_ROWS = 3000

PEOPLE, EDUCATION, WORK, GUIDE = "Люди", "Образование", "Работа", "Пояснения"
PEOPLE_COLUMNS = (
    ("folder", "Папка"),
    ("email", "Адрес почты"),
    ("last_name", "Фамилия"),
    ("first_name", "Имя"),
    ("patronymic", "Отчество"),
    ("received", "Поступило"),
    ("groups", "Целевые группы"),
    ("nominations", "Выдвижение"),
    ("former_names", "Прежние фамилии"),
    ("birth_date", "Дата рождения"),
    ("citizenship", "Гражданство"),
    ("snils", "СНИЛС"),
    ("phone", "Телефон"),
    ("municipality", "Муниципальное образование"),
    ("organisation_name", "Место работы"),
    ("post", "Должность"),
    ("post_since", "В должности с"),
    ("degree", "Учёная степень, звание"),
    ("category", "Категория"),
    ("achievements", "Достижения"),
    ("no_criminal_record", "Судимости и ограничений нет"),
    ("state_language", "Владеет русским языком"),
    ("ready_to_move", "Готов к переезду"),
    ("wanted_places", "Куда готов переехать"),
    ("consented_on", "Дата согласий"),
)
NEEDED = ("folder", "email", "last_name", "first_name", "received")
EDUCATION_COLUMNS = (
    ("folder", "Папка"),
    ("level", "Уровень"),
    ("field", "Направление"),
    ("institution", "Где"),
    ("speciality", "Специальность"),
    ("year", "Год"),
    ("diploma", "Номер диплома"),
    ("hours", "Часов"),
)
WORK_COLUMNS = (
    ("folder", "Папка"),
    ("kind", "Вид работы"),
    ("organisation", "Организация"),
    ("post", "Должность"),
    ("since", "С"),
    ("until", "По"),
)


class BadArchive(Exception):
    """The archive cannot be read; the text is one Russian sentence."""


@dataclass
class PersonRow:
    """One person of the table: number of the row as a spreadsheet shows it, cells by name, rows of the other sheets."""

    number: int
    cells: dict[str, str]
    education: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    work: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def folder(self) -> str:
        return self.cells["folder"]


@dataclass
class Archive:
    """What an archive holds: people in the order of the table, and sentences about what fits nobody."""

    people: list[PersonRow]
    problems: list[str]


def open_archive(stream: Any) -> zipfile.ZipFile:
    """Open a ZIP and refuse bombs, links, encryption and names that lead elsewhere; raises BadArchive."""
    try:
        # Windows writes Russian names in the old code page of DOS unless it says otherwise.
        archive = zipfile.ZipFile(stream, metadata_encoding="cp866")
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadArchive("Это не архив ZIP, или он повреждён.") from None
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise BadArchive(f"В архиве больше {MAX_MEMBERS} файлов: разделите его.")
    if sum(item.file_size for item in members) > MAX_UNPACKED:
        raise BadArchive(f"Распакованный архив больше {MAX_UNPACKED // MEGABYTE} МБ: разделите его.")
    for item in members:
        _refuse_member(item)
    names = [item.filename for item in members]
    if len(set(names)) < len(names):
        raise BadArchive("В архиве два файла с одним именем.")
    return archive


def _refuse_member(item: zipfile.ZipInfo) -> None:
    shown = item.filename[:80]
    parts = re.split(r"[/\\]", item.filename)
    if item.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in item.filename:
        raise BadArchive(f"Недопустимое имя в архиве: «{shown}».")
    if stat.S_ISLNK(item.external_attr >> 16):
        raise BadArchive(f"В архиве ссылка вместо файла: «{shown}».")
    if item.flag_bits & 0x1:
        raise BadArchive("Архив защищён паролем: сохраните его без пароля.")
    if item.file_size > MEGABYTE and item.file_size > MAX_RATIO * max(1, item.compress_size):
        raise BadArchive(f"Файл «{shown}» при распаковке слишком велик.")


def read_member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Return the bytes of a member, at most `limit` and one more, whatever its header says; raises BadArchive."""
    try:
        with archive.open(name) as stream:
            return stream.read(limit + 1)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError):
        raise BadArchive(f"Файл «{name[:80]}» в архиве повреждён.") from None


def read_archive(archive: zipfile.ZipFile) -> Archive:
    """Read the table and lay each person's files beside the row; raises BadArchive when there is no table to read."""
    files = [name for name in archive.namelist() if not name.endswith("/") and not _is_clutter(name)]
    tables = [name for name in files if "/" not in name and name.lower().endswith(".xlsx")]
    if len(tables) != 1:
        raise BadArchive("В корне архива нужна ровно одна таблица XLSX.")
    people, problems = _read_table(read_member(archive, tables[0], MAX_TABLE))
    by_folder = {person.folder: person for person in people}
    for name in sorted(set(files) - set(tables)):
        folder, _, rest = name.partition("/")
        if rest and folder in by_folder:
            by_folder[folder].files.append(name)
        else:
            problems.append(f"Файл «{name[:120]}» не относится ни к одной строке таблицы.")
    return Archive(people, problems)


def _is_clutter(name: str) -> bool:
    """What file managers leave in archives by themselves."""
    last = name.rsplit("/", 1)[-1]
    return name.startswith("__MACOSX/") or last in (".DS_Store", "Thumbs.db", "desktop.ini")


def _read_table(data: bytes) -> tuple[list[PersonRow], list[str]]:
    if len(data) > MAX_TABLE:
        raise BadArchive(f"Таблица больше {MAX_TABLE // MEGABYTE} МБ.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            if sum(item.file_size for item in book.infolist()) > MAX_TABLE_UNPACKED:
                raise BadArchive("Таблица при открытии занимает слишком много места.")
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except BadArchive:
        raise
    except Exception:  # a broken book breaks openpyxl in many ways
        raise BadArchive("Таблица не открывается: сохраните её заново как XLSX.") from None
    try:
        if PEOPLE not in workbook.sheetnames:
            raise BadArchive(f"В таблице нет листа «{PEOPLE}»: возьмите бланк таблицы.")
        return _people_of(workbook)
    finally:
        workbook.close()


def _people_of(workbook: Any) -> tuple[list[PersonRow], list[str]]:
    people = [PersonRow(number, cells) for number, cells in _rows(workbook, PEOPLE, PEOPLE_COLUMNS, NEEDED)]
    if not people:
        raise BadArchive(f"На листе «{PEOPLE}» нет ни одного человека.")
    if len(people) > MAX_PEOPLE:
        raise BadArchive(f"В таблице больше {MAX_PEOPLE} человек: разделите архив.")
    by_folder = {person.folder: person for person in people}
    problems = []
    for sheet, columns, name in ((EDUCATION, EDUCATION_COLUMNS, "education"), (WORK, WORK_COLUMNS, "work")):
        if sheet not in workbook.sheetnames:
            continue
        for number, cells in _rows(workbook, sheet, columns, ("folder",)):
            person = by_folder.get(cells["folder"])
            if person is None:
                problems.append(
                    f"Лист «{sheet}», строка {number}: нет человека с папкой «{cells['folder'][:80]}»."
                )
            else:
                getattr(person, name).append((number, cells))
    return people, problems


def _rows(
    workbook: Any, sheet: str, columns: Sequence[tuple[str, str]], needed: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows below the headings that are not blank, as cells by name; raises BadArchive for wrong headings."""
    names = {label.casefold(): name for name, label in columns}
    labels = dict(columns)
    headings: list[str] = []
    for number, row in enumerate(workbook[sheet].iter_rows(values_only=True, max_col=60), start=1):
        cells = [_text(cell) for cell in row]
        if not any(cells):
            continue
        if number > MAX_TABLE_ROWS:
            raise BadArchive(f"На листе «{sheet}» больше {MAX_TABLE_ROWS} строк.")
        if not headings:
            unknown = [cell for cell in cells if cell and cell.casefold() not in names]
            headings = [names.get(cell.casefold(), "") for cell in cells]
            missing = [labels[name] for name in needed if name not in headings]
            if unknown or missing:
                words = [f"неизвестный столбец «{cell[:60]}»" for cell in unknown]
                words += [f"нет столбца «{label}»" for label in missing]
                raise BadArchive(f"Лист «{sheet}»: {'; '.join(words)}.")
            continue
        found = dict.fromkeys(labels, "")
        found |= {name: cell for name, cell in zip(headings, cells, strict=False) if name}
        yield number, found


def _text(cell: Any) -> str:
    """A cell as a person would type it; a formula has been computed by the office program."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%d.%m.%Y}" if not (cell.hour or cell.minute) else f"{cell:%d.%m.%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())[:2000]


def blank_table(guide: Sequence[tuple[str, str]]) -> bytes:
    """Return the blank table: three sheets with headings, and `guide` as pairs of what and how."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, columns in ((PEOPLE, PEOPLE_COLUMNS), (EDUCATION, EDUCATION_COLUMNS), (WORK, WORK_COLUMNS)):
        sheet = book.create_sheet(title)
        sheet.append([label for _, label in columns])
        sheet.freeze_panes = "A2"
    sheet = book.create_sheet(GUIDE)
    for pair in (("Что", "Как"), *guide):
        sheet.append(list(pair))
    for sheet in book.worksheets:
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            sheet.column_dimensions[cell.column_letter].width = 60 if sheet.title == GUIDE else 24
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
