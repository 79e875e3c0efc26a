"""Who may do what at meetings and with lists (process.md 12, rows «meeting», «vote», «orders»)."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef

from reserve_portal.accounts.enums import Role

from .enums import ItemState, ListState, MeetingState, Position
from .models import (
    AgendaItem,
    DecisionLine,
    DecisionList,
    LineResult,
    Material,
    Meeting,
    MeetingMember,
    Recusal,
)
from .signing import signers_of
from .workflow import ITEM, LIST, MEETING

RUNNERS = (Position.CHAIR, Position.DEPUTY, Position.SECRETARY)


def member_of(user: Any, meeting: Meeting) -> MeetingMember | None:
    """The user's place in the snapshot of this meeting, or None."""
    return next((member for member in meeting.members.all() if member.user_id == user.pk), None)


def can_run_meeting(user: Any, meeting: Meeting) -> bool:
    """Secretary or chair of that meeting; the deputy stands in for the chair."""
    member = member_of(user, meeting)
    return user.is_active and member is not None and member.position in RUNNERS


def can_open_meeting(user: Any, meeting: Meeting) -> bool:
    return can_run_meeting(user, meeting) and MEETING.is_open(meeting, "open")


def can_mark_attendance(user: Any, meeting: Meeting) -> bool:
    open_now = meeting.state == MeetingState.OPEN and not meeting.is_absentee
    return open_now and can_run_meeting(user, meeting)


def can_close_meeting(user: Any, meeting: Meeting) -> bool:
    return can_run_meeting(user, meeting) and MEETING.is_open(meeting, "close")


def can_cancel_meeting(user: Any, meeting: Meeting) -> bool:
    """Who runs it, and the operator who called it together, until it has opened."""
    prepared = user.has_role(Role.OPERATOR) and meeting.state == MeetingState.PLANNED
    return MEETING.is_open(meeting, "cancel") and (prepared or can_run_meeting(user, meeting))


def can_list_meetings(user: Any) -> bool:
    """Members theirs, operators and auditors all (Meeting.visible_to); nobody else has meetings."""
    return user.has_any_role(Role.COMMISSION, Role.OPERATOR, Role.AUDITOR)


def can_plan_meeting(user: Any) -> bool:
    return user.has_role(Role.OPERATOR)


def can_prepare_agenda(user: Any, meeting: Meeting) -> bool:
    return user.has_role(Role.OPERATOR) and meeting.state in (MeetingState.PLANNED, MeetingState.OPEN)


def can_open_voting(user: Any, item: AgendaItem) -> bool:
    return _runs_open(user, item) and ITEM.is_open(item, "open_voting")


def can_close_voting(user: Any, item: AgendaItem) -> bool:
    return _runs_open(user, item) and ITEM.is_open(item, "close_voting")


def can_reopen_voting(user: Any, item: AgendaItem) -> bool:
    return _runs_open(user, item) and ITEM.is_open(item, "reopen_voting")


def can_remind_silent(user: Any, item: AgendaItem) -> bool:
    """Who runs the meeting and the operator, while voices are waited for."""
    going_on = item.state == ItemState.VOTING and item.meeting.state == MeetingState.OPEN
    return going_on and (can_run_meeting(user, item.meeting) or user.has_role(Role.OPERATOR))


def can_extend_poll(user: Any, meeting: Meeting) -> bool:
    going_on = meeting.state in (MeetingState.PLANNED, MeetingState.OPEN)
    return going_on and meeting.is_absentee and can_run_meeting(user, meeting)


def can_change_materials(user: Any, item: AgendaItem) -> bool:
    """Whoever prepares the meeting or runs it, until the voting on the item begins."""
    waiting = item.meeting.state in (MeetingState.PLANNED, MeetingState.OPEN)
    prepares = user.has_role(Role.OPERATOR) or can_run_meeting(user, item.meeting)
    return waiting and item.state == ItemState.PENDING and prepares


def can_read_material(user: Any, material: Material) -> bool:
    """The operator; members of the meeting until it has decided, but for whom they keep out of; afterwards nobody
    but those who read all decisions."""
    if user.has_any_role(Role.OPERATOR, Role.AUDITOR):
        return True
    meeting = material.item.meeting
    if member_of(user, meeting) is None or meeting.state not in (MeetingState.PLANNED, MeetingState.OPEN):
        return False
    if material.line_id is None:
        return True
    return not Recusal.objects.filter(line=material.line_id, member__user=user).exists()


def can_correct(user: Any, item: AgendaItem) -> bool:
    """The operator drafts what the body has to correct, once it has decided."""
    return user.has_role(Role.OPERATOR) and item.meeting.state == MeetingState.CLOSED


def can_save_discussion(user: Any, item: AgendaItem) -> bool:
    return _runs_open(user, item) and item.state != ItemState.REMOVED


def can_remove_item(user: Any, item: AgendaItem) -> bool:
    """Who runs the meeting; the operator as long as it has not opened."""
    if not ITEM.is_open(item, "remove"):
        return False
    prepared = user.has_role(Role.OPERATOR) and item.meeting.state == MeetingState.PLANNED
    waiting = item.meeting.state in (MeetingState.PLANNED, MeetingState.OPEN)
    return prepared or (waiting and can_run_meeting(user, item.meeting))


def can_declare_conflict(user: Any, item: AgendaItem) -> bool:
    """Any member of the meeting, until the voting on the item has ended."""
    waiting = item.meeting.state in (MeetingState.PLANNED, MeetingState.OPEN)
    return (
        waiting
        and item.state in (ItemState.PENDING, ItemState.VOTING)
        and member_of(user, item.meeting) is not None
    )


def can_vote(user: Any, item: AgendaItem) -> bool:
    """Entitled by the item's snapshot and not recused from all of it, while the voting is open and within its term."""
    if item.state != ItemState.VOTING or item.meeting.is_over_term or not user.is_active:
        return False
    member = next((voter for voter in item.voters.all() if voter.user_id == user.pk), None)
    if member is None:
        return False
    recused = sum(row.member_id == member.pk for row in item.recusals.all())
    return recused < item.list.lines.count()


def can_see_results(user: Any, item: AgendaItem) -> bool:
    """Voices are counted in the open only when the voting has ended."""
    return item.state == ItemState.VOTED


def can_view_orders(user: Any) -> bool:
    return user.has_any_role(Role.AUTHORITY, Role.AUDITOR)


def can_record_order(user: Any, decision_list: DecisionList) -> bool:
    return user.has_role(Role.AUTHORITY) and decision_list.waits_for_order


def can_send_list(user: Any, decision_list: DecisionList) -> bool:
    return user.has_role(Role.OPERATOR) and LIST.is_open(decision_list, "send")


def can_take_back_list(user: Any, decision_list: DecisionList) -> bool:
    return user.has_role(Role.OPERATOR) and LIST.is_open(decision_list, "take_back")


def can_read_protocol(user: Any, paper: Any) -> bool:
    """Members of that meeting, operator, authority, auditor."""
    if user.has_any_role(Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR):
        return True
    return user.is_active and MeetingMember.objects.filter(meeting=paper.object_id, user=user).exists()


def can_sign_protocol(user: Any, meeting: Meeting) -> bool:
    return bool(may_sign_for(user, meeting))


def may_sign_for(user: Any, meeting: Meeting) -> list[MeetingMember | None]:
    """Whose signatures `user` may bring, None standing for the scan: who runs the meeting and the operator bring all,
    a member his or her own."""
    if meeting.state != MeetingState.CLOSED or not user.is_active:
        return []
    signers = signers_of(meeting)
    if user.has_role(Role.OPERATOR) or can_run_meeting(user, meeting):
        return [None, *signers]
    return [member for member in signers if member.user_id == user.pk]


def can_read_order_draft(user: Any, paper: Any) -> bool:
    """Who makes the order, and who reads all decisions."""
    return user.has_any_role(Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)


def can_read_extract(user: Any, paper: Any) -> bool:
    """Operator, authority, auditor, who ran the meeting; the person once the whole chain has decided."""
    if user.has_any_role(Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR):
        return True
    result = LineResult.objects.select_related("line__list", "item__meeting").get(pk=paper.object_id)
    return can_have_extract(user, result)


def can_have_extract(user: Any, result: LineResult) -> bool:
    """Say whether `user` may have the extract about this person's decision."""
    if user.has_any_role(Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR):
        return True
    if user.is_active and result.line.person_id == user.pk:
        return own_results(user).filter(pk=result.pk).exists()
    if Recusal.objects.filter(line=result.line_id, member__user=user).exists():
        return False
    return can_run_meeting(user, result.item.meeting)


def own_results(user: Any) -> models.QuerySet[LineResult]:
    """Decisions about `user`, once the whole chain has decided."""
    return LineResult.objects.filter(line__person=user, line__list__state=ListState.DECIDED)


def replayed_results(user: Any, line: DecisionLine) -> models.QuerySet[LineResult]:
    """Decisions about a line that `user` may see replayed: operator and auditor all, members those of the meetings to
    which they were called, none of a person from whom they kept out."""
    results = LineResult.objects.filter(line=line, item__meeting__state=MeetingState.CLOSED)
    if not user.is_active:
        return results.none()
    if user.has_any_role(Role.OPERATOR, Role.AUDITOR):
        return results
    if Recusal.objects.filter(line=line, member__user=user).exists():
        return results.none()
    return results.filter(item__meeting__members__user=user)


def can_replay(user: Any, line: DecisionLine) -> bool:
    return replayed_results(user, line).exists()


def can_study_line(user: Any, line: DecisionLine) -> bool:
    """Say whether `user` may read the papers behind a line: a member, not recused, until the own body has decided;
    an official of the authority while the list waits for the order (process.md 12)."""
    return lines_to_study(user).filter(pk=line.pk).exists()


def can_study_subject(user: Any, subject: models.Model) -> bool:
    """The same for whatever the lines are about (an application track …)."""
    return lines_to_study(user).about(subject).exists()


def lines_to_study(user: Any) -> Any:
    """Lines whose papers `user` may read now as a member of a body or as the authority's official."""
    if not user.is_active:
        return DecisionLine.objects.none()
    items = AgendaItem.objects.standing().filter(
        list=OuterRef("list"),
        link_order=OuterRef("list__link_order"),
        meeting__members__user=user,
        meeting__state__in=[MeetingState.PLANNED, MeetingState.OPEN],
    )
    recused = Recusal.objects.filter(line=OuterRef("pk"), member__user=user)
    own = DecisionLine.objects.filter(Exists(items)).exclude(Exists(recused))
    if user.has_role(Role.AUTHORITY):
        ordered = DecisionLine.objects.filter(list__in=DecisionList.objects.waiting_for_order())
        return own | ordered.exclude(Exists(recused))
    return own


def _runs_open(user: Any, item: AgendaItem) -> bool:
    return item.meeting.state == MeetingState.OPEN and can_run_meeting(user, item.meeting)
