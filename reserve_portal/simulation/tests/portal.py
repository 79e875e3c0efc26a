"""A running portal for the browser tests: its own folder, web process, background process, like bin/run."""

import email
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from reserve_portal.simulation.cast import DOMAIN, PASSWORD

CHROMIUM = (
    "/usr/bin/chromium-headless-shell"  # Debian's Chromium without its windows: half the processor's time
)
PATIENCE = 60_000  # milliseconds: the machine may be busy with other tests
expect.set_options(timeout=PATIENCE)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# In one process: Django's start takes longer than most of these commands.
SET_UP = """
import django
from django.core.management import call_command
django.setup()
call_command("collectstatic", interactive=False)
call_command("setup_example", region="{region}", people_only=True)
"""


class Portal:
    """The portal as started processes; `manage` runs a command on its data.

    `migrated` is the database to begin with; `scene` is Python that goes on from the people alone, in the process
    that makes them.
    """

    def __init__(self, folder: Path, migrated: Path, region: str = "tomsk", *, scene: str = ""):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")},
            "DJANGO_SETTINGS_MODULE": "reserve_portal.settings",
            "SECRET_KEY": "key-of-the-browser-tests",
            "LIVING_EXAMPLE": "true",
            "FAST_PASSWORDS": "true",
            "REGION": region,
            "DATA_DIR": str(folder),
            "SITE_URL": self.url,
            "BEAT_AT_MOST_SECONDS": "2",
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self.clock: subprocess.Popen[str] | None = None
        self.delivered: dict[Path, EmailMessage] = {}
        shutil.copyfile(migrated, folder / "portal.sqlite3")
        self._run("-c", SET_UP.format(region=region) + scene)

    def manage(self, *arguments: str) -> str:
        """Run a management command; its failure fails the test with its words."""
        return self._run("manage.py", *arguments)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self) -> None:
        """Start web and background process and wait until the front page answers."""
        web = [sys.executable, "-m", "gunicorn", "reserve_portal.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        web += [
            "--worker-class",
            "gthread",
            "--threads",
            "8",
            "--no-control-socket",
            "--log-level",
            "warning",
        ]
        background = [sys.executable, "-m", "celery", "--quiet", "-A", "reserve_portal", "beat", "--pidfile="]
        for number, command in enumerate((web, background)):
            with (self.folder / f"process-{number}.log").open("wb") as log:
                self.processes.append(
                    subprocess.Popen(
                        command,
                        cwd=settings.BASE_DIR,
                        env=self.environment,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        wait_for(self._answers, "the front page")

    def _answers(self) -> bool:
        with urllib.request.urlopen(self.url, timeout=5) as answer:
            return bool(answer.status == 200)

    def stop(self) -> None:
        """Stop both processes with their children."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            process.wait(60)  # gunicorn gives open connections half a minute to end
        if self.clock:
            self.clock.communicate(timeout=20)

    def move_clock(self, moment: str) -> None:
        """Move the portal's clock, such as 2026-09-14T09:00; its process stays for the next time."""
        self.clock = self.clock or subprocess.Popen(
            [sys.executable, "manage.py", "move_clock", "-"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.clock.stdin and self.clock.stdout
        self.clock.stdin.write(f"{moment}\n")
        self.clock.stdin.flush()
        said = self.clock.stdout.readline()
        assert said.startswith("На часах портала"), said

    def letters(self, address: str) -> list[EmailMessage]:
        """The letters delivered to an address, in the order of delivery."""
        files = sorted((self.folder / "letters").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        for path in files:
            if path not in self.delivered:
                self.delivered[path] = email.message_from_bytes(path.read_bytes(), policy=default)
        return [self.delivered[path] for path in files if self.delivered[path]["To"] == address]

    def letter(self, address: str, words: str, seconds: float = 120) -> str:
        """Wait for a delivered letter to `address` with `words` in its subject or text; returns the text."""
        found: list[str] = []

        def look() -> bool:
            for message in self.letters(address):
                text = message.get_content()
                if words.casefold() in f"{message['Subject']}\n{text}".casefold():
                    found.append(text)
            return bool(found)

        wait_for(look, f"a letter to {address} with «{words}»", seconds)
        return found[-1]


class Person:
    """Somebody with a browser of their own, in which scripts may be switched off."""

    def __init__(
        self, browser: Browser, portal: Portal, name: str, *, width: int = 1280, scripts: bool = True
    ):
        self.portal = portal
        self.name = name
        self.address = f"{name}@{DOMAIN}"
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale="ru-RU",
            accept_downloads=True,
            base_url=portal.url,
            java_script_enabled=scripts,
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.is_signed_in = False
        self.trouble: list[str] = []
        self.page.on(
            "console", lambda message: self.trouble.append(message.text) if _is_trouble(message) else None
        )

    def sign_in(self) -> "Person":
        self.page.goto("/accounts/login/")
        self.page.fill("input[name=login]", self.address)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("main form button[type=submit]")
        self.page.wait_for_url(lambda url: "/login" not in url)
        self.is_signed_in = True
        return self

    def sees(self, text: str) -> None:
        """The words stand in the main part of the page."""
        expect(self.page.locator("main, #content").first).to_contain_text(text)

    def press(self, name: str) -> None:
        """Press the first button (or button-like link) of this name."""
        follow(self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first)

    def pdf_text(self, address: str) -> str:
        """Download a PDF with the person's session and return its text, spaces collapsed."""
        from io import BytesIO

        from pypdf import PdfReader

        answer = self.context.request.get(address)
        assert answer.status == 200, f"{address}: {answer.status}"
        pages = PdfReader(BytesIO(answer.body())).pages
        return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def _is_trouble(message: ConsoleMessage) -> bool:
    """An error, but for the one of a file that the portal refused in words (422)."""
    return message.type == "error" and "status of 422" not in message.text


def follow(control: Locator) -> None:
    """Click what leads to another page and wait until that page is there."""
    with control.page.expect_navigation():
        control.click()


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until `condition` holds; fails naming what was waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s in vain for {what}")
