"""The computed requirements of one application, stored for the operator to confirm (O3.5)."""

from django.db import transaction

from ..models import Application, RequirementFinding
from .judgement import judge_application


@transaction.atomic
def judge_requirements(application: Application) -> list[RequirementFinding]:
    """Compute every requirement of the edition and store the findings (T2, O1.6); returns them in their order.

    The operator's word stays while the computed answer does; where that changed, the word is asked for anew.
    """
    known = {row.requirement_id: row for row in application.findings.select_for_update(of=("self",))}
    findings = []
    for requirement, result in judge_application(application):
        row = known.get(requirement.pk) or RequirementFinding(
            application=application, requirement=requirement
        )
        computed = (result.met, result.found, result.needed)
        if (row.met, row.found, row.needed) != computed:
            if row.met != result.met:
                row.confirmed, row.reason, row.confirmed_by = None, "", None
            row.met, row.found, row.needed = computed
            if row.pk:
                row.save()
        findings.append(row)
    RequirementFinding.objects.bulk_create(row for row in findings if not row.pk)
    return findings


def judge_missing(application: Application) -> None:
    """Compute the findings of an application that has fewer than its edition has requirements."""
    if application.findings.count() < application.campaign.edition.requirements.count():
        judge_requirements(application)
