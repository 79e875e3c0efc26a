"""The file to compare stays in the browser, its SHA-256 is sent; without JavaScript the file is (process.md 9)."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.tests.factories import PaperFactory

from .portal import CHROMIUM, FLAGS, PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ISSUED = b"%PDF-1.7 the issued bytes"


@pytest.fixture
def paper(settings: Any, tmp_path: Any) -> IssuedPaper:
    settings.MEDIA_ROOT = tmp_path / "files"
    return PaperFactory(person=UserFactory(), content=ISSUED)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def asked(
    request: Any, paper: IssuedPaper, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Page, list[str], bool]]:
    """The check page as the QR code opens it, and what is sent from it."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(java_script_enabled=request.param, locale="ru-RU").new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{live_server.url}/papers/check/?code={paper.check_code}")
        sent: list[str] = []
        page.on("request", lambda one: sent.append(one.method) if one.is_navigation_request() else None)
        yield page, sent, request.param
        browser.close()


def test_a_file_is_compared_where_it_lies(asked: tuple[Page, list[str], bool]) -> None:
    """The same answer both ways; with JavaScript nothing is posted, under the strict policy of every page."""
    page, sent, scripted = asked
    for content, words in (
        (ISSUED, "Файл не изменён."),
        (ISSUED + b" ", "Файл отличается от выданного."),
    ):
        page.set_input_files(
            "#check-form input[type=file]",
            {"name": "a.pdf", "mimeType": "application/pdf", "buffer": content},
        )
        page.click("#check-form [type=submit]")
        page.get_by_text(words).wait_for()
    assert set(sent) == ({"GET"} if scripted else {"POST"})
