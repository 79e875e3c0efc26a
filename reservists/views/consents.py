"""Consents of a reservist: whoever came in with an earlier list never gave them in an application (152-FZ, art. 9)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from candidates.forms import ConsentForm, DisseminationForm
from candidates.services.consents import applications_resting_on, consents_of, give_consent, withdraw_consent
from reserve_portal.core.forms import PortalForm
from reserve_portal.core.gates import GateShut
from reserve_portal.regulations.enums import ConsentKind

from .common import deed_page
from .events import membership_of


def consents(request: HttpRequest) -> HttpResponse:
    """Every consent of the membership's edition, given or not."""
    return render(request, "reservists/consents.html", {"pairs": _pairs(request)})


def consent(request: HttpRequest, text: int) -> HttpResponse:
    """The full text of one consent, and the way to give it."""
    row, given = _pair(request, text)
    by_item = row.kind == ConsentKind.DISSEMINATION
    form = (DisseminationForm if by_item else ConsentForm)(request.POST if request.method == "POST" else None)
    form.cancel_url = reverse("reservists:consents")
    if request.method == "POST" and given is None and form.is_valid():
        chosen = {name: form.cleaned_data[name] for name in ("items", "prohibitions")} if by_item else {}
        try:
            give_consent(
                request.user, text=row, address=request.META.get("REMOTE_ADDR"), actor=request.user, **chosen
            )
        except GateShut as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Дано: {row.title}.")
            return redirect("reservists:consents")
    return render(request, "reservists/consent.html", {"text": row, "given": given, "form": form})


def withdraw(request: HttpRequest, text: int) -> HttpResponse:
    """Say first what follows, then withdraw the consent."""
    row, given = _pair(request, text)
    back = reverse("reservists:consents")
    if given is None:
        return redirect(back)
    effects = [
        f"Будет отозвано и заявление: {item.campaign.name}." for item in applications_resting_on(given)
    ]
    if row.kind == ConsentKind.PROCESSING:
        effects.append("Без этого согласия вас нельзя предлагать на вакансии.")

    def deed(form: Any) -> str:
        withdraw_consent(given, actor=request.user)
        return back

    return deed_page(
        request,
        title=f"Отозвать: {row.title}",
        lead=" ".join(effects) or "Согласие перестанет действовать сразу.",
        form=PortalForm(request.POST if request.method == "POST" else None),
        deed=deed,
        back=(back, "Согласия"),
        submit_label="Отозвать согласие",
        done=f"Отозвано: {row.title}.",
    )


def _pairs(request: HttpRequest) -> list[Any]:
    own = membership_of(request.user)
    if own is None:
        raise PermissionDenied
    return consents_of(request.user, own.edition)


def _pair(request: HttpRequest, text: int) -> Any:
    for row, given in _pairs(request):
        if row.pk == text:
            return row, given
    raise Http404
