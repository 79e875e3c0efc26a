"""The candidate's page of appeals against one result, with the answers."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused

from ..forms import AppealForm, show_blockers
from ..models import Appeal, Result
from ..perms import can_appeal
from ..services.appeals import appeal_blockers, appeal_until, file_appeal, take_back_appeal


def appeal(request: HttpRequest, track: int, procedure: int) -> HttpResponse:
    """Own appeals against one result, and the form for a new one within the term."""
    rows = Result.objects.select_related("procedure__campaign__edition", "track__application__user")
    result = get_object_or_404(rows, track=track, procedure=procedure)
    if not can_appeal(request.user, result):
        raise Http404
    shut = appeal_blockers(result)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            file_appeal(result, text=form.cleaned_data["text"], actor=request.user)
        except GateShut as gate:
            show_blockers(form, gate.blockers)
        else:
            messages.success(request, "Апелляция подана. Ответ придёт письмом и появится здесь.")
            return redirect(request.path)
    context = {
        "result": result,
        "appeals": result.appeals.all(),
        "blockers": shut,
        "until": appeal_until(result),
        "form": None if shut else form,
    }
    return render(request, "assessment/appeal.html", context)


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own appeal back."""
    rows = Appeal.objects.select_related("result__track__application__user")
    row = get_object_or_404(rows, pk=pk, result__track__application__user=request.user)
    try:
        take_back_appeal(row, actor=request.user)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Апелляция отозвана.")
    return redirect("assessment:appeal", procedure=row.result.procedure_id, track=row.result.track_id)
