"""Who signs a protocol, and by what it is signed: a scan, or signatures of chair and secretary."""

from typing import Any

from django.db import transaction

from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.papers.models import IssuedPaper, PaperSignature
from reserve_portal.papers.signing import attach_scan, attach_signature, counts_as_signed

from .enums import MeetingState
from .models import Meeting, MeetingMember


def signers_of(meeting: Meeting) -> list[MeetingMember]:
    """Who presided and who kept the protocol; in an absentee poll everybody who voted too."""
    members = list(meeting.members.all())
    first = [meeting.presiding_id, meeting.secretary_id]
    signers = [member for pk in first for member in members if member.user_id == pk]
    if meeting.is_absentee:
        signers += [member for member in members if member.entitled and member.present]
    return list(dict.fromkeys(signers))


def protocol_of(meeting: Meeting) -> IssuedPaper | None:
    """The full protocol, once the meeting is closed."""
    return IssuedPaper.objects.about(meeting).filter(kind="protocol").first()


def is_signed(meeting: Meeting, signatures: list[PaperSignature]) -> bool:
    """A scan, or whole signatures of who presided and of the secretary, each by the own certificate."""
    counted = [row for row in signatures if counts_as_signed(row)]
    needed = {pk for pk in (meeting.presiding_id, meeting.secretary_id) if pk}
    return any(row.signer_id is None for row in counted) or needed <= {row.signer_id for row in counted}


@transaction.atomic
def sign_protocol(
    meeting: Meeting, *, data: bytes, member: MeetingMember | None, actor: Any
) -> PaperSignature:
    """Keep a signature of `member`, or, without one, the scan; raises GateShut before the closing."""
    paper = protocol_of(meeting)
    if meeting.state != MeetingState.CLOSED or paper is None:
        require_open([Blocker("Подписывают протокол закрытого заседания.")])
    assert paper is not None
    if member is None:
        return attach_scan(paper, data=data, actor=actor)
    if member not in signers_of(meeting):
        require_open([Blocker("Протокол подписывают председательствующий и секретарь.")])
    return attach_signature(paper, data=data, signer=member.user, name=member.name, actor=actor)
