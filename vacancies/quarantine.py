"""What follows when a virus is found in a nominee's concept."""

from typing import Any

from django.urls import reverse

from candidates.services.quarantine import register_quarantined
from reserve_portal.audit.services import record_event
from reserve_portal.notifications.services import send_letter

from .models import Concept


def _take_out(concept: Any, found: str) -> None:
    """The version stays as a row without a file; the version before it counts again, the nominee brings another."""
    person = concept.referral.reservist.user
    record_event(
        "vacancies.infected_concept", concept, actor=None, person=person, sha256=concept.sha256, found=found
    )
    send_letter(
        "vacancy.infected_concept",
        to=person,
        key=f"vacancy.infected_concept:{concept.pk}",
        values={
            "vacancy": str(concept.referral.vacancy),
            "file": concept.original_name,
            "found": found,
            "path": reverse("vacancies:offer", args=[concept.referral_id]),
        },
        about=concept.referral,
    )


register_quarantined(Concept, "file", _take_out)
