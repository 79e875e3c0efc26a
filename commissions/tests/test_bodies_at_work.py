"""Substitutes, late comers, polls with a term, separate opinions, conflicts of a member of two bodies, corrections."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from commissions import polls
from commissions.corrections import draft_correction
from commissions.enums import Choice, ItemState, ListState, MeetingForm, Position
from commissions.extracts import extract_of
from commissions.materials import add_material, remove_material
from commissions.meetings import (
    cast_vote,
    close_meeting,
    close_voting,
    declare_conflict,
    mark_attendance,
    open_meeting,
    open_voting,
    plan_meeting,
    quorum_of,
    reopen_voting,
    tally_of,
)
from commissions.models import AgendaItem, Body, BodyMember, DecisionList, Meeting, Vote
from commissions.perms import can_read_material, can_study_line
from commissions.services import send_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.personal_data import sources
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.perms import can_read_paper
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import BodyRule, Edition
from reserve_portal.simulation.people import sample_pdf

from .factories import (
    FakeMotion,
    all_vote,
    make_body,
    make_item,
    make_list,
    make_meeting,
    open_with,
    people,
    voting_item,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(tomsk: Edition, motion: FakeMotion) -> DecisionList:
    return make_list(tomsk, Decision.INCLUSION, proposals=[True, True, False])


def substitute_of(body: Body, user: User) -> User:
    """Appoint a substitute for a member of the body."""
    seat = body.members.get(user=user)
    substitute = UserFactory(roles=[Role.COMMISSION], first_name="Замещающий")
    BodyMember.objects.create(body=body, user=substitute, since=date(2026, 1, 1), stands_in_for=seat)
    return substitute


def everybody_but(meeting: Meeting, *absent: User) -> list[int]:
    gone = {user.pk for user in absent}
    return [pk for pk in meeting.members.values_list("user_id", flat=True) if pk not in gone]


def held(item: AgendaItem, body: Body) -> Meeting:
    """Everybody votes for; the meeting is closed."""
    all_vote(item)
    close_meeting(item.meeting, actor=people(body, Position.SECRETARY)[0])
    return item.meeting


def test_a_substitute_has_the_voice_of_an_absent_member_and_none_beside_him(
    commission: Body, tomsk: Edition, listed: DecisionList
) -> None:
    member = people(commission, Position.MEMBER)[0]
    substitute = substitute_of(commission, member)
    item = make_item(make_meeting(commission, tomsk), listed)
    open_with(item.meeting, member)
    assert quorum_of(Meeting.objects.get()) == (4, 4, True)
    open_voting(item, actor=None)
    cast_vote(item, user=substitute, choice=Choice.FOR)
    with pytest.raises(GateShut, match="не вошли"):
        cast_vote(item, user=member, choice=Choice.FOR)
    mark_attendance(item.meeting, present=everybody_but(item.meeting), actor=None)
    assert quorum_of(Meeting.objects.get()) == (4, 4, True)
    tally = tally_of(AgendaItem.objects.get(), listed.lines.first())[0]
    assert (tally.members, tally.present, tally.in_favour) == (4, 4, 1)
    later = make_item(item.meeting, make_list(tomsk, Decision.INCLUSION, proposals=[True]))
    open_voting(later, actor=None)
    assert member in {voter.user for voter in later.voters.all()}
    with pytest.raises(GateShut, match="не вошли"):
        cast_vote(later, user=substitute, choice=Choice.FOR)


def test_a_seat_that_has_voted_has_no_second_voice_when_the_voting_is_reopened(
    commission: Body, tomsk: Edition, listed: DecisionList
) -> None:
    member = people(commission, Position.MEMBER)[0]
    substitute = substitute_of(commission, member)
    item = voting_item(commission, listed, member)
    all_vote(item)
    mark_attendance(item.meeting, present=everybody_but(item.meeting, substitute), actor=None)
    reopen_voting(item, actor=None, reason="ошибка в голосе")
    assert {voter.user for voter in item.voters.all()} >= {substitute}
    assert member not in {voter.user for voter in item.voters.all()}
    assert tally_of(AgendaItem.objects.get(), listed.lines.first())[0].members == 4


def test_substitutes_are_called_only_where_the_edition_allows_them(commission: Body, tomsk: Edition) -> None:
    substitute = substitute_of(commission, people(commission, Position.MEMBER)[0])
    assert make_meeting(commission, tomsk).members.filter(user=substitute, votes=False).exists()
    BodyRule.objects.filter(edition=tomsk, code=commission.code).update(substitutes=False)
    assert not make_meeting(commission, tomsk).members.filter(user=substitute).exists()


def test_a_substitute_of_an_absent_secretary_keeps_the_protocol(commission: Body, tomsk: Edition) -> None:
    secretary = people(commission, Position.SECRETARY)[0]
    substitute = substitute_of(commission, secretary)
    meeting = make_meeting(commission, tomsk)
    open_with(meeting, secretary)
    assert meeting.secretary == substitute and quorum_of(meeting)[0] == 4


def test_a_substitute_stands_in_for_another_regular_member_of_the_same_body(commission: Body) -> None:
    member = people(commission, Position.MEMBER)[0]
    substitute = commission.members.get(user=substitute_of(commission, member))
    seat, other = commission.members.get(user=member), make_body("defence_commission").members.first()
    for wrong in (substitute, other):
        third = BodyMember(body=commission, user=UserFactory(), since=date(2026, 1, 1), stands_in_for=wrong)
        with pytest.raises(ValidationError, match="постоянного члена"):
            third.full_clean()
    seat.stands_in_for = seat
    with pytest.raises(ValidationError, match="самого себя"):
        seat.full_clean()


def test_late_comers_and_leavers_stand_in_the_snapshot_with_their_moment(
    commission: Body, tomsk: Edition, listed: DecisionList
) -> None:
    late, leaver, _ = people(commission, Position.MEMBER)
    item = voting_item(commission, listed, late)
    all_vote(item)
    with clock.travel(clock.now() + timedelta(minutes=20)):
        moment = clock.now()
        mark_attendance(item.meeting, present=everybody_but(item.meeting, leaver), actor=None)
    members = {member.user: member for member in item.meeting.members.all()}
    assert members[late].arrived_at >= moment and members[late].left_at is None
    assert members[leaver].left_at >= moment and members[leaver].attended
    assert not members[late].entitled and members[leaver].entitled


def test_a_poll_needs_a_term_takes_no_voice_after_it_and_closes_by_itself(
    commission: Body, tomsk: Edition, listed: DecisionList
) -> None:
    """O4.16: an absentee poll ends with its term."""
    starts = clock.now() + timedelta(hours=1)
    given = {"edition": tomsk, "starts_at": starts, "place": "", "actor": None}
    for ends in (None, starts):
        with pytest.raises(GateShut, match="до какого времени"):
            plan_meeting(commission, form=MeetingForm.ABSENTEE, ends_at=ends, **given)
    item = voting_item(commission, listed, form=MeetingForm.ABSENTEE)
    ends_at = item.meeting.ends_at
    voters = [voter.user for voter in item.voters.all()]
    for user in voters[:2]:
        cast_vote(item, user=user, choice=Choice.FOR)
    with clock.travel(ends_at - timedelta(seconds=1)):
        assert polls.close_due_polls() == 0
    with clock.travel(ends_at):
        with pytest.raises(GateShut, match="не открыто"):
            cast_vote(item, user=voters[2], choice=Choice.FOR)
        assert polls.close_due_polls() == 1 and polls.close_due_polls() == 0
        item.refresh_from_db()
        assert item.state == ItemState.VOTED
        with pytest.raises(GateShut, match="продлите"):
            reopen_voting(item, actor=None, reason="нет кворума")
        with pytest.raises(GateShut, match="позже прежнего"):
            polls.extend_poll(item.meeting, ends_at=ends_at, reason="нет кворума", actor=None)
        later = ends_at + timedelta(days=1)
        with pytest.raises(GateShut, match="почему"):
            polls.extend_poll(item.meeting, ends_at=later, reason=" ", actor=None)
        polls.extend_poll(item.meeting, ends_at=later, reason="нет кворума", actor=None)
        reopen_voting(item, actor=None, reason="нет кворума")
        cast_vote(item, user=voters[2], choice=Choice.FOR)
    with clock.travel(later):
        assert polls.close_due_polls() == 1
        close_meeting(item.meeting, actor=people(commission, Position.SECRETARY)[0])
    listed.refresh_from_db()
    assert listed.state == ListState.DECIDED


def test_the_silent_are_reminded_once_a_day_and_before_the_end_of_a_poll(
    commission: Body, listed: DecisionList
) -> None:
    item = voting_item(commission, listed, form=MeetingForm.ABSENTEE)
    chair = people(commission, Position.CHAIR)[0]
    cast_vote(item, user=chair, choice=Choice.FOR)
    item = AgendaItem.objects.get()
    assert polls.remind_silent(item, actor=None) == 3 and polls.remind_silent(item, actor=None) == 3
    reminders = Letter.objects.filter(kind="meeting.vote_reminder")
    assert reminders.count() == 3 and not reminders.filter(to=chair).exists()
    polls.remind_of_ending_polls()
    assert reminders.count() == 3
    with clock.travel(item.meeting.ends_at - timedelta(hours=2)):
        polls.remind_of_ending_polls()
        polls.remind_of_ending_polls()
    assert reminders.count() == 6


def test_a_meeting_is_announced_with_a_calendar_entry_and_reminded_of_the_day_before(
    commission: Body, tomsk: Edition, listed: DecisionList, client_of
) -> None:
    starts = clock.now() + timedelta(days=3)
    meeting = plan_meeting(commission, edition=tomsk, starts_at=starts, place="Томск", actor=None)
    item = make_item(meeting, listed)
    assert f"/meetings/{meeting.pk}/calendar.ics" in Letter.objects.filter(kind="meeting.called").first().body
    member = people(commission, Position.MEMBER)[0]
    answer = client_of(member).get(f"/commission/meetings/{meeting.pk}/calendar.ics")
    event = Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert event.decoded("dtstart") == starts and "Томск" in str(event["location"])
    polls.remind_of_meetings()
    assert not Letter.objects.filter(kind="meeting.reminder").exists()
    with clock.travel(starts - timedelta(hours=20)):
        polls.remind_of_meetings()
        polls.remind_of_meetings()
    letters = Letter.objects.filter(kind="meeting.reminder")
    assert letters.count() == 5 and item.title in letters.first().body


def test_a_separate_opinion_belongs_to_the_voter_and_is_hidden_until_the_end(
    commission: Body, listed: DecisionList, client_of
) -> None:
    voter, other, _ = people(commission, Position.MEMBER)
    item = voting_item(commission, listed)
    words = "Считаю опыт первого кандидата недостаточным."
    cast_vote(item, user=voter, choice=Choice.AGAINST, opinion=f" {words} ")
    assert Vote.objects.get(line=None).opinion == words
    assert words not in client_of(other).get(f"/commission/items/{item.pk}/").content.decode()
    assert words in client_of(voter).get(f"/commission/items/{item.pk}/").content.decode()
    close_voting(item, actor=None)
    shown = client_of(other).get(f"/commission/items/{item.pk}/").content.decode()
    assert words in shown and voter.full_name in shown


def test_a_member_of_two_bodies_reads_papers_only_while_one_of_them_decides(
    orenburg: Edition, motion: FakeMotion
) -> None:
    """process.md 12: on the agenda of the own body, until it has decided."""
    first, second = make_body("expert_commission"), make_body("authorised_body")
    both, only_first = people(first, Position.MEMBER)[:2]
    BodyMember.objects.create(body=second, user=both, since=date(2026, 1, 1))
    row = make_list(orenburg, Decision.INCLUSION, proposals=[True, True])
    line, other = row.lines.all()
    item = voting_item(first, row)
    again = make_meeting(first, orenburg)
    declare_conflict(item, other, both, reason="родство")
    assert can_study_line(both, line) and can_study_line(only_first, line)
    held(item, first)
    assert again.state == "planned"
    row.refresh_from_db()
    assert not can_study_line(both, line) and not can_study_line(only_first, line)
    there = make_item(make_meeting(second, orenburg), row)
    assert can_study_line(both, line) and not can_study_line(only_first, line)
    carried_over = there.recusals.get(member__user=both)
    assert (carried_over.line, carried_over.source) == (other, "declared")
    assert not can_study_line(both, other)
    open_with(there.meeting)
    open_voting(there, actor=None)
    held(there, second)
    assert not can_study_line(both, line)


def test_materials_of_a_person_are_closed_to_the_recused_and_fixed_with_the_voting(
    commission: Body, tomsk: Edition, listed: DecisionList
) -> None:
    item = make_item(make_meeting(commission, tomsk), listed)
    line, member = listed.lines.first(), people(commission, Position.MEMBER)[0]
    file = SimpleUploadedFile("справка.pdf", sample_pdf("Справка"))
    common = add_material(item, title="Общая справка", file=file, actor=None)
    own = add_material(item, title="Отзыв", file=file, line=line, actor=None)
    spare = add_material(item, title="Лишнее", file=file, actor=None)
    remove_material(spare, actor=None)
    assert can_read_material(member, common) and can_read_material(member, own)
    declare_conflict(item, line, member, reason="родство")
    assert can_read_material(member, common) and not can_read_material(member, own)
    open_with(item.meeting)
    open_voting(item, actor=None)
    seen = set(item.seen_papers.values_list("line_id", "title", "sha256"))
    assert seen == {(None, "Общая справка", common.sha256), (line.pk, "Отзыв", own.sha256)}
    with pytest.raises(GateShut, match="до начала голосования"):
        add_material(item, title="Поздно", file=file, actor=None)
    with pytest.raises(GateShut, match="до начала голосования"):
        remove_material(own, actor=None)


def test_closing_issues_full_and_short_protocol_and_extracts_for_one_person(
    commission: Body, listed: DecisionList
) -> None:
    item = voting_item(commission, listed)
    first = listed.lines.first()
    with pytest.raises(item.results.model.DoesNotExist):
        item.results.get(line=first)
    meeting = held(item, commission)
    papers = IssuedPaper.objects.about(meeting)
    assert set(papers.values_list("kind", "number")) == {
        ("protocol", meeting.number),
        ("protocol_short", meeting.number),
    }
    operator = UserFactory(operator=True)
    paper = extract_of(item.results.get(line=first), actor=operator)
    assert extract_of(item.results.get(line=first), actor=operator) == paper
    other = listed.lines.last().person
    secretary = people(commission, Position.SECRETARY)[0]
    assert [can_read_paper(user, paper) for user in (first.person, operator, secretary, other)] == [
        True,
        True,
        True,
        False,
    ]


def test_the_person_has_no_extract_before_the_whole_chain_has_decided(
    orenburg: Edition, motion: FakeMotion, client: Client
) -> None:
    body = make_body("expert_commission")
    row = make_list(orenburg, Decision.INCLUSION, proposals=[True])
    item = voting_item(body, row)
    held(item, body)
    paper = extract_of(item.results.get(), actor=UserFactory(operator=True))
    person = row.lines.get().person
    assert not can_read_paper(person, paper)
    client.force_login(person)
    assert "Решений пока нет" in client.get(reverse("commissions:own-decisions")).content.decode()
    assert client.post(reverse("commissions:extract", args=[item.results.get().pk])).status_code == 404


def test_the_person_takes_the_own_extract(
    tomsk: Edition, commission: Body, motion: FakeMotion, client: Client
) -> None:
    row = make_list(tomsk, Decision.INCLUSION, proposals=[True, True])
    item = voting_item(commission, row)
    held(item, commission)
    first, second = row.lines.order_by("order")
    client.force_login(first.person)
    page = client.get(reverse("commissions:own-decisions")).content.decode()
    own, foreign = [
        reverse("commissions:extract", args=[item.results.get(line=line).pk]) for line in (first, second)
    ]
    assert own in page and foreign not in page and motion.yes.capitalize() in page
    answer = client.post(own)
    paper = IssuedPaper.objects.get(kind="extract")
    assert answer.status_code == 302 and answer["Location"] == reverse("papers:download", args=[paper.pk])
    assert client.get(answer["Location"]).getvalue().startswith(b"%PDF")
    assert client.post(foreign).status_code == 404


def test_a_list_that_comes_to_an_order_brings_its_draft(orenburg: Edition, motion: FakeMotion) -> None:
    """O3.23: the ministry's order rests on the protocol of the authorised body."""
    row = make_list(orenburg, Decision.INCLUSION, proposals=[True, False])
    for code in ("expert_commission", "authorised_body"):
        assert not IssuedPaper.objects.filter(kind="order_draft").exists()
        body = make_body(code)
        held(voting_item(body, row), body)
        row.refresh_from_db()
    paper = IssuedPaper.objects.about(row).get(kind="order_draft")
    assert can_read_paper(UserFactory(roles=[Role.AUTHORITY]), paper)
    assert not can_read_paper(people(body, Position.MEMBER)[0], paper)


def test_a_mistake_is_mended_by_a_new_item_of_a_later_meeting(
    commission: Body, tomsk: Edition, listed: DecisionList, motion: FakeMotion
) -> None:
    operator = UserFactory(operator=True)
    item = voting_item(commission, listed)
    line = listed.lines.last()
    given = {"becomes": "включить в кадровый резерв", "reason": "пропущен лист с баллами", "actor": operator}
    with pytest.raises(GateShut, match="закрытого заседания"):
        draft_correction(item, line, **given)
    meeting = held(item, commission)
    before = list(item.results.values()), list(item.votes.values()), meeting.number
    with pytest.raises(GateShut, match="следует читать"):
        draft_correction(item, line, **{**given, "becomes": " "})
    row = draft_correction(item, line, **given)
    with pytest.raises(GateShut, match="уже готовится"):
        draft_correction(item, line, **given)
    send_list(row, actor=operator)
    effects = list(motion.effects)
    later = voting_item(commission, row)
    assert later.title == "Об исправлении решения: о включении в кадровый резерв"
    held(later, commission)
    row.refresh_from_db()
    assert (row.state, row.corrects, motion.effects) == (ListState.DECIDED, item, effects)
    assert Letter.objects.filter(kind="decision.corrected", to=operator).count() == 1
    item.refresh_from_db()
    assert (
        list(item.results.values()),
        list(item.votes.values()),
        Meeting.objects.get(pk=meeting.pk).number,
    ) == before


def test_nothing_of_a_closed_meeting_changes(commission: Body, listed: DecisionList) -> None:
    item = voting_item(commission, listed)
    meeting = held(item, commission)
    member = people(commission, Position.MEMBER)[0]
    for deed in (
        lambda: cast_vote(item, user=member, choice=Choice.AGAINST),
        lambda: reopen_voting(item, actor=None, reason="передумали"),
        lambda: mark_attendance(meeting, present=[], actor=None),
        lambda: declare_conflict(item, listed.lines.first(), member, reason="родство"),
        lambda: open_meeting(meeting, present=[], actor=None),
    ):
        with pytest.raises(Exception, match=r"не открыто|идёт|до конца голосования|нельзя|недоступн|уже"):
            deed()


def test_a_member_gets_a_copy_of_the_own_voices_and_the_person_of_the_decision(
    commission: Body, listed: DecisionList
) -> None:
    """152-FZ, article 14: nobody else's voice, nothing before the whole chain has decided."""
    voter, other, _ = people(commission, Position.MEMBER)
    item = voting_item(commission, listed)
    cast_vote(item, user=voter, choice=Choice.AGAINST, opinion="Мнение одного")
    cast_vote(item, user=other, choice=Choice.AGAINST, opinion="Мнение другого")
    told = str(sources.get("bodies").collect(voter).rows)
    assert "Мнение одного" in told and "Мнение другого" not in told and "член комиссии" in told
    person = listed.lines.last().person
    assert sources.get("decisions").collect(person).rows == []
    all_vote(item, close=False)
    held_by = people(commission, Position.SECRETARY)[0]
    close_voting(item, actor=None)
    close_meeting(item.meeting, actor=held_by)
    rows = sources.get("decisions").collect(person).rows
    assert rows[0]["Решение положительно"] is False and rows[0]["Основание решения"] == "не набран порог"
