"""The candidate's papers as PDF."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from reserve_portal.accounts.enums import Role
from reserve_portal.audit.services import record_read
from reserve_portal.core.downloads import generated_file, private_file
from reserve_portal.core.gates import GateShut

from ..models import Consent
from ..services import receipts
from ..uploads import CONTENT_TYPES, EXTENSIONS
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
    if row.proof and not row.may_be_opened:
        messages.info(request, "Скан согласия проверяется на вирусы: откройте его немного позже.")
        return redirect("candidates:my")
    if row.proof:
        return redirect("candidates:consent_proof", pk=pk)
    return redirect("papers:download", pk=receipts.consent_paper_of(row, actor=request.user).pk)


def consent_proof(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The scan of a consent that was given on paper: for the person and the operator."""
    user: Any = request.user
    row = get_object_or_404(Consent.objects.exclude(proof="").select_related("user"), pk=pk)
    if not row.may_be_opened or (row.user != user and not user.has_role(Role.OPERATOR)):
        raise Http404
    record_read(row, actor=user, person=row.user, what="candidates.read_consent")
    return private_file(
        row.proof, f"soglasie-{row.pk}.{EXTENSIONS[row.proof_kind]}", CONTENT_TYPES[row.proof_kind]
    )
