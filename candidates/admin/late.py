"""The personal late window: one person may submit after the campaign's end, for a stated reason."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from ..intake_forms import LateWindowForm
from ..models import Application, Campaign
from ..services.applications import open_late_window_for
from .deeds import confirm_deed, posted

SHOWN = 50


def late_windows(campaign: Campaign) -> list[Application]:
    """Applications with a personal term; found by an index of their own."""
    rows = campaign.applications.filter(late_until__isnull=False).defer("snapshot").select_related("user")
    return list(rows[:SHOWN])


def late_page(request: HttpRequest, campaign: Campaign, *, back: str) -> HttpResponse:
    """Open the window for the person of an address; the letter goes out."""
    form = LateWindowForm(posted(request), initial={"email": request.GET.get("email", "")})

    def deed(data: dict[str, Any]) -> str:
        application = open_late_window_for(
            data["email"], campaign=campaign, until=form.until(), reason=data["reason"], actor=request.user
        )
        return f"{application.user.full_name}: личный срок открыт, письмо отправлено."

    return confirm_deed(
        request,
        title=f"Личный срок подачи: {campaign.name}",
        effects=[
            "Этот человек — и только он — сможет подать заявление после конца приёма.",
            "Если он ещё ничего не начал, у него появится пустой черновик.",
            "Ему уйдёт письмо с причиной и последним мгновением срока; причина останется в журнале действий.",
        ],
        form=form,
        deed=deed,
        back=back,
        submit_label="Открыть личный срок",
    )
