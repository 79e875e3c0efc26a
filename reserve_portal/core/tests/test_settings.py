"""Secure by default: production is what nobody asked to be otherwise (issue, The ground)."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PRODUCTION = {
    "SECRET_KEY": "a-key-of-this-test-only-that-is-long-enough-for-the-check-0123456789",
    "SITE_URL": "https://reserve.example.org",
    "ALLOWED_HOSTS": "reserve.example.org",
}
UNSET = ("LIVING_EXAMPLE", "FAST_PASSWORDS", "DEBUG", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL")


def _python(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_djangos_deployment_check_has_no_word_to_say():
    """HSTS, secure cookies, redirect to https, a real key, debug off."""
    done = _python(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["manage.py", "check"],
        ["-c", "import reserve_portal.wsgi"],
        ["-m", "celery", "-A", "reserve_portal", "beat", "--pidfile="],
    ],
    ids=["manage.py", "web", "background"],
)
def test_without_a_secret_key_nothing_starts_and_one_line_says_why(arguments):
    """There is no default key that somebody could forget to change."""
    done = _python(arguments, {"DJANGO_SETTINGS_MODULE": "reserve_portal.settings"})
    assert done.returncode != 0
    (line,) = [text for text in done.stderr.splitlines() if text.strip()]
    assert line.startswith("Не задан SECRET_KEY")


FACTS = """
from django.conf import settings as s
print(s.DEBUG, s.PRODUCTION, s.SECOND_FACTOR_REQUIRED, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
      s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0, bool(s.ACCOUNT_RATE_LIMITS), "MD5" in s.PASSWORD_HASHERS[0])
"""


@pytest.mark.parametrize("extra", [{}, {"FAST_PASSWORDS": "true"}])
def test_production_is_the_default_and_test_shortcuts_do_not_reach_it(extra):
    """A variable meant for tests weakens nothing where the living example was not asked for."""
    script = ["-c", "import django; django.setup()\n" + FACTS]
    done = _python(script, {**PRODUCTION, **extra, "DJANGO_SETTINGS_MODULE": "reserve_portal.settings"})
    assert done.stdout.split() == ["False", *["True"] * 7, "False"], done.stderr
