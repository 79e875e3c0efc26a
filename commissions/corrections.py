"""After the closing nothing changes: a mistake is mended by a new item of a later meeting."""

from typing import Any

from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open

from .enums import ListState, MeetingState
from .models import AgendaItem, DecisionLine, DecisionList
from .motions import LineSpec, motion_of
from .services import create_list


def correction_blockers(item: AgendaItem, line: DecisionLine, becomes: str, reason: str) -> list[Blocker]:
    """What keeps a correction of one person's decision from being drafted."""
    found = []
    if item.meeting.state != MeetingState.CLOSED or not item.results.filter(line=line).exists():
        found.append(Blocker("Исправлять можно решение закрытого заседания."))
    if not becomes.strip():
        found.append(Blocker("Напишите, как следует читать решение.", field="becomes"))
    if not reason.strip():
        found.append(Blocker("Укажите, в чём ошибка.", field="reason"))
    waiting = DecisionLine.objects.about(line).filter(list__corrects=item)
    if waiting.exclude(list__state=ListState.DECIDED).exists():
        found.append(Blocker("Исправление этого решения уже готовится."))
    return found


@transaction.atomic
def draft_correction(
    item: AgendaItem, line: DecisionLine, *, becomes: str, reason: str, actor: Any
) -> DecisionList:
    """Draft the list by which the same body corrects its decision about one person; raises GateShut.

    The old decision, its protocol and its votes stay as they are; the new list names the item that it corrects.
    """
    item = (
        AgendaItem.objects.select_for_update(of=("self",))
        .select_related("meeting", "list__edition")
        .get(pk=item.pk)
    )
    require_open(correction_blockers(item, line, becomes, reason))
    result = item.results.get(line=line)
    motion = motion_of(item.list)
    was = motion.yes if result.outcome else motion.no
    decision_list = create_list(
        item.list.decision,
        edition=item.list.edition,
        title=f"Исправление решения по вопросу {item.order} {protocol_words(item)}: {line.label}"[:300],
        subject=item,
        lines=[LineSpec(line, line.person, True, reason.strip(), {"was": was, "becomes": becomes.strip()})],
        corrects=item,
        actor=actor,
    )
    record_event(
        "commissions.draft_correction", decision_list, actor=actor, person=line.person, reason=reason
    )
    return decision_list


def protocol_words(item: AgendaItem) -> str:
    """«протокола № 3 от 05.06.2026»."""
    meeting = item.meeting
    return f"протокола № {meeting.number} от {clock.local(meeting.starts_at):%d.%m.%Y}"
