"""Tables that an office goes on working with: XLSX, streamed, with formulas made harmless."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

# A cell that begins like this becomes live when the table is saved as CSV and opened again.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
WIDTH = 24


def write_xlsx(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a workbook of one sheet; texts are stored as texts, what looks like a formula behind an apostrophe."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for number in range(1, len(headings) + 1):
        sheet.column_dimensions[chr(64 + number)].width = WIDTH
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, harmless("" if value is None else str(value)))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
