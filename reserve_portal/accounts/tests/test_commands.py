"""What an administrator does at the machine: the first account, a lost second factor (issue, Production)."""

import io

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from django.core.management import CommandError, call_command
from django.test import Client

from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import PASSWORD, person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.notifications.models import Letter

pytestmark = pytest.mark.django_db


def _said(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_first_administrator_sets_a_password_by_the_printed_link():
    """No mail server is needed for it, and no password stands in a shell's history."""
    link = _said("create_administrator", "Chief@Example.org", "--last-name", "Иванова").split()[-1]
    chief = User.objects.get()
    assert (chief.email, chief.last_name, chief.roles) == ("chief@example.org", "Иванова", {"administrator"})
    assert AuditEvent.objects.filter(action="accounts.create_person", person=chief).exists()
    browser = Client()
    page = browser.get(link.replace("http://127.0.0.1:8000", ""), follow=True)
    browser.post(page.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    chief.refresh_from_db()
    assert chief.check_password(PASSWORD)
    assert Client().get(link.replace("http://127.0.0.1:8000", ""), follow=True).context["token_fail"]


def test_asking_again_gives_the_link_again_until_there_is_a_password():
    """The first command may have been lost with its terminal; somebody's password is never touched."""
    assert "http" in _said("create_administrator", "chief@example.org")
    assert "http" in _said("create_administrator", "chief@example.org")
    operator = person_with("operator", password=PASSWORD)
    assert "http" not in _said("create_administrator", operator.email)
    assert User.objects.get(pk=operator.pk).roles == {"operator", "administrator"}
    assert User.objects.count() == 2


def test_an_address_that_is_none_is_refused():
    with pytest.raises(CommandError, match="Не похоже на адрес"):
        call_command("create_administrator", "chief")


def test_a_lost_second_factor_is_reset_on_record_and_the_person_is_told():
    """Recovery codes go with it; the next sign-in asks for a new factor (quality.md, Security)."""
    user, other = person_with("operator"), person_with("operator")
    for person in (user, other):
        TOTP.activate(person, generate_totp_secret())
        RecoveryCodes.activate(person)
    assert "сброшен" in _said("reset_second_factor", user.email.upper())
    assert not is_mfa_enabled(user) and Authenticator.objects.filter(user=other).count() == 2
    assert AuditEvent.objects.get(action="accounts.reset_second_factor").person == user
    letter = Letter.objects.get(to=user)
    assert letter.subject_line == "Второй фактор сброшен" and "смените пароль" in letter.body


def test_nothing_to_reset_is_said_and_not_recorded():
    user = person_with("operator")
    with pytest.raises(CommandError, match="не включён"):
        call_command("reset_second_factor", user.email)
    with pytest.raises(CommandError, match="Нет человека"):
        call_command("reset_second_factor", "nobody@example.org")
    assert not AuditEvent.objects.filter(action="accounts.reset_second_factor").exists()
