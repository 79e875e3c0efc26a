from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from .. import perms
from ..extracts import extract_of
from ..models import LineResult
from ..motions import motion_of


def own_decisions(request: HttpRequest) -> HttpResponse:
    """What bodies have decided about the reader, once the whole chain has; an extract for the asking."""
    results = (
        perms.own_results(request.user)
        .select_related("line__list", "item__meeting__body")
        .prefetch_related("line__list__orders")
        .order_by("-line__list__decided_on", "-item__link_order", "-pk")
    )
    rows = [{"result": row, "motion": motion_of(row.line.list)} for row in results]
    return render(request, "commissions/own_decisions.html", {"rows": rows})


@require_POST
def extract(request: HttpRequest, pk: int) -> HttpResponse:
    """The extract about one person's decision, made at the first asking; for a stranger it does not exist."""
    rows = LineResult.objects.select_related("item__meeting", "line__list")
    row = get_object_or_404(rows.prefetch_related("item__meeting__members"), pk=pk)
    if not perms.can_have_extract(request.user, row):
        raise Http404
    return redirect("papers:download", extract_of(row, actor=request.user).pk)
