"""Orenburg's cycle, each step by its own people on the portal's pages; the clock is moved, not the data."""

import re

from playwright.sync_api import Page

from reserve_portal.simulation.tests.portal import Person, follow
from reserve_portal.simulation.tests.walking import (
    Walk,
    ask_and_present,
    begin_application,
    choose,
    confirm,
    consents,
    documents,
    export,
    fill,
    finish_review,
    first_row,
    fits_a_phone,
    folder_of,
    issue_registry,
    link_of,
    make_procedure,
    match,
    open_application,
    open_campaign,
    questionnaire,
    record_appointment,
    register_all,
    report_vacancy,
    review,
    rows,
    send_admission_list,
    sign_up,
    some_files,
    submit,
    take_part,
    upload_results,
    vacancy_case,
    wait_until,
    wait_until_ended,
)
from reserve_portal.simulation.tests.walking_bodies import (
    hold_meeting,
    items_of_meeting,
    meet,
    plan_meeting,
    record_order,
    send_newest_list,
)

GREEN, YELLOW, REFUSED = "vera", "denis", "alla"
NAMES = {
    GREEN: ("Журавлёва", "Вера", "Андреевна"),
    YELLOW: ("Соколов", "Денис", "Олегович"),
    REFUSED: ("Воробьёва", "Алла", "Юрьевна"),
}
CAMPAIGN = "Зимний набор 2026 года"
PROCEDURE = "Предварительная оценка зимой"
EXPERTS, MENTOR = "Экспертная комиссия", "expert1"
COUNCIL = "научно-методический совет"
AUTHORITIES, ORGANISATIONS = 0, 1  # places of the target groups in their list
VOTERS = ("chair", "deputy", "member1", "member3")
REQUIRED_SLOTS = (0, 1, 2, 3, 4, 5, 6, 7, 9)  # the portfolio is at will (O3.2)
MEDICAL = 7
SURNAMES_OF_EXPERTS = {"expert1": "Экспертова", "expert2": "Знатоков"}
TEST_MAXIMA = ("40", "40")


def step_01_campaign(walk: Walk) -> None:
    """O3.1: the operator opens the quarter's intake with the quota set for the year."""
    walk.at("2026-01-12T09:00")
    operator = open_campaign(
        walk, CAMPAIGN, "2026-01-19", "2026-02-13", quota="2", quota_basis="приказ № 01-21/3 от 12.01.2026"
    )
    operator.sees("приказ № 01-21/3")
    visitor = walk.person("visitor")
    visitor.page.goto("/")
    visitor.sees(CAMPAIGN)


def step_02_applications(walk: Walk) -> None:
    """O1.14-1.15, O3.2: one applies for both target groups, two for one; the portfolio is left out."""
    walk.at("2026-01-20T10:00")
    apply(walk, GREEN, (AUTHORITIES, ORGANISATIONS), width=360)
    apply(walk, YELLOW, (ORGANISATIONS,))
    apply(walk, REFUSED, (ORGANISATIONS,))


def apply(walk: Walk, name: str, groups: tuple[int, ...], *, width: int = 1280) -> None:
    """One candidate's way from signing up to the receipt."""
    someone = sign_up(walk, name, width=width)
    address = begin_application(someone)
    questionnaire(someone, address)
    rows(someone, address)
    choose(someone, address, groups)
    consents(someone, address)
    documents(someone, address, some_files(REQUIRED_SLOTS))
    submit(walk, someone, address)


def step_03_review(walk: Walk) -> None:
    """O3.4-3.8: numbers, limits, an incomplete package refused with its reasons on the fifth working day."""
    walk.at("2026-01-22T11:00")
    operator = walk.signed_in("operator")
    page = operator.page
    open_application(operator, NAMES[GREEN][0])
    operator.sees("27 января 2026")  # five working days from the submission (O3.4)
    register_all(operator, CAMPAIGN)
    walk.letter(REFUSED, "3/2026")
    for number, name in enumerate((GREEN, YELLOW), start=1):
        open_application(operator, NAMES[name][0])
        operator.sees(f"№ {number}/2026")
        operator.sees("29 января 2026")  # five working days from the registration (O3.8)
        operator.sees("5 февраля 2026")  # ten (O3.6)
        review(operator)
        finish_review(operator)
    walk.at("2026-01-29T16:00")
    open_application(operator, NAMES[REFUSED][0])
    blank = f"портфолио-{MEDICAL}.docx"
    review(operator, {blank: ("refused", "Вместо заключения приложен пустой бланк.")})
    operator.press("Отказать из-за неполного пакета")
    page.locator("[name=ground]").select_option(index=1)
    fill(page, words="Нет медицинского заключения.")
    confirm(operator)
    assert "неполный" in walk.letter(REFUSED, "Нет медицинского заключения")
    refused = walk.at_home(REFUSED)
    refused.press("Открыть заявление")
    refused.sees("Нет медицинского заключения")


def step_04_admission(walk: Walk) -> None:
    """O3.9-3.13: the expert commission recommends, the authorised body approves, letters go to all."""
    walk.at("2026-01-30T10:00")
    send_admission_list(walk.signed_in("operator"), CAMPAIGN)
    plan_meeting(walk, EXPERTS, "2026-02-03T10:00")
    walk.at("2026-02-03T10:05")
    package = study_package(walk, "member1")
    text = hold_meeting(walk, VOTERS)
    assert walk.full(GREEN) in text and walk.full(REFUSED) not in text
    assert not heard(walk, GREEN, "допущены")  # nobody is told before the last link of the chain
    text = meet(walk, COUNCIL, "2026-02-03T14:00", "2026-02-06T10:00", VOTERS)
    assert walk.full(YELLOW) in text and "допустить" in text.lower()
    assert status(walk, "member1", package) == 404  # both bodies have decided
    for name in (GREEN, YELLOW):
        walk.letter(name, "допущены")
    reader = walk.signed_in(GREEN)
    reader.page.goto("/candidate/reads/")
    reader.sees("Голосов")


def study_package(walk: Walk, name: str) -> str:
    """A member reads the documents of the first person on the agenda; returns their address."""
    member = walk.signed_in(name)
    member.page.goto(items_of_meeting(member)[0])
    address = link_of(member.page, "/package/")
    member.page.goto(address)
    member.sees("Справка об отсутствии судимости")
    return address


def status(walk: Walk, name: str, address: str) -> int:
    """How the portal answers this person there."""
    return walk.people[name].context.request.get(address).status


def heard(walk: Walk, name: str, words: str) -> bool:
    """Whether a letter with these words has reached somebody."""
    letters = walk.portal.letters(f"{name}@demo.example")
    return any(words in f"{one['Subject']}\n{one.get_content()}" for one in letters)


def step_05_borders(walk: Walk) -> None:
    """O3.15: without a decision on the borders nothing is appointed; then invitations; frozen once it has opened."""
    walk.at("2026-02-09T10:00")
    operator = walk.signed_in("operator")
    page = operator.page
    base = make_procedure(operator, PROCEDURE, "2026-02-18T09:00", "2026-02-20T18:00")
    operator.sees("Границы не утверждены")
    page.goto(f"{base}schedule/")
    operator.sees("Не записано решение")
    page.goto(f"{base}decision/")
    page.locator("[name=body]").select_option(label=council_in(page))
    fill(page, number="2", dated="2026-02-06")
    confirm(operator)
    for deed in ("schedule", "invite"):
        page.goto(f"{base}{deed}/")
        confirm(operator)
    operator.sees("Приглашено: 3")
    page.goto(f"{base}experts/")
    for name in ("expert1", "expert2"):
        page.get_by_label(re.compile(SURNAMES_OF_EXPERTS[name])).check()
    operator.press("Передать листы")
    operator.sees("Листы: 6")
    for name in ("expert1", "expert2"):
        walk.letter(name, "Листов: 3")
    for name in (GREEN, YELLOW):
        walk.letter(name, "18 февраля 2026")


def council_in(page: Page) -> str:
    """The authorised body as the choice of bodies names it."""
    return next(one for one in page.locator("[name=body] option").all_inner_texts() if COUNCIL in one)


def step_06_experts(walk: Walk) -> None:
    """O1.10, O3.17: the borders are frozen, experts read the packages and hand in; then both are closed to them."""
    walk.at("2026-02-18T09:05")
    operator = walk.signed_in("operator")
    base = to_procedure(operator)
    wait_until(operator, f"{base}change/", "Процедура началась")
    operator.page.goto(f"{base}decision/")
    fill(operator.page, number="3", dated="2026-02-17")
    operator.page.locator("[name=body]").select_option(label=council_in(operator.page))
    confirm(operator)
    operator.sees("границы закреплены")
    score(walk, "expert1", {GREEN: "14", YELLOW: "14,99"})
    score(walk, "expert2", {GREEN: "16", YELLOW: "15"})


def to_procedure(operator: Person) -> str:
    """The operator opens the procedure; returns the address of its pages."""
    operator.page.goto("/admin/assessment/procedure/")
    follow(operator.page.get_by_role("link", name=PROCEDURE))
    return folder_of(operator.page, "procedure")


def score(walk: Walk, name: str, points: dict[str, str]) -> None:
    """An expert reads each person's package and hands in every sheet."""
    expert = walk.signed_in(name)
    page = expert.page
    page.goto("/assessment/sheets/")
    sheets = page.locator("main tbody a[href*='/assessment/sheets/']")
    for address in [one.get_attribute("href") or "" for one in sheets.all()]:
        page.goto(address)
        package = link_of(page, "/package/")
        assert status(walk, name, package) == 200
        person = page.locator("h1").inner_text()
        given = next(value for key, value in points.items() if walk.full(key) == person)
        fill(page, points=given, comment="Опыт управления подтверждён, проекты действуют.")
        expert.press("Сдать лист")
        assert status(walk, name, address) == 404
    expert.sees("Сейчас листов нет")
    assert status(walk, name, package) == 404


def step_07_results(walk: Walk) -> None:
    """O3.17-3.18: the test's export, exact totals and zones, conclusions without which nobody goes to the list."""
    walk.at("2026-02-20T18:05")
    operator = walk.signed_in("operator")
    page = operator.page
    base = to_procedure(operator)
    wait_until_ended(operator, base)
    points = {GREEN: ("36", "34"), YELLOW: ("36", "34")}
    upload_results(operator, base, export(NAMES, TEST_MAXIMA, points))
    operator.press("Внести результаты")
    page.goto(f"{base}change/")
    results = page.locator("main table, #content table").first.inner_text()
    assert re.search(r"85\s+Зелёная", results) and re.search(r"84,995\s+Жёлтая", results)
    make_inclusion_list(operator)
    operator.sees("нет экспертного заключения")
    page.goto(f"{base}conclusions/")
    confirm(operator)
    follow(page.get_by_role("link", name=walk.full(YELLOW)))
    fill(page, development="Стажировка у директора-наставника\nПроект развития школы")
    operator.press("Сохранить")
    page.goto(f"{base}conclusions/sign/")
    confirm(operator)
    operator.sees("Заключения подписаны")


def make_inclusion_list(operator: Person) -> None:
    """Try to make the list for inclusion of the procedure that has ended."""
    operator.page.goto("/admin/reservists/registryedition/inclusion/")
    operator.page.locator("[name=procedure]").select_option(index=1)
    confirm(operator)


def step_08_inclusion(walk: Walk) -> None:
    """O3.17-3.25, O4.7: conclusions and zones, protocol, order; the mentors' pool goes along the same bodies."""
    walk.at("2026-02-24T10:00")
    operator = walk.signed_in("operator")
    make_inclusion_list(operator)
    send_newest_list(operator)
    plan_meeting(walk, EXPERTS, "2026-02-26T10:00")
    walk.at("2026-02-26T10:05")
    member = walk.signed_in("member3")
    member.page.goto(items_of_meeting(member)[0])
    member.sees("Квота 2 (приказ № 01-21/3 от 12.01.2026), предложено 3: на 1 больше квоты")
    follow(member.page.locator("main a[href*='/conclusion/']").last)
    member.sees("Стажировка у директора-наставника")
    text = hold_meeting(walk, VOTERS)
    assert "Зелёная" in text and "Жёлтая" in text
    propose_mentors(walk)
    text = meet(walk, COUNCIL, "2026-02-27T12:00", "2026-03-02T10:00", VOTERS)
    assert walk.full(YELLOW) in text and "Экспертова" in text
    assert not heard(walk, GREEN, "Вы включены")
    # Ten working days from the protocol, the 9th being a day off (O3.23).
    sees_limit(walk, "Утвердить реестр приказом", "17.03.2026")
    walk.at("2026-03-10T12:00")
    for number in ("01-21/240", "01-21/241"):
        record_order(walk, number, "2026-03-10")
    for name in (GREEN, YELLOW):
        walk.letter(name, "01-21/240")
    for name in SURNAMES_OF_EXPERTS:
        walk.letter(name, "в состав наставников")


def sees_limit(walk: Walk, title: str, day: str) -> None:
    """A running limit stands among the operator's with its last day."""
    page = walk.signed_in("operator").page
    page.goto("/admin/regulations/deadline/?when=open")
    assert page.locator("#result_list tr").filter(has_text=title).filter(has_text=day).count() == 1


def propose_mentors(walk: Walk) -> None:
    """O4.7: the operator proposes both experts for the pool of mentors."""
    operator = walk.signed_in("operator")
    operator.page.goto("/admin/reservists/mentor/propose/")
    for box in operator.page.locator("[name=experts]").all():
        box.check()
    confirm(operator)
    send_newest_list(operator)


def step_09_registry(walk: Walk) -> None:
    """O1.15, O3.23, O8.3: three memberships of two people with zone and place; confidential, no public list."""
    operator = walk.signed_in("operator")
    first_row(operator, "/admin/reservists/registryedition/")
    text = issue_registry(operator, folder_of(operator.page, "registryedition"))
    assert text.count(walk.full(GREEN)) == 2 and text.count(walk.full(YELLOW)) == 1
    assert "Зелёная" in text and "Жёлтая" in text and "Место" in text
    walk.person("visitor")
    assert status(walk, "visitor", "/reserve/list/") == 404
    official = walk.signed_in("municipal")
    official.page.goto("/reserve/people/")
    official.sees(walk.full(YELLOW))
    assert "зона" not in official.page.locator("main").inner_text().lower()
    reservist = walk.signed_in(GREEN, width=360)
    reservist.page.goto("/reserve/mine/")
    assert reservist.page.get_by_text("зелёная зона").count() == 2


def step_10_vacancy(walk: Walk) -> None:
    """O3.19: a vacancy; the green zone stands first, is asked, accepts, is presented; no defence of a concept."""
    walk.at("2026-03-11T10:00")
    report_vacancy(walk, "Директор", arose_on="2026-03-10", due="19 марта 2026")
    operator = walk.signed_in("operator")
    page = operator.page
    base = vacancy_case(operator)
    match(operator, base)
    order = page.locator("table:has(#order-caption) tbody th").all_inner_texts()
    assert order == [walk.full(GREEN), walk.full(YELLOW)]
    operator.sees("п. 3.19 Порядка")
    ask_and_present(walk, operator, base, GREEN, answer_until="16.03.2026")
    page.goto(f"{base}recommendation/")
    confirm(operator)


def step_11_council(walk: Walk) -> None:
    """O3.19, O4.7: one meeting of the authorised body recommends the nominee and gives each reservist a mentor."""
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/reservists/mentor/assign/")
    for choice in page.locator("select[name^=mentor_]").all():
        options = choice.locator("option").all_inner_texts()
        mine = next(one for one in options if SURNAMES_OF_EXPERTS[MENTOR] in one)
        choice.select_option(label=mine)
    confirm(operator)
    send_newest_list(operator)
    text = meet(walk, COUNCIL, "2026-03-11T15:00", "2026-03-13T10:00", VOTERS)
    assert "рекомендовать" in text.lower() and "закрепить наставника" in text
    walk.letter(GREEN, "рекомендует")
    walk.letter(YELLOW, SURNAMES_OF_EXPERTS[MENTOR])
    walk.letter(MENTOR, walk.full(YELLOW))
    walk.letter("municipal", "Можно издавать приказ")


def step_12_appointments(walk: Walk) -> None:
    """O3.19, O7.3: the recommended reservist is appointed; another vacancy is closed by a head from outside."""
    walk.at("2026-03-16T12:00")
    official = walk.signed_in("municipal")
    record_appointment(official, "Директор", referral=1, order_number="41-к", order_dated="2026-03-16")
    official.sees("из кадрового резерва")
    walk.letter(GREEN, "Поздравляем")
    report_vacancy(walk, "Заведующий", arose_on="2026-03-12", due="23 марта 2026")
    outsider = "Пришельцев Иван Петрович"
    record_appointment(
        official, "Заведующий", person_name=outsider, order_number="42-к", order_dated="2026-03-16"
    )
    official.sees(outsider)
    official.sees("не из резерва")


def step_13_plan(walk: Walk) -> None:
    """O4.6-4.9: the plan is written on a phone, returned with a remark, mended, agreed, its copy is sent."""
    walk.at("2026-03-17T10:00")
    reservist = walk.signed_in(YELLOW, width=360)
    page = reservist.page
    page.goto("/reserve/development/mine/")
    reservist.sees("10 апреля 2026")  # one month from the inclusion (O4.9)
    reservist.press("Начать план на год")
    fill(page, year="2026")
    reservist.press("Начать план")
    reservist.sees("Добавить пункт")
    plan = page.url
    reservist.press("Добавить пункт")
    write_item(reservist, result="Освою бюджет школы.")
    page.goto(f"{plan}edit/")
    fill(page, goals="К концу года готов возглавить школу.")
    confirm(reservist)
    send_plan(reservist, plan)
    mentor = walk.signed_in(MENTOR, width=360)
    walk.letter(MENTOR, "ждёт вашего согласования")
    fits_a_phone(mentor, "/home/", "/reserve/mentees/")
    follow(mentor.page.locator("main .panel a[href*='/reserve/development/']").first)
    fits_a_phone(mentor)
    mentor.press("Вернуть с замечаниями")
    fill(mentor.page, remarks="Уточните результат: чем его подтвердите?")
    confirm(mentor)
    walk.letter(YELLOW, "чем его подтвердите")
    page.goto(plan)
    follow(page.get_by_role("link", name=re.compile("^Изменить")).first)
    write_item(reservist, result="Составлю проект бюджета школы на 2027 год.")
    send_plan(reservist, plan)
    mentor.page.goto(plan)
    mentor.press("Согласовать")
    confirm(mentor)
    walk.letter(YELLOW, "план развития согласован")
    page.goto(plan)
    reservist.sees("31 марта 2026")  # two weeks from the agreement (O4.9)
    reservist.press("Направить копию")
    confirm(reservist)
    reservist.sees("Копия направлена")
    assert "проект бюджета" in reservist.pdf_text(link_of(page, "/papers/"))


def write_item(reservist: Person, *, result: str) -> None:
    """One row of the plan."""
    page = reservist.page
    form = page.locator("main [name=form] option").nth(1).get_attribute("value") or ""
    area = page.locator("main [name=area] option").nth(1).get_attribute("value") or ""
    fill(page, area=area, form=form, competence="Управление финансами", event="Курс «Бюджет школы»")
    fill(page, organiser="ИРО", starts_on="2026-03-18", ends_on="2026-03-26", result=result)
    fill(page, evidence="Удостоверение")
    confirm(reservist)


def send_plan(reservist: Person, plan: str) -> None:
    reservist.page.goto(plan)
    reservist.press("Отправить на согласование")
    confirm(reservist)


def step_14_event(walk: Walk) -> None:
    """O4.4: the reservist takes part in a planned event, which the own page lists."""
    reservist = take_part(walk, YELLOW, "2026-03-20")
    reservist.page.goto("/reserve/mine/")
    reservist.sees("Управление качеством")
    fits_a_phone(reservist, "/home/", "/reserve/mine/")


def step_15_report(walk: Walk) -> None:
    """O4.14: the quarter's report is due on the 30th of the third month; handed in and accepted by the mentor."""
    walk.at("2026-03-27T10:00")
    reservist = walk.signed_in(YELLOW, width=360)
    page = reservist.page
    page.goto("/reserve/development/mine/")
    reservist.sees("30 марта 2026")
    follow(page.locator("main a[href*='/reserve/reports/']").first)
    report = page.url
    follow(page.locator("main a[href*='/rows/']").first)
    fill(page, progress="100", done="Прошёл курс, составил проект.", done_on="2026-03-26")
    fill(page, hours="36", evidence="Удостоверение № 17")
    confirm(reservist)
    reservist.press("Отправить отчёт")
    confirm(reservist)
    walk.letter(MENTOR, "отчёт ждёт")
    mentor = walk.signed_in(MENTOR, width=360)
    mentor.page.goto(report)
    fits_a_phone(mentor)
    mentor.press("Принять отчёт")
    fill(mentor.page, remarks="Хорошая работа.")
    confirm(mentor)
    walk.letter(YELLOW, "Хорошая работа")
    page.goto(report)
    assert "Удостоверение № 17" in reservist.pdf_text(link_of(page, "/papers/"))


def step_16_attestation(walk: Walk) -> None:
    """O4.17-4.20: the year's attestation moves the reservist to the green zone by an order; a letter tells both."""
    walk.at("2026-12-14T10:00")
    operator = walk.signed_in("operator")
    base = plan_attestation(operator)
    enter_marks(walk, operator, base)
    operator.page.goto(f"{base}list/")
    confirm(operator)
    send_newest_list(operator)
    text = meet(walk, EXPERTS, "2026-12-14T15:00", "2026-12-17T10:00", VOTERS)
    assert walk.full(YELLOW) in text and "Зелёная" in text
    meet(walk, COUNCIL, "2026-12-17T12:00", "2026-12-22T10:00", VOTERS)
    reservist = walk.signed_in(YELLOW, width=360)
    reservist.page.goto("/reserve/mine/")
    reservist.sees("жёлтая зона")  # nothing changes before the order
    walk.at("2026-12-28T10:00")
    record_order(walk, "01-21/900", "2026-12-28")
    letter = walk.letter(YELLOW, "Итоговая аттестация за 2026 год: ваш результат")
    assert "Прежняя зона: жёлтая. Новая зона: зелёная" in letter
    reservist.page.goto("/reserve/mine/")
    reservist.sees("зелёная зона")


def plan_attestation(operator: Person) -> str:
    """Plan the year's attestation with its instrument and borders by decision, and begin it."""
    page = operator.page
    page.goto("/admin/reservists/attestation/new/")
    fill(page, year="2026", opens_on="2026-12-14", closes_on="2026-12-14")
    confirm(operator)
    base = folder_of(page, "attestation")
    page.goto(f"{base}instruments/add/")
    fill(page, name="Защита управленческого проекта", kind="defence", maximum="50", weight="2")
    confirm(operator)
    operator.sees("Не указано, каким решением")
    page.goto(f"{base}borders/")
    fill(page, threshold_percent="70", green_percent="85", borders_basis="Совет, протокол № 9 от 01.12.2026")
    confirm(operator)
    page.goto(f"{base}open/")
    confirm(operator)
    return base


def enter_marks(walk: Walk, operator: Person, base: str) -> None:
    """Points for one, a reason for who did not come."""
    page = operator.page
    page.goto(f"{base}marks/")
    for row in page.locator("main tbody tr").all():
        if walk.full(YELLOW) in row.inner_text():
            row.locator("[name^=points_]").fill("45")
        else:
            row.locator("[name^=absent_]").fill("Назначена на должность")
    confirm(operator)


def step_17_exclusion(walk: Walk) -> None:
    """O6.1-6.3: the own wish, the authorised body, the list to the ministry within ten days, the order."""
    walk.at("2027-01-11T10:00")
    reservist = walk.signed_in(YELLOW, width=360)
    reservist.page.goto("/reserve/mine/")
    reservist.press("Выйти из резерва")
    fill(reservist.page, reason="Переезжаю в другую область.")
    confirm(reservist)
    walk.letter(YELLOW, "получили ваше заявление о выходе")
    operator = walk.signed_in("operator")
    first_row(operator, "/admin/reservists/exclusionsignal/")
    operator.sees("Переезжаю в другую область")
    operator.press("Передать органу")
    confirm(operator)
    meet(walk, COUNCIL, "2027-01-12T10:00", "2027-01-15T10:00", VOTERS)
    walk.at("2027-01-18T10:00")
    sees_limit(walk, "Направить в министерство список", "25.01.2027")  # ten calendar days (O6.3)
    operator.page.goto("/admin/reservists/exclusionsignal/ministry/")
    operator.sees(walk.full(YELLOW))
    confirm(operator)
    record_order(walk, "01-21/12", "2027-01-18")
    assert "01-21/12" in walk.letter(YELLOW, "Вы исключены")
    reservist.page.goto("/reserve/mine/")
    reservist.sees("18 января 2027")


STEPS = (
    step_01_campaign,
    step_02_applications,
    step_03_review,
    step_04_admission,
    step_05_borders,
    step_06_experts,
    step_07_results,
    step_08_inclusion,
    step_09_registry,
    step_10_vacancy,
    step_11_council,
    step_12_appointments,
    step_13_plan,
    step_14_event,
    step_15_report,
    step_16_attestation,
    step_17_exclusion,
)
