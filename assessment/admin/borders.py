"""The operator records by which decision the borders hold (O3.15)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from assessment.expert_forms import DecisionForm
from assessment.models import Procedure
from assessment.services.borders import record_borders_decision

from .base import attempt, page, procedure_url, require_operator


def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the decision about the borders as they stand."""
    require_operator(request)
    row = get_object_or_404(Procedure.objects.select_related("campaign__edition"), pk=pk)
    form = DecisionForm(request.POST or None, request.FILES or None, edition=row.campaign.edition)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if not attempt(lambda: record_borders_decision(row, actor=request.user, **data), form):
            messages.success(request, "Решение записано.")
            return HttpResponseRedirect(procedure_url(pk))
    context = {
        "title": f"Решение о границах: {row.name}",
        "lead": "Решение относится к порогу, зонам и направлениям в их нынешнем виде. Изменятся они — "
        "понадобится новое решение.",
        "form": form,
        "back": procedure_url(pk),
    }
    return page(request, "admin/assessment/form.html", context)
