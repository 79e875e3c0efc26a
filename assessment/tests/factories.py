"""People and procedures for the tests of this stage."""

import itertools
from datetime import date, time
from decimal import Decimal
from typing import Any

from assessment.models import Invitation, Procedure, Result
from assessment.services.borders import record_borders_decision
from assessment.services.invitations import invite_candidates
from assessment.services.procedures import create_procedure, follow_procedure, schedule_procedure
from assessment.services.results import store_result
from candidates.enums import ApplicationState, CampaignState, TrackState
from candidates.models import Application, ApplicationTrack, Campaign, RegistrationEntry
from candidates.workflow import TRACK
from reserve_portal.accounts.services import create_person
from reserve_portal.core import clock, context
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.tests.editions import load_edition_quickly

_numbers = itertools.count(1)
START = date(2026, 12, 14)  # a Monday; the last day for invitations is Monday, the 7th
LAST_DAY = date(2026, 12, 7)
EXPERT_SECTIONS = [
    {"code": "test", "name": "Тест", "kind": "test", "maximum": Decimal(80)},
    {"code": "career", "name": "Карьера", "kind": "expert_sheet", "maximum": Decimal(20)},
]


def moment(day: date, hour: int = 12) -> Any:
    return clock.at(day, time(hour))


def make_edition(region: str = "tomsk", **parameters: Any) -> Edition:
    context.begin_unit_of_work()
    load_calendar_quickly()
    edition = load_edition_quickly(region)
    for key, value in parameters.items():
        edition.parameters.filter(key=key).update(value=value)
    return Edition.objects.get(pk=edition.pk)


def make_person(*roles: str, email: str = "", **fields: Any) -> Any:
    number = next(_numbers)
    names = {"last_name": f"Кандидатов{number}", "first_name": "Иван", "patronymic": "Петрович", **fields}
    return create_person(email or f"person{number}@example.org", roles=list(roles), actor=None, **names)


def make_campaign(edition: Edition) -> Campaign:
    return Campaign.objects.create(
        edition=edition,
        name=f"Набор {next(_numbers)}",
        opens_at=moment(date(2026, 10, 1)),
        closes_at=moment(date(2026, 11, 1)),
        state=CampaignState.CLOSED,
    )


def make_track(
    campaign: Campaign,
    *,
    user: Any = None,
    number: str = "",
    state: str = TrackState.ADMITTED,
    group: int = 0,
    application: Application | None = None,
) -> ApplicationTrack:
    if application is None:
        user = user or make_person("candidate")
        application = Application.objects.create(
            campaign=campaign, user=user, state=ApplicationState.REVIEWED
        )
        if number:
            RegistrationEntry.objects.create(
                application=application,
                series="2026",
                number=next(_numbers),
                text=number,
                received_at=moment(date(2026, 10, 5)),
                registered_by=user,
                files=1,
                pages=1,
            )
    groups = list(campaign.edition.target_groups.all())
    return ApplicationTrack.objects.create(application=application, target_group=groups[group], state=state)


def make_procedure(campaign: Campaign, actor: Any, **fields: Any) -> Procedure:
    values = {
        "name": "Дистанционное тестирование",
        "starts_at": moment(START, 10),
        "ends_at": moment(date(2026, 12, 16), 18),
        "place": "https://do.example.org/course/7",
        **fields,
    }
    with clock.travel(moment(date(2026, 11, 20))):
        return create_procedure(campaign, actor=actor, **values)


def make_open_procedure(
    campaign: Campaign,
    actor: Any,
    tracks: list[ApplicationTrack] | None = None,
    *,
    ended: bool = False,
    **fields: Any,
) -> Procedure:
    """A procedure appointed, its candidates invited in time, begun (and ended)."""
    procedure = make_procedure(campaign, actor, **fields)
    with clock.travel(moment(date(2026, 11, 23))):
        decide_borders(procedure, actor)
        schedule_procedure(procedure, actor=actor)
        invite_candidates(procedure, actor=actor, tracks=tracks)
    day = date(2026, 12, 17) if ended else START
    with clock.travel(moment(day, 12)):
        follow_procedure(procedure)
    return procedure


def decide_borders(procedure: Procedure, actor: Any, number: str = "4") -> None:
    """Record the decision about the borders, where the edition demands one (O3.15)."""
    edition = procedure.campaign.edition
    if edition.value("borders_by_decision"):
        body = edition.body_rules.get(code="authorised_body")
        record_borders_decision(procedure, body=body, number=number, dated=clock.today(), actor=actor)


def give(procedure: Procedure, track: ApplicationTrack, *points: str, actor: Any, reason: str = "") -> Result:
    scores = dict(zip(procedure.sections.all(), map(Decimal, points), strict=True))
    with clock.travel(moment(date(2026, 12, 17))):
        track.refresh_from_db()
        result = store_result(procedure, track=track, scores=scores, actor=actor, reason=reason)
    assert result is not None
    return result


def decide(track: ApplicationTrack, *, included: bool, on: date = date(2026, 12, 25)) -> None:
    with clock.travel(moment(on)):
        TRACK.apply(track, "include" if included else "not_include", actor=None)


def invited(procedure: Procedure, track: ApplicationTrack) -> bool:
    return Invitation.objects.filter(procedure=procedure, track=track).exists()
