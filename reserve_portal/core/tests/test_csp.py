"""A strict Content-Security-Policy holds on every page, the admin included; nothing of ours needs an exception."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from reserve_portal.accounts.services import create_person

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
INLINE = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", re.I),
    "inline style element": re.compile(r"<style\b", re.I),
    "inline style": re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.I),
    "handler in markup": re.compile(r"<[a-z][^<>]*\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=", re.I),
    "javascript address": re.compile(r"(?:href|action|src)\s*=\s*[\"']?\s*javascript:", re.I),
    "another host": re.compile(
        r"<(?:script|link|img|iframe|source|embed)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//", re.I
    ),
}
STRANGERS_PAGES = [
    "/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/confirm-email/",
    "/accounts/inactive/",
    "/papers/check/",
    "/papers/check/?number=1",
    "/reading/",
    "/letters/example/",
    "/admin/login/",
    "/no-such-page/",
]
OPERATORS_PAGES = [
    "/home/",
    "/letters/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/logout/",
    "/admin/",
    "/admin/accounts/user/",
    "/admin/pages/publicpage/add/",
    "/admin/pages/newsitem/add/",
]
OPERATOR = {"login": "op@portal.example", "password": "long-enough-word-7"}
EXPECTED = {
    "default-src": {"'self'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "object-src": {"'none'"},
    "base-uri": {"'none'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
}


def policy(header: str) -> dict[str, set[str]]:
    """The policy as {directive: sources}; the order of directives varies."""
    parts = (part.split() for part in header.split(";") if part.strip())
    return {name: set(sources) for name, *sources in parts}


def offences(html: str) -> list[str]:
    return [
        f"{what}: {found.group(0)[:80]}" for what, rule in INLINE.items() for found in rule.finditer(html)
    ]


@pytest.fixture
def operator_client(db, client: Client) -> Client:
    roles = ["operator", "administrator", "auditor"]
    create_person(
        OPERATOR["login"],
        roles=roles,
        actor=None,
        password=OPERATOR["password"],
        last_name="Орлова",
        first_name="Ольга",
    )
    client.post(reverse("account_login"), OPERATOR)
    return client


def test_the_rules_of_this_test_find_what_they_forbid():
    assert (
        offences('<a style="x">')
        and offences("<style>")
        and offences("<script>")
        and offences('<p onclick="x">')
    )
    assert offences('<script src="https://cdn.example/x.js"></script>') and offences(
        '<a href="javascript:x()">'
    )
    assert not offences('<script src="/static/x.js" defer></script><p class="style">style="x"</p>')


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_no_template_holds_inline_code_or_anything_of_another_host(path: Path):
    assert offences(path.read_text(encoding="utf-8")) == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", STRANGERS_PAGES)
def test_a_strangers_page_bears_the_strict_policy_and_no_inline_code(client: Client, address: str):
    response = client.get(address)
    assert policy(response["Content-Security-Policy"]) == EXPECTED
    assert offences(response.content.decode()) == []


@pytest.mark.parametrize("address", OPERATORS_PAGES)
def test_an_operators_page_bears_the_strict_policy_and_no_inline_code(operator_client: Client, address: str):
    response = operator_client.get(address)
    assert response.status_code == 200
    assert policy(response["Content-Security-Policy"]) == EXPECTED
    assert offences(response.content.decode()) == []


def test_the_page_that_shows_the_secret_of_the_second_factor_obeys_the_policy(operator_client: Client):
    """The QR code is a data picture, which the policy allows, and no script draws it."""
    operator_client.post(reverse("account_reauthenticate"), {"password": OPERATOR["password"]})
    response = operator_client.get(reverse("mfa_activate_totp"))
    html = response.content.decode()
    assert response.status_code == 200
    assert 'src="data:image/svg+xml' in html
    assert offences(html) == []


def test_htmx_never_evaluates_text():
    base = (Path(settings.BASE_DIR) / "templates/base.html").read_text(encoding="utf-8")
    assert '"allowEval": false' in base and '"includeIndicatorStyles": false' in base
