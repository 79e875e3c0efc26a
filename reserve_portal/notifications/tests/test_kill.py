"""Nothing that was stored is lost and nobody gets a letter twice, whatever is killed when (process.md 10; quality.md).

Real processes, a real mail server, `kill -9`. The one documented window: between the server's 250 and the mark a kill
leads to a second copy, with the same Message-ID.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import OperationalError, connection, transaction

from reserve_portal.core.tests.processes import PortalProcess, portal_process, wait_until
from reserve_portal.notifications.enums import LetterState
from reserve_portal.notifications.models import Letter
from reserve_portal.notifications.services import deliver_letter
from reserve_portal.notifications.tests.factories import LetterFactory
from reserve_portal.notifications.tests.smtp_server import SmtpServer

BEAT = ["-m", "celery", "-A", "reserve_portal", "beat", "--pidfile="]
WORKER = [
    "-m",
    "celery",
    "-A",
    "reserve_portal",
    "worker",
    "-B",
    "--concurrency=1",
    "--without-gossip",
    "--without-mingle",
]
SMTP = "django.core.mail.backends.smtp.EmailBackend"
LETTERS = 12


@dataclass
class Ground:
    """What one kill test stands on: a mail server, the way to start the background process, the rows."""

    server: SmtpServer
    arguments: list[str]
    environment: dict[str, str]
    folder: Path

    def started(self) -> AbstractContextManager[PortalProcess]:
        arguments = [*self.arguments, "--schedule", str(self.folder / "beat-schedule")]
        return portal_process(arguments, self.environment, self.folder / "background.log")

    def deliver_the_rest(self) -> None:
        """A new background process finds whatever the killed one left."""
        with self.started():
            wait_until(lambda: not Letter.objects.exclude(state=LetterState.SENT).exists())


@pytest.fixture
def ground(own_database, tmp_path) -> Callable[[list[str], str], Ground]:
    with SmtpServer() as server:

        def build(arguments: list[str], redis_url: str) -> Ground:
            environment = {
                "DATABASE_URL": own_database,
                "REDIS_URL": redis_url,
                "EMAIL_URL": server.url,
                "LETTER_LEASE_SECONDS": "2",
                "DATA_DIR": str(tmp_path),
                "TEST_KEY_PREFIX": f"{tmp_path.name}:",
            }
            return Ground(server, arguments, environment, tmp_path)

        yield build
    if settings.REDIS_URL:
        with redis.from_url(settings.REDIS_URL) as client:
            for key in client.scan_iter(f"{tmp_path.name}:*"):
                client.delete(key)


@pytest.fixture
def embedded(ground) -> Ground:
    """One `celery beat` that runs the sweeps itself, no broker."""
    return ground(BEAT, "")


@pytest.fixture
def production(ground) -> Ground:
    """A worker on Redis, beat in its process group."""
    assert settings.REDIS_URL, "the suite on PostgreSQL needs REDIS_URL as well"
    return ground(WORKER, settings.REDIS_URL)


def _killed_once(hook: str, ground: Ground, frozen_first: Callable[[PortalProcess], None]) -> None:
    """Start the background process and kill it when the server's `hook` is reached for the third time."""
    reached, killed = [], threading.Event()
    running: list[PortalProcess] = []

    def at_hook() -> None:
        reached.append(1)
        if len(reached) == 3:
            frozen_first(running[0])
            killed.set()

    setattr(ground.server, hook, at_hook)
    with ground.started() as process:
        running.append(process)
        wait_until(killed.is_set)
        if hook == "before_accepting":
            wait_until(lambda: sum(ground.server.copies().values()) == 3)
        process.kill()
    setattr(ground.server, hook, lambda: None)


def _before_the_send(ground: Ground) -> set[str]:
    """Killed with a letter claimed that the server has not got; no letter may come twice."""
    _killed_once("before_mail", ground, PortalProcess.freeze)
    assert sum(ground.server.copies().values()) == 2
    assert Letter.objects.filter(state=LetterState.SENDING).count() == 1
    return set()


def _after_the_250(ground: Ground) -> set[str]:
    """Frozen before the 250 is written, killed after: the server has accepted, the mark was never made."""
    _killed_once("before_accepting", ground, PortalProcess.freeze)
    unmarked = Letter.objects.get(state=LetterState.SENDING)
    assert ground.server.copies()[unmarked.message_id] == 1
    return {unmarked.message_id}


def _between_two_rows(ground: Ground) -> set[str]:
    """Killed while this test holds the lock of writers and sees some letters marked and none claimed."""
    with ground.started() as process:
        wait_until(lambda: Letter.objects.filter(state=LetterState.SENT).exists())
        for _ in range(100_000):
            if _kill_if_between(process):
                break
        else:
            raise AssertionError("never caught between two rows")
    # That nobody had claimed a row was seen under the lock. A claim that stood waiting for the lock may still be
    # carried out by the database after its sender is dead: then the row waits for its lease, unsent.
    states = set(Letter.objects.values_list("state", flat=True))
    assert {LetterState.SENT, LetterState.QUEUED} <= states
    return set()


def _kill_if_between(process: PortalProcess) -> bool:
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(f"LOCK TABLE {Letter._meta.db_table} IN SHARE ROW EXCLUSIVE MODE NOWAIT")
            states = set(Letter.objects.values_list("state", flat=True))
            assert LetterState.QUEUED in states or LetterState.SENDING in states, (
                "all were delivered too fast"
            )
            if states != {LetterState.SENT, LetterState.QUEUED}:
                return False
            process.kill()
            return True
    except OperationalError:
        return False  # a writer has the lock


MOMENTS = pytest.mark.parametrize("kill", [_before_the_send, _after_the_250, _between_two_rows])


def _survives(ground: Ground, kill: Callable[[Ground], set[str]]) -> None:
    letters = [LetterFactory() for _ in range(LETTERS if kill is not _between_two_rows else 5 * LETTERS)]
    twice = kill(ground)
    assert Letter.objects.exclude(state=LetterState.SENT).exists()
    ground.deliver_the_rest()
    assert ground.server.copies() == {
        letter.message_id: 2 if letter.message_id in twice else 1 for letter in letters
    }


@MOMENTS
def test_killed_embedded_process_loses_and_doubles_nothing(embedded, kill):
    """The embedded way: the beat process is killed and started again (issue, Notifications)."""
    _survives(embedded, kill)


@pytest.mark.postgres
@MOMENTS
def test_killed_worker_loses_and_doubles_nothing(production, kill):
    """PostgreSQL + Redis: the worker is killed and another one started (issue, Notifications)."""
    _survives(production, kill)


STORE = """
from django.db import transaction
from reserve_portal.notifications.services import store_letter
with transaction.atomic():
    for n in range(3):
        store_letter("tests", to=None, address="a@example.org", key=str(n), subject_line="Тема", body="Текст")
"""


def test_without_redis_and_mail_server_letters_are_stored_and_wait(ground, settings):
    """The portal goes on, letters wait, and leave when both are back (quality.md, Reliability)."""
    here = ground(BEAT, "")
    nobody_listens = "127.0.0.1:1"
    away = {
        **here.environment,
        "REDIS_URL": f"redis://{nobody_listens}/0",
        "EMAIL_URL": f"smtp://{nobody_listens}",
    }
    with portal_process(["manage.py", "shell", "-c", STORE], away, here.folder / "shell.log") as process:
        wait_until(lambda: not process.runs)
    assert Letter.objects.filter(state=LetterState.QUEUED).count() == 3
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", 1
    assert deliver_letter(Letter.objects.first()) is False
    waiting = Letter.objects.exclude(error="").get()
    assert waiting.state == LetterState.QUEUED and "ConnectionRefusedError" in waiting.error
    Letter.objects.update(next_attempt_at=None)
    here.deliver_the_rest()
    assert sum(here.server.copies().values()) == 3
