"""The twelve steps of Tomsk's cycle, each by its own person on the portal's pages; the clock is moved, not the data."""

from reserve_portal.simulation.people import sample_pdf, sample_photo
from reserve_portal.simulation.tests.files import docx_letter
from reserve_portal.simulation.tests.portal import follow
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
    folder_of,
    issue_registry,
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
    submit,
    take_part,
    to_offer,
    upload_results,
    vacancy_case,
    wait_until_ended,
)
from reserve_portal.simulation.tests.walking_bodies import (
    VOTERS,
    attend,
    close_meeting,
    declare_conflict,
    hold_meeting,
    meet,
    plan_meeting,
    send_newest_list,
    vote_on,
)

PASS, FAIL = "marina", "oleg"
NAMES = {PASS: ("Синицына", "Марина", "Павловна"), FAIL: ("Кузьмин", "Олег", "Игоревич")}
CAMPAIGN = "Осенний набор 2026 года"
COMMISSION = "по отбору"
MAXIMA = ("20", "20", "60")


def step_01_campaign(walk: Walk) -> None:
    """The operator opens a campaign with its window; the public page shows it."""
    walk.at("2026-09-07T09:00")
    open_campaign(walk, CAMPAIGN, "2026-09-14", "2026-10-16")
    visitor = walk.person("visitor")
    visitor.page.goto("/")
    visitor.sees(CAMPAIGN)
    visitor.sees("16 октября 2026")


def step_02_applications(walk: Walk) -> None:
    """Two candidates sign up, confirm their addresses, fill, consent, upload and submit; each gets a receipt."""
    walk.at("2026-09-15T10:00")
    apply(walk, PASS, width=360)
    apply(walk, FAIL, width=1280)


def apply(walk: Walk, name: str, *, width: int) -> None:
    """One candidate's way from signing up to the receipt; submitting too early names what is missing."""
    someone = sign_up(walk, name, width=width)
    address = begin_application(someone)
    questionnaire(someone, address)
    rows(someone, address)
    choose(someone, address)
    someone.page.goto(f"{address}/submit/")
    someone.sees("Приложите документ")
    consents(someone, address)
    files = {
        0: ("заявление.pdf", sample_pdf("Заявление об участии")),
        1: ("диплом.png", sample_photo("PNG")),
        2: ("трудовая.jpg", sample_photo()),
        4: ("портфолио.docx", docx_letter("Мои достижения")),
    }
    documents(someone, address, files)
    submit(walk, someone, address)


def step_03_review(walk: Walk) -> None:
    """Registration with a gapless number, review, one document sent back and replaced, the list for admission."""
    walk.at("2026-09-16T09:30")
    operator = walk.signed_in("operator")
    register_all(operator, CAMPAIGN)
    objections = {"диплом.png": ("correct", "Вторая страница не читается: снимите её ещё раз.")}
    for name in (PASS, FAIL):
        open_application(operator, NAMES[name][0])
        operator.sees("КР-2026-000")
        review(operator, objections if name == PASS else None)
        if name == PASS:
            operator.press("Вернуть на исправление")
            confirm(operator)
            mend(walk)
            open_application(operator, NAMES[name][0])
            review(operator)
        finish_review(operator)
    send_admission_list(operator, CAMPAIGN)


def mend(walk: Walk) -> None:
    """The candidate sees the operator's words and replaces only that document."""
    someone = walk.at_home(PASS, width=360)
    page = someone.page
    walk.letter(PASS, "не читается")
    someone.press("Исправить документы")
    someone.sees("Вторая страница не читается")
    assert page.locator("main input[type=file]").count() == 1
    page.locator("main input[type=file]").set_input_files(
        {"name": "диплом-снова.jpg", "mimeType": "image/jpeg", "buffer": sample_photo()}
    )
    page.get_by_role("link", name="диплом-снова.jpg", exact=True).wait_for()
    someone.press("Отправить исправленное")
    someone.sees("документы проверяют")


def step_04_admission(walk: Walk) -> None:
    """The commission studies, somebody declares a conflict, quorum is checked, votes, the protocol is issued."""
    walk.at("2026-09-17T10:00")
    plan_meeting(walk, COMMISSION, "2026-09-21T10:00")
    walk.at("2026-09-21T10:05")
    declare_conflict(walk, "member2")
    refuse_without_quorum(walk)
    text = hold_meeting(walk)
    assert "ПРОТОКОЛ" in text and walk.full(PASS) in text and walk.full(FAIL) in text
    assert "допустить" in text.lower() and "Решаева" in text
    for name in (PASS, FAIL):
        walk.letter(name, "допущены")


def refuse_without_quorum(walk: Walk) -> None:
    """With three of seven present voting cannot begin; the page says why."""
    secretary = walk.signed_in("secretary")
    secretary.page.goto(attend(secretary, ("chair", "member1", "member2"))[0])
    secretary.sees("Нет кворума")


def step_05_invitation(walk: Walk) -> None:
    """Candidates are invited a week or more before; later is blocked, with the reason and the earliest date."""
    walk.at("2026-09-22T10:00")
    operator = walk.signed_in("operator")
    page = operator.page
    soon = make_procedure(operator, "Слишком скоро", "2026-09-25T09:00", "2026-09-25T18:00")
    page.goto(f"{soon}schedule/")
    confirm(operator)
    page.goto(f"{soon}invite/")
    operator.sees("29 сентября 2026")
    base = make_procedure(operator, "Оценка компетенций осенью", "2026-09-30T09:00", "2026-10-02T18:00")
    page.goto(f"{base}schedule/")
    confirm(operator)
    page.goto(f"{base}questions/")
    fill(page, text="1. Кто утверждает программу развития школы?")
    confirm(operator)
    page.goto(f"{base}invite/")
    confirm(operator)
    operator.sees("Приглашено: 2")
    for name in (PASS, FAIL):
        walk.letter(name, "30 сентября 2026")
    candidate = walk.at_home(PASS, width=360)
    candidate.sees("Оценка компетенций осенью")


def step_06_results(walk: Walk) -> None:
    """Moodle's export is imported: 70.00 passes, 69.99 does not; the candidate sees nothing before the decision."""
    walk.at("2026-10-02T18:05")
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/assessment/procedure/")
    follow(page.get_by_role("link", name="Оценка компетенций осенью"))
    base = folder_of(page, "procedure")
    wait_until_ended(operator, base)
    upload_results(operator, base, export(NAMES, MAXIMA, {"nobody": ("12", "12", "26")}))
    operator.sees("nobody@demo.example")
    points = {PASS: ("12", "12", "46"), FAIL: ("12", "12", "45.99")}
    upload_results(operator, base, export(NAMES, MAXIMA, points))
    operator.press("Внести результаты")
    page.goto(f"{base}change/")
    operator.sees("69,99")
    candidate = walk.at_home(PASS)
    assert "70" not in candidate.page.locator("main").inner_text().replace("2026", "")


def step_07_inclusion(walk: Walk) -> None:
    """The list for inclusion, the registry as PDF and XLSX, the public list, the route and date of who stayed below."""
    walk.at("2026-10-05T10:00")
    operator = walk.signed_in("operator")
    page = operator.page
    page.goto("/admin/reservists/registryedition/inclusion/")
    page.locator("[name=procedure]").select_option(index=1)
    confirm(operator)
    send_newest_list(operator)
    meet(walk, COMMISSION, "2026-10-05T11:00", "2026-10-08T10:00")
    publish(walk)
    visitor = walk.person("visitor")
    visitor.page.goto("/reserve/list/")
    visitor.sees(walk.full(PASS))
    assert walk.full(FAIL) not in visitor.page.content()
    walk.letter(PASS, "включены в кадровый резерв")
    send_route(walk)
    walk.letter(FAIL, "2027")
    below = walk.at_home(FAIL)
    below.sees("Вы не включены в кадровый резерв")


def publish(walk: Walk) -> None:
    """The registry is issued as PDF and XLSX and its public form is published."""
    walk.at("2026-10-12T11:00")
    operator = walk.signed_in("operator")
    first_row(operator, "/admin/reservists/registryedition/")
    base = folder_of(operator.page, "registryedition")
    text = issue_registry(operator, base)
    assert walk.full(PASS) in text and walk.full(FAIL) not in text
    operator.page.goto(f"{base}publish/")
    confirm(operator)


def send_route(walk: Walk) -> None:
    """The operator approves and sends the learning route's draft (T5)."""
    operator = walk.signed_in("operator")
    first_row(operator, "/admin/assessment/learningroute/")
    operator.sees("октября 2027")
    operator.page.goto(f"{folder_of(operator.page, 'learningroute')}send/")
    confirm(operator)
    walk.letter(FAIL, "маршрут")


def step_08_events(walk: Walk) -> None:
    """A reservist takes part in an event, the participation is confirmed, the counter moves (T7)."""
    reservist = take_part(walk, PASS, "2026-10-14")
    reservist.page.goto("/home/")
    reservist.sees("1 из 3")


def step_09_vacancy(walk: Walk) -> None:
    """A municipality reports a vacancy: working days are counted, the letter is a PDF, the operator gets a copy."""
    walk.at("2026-10-19T09:00")
    report_vacancy(walk, "Директор", arose_on="2026-10-15", due="26 октября 2026")


def step_10_matching(walk: Walk) -> None:
    """Matching gives an explained order; the reservist is asked, accepts, is presented."""
    operator = walk.signed_in("operator")
    base = vacancy_case(operator)
    match(operator, base)
    operator.sees(walk.full(PASS))
    operator.sees("п. 7 алгоритма раздела 4")
    ask_and_present(walk, operator, base, PASS, answer_until="22.10.2026")


def step_11_defence(walk: Walk) -> None:
    """The concept is uploaded, members hand in sheets hidden from each other, recommend, the protocol is issued."""
    operator = walk.signed_in("operator")
    operator.page.goto(f"{vacancy_case(operator)}defence/")
    fill(operator.page, day="2026-10-26", at="11:00", place="Актовый зал")
    confirm(operator)
    nominee = walk.signed_in(PASS)
    to_offer(nominee)
    nominee.page.set_input_files(
        "main [name=file]",
        {"name": "концепция.pdf", "mimeType": "application/pdf", "buffer": sample_pdf("Концепция")},
    )
    nominee.press("Загрузить концепцию")
    nominee.sees("концепция.pdf")
    walk.at("2026-10-26T11:05")
    secretary = walk.signed_in("secretary")
    item = attend(secretary, VOTERS)[0]
    for name in VOTERS:
        hand_in_sheet(walk, name)
    vote_on(walk, item)
    text = close_meeting(secretary)
    assert walk.full(PASS) in text and "рекомендовать" in text.lower()
    walk.letter(PASS, "рекомендует")


def hand_in_sheet(walk: Walk, name: str) -> None:
    """One member's sheet: eight criteria, a comment where the highest is not given."""
    member = walk.signed_in(name)
    page = member.page
    page.goto("/vacancies/defences/")
    follow(page.locator("main a[href*='/vacancies/defences/']").first)
    follow(page.locator("main a[href*='/vacancies/sheets/']").first)
    names = page.locator("main [name^=points_]").evaluate_all("all => [...new Set(all.map(one => one.name))]")
    assert len(names) == 8
    for number, field in enumerate(names):
        points = "1" if number == 0 else "2"
        page.locator(f"[name={field}][value='{points}']").check()
    follow(page.locator("main button[type=submit]").last)
    member.sees("поясните")
    page.locator(f"[name={names[0].replace('points', 'comment')}]").fill("Не хватает сроков.")
    follow(page.locator("main button[type=submit]").last)


def step_12_appointment(walk: Walk) -> None:
    """The department agrees, the municipality records the appointment; the reservist is appointed, the case closed."""
    walk.at("2026-10-28T10:00")
    department = walk.signed_in("department")
    page = department.page
    page.goto("/vacancies/agreements/")
    follow(page.locator("main a[href*='/vacancies/agreements/']").first)
    fill(page, agreed="yes", number="57-04/12", dated="2026-10-28")
    department.press("Внести решение")
    walk.letter(PASS, "согласовано")
    walk.at("2026-10-30T12:00")
    official = walk.signed_in("municipal")
    record_appointment(official, "Директор", referral=0, order_number="88-к", order_dated="2026-10-30")
    reservist = walk.signed_in(PASS)
    walk.letter(PASS, "Поздравляем")
    reservist.page.goto("/reserve/mine/")
    reservist.sees("назначен")


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
