"""Readings and deeds, for the person's own copy of the data."""

from typing import Any

from reserve_portal.core.personal_data import Part, described, personal_data_source

from .models import AuditEvent


@personal_data_source("reads", "Кто открывал мои документы")
def reads(user: Any) -> Part:
    """Every recorded reading of the person's papers by somebody else, oldest first."""
    rows = AuditEvent.objects.filter(person=user, is_read=True).order_by("pk")
    return Part([described(row, "at", "actor_label", "action", "object_label") for row in rows])


@personal_data_source("deeds", "Что я делал(а) на портале")
def deeds(user: Any) -> Part:
    """The person's own deeds with the address they came from, oldest first."""
    rows = AuditEvent.objects.filter(actor=user, person=user, is_read=False).order_by("pk")
    return Part([described(row, "at", "action", "object_label", "address") for row in rows])
