"""Printing and exporting: short papers at once, long ones as a job."""

from io import BytesIO
from typing import Any

from commissions.models import DecisionList
from reserve_portal.audit.services import record_event
from reserve_portal.core.jobs import enqueue_job
from reserve_portal.core.tables import write_xlsx
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper

from ..models import Campaign, RegistrationEntry

AT_ONCE = 150  # rows of a table that are rendered within a request


def print_register(campaign: Campaign, *, actor: Any) -> IssuedPaper | None:
    """Issue the register of candidates (T2); None when it is long and was put to a job."""
    if RegistrationEntry.objects.filter(application__campaign=campaign).count() > AT_ONCE:
        _enqueue(
            "candidates.print_register", f"Реестр кандидатов: {campaign}", {"campaign": campaign.pk}, actor
        )
        return None
    return issue_register(campaign, actor=actor)


def print_journal(series: str, *, actor: Any) -> IssuedPaper | None:
    """Issue a whole journal (domain/documents.md); None when it is long and was put to a job."""
    if RegistrationEntry.objects.filter(series=series).count() > AT_ONCE:
        _enqueue("candidates.print_journal", f"Журнал регистрации {series}", {"series": series}, actor)
        return None
    return issue_journal(series, actor=actor)


def print_admission_list(decision_list: DecisionList, *, actor: Any) -> IssuedPaper:
    """Issue the list for admission as it stands: a draft, or the decided one with grounds."""
    from ..intake_papers import admission_list_context

    return issue_paper(
        "candidates.admission_list",
        decision_list,
        admission_list_context(decision_list),
        actor=actor,
        title=decision_list.title,
    )


def issue_register(campaign: Campaign, *, actor: Any) -> IssuedPaper:
    """Render and store the register of a campaign's candidates."""
    from ..intake_papers import register_context

    return issue_paper(
        "candidates.register",
        campaign,
        register_context(campaign),
        actor=actor,
        title=f"Реестр кандидатов: {campaign.name}",
    )


def issue_journal(series: str, *, actor: Any) -> IssuedPaper:
    """Render and store a journal; it is a paper about its last entry's campaign."""
    from ..intake_papers import journal_context

    entries = RegistrationEntry.objects.filter(series=series).order_by("number")
    last = entries.select_related("application__campaign__edition").last()
    if last is None:
        raise LookupError(f"Журнал «{series}» пуст.")
    campaign = last.application.campaign
    return issue_paper(
        "candidates.journal",
        campaign,
        journal_context(campaign.edition, series, entries),
        actor=actor,
        title=f"Журнал регистрации заявлений {series}",
    )


def export_register(campaign: Campaign, *, actor: Any) -> BytesIO:
    """The register as XLSX; taking it away is recorded."""
    from ..intake_papers import REGISTER_HEADINGS, register_rows

    record_event("candidates.export_register", campaign, actor=actor)
    return BytesIO(write_xlsx("Реестр кандидатов", REGISTER_HEADINGS, register_rows(campaign)))


def export_journal(entries: Any, *, actor: Any) -> BytesIO:
    """The shown lines of the journal as XLSX; taking them away is recorded."""
    from ..intake_papers import JOURNAL_HEADINGS, journal_rows

    record_event("candidates.export_journal", None, actor=actor)
    return BytesIO(write_xlsx("Журнал регистрации", JOURNAL_HEADINGS, journal_rows(entries)))


def _enqueue(kind: str, title: str, params: dict[str, Any], actor: Any) -> None:
    from reserve_portal.core import clock

    key = f"{kind}:{'-'.join(map(str, params.values()))}:{clock.now():%Y%m%d%H%M}"
    enqueue_job(kind, key=key, title=title, params={**params, "actor": actor.pk}, actor=actor)
