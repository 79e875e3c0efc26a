"""A meeting of Orenburg's expert commission in real browsers: what was done there is what the protocol says."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from candidates.services import intake
from candidates.tests.intake_data import (
    make_campaign,
    make_edition,
    make_municipality,
    make_person,
    make_reviewed,
)
from commissions.enums import Position
from commissions.meetings import add_to_agenda, plan_meeting
from commissions.models import AgendaItem, Body, BodyMember, DecisionLine, LineResult, Meeting
from commissions.services import send_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Organisation, User
from reserve_portal.core import clock
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.papers.tests.gost import make_signer, sign_detached
from reserve_portal.regulations.models import Edition

from .portal import CHROMIUM, FLAGS, Person, follow
from .walking import fill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEATS = {
    "chair": (Position.CHAIR, "Председателев", "Роман"),
    "deputy": (Position.DEPUTY, "Заместителева", "Ирина"),
    "recused": (Position.MEMBER, "Отводов", "Марк"),
    "neighbour": (Position.MEMBER, "Соседов", "Лев"),
    "late": (Position.MEMBER, "Опоздаев", "Игнат"),
    "absent": (Position.MEMBER, "Прогулов", "Пётр"),
    "loner": (Position.MEMBER, "Особова", "Раиса"),
    "secretary": (Position.SECRETARY, "Секретарёва", "Юлия"),
}
OPINION = "Третьему кандидату нужен ещё год руководящей работы."
REASON = "Стаж руководящей работы не подтверждён."
KINSHIP = "Двоюродный брат кандидата."


@dataclass
class Scene:
    """The item before the meeting, its three people, who sits on the body."""

    item: AgendaItem
    lines: list[DecisionLine]
    users: dict[str, User]


@pytest.fixture
def scene(settings: Any, tmp_path: Any) -> Scene:
    """Three reviewed candidates wait for the commission of seven; one member works in the second one's school."""
    settings.MEDIA_ROOT = tmp_path / "files"
    load_calendar_quickly()
    edition: Edition = make_edition("orenburg")
    operator = make_person(Role.OPERATOR)
    campaign = make_campaign(operator, edition)
    for name, school in (("Первов", "Школа № 1"), ("Второв", "Школа № 2"), ("Третьяков", "Школа № 3")):
        person = make_person(last_name=name, first_name="Олег", patronymic="Игоревич")
        make_reviewed(campaign, operator, user=person, organisation_name=school)
    school = Organisation.objects.create(name="Школа № 2", municipality=make_municipality())
    body = Body.objects.create(code="expert_commission", name="Экспертная комиссия", index="ЭК")
    users = {}
    for name, (position, last, first) in SEATS.items():
        given = {"last_name": last, "first_name": first, "patronymic": "Ильич", "post": "член совета"}
        given |= {"organisation": school} if name == "neighbour" else {}
        users[name] = make_person(Role.COMMISSION, **given)
        votes = position != Position.SECRETARY
        BodyMember.objects.create(
            body=body, user=users[name], position=position, votes=votes, since=date(2026, 1, 1)
        )
    row = intake.make_admission_list(campaign, actor=operator)
    send_list(row, actor=operator)
    starts_at = clock.now() + timedelta(seconds=1)
    meeting = plan_meeting(body, edition=edition, starts_at=starts_at, place="Зал", actor=operator)
    item = add_to_agenda(meeting, row, speaker="Операторова Инна", actor=operator)
    lines = {line.label.split()[0]: line for line in row.lines.all()}
    return Scene(item, [lines["Первов"], lines["Второв"], lines["Третьяков"]], users)


@contextmanager
def seats(browser: Browser, address: str, scene: Scene) -> Iterator[dict[str, Person]]:
    """A browser for each member in which he or she has signed in."""
    people = {}
    for name, user in scene.users.items():
        person = Person(browser, SimpleNamespace(url=address), name)  # type: ignore[arg-type]
        client = Client()
        client.force_login(user)
        cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
        person.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        people[name] = person
    yield people
    assert not [words for person in people.values() for words in person.trouble]


def test_seven_members_decide_and_the_protocol_says_what_they_did(
    scene: Scene, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O3.9-3.11: two recused, one late, one absent, a separate opinion, a departure with its reason."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread
    first, _, third = scene.lines
    meeting = f"/commission/meetings/{scene.item.meeting_id}/"
    question = f"/commission/items/{scene.item.pk}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with seats(browser, live_server.url, scene) as people:
            secretary = people["secretary"]
            attend(secretary, meeting, set(SEATS) - {"late", "absent"})
            secretary.sees("участвуют 5 из 7")
            keep_out(people["recused"], question, first)
            attend(secretary, meeting, set(SEATS) - {"absent"})
            secretary.sees("участвуют 6 из 7")
            secretary.page.goto(question)
            secretary.press("Начать голосование")
            for name in ("chair", "deputy", "recused", "neighbour", "late"):
                against = third if name != "deputy" else None
                vote(people[name], question, "for", against=against)
            secretary.page.goto(question)
            secretary.sees("Ещё не проголосовали: 1")
            assert OPINION not in secretary.page.content() and "воздерж." not in secretary.page.content()
            secretary.press("Напомнить не проголосовавшим")
            vote(people["loner"], question, "for", against=third, opinion=OPINION)
            secretary.page.goto(question)
            secretary.press("Закончить голосование")
            secretary.sees(OPINION)
            text = close(secretary, meeting, third)
            sign(secretary, meeting)
        browser.close()
    assert_protocol_is_the_data(text, scene)


def attend(secretary: Person, meeting: str, names: set[str]) -> None:
    """The secretary ticks who is there."""
    secretary.page.goto(meeting)
    for box in secretary.page.locator("main [name=present]").all():
        box.uncheck()
    for name in names:
        secretary.page.get_by_label(re.compile(SEATS[name][1])).check()
    follow(secretary.page.locator("main form:has([name=present]) button[type=submit]"))


def keep_out(member: Person, question: str, line: DecisionLine) -> None:
    """A member declares a conflict about one person and sees that person's documents no more."""
    page = member.page
    page.goto(question)
    row = page.locator("tbody tr").filter(has_text=line.label)
    assert row.get_by_role("link", name=re.compile("Документы")).count() == 1
    follow(row.get_by_role("link", name=re.compile("Заявить об отводе")))
    fill(page, reason=KINSHIP)
    member.press("Заявить об отводе")
    assert page.locator("tbody tr").filter(has_text=line.label).get_by_role("link").count() == 0


def vote(
    member: Person, question: str, choice: str, *, against: DecisionLine | None = None, opinion: str = ""
) -> None:
    page = member.page
    page.goto(question)
    page.locator(f"[name=choice][value={choice}]").check()
    if against is not None:
        page.locator(f"[name=line_{against.pk}]").select_option("against")
    if opinion:
        fill(page, opinion=opinion)
    member.press("Проголосовать")
    member.sees("Ваш голос принят")


def close(secretary: Person, meeting: str, departure: DecisionLine) -> str:
    """Close with the reason of the departure; returns the protocol's text."""
    page = secretary.page
    page.goto(f"{meeting}close/")
    fill(page, **{f"reason_{departure.pk}": REASON})
    secretary.press("Закрыть заседание и выдать протокол")
    secretary.sees("закрыто")
    secretary.sees("ждёт подписей")
    address = page.locator("main a[href*='/papers/']").first.get_attribute("href") or ""
    return secretary.pdf_text(address)


def sign(secretary: Person, meeting: str) -> None:
    """Chair and secretary sign the very file that the portal gave out; another file's signature is refused."""
    page = secretary.page
    address = page.locator("main a[href*='/papers/']").first.get_attribute("href") or ""
    document = secretary.context.request.get(address).body()
    now = clock.now()
    for number, name in enumerate(("chair", "secretary"), start=7):
        _, last, first = SEATS[name]
        signer = make_signer(last, f"{first} Ильич", number=number)
        if name == "chair":
            upload(secretary, meeting, last, sign_detached(document + b" ", signer, at=now))
            secretary.sees("Документ изменён после подписания")
            upload(secretary, meeting, last, b"not a signature at all")
            secretary.sees("Файл не читается")
        upload(secretary, meeting, last, sign_detached(document, signer, at=now))
        secretary.sees("Документ не изменён после подписания")
    page.goto(meeting)
    secretary.sees("протокол подписан")


def upload(secretary: Person, meeting: str, last_name: str, data: bytes) -> None:
    page = secretary.page
    page.goto(f"{meeting}sign/")
    page.get_by_label(re.compile(f"подпись: {last_name}")).check()
    page.set_input_files(
        "main [name=file]", {"name": "p.sig", "mimeType": "application/octet-stream", "buffer": data}
    )
    secretary.press("Загрузить и проверить")


def assert_protocol_is_the_data(text: str, scene: Scene) -> None:
    """Every word of the protocol stands for a row, and every row stands in the protocol."""
    meeting = Meeting.objects.get(pk=scene.item.meeting_id)
    first, second, third = scene.lines
    results = {row.line_id: row for row in LineResult.objects.filter(item=scene.item)}
    counts = {
        pk: (row.members, row.present, row.in_favour, row.against, row.abstained)
        for pk, row in results.items()
    }
    assert counts == {first.pk: (6, 5, 5, 0, 0), second.pk: (6, 5, 5, 0, 0), third.pk: (7, 6, 1, 5, 0)}
    names = {name: user.full_name for name, user in scene.users.items()}
    late = meeting.members.get(user=scene.users["late"])
    assert late.arrived_at is not None
    sources = {row.member.user: row.source for row in scene.item.recusals.select_related("member__user")}
    assert sources == {scene.users["recused"]: "declared", scene.users["neighbour"]: "computed"}
    for words in (
        f"№ {meeting.number}",
        f"Председательствующий: {names['chair']}.",
        f"Секретарь: {names['secretary']}.",
        f"Отсутствовали: {names['absent']}.",
        f"Прибыл(а) после начала: {names['late']}",
        "членов с правом голоса 7, присутствуют 6. Заседание правомочно",
        f"{names['recused']} не участвует в рассмотрении: {first.label}. Отвод заявлен: {KINSHIP}",
        f"{names['neighbour']} не участвует в рассмотрении: {second.label}."
        " Отвод установлен порталом: одно место работы",
        f"1.1. Допустить к оценке: {second.label}; {first.label}.",
        f"1.2. Не допускать к оценке: {third.label}.",
        f"Решение расходится с предложением: {third.label}. Причина: {REASON}",
        "Голосовали: «за» 5, «против» 0, «воздержались» 0",
        f"Отдельно: {third.label} — «за» 1, «против» 5, «воздержались» 0 (участвовали 6 из 7)",
        f"Особое мнение: {names['loner']} (приложение 2)",
        OPINION,
    ):
        assert words in text, f"{words}\n---\n{text}"
    present = re.search(r"Присутствовали: (.*?)\. (?:Отсутствовали)", text)
    assert present is not None
    there = {name for name in names if names[name] in present[1]}
    assert there == set(SEATS) - {"absent"}
