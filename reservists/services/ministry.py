"""The list of people recommended for exclusion, sent to the ministry (O6.3)."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from commissions.enums import ItemState, MeetingState
from commissions.models import DecisionList
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.enums import Decision

from ..leaving_papers import issue_ministry_list
from ..models import MinistryList

NOBODY = Blocker("Направлять некого: нет решений об исключении, которые ждут приказа.")


def lists_to_send() -> QuerySet[DecisionList]:
    """Lists on exclusion that a meeting has decided, that wait for an order and went to no ministry yet (O6.3)."""
    return (
        DecisionList.objects.waiting_for_order()
        .filter(
            decision=Decision.EXCLUSION,
            items__state=ItemState.VOTED,
            items__meeting__state=MeetingState.CLOSED,
            ministry_lists=None,
        )
        .distinct()
    )


def note_decided(decision_list: DecisionList) -> None:
    """The body's meeting has recommended exclusion: the ten days begin with its closing (O6.3)."""
    closed = (
        decision_list.items.filter(state=ItemState.VOTED, meeting__state=MeetingState.CLOSED)
        .order_by("-meeting__closed_at")
        .values_list("meeting__closed_at", flat=True)
        .first()
    )
    if closed is None or not any(line.standing for line in decision_list.lines.all()):
        return
    on = clock.local(closed).date()
    event_happened("exclusion.decided_by_body", decision_list, edition=decision_list.edition, on=on)


@transaction.atomic
def send_to_ministry(*, actor: Any) -> MinistryList:
    """Issue the covering list of everybody recommended so far and close the limits; raises GateShut for nobody (O6.3).

    The lists' rows are locked, so that of two operators at once one sends each list.
    """
    waiting = list(lists_to_send().order_by("pk").values_list("pk", flat=True))
    list(DecisionList.objects.select_for_update().filter(pk__in=waiting).order_by("pk"))
    rows = list(lists_to_send().filter(pk__in=waiting).select_related("edition").order_by("pk"))
    if not rows:
        require_open([NOBODY])
    edition = rows[-1].edition
    sent = MinistryList.objects.create(edition=edition, sent_by=actor)
    sent.lists.set(rows)
    sent.paper = issue_ministry_list(sent, rows, actor=actor)
    sent.save(update_fields=["paper"])
    for row in rows:
        event_happened("exclusion.sent_to_ministry", row, edition=row.edition, on=sent.sent_on)
    record_event("reservists.send_to_ministry", sent, actor=actor, lists=[row.pk for row in rows])
    return sent
