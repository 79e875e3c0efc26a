"""Long papers as jobs."""

from typing import Any

from reserve_portal.core.jobs import job, report_progress
from reserve_portal.core.models import Job

from .models import ArchiveImport, Campaign
from .services import (
    archive_imports,
    dossier,  # noqa: F401  (jobs)
    mailing,  # noqa: F401  (jobs)
)
from .services.exports import make_export
from .services.printing import issue_journal, issue_register


@job("candidates.print_register")
def print_register(row: Job) -> dict[str, Any]:
    paper = issue_register(Campaign.objects.get(pk=row.params["campaign"]), actor=row.created_by)
    return {"paper": paper.pk}


@job("candidates.print_journal")
def print_journal(row: Job) -> dict[str, Any]:
    return {"paper": issue_journal(row.params["series"], actor=row.created_by).pk}


@job("candidates.export_data")
def export_data(row: Job) -> dict[str, Any]:
    return make_export(row.params["export"], lambda done, total: report_progress(row, done, total))


@job("candidates.check_archive")
def check_archive(row: Job) -> dict[str, Any]:
    archive = ArchiveImport.objects.select_related("campaign__edition", "created_by").get(
        pk=row.params["archive"]
    )
    return archive_imports.check_archive(archive, lambda done, total: report_progress(row, done, total))


@job("candidates.apply_archive")
def apply_archive(row: Job) -> dict[str, Any]:
    archive = ArchiveImport.objects.select_related("campaign__edition", "created_by").get(
        pk=row.params["archive"]
    )
    return archive_imports.apply_archive(archive, lambda done, total: report_progress(row, done, total))
