"""Assessed people, reservists and events, and a body that decides, without walking the earlier stages."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from assessment.enums import ConclusionState, ProcedureState
from assessment.models import ExpertConclusion, Invitation, Procedure, Result, Section, SectionScore
from assessment.rules import passes, ranks
from assessment.rules import zone as zone_of
from assessment.services.conclusions import conclusions_needed, results_of
from candidates.enums import ApplicationState, CampaignState, PublishedItem, TrackState
from candidates.models import Application, ApplicationTrack, Campaign, Consent, Profile, RegistrationEntry
from commissions.enums import ItemState, MeetingState
from commissions.models import AgendaItem, Body, DecisionList, Meeting
from commissions.services import advance_list, record_order, send_list, set_outcome
from reserve_portal.accounts.models import Municipality, User
from reserve_portal.accounts.tests.factories import MunicipalityFactory, UserFactory
from reserve_portal.core import clock
from reserve_portal.regulations.enums import ConsentKind, LinkForm
from reserve_portal.regulations.models import ConsentText, Edition
from reserve_portal.regulations.tests.editions import load_edition_quickly
from reservists.enums import EventKind
from reservists.models import Event, Participation, Reservist

# A Wednesday; the calendar of the year is bundled.
TODAY = datetime(2026, 3, 11, 6, 0, tzinfo=timezone.get_fixed_timezone(0))


def make_procedure(edition: Edition, *, state: str = ProcedureState.ENDED) -> Procedure:
    """A procedure that ended yesterday, with one section of 100 points."""
    campaign = Campaign.objects.create(
        edition=edition,
        name=f"Набор {Campaign.objects.count() + 1}",
        opens_at=clock.now() - timedelta(days=60),
        closes_at=clock.now() - timedelta(days=40),
        state=CampaignState.CLOSED,
    )
    going_on = state in (ProcedureState.OPEN, ProcedureState.SCHEDULED)
    procedure = Procedure.objects.create(
        campaign=campaign,
        name="Тестирование",
        starts_at=clock.now() - timedelta(days=3),
        ends_at=clock.now() + timedelta(days=1 if going_on else -1),
        place="https://test.example.org",
        threshold_percent=Decimal(70),
        green_percent=Decimal(85) if edition.value("zones") else None,
        state=state,
    )
    Section.objects.create(procedure=procedure, code="all", name="Тест", maximum=100)
    return procedure


def make_track(
    procedure: Procedure, *, user: User | None = None, state: str = TrackState.INVITED, **profile: Any
) -> ApplicationTrack:
    """A registered, reviewed and invited person's track in the edition's first group."""
    person = user or UserFactory(candidate=True)
    if not Profile.objects.filter(user=person).exists():
        Profile.objects.create(user=person, **{"birth_date": date(1980, 5, 4), **profile})
    application = Application.objects.create(
        campaign=procedure.campaign, user=person, state=ApplicationState.REVIEWED, submitted_at=clock.now()
    )
    number = RegistrationEntry.objects.count() + 1
    RegistrationEntry.objects.create(
        application=application,
        series="КР",
        number=number,
        text=f"КР-2026-{number:04d}",
        received_at=clock.now(),
        registered_by=person,
        files=1,
        pages=1,
    )
    track = ApplicationTrack.objects.create(
        application=application, target_group=procedure.campaign.edition.target_groups.first(), state=state
    )
    Invitation.objects.create(procedure=procedure, track=track)
    return track


def assess(
    procedure: Procedure,
    points: str,
    *,
    track: ApplicationTrack | None = None,
    concluded: bool = True,
    **kwargs: Any,
) -> Result:
    """Points for a (new) person, with a signed conclusion where the edition asks for one; ranks are computed anew."""
    track = track or make_track(procedure, **kwargs)
    value = Decimal(points)
    result = Result.objects.create(
        procedure=procedure,
        track=track,
        points=value,
        maximum=100,
        passed=passes(value, Decimal(100), procedure.threshold_percent),
        zone=zone_of(
            value,
            Decimal(100),
            threshold_percent=procedure.threshold_percent,
            green_percent=procedure.green_percent,
        ),
    )
    SectionScore.objects.create(result=result, section=procedure.sections.get(), points=value)
    ApplicationTrack.objects.filter(pk=track.pk).update(state=TrackState.ASSESSED)
    track.state = TrackState.ASSESSED
    results = list(procedure.results.order_by("pk"))
    for row, rank in zip(results, ranks([row.points for row in results]), strict=True):
        Result.objects.filter(pk=row.pk).update(rank=rank)
    result.refresh_from_db()
    if concluded and conclusions_needed(procedure):
        make_conclusion(result)
    return result


def make_conclusion(result: Result, **fields: Any) -> ExpertConclusion:
    """A signed expert conclusion that recommends what the threshold proposes (O3.18)."""
    values = {"recommended": result.passed, "state": ConclusionState.READY, **fields}
    return ExpertConclusion.objects.create(
        result=result,
        results=results_of(result),
        zone=result.zone,
        deficits="Правовые вопросы",
        development="Курс для директоров",
        **values,
    )


def decide(decision_list: DecisionList, *, actor: User, against: dict[int, str] | None = None) -> None:
    """Send a list through its whole chain; `against` maps lines the body decides otherwise to its reason."""
    send_list(decision_list, actor=actor)
    for link in decision_list.edition.chain_links.filter(decision=decision_list.decision).order_by("order"):
        if link.form == LinkForm.ORDER:
            record_order(decision_list, number="12", dated=clock.today(), actor=actor)
            continue
        body, _ = Body.objects.get_or_create(code=link.body, defaults={"name": link.body})
        meeting = Meeting.objects.create(
            body=body,
            edition=decision_list.edition,
            starts_at=clock.now(),
            place="Томск",
            state=MeetingState.CLOSED,
            number=str(Meeting.objects.count() + 1),
            created_by=actor,
        )
        AgendaItem.objects.create(
            meeting=meeting,
            order=1,
            list=decision_list,
            link_order=link.order,
            title="Вопрос",
            speaker="Докладчик",
            state=ItemState.VOTED,
        )
        for line in decision_list.lines.all():
            reason = (against or {}).get(line.pk, "")
            set_outcome(line, line.standing is not bool(reason), reason or line.proposal_reason)
        advance_list(decision_list, on=clock.today(), actor=actor)
    decision_list.refresh_from_db()


def consent_to_publication(user: User, edition: Edition) -> Consent:
    """The consent to dissemination, in force."""
    text = ConsentText.objects.get(edition=edition, kind=ConsentKind.DISSEMINATION)
    return Consent.objects.create(user=user, text=text, items=PublishedItem.values)


class ReservistFactory(factory.django.DjangoModelFactory):
    """An active reservist with 80 of 100 points; `track=True` gives him or her a registration number."""

    user = factory.SubFactory(UserFactory, reservist=True)
    edition = factory.LazyFunction(lambda: load_edition_quickly("tomsk"))
    target_group = factory.LazyAttribute(lambda item: item.edition.target_groups.first())
    municipality = factory.SubFactory(MunicipalityFactory)
    zone = "green"
    points = Decimal("80")
    maximum = Decimal("100")
    rank = 1
    included_on = factory.LazyFunction(clock.today)
    basis = "протокол № 1 от 05.03.2026"

    class Meta:
        model = Reservist


class EventFactory(factory.django.DjangoModelFactory):
    """A planned regional event next week of `lasts` hours; `begun=True` began an hour ago."""

    name = factory.Sequence(lambda n: f"Семинар № {n + 1}")
    kind = EventKind.PLANNED
    place = "Томск, ул. Пирогова, 10"
    starts_at = factory.LazyFunction(lambda: clock.now() + timedelta(days=7))
    ends_at = factory.LazyAttribute(lambda item: item.starts_at + timedelta(hours=item.lasts))

    class Meta:
        model = Event

    class Params:
        lasts = 3
        begun = factory.Trait(starts_at=factory.LazyFunction(lambda: clock.now() - timedelta(hours=1)))


class ParticipationFactory(factory.django.DjangoModelFactory):
    event = factory.SubFactory(EventFactory)
    reservist = factory.SubFactory(ReservistFactory)
    state = "registered"

    class Meta:
        model = Participation


def reservists_of(municipality: Municipality | None, edition: Edition, count: int) -> Sequence[Reservist]:
    """Several reservists of one municipality."""
    return [ReservistFactory(edition=edition, municipality=municipality) for _ in range(count)]
