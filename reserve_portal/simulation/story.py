"""What people of the living example do, each deed through the service that the portal's pages call."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, time, timedelta
from decimal import Decimal

from assessment.models import ExpertSheet, Procedure
from assessment.services import borders, conclusions, experts, imports, invitations, procedures
from candidates.models import Application, Campaign, PackageItem, Profile
from candidates.services import applications, intake
from candidates.uploads import inspecting_own_files
from commissions import meetings
from commissions.enums import Choice, ListState
from commissions.models import Body, DecisionList, Meeting
from commissions.services import record_order, send_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.services import create_person
from reserve_portal.core import calendar, clock
from reserve_portal.core.context import begin_unit_of_work
from reserve_portal.regulations.enums import LinkForm

from .cast import Cast
from .people import Person, sample_pdf, sample_photo


@contextmanager
def at(day: date, hour: int = 10, minute: int = 0) -> Iterator[None]:
    """Within the block it is that day and hour in the region."""
    with clock.travel(clock.at(day, time(hour, minute))):
        begin_unit_of_work()
        yield


def sign_up(person: Person, *, email: str = "") -> User:
    """A candidate's account, its address confirmed."""
    return create_person(
        email or person.email,
        roles=[Role.CANDIDATE],
        actor=None,
        last_name=person.last_name,
        first_name=person.first_name,
        patronymic=person.patronymic,
        phone=person.phone,
    )


def begin_application(cast: Cast, user: User, campaign: Campaign, person: Person, number: int) -> Application:
    """Start an application and fill the questionnaire; nothing is attached yet."""
    application = applications.start_application(user, campaign=campaign)
    profile = Profile.objects.get(user=user)
    school = cast.schools[number % len(cast.schools)]
    applications.save_profile(
        profile,
        actor=user,
        version=profile.version,
        birth_date=person.born,
        citizenship="RU",
        phone=person.phone,
        municipality=school.municipality,
        organisation_name=school.name,
        post="заместитель директора" if number % 3 else "учитель",
        category="высшая" if number % 2 else "первая",
        no_criminal_record=True,
        state_language=True,
        ready_to_move=number % 3 == 0,
    )
    graduated = person.born.year + 22
    applications.add_education(
        profile,
        actor=user,
        level="specialist",
        field="pedagogy",
        institution="Педагогический университет (учебный пример)",
        speciality="Учитель математики",
        year=graduated,
    )
    applications.add_education(
        profile,
        actor=user,
        level="retraining",
        field="management",
        institution="Институт повышения квалификации (учебный пример)",
        speciality="Менеджмент в образовании",
        year=graduated + 8,
        hours=520,
    )
    changed = date(graduated + 9, 8, 15)
    applications.add_employment(
        profile,
        actor=user,
        kind="teaching",
        organisation=school.name,
        post="учитель математики",
        since=date(graduated, 8, 25),
        until=changed - timedelta(days=1),
    )
    applications.add_employment(
        profile,
        actor=user,
        kind="managing",
        organisation=school.name,
        post="заместитель директора",
        since=changed,
    )
    groups = list(campaign.edition.target_groups.all())
    wanted = groups if number % 4 == 0 and campaign.edition.value("several_target_groups") else groups[-1:]
    applications.set_choices(application, actor=user, nominations=["self"], groups=wanted)
    return application


def fill_package(application: Application) -> None:
    """Give every consent and attach a file to every slot that needs one."""
    user, edition = application.user, application.campaign.edition
    for text in edition.consent_texts.all():
        applications.give_consent(user, text=text, address="127.0.0.1", actor=user)
    for item in PackageItem.objects.filter(application=application).select_related("document_type"):
        if not item.document_type.is_required_for(application.nominations):
            continue
        photo = item.document_type.code == "employment"
        name, data = (
            ("скан.jpg", sample_photo()) if photo else ("документ.pdf", sample_pdf(str(item.document_type)))
        )
        with inspecting_own_files():
            applications.add_file(item, name=name, data=data, actor=user)


def accept_package(application: Application, *, actor: User) -> None:
    """The operator looks at every document and accepts it; the requirements are judged by what was accepted."""
    for item in application.items.all():
        if item.current_files().exists():
            intake.review_item(item, verdict="accepted", actor=actor)
    intake.judge_requirements(application)


def hold_meeting(
    cast: Cast, body: Body, decision_list: DecisionList, *, called: date, held: date, leave_open: bool = False
) -> Meeting:
    """Call a meeting, put the list on its agenda and vote for it; `leave_open` stops in the middle of the voting."""
    secretary = cast["secretary"]
    with at(called, 9):
        meeting = meetings.plan_meeting(
            body,
            edition=decision_list.edition,
            starts_at=clock.at(held, time(10)),
            place="Актовый зал института, 2-й этаж",
            actor=cast["operator"],
        )
        item = meetings.add_to_agenda(
            meeting, decision_list, speaker=cast["operator"].full_name, actor=cast["operator"]
        )
    voters = ["chair", "deputy", "member1", "member2", "member3"]
    with at(held, 10, 5):
        meetings.open_meeting(
            meeting, present=[cast[name].pk for name in (*voters, "secretary")], actor=secretary
        )
        meetings.open_voting(item, actor=secretary)
        for name in voters[:2] if leave_open else voters:
            meetings.cast_vote(item, user=cast[name], choice=Choice.FOR)
        if not leave_open:
            meetings.close_voting(item, actor=secretary)
            meetings.close_meeting(meeting, actor=secretary)
    return meeting


def pass_chain(cast: Cast, decision_list: DecisionList, *, first_day: date) -> date:
    """Send a list and carry it through all links of its chain, a few working days each; returns the last day."""
    with at(first_day, 9):
        send_list(decision_list, actor=cast["operator"])
    return carry_on(cast, decision_list, day=first_day)


def carry_on(
    cast: Cast,
    decision_list: DecisionList,
    *,
    day: date,
    before_order: Callable[[Cast, date], None] | None = None,
) -> date:
    """Carry a sent list through the links left; `before_order` is done on the day it begins to wait for an order."""
    number = 0
    while True:
        decision_list.refresh_from_db()
        link = decision_list.link
        if decision_list.state == ListState.DECIDED or link is None:
            return day
        held = calendar.add_working_days(day, 3)
        if link.form == LinkForm.MEETING:
            hold_meeting(cast, Body.objects.get(code=link.body), decision_list, called=day, held=held)
        else:
            if before_order is not None:
                before_order(cast, day)
            number += 1
            with at(held, 12):
                record_order(
                    decision_list,
                    number=f"01-21/{decision_list.pk}{number}",
                    dated=held,
                    actor=cast["department"],
                )
        day = held


def moodle_export(procedure: Procedure, points: Sequence[tuple[User, Sequence[Decimal]]]) -> bytes:
    """A quiz report of the testing platform as CSV, one column per section, with these people's points."""
    sections = procedure.platform_sections
    heads = [
        "Фамилия",
        "Имя",
        "Адрес электронной почты",
        "Состояние",
        "Тест начат",
        "Завершено",
        "Затраченное время",
    ]
    heads.append(f"Оценка/{_comma(sum((section.maximum for section in sections), Decimal(0)))}")
    heads += [f"В. {number} /{_comma(section.maximum)}" for number, section in enumerate(sections, start=1)]
    moment = clock.local(procedure.starts_at)
    started = f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}  10:02"
    ended = f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}  10:47"
    lines = [heads]
    for user, scores in points:
        row = [
            user.last_name,
            f"{user.first_name} {user.patronymic}",
            user.email,
            "Завершены",
            started,
            ended,
        ]
        row += ["45 мин. 11 сек.", _comma(sum(scores, Decimal(0))), *map(_comma, scores)]
        lines.append(row)
    text = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines) + "\n"
    return ("\ufeff" + text).encode()


CENTS = Decimal("0.01")
MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip


def assess(
    cast: Cast, campaign: Campaign, shares: Sequence[Decimal], *, announced: date, starts: date, ends: date
) -> Procedure:
    """Hold a procedure: invite in time, import the platform's export; `shares` are parts of the maximum per person."""
    operator = cast["operator"]
    with at(announced, 11):
        procedure = procedures.create_procedure(
            campaign,
            name=f"Оценка компетенций: {campaign.name.lower()}",
            starts_at=clock.at(starts, time(9)),
            ends_at=clock.at(ends, time(18)),
            place="https://testing.demo.example/",
            instructions="Войдите на платформу тестирования по своему адресу электронной почты. На тест — 90 минут.",
            actor=operator,
        )
        decide_borders(procedure, cast, announced)
        procedures.schedule_procedure(procedure, actor=operator)
        invitations.publish_questions(
            procedure,
            text="1. Какие полномочия в сфере образования есть у муниципалитета?\n\n"
            "2. Как вы построите работу новой команды?",
            actor=operator,
        )
        invitations.invite_candidates(procedure, actor=operator)
        call_experts(procedure, cast)
    with at(starts, 9, 1):
        procedures.follow_procedures()
    invited = procedure.invitations.select_related("track__application__user").order_by("track_id")
    # Somebody invited in two target groups sits one test.
    people = list(dict.fromkeys(row.track.application.user for row in invited))
    share_of = dict(zip(people, shares, strict=False))
    with at(ends, 12):
        score_sheets(procedure, share_of)
    with at(ends, 18, 1):
        procedures.follow_procedures()
        procedure.refresh_from_db()
        points = [
            (
                user,
                [(section.maximum * share).quantize(CENTS) for section in procedure.platform_sections],
            )
            for user, share in share_of.items()
        ]
        data = moodle_export(procedure, points)
        imports.apply_import(procedure, name="Оценки теста.csv", data=data, actor=operator)
    return procedure


def decide_borders(procedure: Procedure, cast: Cast, on: date) -> None:
    """Record the decision about the borders, where the edition demands one (O3.15)."""
    edition = procedure.campaign.edition
    if edition.value("borders_by_decision"):
        borders.record_borders_decision(
            procedure,
            body=edition.body_rules.get(code="authorised_body"),
            number=f"2/{on.month}",
            dated=on,
            actor=cast["operator"],
        )


def call_experts(procedure: Procedure, cast: Cast) -> None:
    """Two experts are called in for every direction that experts score (O1.10)."""
    for section in procedure.sheet_sections:
        called = [cast["expert1"], cast["expert2"]]
        experts.give_sheets(procedure, section=section, experts=called, actor=cast["operator"])


def score_sheets(procedure: Procedure, share_of: dict[User, Decimal]) -> None:
    """Each expert hands in every sheet: the first a little stricter than the second."""
    sheets = ExpertSheet.objects.filter(section__procedure=procedure).select_related(
        "section__procedure", "expert", "invitation__track__application__user"
    )
    for sheet in sheets:
        share = share_of.get(sheet.person, Decimal("0.5"))
        points = (sheet.section.maximum * share).quantize(CENTS)
        if sheet.expert.email.startswith("expert1"):
            points = max(points - 1, Decimal(0))
        experts.save_sheet(
            sheet,
            actor=sheet.expert,
            points=points,
            comment="Опыт управления подтверждён документами, есть действующие проекты.",
            hand_in=True,
        )


def conclude(procedure: Procedure, cast: Cast) -> None:
    """The operator drafts, completes and signs the conclusions, where the edition asks for them (O3.18)."""
    if not conclusions.conclusions_needed(procedure):
        return
    operator = cast["operator"]
    conclusions.draft_conclusions(procedure, actor=operator)
    for row in conclusions.drafts_of(procedure):
        conclusions.change_conclusion(
            row,
            deficits=row.deficits,
            development=f"{row.development}\nИндивидуальный план развития с наставником".strip(),
            recommended=row.recommended,
            actor=operator,
        )
    conclusions.sign_all(procedure, actor=operator)


def _comma(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",")
