"""Extracts for one person: made at the first asking, the same paper ever after."""

from typing import Any

from django.db import transaction

from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper

from .enums import MeetingState
from .models import LineResult
from .papers import extract_context


@transaction.atomic
def extract_of(result: LineResult, *, actor: Any) -> IssuedPaper:
    """Return the extract about one person's decision, issuing it the first time; raises GateShut before the closing."""
    result = (
        LineResult.objects.select_for_update(of=("self",))
        .select_related("item__meeting__edition", "item__list__corrects__meeting", "line__person")
        .get(pk=result.pk)
    )
    meeting = result.item.meeting
    if meeting.state != MeetingState.CLOSED:
        require_open([Blocker("Выписку выдают из протокола закрытого заседания.")])
    known = IssuedPaper.objects.about(result).filter(kind="extract").first()
    return known or issue_paper(
        "extract",
        result,
        extract_context(result),
        actor=actor,
        person=result.line.person,
        dated=clock.local(meeting.starts_at).date(),
        title=f"Выписка из протокола № {meeting.number}",
        number=f"{meeting.number}-{result.item.order}.{result.line.order}",
    )
