from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ..enums import ApplicationState, CampaignState
from ..models import Application, Campaign
from ..showing import describe_rule


@login_not_required
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """What a campaign asks for: window, requirements with clauses, documents, consents; and the way in."""
    row = get_object_or_404(Campaign.objects.select_related("edition"), pk=pk)
    return render(request, "candidates/campaign.html", {"campaign": row, **about_campaign(row, request.user)})


def about_campaign(campaign: Campaign, user: Any) -> dict[str, Any]:
    """Everything the campaign's page shows."""
    edition = campaign.edition
    own = None
    if user.is_authenticated:
        rows = Application.objects.own_of(user).exclude(state=ApplicationState.WITHDRAWN)
        own = rows.filter(campaign=campaign).first()
    documents = list(edition.document_types.all())
    if not edition.value("return_needs_representation"):
        documents = [document for document in documents if not document.only_for_return]
    names = {document.code: document.name for document in documents}
    return {
        "edition": edition,
        "own": own,
        "is_planned": campaign.state == CampaignState.PLANNED,
        "requirements": [(row, describe_rule(row.rule, names)) for row in edition.requirements.all()],
        "documents": documents,
        "groups": edition.target_groups.all(),
        "clause": edition.clause("nomination_kinds"),
    }
