from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from .. import perms
from ..extracts import extract_of
from ..models import LineResult


@require_POST
def extract(request: HttpRequest, pk: int) -> HttpResponse:
    """The extract about one person's decision, made at the first asking; for a stranger it does not exist."""
    rows = LineResult.objects.select_related("item__meeting", "line__list")
    row = get_object_or_404(rows.prefetch_related("item__meeting__members"), pk=pk)
    if not perms.can_have_extract(request.user, row):
        raise Http404
    return redirect("papers:download", extract_of(row, actor=request.user).pk)
