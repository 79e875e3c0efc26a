"""What everybody sees: announced procedures and their sample questions (T3)."""

from reserve_portal.pages.public import PublicBlock, public_block_source

from .models import Procedure

SHOWN = 5


@public_block_source
def announced_procedures() -> list[PublicBlock]:
    """The next procedures with dates and a link to place, instruction and sample questions."""
    procedures = list(
        Procedure.objects.announced().only("name", "starts_at", "ends_at", "questions_published_at")[:SHOWN]
    )
    if not procedures:
        return []
    return [PublicBlock("assessment/public/procedures.html", {"procedures": procedures}, order=40)]
