"""One small region with a case in every state that a page needs, and the people who look at it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.core.files.base import ContentFile

from assessment.enums import ConclusionState
from assessment.models import (
    BordersDecision,
    ExpertConclusion,
    ExpertSheet,
    Invitation,
    LearningRoute,
    Procedure,
    Programme,
)
from assessment.services.conclusions import results_of
from assessment.services.imports import keep_draft
from assessment.services.procedures import create_procedure, schedule_procedure
from assessment.services.routes import send_route
from assessment.tests.factories import make_track
from candidates.enums import TrackState
from candidates.models import Application, ArchiveImport, Campaign, Consent, Nomination, PackageFile
from candidates.services import applications, campaigns, intake
from candidates.services.consents import record_paper_consent
from candidates.services.entry import begin_entry
from candidates.services.exports import ask_for_export
from candidates.services.partial_uploads import start_upload
from candidates.services.receipts import receipt_of
from candidates.services.requests import make_request
from commissions.models import Body, BodyMember, LineResult, Order
from commissions.motions import LineSpec
from commissions.services import create_list, send_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.services import create_person
from reserve_portal.core import clock
from reserve_portal.core.jobs import claim_job, run_job
from reserve_portal.notifications.models import Letter
from reserve_portal.pages.models import Material, NewsItem, PublicPage
from reserve_portal.pages.services import load_pages
from reserve_portal.papers.signing import attach_scan
from reserve_portal.regulations.enums import ConsentKind, Decision, LinkForm
from reserve_portal.regulations.models import ChainLink, Edition, Parameter
from reserve_portal.simulation.bringing import play_nominations
from reserve_portal.simulation.cast import DOMAIN, SINCE, Cast, make_cast
from reserve_portal.simulation.people import invent_people, sample_pdf
from reserve_portal.simulation.story import (
    accept_package,
    at,
    begin_application,
    fill_package,
    hold_meeting,
    moodle_export,
    sign_up,
)
from reserve_portal.simulation.tests.test_parameters import included
from reservists.models import (
    AttestationSheet,
    MentorAssignment,
    MentorReport,
    PlanReport,
    RegistryEdition,
    Reservist,
)
from reservists.services import attestation as attestations
from reservists.services import events, registry
from reservists.services.attestation_sheets import give_sheets
from reservists.services.calendar_feed import renew_feed
from reservists.services.certifications import record_certification
from reservists.services.plan_notes import add_evidence
from reservists.services.plans import save_plan, start_change, start_plan, submit_plan
from reservists.services.signals import apply_to_leave
from reservists.tests.development import FORM, add_item, make_mentor, make_plan
from vacancies.models import ScoreSheet
from vacancies.services.appointment import decide_agreement, record_appointment
from vacancies.services.defence import upload_concept
from vacancies.tests.factories import (
    ask,
    make_reservist,
    make_vacancy,
    open_defence,
    presented,
    recommended,
    scheduled,
)

TODAY = date(2026, 10, 20)


@dataclass
class World:
    """`people`: who looks, by the names of the table (None: has not signed in); `things`: what the pages are about."""

    people: dict[str, User | None] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)


def build_world(edition: Edition) -> World:
    """Play the region up to TODAY through the services; takes some seconds."""
    for key, value in {"mentors": True, "development_plan": True, "plan_forms": [FORM]}.items():
        Parameter.objects.filter(edition=edition, key=key).update(value=value)
    with at(date(2026, 4, 1)):
        cast = make_cast(edition)
        load_pages(edition)
        for section in edition.section_rules.all():
            Programme.objects.create(
                name=section.name, section_code=section.code, organiser="Институт", hours=36
            )
    world = World()
    with at(TODAY):
        _people(world, cast)
    _reserve(world, cast)
    _intake(world, cast)
    with at(TODAY):
        _vacancies(world, cast, Edition.objects.get(pk=edition.pk))
        _development(world)
        _rest(world, cast)
        _leaving(world, cast)
    return world


def _people(world: World, cast: Cast) -> None:
    names = ("operator", "auditor", "municipal", "municipal2", "head", "secretary")
    world.people = {
        "anonymous": None,
        "stranger": _person("stranger", Role.CANDIDATE),
        **{name: cast[name] for name in names},
        "member": cast["member1"],
        "outsider": _person("outsider", Role.COMMISSION),
        "authority": cast["department"],
        "administrator": cast["admin"],
        "expert": _person("expert", Role.EXPERT),
    }
    world.things["person"] = world.people["stranger"]
    other = Body.objects.create(code="other", name="Другая комиссия")
    BodyMember.objects.create(body=other, user=world.people["outsider"], since=SINCE)


def _reserve(world: World, cast: Cast) -> None:
    """Two in the reserve, one below the threshold with a route, the registry issued and published, events."""
    edition_of_registry = included(cast, "0.9", "0.8", "0.5")
    procedure = Procedure.objects.get()
    reservist = Reservist.objects.order_by("track__application").first()
    route = LearningRoute.objects.get()
    with at(date(2026, 7, 6)):
        send_route(route, actor=cast["operator"])
        job = registry.issue_registry(edition_of_registry, actor=cast["operator"])
        registry.publish_registry(edition_of_registry, actor=cast["operator"])
        run_job(job.pk, claim_job(job.pk) or "")
        event = events.create_event(
            actor=cast["operator"],
            name="Школа директора",
            kind="planned",
            starts_at=clock.at(date(2026, 11, 12), clock.local(clock.now()).time()),
            ends_at=clock.at(date(2026, 11, 13), clock.local(clock.now()).time()),
            place="Институт",
            places=8,
        )
        events.publish_events_plan(2026, actor=cast["operator"])
        events.register_for_event(event, participant=reservist, actor=reservist.user)
    world.people |= {"reservist": reservist.user, "loser": route.track.application.user}
    world.things |= {
        "procedure": procedure,
        "reservist": reservist,
        "route": route,
        "registry": RegistryEdition.objects.get(pk=edition_of_registry.pk),
        "event": event,
        "feed": SimpleNamespace(secret=renew_feed(reservist.user, actor=reservist.user).split("/")[-2]),
        "given_consent": Consent.given_by(reservist.user, ConsentKind.PROCESSING).get().text,
        "result_track": reservist.track,
        "result": reservist.track.results.get(),
    }


def _intake(world: World, cast: Cast) -> None:
    """A draft, and an application before the commission, which is voting."""
    with at(date(2026, 9, 7)):
        campaign = campaigns.create_campaign(
            edition=Edition.objects.get(pk=cast.edition.pk),
            name="Осенний набор",
            opens_at=clock.at(date(2026, 9, 14), clock.local(clock.now()).time()),
            closes_at=clock.end_of(date(2026, 10, 23)),
            actor=cast["operator"],
        )
        campaigns.open_campaign(campaign, actor=cast["operator"])
    first, second = invent_people(2, seed=9, prefix="autumn")
    with at(date(2026, 9, 15)):
        application = begin_application(cast, sign_up(first), campaign, first, 1)
        fill_package(application)
        applications.submit_application(application, actor=application.user)
    with at(date(2026, 9, 16)):
        intake.register_application(application, actor=cast["operator"])
        accept_package(application, actor=cast["operator"])
        intake.finish_review(application, actor=cast["operator"], admit=True)
        receipt = receipt_of(Application.objects.get(pk=application.pk), actor=application.user)
    with at(date(2026, 10, 12)):
        draft = begin_application(cast, sign_up(second), campaign, second, 2)
        for text in campaign.edition.consent_texts.all():
            applications.give_consent(draft.user, text=text, address="127.0.0.1", actor=draft.user)
        admission = intake.make_admission_list(campaign, actor=cast["operator"])
        send_list(admission, actor=cast["operator"])
        _from_paper(world, cast, campaign)
    body = Body.objects.get(code=admission.link.body)
    play_nominations(cast, campaign)
    nomination = Nomination.objects.filter(nominator=cast["municipal"], state="invited").get()
    meeting = hold_meeting(cast, body, admission, called=date(2026, 10, 13), held=TODAY, leave_open=True)
    world.people |= {"applicant": application.user, "drafter": draft.user}
    profile = draft.user.profile
    export = ask_for_export(draft.user)
    run_job(export.job_id or 0, claim_job(export.job_id or 0) or "")
    world.things |= {
        "campaign": campaign,
        "application": application,
        "draft": draft,
        "track": application.tracks.get(),
        "file": PackageFile.objects.filter(item__application=application).first(),
        "package_item": application.items.first(),
        "finding": application.findings.first(),
        "entry": application.registration,
        "receipt": receipt,
        "consent": Consent.objects.filter(user=application.user).first(),
        "nomination": nomination,
        "consent_text": campaign.edition.consent_texts.first(),
        "item": draft.items.first(),
        "export": export,
        "partial_upload": start_upload(
            draft.items.first(), name="скан.pdf", size=9, modified="", keep=False, actor=draft.user
        ),
        "education": profile.education.first(),
        "achievement": applications.add_achievement(
            profile, actor=draft.user, kind="award", title="Благодарность", year=2024
        ),
        "employment": profile.employment.first(),
        "letter": Letter.objects.filter(to=application.user, in_cabinet=True).first(),
        "list": admission,
        "meeting": meeting,
        "question": meeting.items.get(),
        "line": admission.lines.get(),
        "voters_material": meeting.items.get().materials.create(
            title="Справка", file=ContentFile(sample_pdf("Справка"), "a.pdf"), sha256="0" * 64
        ),
    }


def _from_paper(world: World, cast: Cast, campaign: Campaign) -> None:
    """An application that the operator has begun to enter, with a scan and a consent signed on paper."""
    entered = begin_entry(
        actor=cast["operator"],
        campaign=campaign,
        channel="paper",
        received_at=clock.now(),
        email=world.people["stranger"].email,
    )
    scan = {"data": sample_pdf("Скан"), "name": "скан.pdf", "actor": cast["operator"]}
    text = campaign.edition.consent_texts.first()
    world.things |= {
        "archive": ArchiveImport.objects.create(
            campaign=campaign, channel="paper", name="архив.zip", sha256="0" * 64, created_by=cast["operator"]
        ),
        "entered": entered,
        "entered_item": entered.items.first(),
        "entered_file": applications.add_file(entered.items.first(), **scan),
        "paper_consent": record_paper_consent(entered.user, text=text, given_on=clock.today(), **scan),
    }


def _vacancies(world: World, cast: Cast, edition: Edition) -> None:
    """One case being defended, one waiting for the department, one with its appointment, one with a question out."""
    official, operator = cast["municipal"], cast["operator"]
    arose = clock.today() - timedelta(days=1)

    def case(post: str) -> Any:
        return make_vacancy(edition, official=official, post=post, arose_on=arose)

    defended = case("Директор")
    nominee = presented(defended, world.things["reservist"], operator)
    defence = scheduled(defended, operator)
    concept = upload_concept(
        nominee, name="концепция.pdf", data=sample_pdf("Концепция"), actor=nominee.reservist.user
    )
    open_defence(defence)
    waiting = recommended(case("Заместитель"), make_reservist(edition), operator)
    done = case("Заведующий")
    agreed = recommended(done, make_reservist(edition), operator)
    decide_agreement(agreed, agreed=True, number="7", dated=clock.today(), actor=cast["department"])
    appointment = record_appointment(
        done, referral=agreed, order_number="12", order_dated=clock.today(), actor=official
    )
    asked = ask(case("Методист"), make_reservist(edition), operator)
    world.things |= {
        "vacancy": defended,
        "nominee": nominee,
        "defence": defence,
        "concept": concept,
        "sheet": ScoreSheet.objects.get(defence=defence, member__user=cast["member1"]),
        "recommended": waiting,
        "appointment": appointment,
        "asked": asked,
        "snapshot": asked.snapshot,
    }


def _development(world: World) -> None:
    """A mentor; a plan in force with a change being written, one with the mentor; a report due, one handed in."""
    reservist = Reservist.objects.select_related("user", "edition").get(pk=world.things["reservist"].pk)
    mentor = make_mentor(user=_person("mentor", Role.MENTOR))
    MentorAssignment.objects.create(
        reservist=reservist, mentor=mentor, since=clock.today(), basis="протокол № 2"
    )
    plan = make_plan(reservist, state="agreed")
    change = start_change(plan, reason="Новая программа", actor=reservist.user)
    waiting = start_plan(reservist, year=2027, actor=reservist.user)
    save_plan(waiting, actor=reservist.user, deficits="Финансы", goals="Освоить финансы")
    add_item(waiting)
    submit_plan(waiting, actor=reservist.user)
    report = PlanReport.objects.get(reservist=reservist)
    world.people["mentor"] = mentor.user
    world.things |= {
        "guide": mentor,
        "plan": plan,
        "agreed_item": plan.items.get(),
        "evidence": add_evidence(
            plan.items.get(), title="Дневник", name="d.pdf", data=sample_pdf("Дневник"), actor=reservist.user
        ),
        "plan_draft": change,
        "draft_item": change.items.get(),
        "plan_waiting": waiting,
        "report": report,
        "report_row": report.rows.get(),
        "mentor_report": MentorReport.objects.create(mentor=mentor, year=2026, quarter=1),
        "mentor_report_waiting": MentorReport.objects.create(
            mentor=mentor, year=2025, quarter=4, state="submitted"
        ),
        "report_waiting": PlanReport.objects.create(
            reservist=reservist, year=2026, quarter=3, state="submitted"
        ),
    }


def _rest(world: World, cast: Cast) -> None:
    """An announced procedure with a file laid up, an order that is waited for, an order recorded, news."""
    operator, things = cast["operator"], world.things
    announced = create_procedure(
        things["campaign"],
        name="Осенняя оценка",
        starts_at=clock.now() + timedelta(days=20),
        ends_at=clock.now() + timedelta(days=21),
        place="https://testing.demo.example/",
        actor=operator,
    )
    schedule_procedure(announced, actor=operator)
    data = moodle_export(
        announced, [(things["application"].user, [section.maximum for section in announced.sections.all()])]
    )
    rows = create_list(
        Decision.EXCLUSION,
        edition=things["reservist"].edition,
        title="Исключение",
        subject=things["registry"],
        lines=[LineSpec(subject=things["reservist"], person=things["reservist"].user, proposal=True)],
        actor=operator,
    )
    ChainLink.objects.filter(edition=rows.edition, decision=Decision.EXCLUSION).update(form=LinkForm.ORDER)
    send_list(rows, actor=operator)
    things |= {
        **_experts(world, announced),
        "decided_line": things["registry"].decision_list.lines.first(),
        "line_result": LineResult.objects.filter(line__list=things["registry"].decision_list).first(),
        "signature": attach_scan(things["receipt"], data=sample_pdf("Подпись"), actor=operator),
        "announced": announced,
        "import": keep_draft(announced, name="тест.csv", data=data, actor=operator),
        "ordered": rows,
        "order": Order.objects.create(
            list=things["list"],
            link_order=9,
            number="1",
            dated=clock.today(),
            file=ContentFile(sample_pdf("Приказ"), "order.pdf"),
            recorded_by=cast["department"],
        ),
        "public_page": PublicPage.objects.get(slug="contacts"),
        "material": Material.objects.create(
            title="Методичка", kind="methodical", file=ContentFile(sample_pdf("Методичка"), "method.pdf")
        ),
        "news": NewsItem.objects.create(title="Новость", body="Текст", published_on=clock.today()),
        "edition": things["reservist"].edition,
    }


def _experts(world: World, procedure: Procedure) -> dict[str, Any]:
    """A sheet that lies with the expert, a decision with its file, a conclusion approved before the inclusion."""
    section = procedure.sections.create(code="sheet", name="Лист", kind="expert_sheet", maximum=10, order=9)
    invitation = Invitation.objects.create(
        procedure=procedure,
        track=make_track(
            procedure.campaign, user=_person("assessed", Role.CANDIDATE), state=TrackState.INVITED
        ),
    )
    result = world.things["result"]
    return {
        "expert_sheet": ExpertSheet.objects.create(
            section=section, invitation=invitation, expert=world.people["expert"]
        ),
        "borders_decision": BordersDecision.objects.create(
            procedure=procedure,
            body=procedure.campaign.edition.body_rules.first(),
            number="1",
            dated=clock.today(),
            file=ContentFile(sample_pdf("Решение"), "decision.pdf"),
        ),
        "conclusion": ExpertConclusion.objects.create(
            result=result,
            results=results_of(result),
            zone=result.zone,
            deficits="Нет",
            development="План",
            recommended=True,
            state=ConclusionState.APPROVED,
            approval="протокол № 1",
        ),
    }


def _leaving(world: World, cast: Cast) -> None:
    """An attestation under way, somebody who wants to leave, a request about personal data."""
    edition, reservist, operator = world.things["edition"], world.things["reservist"], cast["operator"]
    Parameter.objects.filter(edition=edition, key="attestation").update(value=True)
    attestation = attestations.create_attestation(
        Edition.objects.get(pk=edition.pk),
        year=2026,
        opens_on=clock.today(),
        closes_on=clock.today(),
        actor=operator,
    )
    instrument = attestations.add_instrument(
        attestation, name="Тест", kind="test", maximum=Decimal(100), weight=1, actor=operator
    )
    attestations.set_borders(
        attestation,
        threshold_percent=Decimal(70),
        green_percent=None,
        borders_basis="протокол № 1",
        actor=operator,
    )
    defence = attestations.add_instrument(
        attestation, name="Защита", kind="defence", maximum=Decimal(30), weight=1, actor=operator
    )
    attestations.open_attestation(attestation, actor=operator)
    give_sheets(attestation, instrument=defence, experts=[world.people["expert"]], actor=operator)
    world.things |= {
        "attestation": attestation,
        "instrument": instrument,
        "attested": attestation.entries.first(),
        "attestation_sheet": AttestationSheet.objects.filter(entry__attestation=attestation).first(),
        "certification": record_certification(
            reservist,
            actor=operator,
            programme="Управление изменениями",
            kind="course",
            organiser="Институт",
            hours=72,
            passed_on=clock.today(),
            passed=True,
            result="зачтено",
            document="",
            with_experts=True,
        ),
        "signal": apply_to_leave(reservist, reason="Переезд", actor=reservist.user),
        "subject_request": make_request(world.people["stranger"], kind="access", text="Какие данные?"),
    }


def _person(name: str, role: str) -> User:
    return create_person(
        f"{name}@{DOMAIN}",
        roles=[role],
        actor=None,
        last_name="Посторонний",
        first_name="Пётр",
        patronymic="",
    )
