"""A vacancy of Tomsk's from its report to the appointment of the second nominee, each step by its own person."""

import re

from reserve_portal.simulation.people import sample_pdf
from reserve_portal.simulation.tests.portal import Person, follow
from reserve_portal.simulation.tests.vacancy_scene import invented
from reserve_portal.simulation.tests.walking import (
    Walk,
    confirm,
    fill,
    fits_a_phone,
    link_of,
    match,
    press_about,
    record_appointment,
    report_vacancy,
    save_order,
    to_offer,
    to_vacancy,
    vacancy_case,
)
from reserve_portal.simulation.tests.walking_bodies import (
    VOTERS,
    attend,
    close_meeting,
    declare_conflict,
    vote_on,
)

BEST, SECOND, THIRD, ACTIVE = "best", "second", "third", "active"
NAMES = {
    name: (person.last_name, person.first_name, person.patronymic) for name, person in invented().items()
}
POST = "Директор"
RECUSED = "member2"
REFUSAL = "Не могу переехать: болеет мать."
FELL_THROUGH = "Отказался от переезда."


def step_01_report(walk: Walk) -> None:
    """T8: the municipal official's desk on a phone; a vacancy is reported in time, the letter is a PDF."""
    official = walk.signed_in("municipal", width=360)
    desk = ("/home/", "/vacancies/", "/vacancies/heads/", "/vacancies/coverage/", "/reserve/people/")
    fits_a_phone(official, *desk, "/vacancies/report/")
    report_vacancy(walk, POST, arose_on="2026-10-15", due="26 октября 2026")
    fits_a_phone(official)
    walk.letter("department", "Сообщено о вакансии")


def step_02_matching(walk: Walk) -> None:
    """T7: three planned events come before better results; three of four are asked in the frozen order."""
    operator = walk.signed_in("operator")
    match(operator, vacancy_case(operator))
    order = operator.page.locator("table:has(#order-caption) tbody th").all_inner_texts()
    assert order[0] == walk.full(ACTIVE) and set(order) == {walk.full(name) for name in NAMES}
    saved = save_order(operator)
    for name in (ACTIVE, BEST, SECOND):
        operator.page.goto(saved)
        press_about(operator, "Спросить", walk.full(name))
        operator.sees("Вопрос о готовности отправлен")


def step_03_answers(walk: Walk) -> None:
    """One refuses with a reason, which is no refusal of the reserve's events; two accept."""
    refuser = walk.signed_in(ACTIVE, width=360)
    walk.letter(ACTIVE, "22.10.2026")  # three working days
    to_offer(refuser)
    refuser.press("Отказаться")
    fill(refuser.page, reason=REFUSAL)
    confirm(refuser)
    refuser.sees("В резерве вы остаётесь")
    for name in (BEST, SECOND):
        reservist = walk.signed_in(name, width=360)
        to_offer(reservist)
        reservist.press("Согласиться")
        reservist.sees("Вы согласились")
        fits_a_phone(reservist)


def step_04_shortlist(walk: Walk) -> None:
    """The reason stays in the case; two are presented, the municipality gets the answer with their names alone."""
    operator = walk.signed_in("operator")
    base = vacancy_case(operator)
    operator.sees(REFUSAL)
    for name in (BEST, SECOND):
        operator.page.goto(f"{base}case/")
        press_about(operator, "Представить", walk.full(name))
        confirm(operator)
        walk.letter(name, "представил")
    operator.press("Ответить муниципалитету")
    confirm(operator)
    number = re.search(r"ОВ-2026-\d+", walk.letter("municipal", "Подборка резервистов"))
    assert number
    official = walk.signed_in("municipal", width=360)
    to_vacancy(official, POST)
    fits_a_phone(official)
    text = official.pdf_text(
        official.page.get_by_role("link", name=number[0]).get_attribute("href") or "missing"
    )
    assert walk.full(BEST) in text and walk.full(SECOND) in text
    assert walk.full(ACTIVE) not in text and walk.full(THIRD) not in text
    assert REFUSAL not in official.page.locator("main").inner_text()


def step_05_defence(walk: Walk) -> None:
    """T10: the defence is called, both load their concepts, one member declares a conflict about the second."""
    operator = walk.signed_in("operator")
    operator.page.goto(f"{vacancy_case(operator)}defence/")
    fill(operator.page, day="2026-10-26", at="11:00", place="Актовый зал")
    confirm(operator)
    for name in (BEST, SECOND):
        walk.letter(name, "26.10.2026 в 11:00")
        nominee = walk.signed_in(name, width=360)
        to_offer(nominee)
        concept = {"mimeType": "application/pdf", "buffer": sample_pdf(f"Концепция: {walk.full(name)}")}
        nominee.page.set_input_files("main [name=file]", {"name": f"концепция-{name}.pdf", **concept})
        nominee.press("Загрузить концепцию")
        nominee.sees(f"концепция-{name}.pdf")
        other = walk.full(SECOND if name == BEST else BEST)
        assert other not in nominee.page.locator("main").inner_text()
        fits_a_phone(nominee)
    walk.at("2026-10-26T11:05")
    declare_conflict(walk, RECUSED, about=walk.full(SECOND))
    to_defence(walk.signed_in(RECUSED)).sees("Из-за конфликта интересов вы не участвуете")
    assert walk.full(SECOND) not in walk.people[RECUSED].page.locator("main").inner_text()


def step_06_meeting(walk: Walk) -> None:
    """T10: sheets hidden until the own are in, votes, the protocol with the recusal; the second stands in reserve."""
    secretary = walk.signed_in("secretary")
    item = attend(secretary, VOTERS)[0]
    for name in VOTERS:
        hand_in_sheets(walk, name)
    vote_on(walk, item)
    text = close_meeting(secretary)
    assert walk.full(BEST) in text and walk.full(SECOND) in text
    assert "рекомендовать" in text.lower() and "не участвует в рассмотрении" in text
    for name in (BEST, SECOND):
        walk.letter(name, "рекомендует")
    operator = walk.signed_in("operator")
    vacancy_case(operator)
    for name, words, mean in (
        (BEST, "место по итогам защиты: 1", "15,00 из 16"),
        (SECOND, "место по итогам защиты: 2 (резервное)", "8,00 из 16"),
    ):
        rows = operator.page.locator("tr").filter(has_text=walk.full(name)).all_inner_texts()
        assert any(words in row for row in rows) and any(mean in row for row in rows), rows


def to_defence(member: Person) -> Person:
    """A member opens the newest defence."""
    member.page.goto("/vacancies/defences/")
    follow(member.page.locator("main a[href*='/vacancies/defences/']").first)
    return member


def hand_in_sheets(walk: Walk, name: str) -> None:
    """A member's sheets: one point below the highest for the best nominee, half of them for the second."""
    member = walk.signed_in(name)
    people = [BEST] if name == RECUSED else [BEST, SECOND]
    for nominee in people:
        to_defence(member).sees("Чужие листы откроются, когда вы сдадите свои")
        panel = member.page.locator("main section.panel").filter(has_text=walk.full(nominee))
        follow(panel.locator("a[href*='/vacancies/sheets/']"))
        score(member, "1" if nominee == SECOND else "")
    member.sees("Сданные листы")
    assert member.page.locator("main a[href*='/sheets/']").count() == len(people)


def score(member: Person, points: str) -> None:
    """Points for every criterion, the reasons of those below the highest, in one go; the sheet is handed in."""
    page = member.page
    for number, group in enumerate(page.locator("main fieldset:has([name^=points_])").all()):
        given = points or ("1" if number == 0 else "2")
        group.locator(f"[value='{given}']").check()
        if given == "1":
            field = group.locator("[name^=points_]").first.get_attribute("name") or ""
            page.locator(f"[name={field.replace('points', 'comment')}]").fill("Не хватает сроков.")
    member.press("Сдать лист")
    assert "/vacancies/defences/" in page.url


def step_07_appointment(walk: Walk) -> None:
    """T9: the department agrees to the first, the municipality appoints; the second keeps the reserve place."""
    walk.at("2026-10-28T10:00")
    decide(walk, BEST, "57-04/12", "2026-10-28")
    walk.letter(BEST, "согласовано")
    walk.at("2026-10-30T12:00")
    official = walk.signed_in("municipal")
    record_appointment(official, POST, referral=0, order_number="88-к", order_dated="2026-10-30")
    walk.letter(BEST, "Поздравляем")
    walk.letter(SECOND, "резервное место")
    second = walk.signed_in(SECOND, width=360)
    to_offer(second)
    second.sees("за вами резервное место")


def decide(walk: Walk, name: str, number: str, dated: str) -> None:
    """The department agrees to somebody's appointment; its list names the best of the defence first."""
    department = walk.signed_in("department")
    department.page.goto("/vacancies/agreements/")
    names = department.page.locator("main tbody th a").all_inner_texts()
    assert names[0] == walk.full(name)
    press_about(department, "Решить", names[0])
    fill(department.page, agreed="yes", number=number, dated=dated)
    department.press("Внести решение")


def step_08_second(walk: Walk) -> None:
    """The appointment falls through: the case is open again with the second, who is agreed and appointed (T9)."""
    walk.at("2026-11-02T10:00")
    official = walk.signed_in("municipal")
    to_vacancy(official, POST)
    official.press("Назначение не состоялось")
    fill(official.page, reason=FELL_THROUGH)
    confirm(official)
    official.sees("есть рекомендация")
    walk.letter(SECOND, "Вы снова рассматриваетесь")
    first = walk.signed_in(BEST)
    first.page.goto("/reserve/mine/")
    first.sees("в резерве")
    decide(walk, SECOND, "57-04/15", "2026-11-02")
    walk.at("2026-11-03T12:00")
    record_appointment(official, POST, referral=0, order_number="91-к", order_dated="2026-11-03")
    walk.letter(SECOND, "Поздравляем")
    official.sees(FELL_THROUGH)
    official.sees("приказ № 91-к")
    fits_a_phone(official)
    assert official.pdf_text(link_of(official.page, "/papers/"))


STEPS = (
    step_01_report,
    step_02_matching,
    step_03_answers,
    step_04_shortlist,
    step_05_defence,
    step_06_meeting,
    step_07_appointment,
    step_08_second,
)
