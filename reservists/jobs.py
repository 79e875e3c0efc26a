"""Long work of the reserve: the registry's papers, letters to a large reserve. Each may run twice without harm."""

from typing import Any

from django.core.files.base import File
from django.db import transaction

from reserve_portal.core.jobs import job, report_progress
from reserve_portal.core.models import Job

from .models import EventsPlan, RegistryEdition, Reservist
from .papers import issue_public_list, issue_registry_paper
from .services.events import LETTERS_AT_ONCE, write_plan_letters
from .services.registry_table import registry_columns, write_workbook


@job("reservists.registry")
def make_registry_files(row: Job) -> dict[str, Any]:
    """PDF and XLSX of one registry edition; returns {"paper": id, "rows": count}."""
    registry = RegistryEdition.objects.select_related("edition", "paper").get(pk=row.params["registry"])
    report_progress(row, 0, max(registry.size, 1))
    paper = issue_registry_paper(registry, row)
    if not registry.table:
        store_table(registry, f"{row.pk}-{registry.number}.xlsx")
    return {"paper": paper.pk, "rows": registry.size}


def store_table(registry: RegistryEdition, name: str) -> None:
    """Write the registry as XLSX, row by row, and keep it with its edition."""
    rows = (line.cells for line in registry.lines_in_order())
    with write_workbook(str(registry), registry_columns(registry.edition), rows) as book:
        registry.table.save(name, File(book), save=False)
    RegistryEdition.objects.filter(pk=registry.pk).update(table=registry.table.name)


@job("reservists.public_form")
def make_public_form(row: Job) -> dict[str, Any]:
    """PDF of the public form by the consents of this moment; returns {"paper": id}."""
    registry = RegistryEdition.objects.select_related("edition").get(pk=row.params["registry"])
    report_progress(row, 0, max(registry.size, 1))
    return {"paper": issue_public_list(registry, row).pk}


@job("reservists.plan_letters")
def write_all_plan_letters(row: Job) -> dict[str, Any]:
    """Letters about the yearly plan to everybody in the reserve (T6); returns {"written": count}."""
    plan = EventsPlan.objects.get(pk=row.params["plan"])
    total = Reservist.objects.active().count()
    done, last = 0, 0
    while True:
        with transaction.atomic():
            last = write_plan_letters(plan, after=last, limit=LETTERS_AT_ONCE)
        if not last:
            return {"written": total}
        done += LETTERS_AT_ONCE
        report_progress(row, min(done, total), total)
