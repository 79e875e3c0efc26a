"""Papers of events: the sheet that participants sign, the certificate of participation."""

from typing import Any

from django.db import transaction

from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.papers.kinds import PaperKind, register_paper
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.services import edition_in_force

from .enums import EventState, ParticipationState
from .models import Event, Participation, Reservist
from .services.events import registered_places

SPARE_ROWS = 10  # for those who come without registration


def nobody_else(user: Any, paper: IssuedPaper) -> bool:
    """Only the operator and the person it is about."""
    return False


EVENT_CERTIFICATE = register_paper(
    PaperKind(
        code="event_certificate",
        title="Сертификат участника мероприятия",
        template="reservists/pdf/event_certificate.html",
        number="СУ-{year}-{number:04d}",
        series="event-certificate:{year}",
        may_read=nobody_else,
        landscape=True,
    )
)
EVENT_SHEET = register_paper(
    PaperKind(
        code="event_sheet",
        title="Лист регистрации участников",
        template="reservists/pdf/event_sheet.html",
        number="ЛР-{year}-{number:04d}",
        series="event-sheet:{year}",
        may_read=nobody_else,
    )
)


@transaction.atomic
def certificate_of(participation: Participation, *, actor: Any) -> IssuedPaper:
    """The certificate of a confirmed participation, issued at the first asking, afterwards the same one (T7).

    Raises GateShut while the participation is not confirmed.
    """
    participation = (
        Participation.objects.select_for_update(of=("self",))
        .select_related("event", "confirmed_by", "reservist__user", "route__track__application__user")
        .get(pk=participation.pk)
    )
    if participation.state != ParticipationState.CONFIRMED or participation.confirmed_by is None:
        require_open([Blocker("Сертификат выдаётся, когда участие подтверждено.")])
    issued = IssuedPaper.objects.about(participation).filter(kind=EVENT_CERTIFICATE.code).first()
    if issued is not None:
        return issued
    context = {
        "edition": _edition_of(participation),
        "event": participation.event,
        "one_day": clock.local(participation.event.starts_at).date()
        == clock.local(participation.event.ends_at).date(),
        "name": participation.person.full_name,
        "member": participation.reservist_id is not None,
        "signed_by": participation.confirmed_by.short_name if participation.confirmed_by else "",
    }
    return issue_paper(
        EVENT_CERTIFICATE.code, participation, context, actor=actor, person=participation.person
    )


@transaction.atomic
def issue_event_sheet(event: Event, *, actor: Any) -> IssuedPaper:
    """Issue the sheet that those registered sign when they come, by name, with spare rows.

    Each asking gives a new one, for the list changes. Raises GateShut for a cancelled event.
    """
    if event.state == EventState.CANCELLED:
        require_open([Blocker("Мероприятие отменено.")])
    people = [
        {
            "name": row.person.full_name,
            "municipality": str(row.reservist.municipality or "") if row.reservist else "",
            "guest": row.route_id is not None,
        }
        for row in registered_places(event)
    ]
    context = {
        "edition": edition_in_force(),
        "event": event,
        "people": people,
        "spare": range(len(people) + 1, len(people) + SPARE_ROWS + 1),
        "signed_by": actor.short_name,
    }
    return issue_paper(EVENT_SHEET.code, event, context, actor=actor)


def _edition_of(participation: Participation) -> Edition:
    participant = participation.participant
    if isinstance(participant, Reservist):
        return participant.edition
    return participant.track.application.campaign.edition
