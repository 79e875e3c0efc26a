"""The twelve steps of Tomsk's cycle, each by its own person on the portal's pages; the clock is moved, not the data."""

import re
from dataclasses import dataclass
from decimal import Decimal

from playwright.sync_api import Browser, Page, expect

from reserve_portal.simulation.people import sample_pdf, sample_photo
from reserve_portal.simulation.tests.files import docx_letter
from reserve_portal.simulation.tests.portal import Person, Portal, wait_for

PASS, FAIL = "marina", "oleg"
NAMES = {PASS: ("Синицына", "Марина", "Павловна"), FAIL: ("Кузьмин", "Олег", "Игоревич")}
FULL = {key: " ".join(parts) for key, parts in NAMES.items()}
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


@dataclass
class Walk:
    """The portal and the browser in which everybody acts."""

    portal: Portal
    browser: Browser

    def person(self, name: str, *, width: int = 1280) -> Person:
        return Person(self.browser, self.portal, name, width=width)

    def signed_in(self, name: str, *, width: int = 1280) -> Person:
        return self.person(name, width=width).sign_in()

    def at(self, moment: str) -> None:
        self.portal.move_clock(moment)


def fill(page: Page, **fields: str) -> None:
    """Fill inputs, selects and radio groups of a form by their names."""
    for name, value in fields.items():
        control = page.locator(f"main [name={name}], #content [name={name}]")
        kind = control.first.evaluate("one => one.tagName + ':' + one.type")
        if kind.startswith("SELECT"):
            control.first.select_option(value)
        elif kind == "INPUT:radio":
            page.locator(f"[name={name}][value='{value}']").check()
        else:
            control.first.fill(value)


def step_01_campaign(walk: Walk) -> None:
    """The operator opens a campaign with its window; the public page shows it."""
    walk.at("2026-09-07T09:00")
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/candidates/campaign/add/")
    fill(page, name="Осенний набор 2026 года", opens_on="2026-09-14", closes_on="2026-10-16")
    operator.press("Создать набор")
    operator.press("Открыть приём")
    page.locator("main form button[type=submit], #content form button[type=submit]").last.click()
    operator.sees("идёт приём")
    visitor = walk.person("visitor")
    visitor.page.goto("/")
    visitor.sees("Осенний набор 2026 года")
    visitor.sees("16 октября 2026")
    assert not operator.trouble + visitor.trouble


def step_02_applications(walk: Walk) -> None:
    """Two candidates sign up, confirm their addresses, fill, consent, upload and submit; each gets a receipt."""
    walk.at("2026-09-15T10:00")
    apply(walk, PASS, width=360)
    apply(walk, FAIL, width=1280)


def apply(walk: Walk, name: str, *, width: int) -> None:
    """One candidate's way from signing up to the receipt."""
    someone = walk.person(name, width=width)
    page = someone.page
    sign_up(walk, someone, name)
    page.goto("/")
    someone.press("Требования, документы, подача")
    someone.press("Начать заявление")
    someone.sees("НЕ ПОДАНО")
    address = page.url.rstrip("/")
    questionnaire(someone, address)
    rows(someone, address)
    page.goto(f"{address}/choices/")
    page.get_by_label("Самовыдвижение").check()
    page.locator("main [name=groups]").first.check()
    someone.press("Сохранить выбор")
    page.goto(f"{address}/submit/")
    someone.sees("Приложите документ")
    consents(someone, address)
    documents(someone, address)
    page.goto(f"{address}/submit/")
    page.locator("main [name=confirm]").check()
    someone.press("Подать заявление")
    someone.sees("Подано")
    expect(page.locator("main")).not_to_contain_text("НЕ ПОДАНО")
    receipt = someone.pdf_text(f"{address}/receipt.pdf")
    assert NAMES[name][0] in receipt and re.search(r"[0-9a-f]{16}", receipt.replace(" ", ""))
    walk.portal.letter(someone.address, "подан")
    assert not someone.trouble, someone.trouble


def sign_up(walk: Walk, someone: Person, name: str) -> None:
    last, first, patronymic = NAMES[name]
    page = someone.page
    page.goto("/accounts/signup/")
    fill(page, last_name=last, first_name=first, patronymic=patronymic, email=someone.address)
    fill(page, password1="reserve-demo-2026", password2="reserve-demo-2026")
    page.locator("main form button[type=submit]").click()
    letter = walk.portal.letter(someone.address, "confirm-email")
    found = re.search(r"https?://\S+/confirm-email/\S+", letter)
    assert found
    page.goto(found[0])
    page.locator("main form button[type=submit]").click()
    someone.sign_in()


def questionnaire(someone: Person, address: str) -> None:
    """Saved as one types: nothing is pressed, and the answers are there after coming back."""
    page = someone.page
    page.goto(f"{address}/questionnaire/")
    answers = {
        "birth_date": "1982-03-11",
        "citizenship": "RU",
        "phone": "+7 900 123-45-67",
        "municipality": page.locator("main [name=municipality] option").nth(1).get_attribute("value") or "",
        "organisation_name": "Школа № 11 (учебная)",
        "post": "заместитель директора",
        "no_criminal_record": "true",
        "state_language": "true",
        "ready_to_move": "true",
    }
    for name, value in answers.items():
        fill(page, **{name: value})
        page.locator(f"main [name={name}]").blur()
        expect(page.locator(f"#saved-{name}")).to_contain_text(re.compile(r"Сохранено в \d\d:\d\d"))
    page.goto(f"{address}/questionnaire/")
    expect(page.locator("main [name=post]")).to_have_value("заместитель директора")
    expect(page.locator("main [name=phone]")).to_have_value("+7 900 123-45-67")


def rows(someone: Person, address: str) -> None:
    """Two diplomas and two periods of work, enough for 250н."""
    page = someone.page
    for level, field, speciality, year in (
        ("specialist", "pedagogy", "Учитель математики", "2004"),
        ("retraining", "management", "Менеджмент в образовании", "2013"),
    ):
        page.goto(f"{address}/education/add/")
        fill(
            page,
            level=level,
            field=field,
            institution="Учебный университет",
            speciality=speciality,
            year=year,
        )
        someone.press("Сохранить диплом")
    page.goto(f"{address}/employment/add/")
    fill(page, kind="teaching", organisation="Школа № 11 (учебная)", post="учитель", since="2004-08-25")
    fill(page, until="2013-08-14")
    someone.press("Сохранить период")
    page.goto(f"{address}/employment/add/")
    fill(
        page,
        kind="managing",
        organisation="Школа № 11 (учебная)",
        post="заместитель директора",
        since="2013-08-15",
    )
    someone.press("Сохранить период")
    someone.sees("заместитель директора")


def consents(someone: Person, address: str) -> None:
    page = someone.page
    for _ in range(2):
        page.goto(f"{address}/consents/")
        page.get_by_role("link", name=re.compile("Прочитать и дать")).first.click()
        page.locator("main [name=agree]").check()
        someone.press("Дать согласие")


def documents(someone: Person, address: str) -> None:
    """PDF, JPEG, PNG and DOCX by document type; each is stored the moment it is chosen."""
    page = someone.page
    page.goto(f"{address}/documents/")
    page.locator("main input[type=file]").first.set_input_files(
        {"name": "пусто.pdf", "mimeType": "application/pdf", "buffer": b""}
    )
    someone.sees("пуст")
    files = (
        ("заявление.pdf", sample_pdf("Заявление об участии")),
        ("диплом.png", sample_photo("PNG")),
        ("трудовая.jpg", sample_photo()),
        None,
        ("портфолио.docx", docx_letter("Мои достижения")),
    )
    for number, named in enumerate(files):
        if named is None:
            continue
        page.goto(f"{address}/documents/")
        page.locator("main input[type=file]").nth(number).set_input_files(
            {"name": named[0], "mimeType": "application/octet-stream", "buffer": named[1]}
        )
        someone.sees(named[0])


def step_03_review(walk: Walk) -> None:
    """Registration with a gapless number, review, one document sent back and replaced, the list for admission."""
    walk.at("2026-09-16T09:30")
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/candidates/campaign/")
    page.get_by_role("link", name="Осенний набор 2026 года").click()
    operator.press("Зарегистрировать всё")
    operator.page.locator("main form button[type=submit], #content form button[type=submit]").last.click()
    for name in (PASS, FAIL):
        open_application(operator, NAMES[name][0])
        operator.sees("КР-2026-000")
        review(operator, send_back="диплом.png" if name == PASS else "")
        if name == PASS:
            operator.press("Вернуть на исправление")
            confirm(operator)
            mend(walk)
            open_application(operator, NAMES[name][0])
            review(operator)
        operator.press("Закончить проверку")
        page.locator("[name=admit][value=yes]").check()
        confirm(operator)
    page.goto("/admin/candidates/campaign/")
    page.get_by_role("link", name="Осенний набор 2026 года").click()
    operator.press("Список для допуска")
    operator.press("Составить список")
    page.wait_for_load_state()
    operator.press("Передать список")
    confirm(operator)
    assert not operator.trouble, operator.trouble


def open_application(operator: Person, surname: str) -> None:
    """Find an application by surname, in whatever case and with whichever «е»."""
    operator.page.goto(f"/admin/candidates/application/?q={surname.lower().replace('ё', 'е')}")
    operator.page.get_by_role("link", name=re.compile(surname)).first.click()


def review(operator: Person, *, send_back: str = "") -> None:
    """A verdict on each document that has a file and none yet."""
    page = operator.page
    links = "all => [...new Set(all.map(one => one.getAttribute('href')))]"
    slots = page.locator("a[href*='?item=']").evaluate_all(links)
    base = page.url.split("?")[0]
    for slot in slots:
        page.goto(base + slot if slot.startswith("?") else slot)
        form = page.locator("form:has([name=verdict])")
        if not form.count() or form.locator("[name=verdict]:checked").count():
            continue
        if send_back and page.get_by_text(send_back).count():
            form.locator("[value=correct]").check()
            form.locator("[name=ground]").select_option(index=1)
            form.locator("[name=words]").fill("Вторая страница не читается: снимите её ещё раз.")
        else:
            form.locator("[value=accepted]").check()
        form.locator("button[type=submit]").click()
        page.wait_for_load_state()
    page.goto(base)


def mend(walk: Walk) -> None:
    """The candidate sees the operator's words and replaces only that document."""
    someone = walk.signed_in(PASS, width=360)
    page = someone.page
    walk.portal.letter(someone.address, "не читается")
    someone.press("Исправить документы")
    someone.sees("Вторая страница не читается")
    assert page.locator("main input[type=file]").count() == 1
    page.locator("main input[type=file]").set_input_files(
        {"name": "диплом-снова.jpg", "mimeType": "image/jpeg", "buffer": sample_photo()}
    )
    someone.sees("диплом-снова.jpg")
    someone.press("Отправить исправленное")
    someone.sees("документы проверяют")
    assert not someone.trouble, someone.trouble


def confirm(person: Person) -> None:
    """Press the button of a confirmation page."""
    person.page.locator("main form button.btn-primary, main form button.btn-danger").last.click()
    person.page.wait_for_load_state()


def step_04_admission(walk: Walk) -> None:
    """The commission studies, somebody declares a conflict, quorum is checked, votes, the protocol is issued."""
    walk.at("2026-09-17T10:00")
    plan_meeting(walk, "commission", "2026-09-21T10:00")
    walk.at("2026-09-21T10:05")
    declare_conflict(walk)
    refuse_without_quorum(walk)
    hold_meeting(walk)
    secretary = walk.signed_in("secretary")
    text = protocol_text(secretary)
    assert "ПРОТОКОЛ" in text and FULL[PASS] in text and FULL[FAIL] in text
    assert "допустить" in text.lower() and "Решаева" in text
    for name in (PASS, FAIL):
        walk.portal.letter(f"{name}@demo.example", "допущены")


def plan_meeting(walk: Walk, body: str, starts_at: str) -> None:
    """The operator calls the body and puts what waits for it onto the agenda."""
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/commissions/meeting/plan/")
    page.locator("[name=body]").select_option(label=body_name(page, body))
    fill(page, form="in_person", starts_at=starts_at, place="Актовый зал")
    operator.press("Назначить заседание")
    page.wait_for_load_state()
    page.goto(re.sub(r"(/meeting/\d+/).*", r"\1agenda/", page.url))
    for box in page.locator("[name=lists]").all():
        box.check()
    fill(page, speaker="Операторова Инна Юрьевна")
    operator.press("Включить в повестку")
    page.wait_for_load_state()
    walk.portal.letter("member1@demo.example", "Актовый зал")
    assert not operator.trouble, operator.trouble


def body_name(page: Page, body: str) -> str:
    words = {"commission": "по отбору", "defence_commission": "защите"}[body]
    options = page.locator("[name=body] option").all_inner_texts()
    return next(text for text in options if words in text)


def open_next_meeting(person: Person) -> None:
    """Open the newest meeting of the list."""
    person.page.goto("/commission/")
    links = person.page.locator("main a[href*='/commission/meetings/']")
    numbers = [
        int(re.findall(r"/meetings/(\d+)/", one.get_attribute("href") or "")[0]) for one in links.all()
    ]
    person.page.goto(f"/commission/meetings/{max(numbers)}/")


def open_item(person: Person) -> None:
    open_next_meeting(person)
    person.page.locator("main a[href*='/commission/items/']").first.click()


def declare_conflict(walk: Walk) -> None:
    member = walk.signed_in("member2")
    open_item(member)
    member.page.locator("main a[href*='/conflict/']").first.click()
    fill(member.page, reason="Работали вместе пять лет.")
    member.press("Заявить об отводе")
    member.page.wait_for_load_state()
    member.sees("отвод")


def refuse_without_quorum(walk: Walk) -> None:
    """With three of seven present voting cannot begin; the page says why."""
    secretary = walk.signed_in("secretary")
    open_next_meeting(secretary)
    attend(secretary, ("chair", "member1", "member2"))
    secretary.page.locator("main form:has([name=present]) button[type=submit]").click()
    secretary.page.wait_for_load_state()
    secretary.page.locator("main a[href*='/commission/items/']").first.click()
    secretary.sees("Нет кворума")


def attend(secretary: Person, names: tuple[str, ...]) -> None:
    for box in secretary.page.locator("main [name=present]").all():
        box.uncheck()
    for name in (*names, "secretary"):
        secretary.page.get_by_label(re.compile(SURNAMES[name])).check()


def hold_meeting(walk: Walk) -> None:
    """Attendance, voting of each present member on a page of the own, closing."""
    secretary = walk.signed_in("secretary")
    page = secretary.page
    open_next_meeting(secretary)
    attend(secretary, VOTERS)
    page.locator("main form:has([name=present]) button[type=submit]").click()
    page.wait_for_load_state()
    page.locator("main a[href*='/commission/items/']").first.click()
    secretary.press("Начать голосование")
    for name in VOTERS:
        voter = walk.signed_in(name)
        open_item(voter)
        voter.page.locator("[name=choice][value=for]").check()
        voter.press("Проголосовать")
        voter.sees("Ваш голос принят")
        assert not voter.trouble, voter.trouble
        voter.context.close()
    open_item(secretary)
    secretary.press("Закончить голосование")
    open_next_meeting(secretary)
    secretary.press("Закрыть заседание")
    secretary.press("Закрыть заседание и выдать протокол")
    secretary.sees("закрыто")
    assert not secretary.trouble, secretary.trouble


def protocol_text(person: Person) -> str:
    open_next_meeting(person)
    return person.pdf_text(person.page.locator("main a[href*='/papers/']").first.get_attribute("href") or "")


def step_05_invitation(walk: Walk) -> None:
    """Candidates are invited a week or more before; later is blocked, with the reason and the earliest date."""
    walk.at("2026-09-22T10:00")
    operator = walk.signed_in("operator")
    page = operator.page
    make_procedure(operator, "Слишком скоро", "2026-09-25T09:00", "2026-09-25T18:00")
    soon = re.sub(r"(/procedure/\d+/).*", r"\1", page.url)
    page.goto(soon + "schedule/")
    confirm(operator)
    page.goto(soon + "invite/")
    operator.sees("29 сентября 2026")
    make_procedure(operator, "Оценка компетенций осенью", "2026-09-30T09:00", "2026-10-02T18:00")
    schedule_and_invite(operator)
    for name in (PASS, FAIL):
        walk.portal.letter(f"{name}@demo.example", "30 сентября 2026")
    candidate = walk.signed_in(PASS, width=360)
    candidate.sees("Оценка компетенций осенью")
    assert not operator.trouble + candidate.trouble


def make_procedure(operator: Person, name: str, starts_at: str, ends_at: str) -> None:
    page = operator.page
    page.goto("/admin/assessment/procedure/add/")
    if page.locator("[name=campaign]").count():
        page.locator("[name=campaign]").select_option(index=1)
        operator.press("Дальше")
    fill(page, name=name, starts_at=starts_at, ends_at=ends_at, place="https://testing.demo.example/")
    fill(page, instructions="Войдите на платформу по своему адресу.")
    page.locator("main form button.btn-primary").last.click()
    page.wait_for_load_state()


def schedule_and_invite(operator: Person) -> None:
    page = operator.page
    base = re.sub(r"(/procedure/\d+/).*", r"\1", page.url)
    page.goto(base + "schedule/")
    confirm(operator)
    page.goto(base + "questions/")
    fill(page, text="1. Кто утверждает программу развития школы?")
    confirm(operator)
    page.goto(base + "invite/")
    confirm(operator)
    operator.sees("Приглашено: 2")


def step_06_results(walk: Walk) -> None:
    """Moodle's export is imported: 70.00 passes, 69.99 does not; the candidate sees nothing before the decision."""
    walk.at("2026-10-02T18:05")
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/assessment/procedure/")
    page.get_by_role("link", name="Оценка компетенций осенью").click()
    base = page.url.removesuffix("change/")

    def ended() -> bool:
        page.goto(base + "change/")
        return "закончена" in page.locator("main").inner_text()

    wait_for(ended, "the background process to end the procedure", 150)
    page.goto(base + "import/")
    strangers = export(("nobody", "50"))
    page.set_input_files("[name=file]", {"name": "чужие.csv", "mimeType": "text/csv", "buffer": strangers})
    operator.press("Проверить файл")
    operator.sees("nobody@demo.example")
    page.goto(base + "import/")
    data = export((PASS, "70.00"), (FAIL, "69.99"))
    page.set_input_files("[name=file]", {"name": "оценки.csv", "mimeType": "text/csv", "buffer": data})
    operator.press("Проверить файл")
    operator.press("Внести результаты")
    page.wait_for_load_state()
    page.goto(base + "change/")
    operator.sees("69,99")
    candidate = walk.signed_in(PASS)
    candidate.page.goto("/home/")
    assert "70" not in candidate.page.locator("main").inner_text().replace("2026", "")
    assert not operator.trouble, operator.trouble


def export(*people: tuple[str, str]) -> bytes:
    """A quiz report as Moodle 4 writes it, points split over three sections of 20, 20 and 60."""
    heads = 'Фамилия,Имя,"Адрес электронной почты",Состояние,"Тест начат",Завершено,"Затраченное время"'
    lines = [heads + ',"Оценка/100,00","В. 1 /20,00","В. 2 /20,00","В. 3 /60,00"']
    for name, total in people:
        last, first, patronymic = NAMES.get(name, ("Никто", "Неизвестный", ""))
        rest = Decimal(total) - 24
        cells = [
            f"{value:.2f}".replace(".", ",") for value in (Decimal(total), Decimal(12), Decimal(12), rest)
        ]
        times = '"30 сентября 2026  10:02","30 сентября 2026  10:47","45 мин. 11 сек."'
        lines.append(
            f'{last},"{first} {patronymic}",{name}@demo.example,Завершены,{times},'
            + ",".join(f'"{one}"' for one in cells)
        )
    return ("\ufeff" + "\n".join(lines) + "\n").encode()


def step_07_inclusion(walk: Walk) -> None:
    """The list for inclusion, the registry as PDF and XLSX, the public list, the route and date of who stayed below."""
    walk.at("2026-10-05T10:00")
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/reservists/registryedition/inclusion/")
    page.locator("[name=procedure]").select_option(index=1)
    confirm(operator)
    send_newest_list(operator)
    plan_meeting(walk, "commission", "2026-10-08T10:00")
    walk.at("2026-10-08T10:05")
    hold_meeting(walk)
    publish(walk)
    visitor = walk.person("visitor")
    visitor.page.goto("/reserve/list/")
    visitor.sees(FULL[PASS])
    assert FULL[FAIL] not in visitor.page.content()
    walk.portal.letter(f"{PASS}@demo.example", "включены в кадровый резерв")
    send_route(walk)
    below = walk.signed_in(FAIL)
    walk.portal.letter(below.address, "2027")
    below.sees("Вы не включены в кадровый резерв")


def send_newest_list(operator: Person) -> None:
    page = operator.page
    page.goto("/admin/commissions/decisionlist/")
    page.locator("#result_list tbody tr a").first.click()
    operator.press("Передать органу")
    confirm(operator)


def publish(walk: Walk) -> None:
    walk.at("2026-10-12T11:00")
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/reservists/registryedition/")
    page.locator("#result_list tbody tr a").first.click()
    base = re.sub(r"(/registryedition/\d+/).*", r"\1", page.url)
    page.goto(base + "issue/")
    confirm(operator)
    number = re.findall(r"/registryedition/(\d+)/", base)[0]

    def ready() -> bool:
        page.goto(f"/reserve/registry/{number}/")
        return page.locator("main a[href*='/papers/']").count() > 0

    wait_for(ready, "the registry's papers", 90)
    text = operator.pdf_text(page.locator("main a[href*='/papers/']").first.get_attribute("href") or "")
    assert FULL[PASS] in text and FULL[FAIL] not in text
    table = operator.context.request.get(f"{operator.portal.url}/reserve/registry/{number}/table/")
    assert table.status == 200 and table.body()[:2] == b"PK"
    page.goto(base + "publish/")
    confirm(operator)
    assert not operator.trouble, operator.trouble


def send_route(walk: Walk) -> None:
    """The operator approves and sends the learning route's draft (T5)."""
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/assessment/learningroute/")
    page.locator("#result_list tbody tr a").first.click()
    operator.sees("октября 2027")
    page.goto(re.sub(r"(/learningroute/\d+/).*", r"\1send/", page.url))
    confirm(operator)
    walk.portal.letter(f"{FAIL}@demo.example", "маршрут")


def step_08_events(walk: Walk) -> None:
    """A reservist takes part in an event, the participation is confirmed, the counter moves (T7)."""
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/reservists/event/new/")
    fill(
        page,
        name="Управление качеством",
        kind="planned",
        starts_at="2026-10-14T15:00",
        ends_at="2026-10-14T17:00",
    )
    fill(page, place="Онлайн", places="10")
    confirm(operator)
    base = re.sub(r"(/event/\d+/).*", r"\1", page.url)
    number = re.findall(r"/event/(\d+)/", base)[0]
    reservist = walk.signed_in(PASS, width=360)
    reservist.page.goto(f"/reserve/events/{number}/")
    reservist.press("Записаться")
    reservist.page.wait_for_load_state()
    walk.at("2026-10-14T17:05")
    page.goto(base + "attendance/")
    for box in page.locator("[name=people]").all():
        box.check()
    confirm(operator)
    reservist.page.goto("/home/")
    reservist.sees("1 из 3")
    assert not operator.trouble + reservist.trouble


def step_09_vacancy(walk: Walk) -> None:
    """A municipality reports a vacancy: working days are counted, the letter is a PDF, the operator gets a copy."""
    walk.at("2026-10-19T09:00")
    official = walk.signed_in("municipal", width=360)
    page = official.page
    page.goto("/vacancies/report/")
    page.locator("main [name=organisation]").select_option(index=1)
    fill(page, post="Директор", arose_on="2026-10-15")
    official.press("Сообщить о вакансии")
    page.wait_for_load_state()
    official.sees("26 октября 2026")
    text = official.pdf_text(page.locator("main a[href*='/papers/']").first.get_attribute("href") or "")
    assert "Директор" in text and "15" in text
    walk.portal.letter("operator@demo.example", "Сообщено о вакансии")
    assert not official.trouble, official.trouble


def vacancy_page(operator: Person) -> str:
    """Open the newest vacancy in the operator's workplace; returns the address of the folder of its pages."""
    page = operator.page
    page.goto("/admin/vacancies/vacancy/")
    link = page.locator("#result_list tbody tr a").first.get_attribute("href") or ""
    number = re.findall(r"/vacancy/(\d+)/", link)[0]
    page.goto(f"/admin/vacancies/vacancy/{number}/case/")
    return f"/admin/vacancies/vacancy/{number}/"


def step_10_matching(walk: Walk) -> None:
    """Matching gives an explained order; the reservist is asked, accepts, is presented."""
    operator = walk.signed_in("operator")
    page = operator.page
    base = vacancy_page(operator)
    operator.press("Начать подбор")
    page.wait_for_load_state()
    page.goto(base + "matching/")
    operator.sees(FULL[PASS])
    operator.sees("T7")
    operator.press("Сохранить подбор")
    page.wait_for_load_state()
    page.locator("a[href*='/orders/']").first.click()
    page.get_by_role("button", name=re.compile("Спросить")).first.click()
    page.wait_for_load_state()
    reservist = walk.signed_in(PASS, width=360)
    walk.portal.letter(reservist.address, "22.10.2026")
    reservist.page.goto("/vacancies/offers/")
    reservist.page.locator("main a[href*='/vacancies/offers/']").first.click()
    reservist.page.get_by_role("button", name=re.compile("оглас")).first.click()
    reservist.page.wait_for_load_state()
    page.goto(base + "case/")
    page.get_by_role("link", name=re.compile("Представить")).first.click()
    confirm(operator)
    walk.portal.letter(reservist.address, "представил")
    assert not operator.trouble + reservist.trouble


def step_11_defence(walk: Walk) -> None:
    """The concept is uploaded, members hand in sheets hidden from each other, recommend, the protocol is issued."""
    operator = walk.signed_in("operator")
    base = vacancy_page(operator)
    operator.page.goto(base + "defence/")
    fill(operator.page, day="2026-10-26", at="11:00", place="Актовый зал")
    confirm(operator)
    nominee = walk.signed_in(PASS)
    nominee.page.goto("/vacancies/offers/")
    nominee.page.locator("main a[href*='/vacancies/offers/']").first.click()
    nominee.page.set_input_files(
        "main [name=file]",
        {"name": "концепция.pdf", "mimeType": "application/pdf", "buffer": sample_pdf("Концепция")},
    )
    nominee.press("Загрузить концепцию")
    nominee.sees("концепция.pdf")
    walk.at("2026-10-26T11:05")
    secretary = walk.signed_in("secretary")
    open_next_meeting(secretary)
    attend(secretary, VOTERS)
    secretary.page.locator("main form:has([name=present]) button[type=submit]").click()
    secretary.page.wait_for_load_state()
    for name in VOTERS:
        hand_in_sheet(walk, name)
    hold_defence_vote(walk, secretary)
    text = protocol_text(secretary)
    assert FULL[PASS] in text and "рекомендовать" in text.lower()
    walk.portal.letter(nominee.address, "рекомендует")


def hand_in_sheet(walk: Walk, name: str) -> None:
    member = walk.signed_in(name)
    page = member.page
    page.goto("/vacancies/defences/")
    page.locator("main a[href*='/vacancies/defences/']").first.click()
    page.locator("main a[href*='/vacancies/sheets/']").first.click()
    names = page.locator("main [name^=points_]").evaluate_all("all => [...new Set(all.map(one => one.name))]")
    assert len(names) == 8
    for number, field in enumerate(names):
        points = "1" if number == 0 else "2"
        page.locator(f"[name={field}][value='{points}']").check()
    page.locator("main button[type=submit]").last.click()
    page.wait_for_load_state()
    member.sees("поясните")
    page.locator(f"[name={names[0].replace('points', 'comment')}]").fill("Не хватает сроков.")
    page.locator("main button[type=submit]").last.click()
    page.wait_for_load_state()
    assert not member.trouble, member.trouble
    member.context.close()


def hold_defence_vote(walk: Walk, secretary: Person) -> None:
    open_item(secretary)
    secretary.press("Начать голосование")
    for name in VOTERS:
        voter = walk.signed_in(name)
        open_item(voter)
        voter.page.locator("[name=choice][value=for]").check()
        voter.press("Проголосовать")
        voter.sees("Ваш голос принят")
        voter.context.close()
    open_item(secretary)
    secretary.press("Закончить голосование")
    open_next_meeting(secretary)
    secretary.press("Закрыть заседание")
    secretary.press("Закрыть заседание и выдать протокол")
    secretary.sees("закрыто")


def step_12_appointment(walk: Walk) -> None:
    """The department agrees, the municipality records the appointment; the reservist is appointed, the case closed."""
    walk.at("2026-10-28T10:00")
    department = walk.signed_in("department")
    page = department.page
    page.goto("/vacancies/agreements/")
    page.locator("main a[href*='/vacancies/agreements/']").first.click()
    fill(page, agreed="yes", number="57-04/12", dated="2026-10-28")
    department.press("Внести решение")
    page.wait_for_load_state()
    walk.portal.letter(f"{PASS}@demo.example", "согласовано")
    walk.at("2026-10-30T12:00")
    official = walk.signed_in("municipal")
    page = official.page
    page.goto("/vacancies/")
    page.locator("main tbody a[href*='/vacancies/'], main a[href^='/vacancies/']").filter(
        has_text="Директор"
    ).first.click()
    official.press("Записать назначение")
    page.wait_for_load_state()
    page.locator("main [name=referral]").select_option(index=0)
    fill(page, order_number="88-к", order_dated="2026-10-30")
    official.press("Записать назначение")
    page.wait_for_load_state()
    official.sees("закрыта назначением")
    reservist = walk.signed_in(PASS)
    walk.portal.letter(reservist.address, "Поздравляем")
    reservist.page.goto("/reserve/mine/")
    reservist.sees("назначен")
    assert not department.trouble + official.trouble + reservist.trouble


STEPS = (
    step_01_campaign,
    step_02_applications,
    step_03_review,
    step_04_admission,
    step_05_invitation,
    step_06_results,
    step_07_inclusion,
    step_08_events,
    step_09_vacancy,
    step_10_matching,
    step_11_defence,
    step_12_appointment,
)
