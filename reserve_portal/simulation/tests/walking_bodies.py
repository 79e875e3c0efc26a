"""What every region's walk shares about bodies: meetings called and held, votes, protocols, orders of the authority."""

import re
from collections.abc import Sequence

from playwright.sync_api import Page

from reserve_portal.simulation.people import sample_pdf
from reserve_portal.simulation.tests.portal import Person, follow
from reserve_portal.simulation.tests.walking import Walk, confirm, fill, first_row, link_of

SURNAMES = {
    "chair": "Председателев",
    "deputy": "Заместителева",
    "secretary": "Секретарёва",
    "member1": "Голосов",
    "member2": "Решаева",
    "member3": "Кворумов",
    "member4": "Протоколова",
    "member5": "Повесткин",
}
VOTERS = ("chair", "deputy", "member1", "member2", "member3")


def send_newest_list(operator: Person) -> None:
    """Send the newest list to the first body of its chain."""
    first_row(operator, "/admin/commissions/decisionlist/")
    operator.press("Передать органу")
    confirm(operator)


def plan_meeting(walk: Walk, body: str, starts_at: str) -> None:
    """The operator calls the body whose name holds `body` and puts what waits for it onto the agenda."""
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/commissions/meeting/plan/")
    page.locator("[name=body]").select_option(label=_body_name(page, body))
    fill(page, form="in_person", starts_at=starts_at, place="Актовый зал")
    operator.press("Назначить заседание")
    for box in page.locator("[name=lists]").all():
        box.check()
    fill(page, speaker="Операторова Инна Юрьевна")
    operator.press("Включить в повестку")
    walk.letter("member1", "Актовый зал")


def _body_name(page: Page, body: str) -> str:
    options = page.locator("[name=body] option").all_inner_texts()
    return next(text for text in options if body in text)


def open_next_meeting(person: Person) -> None:
    """Open the newest meeting of the list."""
    person.page.goto("/commission/")
    links = person.page.locator("main a[href*='/commission/meetings/']")
    numbers = [
        int(re.findall(r"/meetings/(\d+)/", one.get_attribute("href") or "")[0]) for one in links.all()
    ]
    person.page.goto(f"/commission/meetings/{max(numbers)}/")


def items_of_meeting(person: Person) -> list[str]:
    """Open the newest meeting; the addresses of its items."""
    open_next_meeting(person)
    return items_shown(person.page)


def items_shown(page: Page) -> list[str]:
    """The addresses of the items of the meeting on the page."""
    links = page.locator("main ol a[href*='/commission/items/']")
    return [one.get_attribute("href") or "" for one in links.all()]


def declare_conflict(walk: Walk, name: str, about: str = "") -> None:
    """A member tells a conflict of interests about somebody in the first item, by default its first person."""
    member = walk.signed_in(name)
    member.page.goto(items_of_meeting(member)[0])
    row = member.page.locator("main tbody tr").filter(has_text=about)
    follow(row.locator("a[href*='/conflict/']").first)
    fill(member.page, reason="Работали вместе пять лет.")
    member.press("Заявить об отводе")
    member.sees("отвод")


def attend(secretary: Person, names: Sequence[str]) -> list[str]:
    """The secretary marks who came to the newest meeting; returns the addresses of its items."""
    page = secretary.page
    open_next_meeting(secretary)
    for box in page.locator("main [name=present]").all():
        box.uncheck()
    for name in (*names, "secretary"):
        page.get_by_label(re.compile(SURNAMES[name])).check()
    follow(page.locator("main form:has([name=present]) button[type=submit]"))
    return items_shown(page)


def hold_meeting(walk: Walk, voters: Sequence[str] = VOTERS) -> str:
    """Attendance, each item's voting by each present member, closing; returns the protocol's text."""
    secretary = walk.signed_in("secretary")
    for item in attend(secretary, voters):
        vote_on(walk, item, voters)
    return close_meeting(secretary)


def vote_on(walk: Walk, item: str, voters: Sequence[str] = VOTERS) -> None:
    """The secretary opens the voting, each voter votes for on a page of the own, the secretary ends the voting."""
    secretary = walk.signed_in("secretary")
    secretary.page.goto(item)
    secretary.press("Начать голосование")
    for name in voters:
        voter = walk.signed_in(name)
        voter.page.goto(item)
        voter.page.locator("[name=choice][value=for]").check()
        voter.press("Проголосовать")
        voter.sees("Ваш голос принят")
    secretary.press("Закончить голосование")


def close_meeting(secretary: Person) -> str:
    """Close the meeting of the item on the page; returns the protocol's text."""
    secretary.press("К заседанию")
    secretary.press("Закрыть заседание")
    secretary.press("Закрыть заседание и выдать протокол")
    secretary.sees("закрыто")
    return secretary.pdf_text(link_of(secretary.page, "/papers/"))


def meet(walk: Walk, body: str, called: str, held: str, voters: Sequence[str] = VOTERS) -> str:
    """A body is called at `called`, meets at `held` about all that waits for it; returns its protocol's text."""
    walk.at(called)
    plan_meeting(walk, body, held)
    walk.at(f"{held[:-2]}05")
    return hold_meeting(walk, voters)


def record_order(walk: Walk, number: str, dated: str) -> None:
    """An official of the authority records the order about the list that waits for one, with the signed file."""
    official = walk.signed_in("department")
    page = official.page
    page.goto("/commission/orders/")
    follow(page.locator("main a[href*='/commission/orders/']").first)
    fill(page, number=number, dated=dated)
    page.set_input_files(
        "main [name=file]",
        {"name": "приказ.pdf", "mimeType": "application/pdf", "buffer": sample_pdf("Приказ")},
    )
    official.press("Внести приказ")
    official.sees(number)
