"""The living example: a spring intake carried to the reserve, an autumn one in full swing, vacancies under way.

Everything is done through the services on a clock of its own; the last act sets the portal's clock to a busy morning.
"""

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password

from assessment.models import Procedure, Programme
from assessment.services.absences import mark_no_shows
from candidates.models import Application, Campaign
from candidates.services import applications, campaigns, intake
from commissions.models import Body
from commissions.services import send_list
from reserve_portal.accounts.enums import OrganisationKind
from reserve_portal.accounts.models import Organisation, User
from reserve_portal.core import calendar, clock
from reserve_portal.notifications.services import deliver_due_letters, due_letters
from reserve_portal.pages.models import PublicPage
from reserve_portal.pages.services import load_pages
from reserve_portal.pages.texts import NO_ADDRESS
from reserve_portal.regulations.enums import GroundKind
from reserve_portal.regulations.models import Edition, Ground
from reserve_portal.regulations.periods import begin_periods
from reservists.models import RegistryEdition, Reservist
from reservists.services import membership, registry
from vacancies.models import Vacancy
from vacancies.services import cases, defence, matching, referrals
from vacancies.services.heads_import import import_heads

from .bringing import begin_paper_entry, play_nominations
from .cast import DOMAIN, PASSWORD, Cast, make_cast
from .development import develop
from .gatherings import play_events
from .heads import tables_of_heads
from .leaving import play_leaving
from .mentoring import play_mentoring
from .people import Person, invent_people
from .story import (
    accept_package,
    assess,
    at,
    begin_application,
    conclude,
    fill_package,
    hold_meeting,
    pass_chain,
    sign_up,
)

TODAY = date(2026, 10, 21)
SPRING = 18
INCLUDED = 12
# Parts of the maximum: twelve pass, two stay below the threshold, one does not come.
SHARES = [Decimal(part) / 100 for part in (97, 94, 91, 88, 86, 84, 82, 80, 77, 75, 72, 70, 66, 41)]
PROGRAMMES = (
    ("Государственная политика в образовании: что меняется", 36),
    ("Психология управления коллективом", 24),
    ("Практикум управленческих кейсов", 48),
)


Arrival = tuple[tuple[date, int, int], Application]  # when it is registered, and what


def build_example(edition: Edition, *, tell: Callable[[str], Any] = print) -> None:
    """Play the whole example for `edition`; `tell` is called with one line per act. Runs once, on an empty database."""
    with at(date(2026, 4, 6)):
        cast = build_people(edition)
        _heads(cast)
        begin_periods()
    tell("Люди, комиссии, школы")
    spring = _spring_intake(cast)
    tell("Весенний набор: заявления поданы и проверены")
    day = _spring_decisions(cast, spring)
    tell("Весенний набор: оценка и включение в резерв")
    develop(cast, after=day)
    play_events(cast, after=day)
    _vacancies(cast)
    play_mentoring(cast)
    play_leaving(cast)
    tell("Мероприятия и вакансии")
    _autumn_intake(cast)
    tell("Осенний набор")
    set_passwords()
    with at(TODAY, 6):
        begin_periods()
    clock.move_to(clock.at(TODAY, time(11, 30)))
    while due_letters().exists():
        deliver_due_letters()


def _heads(cast: Cast) -> None:
    """The operator loads all heads; a lyceum keeps its own, so that visitors have a vacancy to report."""
    lyceums = [
        Organisation.objects.create(
            name=f"Лицей № {number} (учебный)", municipality=town, kind=OrganisationKind.SCHOOL
        )
        for number, town in enumerate(cast.towns[:2], start=1)
    ]
    for town, table in tables_of_heads([*cast.schools, *lyceums], year=TODAY.year, seed=77).items():
        import_heads(table, municipality=town, actor=cast["operator"])


def build_people(edition: Edition) -> Cast:
    """Make officials, bodies, schools, public pages and the catalogue of programmes; nobody has applied yet."""
    cast = make_cast(edition)
    load_pages(edition)
    _contacts()
    _catalogue(edition)
    set_passwords()
    return cast


def _contacts() -> None:
    """An invented address and telephone of the operator: the example has no real one."""
    page = PublicPage.objects.get(slug="contacts")
    address = (
        f"Почта: operator@{DOMAIN}, телефон: +7 (000) 000-00-00, по рабочим дням с 9:00 до 17:00. "
        "Адрес и телефон вымышлены: это учебный пример."
    )
    PublicPage.objects.filter(pk=page.pk).update(body=page.body.replace(NO_ADDRESS, address))


def set_passwords() -> None:
    """Everybody of the example signs in with the same known password."""
    User.objects.filter(email__endswith=f"@{DOMAIN}").update(password=make_password(PASSWORD))


def _catalogue(edition: Edition) -> None:
    for section, (name, hours) in zip(edition.section_rules.all(), PROGRAMMES, strict=False):
        Programme.objects.create(
            name=name, section_code=section.code, organiser=edition.operator_short, hours=hours
        )


def _spring_intake(cast: Cast) -> Campaign:
    operator = cast["operator"]
    with at(date(2026, 4, 13)):
        campaign = campaigns.create_campaign(
            edition=cast.edition,
            name="Весенний набор 2026 года",
            opens_at=clock.at(date(2026, 4, 20), time(0)),
            closes_at=clock.end_of(date(2026, 5, 22)),
            actor=operator,
            quota=INCLUDED,
            quota_basis=f"{cast.edition.authority_short}, план на 2026 год",
        )
        campaigns.open_campaign(campaign, actor=operator)
    names = {0: "nominee", 1: "reservist"}
    for number, person in enumerate(invent_people(SPRING, seed=70, prefix="spring")):
        email = f"{names[number]}@{DOMAIN}" if number in names else ""
        with at(calendar.add_working_days(date(2026, 4, 20), number), 14, number):
            application = _apply(cast, campaign, person, number, email=email)
        with at(calendar.add_working_days(date(2026, 4, 20), number + 2), 11):
            intake.register_application(application, actor=operator)
        with at(calendar.add_working_days(date(2026, 4, 20), number + 5), 12):
            _review_spring(cast, application, number)
    with at(date(2026, 5, 23), 0, 1):
        campaigns.follow_windows()
    return campaign


def _apply(cast: Cast, campaign: Campaign, person: Person, number: int, *, email: str = "") -> Application:
    user = sign_up(person, email=email)
    application = begin_application(cast, user, campaign, person, number)
    fill_package(application)
    applications.submit_application(application, actor=user)
    return application


def _refuse_diploma(application: Application, operator: User, words: str) -> None:
    item = application.items.get(document_type__code="education")
    intake.review_item(item, verdict="refused", words=words, actor=operator)


def _review_spring(cast: Cast, application: Application, number: int) -> None:
    operator = cast["operator"]
    if number == SPRING - 1:
        applications.withdraw_application(application, actor=application.user, reason="Изменились планы.")
        return
    accept_package(application, actor=operator)
    if number == SPRING - 2:
        ground = _ground(cast, GroundKind.INCOMPLETE)
        _refuse_diploma(application, operator, "Нет приложения к диплому.")
        intake.refuse_application(
            application, actor=operator, ground=ground, words="Нет приложения к диплому."
        )
    elif number == SPRING - 3:
        ground = _ground(cast, GroundKind.NOT_ADMITTED)
        intake.finish_review(
            application, actor=operator, admit=False, ground=ground, words="Стаж подтверждён не полностью."
        )
    else:
        intake.finish_review(application, actor=operator, admit=True)


def _ground(cast: Cast, kind: str) -> Ground:
    return cast.edition.grounds.filter(kind=kind).order_by("-order")[0]


def _spring_decisions(cast: Cast, campaign: Campaign) -> date:
    operator = cast["operator"]
    with at(date(2026, 5, 29)):
        admission = intake.make_admission_list(campaign, actor=operator)
    day = pass_chain(cast, admission, first_day=date(2026, 6, 1))
    announced = calendar.add_working_days(day, 1)
    starts = calendar.add_working_days(announced, 9)
    ends = calendar.add_working_days(starts, 2)
    procedure = assess(cast, campaign, SHARES, announced=announced, starts=starts, ends=ends)
    return _include(cast, procedure, calendar.add_working_days(ends, 2))


def _include(cast: Cast, procedure: Procedure, day: date) -> date:
    operator = cast["operator"]
    with at(day, 11):
        mark_no_shows(procedure, actor=operator)
        conclude(procedure, cast)
        inclusion = membership.make_inclusion_list(procedure, actor=operator)
    last = pass_chain(cast, inclusion, first_day=day)
    edition = RegistryEdition.objects.get(decision_list=inclusion)
    with at(calendar.add_working_days(last, 2), 15):
        registry.issue_registry(edition, actor=operator)
        if cast.edition.value("public_list"):
            registry.publish_registry(edition, actor=operator)
    return last


def _vacancies(cast: Cast) -> None:
    operator = cast["operator"]
    with at(date(2026, 9, 21), 9, 30):
        first = _report(cast, "municipal", 0, date(2026, 9, 16))
    with at(date(2026, 9, 22), 10):
        matching.start_matching(first, actor=operator)
        snapshot = matching.save_snapshot(first, actor=operator)
        nominee = _member(first, "nominee")
        referral = referrals.ask_reservist(first, reservist=nominee, snapshot=snapshot, actor=operator)
    with at(date(2026, 9, 23), 19):
        referrals.accept_offer(referral, actor=nominee.user)
    with at(date(2026, 10, 12), 16, 40):
        second = _report(cast, "municipal2", 2, date(2026, 9, 25))
    with at(date(2026, 10, 14), 10):
        referrals.present_reservist(referral, actor=operator)
        first.refresh_from_db()
        if cast.edition.value("defence"):
            defence.schedule_defence(
                first,
                starts_at=clock.at(date(2026, 10, 28), time(11)),
                place="Актовый зал института, 2-й этаж",
                actor=operator,
            )
        else:
            defence.send_for_recommendation(first, actor=operator)
    with at(date(2026, 10, 19), 12):
        _report(cast, "municipal", 1, date(2026, 10, 16))
    with at(date(2026, 10, 20), 15):
        matching.start_matching(second, actor=operator)
        snapshot = matching.save_snapshot(second, actor=operator)
        asked = _member(second, "reservist")
        referrals.ask_reservist(second, reservist=asked, snapshot=snapshot, actor=operator)


def _member(vacancy: Vacancy, name: str) -> Reservist:
    return Reservist.objects.get(user__email=f"{name}@{DOMAIN}", target_group=vacancy.target_group)


def _report(cast: Cast, who: str, school: int, arose: date) -> Vacancy:
    organisation = cast.schools[school]
    return cases.report_vacancy(
        edition=cast.edition,
        municipality=organisation.municipality,
        organisation=organisation,
        target_group=cast.edition.target_groups.order_by("-order")[0],
        post="Директор",
        arose_on=arose,
        actor=cast[who],
        requirements="Опыт руководства педагогическим коллективом.",
        conditions="Срочный договор на три года, служебное жильё.",
    )


def _autumn_intake(cast: Cast) -> None:
    operator = cast["operator"]
    with at(date(2026, 9, 7)):
        campaign = campaigns.create_campaign(
            edition=cast.edition,
            name="Осенний набор 2026 года",
            opens_at=clock.at(date(2026, 9, 14), time(0)),
            closes_at=clock.end_of(date(2026, 10, 23)),
            actor=operator,
        )
        campaigns.open_campaign(campaign, actor=operator)
    people = invent_people(24, seed=56, prefix="autumn")
    arrived = [_autumn_early(cast, campaign, person, number) for number, person in enumerate(people[:7])]
    arrived += [_autumn_later(cast, campaign, person, number) for number, person in enumerate(people[7:11])]
    arrived += [
        _autumn_unclear(cast, campaign, person, number) for number, person in enumerate(people[11:13])
    ]
    for moment, application in sorted(arrived, key=lambda row: row[0]):  # numbers follow the days
        with at(*moment):
            intake.register_application(application, actor=operator)
    for number, (_, application) in enumerate(arrived[:7]):
        _autumn_review(cast, application, number)
    for number, (_, application) in enumerate(arrived[11:]):
        with at(date(2026, 10, 19), 10, number):
            _send_back(cast, application)
    for number, person in enumerate(people[13:18]):
        _autumn_submitted(cast, campaign, person, number)
    for number, person in enumerate(people[18:]):
        _autumn_draft(cast, campaign, person, number)
    play_nominations(cast, campaign)
    begin_paper_entry(cast, campaign)
    _autumn_meeting(cast, campaign)


def _autumn_early(cast: Cast, campaign: Campaign, person: Person, number: int) -> Arrival:
    with at(calendar.add_working_days(date(2026, 9, 21), number), 13):
        application = _apply(cast, campaign, person, number)
    return (calendar.add_working_days(date(2026, 9, 21), number + 2), 10, 0), application


def _autumn_review(cast: Cast, application: Application, number: int) -> None:
    operator = cast["operator"]
    with at(date(2026, 10, 12), 10, number):
        accept_package(application, actor=operator)
        if number == 6:
            ground = _ground(cast, GroundKind.INCOMPLETE)
            _refuse_diploma(application, operator, "Нет приложения к диплому.")
            intake.refuse_application(
                application, actor=operator, ground=ground, words="Пакет так и не дополнен."
            )
        else:
            intake.finish_review(application, actor=operator, admit=True)


def _autumn_later(cast: Cast, campaign: Campaign, person: Person, number: int) -> Arrival:
    with at(calendar.add_working_days(date(2026, 9, 29), number * 4), 20):
        application = _apply(cast, campaign, person, number + 7)
    return (calendar.add_working_days(date(2026, 9, 30), number * 4), 10, 30), application


def _autumn_unclear(cast: Cast, campaign: Campaign, person: Person, number: int) -> Arrival:
    with at(date(2026, 10, 12), 21, number):
        application = _apply(cast, campaign, person, number, email="" if number else f"applicant@{DOMAIN}")
    return (date(2026, 10, 14), 10, number), application


def _autumn_submitted(cast: Cast, campaign: Campaign, person: Person, number: int) -> None:
    with at(date(2026, 10, 12 + number * 2), 22, number):
        application = _apply(cast, campaign, person, number + 2)
        if number == 4:
            applications.withdraw_application(
                application, actor=application.user, reason="Подам в следующий набор."
            )


def _autumn_draft(cast: Cast, campaign: Campaign, person: Person, number: int) -> None:
    with at(date(2026, 10, 15 + number), 22, 50):
        user = sign_up(person, email="" if number else f"candidate@{DOMAIN}")
        application = begin_application(cast, user, campaign, person, number)
        if number % 2:
            fill_package(application)


def _autumn_meeting(cast: Cast, campaign: Campaign) -> None:
    """The commission sits this very morning: two of five have voted."""
    with at(date(2026, 10, 15), 12):
        admission = intake.make_admission_list(campaign, actor=cast["operator"])
        send_list(admission, actor=cast["operator"])
        link = admission.link
    body = Body.objects.get(code=link.body if link else "")
    hold_meeting(cast, body, admission, called=date(2026, 10, 15), held=TODAY, leave_open=True)


def _send_back(cast: Cast, application: Application) -> None:
    ground = _ground(cast, GroundKind.CORRECTION)
    intake.judge_requirements(application)
    for item in application.items.all():
        if not item.current_files().exists():
            continue
        if item.document_type.code == "education":
            intake.review_item(
                item,
                verdict="correct",
                ground=ground,
                words="Вторая страница приложения к диплому не читается: снимите её ещё раз при дневном свете.",
                actor=cast["operator"],
            )
        else:
            intake.review_item(item, verdict="accepted", actor=cast["operator"])
    intake.request_correction(application, actor=cast["operator"], note="Остальные документы в порядке.")
