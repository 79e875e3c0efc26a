"""Uploads in a real browser: several files at once, a lost connection, a reload in the middle, drag and drop."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, Route, expect, sync_playwright

from candidates.models import Application, PackageFile, PartialUpload
from candidates.services.partial_uploads import PIECE
from candidates.tests.applying import campaign, draft, picture
from reserve_portal.core import clock
from reserve_portal.core.tests.calendars import load_calendar_quickly

from .portal import CHROMIUM, FLAGS, PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PIECES = "**/candidate/uploads/*/"
SIDE = 800


def scan() -> bytes:
    """A picture that nothing makes smaller: some pieces long."""
    out = BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), os.urandom(SIDE * SIDE * 3)).save(out, "PNG")
    assert len(out.getvalue()) > 3 * PIECE
    return out.getvalue()


def file_of(name: str, data: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


@pytest.fixture
def application(settings: Any, tmp_path: Any) -> Application:
    settings.MEDIA_ROOT = tmp_path / "files"
    load_calendar_quickly()
    now = clock.true_now()
    return draft(of=campaign(opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9)))


@pytest.fixture
def page(application: Application, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """The page of documents on a telephone's width; its candidate has signed in."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread
    client = Client()
    client.force_login(application.user)
    name = django_settings.SESSION_COOKIE_NAME
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport={"width": 360, "height": 800}, locale="ru-RU")
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(live_server.url + reverse("candidates:documents", args=[application.pk]))
        yield page
        browser.close()


def choose(page: Page, *files: Any) -> None:
    page.locator("main input[type=file]").first.set_input_files(list(files))


def is_stored(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).wait_for()


def test_of_several_files_each_has_its_progress_and_a_refused_one_costs_no_other(page: Page) -> None:
    choose(
        page,
        file_of("первый.png", picture()),
        file_of("вид.pdf", b"MZ" + b"\0" * 90),
        file_of("второй.png", picture("red")),
    )
    expect(page.locator(".upload-row").first).to_be_visible()
    is_stored(page, "первый.png")
    is_stored(page, "второй.png")
    expect(page.locator(".upload-failed")).to_have_count(1)
    expect(page.locator(".upload-failed")).to_contain_text("это программа")
    page.get_by_role("button", name="Убрать").click()
    expect(page.locator(".upload-row")).to_have_count(0)
    page.get_by_role("button", name=re.compile("Ниже.*первый.png")).click()
    expect(page.locator(".slot-files li").first).to_contain_text("второй.png")


def test_a_lost_connection_is_told_and_the_upload_goes_on_by_itself(page: Page) -> None:
    sent = []

    def break_down(route: Route) -> None:
        """The first piece arrives, then the line is dead for some requests."""
        if route.request.method == "PATCH":
            sent.append(route.request.headers["upload-offset"])
        dead = 2 <= len(sent) <= 3 and len(lost) < 3
        if dead:
            lost.append(route.request.method)
        route.abort() if dead else route.continue_()

    lost: list[str] = []
    page.route(PIECES, break_down)
    choose(page, file_of("скан.png", scan()))
    expect(page.locator(".upload-status")).to_contain_text("Связь прервалась")
    is_stored(page, "скан.png")
    assert len(lost) == 3
    assert sent[:3] == ["0", str(PIECE), str(PIECE)]  # not from the beginning
    assert PackageFile.objects.count() == 1


def test_after_a_reload_the_unfinished_file_is_named_and_goes_on(page: Page) -> None:
    data, offsets = scan(), []
    dead = [False]

    def hold_up(route: Route) -> None:
        if route.request.method == "PATCH":
            offsets.append(int(route.request.headers["upload-offset"]))
        dead[0] = dead[0] or len(offsets) == 3
        route.abort() if dead[0] else route.continue_()

    page.route(PIECES, hold_up)
    choose(page, file_of("скан.png", data))
    expect(page.locator(".upload-status")).to_contain_text("Связь прервалась")
    page.on("dialog", lambda dialog: dialog.accept())
    dead[0], offsets[:] = False, [0] * 4
    page.reload()
    notice = page.locator("[data-unfinished]")
    expect(notice).to_contain_text("Не загружен до конца: скан.png")
    before = PartialUpload.objects.get()
    PartialUpload.objects.update(modified="0")
    # The same file, as far as the browser tells: Playwright gives each choice a new date.
    page.evaluate("File.prototype.__defineGetter__('lastModified', () => 0)")
    choose(page, file_of("скан.png", data))
    is_stored(page, "скан.png")
    assert offsets[4] == before.received >= PIECE
    expect(notice).to_have_count(0)
    assert PackageFile.objects.get().pages == 1


def test_whoever_was_signed_out_meanwhile_is_told_and_loses_nothing(page: Page) -> None:
    sent: list[str] = []

    def sign_out(route: Route) -> None:
        sent.append(route.request.method)
        if len(sent) == 2:
            page.context.clear_cookies(name=django_settings.SESSION_COOKIE_NAME)
        route.continue_()

    page.route(PIECES, sign_out)
    choose(page, file_of("скан.png", scan()))
    expect(page.locator(".upload-failed")).to_contain_text("Вы вышли из кабинета")
    assert PartialUpload.objects.get().received >= PIECE


def test_a_file_dropped_onto_a_slot_is_stored_there(page: Page) -> None:
    slot = page.locator(".slot").nth(1)
    transfer = page.evaluate_handle(
        """bytes => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "брошен.png"));
            return transfer;
        }""",
        list(picture()),
    )
    slot.dispatch_event("dragover", {"dataTransfer": transfer})
    expect(slot).to_have_class("panel slot slot-over")
    slot.dispatch_event("drop", {"dataTransfer": transfer})
    is_stored(page, "брошен.png")
    assert slot.get_by_role("link", name="брошен.png", exact=True).count() == 1
