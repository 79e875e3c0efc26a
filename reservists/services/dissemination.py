"""A consent to publication is withdrawn: what stands published of the person is taken down (152-FZ, art. 10.1)."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from candidates.models import Consent
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.models import Deadline

from ..models import RegistryRow
from .registry import Allowed, allowed_items

STOPPED = "dissemination.stopped"


def open_stops() -> QuerySet[Deadline]:
    """The limits that run since a withdrawal."""
    return Deadline.objects.open().closed_by(STOPPED)


def consents_to_stop() -> QuerySet[Consent]:
    """Withdrawn consents of which nobody has said yet that the publication has stopped, the oldest first.

    The public page hides the name at once by itself; copies that were put elsewhere it cannot reach.
    """
    waiting = open_stops().values("object_id")
    return Consent.objects.filter(pk__in=waiting).select_related("user", "text").order_by("withdrawn_at")


@transaction.atomic
def stop_dissemination(consent: Consent, *, actor: Any) -> None:
    """Delete what stands published of the person beyond the consents in force, and close the limit.

    Done twice, it changes nothing.
    """
    consent = (
        Consent.objects.select_for_update(of=("self",))
        .select_related("user", "text__edition")
        .get(pk=consent.pk)
    )
    allowed = allowed_items([consent.user_id]).get(consent.user_id, Allowed()).items
    rows = list(RegistryRow.objects.filter(user=consent.user).exclude(published={}))
    for row in rows:
        row.published = {item: text for item, text in row.published.items() if item in allowed}
    RegistryRow.objects.bulk_update(rows, ["published"])
    event_happened(STOPPED, consent, edition=consent.text.edition, on=clock.today())
    record_event("reservists.stop_dissemination", consent, actor=actor, person=consent.user, rows=len(rows))
