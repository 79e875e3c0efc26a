"""What follows when a virus is found in a file laid beside a row of a plan."""

from typing import Any

from django.urls import reverse

from candidates.services.quarantine import register_quarantined
from reserve_portal.audit.services import record_event
from reserve_portal.notifications.services import send_letter

from .models import PlanEvidence


def _take_out(evidence: Any, found: str) -> None:
    """The row stays without a file, so that both sides see why the proof is gone; its owner lays another one."""
    plan = evidence.item.plan
    person = plan.reservist.user
    record_event(
        "reservists.infected_evidence",
        evidence,
        actor=None,
        person=person,
        sha256=evidence.sha256,
        found=found,
    )
    send_letter(
        "plan.infected_evidence",
        to=person,
        key=f"plan.infected_evidence:{evidence.pk}",
        values={
            "file": evidence.original_name,
            "item": str(evidence.item),
            "found": found,
            "path": reverse("reservists:development_plan", args=[plan.pk]),
        },
        about=plan,
    )


register_quarantined(PlanEvidence, "file", _take_out)
