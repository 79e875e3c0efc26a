from datetime import timedelta

import pytest

from commissions.enums import Choice, ItemState, ListState, MeetingForm, MeetingState, Position
from commissions.meetings import (
    cancel_meeting,
    cast_vote,
    close_meeting,
    close_voting,
    closing_blockers,
    declare_conflict,
    departures_of,
    mark_attendance,
    open_meeting,
    open_voting,
    plan_meeting,
    quorum_of,
    remove_from_agenda,
    reopen_voting,
    save_discussion,
    silent_members,
    tally_of,
)
from commissions.models import Body, BodyMember, DecisionList, Meeting, Vote
from commissions.services import basis_of, record_order, send_list, take_back_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition

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
    """Two proposed for inclusion, one not."""
    return make_list(tomsk, Decision.INCLUSION, proposals=[True, True, False])


def test_a_meeting_takes_a_snapshot_of_members_and_rules_and_calls_them(
    commission: Body, tomsk: Edition
) -> None:
    BodyMember.objects.filter(body=commission, position=Position.MEMBER).first()
    meeting = make_meeting(commission, tomsk)
    assert meeting.members.count() == 5
    assert Letter.objects.filter(kind="meeting.called").count() == 5
    BodyMember.objects.all().delete()
    assert quorum_of(meeting)[0] == 4


def test_a_meeting_needs_voting_members_a_chair_and_a_coming_moment(tomsk: Edition) -> None:
    body = Body.objects.create(code="commission", name="Комиссия")
    when = clock.now() - timedelta(minutes=1)
    with pytest.raises(GateShut) as shut:
        plan_meeting(body, edition=tomsk, starts_at=when, place="Томск", actor=None)
    assert [item.field for item in shut.value.blockers] == ["body", "starts_at"]
    BodyMember.objects.create(body=body, user=UserFactory(), since=clock.today())
    with pytest.raises(GateShut, match="нет председателя"):
        plan_meeting(body, edition=tomsk, starts_at=clock.now(), place="Томск", actor=None)


def test_a_person_with_two_terms_on_the_day_is_called_once(commission: Body, tomsk: Edition) -> None:
    chair = people(commission, Position.CHAIR)[0]
    BodyMember.objects.create(body=commission, user=chair, position=Position.CHAIR, since=clock.today())
    assert make_meeting(commission, tomsk).members.filter(user=chair).count() == 1


def test_only_a_list_that_waits_for_this_body_enters_the_agenda_once(
    commission: Body, tomsk: Edition, listed: DecisionList
) -> None:
    meeting = make_meeting(commission, tomsk)
    make_item(meeting, listed)
    with pytest.raises(GateShut, match="уже в повестке"):
        make_item(make_meeting(commission, tomsk), listed)
    draft = make_list(tomsk, Decision.INCLUSION, proposals=[True], sent=False)
    with pytest.raises(GateShut, match="не передан"):
        make_item(meeting, draft)
    other = make_meeting(make_body("defence_commission"), tomsk)
    with pytest.raises(GateShut, match="другого органа"):
        make_item(other, make_list(tomsk, Decision.INCLUSION, proposals=[True]))


def test_an_own_case_becomes_a_recusal_at_once(
    commission: Body, tomsk: Edition, listed: DecisionList
) -> None:
    line = listed.lines.first()
    member = people(commission, Position.MEMBER)[0]
    line.person = member
    line.save()
    item = make_item(make_meeting(commission, tomsk), listed)
    assert item.recusals.get().member.user == member
    assert item.recusals.get().source == "computed"


def test_a_meeting_opens_on_its_day_not_before(commission: Body, tomsk: Edition) -> None:
    later = clock.now() + timedelta(hours=20)
    meeting = plan_meeting(commission, edition=tomsk, starts_at=later, place="Томск", actor=None)
    with pytest.raises(GateShut, match=r"12\.03\.2026"):
        open_meeting(meeting, present=[], actor=None)
    with clock.travel(later):
        open_with(meeting)
    assert meeting.state == MeetingState.OPEN


def test_no_vote_without_quorum(commission: Body, tomsk: Edition, listed: DecisionList) -> None:
    """More than half of four voting members: two are not enough, three are (T4, preset)."""
    first, second, _ = people(commission, Position.MEMBER)
    item = make_item(make_meeting(commission, tomsk), listed)
    open_with(item.meeting, first, second)
    with pytest.raises(GateShut, match="2 из 4"):
        open_voting(item, actor=None)
    there = item.meeting.members.exclude(user=second).values_list("user_id", flat=True)
    mark_attendance(item.meeting, present=there, actor=None)
    open_voting(item, actor=None)
    assert item.voters.count() == 3


def test_the_deputy_presides_for_an_absent_chair_and_without_both_there_is_no_quorum(
    tomsk: Edition, listed: DecisionList
) -> None:
    body = make_body("commission", deputy=True)
    chair, deputy = people(body, Position.CHAIR)[0], people(body, Position.DEPUTY)[0]
    item = make_item(make_meeting(body, tomsk), listed)
    open_with(item.meeting, chair)
    assert item.meeting.presiding == deputy
    everybody = item.meeting.members.exclude(user__in=[chair, deputy]).values_list("user_id", flat=True)
    mark_attendance(item.meeting, present=everybody, actor=None)
    assert quorum_of(Meeting.objects.get(pk=item.meeting_id)) == (5, 3, False)
    with pytest.raises(GateShut, match="Нет председателя"):
        open_voting(item, actor=None)


def test_only_the_entitled_vote_and_only_while_the_voting_is_open(
    commission: Body, listed: DecisionList
) -> None:
    absent, voter, _ = people(commission, Position.MEMBER)
    secretary = people(commission, Position.SECRETARY)[0]
    item = voting_item(commission, listed, absent)
    for outsider in (absent, secretary, UserFactory()):
        with pytest.raises(GateShut, match="не вошли"):
            cast_vote(item, user=outsider, choice=Choice.FOR)
    cast_vote(item, user=voter, choice=Choice.FOR)
    close_voting(item, actor=None)
    with pytest.raises(GateShut, match="не открыто"):
        cast_vote(item, user=voter, choice=Choice.AGAINST)


def test_a_changed_voice_replaces_the_earlier_one(commission: Body, listed: DecisionList) -> None:
    voter = people(commission, Position.MEMBER)[0]
    item = voting_item(commission, listed)
    first, second, _ = listed.lines.all()
    cast_vote(
        item, user=voter, choice=Choice.FOR, differing={first.pk: Choice.AGAINST, second.pk: Choice.FOR}
    )
    assert set(Vote.objects.values_list("line", "choice")) == {(None, "for"), (first.pk, "against")}
    cast_vote(item, user=voter, choice=Choice.ABSTAIN)
    assert list(Vote.objects.values_list("line", "choice")) == [(None, "abstain")]


def test_silent_members_are_named_until_they_vote(commission: Body, listed: DecisionList) -> None:
    item = voting_item(commission, listed)
    assert len(silent_members(item)) == 4
    cast_vote(item, user=people(commission, Position.CHAIR)[0], choice=Choice.FOR)
    assert len(silent_members(item)) == 3


def test_a_late_comer_and_a_leaver_do_not_change_an_earlier_vote(
    commission: Body, tomsk: Edition, listed: DecisionList, motion: FakeMotion
) -> None:
    late, leaver, _ = people(commission, Position.MEMBER)
    item = voting_item(commission, listed, late)
    all_vote(item)
    later = make_item(item.meeting, make_list(tomsk, Decision.INCLUSION, proposals=[True]))
    there = item.meeting.members.exclude(user=leaver).values_list("user_id", flat=True)
    mark_attendance(item.meeting, present=there, actor=None)
    open_voting(later, actor=None)
    assert tally_of(item, listed.lines.first())[0].present == 3
    assert {member.user for member in later.voters.all()} >= {late} and leaver not in {
        member.user for member in later.voters.all()
    }


def test_who_voted_on_an_item_under_vote_stays_present(commission: Body, listed: DecisionList) -> None:
    voter = people(commission, Position.MEMBER)[0]
    item = voting_item(commission, listed)
    cast_vote(item, user=voter, choice=Choice.FOR)
    mark_attendance(item.meeting, present=[], actor=None)
    assert [member.user for member in item.meeting.members.filter(present=True)] == [voter]


def test_a_recused_member_counts_neither_as_member_nor_as_present(
    commission: Body, listed: DecisionList
) -> None:
    chair, member = people(commission, Position.CHAIR)[0], people(commission, Position.MEMBER)[0]
    line = listed.lines.first()
    item = voting_item(commission, listed)
    cast_vote(item, user=member, choice=Choice.AGAINST)
    declare_conflict(item, line, member, reason="родство")
    with pytest.raises(GateShut, match="не голосуете"):
        cast_vote(item, user=member, choice=Choice.FOR, differing={line.pk: Choice.FOR})
    cast_vote(item, user=chair, choice=Choice.FOR)
    tally, casting = tally_of(item, line)
    assert (tally.members, tally.present, tally.in_favour, tally.against) == (3, 3, 1, 0)
    assert casting == Choice.FOR
    assert tally_of(item, listed.lines.last())[0].against == 1


def test_no_conflict_is_declared_after_the_voting_or_without_a_reason(
    commission: Body, listed: DecisionList
) -> None:
    member, line = people(commission, Position.MEMBER)[0], listed.lines.first()
    item = voting_item(commission, listed)
    with pytest.raises(GateShut, match="Укажите"):
        declare_conflict(item, line, member, reason=" ")
    close_voting(item, actor=None)
    with pytest.raises(GateShut, match="до конца голосования"):
        declare_conflict(item, line, member, reason="родство")


def test_without_the_recused_a_line_may_lose_its_quorum(commission: Body, listed: DecisionList) -> None:
    """Three of four are present and two of them keep out of a line: one of two remains, not more than half."""
    absent, one, two = people(commission, Position.MEMBER)
    item = voting_item(commission, listed, absent)
    line = listed.lines.first()
    declare_conflict(item, line, one, reason="родство")
    declare_conflict(item, line, two, reason="одна школа")
    all_vote(item)
    assert any("без отведённых нет кворума" in item.text for item in closing_blockers(item.meeting))
    remove_from_agenda(item, actor=None, reason="нет кворума по одному из списка")
    again = make_item(make_meeting(commission, listed.edition), listed)
    assert again.state == ItemState.PENDING


def test_a_reopened_vote_keeps_voices_and_needs_a_reason(commission: Body, listed: DecisionList) -> None:
    item = voting_item(commission, listed)
    all_vote(item)
    with pytest.raises(TransitionRefused):
        reopen_voting(item, actor=None, reason="")
    reopen_voting(item, actor=None, reason="ошибка в голосе")
    assert item.votes.count() == 4
    cast_vote(item, user=people(commission, Position.CHAIR)[0], choice=Choice.AGAINST)
    assert tally_of(item, listed.lines.first())[0].against == 1


def test_a_departure_from_the_proposal_needs_the_bodys_reason(
    commission: Body, listed: DecisionList, motion: FakeMotion
) -> None:
    """process.md 6: a body that departs from the computed proposal gives a reason."""
    item = voting_item(commission, listed)
    refused = listed.lines.first()
    for member in item.voters.all():
        cast_vote(item, user=member.user, choice=Choice.FOR, differing={refused.pk: Choice.AGAINST})
    close_voting(item, actor=None)
    assert departures_of(item) == [refused]
    with pytest.raises(GateShut) as shut:
        close_meeting(item.meeting, actor=None)
    assert [blocker.field for blocker in shut.value.blockers] == [f"reason_{refused.pk}"]
    assert Meeting.objects.get().state == MeetingState.OPEN
    secretary = people(commission, Position.SECRETARY)[0]
    close_meeting(item.meeting, departures={refused.pk: "недостоверные сведения"}, actor=secretary)
    assert [effect[1:] for effect in motion.effects] == [
        (False, "недостоверные сведения"),
        (True, ""),
        (False, "не набран порог"),
    ]
    result = refused.results.get()
    assert (result.supported, result.outcome, result.in_favour, result.against) == (False, False, 0, 4)


def test_a_meeting_closes_only_when_every_item_is_voted(
    commission: Body, tomsk: Edition, listed: DecisionList
) -> None:
    meeting = make_meeting(commission, tomsk)
    open_with(meeting)
    assert [item.text for item in closing_blockers(meeting)] == ["В повестке нет ни одного вопроса."]
    item = make_item(meeting, listed)
    with pytest.raises(GateShut, match="голосование не закончено"):
        close_meeting(meeting, actor=None)
    open_voting(item, actor=None)
    all_vote(item)
    close_meeting(meeting, actor=people(commission, Position.SECRETARY)[0])
    listed.refresh_from_db()
    assert (meeting.state, listed.state) == (MeetingState.CLOSED, ListState.DECIDED)
    with pytest.raises(GateShut):
        close_meeting(meeting, actor=None)


def test_protocols_of_two_bodies_have_their_own_rows_of_numbers(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    commission.index = "ОК"
    commission.save()
    numbers = []
    for _ in range(2):
        item = voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True]))
        all_vote(item)
        close_meeting(item.meeting, actor=people(commission, Position.SECRETARY)[0])
        numbers.append(item.meeting.number)
    assert numbers == ["ОК-1/2026", "ОК-2/2026"]
    assert IssuedPaper.objects.filter(kind="protocol").count() == 2


def test_an_absentee_poll_counts_those_who_voted(commission: Body, listed: DecisionList) -> None:
    """O4.16: by poll; who does not vote does not take part in the quorum."""
    item = voting_item(commission, listed, form=MeetingForm.ABSENTEE)
    assert Letter.objects.filter(kind="meeting.voting").count() == 4
    voters = [member.user for member in item.voters.all()]
    for user in voters[:2]:
        cast_vote(item, user=user, choice=Choice.FOR)
    close_voting(item, actor=None)
    assert any("нет кворума" in blocker.text for blocker in closing_blockers(item.meeting))
    reopen_voting(item, actor=None, reason="не собран кворум")
    cast_vote(item, user=voters[2], choice=Choice.FOR)
    close_voting(item, actor=None)
    close_meeting(item.meeting, actor=people(commission, Position.SECRETARY)[0])
    assert item.meeting.members.filter(present=True).count() == 3
    assert listed.lines.first().results.get().present == 3


def test_a_cancelled_meeting_frees_its_lists_and_tells_why(
    commission: Body, tomsk: Edition, listed: DecisionList
) -> None:
    item = make_item(make_meeting(commission, tomsk), listed)
    with pytest.raises(TransitionRefused):
        cancel_meeting(item.meeting, actor=None, reason="")
    cancel_meeting(item.meeting, actor=None, reason="болезнь председателя")
    assert Letter.objects.filter(kind="meeting.cancelled", body__contains="болезнь председателя").count() == 5
    assert listed in DecisionList.objects.waiting_for_meeting(commission)
    make_item(make_meeting(commission, tomsk), listed)
    assert listed not in DecisionList.objects.waiting_for_meeting(commission)


def test_a_list_goes_back_only_before_a_body_takes_it_up(
    commission: Body, tomsk: Edition, listed: DecisionList
) -> None:
    item = make_item(make_meeting(commission, tomsk), listed)
    with pytest.raises(GateShut, match="снимите"):
        take_back_list(listed, actor=None, reason="ошибка")
    remove_from_agenda(item, actor=None, reason="ошибка")
    take_back_list(listed, actor=None, reason="ошибка")
    assert listed.state == ListState.DRAFT
    send_list(listed, actor=None)
    again = voting_item(commission, listed)
    all_vote(again)
    close_meeting(again.meeting, actor=people(commission, Position.SECRETARY)[0])
    with pytest.raises(GateShut, match="уже есть протокол"):
        take_back_list(listed, actor=None, reason="ошибка")


def test_an_empty_list_or_a_decision_without_a_chain_is_not_sent(tomsk: Edition, motion: FakeMotion) -> None:
    row = make_list(tomsk, Decision.INCLUSION, proposals=[], sent=False)
    tomsk.chain_links.all().delete()
    with pytest.raises(GateShut) as shut:
        send_list(row, actor=None)
    assert len(shut.value.blockers) == 2


def test_discussion_is_kept_while_the_meeting_goes_on(commission: Body, listed: DecisionList) -> None:
    item = voting_item(commission, listed)
    save_discussion(item, text=" Иванов: поддерживаю. ", actor=None)
    assert item.discussion == "Иванов: поддерживаю."
    all_vote(item)
    close_meeting(item.meeting, actor=people(commission, Position.SECRETARY)[0])
    with pytest.raises(GateShut):
        save_discussion(item, text="ещё", actor=None)


def test_orenburgs_chain_of_three_links_ends_with_an_order(orenburg: Edition, motion: FakeMotion) -> None:
    """O3.17, O3.22, O1.17, O3.23: expert commission, authorised body, order of the ministry; the effect comes last."""
    official = UserFactory(roles=[Role.AUTHORITY])
    row = make_list(orenburg, Decision.INCLUSION, proposals=[True, True, False])
    first, second, third = row.lines.all()
    for number, code in enumerate(("expert_commission", "authorised_body"), start=1):
        body = make_body(code)
        item = voting_item(body, row)
        all_vote(item)
        close_meeting(item.meeting, actor=people(body, Position.SECRETARY)[0])
        row.refresh_from_db()
        assert (row.link_order, motion.effects) == (number + 1, [])
    assert row.waits_for_order and motion.at_links == [1, 2, 3]
    assert Letter.objects.get(kind="list.waits_for_order").to == official
    with pytest.raises(GateShut, match="не может быть раньше протокола"):
        record_order(row, number="12", dated=clock.today() - timedelta(days=1), actor=official)
    with pytest.raises(GateShut, match="ещё не наступила"):
        record_order(row, number="12", dated=clock.today() + timedelta(days=1), actor=official)
    with pytest.raises(GateShut, match="причину"):
        record_order(row, number="12", dated=clock.today(), removed={second.pk: " "}, actor=official)
    record_order(
        row, number="12", dated=clock.today(), removed={second.pk: "личное заявление"}, actor=official
    )
    assert motion.effects == [
        (first.label, True, ""),
        (second.label, False, "личное заявление"),
        (third.label, False, "не набран порог"),
    ]
    row.refresh_from_db()
    assert row.state == ListState.DECIDED and motion.ended == [row.pk]
    assert basis_of(row).count("протокол №") == 2 and basis_of(row).endswith("приказ № 12 от 11.03.2026")
    with pytest.raises(GateShut, match="не ждёт приказа"):
        record_order(row, number="13", dated=clock.today(), actor=official)


def test_every_deed_leaves_an_audit_event(commission: Body, listed: DecisionList) -> None:
    item = voting_item(commission, listed)
    declare_conflict(item, listed.lines.first(), people(commission, Position.CHAIR)[0], reason="родство")
    all_vote(item)
    close_meeting(item.meeting, actor=people(commission, Position.SECRETARY)[0])
    done = set(AuditEvent.objects.values_list("action", flat=True))
    verbs = (
        "create_list send_list plan_meeting add_to_agenda open_meeting open_voting declare_conflict cast_vote"
    )
    assert {f"commissions.{verb}" for verb in f"{verbs} close_voting close_meeting".split()} <= done
