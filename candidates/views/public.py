from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from reserve_portal.core import clock
from reserve_portal.core.downloads import generated_file
from reserve_portal.regulations.models import ConsentText, Edition

from ..check_forms import SelfCheck
from ..dates import calendar_of
from ..enums import ApplicationState, CampaignState
from ..models import Application, Campaign
from ..rules import judge
from ..services import blanks
from ..services.consents import texts_of
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


@login_not_required
def self_check(request: HttpRequest) -> HttpResponse:
    """Do I meet the requirements? Without signing in; the answers are judged and forgotten."""
    edition = _edition_in_force()
    campaign = Campaign.objects.public().filter(closes_at__gte=clock.now(), edition=edition).first()
    on = clock.local(campaign.closes_at).date() if campaign else clock.today()
    check = SelfCheck(request.POST if request.method == "POST" else None, edition)
    judged: list[Any] = []
    if request.method == "POST" and check.is_valid():
        names = {kind.code: kind.name for kind in edition.document_types.all()}
        facts = check.facts(on, names)
        judged = [(row, judge(row.rule, facts, row.title)) for row in edition.requirements.all()]
    context = {"edition": edition, "campaign": campaign, "on": on, "check": check, "judged": judged}
    response = render(request, "candidates/self_check.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@login_not_required
def blank_application(request: HttpRequest) -> HttpResponseBase:
    """The application form to be filled by hand."""
    return generated_file(blanks.blank_application(_edition_in_force()), "zayavlenie-blank.pdf")


@login_not_required
def blank_consent(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A consent to be signed by hand."""
    text = get_object_or_404(ConsentText.objects.select_related("edition"), pk=pk)
    if text not in texts_of(text.edition):
        raise Http404
    return generated_file(blanks.blank_consent(text), f"soglasie-{text.kind}-blank.pdf")


@login_not_required
def campaign_calendar(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The campaign's dates for a calendar program."""
    row = get_object_or_404(Campaign, pk=pk)
    content = calendar_of(row, reverse("candidates:campaign", args=[pk]))
    return generated_file(content, f"nabor-{row.pk}.ics", "text/calendar; charset=utf-8")


def _edition_in_force() -> Edition:
    return get_object_or_404(Edition, in_force=True)
