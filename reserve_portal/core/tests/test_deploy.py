"""The shipped files of a production installation say the same thing (issue, Production)."""

import re
import subprocess
import sys

import pytest
import yaml
from django.conf import settings

ROOT = settings.BASE_DIR
DEPLOY = ROOT / "reserve_portal" / "deploy"


def _text(path) -> str:
    return path.read_text(encoding="utf-8")


def _serve(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "bin" / "serve"), *arguments],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_process_is_started_by_the_one_starter():
    """Containers and units name a role of bin/serve, never a command line of their own."""
    roles = set(re.findall(r"^    (\w+)\)", _text(ROOT / "bin" / "serve"), re.MULTILINE))
    services = yaml.safe_load(_text(ROOT / "compose.yaml"))["services"]
    own = {name: service for name, service in services.items() if service.get("image") == "reserve-portal"}
    assert own.keys() == {"setup", "web", "worker", "beat"}
    assert {service["command"][0] for service in own.values()} == own.keys() <= roles
    units = {path.name: _text(path) for path in DEPLOY.glob("*.service")}
    started = {
        re.search(r"^ExecStart=/opt/reserve-portal/bin/serve (\w+)$", text, re.M)[1]
        for text in units.values()
    }
    assert started == {"web", "worker", "beat"} <= roles


def test_nginx_and_the_portal_agree_on_the_internal_address():
    site, example = _text(DEPLOY / "nginx-site.conf"), _text(DEPLOY / "portal.env.example")
    (prefix,) = re.findall(r"^X_ACCEL_PREFIX=(\S+)$", example, re.MULTILINE)
    assert re.search(rf"location {prefix} {{\s+internal;", site)
    names = set(re.findall(r"\$\{(\w+)\}", site + _text(DEPLOY / "nginx.conf")))
    assert names == set(
        re.findall(r"\$\{([A-Z_]+)\}", re.search(r"names='(.*)'", _text(DEPLOY / "nginx-start.sh"))[1])
    )
    compose = yaml.safe_load(_text(ROOT / "compose.yaml"))["services"]["nginx"]["environment"]
    assert compose.keys() == names


def test_the_client_of_the_backup_is_as_new_as_the_server():
    """pg_dump refuses a newer server."""
    image = yaml.safe_load(_text(ROOT / "compose.yaml"))["services"]["db"]["image"]
    (server,) = re.findall(r"postgres:(\d+)", image)
    assert f"postgresql-client-{server}" in _text(ROOT / "Dockerfile")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:///portal.sqlite3"}, "share no SQLite"),
        ({"DATABASE_URL": "postgres://localhost/a"}, "REDIS_URL"),
    ],
)
def test_a_production_process_without_its_servers_says_so_in_one_line(environment, words):
    done = _serve("web", **environment)
    assert done.returncode == 1 and words in done.stderr and len(done.stderr.splitlines()) == 1


def test_the_example_of_settings_is_one_that_the_portal_takes():
    """Filled with a key it starts: production, letters by STARTTLS, PostgreSQL, files by nginx."""
    script = (
        "from django.conf import settings as s; print(s.PRODUCTION, s.EMAIL_USE_TLS, s.EMAIL_HOST_USER, "
        "s.DATABASES['default']['ENGINE'], s.X_ACCEL_PREFIX, s.DEFAULT_FROM_EMAIL)"
    )
    shell = f'set -a; . "{DEPLOY}/portal.env.example"; SECRET_KEY={"k" * 50}; exec "$0" -c "$1"'
    done = subprocess.run(
        ["/bin/sh", "-c", shell, sys.executable, script],
        env={"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "reserve_portal.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split(maxsplit=5) == [
        "True", "True", "portal@example.org", "django.db.backends.postgresql", "/private-files/",
        "Кадровый резерв <portal@example.org>\n",
    ], done.stderr  # fmt: skip


def test_an_unknown_role_is_answered_with_those_there_are():
    done = _serve("database", DATABASE_URL="postgres://localhost/a", REDIS_URL="redis://localhost")
    assert done.returncode == 2 and "web | worker | beat" in done.stderr
