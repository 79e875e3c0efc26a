from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from .. import meetings as services
from .. import perms
from ..forms import ConflictForm
from ..models import AgendaItem
from .common import confirm, done, require


def declare(request: HttpRequest, pk: int, line_pk: int) -> HttpResponse:
    """A member keeps out of one person's case, with a reason."""
    rows = AgendaItem.objects.visible_to(request.user).select_related("meeting__body", "list")
    item = get_object_or_404(rows.prefetch_related("meeting__members"), pk=pk)
    line = get_object_or_404(item.list.lines.select_related("person"), pk=line_pk)
    require(perms.can_declare_conflict(request.user, item))
    form = ConflictForm(request.POST or None)
    back = reverse("commissions:item", args=[pk])
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done(
            request, services.declare_conflict, item, line, request.user, reason=reason, said="Отвод записан."
        )
        return redirect(back)
    effects = [
        "Документы этого человека станут вам недоступны.",
        "Вы не будете голосовать по нему, ваш голос не войдёт в кворум по нему.",
        "По остальным людям списка вы голосуете как прежде.",
    ]
    return confirm(request, f"Отвод: {line.label}", effects, form, back, danger=True)
