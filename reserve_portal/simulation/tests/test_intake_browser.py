"""The intake in a browser: a candidate without scripts, an operator without a mouse, two operators at once."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from reserve_portal.simulation.people import sample_pdf, sample_photo
from reserve_portal.simulation.tests import intake_scene, walking
from reserve_portal.simulation.tests.portal import CHROMIUM, FLAGS, Person, Portal, follow
from reserve_portal.simulation.tests.walking import Walk, fill

pytestmark = pytest.mark.browser
NAMES = {"vera": ("Тропинкина", "Вера", "Ильинична")}
LIST = "/admin/candidates/application/"
# Whatever has the focus is there to be seen, with a ring around it.
FOCUS = """() => {
  const one = document.activeElement;
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const shown = box.width && box.height && box.bottom > 0 && box.top < window.innerHeight;
  const ringed = one.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 1;
  return one !== document.body && shown && ringed ? "" : `${one.outerHTML.slice(0, 200)} at ${location.href}`;
}"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Portal]:
    """One portal for all of this file: each test takes a part of the scene that no other touches."""
    portal = Portal(tmp_path_factory.mktemp("intake"), migrated, scene=intake_scene.SCENE)
    try:
        portal.start()
        yield portal
    finally:
        portal.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


# --- a candidate without scripts ------------------------------------------------------------------------------------


def test_without_scripts_a_candidate_on_a_phone_comes_from_signing_up_to_the_receipt(
    portal: Portal, browser: Browser
) -> None:
    walk = Walk(portal, browser, NAMES)
    walk.people["vera"] = Person(browser, portal, "vera", scripts=False)
    someone = walking.sign_up(walk, "vera", width=360)
    address = walking.begin_application(someone)
    questionnaire_by_button(someone, address)
    walking.rows(someone, address)
    walking.choose(someone, address)
    walking.consents(someone, address)
    documents_by_button(someone, address)
    walking.submit(walk, someone, address)


def questionnaire_by_button(someone: Person, address: str) -> None:
    """An answer that is not accepted is named and costs no other."""
    page = someone.page
    page.goto(f"{address}/questionnaire/")
    town = page.locator("main [name=municipality] option").nth(1).get_attribute("value") or ""
    fill(page, birth_date="1982-03-11", citizenship="RU", phone="12", municipality=town)
    fill(page, organisation_name="Школа № 11 (учебная)", post="заместитель директора")
    fill(page, no_criminal_record="true", state_language="true", ready_to_move="true")
    someone.press("Сохранить анкету")
    expect(page.locator(".error-summary")).to_contain_text("Телефон")
    fill(page, phone="+7 900 123-45-67")
    someone.press("Сохранить анкету")
    page.goto(f"{address}/questionnaire/")
    expect(page.locator("main [name=post]")).to_have_value("заместитель директора")


def documents_by_button(someone: Person, address: str) -> None:
    """The page says what to press; each slot has its button, a refused file is named beside its slot."""
    page = someone.page
    page.goto(f"{address}/documents/")
    someone.sees("нажмите «Загрузить»")
    files = (
        ("вид.pdf", b"MZ" + b"\0" * 90),
        ("заявление.pdf", sample_pdf("Заявление об участии")),
        ("диплом.png", sample_photo("PNG")),
        ("трудовая.jpg", sample_photo()),
    )
    for number, (name, data) in enumerate(files):
        form = page.locator("form[data-upload]").nth(max(0, number - 1))
        form.locator("[type=file]").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        )
        follow(form.locator("[data-upload-button] button"))
        if number:
            page.get_by_role("link", name=name, exact=True).wait_for()
        else:
            someone.sees("это программа")


# --- an operator without a mouse ------------------------------------------------------------------------------------


def test_an_operator_reviews_twenty_packages_by_keyboard_alone(portal: Portal, browser: Browser) -> None:
    """From the list to the last proposal; the focus is always somewhere, and seen."""
    operator = Person(browser, portal, "operator").sign_in()
    page = operator.page
    page.goto(f"{LIST}?state__exact=registered")
    press(operator, "Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")  # the link past the menus
    while not page.evaluate("!!document.activeElement.closest('#result_list tbody th')"):
        press(operator, "Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for number in range(intake_scene.PACKAGES):
        if number:
            go(operator, "n")
        send_back(operator) if number == 0 else accept(operator)
    page.goto(f"{LIST}?state__exact=reviewed")
    assert page.locator("#result_list tbody tr").count() == intake_scene.PACKAGES - 1
    page.goto(f"{LIST}?state__exact=correction")
    assert page.locator("#result_list tbody tr").count() == 1
    assert not operator.trouble


def press(operator: Person, key: str) -> None:
    operator.page.keyboard.press(key)
    lost = operator.page.evaluate(FOCUS)
    assert not lost, f"after {key} the focus is not seen: {lost}"


def go(operator: Person, key: str) -> None:
    """A key that leads to another page, where the keyboard can go on at once."""
    with operator.page.expect_navigation():
        operator.page.keyboard.press(key)
    # A browser gives the focus with the first drawing, a moment after the page is there.
    operator.page.wait_for_function("document.activeElement !== document.body", timeout=5000)
    lost = operator.page.evaluate(FOCUS)
    assert not lost, f"after {key} the focus is not seen: {lost}"


def accept(operator: Person) -> None:
    """Every document accepted, the proposal to admit made."""
    page = operator.page
    while page.locator("[name=verdict]").count() and not page.locator("[name=verdict]:checked").count():
        press(operator, "1")
        go(operator, "Enter")
    go(operator, "f")
    press(operator, "Space")
    go(operator, "Enter")
    operator.sees("войдёт в список для допуска")


def send_back(operator: Person) -> None:
    """The first document goes back with a reason and words, the others are accepted."""
    page = operator.page
    press(operator, "2")
    for key in ("Tab", "ArrowDown", "Tab"):
        press(operator, key)
    page.keyboard.type("Нет подписи.")
    go(operator, "Control+Enter")
    while not page.locator("[name=verdict]:checked").count():
        press(operator, "1")
        go(operator, "Enter")
    go(operator, "r")
    operator.sees("Нет подписи.")
    page.keyboard.type("Подпишите и загрузите снова.")
    press(operator, "Tab")
    go(operator, "Enter")
    operator.sees("возвращены на исправление")


# --- two operators at once ------------------------------------------------------------------------------------------


def test_o3_4_two_operators_register_at_once_without_a_gap_or_a_double(
    portal: Portal, browser: Browser
) -> None:
    """Both press at the same moment; each is told how many fell to whom, and the journal runs on."""
    pair = [Person(browser, portal, name).sign_in() for name in ("operator", "operator2")]
    waiting = []
    for operator in pair:
        walking.to_campaign(operator, intake_scene.CAMPAIGN)
        operator.press("Зарегистрировать всё")
        waiting.append(operator.page.locator(".confirm-items li").count())
    assert waiting[0] == waiting[1] >= intake_scene.ARRIVED
    first, second = (operator.page for operator in pair)
    with first.expect_navigation(), second.expect_navigation():
        for page in (first, second):
            page.locator("main form button.btn-primary").dispatch_event("click", timeout=0)
    said = [page.locator(".messagelist").inner_text() for page in (first, second)]
    mine = [int(re.search(r"Зарегистрировано заявлений: (\d+)", words)[1]) for words in said]  # type: ignore[index]
    assert sum(mine) == waiting[0], said
    for number, words in zip(mine, said, strict=True):
        assert ("Другой оператор" in words) is (number < waiting[0]), said
    first.goto("/admin/candidates/registrationentry/")
    numbers = re.findall(r"КР-2026-(\d+)", first.locator("#result_list").inner_text())
    assert sorted(map(int, numbers)) == list(range(1, intake_scene.PACKAGES + waiting[0] + 1))
