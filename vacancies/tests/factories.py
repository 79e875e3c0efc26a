"""Vacancies in the states a test wants, reached by the services themselves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from candidates.models import Consent, Profile
from commissions.models import Body, BodyMember, Meeting
from reserve_portal.accounts.models import Municipality, Organisation, User
from reserve_portal.accounts.tests.factories import (
    MunicipalityFactory,
    OrganisationFactory,
    UserFactory,
    person_with,
)
from reserve_portal.core import clock
from reserve_portal.regulations.enums import ConsentKind
from reserve_portal.regulations.models import ConsentText, Edition
from reservists.models import Participation, Reservist
from reservists.tests.factories import EventFactory, ReservistFactory
from vacancies.models import ConceptDefence, Referral, ScoreSheet, Vacancy
from vacancies.services.cases import report_vacancy
from vacancies.services.defence import save_sheet, schedule_defence
from vacancies.services.matching import save_snapshot, start_matching
from vacancies.services.referrals import accept_offer, ask_reservist, present_reservist

# A Wednesday, 13:00 in Tomsk; the calendar of the year is bundled.
MOMENT = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)
AROSE = date(2026, 3, 5)


def make_official(municipality: Municipality | None = None) -> User:
    """A municipal official with a post."""
    return person_with(
        "municipal", municipality=municipality or MunicipalityFactory(), post="Начальник отдела"
    )


def make_vacancy(edition: Edition, *, official: User | None = None, **fields: Any) -> Vacancy:
    """A reported vacancy of the official's municipality, in a school of its own."""
    official = official or make_official()
    organisation: Organisation = fields.pop("organisation", None) or OrganisationFactory(
        municipality=official.municipality
    )
    return report_vacancy(
        edition=edition,
        municipality=official.municipality,
        organisation=organisation,
        target_group=edition.target_groups.last(),
        actor=official,
        **{"post": "Директор", "arose_on": AROSE, **fields},
    )


def make_reservist(edition: Edition, *, events: int = 0, moves: bool = False, **fields: Any) -> Reservist:
    """An active reservist who consented to processing, with so many confirmed planned events."""
    fields.setdefault("target_group", edition.target_groups.last())
    reservist: Reservist = ReservistFactory(edition=edition, **fields)
    text = ConsentText.objects.filter(edition=edition, kind=ConsentKind.PROCESSING).first()
    Consent.objects.get_or_create(user=reservist.user, text=text)
    Profile.objects.get_or_create(user=reservist.user, defaults={"ready_to_move": moves})
    for _ in range(events):
        Participation.objects.create(event=EventFactory(), reservist=reservist, state="confirmed")
    Reservist.objects.filter(pk=reservist.pk).count_events()
    return reservist


def make_commission(edition: Edition, *, code: str = "defence_commission", count: int = 3) -> list[User]:
    """The body with a chair, a secretary without a voice and members; returns the voting members, chair first."""
    body = Body.objects.create(code=code, name=edition.body_rules.get(code=code).name)
    people = [UserFactory(roles=["commission"]) for _ in range(count)]
    for number, person in enumerate(people):
        position = "member" if number else "chair"
        BodyMember.objects.create(body=body, user=person, position=position, since=date(2026, 1, 1))
    secretary = UserFactory(roles=["commission"])
    BodyMember.objects.create(
        body=body, user=secretary, position="secretary", votes=False, since=date(2026, 1, 1)
    )
    return people


def ask(vacancy: Vacancy, reservist: Reservist, operator: User) -> Referral:
    """Matching begun, saved, this reservist asked."""
    vacancy.refresh_from_db()
    if vacancy.state == "reported":
        start_matching(vacancy, actor=operator)
    snapshot = save_snapshot(vacancy, actor=operator)
    return ask_reservist(vacancy, reservist=reservist, snapshot=snapshot, actor=operator)


def accepted(vacancy: Vacancy, reservist: Reservist, operator: User) -> Referral:
    """A reservist who is ready."""
    referral = ask(vacancy, reservist, operator)
    accept_offer(referral, actor=reservist.user)
    return referral


def presented(vacancy: Vacancy, reservist: Reservist, operator: User) -> Referral:
    """A nominee."""
    referral = accepted(vacancy, reservist, operator)
    present_reservist(referral, actor=operator)
    vacancy.refresh_from_db()
    return referral


def scheduled(vacancy: Vacancy, operator: User) -> ConceptDefence:
    """A defence called for the next week."""
    return schedule_defence(
        vacancy, starts_at=clock.now() + timedelta(days=7), place="Томск, ул. Пирогова, 10", actor=operator
    )


def open_defence(defence: ConceptDefence) -> Meeting:
    """The meeting of the defence has begun, everybody is there."""
    from commissions.meetings import open_meeting

    secretary = defence.meeting.members.get(position="secretary").user
    with clock.travel(defence.meeting.starts_at):
        open_meeting(
            defence.meeting,
            present=list(defence.meeting.members.values_list("user_id", flat=True)),
            actor=secretary,
        )
    defence.meeting.refresh_from_db()
    return defence.meeting


def hand_in(sheet: ScoreSheet, points: int = 2) -> None:
    """Hand in a sheet with the same points everywhere."""
    criteria = list(sheet.defence.criteria.all())
    save_sheet(
        sheet,
        actor=sheet.member.user,
        points={item.pk: points for item in criteria},
        comments={item.pk: "пояснение" for item in criteria},
        hand_in=True,
    )


def close_defence(defence: ConceptDefence, choice: str = "for") -> None:
    """Vote on the item and close the meeting; `against` departs from the proposal with a reason."""
    from commissions.meetings import cast_vote, close_meeting, close_voting, open_voting

    meeting = defence.meeting
    secretary = meeting.members.get(position="secretary").user
    with clock.travel(meeting.starts_at):
        for item in meeting.items.all():
            open_voting(item, actor=secretary)
            for member in meeting.members.filter(entitled=True):
                cast_vote(item, user=member.user, choice=choice)
            close_voting(item, actor=secretary)
        departures = {
            line.pk: "слабая концепция" for item in meeting.items.all() for line in item.list.lines.all()
        }
        close_meeting(meeting, departures=departures if choice == "against" else {}, actor=secretary)
    defence.refresh_from_db()
    defence.vacancy.refresh_from_db()


def recommended(vacancy: Vacancy, reservist: Reservist, operator: User) -> Referral:
    """A nominee whom the commission recommended; the commission must stand already."""
    referral = presented(vacancy, reservist, operator)
    defence = scheduled(vacancy, operator)
    open_defence(defence)
    close_defence(defence)
    referral.refresh_from_db()
    vacancy.refresh_from_db()
    return referral
