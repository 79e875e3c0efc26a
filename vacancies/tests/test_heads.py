"""Heads of the organisations: forecast, import, and how the case changes them (T8; process.md 8 and 12)."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from reserve_portal.accounts.models import Municipality, Organisation, User
from reserve_portal.accounts.tests.factories import OrganisationFactory, person_with
from reserve_portal.core import clock
from reserve_portal.core.spreadsheets import UnreadableTable
from reserve_portal.regulations.models import Edition
from vacancies.forecast import Known, forecast, is_head_post, pension_year
from vacancies.models import OrganisationHead
from vacancies.services.appointment import decide_agreement, fall_through, record_appointment
from vacancies.services.cases import cancel_vacancy
from vacancies.services.heads_import import COLUMNS, import_heads, plan_heads, read_heads

from .factories import make_commission, make_official, make_reservist, make_vacancy, recommended
from .test_pages import queries_of, signed, text

HEADINGS = list(COLUMNS)
ROW = {
    "line": 2,
    **dict.fromkeys(COLUMNS.values(), ""),
    "name": "Ромашкина Анна Сергеевна",
    "contract_until": "31.08.2027",
    "birth_year": "14.05.1970",
}


@pytest.fixture
def official(db: None) -> User:
    return make_official()


@pytest.fixture
def school(official: User) -> Organisation:
    return OrganisationFactory(municipality=official.municipality)


def book(*rows: tuple[object, ...], headings: list[str] = HEADINGS) -> bytes:
    workbook, out = Workbook(), BytesIO()
    sheet = workbook.active
    for row in (headings, *rows):
        sheet.append(row)
    workbook.save(out)
    return out.getvalue()


def head_of(
    organisation: Organisation, name: str = "Прежний Олег Ильич", **fields: object
) -> OrganisationHead:
    return OrganisationHead.objects.create(organisation=organisation, name=name, **fields)


def current(organisation: Organisation) -> str | None:
    return (
        OrganisationHead.objects.current()
        .filter(organisation=organisation)
        .values_list("name", flat=True)
        .first()
    )


# --- the forecast


@pytest.mark.parametrize(
    ("name", "birth_year", "year"),
    [
        ("Ильин Олег Павлович", 1963, 2028),
        ("Ильин Олег Павлович", 1962, 2026),
        ("Ильин Олег Павлович", 1961, 2024),
        ("Ильина Анна Павловна", 1968, 2028),
        ("Ильина Анна Павловна", 1967, 2026),
        ("Ильина Анна Ильинична", 1980, 2040),
        ("Ильин", 1980, 2045),
    ],
)
def test_pension_age_of_the_cohort(name: str, birth_year: int, year: int) -> None:
    """400-ФЗ, annex 6: the last cohorts of the transition and those after it."""
    assert pension_year(birth_year, name) == year


def test_each_head_counts_once_by_what_comes_first() -> None:
    man = "Ильин Олег Павлович"
    found = forecast(
        [
            Known(man, date(2027, 8, 31), 1980),
            Known(man, date(2040, 8, 31), 1963),
            Known(man, date(2020, 8, 31), None),
            Known(man, date(2028, 8, 31), 1963),
            Known(man, date(2039, 1, 1), None),
            Known(man, None, None),
        ],
        this_year=2026,
    )
    assert [(year.year, year.contract, year.pension) for year in found.years] == [
        (2026, 1, 0),
        (2027, 1, 0),
        (2028, 1, 1),
        (2029, 0, 0),
        (2030, 0, 0),
        (2031, 0, 0),
    ]
    assert (found.later, found.unknown) == (1, 1)


@pytest.mark.parametrize(
    ("post", "kind", "is_head"),
    [
        ("Директор", "school", True),
        ("Заведующая", "preschool", True),
        ("Заместитель директора", "school", False),
        ("Методист", "school", False),
        ("Начальник отдела", "authority", False),
    ],
)
def test_which_post_is_the_heads(post: str, kind: str, is_head: bool) -> None:
    assert is_head_post(post, kind) is is_head


# --- the case changes the head


def test_report_frees_the_post_and_cancelling_gives_it_back(
    tomsk: Edition, official: User, school: Organisation
) -> None:
    """T8: the head left on the day on which the vacancy arose."""
    head_of(school)
    vacancy = make_vacancy(tomsk, official=official, organisation=school)
    assert current(school) is None
    assert OrganisationHead.objects.get().left_on == vacancy.arose_on
    cancel_vacancy(vacancy, actor=official, reason="ошибка")
    assert current(school) == "Прежний Олег Ильич"


def test_vacancy_of_a_deputy_leaves_the_head(tomsk: Edition, official: User, school: Organisation) -> None:
    head_of(school)
    make_vacancy(tomsk, official=official, organisation=school, post="Заместитель директора")
    assert current(school) == "Прежний Олег Ильич"


def test_appointment_installs_the_head_until_it_falls_through(
    tomsk: Edition, operator: User, official: User, school: Organisation
) -> None:
    """process.md 8.5: the appointment names the new head, one that falls through takes the name away."""
    make_commission(tomsk)
    head_of(school)
    vacancy = make_vacancy(tomsk, official=official, organisation=school)
    referral = recommended(vacancy, make_reservist(tomsk), operator)
    decide_agreement(referral, agreed=True, number="7", dated=clock.today(), actor=person_with("authority"))
    appointment = record_appointment(
        vacancy,
        referral=referral,
        order_number="1",
        order_dated=clock.today(),
        contract_until=date(2029, 8, 31),
        actor=official,
    )
    head = OrganisationHead.objects.current().get()
    assert (head.name, head.since, head.contract_until) == (
        referral.reservist.user.full_name,
        clock.today(),
        date(2029, 8, 31),
    )
    fall_through(appointment, actor=official, reason="отказался")
    assert current(school) is None
    vacancy.refresh_from_db()
    cancel_vacancy(vacancy, actor=official, reason="прежний остался")
    assert current(school) == "Прежний Олег Ильич"


# --- the table


def test_import_adds_changes_and_doubles_nothing(official: User, school: Organisation) -> None:
    town = official.municipality
    rows = [{**ROW, "organisation": school.name.upper()}]
    import_heads(rows, municipality=town, actor=official)
    head = OrganisationHead.objects.get()
    assert (head.name, head.contract_until, head.birth_year) == (ROW["name"], date(2027, 8, 31), 1970)
    assert plan_heads(rows, municipality=town).same == 1
    later = [{**rows[0], "contract_until": "2028-08-31", "birth_year": ""}]
    plan = import_heads(later, municipality=town, actor=official)
    assert plan.changed[0][1] == ["Окончание договора: 31.08.2027 → 31.08.2028"]
    head.refresh_from_db()
    assert (head.contract_until, head.birth_year) == (date(2028, 8, 31), 1970)
    import_heads([{**rows[0], "name": "Другой Пётр"}], municipality=town, actor=official)
    assert current(school) == "Другой Пётр" and OrganisationHead.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"organisation": "Нет такой"}, "нет в справочнике"),
        ({"municipality": "Нет такого"}, "нет в справочнике"),
        ({"name": ""}, "не указан руководитель"),
        ({"since": "вчера"}, "не дата"),
        ({"since": "01.01.2030"}, "ещё не наступил"),
        ({"since": "01.01.2026", "contract_until": "01.01.2025"}, "раньше"),
        ({"birth_year": "2020"}, "проверьте"),
        ({"birth_year": "давно"}, "не дата"),
    ],
)
def test_errors_name_the_row_and_nothing_is_stored(
    official: User, school: Organisation, fields: dict[str, str], words: str
) -> None:
    good = OrganisationFactory(municipality=official.municipality)
    rows = [{**ROW, "organisation": good.name}, {**ROW, "line": 3, "organisation": school.name, **fields}]
    plan = plan_heads(rows, municipality=official.municipality)
    assert [line for line, _ in plan.errors] == [3] and words in plan.errors[0][1]
    with pytest.raises(ValueError, match="errors"):
        import_heads(rows, municipality=official.municipality, actor=official)
    assert not OrganisationHead.objects.exists()


def test_foreign_school_doubled_row_and_vacant_post_are_errors(
    tomsk: Edition, official: User, school: Organisation
) -> None:
    """process.md 12: a municipality touches its own organisations alone."""
    foreign = OrganisationFactory(ogrn="1027000000000")
    make_vacancy(
        tomsk,
        official=official,
        organisation=OrganisationFactory(name="Вакантная", municipality=official.municipality),
    )
    rows = [
        {**ROW, "line": 2, "organisation": "x", "ogrn": foreign.ogrn},
        {**ROW, "line": 3, "organisation": foreign.name, "municipality": foreign.municipality.name},
        {**ROW, "line": 4, "organisation": school.name},
        {**ROW, "line": 5, "organisation": school.name},
        {**ROW, "line": 6, "organisation": "Вакантная"},
    ]
    plan = plan_heads(rows, municipality=official.municipality)
    assert [line for line, _ in plan.errors] == [2, 3, 5, 6]
    assert "строке 4" in plan.errors[2][1] and "вакантна" in plan.errors[3][1]


def test_headings_that_are_needed(db: None) -> None:
    data = book(("Школа", "Ильин"), headings=["Организация", "Руководитель"])
    assert read_heads(data, municipality=Municipality())[0]["name"] == "Ильин"
    with pytest.raises(UnreadableTable, match="Муниципальное образование"):
        read_heads(data, municipality=None)


# --- the pages


def test_municipality_loads_its_heads_and_sees_the_forecast(
    tomsk: Edition, official: User, school: Organisation
) -> None:
    client, page = signed(official), reverse("vacancies:heads_import")
    data = book(("", school.name, "", "Ромашкина Анна", None, date(2027, 8, 31), 1970))
    shown = client.post(page, {"file": SimpleUploadedFile("руководители.xlsx", data)})
    plan = shown.context["plan"]
    assert plan.is_open and not OrganisationHead.objects.exists()
    sent = {"rows": shown.context["packed"], "shown": plan.digest}
    assert client.post(page, {**sent, "shown": "other"}).status_code == 200
    altered = {**sent, "rows": sent["rows"] + "x"}
    assert "загрузите таблицу ещё раз" in text(client.post(page, altered))
    assert not OrganisationHead.objects.exists()
    assert client.post(page, sent).status_code == 302
    listed = text(client.get(reverse("vacancies:heads"), {"q": "РОМАШ"}))
    assert "Ромашкина Анна" in listed and "31.08.2027" in listed
    assert "<svg" in listed and "Прогноз вакансий по годам" in listed
    assert "style=" not in listed[listed.index("<svg") : listed.index("</svg>")]


def test_municipality_enters_one_head_by_hand(tomsk: Edition, official: User, school: Organisation) -> None:
    """process.md 8: the same checks as for a row; a new name is a successor, an empty field changes nothing."""
    client, address = signed(official), reverse("vacancies:head_enter")
    foreign = OrganisationFactory()
    told = {"organisation": school.pk, "name": "Ромашкина Анна Сергеевна", "birth_year": "1970"}
    assert "Выберите корректный вариант" in text(client.post(address, told | {"organisation": foreign.pk}))
    assert "1870 — проверьте" in text(client.post(address, told | {"birth_year": "1870"}))
    assert not OrganisationHead.objects.exists()
    assert client.post(address, told | {"contract_until": "2027-08-31"}).status_code == 302
    form = text(client.get(f"{address}?organisation={school.pk}"))
    assert 'value="Ромашкина Анна Сергеевна"' in form and 'value="2027-08-31"' in form
    assert "Изменить" in text(client.get(reverse("vacancies:heads")))
    client.post(address, told | {"birth_year": "1971"})
    head = OrganisationHead.objects.get()
    assert (head.birth_year, head.contract_until) == (1971, date(2027, 8, 31))
    client.post(address, told | {"name": "Новый Пётр Ильич", "since": "2026-03-02"})
    assert current(school) == "Новый Пётр Ильич" and OrganisationHead.objects.count() == 2


def test_municipality_sees_own_heads_alone(tomsk: Edition, official: User, school: Organisation) -> None:
    """process.md 12: own municipality; department, operator and auditor all."""
    head_of(school, "Свой Иван")
    head_of(OrganisationFactory(), "Чужой Иван")
    page = reverse("vacancies:heads")
    assert "Чужой Иван" not in text(signed(official).get(page))
    for role in ("operator", "authority", "auditor"):
        assert "Чужой Иван" in text(signed(person_with(role)).get(page))


def test_list_of_heads_costs_the_same_queries(tomsk: Edition, official: User) -> None:
    counts = []
    for extra in (1, 2):
        for _ in range(extra):
            head_of(OrganisationFactory(municipality=official.municipality), birth_year=1970)
        counts.append(queries_of(signed(official), reverse("vacancies:heads")))
    assert counts[0] == counts[1]


def test_list_says_by_how_many_working_days_a_report_was_late(tomsk: Edition, official: User) -> None:
    """T8: seven working days; the list shows lateness beside the date."""
    make_vacancy(tomsk, official=official, arose_on=date(2026, 2, 25))
    assert "позже срока на" in text(signed(official).get(reverse("vacancies:list")))
