"""The expert conclusion for those who decide, and for the person afterwards; the file of a decision about borders."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from candidates.perms import can_read_package
from reserve_portal.audit.services import record_event, record_read
from reserve_portal.core.downloads import private_file
from reserve_portal.core.gates import GateShut

from ..enums import ZONE_TONES, ConclusionState, Zone
from ..models import BordersDecision, ExpertConclusion
from ..perms import can_view_borders_file, can_view_conclusion
from ..services.conclusions import paper_of


def conclusion(request: HttpRequest, track: int) -> HttpResponse:
    """The five parts of O3.18 about one candidate in one target group."""
    row = _find(request, track)
    person = row.result.track.application.user
    record_read(row, actor=request.user, person=person, what="assessment.read_conclusion")
    context = {
        "conclusion": row,
        "person": person,
        "track": row.result.track,
        "procedure": row.result.procedure,
        "decision": row.result.procedure.standing_decision,
        "zone_label": Zone(row.zone).label,
        "zone_tone": ZONE_TONES[Zone(row.zone)],
        "own": person == request.user,
        "reads_package": can_read_package(request.user, row.result.track.application),
        "has_paper": row.state != ConclusionState.DRAFT,
    }
    return render(request, "assessment/conclusion.html", context)


def conclusion_paper(request: HttpRequest, track: int) -> HttpResponse:
    """The conclusion as PDF; issued at its first reading."""
    row = _find(request, track)
    try:
        paper = paper_of(row, actor=request.user)
    except GateShut as shut:
        messages.error(request, str(shut))
        return redirect("assessment:conclusion", track)
    return redirect("papers:download", paper.pk)


def borders_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of a decision about borders, as an attachment under a name of our own (O3.15)."""
    if not can_view_borders_file(request.user):
        raise PermissionDenied
    row = get_object_or_404(BordersDecision, pk=pk)
    if not row.file:
        raise Http404
    record_event("assessment.download_borders_decision", row, actor=request.user)
    return private_file(row.file, f"Решение {row.number}.pdf", "application/pdf")


def _find(request: HttpRequest, track: int) -> ExpertConclusion:
    rows = ExpertConclusion.objects.select_related(
        "result__procedure__campaign", "result__track__target_group", "result__track__application__user"
    )
    row = rows.filter(result__track=track).first()
    if row is None or not can_view_conclusion(request.user, row):
        raise Http404
    return row
