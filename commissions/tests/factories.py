"""A body with its people, lists about plain users, and a motion that remembers what it brought about."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from commissions.enums import Choice, MeetingForm, Position
from commissions.meetings import (
    add_to_agenda,
    cast_vote,
    close_voting,
    open_meeting,
    open_voting,
    plan_meeting,
)
from commissions.models import AgendaItem, Body, BodyMember, DecisionList, Meeting
from commissions.motions import LineSpec, Motion
from commissions.services import create_list, send_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.regulations.models import Edition

# A Wednesday, 13:00 in Tomsk.
NOW = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)


class FakeMotion(Motion):
    """Lines are about users; effects are written down."""

    question = "О включении в кадровый резерв"
    yes = "включить в кадровый резерв"
    no = "не включать в кадровый резерв"
    columns = (("number", "Рег. номер"), ("points", "Баллы"))

    def __init__(self, decision: str) -> None:
        self.decision = decision
        self.effects: list[tuple[str, bool, str]] = []
        self.ended: list[int] = []
        self.at_links: list[int] = []

    def papers_url(self, line: Any) -> str:
        return f"/papers-of/{line.pk}/"

    def effect(self, line: Any, *, actor: Any) -> None:
        self.effects.append((line.label, line.outcome, line.outcome_reason))

    def finished(self, decision_list: DecisionList, *, actor: Any) -> None:
        self.ended.append(decision_list.pk)

    def arrived(self, decision_list: DecisionList, *, actor: Any) -> None:
        self.at_links.append(decision_list.link_order)


def make_body(code: str, *, members: int = 3, deputy: bool = False) -> Body:
    """A body with a chair, a secretary without a voice and so many members; the deputy comes on top."""
    body = Body.objects.create(code=code, name=f"Комиссия {code}")
    places = [(Position.CHAIR, True), (Position.SECRETARY, False)] + [(Position.MEMBER, True)] * members
    if deputy:
        places.append((Position.DEPUTY, True))
    for number, (position, votes) in enumerate(places):
        user = UserFactory(roles=[Role.COMMISSION], first_name=f"Имя{number}", post="заведующий отделом")
        BodyMember.objects.create(
            body=body, user=user, position=position, votes=votes, since=date(2026, 1, 1)
        )
    return body


def people(body: Body, position: str) -> list[User]:
    """The body's people of one position, in the order of their making."""
    return [
        member.user for member in body.members.filter(position=position).order_by("pk").select_related("user")
    ]


def make_list(edition: Edition, decision: str, *, proposals: list[bool], sent: bool = True) -> DecisionList:
    """A list with one new person per proposal."""
    specs = []
    for number, proposal in enumerate(proposals, start=1):
        person = UserFactory(last_name=f"Кандидат{number}", roles=[Role.CANDIDATE])
        reason = "" if proposal else "не набран порог"
        details = {"number": f"КР-2026-{number:04d}", "points": str(70 + number)}
        specs.append(LineSpec(person, person, proposal, reason, details))
    actor = UserFactory(operator=True)
    row = create_list(
        decision,
        edition=edition,
        title="Список кандидатов, весна 2026",
        subject=edition,
        lines=specs,
        actor=actor,
    )
    if sent:
        send_list(row, actor=actor)
    return row


def make_meeting(body: Body, edition: Edition, *, form: str = MeetingForm.IN_PERSON) -> Meeting:
    """A meeting in an hour."""
    starts_at = clock.now() + timedelta(hours=1)
    return plan_meeting(
        body,
        edition=edition,
        starts_at=starts_at,
        place="Томск, Пирогова, 10",
        actor=None,
        form=form,
        ends_at=starts_at + timedelta(days=2) if form == MeetingForm.ABSENTEE else None,
    )


def make_item(meeting: Meeting, decision_list: DecisionList) -> AgendaItem:
    return add_to_agenda(meeting, decision_list, speaker="Петрова Ольга Ивановна", actor=None)


def open_with(meeting: Meeting, *absent: User) -> None:
    """Open the meeting with everybody but the absent."""
    gone = {user.pk for user in absent}
    everybody = meeting.members.values_list("user_id", flat=True)
    open_meeting(meeting, present=[pk for pk in everybody if pk not in gone], actor=None)


def voting_item(body: Body, decision_list: DecisionList, *absent: User, **meeting: Any) -> AgendaItem:
    """An item under vote in an open meeting."""
    item = make_item(make_meeting(body, decision_list.edition, **meeting), decision_list)
    open_with(item.meeting, *absent)
    open_voting(item, actor=None)
    return item


def all_vote(item: AgendaItem, choice: str = Choice.FOR, *, close: bool = True) -> None:
    """Every voter says the same; the voting ends."""
    for member in item.voters.all():
        cast_vote(item, user=member.user, choice=choice)
    if close:
        close_voting(item, actor=None)
