"""Beside a plan: words of both sides, files that prove what was done (O4.6, O4.13)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from candidates.services.packages import read_upload
from reserve_portal.audit.services import record_read
from reserve_portal.core.downloads import private_file
from reserve_portal.core.gates import GateShut

from .. import perms
from ..development_forms import CommentForm, EvidenceForm
from ..models import DevelopmentPlan, PlanEvidence, PlanItem
from ..services import plan_notes
from .common import deed_page, demand
from .plans import address_of, back_to, visible_plan


def comment(request: HttpRequest, pk: int, item_pk: int | None = None) -> HttpResponse:
    """Say something of a plan, or of one of its rows."""
    plan = visible_plan(request, pk)
    item = get_object_or_404(PlanItem, pk=item_pk, plan=plan) if item_pk else None
    demand(perms.can_comment_plan(request.user, plan))

    def deed(form: Any) -> str:
        plan_notes.comment_plan(plan, item=item, text=form.cleaned_data["text"], actor=request.user)
        return address_of(plan)

    return deed_page(
        request,
        title="Комментарий к плану",
        lead=f"К пункту «{item}». Ответ придёт письмом."
        if item
        else "К плану в целом. Ответ придёт письмом.",
        form=CommentForm(request.POST or None),
        deed=deed,
        back=back_to(plan),
        done="Комментарий отправлен.",
    )


def add_evidence(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """Lay a file beside a row."""
    plan = visible_plan(request, pk)
    item = get_object_or_404(PlanItem, pk=item_pk, plan=plan)
    demand(perms.can_add_evidence(request.user, plan))

    def deed(form: Any) -> str:
        chosen = form.cleaned_data["file"]
        plan_notes.add_evidence(
            item,
            title=form.cleaned_data["title"],
            name=chosen.name,
            data=read_upload(chosen, plan.reservist.edition),
            actor=request.user,
        )
        return address_of(plan)

    return deed_page(
        request,
        title="Приложить подтверждение",
        lead=f"К пункту «{item}». Файл увидят наставник и те, кто следит за выполнением планов.",
        form=EvidenceForm(request.POST or None, request.FILES or None),
        deed=deed,
        back=back_to(plan),
        done="Файл приложен.",
        blockers=plan_notes.evidence_blockers(item),
    )


def evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a file to whoever may see the plan, as an attachment, out of quarantine; the reading is recorded."""
    row = _file(request, pk)
    if not row.may_be_opened:
        raise Http404
    record_read(row, actor=request.user, person=row.item.plan.reservist.user, what="reservists.read_evidence")
    return private_file(row.file, row.original_name, row.content_type)


@require_POST
def remove_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file away again."""
    row = _file(request, pk)
    plan = row.item.plan
    demand(perms.can_add_evidence(request.user, plan))
    try:
        plan_notes.remove_evidence(row, actor=request.user)
    except GateShut as shut:
        messages.error(request, str(shut))
    else:
        messages.success(request, "Файл убран.")
    return redirect(address_of(plan))


def _file(request: HttpRequest, pk: int) -> PlanEvidence:
    plans = DevelopmentPlan.objects.visible_to(request.user)
    rows = PlanEvidence.objects.filter(item__plan__in=plans).select_related(
        "item__plan__reservist__user", "item__plan__reservist__edition"
    )
    return get_object_or_404(rows, pk=pk)
