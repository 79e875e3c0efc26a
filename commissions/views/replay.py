from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from reserve_portal.audit.services import record_read

from .. import perms
from ..models import DecisionLine
from ..replay import replay_of


def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision as it was made: entitled, present, papers, recusals, votes, rule, points, protocol, order."""
    line = get_object_or_404(DecisionLine.objects.select_related("list__corrects", "person"), pk=pk)
    if not perms.can_replay(request.user, line):
        raise Http404
    record_read(line, actor=request.user, person=line.person, what="commissions.replay")
    return render(request, "commissions/replay.html", replay_of(line, request.user))
