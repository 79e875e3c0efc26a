"""What an inspector reads in the journal of deeds: words, not codes (issue, Audit; 152-FZ, article 14)."""

import ast
import re
from io import BytesIO

import openpyxl
import pytest

from reserve_portal.accounts.tests.factories import UserFactory, person_with
from reserve_portal.audit.deeds import _words, name_deeds, words_of
from reserve_portal.audit.models import AuditEvent
from reserve_portal.audit.personal_data import deeds, reads
from reserve_portal.audit.services import record_event, record_read
from reserve_portal.core.tests.sources import source_trees

RECORDERS = {"record_event": "action", "record_events": "action", "record_read": "what"}
LIST = "/admin/audit/auditevent/"


def _called(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _given(call, name, place):
    """What a call gives for a parameter, by name or by place."""
    named = [word.value for word in call.keywords if word.arg == name]
    return named[0] if named else call.args[place] if len(call.args) > place else None


def _is_deed(code):
    return isinstance(code, ast.Name) and code.id == "deed"


def _records_what_it_is_given(call):
    name = _called(call) if isinstance(call, ast.Call) else ""
    return name in RECORDERS and _is_deed(_given(call, RECORDERS[name], 0))


def _hands_on_a_deed(function):
    takes = any(argument.arg == "deed" for argument in function.args.args)
    return takes and any(_records_what_it_is_given(node) for node in ast.walk(function))


def _recorded(tree):
    """Yield (line, code or None where it cannot be read) of all deeds that a module records.

    A code is written out where it is recorded, or where a function of the module is called that takes it as `deed`.
    """
    passed = {
        node.name: [argument.arg for argument in node.args.args].index("deed")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and _hands_on_a_deed(node)
    }
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = _called(call)
        if name in RECORDERS:
            code = _given(call, RECORDERS[name], 0)
            if _is_deed(code) and passed:
                continue
        elif name in passed and isinstance(call.func, ast.Name):
            code = _given(call, "deed", passed[name])
        else:
            continue
        for one in [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]:
            yield call.lineno, one.value if isinstance(one, ast.Constant) else None


@pytest.fixture(scope="module")
def recorded():
    """The places where the portal records a deed, by its code."""
    found: dict[str | None, list[str]] = {}
    for place, tree in source_trees():
        if place == "reserve_portal/audit/services.py":
            continue
        for line, code in _recorded(tree):
            found.setdefault(code, []).append(f"{place}:{line}")
    return found


def test_every_deed_has_words(recorded):
    """A new deed does not reach the journal as a code."""
    assert recorded.pop(None, []) == [], "write the code out where the deed is recorded"
    wordless = {code: places for code, places in recorded.items() if code not in _words}
    assert wordless == {}, "name them in the app's deeds.py"
    assert len(recorded) > 200


def test_all_words_belong_to_a_deed(recorded):
    """What is recorded no more needs no words."""
    assert set(_words.codes()) - set(recorded) == set()


def test_each_deed_has_russian_words_of_its_own():
    """Short, Russian, different for different deeds: the journal's filter lists them side by side."""
    said = {code: words_of(code) for code in _words.codes()}
    assert len(set(said.values())) == len(said)
    odd = [words for words in said.values() if not re.fullmatch(r"[А-ЯЁ]([А-Яа-яЁё ,:]|Moodle){6,60}", words)]
    assert odd == []


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ('record_event("a.b", x, actor=y)', ["a.b"]),
        ('record_read(x, actor=y, person=z, what="a.b")', ["a.b"]),
        ('services.record_events("a.b" if new else "a.c", rows, actor=y)', ["a.b", "a.c"]),
        ('record_event(f"a.{x}", y, actor=z)', [None]),
        ('what = "a.b"\nrecord_read(x, actor=y, person=z, what=what)', [None]),
        ("record_event(deed, y, actor=z)", [None]),
        (
            'def f(x, deed):\n    record_event(deed, x, actor=y)\nf(1, "a.b")\nf(2, deed="a.c")',
            ["a.b", "a.c"],
        ),
        ("def f(x, deed):\n    record_event(deed, x, actor=y)\nf(1, code)", [None]),
        ("def f(x, deed):\n    deed(x)\nf(1, code)", []),
    ],
)
def test_a_recorded_code_is_found_in_the_source(source, codes):
    """The two rules above hold no more than what this reading of the source finds."""
    assert [code for _, code in _recorded(ast.parse(source))] == codes


def test_a_deed_named_twice_in_other_words_is_refused():
    """Two apps never speak of the same deed."""
    with pytest.raises(ValueError, match=r"core\.export_list"):
        name_deeds({"core.export_list": "Что-то другое"})


@pytest.fixture
def journal(db):
    """Two deeds and a reading in the journal; gives their person and the auditor."""
    person, auditor = UserFactory(last_name="Ёлкин"), person_with("auditor")
    operator = person_with("operator")
    AuditEvent.objects.all().delete()
    record_event("candidates.submit_application", person, actor=person, person=person)
    record_event("candidates.annotate_entry", person, actor=operator, person=person)
    record_read(person, actor=operator, person=person, what="candidates.read_package")
    return person, auditor


def test_the_journal_the_filter_the_page_and_the_table_speak_russian(journal, client_of):
    """No code is shown; the filter is in the order of the words and still filters by the code."""
    browser = client_of(journal[1])
    page = browser.get(LIST).content.decode()
    named = ["Отметка к записи журнала регистрации сделана", "Пакет документов прочитан", "Заявление подано"]
    for words in named:
        assert page.count(words) == 2  # a row and a choice of the filter
    assert "candidates.read_package</" not in page
    choices = page[page.index('id="changelist-filter"') :]
    assert [choices.index(words) for words in sorted(named)] == sorted(
        choices.index(words) for words in named
    )
    only = browser.get(LIST, {"action": "candidates.submit_application"}).content.decode()
    assert only.count("Пакет документов прочитан") == 1 and only.count("Заявление подано") == 2
    event = AuditEvent.objects.get(action="candidates.submit_application")
    shown = browser.get(f"{LIST}{event.pk}/change/").content.decode()
    assert "Заявление подано" in shown and ">candidates.submit_application<" not in shown
    assert "object id" not in shown.lower()
    answer = browser.get(LIST, {"_export": "xlsx"})
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    column = next(row for row in rows if "Действие" in row).index("Действие")
    assert {row[column] for row in rows} >= set(named)


def test_a_persons_own_archive_says_what_was_done_and_what_was_read(journal):
    """152-FZ, article 14: in words that the person understands."""
    (read,) = reads(journal[0]).rows
    assert read["Действие"] == "Пакет документов прочитан"
    (deed,) = deeds(journal[0]).rows
    assert deed["Действие"] == "Заявление подано"


def test_the_words_are_not_part_of_what_is_sealed(journal):
    """A code from another time is kept and shown as it was stored."""
    event = record_event("tests.gone", None, actor=None)
    assert event.action == "tests.gone" and str(event) == "tests.gone"
    assert str(AuditEvent.objects.get(action="candidates.submit_application")).startswith(
        "Заявление подано: "
    )
