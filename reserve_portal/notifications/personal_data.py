"""Letters, for the person's own copy of the data."""

from typing import Any

from reserve_portal.core.personal_data import Part, described, personal_data_source

from .models import Letter


@personal_data_source("letters", "Письма")
def letters(user: Any) -> Part:
    """The letters of the cabinet, oldest first."""
    rows = Letter.objects.visible_to(user).filter(in_cabinet=True).order_by("pk")
    fields = ("created_at", "address", "subject_line", "body", "sent_at", "read_at")
    return Part([described(row, *fields) for row in rows])
