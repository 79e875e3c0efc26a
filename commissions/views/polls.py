from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from .. import perms, polls
from ..forms import ExtendForm
from ..models import AgendaItem, Meeting
from .common import confirm, done, require


def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an absentee poll more time, with a reason."""
    rows = Meeting.objects.visible_to(request.user).select_related("body").prefetch_related("members")
    row = get_object_or_404(rows, pk=pk)
    require(perms.can_extend_poll(request.user, row))
    form = ExtendForm(request.POST or None, initial={"ends_at": row.ends_at})
    if request.method == "POST" and form.is_valid():
        given = {"actor": request.user, **form.cleaned_data}
        if done(request, polls.extend_poll, row, said="Срок продлён.", **given):
            return redirect("commissions:meeting", pk)
    effects = [
        "Голоса будут приниматься до нового срока.",
        "По вопросам, где голосование закончилось, его можно возобновить.",
    ]
    back = reverse("commissions:meeting", args=[pk])
    return confirm(request, "Продлить заочное голосование", effects, form, back)


@require_POST
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind those who have not voted yet."""
    rows = AgendaItem.objects.visible_to(request.user).select_related("meeting", "list")
    row = get_object_or_404(rows.prefetch_related("meeting__members"), pk=pk)
    require(perms.can_remind_silent(request.user, row))
    done(request, polls.remind_silent, row, actor=request.user, said="Напоминания отправлены.")
    return redirect("commissions:item", pk)
