import datetime as dt
import io
import json
import random
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl import Workbook

from assessment.moodle import (
    Export,
    ExportRow,
    GradeColumn,
    UnreadableExport,
    attempt_moment,
    choose_attempts,
    match_key,
    normal_name,
    read_export,
)
from reserve_portal.core import spreadsheets

D = Decimal
SAMPLES = Path(__file__).parent / "data" / "moodle"
HEAD = [
    "Фамилия",
    "Имя",
    "Адрес электронной почты",
    "Состояние",
    "Тест начат",
    "Завершено",
    "Затраченное время",
    "Оценка/100,00",
    "В. 1 /20,00",
    "В. 2 /20,00",
    "В. 3 /60,00",
]
GOOD = [
    "Ёлкин",
    "Пётр",
    "elkin@example.org",
    "Завершено",
    "9 ноября 2026  10:05",
    "9 ноября 2026  11:20",
    "1 ч.",
]
MARKS = ["70,00", "15,00", "15,00", "40,00"]


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def quoted(*rows: Sequence[object], delimiter: str = ";") -> str:
    return "".join(
        delimiter.join('"' + str(cell).replace('"', '""') + '"' for cell in row) + "\n" for row in rows
    )


def quiz(*rows: Sequence[object]) -> Export:
    return read_export("test.csv", quoted(HEAD, *rows).encode())


def refusal(data: bytes, name: str = "файл.csv") -> str:
    with pytest.raises(UnreadableExport) as caught:
        read_export(name, data)
    assert caught.value.message.startswith(f"Файл «{name}» не прочитан: ")
    assert caught.value.message.endswith(".")
    return caught.value.message


def problems_of(*cells: object) -> tuple[str, ...]:
    return quiz(cells).rows[0].problems


def xlsx(*rows: Sequence[object]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Оценки")
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(*rows: Sequence[object]) -> bytes:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Оценки")
    for row in rows:
        line = TableRow()
        for value in row:
            number = isinstance(value, int | float | Decimal)
            cell = TableCell(valuetype="float", value=str(value)) if number else TableCell(valuetype="string")
            cell.addElement(P(text="так видно" if number else str(value)))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    out = io.BytesIO()
    document.write(out)
    return out.getvalue()


def archive(**files: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def ods_of(content: str) -> bytes:
    return archive(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_xml=content)


def facts(export: Export) -> list[tuple[object, ...]]:
    return [
        (
            row.line,
            row.last_name,
            row.first_name,
            row.email,
            row.id_number,
            row.state,
            row.total,
            *row.scores.values(),
        )
        for row in export.rows
    ]


# --- Every sample file -----------------------------------------------------------------------------------------------

MARINA = (2, "Синицына", "Марина Павловна", "sinitsyna.mp@example.org")
PETR = (3, "Ёлкин", "Пётр Ильич", "elkin.pi@example.org")
MARINA_MARKS = (D("86.50"), D("18.00"), D("16.50"), D("52.00"))
PETR_MARKS = (D("70.00"), D("15.00"), D("15.00"), D("40.00"))
NONE = (None,) * 4
RU_COLUMNS = tuple(
    GradeColumn(f"q{number}", f"В. {number} /{maximum},00", D(f"{maximum}.00"))
    for number, maximum in ((1, 20), (2, 20), (3, 60))
)


def test_russian_quiz_report_of_moodle_3() -> None:
    """T3, T4: every row of the confirmed format; the average is dropped."""
    export = read_export("moodle_quiz_grades_ru_3x.csv", sample("moodle_quiz_grades_ru_3x.csv"))
    assert (export.kind, export.total_maximum, export.columns) == ("quiz", D("100.00"), RU_COLUMNS)
    kuzmin = ("Кузьмин", "Олег Игоревич", "kuzmin.oi@example.org", "")
    leyla = ("Абдуллаева-Громова", "Лейла Рустамовна", "gromova.lr@example.org", "")
    assert facts(export) == [
        (*MARINA, "", "finished", *MARINA_MARKS),
        (*PETR, "", "finished", *PETR_MARKS),
        (4, *leyla, "finished", D("69.99"), D("14.00"), D("15.99"), D("40.00")),
        (5, *kuzmin, "finished", D("41.00"), D("9.00"), D("12.00"), D("20.00")),
        (6, *kuzmin, "in_progress", *NONE),
        (7, "Тестов", "Без Попытки", "testov@example.org", "", "not_attempted", *NONE),
    ]
    assert not any(row.problems for row in export.rows)
    assert (export.rows[0].started_at, export.rows[0].completed_at) == (
        "9 Ноябрь 2026 10:02",
        "9 Ноябрь 2026 10:47",
    )


def test_russian_quiz_report_of_moodle_4() -> None:
    """T3, T4: new words for states; what is not graded yet has no total; both averages are dropped."""
    export = read_export("moodle_quiz_grades_ru_4x.csv", sample("moodle_quiz_grades_ru_4x.csv"))
    assert (export.kind, export.total_maximum, export.columns) == ("quiz", D("100.00"), RU_COLUMNS)
    leyla = ("Абдуллаева-Громова", "Лейла Рустамовна", "gromova.lr@example.org", "")
    assert facts(export) == [
        (*MARINA, "", "finished", *MARINA_MARKS),
        (*PETR, "", "finished", *PETR_MARKS),
        (4, *leyla, "ungraded", None, D("14.00"), D("15.99"), None),
        (5, "Кузьмин", "Олег Игоревич", "kuzmin.oi@example.org", "", "never_submitted", *NONE),
        (6, "Тестов", "Без Попытки", "testov@example.org", "", "not_attempted", *NONE),
    ]
    assert not any(row.problems for row in export.rows)


def test_english_quiz_report() -> None:
    """T3, T4: quotes and commas inside names survive."""
    export = read_export("moodle_quiz_grades_en.csv", sample("moodle_quiz_grades_en.csv"))
    assert (export.kind, export.total_maximum) == ("quiz", D("100.00"))
    assert [column.title for column in export.columns] == ["Q. 1 /20.00", "Q. 2 /20.00", "Q. 3 /60.00"]
    assert [column.key for column in export.columns] == ["q1", "q2", "q3"]
    assert facts(export) == [
        (2, "Sinitsyna", "Marina", "sinitsyna.mp@example.org", "", "finished", *MARINA_MARKS),
        (3, "Elkin", "Petr", "elkin.pi@example.org", "", "finished", *PETR_MARKS),
        (4, "O'Brien, Jr.", 'Ann "Annie"', "obrien@example.org", "", "in_progress", *NONE),
        (5, "Testov", "Noattempt", "testov@example.org", "", "not_attempted", *NONE),
    ]
    assert not any(row.problems for row in export.rows)


@pytest.mark.parametrize("name", ["moodle_gradebook_ru.csv", "moodle_gradebook_ru_semicolon.csv"])
def test_russian_gradebook(name: str) -> None:
    """T3, T4: sections are columns, maxima are not in the file."""
    export = read_export(name, sample(name))
    titles = [
        "Тест:Государственная политика в сфере образования (Значение)",
        "Тест:Психология управления (Значение)",
        "Задание:Решение управленческого кейса (Значение)",
    ]
    assert (export.kind, export.total_maximum) == ("gradebook", None)
    assert export.columns == tuple(GradeColumn(title.lower(), title, None) for title in titles)
    assert facts(export) == [
        (*MARINA, "KR-2026-0001", "finished", *MARINA_MARKS),
        (*PETR, "KR-2026-0002", "finished", *PETR_MARKS),
        (4, "Тестов", "Без Попытки", "testov@example.org", "", "not_attempted", *NONE),
    ]
    assert not any(row.problems for row in export.rows)


def test_english_gradebook() -> None:
    """T3, T4."""
    export = read_export("moodle_gradebook_en.csv", sample("moodle_gradebook_en.csv"))
    assert (export.kind, export.total_maximum) == ("gradebook", None)
    assert [column.title for column in export.columns] == [
        "Quiz: State policy in education (Real)",
        "Quiz: Psychology of management (Real)",
        "Assignment: Management case (Real)",
    ]
    assert facts(export) == [
        (2, "Sinitsyna", "Marina", "sinitsyna.mp@example.org", "KR-2026-0001", "finished", *MARINA_MARKS),
        (3, "Testov", "Noattempt", "testov@example.org", "", "not_attempted", *NONE),
    ]
    assert not any(row.problems for row in export.rows)


# --- Encodings, delimiters, kinds ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", ":"])
@pytest.mark.parametrize("declared", [False, True])
def test_resaved_csv_gives_the_same_rows(encoding: str, delimiter: str, declared: bool) -> None:
    """T4: however a person saved the sheet, the result is one; a sep= line is not a row of the sheet."""
    text = quoted(HEAD, [*GOOD, *MARKS], delimiter=delimiter)
    data = (f"sep={delimiter}\n" if declared else "") + text
    assert facts(read_export("a.csv", data.encode(encoding))) == facts(quiz([*GOOD, *MARKS]))


def test_wrongly_declared_delimiter_does_not_hide_the_headings() -> None:
    """A person added sep=; to a file with commas."""
    data = b"sep=;\r\n" + sample("moodle_quiz_grades_en.csv").removeprefix(b"\xef\xbb\xbf")
    assert len(read_export("a.csv", data).rows) == 4


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_blank_lines_count_as_rows_of_the_sheet(newline: str) -> None:
    """The row number is the one that a spreadsheet shows, whatever stands between and inside the rows."""
    name = ["Ёл\nкин", *GOOD[1:]]
    text = quoted(HEAD) + "\n" + quoted([*name, *MARKS], ["Б", "В", "b@example.org", *GOOD[3:], *MARKS])
    rows = read_export("a.csv", text.replace("\n", newline).encode()).rows
    assert [(row.line, row.last_name) for row in rows] == [(3, "Ёл кин"), (4, "Б")]


OLD_ENGLISH = ["Surname", "First name", "ID number", "State", "Started on", "Completed", "Time taken"]


def test_old_english_headings_and_the_id_number() -> None:
    """Headings of Moodle before 4, with an id number in place of the address."""
    text = quoted(
        [*OLD_ENGLISH, "Grade/10.00", "Q. 1a /10.00"],
        ["Elkin", "Petr", "KR-7", "Finished", "9 November 2026  10:02 AM", "-", "1 min", "7.00", "7.00"],
    )
    export = read_export("a.csv", text.encode())
    assert export.columns == (GradeColumn("q1a", "Q. 1a /10.00", D("10.00")),)
    assert export.rows[0].id_number == match_key(export.rows[0]) == "KR-7"


def test_extra_grades_and_other_columns_are_no_part_of_the_sum() -> None:
    """New quiz reports add further grades; identity columns of the site are ignored."""
    text = quoted([*HEAD, "Логин", "Бонус/5,00"], [*GOOD, *MARKS, "elkin", "4,00"])
    export = read_export("a.csv", text.encode())
    assert export.columns[-1] == GradeColumn("бонус/5,00", "Бонус/5,00", D("5.00"))
    assert export.rows[0].scores["бонус/5,00"] == D("4.00")
    assert export.rows[0].problems == ()


@pytest.mark.parametrize("make", [xlsx, ods])
def test_books_with_text_cells_as_moodle_writes_them(make) -> None:
    """The quiz report in Excel and ODS carries numbers as text with a comma."""
    export = read_export("a.csv", make(HEAD, [*GOOD, *MARKS], ["Общее среднее", *[""] * 6, *MARKS]))
    assert facts(export) == facts(quiz([*GOOD, *MARKS]))
    assert export.rows[0].started_at == "9 ноября 2026 10:05"


@pytest.mark.parametrize("make", [xlsx, ods])
def test_books_with_numeric_cells_lose_no_digit(make) -> None:
    """T4: 69.99 typed into a sheet stays 69.99; the row number is that of the sheet."""
    row = [*GOOD, 69.99, 14, 15.99, 40]
    export = read_export("book", make([""], HEAD, [""], row))
    assert (export.rows[0].line, export.rows[0].problems) == (4, ())
    assert export.rows[0].total == D("69.99")
    assert list(export.rows[0].scores.values()) == [D(14), D("15.99"), D(40)]


@pytest.mark.parametrize("make", [xlsx, ods])
def test_numeric_id_numbers_stay_whole(make) -> None:
    """An id number that a sheet turned into a number has no fraction."""
    head = [*OLD_ENGLISH, "Grade/10.00"]
    row = ["Elkin", "Petr", 20260007, "Finished", "-", "-", "-", 7.5]
    assert read_export("book", make(head, row)).rows[0].id_number == "20260007"


def test_book_without_styles_is_read() -> None:
    """Writers other than Excel leave out what openpyxl only warns about."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(HEAD, [*GOOD, *MARKS]))) as source,
        zipfile.ZipFile(out, "w") as target,
    ):
        for entry in source.namelist():
            body = source.read(entry)
            if entry.endswith("styles.xml"):
                body = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
            target.writestr(entry, body)
    assert len(read_export("book", out.getvalue()).rows) == 1


def test_cell_that_a_spreadsheet_turned_into_a_date_is_named() -> None:
    """Excel reads 10.05 as a date: the row says so instead of importing a wrong number."""
    row = [*GOOD, dt.datetime(2026, 5, 10), "15,00", "15,00", True]
    assert read_export("book", xlsx(HEAD, row)).rows[0].problems == (
        "Строка 2, столбец «В. 3 /60,00»: «ИСТИНА» — не число.",
        "Строка 2, столбец «Оценка/100,00»: «2026-05-10 00:00» — не число.",
    )


ODS_SPACE = (
    '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:x="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
)


def ods_row(cells: Sequence[str], repeated: int = 1) -> str:
    body = "".join(f"<t:table-cell><x:p>{cell}</x:p></t:table-cell>" for cell in cells)
    return f'<t:table-row t:number-rows-repeated="{repeated}">{body}</t:table-row>'


def test_ods_of_libreoffice_with_repeats_notes_and_trailing_blanks() -> None:
    """LibreOffice folds equal cells and rows, writes double spaces as elements and a million blank rows at the end."""
    blank = '<t:table-cell t:number-columns-repeated="16384"/>'
    blank = f'<t:table-row t:number-rows-repeated="1048000">{blank}</t:table-row>'
    cells = ["Ёл<x:s x:c='2'/>кин", *GOOD[1:7], "70", "35", "35", "0"]
    row = ods_row(cells).replace(
        "<t:table-cell><x:p>35</x:p></t:table-cell>" * 2,
        '<t:table-cell t:number-columns-repeated="2">'
        "<o:annotation><x:p>note</x:p></o:annotation><x:p>35</x:p></t:table-cell>",
    )
    table = f"<t:table><t:table-header-rows>{ods_row(HEAD)}</t:table-header-rows>{row}{blank}</t:table>"
    other = f"<t:table>{ods_row(['чужой лист'])}</t:table>"
    export = read_export("a.ods", ods_of(f"{ODS_SPACE}{table}{other}</o:document-content>"))
    assert [(row.line, row.last_name, row.total) for row in export.rows] == [(2, "Ёл кин", D(70))]
    assert list(export.rows[0].scores.values()) == [D(35), D(35), D(0)]


def test_equal_rows_folded_by_ods_are_seen_as_doubled() -> None:
    """A row that stands twice is a mistake in ODS as well."""
    table = f"<t:table>{ods_row(HEAD)}{ods_row([*GOOD, *MARKS], repeated=2)}</t:table>"
    rows = read_export("a.ods", ods_of(f"{ODS_SPACE}{table}</o:document-content>")).rows
    assert [row.line for row in rows] == [2, 3]
    assert rows[1].problems == ("Строка 3 повторяет ту же попытку, что и строка 2.",)


# --- Refusals of a whole file ----------------------------------------------------------------------------------------


def without(heading: str) -> bytes:
    place = HEAD.index(heading)
    rows = [HEAD, [*GOOD, *MARKS]]
    return quoted(*([*row[:place], *row[place + 1 :]] for row in rows)).encode()


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("Фамилия", "нет столбца «Фамилия»"),
        ("Имя", "нет столбца «Имя»"),
        ("Адрес электронной почты", "нет столбца «Адрес электронной почты» или «Индивидуальный номер»"),
        ("Состояние", "нет столбца «Состояние»"),
        ("Оценка/100,00", "нет столбца «Оценка/максимум»"),
    ],
)
def test_missing_heading_is_named(heading: str, words: str) -> None:
    """Bad input: the sentence names what is missing."""
    assert words in refusal(without(heading))


GRADEBOOK = ["Имя", "Фамилия", "Индивидуальный номер"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "он пустой"),
        (b"\xef\xbb\xbf", "он пустой"),
        (b" \r\n\t\r\n", "он пустой"),
        (b"sep=;\n", "он пустой"),
        (b";;;\n;;\n", "он пустой"),
        (
            "имя;возраст\nПётр;40\n".encode(),
            "это не выгрузка Moodle: нет столбцов «Фамилия», «Адрес электронной почты» или",
        ),
        (quoted(HEAD).encode(), "под заголовками нет ни одной строки с человеком"),
        (quoted(HEAD, ["Общее среднее", *[""] * 6, *MARKS]).encode(), "нет ни одной строки с человеком"),
        (quoted([*HEAD, "Имя"], [*GOOD, *MARKS, "Пётр"]).encode(), "столбец «Имя» встречается дважды"),
        (
            quoted([*HEAD, "Surname"], [*GOOD, *MARKS, "x"]).encode(),
            "«Фамилия» и «Surname» значат одно и то же",
        ),
        (quoted([*HEAD, "Q. 1 /20.00"], [*GOOD, *MARKS, "1"]).encode(), "об одном и том же вопросе"),
        (quoted([*HEAD, "Grade/10.00"], [*GOOD, *MARKS, "1"]).encode(), "итоговых столбцов два"),
        (quoted([*HEAD[:7], "Оценка"], [*GOOD, "70"]).encode(), "в заголовке «Оценка» нет максимума"),
        (quoted([*HEAD, "В. 4"], [*GOOD, *MARKS, "1"]).encode(), "в заголовке «В. 4» нет максимума"),
        (quoted([*HEAD[:7], "Оценка/сто"], [*GOOD, "70"]).encode(), "после «/» стоит не число"),
        (quoted([*HEAD[:7], "Оценка/0,00"], [*GOOD, "70"]).encode(), "максимум равен нулю"),
        (
            quoted([*GRADEBOOK, "Итоговая оценка за курс (Проценты)"], ["a", "b", "1", "70 %"]).encode(),
            "выберите вид оценки «Значение»",
        ),
        (
            quoted([*GRADEBOOK, "Тест:А (Значение)"], ["a", "b", "1", "70"]).encode(),
            "в журнале оценок Moodle нет столбца «Итоговая оценка за курс (Значение)»",
        ),
        (
            quoted([*GRADEBOOK, "Course total (Real)", "Итоговая оценка за курс (Значение)"]).encode(),
            "итоговых столбцов два",
        ),
        (quoted([*HEAD, "x" * 600]).encode(), "в заголовке больше 500 знаков"),
        (quoted([*HEAD, *(f"x{number}" for number in range(200))]).encode(), "больше 200 столбцов"),
        (quoted(HEAD).encode() + b'"\xd0\x81', "нарушены кавычки, начиная со строки 2"),
        (quoted(HEAD).encode() + '"Ёл"кин";a\n'.encode(), "нарушены кавычки, начиная со строки 2"),
        (b'"Last name,First name\n', "нарушены кавычки, начиная со строки 1"),
        (quoted(HEAD).encode("koi8_r"), "в кодировке КОИ-8"),
        (quoted(HEAD).encode("cp866"), "в кодировке DOS (866)"),
        (quoted(HEAD).encode("utf-8") + b"\xff\n", "он в UTF-8, но часть букв повреждена"),
        (quoted(HEAD).encode("utf-8-sig") + "Ёлкин\n".encode("cp1251"), "помечен как UTF-8"),
        (b"\xff\xfe\x00\xd8\x00", "помечен как UTF-16, но повреждён"),
        (quoted(HEAD).encode("utf-16-le"), "нулевые байты"),
        (quoted(HEAD).encode("utf-8") + "\ufffd\ufffd\n".encode(), "буквы в нём потеряны"),
        (b"Last name\x07,First name\n", "управляющие символы"),
        (b"\x98\x99\xff,", "кодировка не распознана"),
        (b"%PDF-1.7\n...", "это PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "старая книга XLS или книга под паролем"),
        (b"\xff\xd8\xff\xe0..JFIF", "это изображение"),
        (b"\x89PNG\r\n\x1a\n....", "это изображение"),
        (b"Rar!\x1a\x07\x00", "это архив RAR"),
        (b"7z\xbc\xaf\x27\x1c", "это архив 7z"),
        (b"\x1f\x8b\x08....", "это архив GZIP"),
        (b"<!DOCTYPE html><table></table>", "это HTML или XML"),
        (json.dumps([[{"lastname": "A"}]]).encode(), "это JSON"),
        (archive(word__document_xml="<a/>"), "не таблица XLSX или ODS"),
        (b"PK\x03\x04 and then nothing", "книга повреждена"),
        (archive(xl__workbook_xml="<a/>"), "книга повреждена"),
        (ods_of("<a><b></a>"), "книга повреждена"),
        (ods_of("<a/>"), "он пустой"),
    ],
)
def test_file_is_refused_in_words(data: bytes, words: str) -> None:
    """Bad input: wrong kind by content, empty, wrong encoding, unknown or double headings, broken quotes."""
    assert words in refusal(data)


def test_kind_is_decided_by_content_and_the_name_is_only_shown() -> None:
    """A PDF under the name of a table is refused, a table under any name is read."""
    assert "это PDF" in refusal(b"%PDF-1.4", "оценки.xlsx")
    assert read_export("оценки.pdf", sample("moodle_gradebook_en.csv")).kind == "gradebook"


def test_file_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bad input: size and number of rows."""
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 2)
    assert "в нём больше 2 строк" in refusal(sample("moodle_quiz_grades_en.csv"))
    assert "он больше 16 МБ" in refusal(b"a" * (spreadsheets.MAX_BYTES + 1))


def test_decompression_bombs_are_refused_before_unpacking() -> None:
    """A small archive that unpacks to more than the limit, or into too many files."""
    big = b"0" * (spreadsheets.MAX_UNPACKED_BYTES + 1)
    for data in (archive(xl__workbook_xml=big), archive(mimetype="application/vnd.oasis", content_xml=big)):
        assert len(data) < spreadsheets.MAX_BYTES
        assert "после распаковки он больше 64 МБ" in refusal(data)
    assert "после распаковки" in refusal(archive(**{f"f{number}": "" for number in range(2001)}))


def test_entities_are_not_expanded() -> None:
    """External and nested entities in ODS and XLSX are refused."""
    doctype = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    assert "книга повреждена" in refusal(ods_of(f"{doctype}{ODS_SPACE}&e;</o:document-content>"))
    good = xlsx(HEAD, [*GOOD, *MARKS])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.namelist():
            body = source.read(entry)
            target.writestr(entry, doctype.encode() + body if entry.endswith("sheet1.xml") else body)
    assert "книга повреждена" in refusal(out.getvalue())


def test_encrypted_book_is_refused() -> None:
    """A ZIP with the encryption flag."""
    data = bytearray(xlsx(HEAD))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert "под паролем" in refusal(bytes(data))


def test_repeats_of_ods_cannot_exhaust_memory() -> None:
    """Repeated cells and rows beyond the limits are refused, senseless counts too."""
    cell = '<t:table-cell t:number-columns-repeated="900000000"><x:p>а</x:p></t:table-cell>'
    wide = f"{ODS_SPACE}<t:table><t:table-row>{cell}</t:table-row></t:table></o:document-content>"
    assert "больше 200 столбцов" in refusal(ods_of(wide))
    long = f"{ODS_SPACE}<t:table>{ods_row(['а'], repeated=900_000_000)}</t:table></o:document-content>"
    assert "больше 50000 строк" in refusal(ods_of(long))
    assert "неверное число повторов" in refusal(ods_of(long.replace("900000000", "-1")))
    deep = "<x:p>" * 60_000 + "</x:p>" * 60_000
    assert "слишком много частей" in refusal(ods_of(f"{ODS_SPACE}{deep}</o:document-content>"))
    cells = "<t:table-cell/>" * 60_000
    crowded = f"{ODS_SPACE}<t:table><t:table-row>{cells}</t:table-row></t:table></o:document-content>"
    assert "слишком много частей" in refusal(ods_of(crowded))


# --- Problems of a row -----------------------------------------------------------------------------------------------


def test_good_row_has_no_problem() -> None:
    """The row that the next tests spoil."""
    assert problems_of(*GOOD, *MARKS) == ()


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("много", "«много» — не число."),
        ("15,00 %", "«15,00 %» — не число."),
        ("80,00/86,50", "«80,00/86,50» — не число."),
        ("1,234.50", "«1,234.50» — не число."),
        ("1 5", "«1 5» — не число."),
        ("١٥", "«١٥» — не число."),
        ("+5", "«+5» — не число."),
        (",5", "«,5» — не число."),
        ("NaN", "«NaN» — не конечное число."),
        ("-Infinity", "«-Infinity» — не конечное число."),
        ("1e1", "«1e1» — число с показателем степени, запишите его обычными цифрами."),
        ("1,5E+1", "«1,5E+1» — число с показателем степени, запишите его обычными цифрами."),
        ("-1,00", "«-1,00» — баллы не бывают отрицательными."),
        ("−1,00", "«−1,00» — баллы не бывают отрицательными."),
        ("20,01", "20,01 больше максимума 20,00."),
        ("1234567", "в числе «1234567» слишком много знаков (не больше 5 до запятой и 7 после)."),
        ("1,00000001", "в числе «1,00000001» слишком много знаков (не больше 5 до запятой и 7 после)."),
        ("я" * 60, "«" + "я" * 39 + "…» — не число."),
    ],
)
def test_bad_points_name_row_and_column(cell: str, sentence: str) -> None:
    """Bad input: text for a number, points above the maximum, not finite, negative."""
    assert problems_of(*GOOD, "70,00", cell, "15,00", "40,00") == (
        f"Строка 2, столбец «В. 1 /20,00»: {sentence}",
    )


@pytest.mark.parametrize(
    ("cell", "points"),
    [
        ("15,00", "15.00"),
        ("15.00", "15.00"),
        ("\u00a015,00\u202f", "15.00"),
        ("15", "15"),
        ("015,0", "15.0"),
        ("-0,00", "0.00"),
        ("0,1234567", "0.1234567"),
    ],
)
def test_points_are_read_with_comma_dot_and_odd_spaces(cell: str, points: str) -> None:
    """T4: exact decimals."""
    row = quiz([*GOOD, "-", cell, "-", "-"]).rows[0]
    assert str(row.scores["q1"]) == points


def test_spaces_between_thousands() -> None:
    """1 234,50 with an ordinary, a non-breaking and a thin space."""
    head = [*HEAD[:7], "Оценка/2000,00"]
    for space in (" ", "\u00a0", "\u202f", "\u2009"):
        row = read_export("a.csv", quoted(head, [*GOOD, f"1{space}234,50"]).encode()).rows[0]
        assert (row.total, row.problems) == (D("1234.50"), ())


def test_total_above_its_maximum() -> None:
    """Bad input: points above the maximum."""
    assert problems_of(*GOOD, "100,01", "20", "20", "60")[0] == (
        "Строка 2, столбец «Оценка/100,00»: 100,01 больше максимума 100,00."
    )


def test_numeric_rubbish_in_a_book_is_named() -> None:
    """T4: numeric cells are checked like text; a computed value with float dust is not rounded silently."""
    row = [*GOOD, 70, D("14.999999999999998"), 15, D("1e300")]
    problems = read_export("book", ods(HEAD, row)).rows[0].problems
    assert [problem[:34] for problem in problems] == [
        "Строка 2, столбец «В. 1 /20,00»: в",
        "Строка 2, столбец «В. 3 /60,00»: в",
    ]


@pytest.mark.parametrize("total", ["70,03", "69,97", "60,00", "71"])
def test_total_that_is_not_the_sum_of_its_parts(total: str) -> None:
    """T4: the total is the sum over all questions."""
    assert problems_of(*GOOD, total, *MARKS[1:]) == (
        f"Строка 2, столбец «Оценка/100,00»: {total} не равно сумме по столбцам 70,00.",
    )


def test_rounding_of_shown_parts_is_no_mistake() -> None:
    """Moodle rounds each shown number: 3 × 33.33 may stand beside a total of 100.00."""
    head = [*HEAD[:7], "Оценка/100,00", "В. 1 /33,33", "В. 2 /33,33", "В. 3 /33,33"]
    row = [*GOOD, "100,00", "33,33", "33,33", "33,33"]
    assert read_export("a.csv", quoted(head, row).encode()).rows[0].problems == ()


def test_whole_numbers_leave_no_room_for_rounding() -> None:
    """T4: with no shown fraction the sum must fit exactly."""
    assert problems_of(*GOOD, "71", "15", "15", "40") != ()
    assert problems_of(*GOOD, "70", "15", "15", "40") == ()


def test_sum_is_not_checked_where_parts_are_missing() -> None:
    """A question without an answer shows «-»; a report may hold only some of the questions."""
    assert problems_of(*GOOD, "30,00", "15,00", "15,00", "-") == ()
    some = read_export("a.csv", quoted(HEAD[:9], [*GOOD, "70,00", "15,00"]).encode())
    assert some.rows[0].problems == ()


def test_gradebook_total_must_be_the_sum_without_category_totals() -> None:
    """T4: in the gradebook too; totals of categories are not counted twice."""
    head = ["Тест:А (Значение)", "Итог категории «Тесты» (Значение)", "Задание:Б (Значение)"]
    text = quoted(
        [*GRADEBOOK, *head, "Итоговая оценка за курс (Значение)", "Тест:А (Отзыв)"],
        ["Пётр", "Ёлкин", "1", "10.00", "10.00", "5.00", "15.00", "хорошо"],
        ["Анна", "Белова", "2", "10.00", "10.00", "5.00", "25.00", ""],
    )
    rows = read_export("a.csv", text.encode()).rows
    assert rows[0].problems == ()
    assert rows[1].problems == (
        "Строка 3, столбец «Итоговая оценка за курс (Значение)»: 25,00 не равно сумме по столбцам 15,00.",
    )


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ([*GOOD, "70,00", "15,00"], "Строка 2: нет значения в столбцах «В. 2 /20,00», «В. 3 /60,00»."),
        ([*GOOD, "", *MARKS[1:]], "Строка 2: нет значения в столбце «Оценка/100,00»."),
        (["", *GOOD[1:], *MARKS], "Строка 2: нет значения в столбце «Фамилия»."),
        (["", "", *GOOD[2:], *MARKS], "Строка 2: нет значения в столбцах «Фамилия», «Имя»."),
        (
            [*GOOD[:2], "", *GOOD[3:], *MARKS],
            "Строка 2: нет ни адреса электронной почты, ни индивидуального номера.",
        ),
        (
            [*GOOD[:2], "elkin", *GOOD[3:], *MARKS],
            "Строка 2, столбец «Адрес электронной почты»: «elkin» не похоже на адрес.",
        ),
        ([*GOOD[:3], "", *GOOD[4:], *MARKS], "Строка 2, столбец «Состояние»: состояние не указано."),
        (
            [*GOOD[:3], "Ждёт", *GOOD[4:], *MARKS],
            "Строка 2, столбец «Состояние»: состояние «Ждёт» неизвестно.",
        ),
        ([*GOOD, *MARKS, "", "ещё"], "Строка 2: значение «ещё» стоит вне столбцов с заголовками."),
        ([*GOOD, *["-"] * 4], "Строка 2, столбец «Оценка/100,00»: попытка завершена, а оценки нет."),
        (
            [*GOOD, "70,00", "15,00", "15,00", "Требуется оценивание"],
            "Строка 2, столбец «Оценка/100,00»: оценка стоит, хотя оценено не всё.",
        ),
        (
            [*GOOD[:3], "В процессе", *GOOD[4:], *MARKS],
            "Строка 2, столбец «Оценка/100,00»: попытка не завершена, а оценка стоит.",
        ),
    ],
)
def test_incomplete_and_contradictory_rows_are_named(cells: list[str], sentence: str) -> None:
    """Bad input: missing cells, unknown states, totals that contradict the state."""
    assert problems_of(*cells) == (sentence,)


def test_doubled_rows_are_named() -> None:
    """Bad input: the same attempt twice; another attempt of the same person is none."""
    later = [*GOOD[:4], "10 ноября 2026  10:05", "10 ноября 2026  11:20", "1 ч."]
    rows = quiz([*GOOD, *MARKS], [*later, *MARKS], [*GOOD, *MARKS]).rows
    assert [row.problems for row in rows] == [(), (), ("Строка 4 повторяет ту же попытку, что и строка 2.",)]


def test_doubled_people_of_the_gradebook_are_named() -> None:
    """Bad input: a person stands in the gradebook once; the case of the address does not matter."""
    head = ["Имя", "Фамилия", "Адрес электронной почты", "Итоговая оценка за курс (Значение)"]
    text = quoted(head, ["А", "Б", "ab@example.org", "5.00"], ["А", "Б", "AB@example.org", "6.00"])
    rows = read_export("a.csv", text.encode()).rows
    assert rows[1].problems == ("Строка 3 повторяет того же человека, что и строка 2.",)


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ("Завершено", "finished"),
        ("Завершенные", "finished"),
        ("Завершённые", "finished"),
        ("Завершены", "finished"),
        ("Finished", "finished"),
        ("В процессе", "in_progress"),
        ("In progress", "in_progress"),
        ("Просроченные", "overdue"),
        ("Overdue", "overdue"),
        ("Не отправленные", "never_submitted"),
        ("Never submitted", "never_submitted"),
        ("Not started", "not_attempted"),
        ("Submitted", "ungraded"),
        ("—", "not_attempted"),
    ],
)
def test_states_of_all_versions(shown: str, state: str) -> None:
    """Words of Moodle 3, 4 and 5 in both languages."""
    marks = MARKS if state == "finished" else ["-"] * 4
    row = quiz([*GOOD[:3], shown, *GOOD[4:], *marks]).rows[0]
    assert (row.state, row.problems) == (state, ())


@pytest.mark.parametrize("word", ["Еще не оценено", "Ещё не оценено", "Not yet graded"])
def test_finished_attempt_that_waits_for_grading(word: str) -> None:
    """An attempt that a teacher has still to grade has no total and no problem."""
    row = quiz([*GOOD, word, "15,00", "15,00", "Requires grading"]).rows[0]
    assert (row.state, row.total, row.problems) == ("ungraded", None, ())


def test_gradebook_row_with_sections_but_no_total_is_ungraded() -> None:
    """The course total is still hidden or being computed; an apostrophe before «-» is Moodle's own."""
    text = quoted(
        [*GRADEBOOK, "Тест:А (Значение)", "Итоговая оценка за курс (Значение)"],
        ["Пётр", "Ёлкин", "1", "5.00", "'-"],
    )
    row = read_export("a.csv", text.encode()).rows[0]
    assert (row.state, row.total, row.problems) == ("ungraded", None, ())


def test_person_named_like_an_average_is_kept() -> None:
    """Averages have neither address nor number."""
    assert quiz(["Общее среднее", *GOOD[1:], *MARKS]).rows[0].last_name == "Общее среднее"


# --- Attempts --------------------------------------------------------------------------------------------------------


def attempt(
    line: int, total: str | None, *, started: str = "", state: str = "finished", **other
) -> ExportRow:
    return ExportRow(
        line=line,
        last_name="Ёлкин",
        first_name="Пётр",
        email=other.get("email", "elkin@example.org"),
        id_number=other.get("id_number", ""),
        state=state,  # type: ignore[arg-type]
        started_at=started,
        completed_at="",
        total=D(total) if total else None,
        scores={},
        problems=other.get("problems", ()),
    )


SECOND = attempt(2, "60", started="10 ноября 2026  10:00")
FIRST = attempt(3, "80", started="9 Ноябрь 2026  9:00")
THIRD = attempt(4, "70", started="10 November 2026  2:00 PM")


@pytest.mark.parametrize(("method", "line"), [("best", 3), ("first", 3), ("last", 4)])
def test_attempt_is_chosen_by_the_method_of_the_quiz(method, line: int) -> None:
    """T4: one result a person; the order is that of the moments, not of the file."""
    choice = choose_attempts([SECOND, FIRST, THIRD], method)
    assert ([row.line for row in choice.chosen], choice.without) == ([line], ())


def test_unreadable_moments_leave_the_order_of_the_file() -> None:
    """A date in a format that nobody foresaw."""
    rows = [attempt(2, "1", started="вчера"), attempt(3, "2", started="9 ноября 2026  9:00")]
    assert [row.line for row in choose_attempts(rows, "first").chosen] == [2]
    assert [row.line for row in choose_attempts(rows, "last").chosen] == [3]


def test_equal_totals_keep_the_earlier_row() -> None:
    """T4: best of equal ones."""
    assert choose_attempts([attempt(2, "70.0"), attempt(3, "70.00")], "best").chosen[0].line == 2


def test_people_are_told_apart_by_address_or_number_never_by_name() -> None:
    """Two people of one name stay two; the case of an address does not."""
    rows = [
        attempt(2, "1"),
        attempt(3, "2", email="ELKIN@example.org"),
        attempt(4, "3", email="other@example.org"),
        attempt(5, "4", email="", id_number="KR-1"),
        attempt(6, "5", email="", id_number="KR-1"),
        attempt(7, "6", email="", id_number="KR-2"),
    ]
    assert [row.line for row in choose_attempts(rows, "best").chosen] == [3, 4, 6, 7]


@pytest.mark.parametrize(
    ("states", "line", "reason"),
    [
        (["not_attempted"], 2, "Попыток нет."),
        (["never_submitted", "in_progress"], 3, "Попытка не завершена."),
        (["in_progress", "ungraded"], 3, "Попытка ещё не оценена до конца."),
        (["overdue", "never_submitted"], 2, "Попытка просрочена."),
        (["never_submitted"], 2, "Попытка не отправлена."),
    ],
)
def test_people_without_a_graded_attempt_come_with_the_reason(
    states: list[str], line: int, reason: str
) -> None:
    """T4: only finished and graded attempts count; nobody is lost silently."""
    choice = choose_attempts(
        [attempt(2 + place, None, state=state) for place, state in enumerate(states)], "best"
    )
    assert choice.chosen == ()
    assert [(person.row.line, person.reason) for person in choice.without] == [(line, reason)]


def test_faulty_rows_do_not_count() -> None:
    """A row with a mistake gives no result; a sound attempt of the same person does."""
    faulty = attempt(2, "99", problems=("Строка 2: …",))
    assert [row.line for row in choose_attempts([faulty, attempt(3, "50")], "best").chosen] == [3]
    assert choose_attempts([faulty], "best").without[0].reason == "В строках с попытками есть ошибки."


def test_rows_without_a_key_are_not_merged() -> None:
    """Nobody gets another's points because both lack an address."""
    choice = choose_attempts([attempt(2, "1", email=""), attempt(3, "2", email="")], "best")
    assert [row.line for row in choice.chosen] == [2, 3]


def test_unknown_method_is_refused() -> None:
    """Average of attempts is not offered: it is nobody's attempt."""
    with pytest.raises(ValueError):
        choose_attempts([], "average")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("9 Ноябрь 2026  10:02", (2026, 11, 9, 10, 2)),
        ("9 мая 2026  9:05", (2026, 5, 9, 9, 5)),
        ("9 Март 2026  9:05", (2026, 3, 9, 9, 5)),
        ("9 November 2026  12:02 AM", (2026, 11, 9, 0, 2)),
        ("9 November 2026  12:02 PM", (2026, 11, 9, 12, 2)),
        ("9 May 2026, 2:00 PM", (2026, 5, 9, 14, 0)),
        ("09.11.2026 10:02", (2026, 11, 9, 10, 2)),
        ("2026-11-09 10:02:33", (2026, 11, 9, 10, 2)),
        ("9 брюмера 2026 10:02", None),
        ("-", None),
        ("", None),
    ],
)
def test_moments_of_both_languages(text: str, moment: tuple[int, ...] | None) -> None:
    """Dates of Moodle 3 to 5 and of spreadsheets, for the order of attempts."""
    assert attempt_moment(text) == moment


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ёлкин  Пётр", "елкин петр"),
        ("Абдуллаева - Громова", "абдуллаева‑громова"),
        ("Абдуллаева — Громова", "Абдуллаева-Громова"),
        ("\u00a0Ли", "ли"),
    ],
)
def test_names_are_alike_for_suggestions(one: str, other: str) -> None:
    """Е and ё, spaces and kinds of hyphens do not matter."""
    assert normal_name(one) == normal_name(other)


def test_name_of_parts() -> None:
    """Surname and first name go in apart."""
    assert normal_name("Ёлкин", "Пётр Ильич") == "елкин петр ильич"


# --- Whatever comes in -----------------------------------------------------------------------------------------------


def read_or_refuse(data: bytes) -> None:
    try:
        export = read_export("x", data)
    except UnreadableExport as error:
        assert error.message.endswith(".")
        return
    for row in export.rows:
        assert row.scores.keys() == {column.key for column in export.columns}
        assert all(value is None or value.is_finite() for value in [row.total, *row.scores.values()])
    choice = choose_attempts(export.rows, "last")
    assert len({match_key(row) or row.line for row in export.rows}) == len(choice.chosen) + len(
        choice.without
    )


@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    """Bad input."""
    read_or_refuse(data)


@given(
    st.lists(st.lists(st.text(max_size=12), min_size=11, max_size=12), max_size=4), st.sampled_from(",;\t")
)
def test_random_cells_under_good_headings_raise_nothing(rows: list[list[str]], delimiter: str) -> None:
    """Bad input."""
    read_or_refuse(quoted(HEAD, *rows, delimiter=delimiter).encode("utf-8", errors="replace"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([*sorted(path.name for path in SAMPLES.iterdir()), "xlsx", "ods"]), st.randoms())
def test_damaged_files_raise_nothing_else(name: str, chance: random.Random) -> None:
    """Bad input: bytes flipped and cut off anywhere."""
    row = [*GOOD, 70, 15.5, 14.5, 40]
    whole = {"xlsx": xlsx, "ods": ods}[name](HEAD, row) if name in ("xlsx", "ods") else sample(name)
    data = bytearray(whole[: chance.randint(0, len(whole))] if chance.random() < 0.3 else whole)
    for _ in range(chance.randint(1, 6)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    read_or_refuse(bytes(data))
