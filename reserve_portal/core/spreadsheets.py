"""Reads the first table of an uploaded CSV, XLSX or ODS file into plain rows, and refuses everything else in words.

The kind is decided by content, never by the name of the file. Nothing here knows what the columns mean.
"""

import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from defusedxml.ElementTree import iterparse
from django.core import signing
from openpyxl import load_workbook

from .search import search_key

MAX_BYTES = 16 * 1024 * 1024
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_ARCHIVE_FILES = 2000
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_HEADING = 500
MAX_ELEMENTS = 50_000
MAX_SHEET_ROWS = 1_048_576
PREVIEW_SECONDS = 3600

Cell = str | Decimal
Row = tuple[int, list[Cell]]
HeadingScore = Callable[[Sequence[str]], int]

_FOREIGN_ENCODINGS = (("cp866", "DOS (866)"), ("koi8_r", "КОИ-8"), ("mac_cyrillic", "Mac"))
_DELIMITERS = (",", ";", "\t", ":")
_FOREIGN_KINDS = (
    (b"%PDF", "это PDF, а нужна таблица: скачайте отчёт как CSV, Excel или ODS"),
    (b"\xd0\xcf\x11\xe0", "это старая книга XLS или книга под паролем: сохраните её как XLSX без пароля"),
    (b"\xff\xd8\xff", "это изображение, а нужна таблица"),
    (b"\x89PNG", "это изображение, а нужна таблица"),
    (b"GIF8", "это изображение, а нужна таблица"),
    (b"Rar!", "это архив RAR, а нужна сама таблица"),
    (b"7z\xbc\xaf", "это архив 7z, а нужна сама таблица"),
    (b"\x1f\x8b", "это архив GZIP, а нужна сама таблица"),
)
_MARKUP = "это HTML или XML, а нужна таблица: скачайте отчёт как CSV, Excel или ODS"
_JSON = "это JSON, а нужна таблица: скачайте отчёт как CSV, Excel или ODS"
_EMPTY = "он пустой"
_ODS_MIME = b"application/vnd.oasis.opendocument.spreadsheet"
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile("[\ufeff\u200b\u200c\u200d\u2060\u00ad]")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f]")
_ESCAPED_FORMULA = re.compile(r"^'(?=[=+\-@\t\r])")
_SEP_LINE = re.compile(r'\s*"?sep=(?P<sep>[^"\r\n])"?[;,\t]*(?:\r\n|\r|\n|$)', re.IGNORECASE)


class UnreadableTable(Exception):
    """The file holds no table that can be read; ``reason`` is a Russian clause without a capital and a full stop."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def clean_text(cell: Cell) -> str:
    """A cell as one line of text: no invisible characters, doubled spaces or Moodle's apostrophe before a formula."""
    if isinstance(cell, Decimal):
        if not cell.is_finite():
            return str(cell)
        return format(cell.to_integral_value() if cell == cell.to_integral_value() else cell, "f")
    text = _INVISIBLE.sub("", cell)
    return _SPACES.sub(" ", _ESCAPED_FORMULA.sub("", text.strip())).strip()


def read_table(data: bytes, score: HeadingScore) -> list[Row]:
    """Rows that are not blank, as (row number from 1 as a spreadsheet shows it, cells without blank ones at the end).

    ``score`` tells how many headings of a row it knows; it settles the delimiter and the encoding of a CSV file.
    Text cells are ``str``, numeric cells of XLSX and ODS ``Decimal``. A ``sep=`` line is not counted as a row, because
    spreadsheets do not show it. Raises UnreadableTable.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableTable(f"он больше {MAX_BYTES // 1024 // 1024} МБ")
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise UnreadableTable(_EMPTY)
    rows = _archive_table(data) if data.startswith(b"PK\x03\x04") else _bounded(_csv_rows(data, score))
    if not rows:
        raise UnreadableTable(_EMPTY)
    return rows


def read_columns(
    data: bytes, columns: Mapping[str, str], *, needed: Sequence[str], at_most: int
) -> list[dict[str, Any]]:
    """Rows of a table with known headings as {line, name: text, …}; `columns` are names by heading, in any order.

    A column that is missing gives empty texts; raises UnreadableTable without one that is `needed`, and for more than
    `at_most` rows.
    """
    known = {search_key(heading): name for heading, name in columns.items()}

    def places(headings: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for at, heading in enumerate(headings):
            name = known.get(search_key(heading))
            if name:
                found.setdefault(name, at)
        return found

    rows = read_table(data, lambda headings: len(places(headings)))
    there = places([clean_text(cell) for cell in rows[0][1]])
    missing = [heading for heading, name in columns.items() if name in needed and name not in there]
    if missing:
        raise UnreadableTable(f"в первой строке нет столбцов: {', '.join(missing)}")
    if len(rows) < 2:
        raise UnreadableTable("в нём нет ни одной строки под заголовками")
    if len(rows) - 1 > at_most:
        raise UnreadableTable(f"в нём больше {at_most} строк")
    return [
        {"line": line, **dict.fromkeys(columns.values(), "")}
        | {name: clean_text(cells[at]) if at < len(cells) else "" for name, at in there.items()}
        for line, cells in rows[1:]
    ]


def pack_rows(rows: Sequence[dict[str, Any]], user: Any, *, salt: str) -> str:
    """The rows as a signed text that travels through the page of the preview, for this person and an hour."""
    return signing.dumps({"user": user.pk, "rows": list(rows)}, salt=salt, compress=True)


def unpack_rows(text: str, user: Any, *, salt: str) -> list[dict[str, Any]]:
    """What `pack_rows` packed; raises UnreadableTable for an old, foreign or altered text."""
    try:
        data = signing.loads(text, salt=salt, max_age=PREVIEW_SECONDS)
    except signing.BadSignature as error:
        raise UnreadableTable("проверка устарела, загрузите таблицу ещё раз") from error
    if data["user"] != user.pk:
        raise UnreadableTable("проверял его другой человек, загрузите таблицу ещё раз")
    rows: list[dict[str, Any]] = data["rows"]
    return rows


def _bounded(rows: Iterable[Row]) -> list[Row]:
    kept: list[Row] = []
    for line, cells in rows:
        _trim(line, cells)
        if not cells:
            continue
        if not kept and any(len(clean_text(cell)) > MAX_HEADING for cell in cells):
            raise UnreadableTable(f"в заголовке больше {MAX_HEADING} знаков")
        if len(kept) >= MAX_ROWS:
            raise UnreadableTable(f"в нём больше {MAX_ROWS} строк")
        kept.append((line, cells))
    return kept


def _trim(line: int, cells: list[Cell]) -> None:
    """Drop blank cells at the end; the quick comparison first, for files that are nothing but delimiters."""
    while cells and cells[-1] == "":
        cells.pop()
    if len(cells) > MAX_COLUMNS:
        raise UnreadableTable(f"в строке {line} больше {MAX_COLUMNS} столбцов")
    while cells and not clean_text(cells[-1]):
        cells.pop()


# --- CSV -------------------------------------------------------------------------------------------------------------


def _csv_rows(data: bytes, score: HeadingScore) -> Iterator[Row]:
    for magic, reason in _FOREIGN_KINDS:
        if data.startswith(magic):
            raise UnreadableTable(reason)
    text = _decode(data, score)
    start = text.lstrip()
    if start.startswith("<"):
        raise UnreadableTable(_MARKUP)
    if start.startswith(("[", "{")):
        raise UnreadableTable(_JSON)
    declared = _SEP_LINE.match(text)
    if declared:
        text = text[declared.end() :]
    if not text.strip(' \t\r\n,;:"'):
        raise UnreadableTable(_EMPTY)
    return _records(text, _delimiter(text, declared["sep"] if declared else None, score)[0])


def _decode(data: bytes, score: HeadingScore) -> str:
    """UTF-8, UTF-16 with a mark, Windows-1251; anything else is named in the refusal rather than read as rubbish."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _strict(data, "utf-16", "он помечен как UTF-16, но повреждён")
    elif data.startswith(b"\xef\xbb\xbf"):
        text = _strict(data, "utf-8-sig", "он помечен как UTF-8, но в нём есть байты в другой кодировке")
    else:
        text = _decode_unmarked(data, score)
    if "\x00" in text:
        raise UnreadableTable(
            "это не текст: в нём нулевые байты (двоичный файл или UTF-16 без метки в начале)"
        )
    if _CONTROL.search(text):
        raise UnreadableTable("это не текст и не книга XLSX или ODS: в нём управляющие символы")
    if "\ufffd" in text:
        raise UnreadableTable(
            "буквы в нём потеряны при смене кодировки: скачайте отчёт заново и не пересохраняйте"
        )
    return text.removeprefix("\ufeff")


def _strict(data: bytes, encoding: str, reason: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError as error:
        raise UnreadableTable(reason) from error


def _decode_unmarked(data: bytes, score: HeadingScore) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    lenient = data.decode("utf-8", errors="replace")
    if len(re.findall("[А-яЁё]", lenient)) > lenient.count("\ufffd"):
        raise UnreadableTable("он в UTF-8, но часть букв повреждена: скачайте отчёт заново")
    if _heading_score(data, "cp1251", score) <= 0:
        for encoding, label in _FOREIGN_ENCODINGS:
            if _heading_score(data, encoding, score) > 0:
                raise UnreadableTable(f"он в кодировке {label}, а принимаются UTF-8, UTF-16 и Windows-1251")
    return _strict(data, "cp1251", "его кодировка не распознана: принимаются UTF-8, UTF-16 и Windows-1251")


def _heading_score(data: bytes, encoding: str, score: HeadingScore) -> int:
    try:
        text = data.decode(encoding)
        declared = _SEP_LINE.match(text)
        text = text[declared.end() :] if declared else text
        return _delimiter(text, declared["sep"] if declared else None, score)[1]
    except (UnicodeError, UnreadableTable):
        return -1


def _delimiter(text: str, declared: str | None, score: HeadingScore) -> tuple[str, int]:
    """The delimiter under which most headings are known, with that number; a declared one wins a draw."""
    best: tuple[str, int] | None = None
    broken: UnreadableTable | None = None
    for delimiter in dict.fromkeys([declared, *_DELIMITERS] if declared else _DELIMITERS):
        try:
            headings = next((cells for _, cells in _records(text, delimiter) if any(map(str, cells))), [])
        except UnreadableTable as error:
            broken = broken or error
            continue
        known = score([clean_text(cell)[:MAX_HEADING] for cell in headings[:MAX_COLUMNS]])
        if best is None or known > best[1]:
            best = (delimiter, known)
    if best is None:
        raise broken or UnreadableTable(_EMPTY)
    return best


def _records(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line, before = 0, 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = f"в тексте нарушены кавычки, начиная со строки {before + 1}: закройте их или скачайте отчёт заново"
            raise UnreadableTable(reason) from error
        line, before = line + 1, reader.line_num
        yield line, list(cells)


# --- XLSX and ODS ----------------------------------------------------------------------------------------------------


def _archive_table(data: bytes) -> list[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_bombs(archive)
            if _is_ods(archive):
                with archive.open("content.xml") as content:
                    return _bounded(_ods_rows(content))
            if "xl/workbook.xml" in archive.namelist():
                return _bounded(_xlsx_rows(data))
    except UnreadableTable:
        raise
    except (
        Exception
    ) as error:  # a damaged book fails inside zip, XML or openpyxl in ways that none of them lists
        raise UnreadableTable("книга повреждена или собрана с ошибкой: скачайте отчёт заново") from error
    raise UnreadableTable("это архив или документ, но не таблица XLSX или ODS")


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    """zipfile never unpacks more than the declared size, so the declared sizes are a safe bound."""
    entries = archive.infolist()
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise UnreadableTable("книга под паролем: сохраните её без пароля")
    if len(entries) > MAX_ARCHIVE_FILES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise UnreadableTable(f"после распаковки он больше {MAX_UNPACKED_BYTES // 1024 // 1024} МБ")


def _is_ods(archive: zipfile.ZipFile) -> bool:
    return {"mimetype", "content.xml"} <= set(archive.namelist()) and archive.read("mimetype").startswith(
        _ODS_MIME
    )


def _xlsx_rows(data: bytes) -> Iterator[Row]:
    with warnings.catch_warnings():
        # What openpyxl does not like about styles and validations says nothing about the values.
        warnings.filterwarnings("ignore", module="openpyxl")
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()
        for line, values in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True), start=1):
            if line > MAX_SHEET_ROWS:
                raise UnreadableTable(f"в нём больше {MAX_SHEET_ROWS} строк")
            if values.count(None) < len(values):
                yield line, [_xlsx_cell(value) for value in values]
    finally:
        workbook.close()


def _xlsx_cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ИСТИНА" if value else "ЛОЖЬ"
    if isinstance(value, int | float):
        return Decimal(str(value))
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return str(value)


def _ods_rows(content: Any) -> Iterator[Row]:
    """Rows of the first table; finished elements are dropped, so that memory holds one row."""
    line, row_depth, tables, held = 0, 0, 0, 0
    ancestors: list[Any] = []
    for event, element in iterparse(content, events=("start", "end"), forbid_dtd=True):
        tag = _local(element.tag)
        if event == "start":
            ancestors.append(element)
            row_depth += tag == "table-row"
            tables += tag == "table"
            held += 1
            if held > MAX_ELEMENTS:
                raise UnreadableTable("в одной строке таблицы слишком много частей")
            continue
        ancestors.pop()
        row_depth -= tag == "table-row"
        if tag == "table" and tables == 1:
            return
        if row_depth:
            continue
        if tag == "table-row" and tables == 1:
            cells, repeated = _ods_cells(element), _repeated(element, "number-rows-repeated")
            if cells:
                yield from ((line + step, list(cells)) for step in range(1, min(repeated, MAX_ROWS + 1) + 1))
            line += repeated
        if ancestors:
            ancestors[-1].clear()
        held = len(ancestors)


def _ods_cells(row: Any) -> list[Cell]:
    cells: list[Cell] = []
    blanks = 0
    for element in row:
        if _local(element.tag) not in {"table-cell", "covered-table-cell"}:
            continue
        cell, repeated = _ods_cell(element), _repeated(element, "number-columns-repeated")
        if cell == "":
            blanks += repeated
            continue
        if len(cells) + blanks + repeated > MAX_COLUMNS:
            raise UnreadableTable(f"в таблице больше {MAX_COLUMNS} столбцов")
        cells += [""] * blanks + [cell] * repeated
        blanks = 0
    return cells


def _ods_cell(element: Any) -> Cell:
    attributes = {_local(key): value for key, value in element.attrib.items()}
    if attributes.get("value-type") == "float":
        try:
            return Decimal(attributes["value"])
        except InvalidOperation:
            return str(attributes["value"])
    paragraphs = [child for child in element if _local(child.tag) == "p"]
    return "\n".join(_ods_text(paragraph) for paragraph in paragraphs)


def _ods_text(element: Any) -> str:
    parts = [element.text or ""]
    for child in element:
        tag = _local(child.tag)
        if tag == "s":
            parts.append(" " * min(_repeated(child, "c"), 1000))
        elif tag in {"tab", "line-break"}:
            parts.append(" ")
        elif tag != "annotation":
            parts.append(_ods_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _repeated(element: Any, name: str) -> int:
    count = next((int(value) for key, value in element.attrib.items() if _local(key) == name), 1)
    if count < 1:
        raise UnreadableTable("в таблице неверное число повторов ячеек")
    return count


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
