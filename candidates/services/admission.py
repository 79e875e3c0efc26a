"""The list for admission: from reviewed applications to the commission, and the letters after its decision."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from commissions.enums import ListState
from commissions.models import DecisionLine, DecisionList
from commissions.motions import LineSpec
from commissions.services import create_list
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.search import capped_count
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import Decision

from ..enums import ApplicationState, TrackState
from ..models import Application, ApplicationTrack, Campaign
from ..summary import ground_in_words, summary_of

STILL_ON_THE_WAY = (ApplicationState.SUBMITTED, ApplicationState.REGISTERED, ApplicationState.CORRECTION)


def admission_lists(campaign: Campaign) -> Any:
    """The campaign's lists for admission, newest first."""
    return DecisionList.objects.about(campaign).filter(decision=Decision.ADMISSION)


def on_a_list() -> Exists:
    """Whether a track stands on a list for admission which went to a body."""
    return Exists(
        DecisionLine.objects.filter(
            content_type=ContentType.objects.get_for_model(ApplicationTrack),
            object_id=OuterRef("pk"),
            list__decision=Decision.ADMISSION,
            list__state__in=[ListState.SENT, ListState.DECIDED],
        )
    )


def tracks_for_list(campaign: Campaign) -> Any:
    """Tracks that go on the next list: reviewed, waiting for the decision, on no list yet; by surname."""
    return (
        ApplicationTrack.objects.filter(
            ~on_a_list(),
            application__in=campaign.applications.awaiting_admission(),
            state=TrackState.PENDING,
        )
        .select_related(
            "target_group",
            "application__user",
            "application__campaign",
            "application__registration",
            "application__proposal_ground",
        )
        .order_by("application__user__last_name", "application__user__first_name", "pk")
    )


def count_ready(campaign: Campaign) -> int:
    """How many tracks would go on a list made now, counted to a bound."""
    return capped_count(tracks_for_list(campaign))


def left_out(campaign: Campaign) -> list[Blocker]:
    """Who would not be on a list made now, and why; each leads to the application."""
    waiting = (
        campaign.applications.filter(state__in=STILL_ON_THE_WAY)
        .select_related("user")
        .order_by("user__last_name", "user__first_name")
    )
    return [
        Blocker(
            f"{application.user.full_name} — {application.get_state_display()}",
            url=reverse("admin:candidates_application_change", args=[application.pk]),
        )
        for application in waiting
    ]


@transaction.atomic
def make_admission_list(campaign: Campaign, *, actor: Any) -> DecisionList:
    """Make the draft list for admission from what is reviewed by now; a draft made before is replaced (T2, O3.9).

    Raises GateShut when nobody is reviewed and waiting.
    """
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    tracks = list(tracks_for_list(campaign))
    if not tracks:
        require_open([Blocker("Нет проверенных заявлений, которые ждут решения о допуске.")])
    for draft in admission_lists(campaign).filter(state=ListState.DRAFT):
        record_event("candidates.replace_admission_list", draft, actor=actor)
        draft.delete()
    return create_list(
        Decision.ADMISSION,
        edition=campaign.edition,
        title=f"О допуске к оценке: {campaign.name}, список от {clock.today():%d.%m.%Y}",
        subject=campaign,
        lines=[_line(track) for track in tracks],
        actor=actor,
    )


def tell_decision(decision_list: DecisionList) -> None:
    """Store the letters about admission to everyone on a decided list, with the grounds of a refusal (O3.13)."""
    for line in decision_list.lines.select_related("person"):
        track = line.subject
        if track is None or track.state not in (TrackState.ADMITTED, TrackState.NOT_ADMITTED):
            continue  # withdrawn on the way
        application = track.application
        admitted = track.state == TrackState.ADMITTED
        values = {
            "number": application.registration.text,
            "campaign": application.campaign.name,
            "group": str(track.target_group),
        }
        if not admitted:
            values["ground"] = line.outcome_reason or line.proposal_reason
        send_letter(
            "candidates.admitted" if admitted else "candidates.not_admitted",
            to=line.person,
            key=f"candidates.admission:{track.pk}:{decision_list.pk}",
            values=values,
            about=application,
        )


def _line(track: ApplicationTrack) -> LineSpec:
    application = track.application
    return LineSpec(
        subject=track,
        person=application.user,
        proposal=bool(application.proposal_admit),
        reason=proposal_reason(application),
        details={**summary_of(application).as_details(), "group": str(track.target_group)},
    )


def proposal_reason(application: Application) -> str:
    """The words behind the operator's proposal: the ground with its clause, and the explanation."""
    if application.proposal_admit:
        return application.proposal_words or "Требования выполнены, пакет документов полный"
    named = ground_in_words(application.proposal_ground)
    return ". ".join(part for part in (named, application.proposal_words) if part)
