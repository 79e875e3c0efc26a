"""Papers can be read by who cannot see them (domain/accessibility.md)."""

from collections.abc import Iterator

from reserve_portal.papers.kinds import paper_kinds
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.reading import UNTAGGED, faults_of
from reservists.papers import PUBLIC_FORM, REGISTRY

from .registry import check

# A register that is merged from pieces has no structure: its accessible form is the XLSX and the table on its page.
MERGED = (REGISTRY.code, PUBLIC_FORM.code)


@check
def papers_can_be_read_aloud() -> Iterator[str]:
    """The newest paper of each kind has language, title, structure and its fonts inside."""
    for code in paper_kinds.codes():
        paper = IssuedPaper.objects.filter(kind=code).order_by("-pk").first()
        if paper is None:
            continue
        try:
            with paper.file.open("rb") as file:
                faults = faults_of(file.read())
        except OSError:
            continue  # another check names it
        for fault in faults:
            if fault != UNTAGGED or code not in MERGED:
                yield f"Документ «{paper}»: {fault}."
