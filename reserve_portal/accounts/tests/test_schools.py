"""Organisations from a table: preview with errors by row, all or nothing, a second time doubles nothing."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from reserve_portal.accounts.identity import check_inn, check_ogrn
from reserve_portal.accounts.models import Organisation
from reserve_portal.accounts.schools import (
    HEADINGS,
    import_schools,
    names_of,
    plan_import,
    read_schools,
)
from reserve_portal.accounts.tests.factories import MunicipalityFactory, OrganisationFactory, person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core.spreadsheets import UnreadableTable, pack_rows, unpack_rows
from reserve_portal.core.tests.answers import content_of
from reserve_portal.core.tests.threads import at_once

pytestmark = pytest.mark.django_db
PAGE = "/admin/accounts/organisation/import/"
OGRN, INN = "1027000000015", "7000000010"  # invented; their check digits fit


@pytest.fixture
def town():
    return MunicipalityFactory(name="Город Томск", oktmo="69701000")


def book(*rows, headings=HEADINGS):
    workbook = Workbook()
    workbook.active.append(list(headings))
    for row in rows:
        workbook.active.append(list(row))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def planned(*rows):
    return plan_import(read_schools(book(*rows)))


def test_rows_become_organisations_and_a_second_time_nothing_is_doubled(town):
    rows = [("Город Томск", "МАОУ СОШ № 1", "Школа № 1", OGRN, INN, ""), ("69701000", "Гимназия № 2")]
    table = read_schools(book(*rows))
    plan = import_schools(table, actor=None)
    assert (len(plan.new), plan.errors) == (2, [])
    first = Organisation.objects.get(ogrn=OGRN)
    assert (first.short_name, first.inn, first.kind) == ("Школа № 1", INN, "school")
    again = import_schools(table, actor=None)
    assert (again.new, again.changed, again.same) == ([], [], 2)
    assert Organisation.objects.count() == 2
    assert AuditEvent.objects.filter(action="accounts.import_organisations").count() == 2


def test_an_organisation_is_known_by_its_number_else_by_its_name_in_any_case(town):
    numbered = OrganisationFactory(name="Старое имя", municipality=town, ogrn=OGRN)
    named = OrganisationFactory(name="Школа Ёлочка", municipality=town)
    rows = [("Город Томск", "Новое имя", "", OGRN), ("Город Томск", "школа елочка", "Ёлочка")]
    import_schools(read_schools(book(*rows)), actor=None)
    numbered.refresh_from_db()
    named.refresh_from_db()
    assert numbered.name == "Новое имя"
    assert named.short_name == "Ёлочка"
    assert Organisation.objects.count() == 2


def test_an_empty_cell_changes_nothing(town):
    row = OrganisationFactory(
        name="Школа", short_name="Ш", municipality=town, ogrn=OGRN, inn=INN, kind="college"
    )
    assert planned(("Город Томск", "Школа")).same == 1
    row.refresh_from_db()
    assert (row.short_name, row.ogrn, row.inn, row.kind) == ("Ш", OGRN, INN, "college")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("", "Школа"), "не указано муниципальное"),
        (("Город Тверь", "Школа"), "«Город Тверь» нет в справочнике"),
        (("Город Томск", "", "Ш"), "не указано название"),
        (("Город Томск", "Школа", "", "123"), "13 цифр"),
        (("Город Томск", "Школа", "", "1027000000016"), "не сходится"),
        (("Город Томск", "Школа", "", "", "7000000011"), "не сходится"),
        (("Город Томск", "Школа", "", "", "", "цирк"), "вида «цирк» нет"),
        (("Город Томск", "Ш" * 251), "250"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_nothing_is_stored(town, row, words):
    table = read_schools(book(("Город Томск", "Хорошая школа"), row))
    plan = plan_import(table)
    assert [line for line, _ in plan.errors] == [3]
    assert words in plan.errors[0][1]
    with pytest.raises(ValueError, match="errors"):
        import_schools(table, actor=None)
    assert not Organisation.objects.exists()


def test_the_same_organisation_twice_in_a_table_is_an_error(town):
    plan = planned(
        ("Город Томск", "Школа"),
        ("69701000", " ШКОЛА "),
        ("Город Томск", "Другая", "", OGRN),
        ("Город Томск", "Третья", "", OGRN),
    )
    assert plan.errors == [(3, "та же организация, что в строке 2"), (5, "та же организация, что в строке 4")]


def test_a_name_that_belongs_to_another_number_is_an_error(town):
    OrganisationFactory(name="Первая", municipality=town, ogrn=OGRN)
    OrganisationFactory(name="Вторая", municipality=town)
    assert "уже у другой" in planned(("Город Томск", "Вторая", "", OGRN)).errors[0][1]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.4", "PDF"),
        (book(headings=("Название",)), "нет столбцов: Муниципальное образование"),
        (book(), "ни одной строки"),
        (b"", "пустой"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_in_words(data, words):
    with pytest.raises(UnreadableTable, match=words):
        read_schools(data)


def test_what_was_checked_travels_signed_and_for_one_person(town):
    user, other = person_with("operator"), person_with("operator")
    packed = pack_rows([{"line": 2}], user, salt="these")
    assert unpack_rows(packed, user, salt="these") == [{"line": 2}]
    for text, who, salt in (
        (packed, other, "these"),
        (packed[:-2] + "xx", user, "these"),
        (packed, user, "others"),
    ):
        with pytest.raises(UnreadableTable):
            unpack_rows(text, who, salt=salt)


def test_the_page_shows_what_will_happen_then_does_it(client_of, town):
    browser = client_of(person_with("operator"))
    data = book(("Город Томск", "МАОУ СОШ № 1"))
    page = browser.post(PAGE, {"file": SimpleUploadedFile("школы.xlsx", data)})
    assert not Organisation.objects.exists()
    assert "МАОУ СОШ № 1" in page.content.decode()
    sent = {"rows": page.context["step"].packed, "shown": page.context["step"].plan.digest}
    OrganisationFactory(name="МАОУ СОШ № 1", municipality=town)  # somebody else was faster
    assert "изменились" in browser.post(PAGE, sent).content.decode()
    Organisation.objects.all().delete()
    assert browser.post(PAGE, sent).status_code == 302
    assert Organisation.objects.get().name == "МАОУ СОШ № 1"


def test_the_page_names_the_errors_and_offers_to_choose_again(client_of, town):
    browser = client_of(person_with("administrator"))
    body = browser.post(
        PAGE, {"file": SimpleUploadedFile("x.xlsx", book(("Тверь", "Школа")))}
    ).content.decode()
    assert "Строка 2" in body and "Загрузить</button>" not in body
    assert "это PDF" in browser.post(PAGE, {"file": SimpleUploadedFile("x.xlsx", b"%PDF-1")}).content.decode()
    assert "Приложите файл" in browser.post(PAGE, {}).content.decode()
    assert "Приложите файл" not in browser.get(PAGE).content.decode()
    sample = content_of(browser.get("/admin/accounts/organisation/sample/"))
    assert read_schools(sample)[0]["municipality"] == "Город Томск"


@pytest.mark.parametrize("role", ["auditor", "candidate"])
def test_only_those_who_keep_reference_data_import(client_of, role):
    browser = client_of(person_with(role))
    assert browser.get(PAGE).status_code == (403 if role == "auditor" else 302)
    assert browser.post(PAGE, {}).status_code == (403 if role == "auditor" else 302)


def test_suggestions_are_the_active_ones_of_the_municipality(town):
    OrganisationFactory(name="Вторая", municipality=town)
    OrganisationFactory(name="Первая", municipality=town)
    OrganisationFactory(name="Закрытая", municipality=town, is_active=False)
    OrganisationFactory(name="Чужая")
    assert names_of(town) == ["Вторая", "Первая"]
    assert names_of(None) == []


def test_the_questionnaire_suggests_them(client_of, town):
    OrganisationFactory(name="Школа № 7", municipality=town)
    browser = client_of(person_with("candidate"))
    assert browser.get("/candidate/schools/", {"municipality": town.pk}).json() == {"names": ["Школа № 7"]}
    for wrong in ("", "x", "999999"):
        assert browser.get("/candidate/schools/", {"municipality": wrong}).json() == {"names": []}


@pytest.mark.parametrize("text", ["1027000000016", "102700000001", "abc", "١٢٣٤٥٦٧٨٩٠١٢٣"])
def test_a_wrong_ogrn_is_refused(text):
    check_ogrn(OGRN)
    with pytest.raises(ValidationError):
        check_ogrn(text)


@pytest.mark.parametrize("text", ["7000000011", "700000001", "700000001033"])
def test_a_wrong_inn_is_refused(text):
    check_inn(INN)
    with pytest.raises(ValidationError):
        check_inn(text)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_double_nothing():
    """quality.md: two imports on PostgreSQL with real threads."""
    MunicipalityFactory(name="Город Томск", oktmo="69701000")
    rows = read_schools(book(*[("Город Томск", f"Школа № {number}") for number in range(20)]))
    results = at_once([lambda: import_schools(rows, actor=None)] * 2)
    assert sorted(len(plan.new) for plan in results) == [0, 20]
    assert Organisation.objects.count() == 20
