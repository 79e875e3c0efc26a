"""Papers of the candidates' stage."""

from typing import Any

from reserve_portal.papers.kinds import PaperKind, register_paper

from . import intake_papers  # noqa: F401  (papers of the operator)

# --- the candidate's own papers -------------------------------------------------------------------------------------


def _nobody_else(user: Any, paper: Any) -> bool:
    """The person and the operator alone (papers.perms adds both)."""
    return False


register_paper(
    PaperKind(
        code="receipt",
        title="Расписка о приёме заявления",
        template="candidates/pdf/receipt.html",
        number="Р-{year}-{number:05d}",
        series="receipt-{year}",
        may_read=_nobody_else,
    )
)
register_paper(
    PaperKind(
        code="consent",
        title="Согласие",
        template="candidates/pdf/consent.html",
        number="С-{year}-{number:05d}",
        series="consent-{year}",
        may_read=_nobody_else,
    )
)
