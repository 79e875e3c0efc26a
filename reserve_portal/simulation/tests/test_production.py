"""The production way, as shipped: PostgreSQL, Redis, nginx, two web processes, two workers; one of each is killed.

Nothing confirmed is lost, nobody is signed out, files are found by both (issue, Production; quality.md, Reliability).
"""

import hashlib
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import redis
from django.conf import settings as portal_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import close_old_connections
from django.urls import reverse

from candidates.models import Application, PackageFile, Profile
from candidates.services.applications import add_file, slots_of
from candidates.tests.applying import campaign, draft, person, picture
from reserve_portal.accounts.models import User
from reserve_portal.core import clock
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.core.tests.processes import wait_until
from reserve_portal.notifications.enums import LetterState
from reserve_portal.notifications.models import Letter
from reserve_portal.notifications.tests.factories import LetterFactory
from reserve_portal.notifications.tests.smtp_server import SmtpServer
from reserve_portal.regulations.tests.editions import load_edition_quickly
from reserve_portal.simulation.tests.production import (
    DEPLOY,
    HOST,
    PATIENCE,
    TOKEN,
    Browser,
    Production,
    Unreachable,
)

PASSWORD = "correct-horse-battery"
PEOPLE = 4
LETTERS = 30


@dataclass
class Load:
    """A candidate who goes on saving and uploading, and remembers what the portal confirmed."""

    application: Application
    file: PackageFile
    browser: Browser
    saved: int = 0
    asked: int = 0
    uploads: int = 0
    read: int = 0
    trouble: list[str] = field(default_factory=list)

    def go_on(self, stop: threading.Event) -> None:
        version = 0
        while not stop.is_set() and not self.trouble:
            try:
                version = self._save(version)
                self._read()
                if self.asked % 5 == 1:
                    self._upload()
            except Unreachable:
                time.sleep(0.1)
            except Exception as error:  # a thread's failure must reach the test
                self.trouble.append(repr(error))

    def _save(self, version: int) -> int:
        self.asked += 1
        address = reverse("candidates:save_field", args=[self.application.pk, "post"])
        answer = self.browser.ask(address, {"post": f"учитель {self.asked}", "version": version})
        self._expect(answer.status == 200, f"saving: {answer.status}")
        if "Сохранено в" in answer.text:
            self.saved = self.asked
        (now,) = re.findall(r'name="version" id="id_version" value="(\d+)"', answer.text)
        return int(now)

    def _read(self) -> None:
        answer = self.browser.ask(reverse("candidates:download", args=[self.file.pk]))
        self._expect(answer.status == 200, f"reading: {answer.status}")
        self._expect(hashlib.sha256(answer.body).hexdigest() == self.file.sha256, "reading: other content")
        self.read += 1

    def _upload(self) -> None:
        address = reverse("candidates:upload", args=[self.application.pk, self.file.item_id])
        file = SimpleUploadedFile(f"{self.asked}.png", picture(), "image/png")
        answer = self.browser.ask(address, {"files": file})
        self._expect(answer.status == 302, f"uploading: {answer.status}")
        self.uploads += 1

    def _expect(self, holds: bool, words: str) -> None:
        if not holds:
            self.trouble.append(words)


@pytest.fixture
def production(own_database, tmp_path, settings):
    """The portal of four candidates, each with a draft and a file in it."""
    assert portal_settings.REDIS_URL, "the suite on PostgreSQL needs REDIS_URL as well"
    settings.MEDIA_ROOT = tmp_path / "files"
    with (
        SmtpServer() as server,
        Production(tmp_path, own_database, portal_settings.REDIS_URL, server.url) as started,
    ):
        yield started, server
    with redis.from_url(portal_settings.REDIS_URL) as client:
        for key in client.scan_iter(f"{tmp_path.name}:*"):
            client.delete(key)


@pytest.fixture
def candidates(own_database, tmp_path, settings) -> list[tuple[Application, PackageFile]]:
    settings.MEDIA_ROOT = tmp_path / "files"
    load_calendar_quickly()
    load_edition_quickly("tomsk")
    now, month = clock.now(), timedelta(days=30)
    running = campaign(opens_at=now - month, closes_at=now + month)
    password = PBKDF2PasswordHasher().encode(PASSWORD, "salt-of-the-test", iterations=1000)
    found = []
    for number in range(PEOPLE):
        application = draft(person(f"candidate{number}@example.org"), of=running)
        User.objects.filter(pk=application.user_id).update(password=password)
        item = slots_of(application)[0]
        file = add_file(item, name="a.png", data=picture(), actor=application.user)
        found.append((application, PackageFile.objects.get(pk=file.pk)))
    return found


@pytest.mark.postgres
def test_one_web_process_and_one_worker_are_killed_under_load(candidates, production):
    """Two web processes and two workers on PostgreSQL, Redis and nginx; `kill -9` of one each while people work."""
    portal, server = production
    loads = [
        Load(application, file, Browser(portal).sign_in(application.user.email, PASSWORD))
        for application, file in candidates
    ]
    sessions = [load.browser.cookie("sessionid") for load in loads]
    letters = [LetterFactory() for _ in range(LETTERS)]
    stop = threading.Event()
    threads = [threading.Thread(target=load.go_on, args=(stop,)) for load in loads]
    for thread in threads:
        thread.start()
    try:
        wait_until(
            lambda: all(load.read >= 2 for load in loads) and sum(server.copies().values()) >= 3, PATIENCE
        )
        portal.web[0].kill()
        portal.worker[0].kill()
        in_flight = set(Letter.objects.filter(state=LetterState.SENDING).values_list("message_id", flat=True))
        before = [load.saved for load in loads]
        letters += [LetterFactory() for _ in range(LETTERS)]
        wait_until(
            lambda: all(load.saved > then + 2 for load, then in zip(loads, before, strict=True)), PATIENCE
        )
        portal.start_web(0)
        wait_until(lambda: portal.answers(portal.web_ports[0]), PATIENCE)
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
    assert [load.trouble for load in loads] == [[]] * PEOPLE, portal.logs()
    close_old_connections()

    nobody_was_signed_out(loads, sessions)
    every_confirmed_write_is_there(loads)
    files_are_found_by_both(portal, loads)
    every_letter_left_once(server, letters, in_flight)
    what_nginx_and_the_portal_say(portal, loads)


def nobody_was_signed_out(loads, sessions) -> None:
    assert [load.browser.cookie("sessionid") for load in loads] == sessions
    for load in loads:
        assert load.browser.insist(reverse("candidates:my")).status == 200


def every_confirmed_write_is_there(loads) -> None:
    """What was sent and not confirmed may be there too, what was confirmed must."""
    for load in loads:
        stored = int(Profile.objects.get(user=load.application.user_id).post.removeprefix("учитель "))
        assert load.saved > 3 and load.saved <= stored <= load.asked
        assert load.uploads and PackageFile.objects.filter(item=load.file.item_id).count() > load.uploads


def files_are_found_by_both(portal, loads) -> None:
    """Each web process sends nginx to every file, whichever of them stored it; nginx sends its very bytes."""
    for load in loads:
        for file in PackageFile.objects.filter(item=load.file.item_id):
            address = reverse("candidates:download", args=[file.pk])
            for port in portal.web_ports:
                alone = load.browser.ask(address, at=f"http://{HOST}:{port}")
                assert alone.headers["X-Accel-Redirect"] == f"/private-files/{file.file.name}"
                assert alone.body == b""
            answer = load.browser.insist(address)
            assert hashlib.sha256(answer.body).hexdigest() == file.sha256
            assert "X-Accel-Redirect" not in answer.headers
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert answer.headers["Content-Type"] == file.content_type
            assert "no-store" in answer.headers["Cache-Control"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def every_letter_left_once(server, letters, in_flight) -> None:
    """Exactly once; one that the killed worker was just handing over may come twice, with the same Message-ID."""
    wait_until(lambda: not Letter.objects.exclude(state=LetterState.SENT).exists(), PATIENCE)
    copies = server.copies()
    assert copies.keys() == {letter.message_id for letter in letters}
    twice = {message_id for message_id, count in copies.items() if count > 1}
    assert twice <= in_flight and max(copies.values()) <= 2


def what_nginx_and_the_portal_say(portal, loads) -> None:
    """The right is checked before nginx sends a file; the folder has no address; cookies and HSTS are production's."""
    mine, foreign = loads[0], loads[1]
    address = reverse("candidates:download", args=[foreign.file.pk])
    assert mine.browser.insist(address).status == 404
    assert Browser(portal).insist(address).status == 302
    internal = f"/private-files/{mine.file.file.name}"
    assert mine.browser.insist(internal).status == 404 and Browser(portal).insist(internal).status == 404
    home = mine.browser.insist("/home/")
    assert home.status == 200 and "max-age=31536000" in home.headers["Strict-Transport-Security"]
    assert all(item.secure for item in mine.browser.cookies) and mine.browser.cookie("sessionid")
    plain = mine.browser.ask("/home/", at=f"http://{HOST}:{portal.http_port}")
    assert plain.status == 301 and plain.headers["Location"].startswith("https://")
    health = Browser(portal).insist("/health/", Authorization=f"Bearer {TOKEN}")
    assert health.status == 200 and "Все письма отправлены." in health.text, health.text
    assert "details" not in Browser(portal).insist("/health/").text


def test_nginx_lets_a_whole_package_through(tomsk, orenburg):
    """The edition refuses in words what is too large; a proxy that refuses before says «413» to a candidate."""
    template = (DEPLOY / "nginx-site.conf").read_text(encoding="utf-8")
    (limit,) = re.findall(r"client_max_body_size (\d+)m;", template)
    assert all(int(limit) > edition.value("max_package_mb") for edition in (tomsk, orenburg))
