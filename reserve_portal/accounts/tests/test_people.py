"""People, roles and reference data (process.md 1)."""

from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from reserve_portal.accounts.enums import ADMIN_ROLES, PRIVATE_ROLES, Role
from reserve_portal.accounts.models import Municipality, Organisation, User
from reserve_portal.accounts.services import load_municipalities
from reserve_portal.accounts.tests.factories import (
    PASSWORD,
    MunicipalityFactory,
    OrganisationFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("region", "count", "one"), [("70", 20, "Томск"), ("56", 42, "Оренбург")])
def test_a_regions_municipalities_load_once(region, count, one):
    """By OKTMO; a second load changes nothing."""
    assert load_municipalities(region) == count
    load_municipalities(region)
    assert Municipality.objects.count() == count
    assert Municipality.objects.filter(name__icontains=one).exists()
    assert all(row.oktmo.isdigit() and len(row.oktmo) == 8 for row in Municipality.objects.all())


def test_both_regions_fit_beside_each_other():
    """OKTMO is unique in the whole country."""
    assert load_municipalities("70") + load_municipalities("56") == Municipality.objects.count()


def test_a_region_without_data_is_named():
    """A third region enters its municipalities in the admin."""
    with pytest.raises(LookupError, match="99"):
        load_municipalities("99")


def test_a_name_corrected_by_hand_comes_back_with_the_next_load():
    """The list is the source."""
    load_municipalities("70")
    row = Municipality.objects.first()
    name = row.name
    Municipality.objects.filter(pk=row.pk).update(name="Другое")
    load_municipalities("70")
    row.refresh_from_db()
    assert row.name == name


@pytest.mark.parametrize("role", Role.values)
def test_what_a_role_means_to_the_machinery(role):
    """Who works in the admin, who needs a second factor."""
    user = person_with(role)
    assert user.has_role(role) and user.has_any_role("nobody", role) and not user.has_role("nobody")
    assert user.is_staff is (role in ADMIN_ROLES)
    assert user.needs_second_factor is (role not in PRIVATE_ROLES)


@pytest.mark.parametrize("role", Role.values)
def test_the_admin_is_for_operator_administrator_and_auditor(role, client_of):
    """The others work on portal pages."""
    answer = client_of(person_with(role)).get("/admin/accounts/user/")
    expected = {"operator": 200, "administrator": 200, "auditor": 403}.get(role, 302)
    assert answer.status_code == expected


def test_roles_are_read_once_for_a_loaded_person(django_assert_num_queries):
    """A page asks many times."""
    user = User.objects.get(pk=UserFactory(roles=["operator", "mentor"]).pk)
    with django_assert_num_queries(1):
        assert user.has_role("operator") and user.has_role("mentor") and user.needs_second_factor


@pytest.mark.parametrize(
    ("fields", "full", "short", "greeting"),
    [
        (("Иванова", "Анна", "Сергеевна"), "Иванова Анна Сергеевна", "А. С. Иванова", "Анна Сергеевна"),
        (("Ли", "Юн", ""), "Ли Юн", "Ю. Ли", "Юн"),
        (("", "", ""), "", "", "p@example.org"),
    ],
)
def test_names_as_papers_and_letters_write_them(fields, full, short, greeting):
    """Full in lists, initials before the surname under papers, name and patronymic in letters."""
    last, first, patronymic = fields
    user = UserFactory(email="p@example.org", last_name=last, first_name=first, patronymic=patronymic)
    assert (user.full_name, user.short_name, user.greeting) == (full, short, greeting)
    assert str(user) == (full or "p@example.org")


def test_an_address_is_taken_once_whatever_its_case():
    """One person, one account."""
    UserFactory(email="One@Example.org")
    with pytest.raises(ValidationError, match="уже зарегистрирован"):
        User(email="one@example.org", last_name="А", first_name="Б").validate_unique()
    assert User.objects.get_by_natural_key("ONE@example.org").email == "one@example.org"


def test_an_organisation_has_its_name_once_in_a_municipality():
    """«Школа № 1» stands in many municipalities, in each of them once."""
    school = OrganisationFactory(name="Школа № 1")
    OrganisationFactory(name="Школа № 1", municipality=MunicipalityFactory())
    double = Organisation(name="Школа № 1", municipality=school.municipality)
    with pytest.raises(ValidationError, match="уже есть организация с таким названием"):
        double.full_clean()


@pytest.mark.parametrize("words", ["ёлкин", "ЕЛКИН", "петр", "elkin@"])
def test_people_are_found_by_any_spelling(words, client_of):
    """Case and ё do not matter, on SQLite either (pitfalls.md 5)."""
    UserFactory(last_name="Ёлкин", first_name="Пётр", email="elkin@example.org")
    UserFactory(last_name="Иванов", first_name="Илья")
    page = client_of(person_with("operator", last_name="Оператор")).get("/admin/accounts/user/", {"q": words})
    html = page.content.decode()
    assert "Ёлкин Пётр" in html and "Иванов Илья" not in html


def test_createsuperuser_makes_an_administrator(monkeypatch):
    """The first person of a new installation."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser",
        interactive=False,
        email="first@example.org",
        last_name="Первый",
        first_name="Админ",
        stdout=StringIO(),
    )
    user = User.objects.get()
    assert user.has_role("administrator") and user.is_staff and user.check_password(PASSWORD)
