"""The columns of the registry and its XLSX form; every text cell stays a text, whatever it begins with."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from reserve_portal.regulations.models import Edition

LIVE = ("=", "+", "-", "@", "\t", "\r", "#")


@dataclass(frozen=True)
class Column:
    """A column of the registry: key of the snapshot's row, heading, width in characters, whether a number."""

    key: str
    heading: str
    width: int = 16
    numeric: bool = False

    @property
    def tone(self) -> str:
        """The class that keeps the column readable on a page."""
        if self.numeric:
            return "num"
        return "col-wide" if self.width >= 40 else "col-mid" if self.width > 16 else ""


ALL_COLUMNS = (
    Column("number", "Рег. №", 16),
    Column("name", "Фамилия, имя, отчество", 34),
    Column("birth_date", "Дата рождения", 14),
    Column("municipality", "Муниципальное образование", 28),
    Column("work", "Место работы, должность", 40),
    Column("education", "Образование и переподготовка", 50),
    Column("experience", "Стаж", 22),
    Column("group", "Целевая группа", 36),
    Column("points", "Баллы", 10, numeric=True),
    Column("maximum", "Максимум", 10, numeric=True),
    Column("zone", "Зона", 12),
    Column("rank", "Место", 8, numeric=True),
    Column("included_on", "Включён", 12),
    Column("basis", "Основание", 40),
    Column("events", "Мероприятий", 13, numeric=True),
)


def registry_columns(edition: Edition) -> tuple[Column, ...]:
    """Columns of the full registry under an edition: the zone where it has zones, the events where they count."""
    hidden = set()
    if not edition.value("zones"):
        hidden.add("zone")
    if edition.value("advantage") != "events":
        hidden.add("events")
    return tuple(column for column in ALL_COLUMNS if column.key not in hidden)


def write_workbook(title: str, columns: Sequence[Column], rows: Iterable[dict[str, Any]]) -> IO[bytes]:
    """Write rows of the snapshot as XLSX, streaming; returns the file, to be read from its beginning."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Реестр")
    sheet.freeze_panes = "A3"
    for place, column in enumerate([Column("", "№", 6), *columns], start=1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    sheet.append([_bold(sheet, title)])
    sheet.append([_bold(sheet, text) for text in ["№", *(column.heading for column in columns)]])
    for order, row in enumerate(rows, start=1):
        sheet.append([order, *(_cell(sheet, row.get(column.key), column) for column in columns)])
    out = tempfile.TemporaryFile()  # noqa: SIM115 - handed to the caller, who closes it
    book.save(out)
    out.seek(0)
    return out


def _cell(sheet: Any, value: Any, column: Column) -> Any:
    if value is None or isinstance(value, int):
        return value
    if column.numeric and value:
        return Decimal(str(value).replace(",", "."))
    text = str(value)
    return _harmless(sheet, text) if text.startswith(LIVE) else text


def _harmless(sheet: Any, text: str) -> WriteOnlyCell:
    """A cell that spreadsheets take as text although it begins like a formula or an error."""
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _bold(sheet: Any, text: str) -> WriteOnlyCell:
    cell = _harmless(sheet, text) if text.startswith(LIVE) else WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell
