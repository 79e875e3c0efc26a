from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from .. import perms, signing
from ..forms import SigningForm
from ..models import Meeting
from .common import require


def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Upload the scan of the signed protocol or a detached signature; the answer of its check is shown at once."""
    rows = Meeting.objects.visible_to(request.user).select_related("body")
    row = get_object_or_404(rows.prefetch_related("members__user"), pk=pk)
    require(perms.can_sign_protocol(request.user, row))
    form = SigningForm(
        request.POST or None, request.FILES or None, signers=perms.may_sign_for(request.user, row)
    )
    form.cancel_url = reverse("commissions:meeting", args=[pk])
    paper = signing.protocol_of(row)
    if request.method == "POST" and form.is_valid():
        made = signing.sign_protocol(row, data=form.data_of_file, member=form.member, actor=request.user)
        tell = messages.success if made.tone == "success" else messages.error
        tell(
            request, f"{made.get_integrity_display() or 'скан сохранён'}. {made.reason}".strip().capitalize()
        )
        return redirect("commissions:sign", pk)
    context = {
        "meeting": row,
        "form": form,
        "paper": paper,
        "signatures": list(paper.signatures.select_related("added_by")) if paper else [],
    }
    return render(request, "commissions/sign.html", context)
