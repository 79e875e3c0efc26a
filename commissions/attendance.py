"""Who is there: opening a meeting, late comers and leavers, substitutes, who presides."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut

from .enums import ItemState, MeetingState, Position
from .models import Meeting, MeetingMember, Vote
from .workflow import MEETING


@transaction.atomic
def open_meeting(meeting: Meeting, *, present: Iterable[int], actor: Any) -> None:
    """Open the meeting with the members present (their user ids); chair or deputy presides.

    In an absentee poll all members are asked. Raises GateShut before the day of the meeting.
    """
    if clock.today() < clock.local(meeting.starts_at).date():
        raise GateShut([Blocker(f"Открыть заседание можно {clock.local(meeting.starts_at):%d.%m.%Y}.")])
    MEETING.apply(meeting, "open", actor=actor)
    everyone = meeting.members.values_list("user_id", flat=True)
    _set_attendance(meeting, set(everyone if meeting.is_absentee else present))
    meeting.opened_at = clock.now()
    meeting.save(update_fields=["opened_at"])
    record_event("commissions.open_meeting", meeting, actor=actor)


@transaction.atomic
def mark_attendance(meeting: Meeting, *, present: Iterable[int], actor: Any) -> None:
    """Change who is present while the meeting goes on; who has voted on an item under vote stays present."""
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if locked.state != MeetingState.OPEN or locked.is_absentee:
        raise GateShut([Blocker("Отмечать явку можно, пока заседание идёт.")])
    voting = Vote.objects.filter(item__meeting=meeting, item__state=ItemState.VOTING)
    there = {*present, *voting.values_list("member__user_id", flat=True)}
    _set_attendance(locked, there)
    meeting.refresh_from_db(fields=["presiding", "secretary"])
    record_event("commissions.mark_attendance", meeting, actor=actor, present=sorted(there))


def _set_attendance(meeting: Meeting, present: set[int]) -> None:
    """Note who is there, when late comers came and leavers left; voices pass to substitutes, somebody presides."""
    members = list(meeting.members.select_related("user"))
    under_way = meeting.opened_at is not None and not meeting.is_absentee
    for member in members:
        there = member.user_id in present
        if under_way and there and not member.present:
            member.arrived_at, member.left_at = clock.now(), None
        elif under_way and member.present and not there:
            member.left_at = clock.now()
        member.present = there
    _pass_voices(members)
    MeetingMember.objects.bulk_update(members, ["present", "votes", "arrived_at", "left_at"])
    seated = {member.position: member for member in members if member.present}
    presiding = seated.get(Position.CHAIR) or seated.get(Position.DEPUTY)
    secretary = seated.get(Position.SECRETARY) or _stands_in_for_secretary(members)
    meeting.presiding = presiding.user if presiding else None
    meeting.secretary = secretary.user if secretary else None
    meeting.save(update_fields=["presiding", "secretary"])


def _pass_voices(members: list[MeetingMember]) -> None:
    """A seat has one voice: its holder's when there, else that of the first substitute who is there.

    In an absentee poll everybody counts as there, so that the holder alone votes.
    """
    seats: dict[int, list[MeetingMember]] = {}
    for member in sorted(members, key=lambda row: (row.stands_in_for_id is not None, row.pk)):
        seats.setdefault(member.place, []).append(member)
    for holders in seats.values():
        if any(member.votes for member in holders):
            voice = next((member for member in holders if member.present), holders[0])
            for member in holders:
                member.votes = member is voice


def _stands_in_for_secretary(members: list[MeetingMember]) -> MeetingMember | None:
    seats = {member.pk for member in members if member.position == Position.SECRETARY}
    return next((member for member in members if member.present and member.stands_in_for_id in seats), None)
