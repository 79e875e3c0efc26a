"""Pages of the procedure: for everybody, for the invited candidate, for those who may read results."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from candidates.models import ApplicationTrack
from candidates.workflow import TRACK
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.perms import can_read_paper

from ..enums import ZONE_TONES, Zone
from ..models import LearningRoute, Procedure, Result
from ..perms import can_decline_assessment, can_view_procedure, can_view_results, readable_results
from ..services.appeals import appeal_blockers, appeal_until
from ..services.invitations import decline_assessment
from ..services.statistics import statistics_context

PAGE = 50


@login_not_required
def announced(request: HttpRequest, pk: int) -> HttpResponse:
    """An announced procedure and its sample questions, for everybody (T3)."""
    row = get_object_or_404(Procedure.objects.announced(), pk=pk)
    return render(request, "assessment/announced.html", {"procedure": row})


def procedure(request: HttpRequest, pk: int) -> HttpResponse:
    """The candidate's page: when, where, instruction, sample questions; the own result after the decision alone."""
    user: Any = request.user
    row = get_object_or_404(Procedure, pk=pk)
    if not can_view_procedure(user, row):
        raise Http404
    tracks = [
        item.track
        for item in row.invitations.filter(track__application__user=user).select_related(
            "track__target_group"
        )
    ]
    own = (
        Result.objects.visible_to(user)
        .filter(procedure=row, track__application__user=user)
        .select_related("track__target_group")
        .prefetch_related("scores__section")
    )
    routes = LearningRoute.objects.visible_to(user).filter(
        track__application__user=user, result__procedure=row
    )
    context = {
        "procedure": row,
        "tracks": tracks,
        "results": own,
        "routes": routes,
        "appealable": _appealable(user, row),
        "sees_all": can_view_results(user, row),
        "may_decline": [track for track in tracks if TRACK.is_open(track, "decline")],
    }
    return render(request, "assessment/procedure.html", context)


def _appealable(user: Any, procedure: Procedure) -> list[tuple[Result, Any, int]]:
    """Own results against which one may appeal, or did: (result, last day, number of appeals)."""
    rows = procedure.results.filter(track__application__user=user).select_related(
        "procedure__campaign__edition", "track__application", "track__target_group"
    )
    found = [(row, appeal_until(row), row.appeals.count()) for row in rows]
    return [item for item in found if item[2] or not appeal_blockers(item[0])]


def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up the assessment, after a confirmation."""
    tracks = ApplicationTrack.objects.select_related("application__user", "target_group")
    track = get_object_or_404(tracks, pk=pk)
    if not can_decline_assessment(request.user, track):
        raise Http404
    if request.method == "POST":
        try:
            decline_assessment(track, actor=request.user)
        except TransitionRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "Отказ от оценки записан.")
        return redirect("home")
    context = {
        "title": "Отказаться от оценки",
        "effects": [
            "Вы не будете участвовать в оценке этого набора, и в резерв вас не включат.",
            "Вернуть вас к оценке сможет только оператор.",
        ],
        "count": 0,
        "items": [],
        "form": None,
        "hidden": {},
        "submit_label": "Отказаться",
        "danger": True,
        "cancel_url": reverse("home"),
    }
    return render(request, "components/confirm.html", context)


def results(request: HttpRequest, pk: int) -> HttpResponse:
    """Results of a procedure for those who may read them: place, points, zone, statistics by direction."""
    row = get_object_or_404(Procedure, pk=pk)
    if not can_view_results(request.user, row):
        raise Http404
    readable = readable_results(request.user, row)
    found = readable.select_related("track__application__user", "track__target_group").order_by(
        "track__target_group__order", "rank", "pk"
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "procedure": row,
        "page": page,
        "kept_out": row.results.count() - readable.count(),
        "rows": [(item, Zone(item.zone).label, ZONE_TONES[Zone(item.zone)]) for item in page],
        **statistics_context(row),
        "zones": row.green_percent is not None,
        "groups": row.campaign.edition.target_groups.count() > 1,
    }
    return render(request, "assessment/results.html", context)


def route(request: HttpRequest, pk: int) -> HttpResponse:
    """A learning route: the person's own once sent, all for those who may read them (T5)."""
    rows = LearningRoute.objects.visible_to(request.user).select_related(
        "track__application__user", "result__procedure"
    )
    row = get_object_or_404(rows, pk=pk)
    papers = [
        paper
        for paper in IssuedPaper.objects.about(row).filter(kind="learning_route")
        if can_read_paper(request.user, paper)
    ]
    context = {
        "route": row,
        "items": row.items.all(),
        "papers": papers,
        "own": row.track.application.user_id == request.user.pk,
    }
    return render(request, "assessment/route.html", context)
