"""Holes that were found once and stay shut (quality.md, Security and privacy)."""

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory

from reserve_portal.accounts.tests.factories import UserFactory, person_with
from reserve_portal.core.middleware import ClientAddressMiddleware

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("lookup", ["password__startswith", "password", "email__endswith", "is_superuser"])
def test_a_column_that_is_no_filter_cannot_be_guessed_letter_by_letter(people, client_of, lookup):
    """A list that shrinks or not would tell an operator the administrator's password hash."""
    answer = client_of(people["operator"]).get("/admin/accounts/user/", {lookup: "1"})
    assert answer.status_code == 400


def test_the_filters_of_a_list_go_on_working(people, client_of):
    answer = client_of(people["operator"]).get(
        "/admin/accounts/user/", {"is_active__exact": "1", "role": "auditor"}
    )
    assert answer.status_code == 200
    assert [user.pk for user in answer.context["cl"].queryset] == [people["auditor"].pk]


def test_an_auditor_cannot_ask_the_questionnaire_of_an_application(people, client_of):
    """process.md 12: the auditor reads no private papers, and the snapshot holds the questionnaire."""
    answer = client_of(people["auditor"]).get(
        "/admin/candidates/application/", {"snapshot__profile__phone__startswith": "+7"}
    )
    assert answer.status_code == 400


def test_no_page_of_a_library_shows_secrets_or_gives_roles_unrecorded():
    """A superuser could read the keys of second factors and change groups past the audit trail."""
    shown = {model._meta.label for model in admin.site._registry}
    assert not shown & {"mfa.Authenticator", "account.EmailAddress", "auth.Group"}


@pytest.mark.parametrize("address", ["/home/", "/letters/", "/"])
def test_what_a_signed_in_person_sees_stays_in_no_cache(client_of, address):
    """Computers of schools and offices are shared."""
    assert client_of(UserFactory(candidate=True)).get(address)["Cache-Control"] == "private, no-store"


def test_public_pages_of_strangers_may_be_cached():
    assert "no-store" not in Client().get("/").headers.get("Cache-Control", "")


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "198.51.100.7", "127.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "10.9.9.9, 198.51.100.7", "198.51.100.7"),  # the left one was made up by the client
        (2, "10.9.9.9, 198.51.100.7, 203.0.113.5", "198.51.100.7"),
        (2, "198.51.100.7", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_behind_proxies_the_address_is_that_of_the_client_and_not_to_be_forged(
    settings, proxies, header, expected
):
    """Throttling, consents (152-FZ) and the audit trail rest on it."""
    settings.PROXY_COUNT = proxies
    headers = {"x-forwarded-for": header} if header else {}
    request = RequestFactory(headers=headers).get("/")
    ClientAddressMiddleware(lambda seen: seen)(request)
    assert request.META["REMOTE_ADDR"] == expected


@pytest.mark.parametrize(
    ("address", "reader"),
    [("/admin/audit/auditevent/", "auditor"), ("/admin/notifications/letter/", "operator")],
)
def test_an_administrator_reads_neither_letters_nor_the_audit_trail(client_of, address, reader):
    """process.md 12: users, editions, reference data and no papers."""
    assert client_of(person_with("administrator")).get(address).status_code == 403
    assert client_of(person_with(reader)).get(address).status_code == 200
