from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from .. import corrections, perms
from ..forms import CorrectionForm
from ..models import AgendaItem
from .common import confirm, done, require


def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft the list by which a body corrects its decision; the list then goes its way like any other."""
    rows = AgendaItem.objects.visible_to(request.user).select_related("meeting", "list")
    item = get_object_or_404(rows, pk=pk)
    require(perms.can_correct(request.user, item))
    form = CorrectionForm(request.POST or None, decision_list=item.list)
    if request.method == "POST" and form.is_valid():
        said = "Исправление составлено: передайте список органу, он войдёт в повестку следующего заседания."
        given = {"actor": request.user, **form.cleaned_data}
        if done(request, corrections.draft_correction, item, said=said, **given):
            return redirect("admin:commissions_decisionlist_changelist")
    effects = [
        "Протокол и голоса закрытого заседания останутся как есть.",
        "Появится новый список с пометкой, какое решение он исправляет; его рассмотрит тот же орган.",
    ]
    return confirm(request, "Исправить решение", effects, form, reverse("commissions:item", args=[pk]))
