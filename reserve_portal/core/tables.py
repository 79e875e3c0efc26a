"""Tables that an office goes on working with: XLSX, streamed, with formulas made harmless."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A cell that begins like this becomes live when the table is saved as CSV and opened again.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
WIDTH = 24
LONGEST_TEXT = 32_767
NOT_IN_A_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def write_xlsx(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a workbook of one sheet; see `save_xlsx`."""
    out = BytesIO()
    save_xlsx(out, title, headings, rows)
    return out.getvalue()


def save_xlsx(out: IO[bytes], title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a workbook of one sheet to `out`, row by row; returns how many rows.

    Whole numbers stay numbers, all else is stored as text, what looks like a formula behind an apostrophe.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.translate(NOT_IN_A_TITLE)[:31])
    for number in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTH
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
    count = 0
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
        count += 1
    book.save(out)
    return count


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return WriteOnlyCell(sheet, value)
    text = ILLEGAL_CHARACTERS_RE.sub("", "" if value is None else str(value))
    cell = WriteOnlyCell(sheet, harmless(text)[:LONGEST_TEXT])
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
