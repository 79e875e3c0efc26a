"""The candidate's papers as PDF."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from reserve_portal.core.downloads import generated_file
from reserve_portal.core.gates import GateShut

from ..models import Consent
from ..services import receipts
from .applications import own_application, tell_blockers


def form(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The filled application form, to print and sign."""
    application = own_application(request, pk)
    return generated_file(receipts.render_form(application), f"zayavlenie-{application.pk}.pdf")


def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt with the inventory."""
    application = own_application(request, pk)
    try:
        paper = receipts.receipt_of(application, actor=request.user)
    except GateShut as error:
        tell_blockers(request, error)
        return redirect("candidates:application", pk=pk)
    return redirect("papers:download", pk=paper.pk)


def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """One consent as a paper."""
    row = get_object_or_404(Consent, pk=pk, user=request.user)
    return redirect("papers:download", pk=receipts.consent_paper_of(row, actor=request.user).pk)
