"""Bodies: a list on its way through the chain, meetings with and without a quorum, recusals, departures, orders."""

from collections.abc import Callable
from datetime import time
from typing import Any

from commissions import meetings
from commissions.enums import Choice, ListState, MeetingForm, Position
from commissions.models import AgendaItem, Body, DecisionLine, DecisionList, Meeting
from commissions.services import record_order
from commissions.signing import sign_protocol
from reserve_portal.core import calendar, clock
from reserve_portal.regulations.enums import Decision, LinkForm
from reservists.services import ministry

from ...people import sample_pdf
from ..year import Year

Follow = Callable[[], Any]
DAYS_TO_MEETING = 3
LATE_DAYS = 11  # working days: more than the ten calendar days that the list for the ministry has (O6.3)
PLACE = "Актовый зал, 2-й этаж"
SIGNED = 0.85  # part of the protocols whose signed scan is uploaded
OPINION = "Считаю нужным запросить у кандидата программу развития до решения."


def carry(
    year: Year, decision_list: DecisionList, *, then: Follow, form: str = MeetingForm.IN_PERSON
) -> None:
    """Bring a list that was sent to the body it stands at; `then()` is called once the whole chain has decided."""
    decision_list.refresh_from_db()
    if decision_list.state == ListState.DECIDED:
        then()
        return
    link = decision_list.link
    if decision_list.state != ListState.SENT or link is None:
        return
    if link.form == LinkForm.MEETING:
        call_meeting(year, Body.objects.get(code=link.body), decision_list, then, form)
        return
    days = year.dice("order", decision_list.title).choices((3, 5, 8, 12), (40, 30, 20, 10))[0]
    if decision_list.decision == Decision.EXCLUSION:
        late = year.dice("ministry", decision_list.title).random() < 0.15
        days = max(days, LATE_DAYS) if late else days
        year.soon(days - 1, _tell_ministry, year, hour=15)
    year.soon(days, _order, year, decision_list, then, hour=12)


def call_meeting(
    year: Year, body: Body, decision_list: DecisionList, then: Follow, form: str = MeetingForm.IN_PERSON
) -> None:
    """Put the list on the agenda of the body's next meeting; where none is called yet, call one."""
    operator = year.cast["operator"]
    year.follow[decision_list.pk] = then
    meeting = None
    if form == MeetingForm.IN_PERSON:
        coming = year.called.get(body.code)
        meeting = coming if coming is not None and coming.starts_at > clock.now() else None
    if meeting is None or meeting.edition_id != decision_list.edition_id:
        day = calendar.add_working_days(clock.today(), DAYS_TO_MEETING)
        meeting = meetings.plan_meeting(
            body,
            edition=decision_list.edition,
            starts_at=clock.at(day, time(10)),
            place=PLACE if form == MeetingForm.IN_PERSON else "",
            actor=operator,
            form=form,
            ends_at=clock.end_of(day) if form == MeetingForm.ABSENTEE else None,
        )
        if form == MeetingForm.IN_PERSON:
            year.called[body.code] = meeting
        year.plan(day, 10, 5, hold, year, meeting, lambda: None, None)
    meetings.add_to_agenda(meeting, decision_list, speaker=operator.full_name, actor=operator)


def hold(
    year: Year,
    meeting: Meeting,
    again: Follow,
    then: Follow | None,
    before_vote: Callable[[Meeting], Any] | None = None,
) -> None:
    """Hold a meeting; without a quorum it is adjourned: its lists go to the next one, and `again()` is called."""
    dice = year.dice("meeting", meeting.pk - _first_meeting(meeting))
    secretary = year.cast["secretary"]
    members = list(meeting.members.select_related("user").order_by("pk"))
    poor = dice.random() < 0.12 and not meeting.is_absentee
    present = [
        member.user_id
        for member in members
        if not member.votes or (dice.random() < (0.25 if poor else 0.9)) or member.position == Position.CHAIR
    ]
    meetings.open_meeting(meeting, present=present, actor=secretary)
    if not meetings.quorum_of(Meeting.objects.get(pk=meeting.pk))[2]:
        waiting = list(meeting.items.standing().select_related("list"))
        for item in waiting:
            year.refused("голосование без кворума", meetings.open_voting, item, actor=secretary)
        meetings.cancel_meeting(meeting, actor=secretary, reason="Нет кворума, заседание перенесено.")
        for item in waiting if then is None else ():
            call_meeting(year, meeting.body, item.list, year.follow[item.list_id])
        again()
        return
    if before_vote is not None:
        before_vote(meeting)
    departures: dict[int, str] = {}
    for item in meeting.items.standing():
        departures |= _vote(year, item, dice)
    meetings.close_meeting(meeting, departures=departures, actor=secretary)
    if dice.random() < SIGNED:
        year.soon(dice.randint(1, 4), _sign, year, meeting, hour=17)
    for item in meeting.items.standing().select_related("list"):
        carry(year, item.list, then=then or year.follow[item.list_id])


def _vote(year: Year, item: AgendaItem, dice: Any) -> dict[int, str]:
    """Everybody present votes; now and then a member keeps out of a line, adds an opinion, or the body departs."""
    secretary = year.cast["secretary"]
    lines = list(item.list.lines.order_by("order"))
    _recuse(year, item, lines, dice)
    meetings.open_voting(item, actor=secretary)
    against = _departures(item, lines, dice)
    voters = list(item.voters.select_related("user").order_by("pk"))
    dissenter = dice.choice(voters) if dice.random() < 0.2 else None
    for voter in voters:
        out = set(item.recusals.filter(member=voter).values_list("line_id", flat=True))
        if len(out) == len(lines):
            year.refused("голос отведённого", meetings.cast_vote, item, user=voter.user, choice=Choice.FOR)
            continue
        differing = {line.pk: Choice.AGAINST for line in against if line.pk not in out}
        opinion = OPINION if voter == dissenter else ""
        meetings.cast_vote(item, user=voter.user, choice=Choice.FOR, differing=differing, opinion=opinion)
    meetings.close_voting(item, actor=secretary)
    if against:
        year.refused(
            "отступление от предложения без причины", meetings.close_meeting, item.meeting, actor=secretary
        )
    return {line.pk: "По итогам обсуждения: нужны дополнительные сведения." for line in against}


def _sign(year: Year, meeting: Meeting) -> None:
    """The scan of the printed protocol with its signatures; an electronic one needs a certificate of its signer."""
    meeting.refresh_from_db()
    scan = sample_pdf("Протокол с подписями (скан)")
    sign_protocol(meeting, data=scan, member=None, actor=year.cast["secretary"])


def _recuse(year: Year, item: AgendaItem, lines: list[DecisionLine], dice: Any) -> None:
    if dice.random() >= 0.3:
        return
    ordinary = [
        member
        for member in item.meeting.members.select_related("user").order_by("pk")
        if member.present and member.position == Position.MEMBER
    ]
    if len(ordinary) > 3 and len(lines) > 1:
        member, line = dice.choice(ordinary), dice.choice(lines)
        meetings.declare_conflict(item, line, member.user, reason="Работаем в одной организации.")


def _departures(item: AgendaItem, lines: list[DecisionLine], dice: Any) -> list[DecisionLine]:
    """Seldom, and never the only person of a list: a body takes somebody off a list."""
    standing = [line for line in lines if line.standing]
    if len(standing) < 3 or dice.random() >= 0.25:
        return []
    return [dice.choice(standing)]


def _tell_ministry(year: Year) -> None:
    """The covering list of all who are recommended for exclusion (O6.3)."""
    if ministry.lists_to_send().exists():
        ministry.send_to_ministry(actor=year.cast["operator"])


def _order(year: Year, decision_list: DecisionList, then: Follow) -> None:
    department, today = year.cast["department"], clock.today()
    tomorrow = calendar.add_working_days(today, 1)
    year.refused(
        "приказ с датой впереди", record_order, decision_list, number="1", dated=tomorrow, actor=department
    )
    number = f"01-21/{decision_list.orders.model.objects.count() + 1}"
    record_order(decision_list, number=number, dated=today, actor=department)
    carry(year, decision_list, then=then)


def _first_meeting(meeting: Meeting) -> int:
    """Meetings are counted from the year's first: keys of a database that was in use do not change the dice."""
    return Meeting.objects.order_by("pk").values_list("pk", flat=True)[0]
