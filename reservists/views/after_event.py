"""After an event: its survey and its certificate (O7.3, T7)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from reserve_portal.core.gates import GateShut

from ..event_forms import SurveyForm
from ..event_papers import certificate_of
from ..services.surveys import answer_survey, survey_blockers, survey_until
from .events import own_place_or_404


def survey(request: HttpRequest, pk: int) -> HttpResponse:
    """The short survey, for who took part and while it is open."""
    own = own_place_or_404(request.user, pk)
    back = reverse("reservists:event", args=[pk])
    form = SurveyForm(request.POST or None)
    form.cancel_url = back
    blockers: Any = survey_blockers(own)
    if request.method == "POST" and not blockers and form.is_valid():
        try:
            answer_survey(own, actor=request.user, **form.cleaned_data)
        except GateShut as shut:
            blockers = shut.blockers
        else:
            messages.success(request, "Спасибо, отзыв принят.")
            return redirect(back)
    context = {
        "event": own.event,
        "form": form,
        "blockers": blockers,
        "back": back,
        "until": survey_until(own),
    }
    return render(request, "reservists/survey.html", context)


def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to one's own certificate, issued at the first asking."""
    own = own_place_or_404(request.user, pk)
    try:
        paper = certificate_of(own, actor=request.user)
    except GateShut as shut:
        messages.error(request, str(shut))
        return redirect("reservists:event", pk=pk)
    return redirect("papers:download", pk=paper.pk)
