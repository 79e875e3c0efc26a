"""What every region's walk shares: everybody's browser, and the deeds of candidates and of the operator."""

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, expect

from reserve_portal.simulation.people import sample_pdf, sample_photo
from reserve_portal.simulation.tests.files import docx_letter
from reserve_portal.simulation.tests.portal import Person, Portal, follow, wait_for

Name = tuple[str, str, str]
File = tuple[str, bytes]


@dataclass
class Walk:
    """The portal and everybody's browser; each person signs in once and keeps the browser through the walk."""

    portal: Portal
    browser: Browser
    names: dict[str, Name]
    people: dict[str, Person] = field(default_factory=dict)

    def person(self, name: str, *, width: int = 1280) -> Person:
        """Somebody at a screen of `width` pixels."""
        if name not in self.people:
            self.people[name] = Person(self.browser, self.portal, name)
        self.people[name].page.set_viewport_size({"width": width, "height": 900})
        return self.people[name]

    def signed_in(self, name: str, *, width: int = 1280) -> Person:
        """Somebody signed in, on the page where he or she was last."""
        someone = self.person(name, width=width)
        return someone if someone.is_signed_in else someone.sign_in()

    def at_home(self, name: str, *, width: int = 1280) -> Person:
        """Somebody signed in, on the own home page."""
        someone = self.signed_in(name, width=width)
        someone.page.goto("/home/")
        return someone

    def full(self, name: str) -> str:
        """A candidate's surname, name and patronymic."""
        return " ".join(self.names[name])

    def at(self, moment: str) -> None:
        self.portal.move_clock(moment)

    def letter(self, name: str, words: str) -> str:
        """Wait for a letter to this person; returns its text."""
        return self.portal.letter(f"{name}@demo.example", words)

    def photograph(self, folder: Path) -> None:
        """Keep everybody's page as it stands, for whoever looks into a failure."""
        for name, someone in self.people.items():
            with contextlib.suppress(Error):
                someone.page.screenshot(path=folder / f"{name}.png", full_page=True, timeout=5000)

    def trouble(self) -> list[str]:
        """Errors of the browsers' consoles: scripts, styles and pictures that the pages' policy refused."""
        return [f"{name}: {words}" for name, someone in self.people.items() for words in someone.trouble]


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


def fits_a_phone(someone: Person, *addresses: str) -> None:
    """At 360 px the page does not scroll sideways, no control lies outside, no text is smaller than 12 px."""
    page = someone.page
    page.set_viewport_size({"width": 360, "height": 800})
    for address in addresses or (page.url,):
        if page.url != address:
            page.goto(address)
        assert page.evaluate(UNFIT) == [], address


# Text and controls that a narrow screen cuts off or makes unreadable; what scrolls in a box of its own is left out.
UNFIT = """() => {
  const width = document.documentElement.clientWidth;
  const found = document.documentElement.scrollWidth > width ? ["the page scrolls sideways"] : [];
  for (const one of document.querySelectorAll("main *")) {
    const box = one.getBoundingClientRect();
    const text = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!box.width || one.closest(".table-scroll, .visually-hidden, svg, details:not([open])")) continue;
    const says = one.outerHTML.slice(0, 120);
    const matters = text || one.matches("input, select, textarea, button");
    if (matters && box.right > width + 1) found.push("cut off: " + says);
    if (text && parseFloat(getComputedStyle(one).fontSize) < 12) found.push("too small: " + says);
  }
  return found;
}"""


def press_about(person: Person, deed: str, whom: str) -> None:
    """Press the button or link of a row: what it does, and about whom for those who do not see the row."""
    name = re.compile(rf"^{deed}\s*:\s*{whom}")
    page = person.page
    follow(page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first)


def confirm(person: Person) -> None:
    """Press the button of a form or of a confirmation page."""
    follow(person.page.locator("main form button.btn-primary, main form button.btn-danger").last)


def folder_of(page: Page, kind: str) -> str:
    """The address under which the pages of the object shown lie, such as /admin/assessment/procedure/3/."""
    found = re.search(rf".*/{kind}/\d+/", page.url)
    assert found, f"no {kind} at {page.url}"
    return found[0]


def first_row(person: Person, listing: str) -> None:
    """Open the first row of a list of the operator's workplace."""
    person.page.goto(listing)
    follow(person.page.locator("#result_list tbody tr a").first)


def link_of(page: Page, part: str) -> str:
    """The address of the first link in the main part that holds `part`."""
    return page.locator(f"main a[href*='{part}']").first.get_attribute("href") or ""


def open_campaign(walk: Walk, name: str, opens_on: str, closes_on: str, **more: str) -> Person:
    """The operator makes a campaign and opens its window; returns the operator, on the campaign's page."""
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/candidates/campaign/add/")
    fill(page, name=name, opens_on=opens_on, closes_on=closes_on, **more)
    operator.press("Создать набор")
    operator.press("Открыть приём")
    confirm(operator)
    operator.sees("идёт приём")
    return operator


def sign_up(walk: Walk, name: str, *, width: int) -> Person:
    """A new person makes an account and confirms the address by the letter's link."""
    someone = walk.person(name, width=width)
    last, first, patronymic = walk.names[name]
    page = someone.page
    page.goto("/accounts/signup/")
    fill(page, last_name=last, first_name=first, patronymic=patronymic, email=someone.address)
    fill(page, password1="reserve-demo-2026", password2="reserve-demo-2026")
    follow(page.locator("main form button[type=submit]"))
    letter = walk.portal.letter(someone.address, "confirm-email")
    found = re.search(r"https?://\S+/confirm-email/\S+", letter)
    assert found
    page.goto(found[0])
    follow(page.locator("main form button[type=submit]"))
    return someone.sign_in()


def begin_application(someone: Person) -> str:
    """Start an application from the home page; returns the address of its pages."""
    someone.page.goto("/")
    someone.press("Требования, документы, подача")
    someone.press("Начать заявление")
    someone.sees("НЕ ПОДАНО")
    return someone.page.url.rstrip("/")


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
    """Two diplomas and two periods of work: enough for both regions' requirements."""
    page = someone.page
    for level, subject, speciality, year in (
        ("specialist", "pedagogy", "Учитель математики", "2004"),
        ("retraining", "management", "Менеджмент в образовании", "2013"),
    ):
        page.goto(f"{address}/education/add/")
        fill(page, level=level, field=subject, institution="Учебный университет")
        fill(page, speciality=speciality, year=year, hours="520")
        someone.press("Сохранить диплом")
    for kind, post, since, until in (
        ("teaching", "учитель", "2004-08-25", "2013-08-14"),
        ("managing", "заместитель директора", "2013-08-15", ""),
    ):
        page.goto(f"{address}/employment/add/")
        fill(page, kind=kind, organisation="Школа № 11 (учебная)", post=post, since=since, until=until)
        someone.press("Сохранить период")
    someone.sees("заместитель директора")


def choose(someone: Person, address: str, groups: Sequence[int] = (0,)) -> None:
    """One nominates oneself for the target groups at these places of the list."""
    page = someone.page
    page.goto(f"{address}/choices/")
    page.get_by_label("Самовыдвижение").check()
    for place in groups:
        page.locator("main [name=groups]").nth(place).check()
    someone.press("Сохранить выбор")


def consents(someone: Person, address: str) -> None:
    """Two separate consents, each read and given on a page of its own."""
    for _ in range(2):
        someone.page.goto(f"{address}/consents/")
        follow(someone.page.get_by_role("link", name=re.compile("Прочитать и дать")).first)
        someone.page.locator("main [name=agree]").check()
        for box in someone.page.locator("main [name=items]").all():
            box.check()
        someone.press("Дать согласие")


def documents(someone: Person, address: str, files: dict[int, File]) -> None:
    """A file for each of these slots, stored the moment it is chosen; an empty one is refused first."""
    page = someone.page
    page.goto(f"{address}/documents/")
    slots = page.locator("main input[type=file]")
    slots.first.set_input_files({"name": "пусто.pdf", "mimeType": "application/pdf", "buffer": b""})
    someone.sees("пуст")
    for number, (name, data) in files.items():
        slots.nth(number).set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        )
        page.get_by_role("link", name=name, exact=True).wait_for()


def some_files(slots: Iterable[int]) -> dict[int, File]:
    """PDF, PNG, JPEG and DOCX in turn for the slots at these places."""
    kinds = (
        ("заявление", "pdf", sample_pdf("Заявление об участии")),
        ("диплом", "png", sample_photo("PNG")),
        ("трудовая", "jpg", sample_photo()),
        ("портфолио", "docx", docx_letter("Мои достижения")),
    )
    chosen = [(slot, *kinds[number % len(kinds)]) for number, slot in enumerate(slots)]
    return {slot: (f"{name}-{slot}.{ending}", data) for slot, name, ending, data in chosen}


def submit(walk: Walk, someone: Person, address: str) -> None:
    """Submitting ends with a receipt that names the person and holds the fingerprint of what was submitted."""
    page = someone.page
    surname = walk.names[someone.name][0]
    page.goto(f"{address}/submit/")
    page.locator("main [name=confirm]").check()
    someone.press("Подать заявление")
    someone.sees("Подано")
    expect(page.locator("main")).not_to_contain_text("НЕ ПОДАНО")
    receipt = someone.pdf_text(f"{address}/receipt.pdf")
    assert surname in receipt and re.search(r"[0-9a-f]{16}", receipt.replace(" ", ""))
    walk.portal.letter(someone.address, "подан")


def to_campaign(operator: Person, name: str) -> None:
    """The operator opens a campaign's page."""
    operator.page.goto("/admin/candidates/campaign/")
    follow(operator.page.get_by_role("link", name=name))


def register_all(operator: Person, campaign: str) -> None:
    to_campaign(operator, campaign)
    operator.press("Зарегистрировать всё")
    confirm(operator)


def open_application(operator: Person, surname: str) -> None:
    """Find an application by surname, in whatever case and with whichever «е»."""
    operator.page.goto(f"/admin/candidates/application/?q={surname.lower().replace('ё', 'е')}")
    follow(operator.page.get_by_role("link", name=re.compile(surname)).first)


def review(operator: Person, objections: dict[str, tuple[str, str]] | None = None) -> None:
    """A verdict on one document after another, as the portal leads on to the next that has none.

    `objections`: by file name, verdict and words.
    """
    page = operator.page
    form = page.locator("form:has([name=verdict])")
    while form.count() and not form.locator("[name=verdict]:checked").count():
        shown = page.locator("main").inner_text()
        said = [value for file, value in (objections or {}).items() if file in shown]
        verdict, words = said[0] if said else ("accepted", "")
        form.locator(f"[value={verdict}]").check()
        if verdict == "correct":
            form.locator("[name=ground]").select_option(index=1)
        form.locator("[name=words]").fill(words)
        follow(form.locator("button[type=submit]"))


def finish_review(operator: Person) -> None:
    """End the review with the proposal to admit."""
    operator.press("Закончить проверку")
    operator.page.locator("[name=admit][value=yes]").check()
    confirm(operator)


def send_admission_list(operator: Person, campaign: str) -> None:
    """Make the list for admission and send it to the first body of its chain."""
    page = operator.page
    to_campaign(operator, campaign)
    operator.press("Список для допуска")
    if page.locator("[name=seen]").count():
        page.locator("[name=seen]").check()
    operator.press("Составить список")
    operator.press("Передать список")
    confirm(operator)


def make_procedure(operator: Person, name: str, starts_at: str, ends_at: str) -> str:
    """Create a procedure of assessment for the first campaign offered; returns the address of its pages."""
    page = operator.page
    page.goto("/admin/assessment/procedure/add/")
    if page.locator("[name=campaign]").count():
        page.locator("[name=campaign]").select_option(index=1)
        operator.press("Дальше")
    fill(page, name=name, starts_at=starts_at, ends_at=ends_at, place="https://testing.demo.example/")
    fill(page, instructions="Войдите на платформу по своему адресу.")
    confirm(operator)
    return folder_of(page, "procedure")


def upload_results(operator: Person, base: str, data: bytes) -> None:
    """Give the platform's file to the portal and see the preview."""
    operator.page.goto(f"{base}import/")
    operator.page.set_input_files(
        "[name=file]", {"name": "оценки.csv", "mimeType": "text/csv", "buffer": data}
    )
    operator.press("Проверить файл")


def export(names: dict[str, Name], maxima: Sequence[str], points: dict[str, Sequence[str]]) -> bytes:
    """A quiz report as Moodle 4 writes it: one column per section with these maxima, and each person's points."""
    heads = 'Фамилия,Имя,"Адрес электронной почты",Состояние,"Тест начат",Завершено,"Затраченное время"'
    columns = [
        f"Оценка/{_comma(_sum(maxima))}",
        *(f"В. {number} /{_comma(Decimal(one))}" for number, one in enumerate(maxima, start=1)),
    ]
    lines = [",".join([heads, *(f'"{one}"' for one in columns)])]
    for name, scores in points.items():
        last, first, patronymic = names.get(name, ("Никто", "Неизвестный", ""))
        times = '"30 сентября 2026  10:02","30 сентября 2026  10:47","45 мин. 11 сек."'
        cells = ",".join(f'"{_comma(one)}"' for one in (_sum(scores), *map(Decimal, scores)))
        lines.append(f'{last},"{first} {patronymic}",{name}@demo.example,Завершены,{times},{cells}')
    return ("\ufeff" + "\n".join(lines) + "\n").encode()


def _sum(points: Sequence[str]) -> Decimal:
    return sum(map(Decimal, points), Decimal(0))


def _comma(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",")


def take_part(walk: Walk, name: str, day: str) -> Person:
    """A planned event of `day`: the reservist registers on a phone, the operator confirms who was there (T7, O4.4)."""
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/reservists/event/new/")
    fill(page, name="Управление качеством", kind="planned", place="Онлайн", places="10")
    fill(page, starts_at=f"{day}T15:00", ends_at=f"{day}T17:00")
    confirm(operator)
    base = folder_of(page, "event")
    reservist = walk.signed_in(name, width=360)
    reservist.page.goto(f"/reserve/events/{base.split('/')[-2]}/")
    reservist.press("Записаться")
    walk.at(f"{day}T17:05")
    page.goto(f"{base}attendance/")
    for box in page.locator("[name=people]").all():
        box.check()
    confirm(operator)
    return reservist


def report_vacancy(walk: Walk, post: str, arose_on: str, due: str) -> Person:
    """A municipal official reports a vacancy on a phone; the page names the last day, the letter is a PDF."""
    official = walk.signed_in("municipal", width=360)
    page = official.page
    page.goto("/vacancies/report/")
    page.locator("main [name=organisation]").select_option(index=1)
    fill(page, post=post, arose_on=arose_on)
    official.press("Сообщить о вакансии")
    official.sees(due)
    assert post in official.pdf_text(link_of(page, "/papers/"))
    walk.letter("operator", "Сообщено о вакансии")
    return official


def vacancy_case(operator: Person) -> str:
    """Open the newest vacancy in the operator's workplace; returns the address of its pages."""
    first_row(operator, "/admin/vacancies/vacancy/")
    return folder_of(operator.page, "vacancy")


def match(operator: Person, base: str) -> None:
    """Begin the matching of a vacancy; the explained order is on the page."""
    operator.page.goto(f"{base}case/")
    operator.press("Начать подбор")
    operator.page.goto(f"{base}matching/")


def ask_and_present(walk: Walk, operator: Person, base: str, name: str, answer_until: str) -> None:
    """Ask the reservist of the first place, who accepts on a phone and is presented."""
    page = operator.page
    save_order(operator)
    follow(page.get_by_role("button", name=re.compile("Спросить")).first)
    reservist = walk.signed_in(name, width=360)
    walk.letter(name, answer_until)
    to_offer(reservist)
    follow(reservist.page.get_by_role("button", name=re.compile("оглас")).first)
    page.goto(f"{base}case/")
    follow(page.get_by_role("link", name=re.compile("Представить")).first)
    confirm(operator)
    walk.letter(name, "представил")


def save_order(operator: Person) -> str:
    """Freeze the order of matching on the page; returns the address where its people are asked."""
    operator.press("Сохранить подбор")
    follow(operator.page.locator("a[href*='/orders/']").first)
    return operator.page.url


def to_offer(reservist: Person) -> None:
    reservist.page.goto("/vacancies/offers/")
    follow(reservist.page.locator("main a[href*='/vacancies/offers/']").first)


def to_vacancy(official: Person, post: str) -> None:
    """The municipal official opens a vacancy by its post."""
    official.page.goto("/vacancies/")
    follow(official.page.locator("main a[href*='/vacancies/']").filter(has_text=post).first)


def wait_until(someone: Person, address: str, words: str) -> None:
    """Look at a page again and again until the background process has done what these words say."""

    def there() -> bool:
        someone.page.goto(address)
        return words in someone.page.locator("main").inner_text()

    wait_for(there, f"«{words}» at {address}", 150)


def wait_until_ended(operator: Person, base: str) -> None:
    """The background process ends a procedure after its window."""
    wait_until(operator, f"{base}change/", "закончена")


def issue_registry(operator: Person, base: str) -> str:
    """Issue the registry of an edition as PDF and XLSX; returns the text of the PDF."""
    page = operator.page
    page.goto(f"{base}issue/")
    confirm(operator)
    address = f"/reserve/registry/{base.split('/')[-2]}/"

    def ready() -> bool:
        page.goto(address)
        return page.locator("main a[href*='/papers/']").count() > 0

    wait_for(ready, "the registry's papers", 90)
    table = operator.context.request.get(f"{address}table/")
    assert table.status == 200 and table.body()[:2] == b"PK"
    return operator.pdf_text(link_of(page, "/papers/"))


def record_appointment(official: Person, post: str, *, referral: int | None = None, **fields: str) -> None:
    """The municipality records its order; `referral` is the place of the presented person in the list, if one is."""
    page = official.page
    to_vacancy(official, post)
    official.press("Записать назначение")
    if referral is not None:
        page.locator("main [name=referral]").select_option(index=referral)
    fill(page, **fields)
    official.press("Записать назначение")
    official.sees("закрыта назначением")
