"""Issued papers, for the person's own copy of the data."""

from typing import Any

from reserve_portal.core.personal_data import Part, PersonalFile, described, personal_data_source

from .models import IssuedPaper
from .perms import can_read_paper


@personal_data_source("papers", "Документы, выданные порталом")
def papers(user: Any) -> Part:
    """Papers about the person that the person may read, oldest first."""
    rows = IssuedPaper.objects.filter(person=user).order_by("pk")
    readable = [row for row in rows if can_read_paper(user, row)]
    fields = ("title", "number", "dated", "sha256", "check_code")
    files = [
        PersonalFile(f"{row.title} № {row.number}", row.file) for row in readable
    ]  # makes what is not made
    return Part([described(row, *fields) for row in readable], files)
