"""An expert reads the packages of those whose sheets he or she holds, until they are handed in (process.md 12)."""

from typing import Any

from candidates.conflicts import conflicts_of
from candidates.models import Application
from candidates.readers import register_reader

from .models import ExpertSheet


@register_reader
def holds_a_sheet(user: Any, application: Application) -> bool:
    """A sheet about this application lies with the user, who has no reason to keep out."""
    sheets = ExpertSheet.objects.visible_to(user).filter(invitation__track__application=application)
    return sheets.exists() and not conflicts_of(user, application)
