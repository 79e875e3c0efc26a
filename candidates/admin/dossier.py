"""Asking for a dossier: a page that says what it holds; the job packs it."""

import hashlib
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from reserve_portal.core.gates import GateShut
from reserve_portal.core.search import capped_count

from ..intake_forms import ConfirmForm
from ..services.dossier import packable, request_dossier
from .bulk import chosen_rows
from .deeds import posted, tell_gate

PACKED_AT_MOST = 2000


def dossier_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The dossier of the applications that the address names."""
    rows = chosen_rows(model_admin, request)
    back = f"{reverse('admin:candidates_application_changelist')}?{request.GET.get('list', '')}"
    only = rows.first() if capped_count(rows, 1) == 1 else None
    if only is not None:
        back = reverse("admin:candidates_application_change", args=[only.pk])
    key = hashlib.sha256(request.GET.urlencode().encode()).hexdigest()[:16]
    title = only.user.full_name if only is not None else "заявления по списку"
    return confirm_dossier(request, rows, title=title, key=key, back=back)


def confirm_dossier(
    request: HttpRequest, rows: models.QuerySet[Any], *, title: str, key: str, back: str
) -> HttpResponse:
    """Say what the archive will hold; by POST put it to a job and show its progress."""
    if capped_count(rows, PACKED_AT_MOST) > PACKED_AT_MOST:
        messages.error(request, f"Заявлений больше {PACKED_AT_MOST}: сузьте отбор.")
        return redirect(back)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            row = request_dossier(rows, title=title, key=key, actor=request.user)
        except GateShut as shut:
            tell_gate(form, shut)
        else:
            return redirect("admin:core_job_change", row.pk)
    context = {
        **admin.site.each_context(request),
        "title": f"Досье: {title}",
        "effects": [
            "В архив войдут анкета, заявление, документы (и заменённые), решения по ним, письма, выданные документы и "
            "ход дела — по папке на человека.",
            "Каждый кандидат увидит в кабинете, что вы читали его документы.",
            "Архив соберёт фоновое задание. Скачать его сможете только вы, три дня.",
        ],
        "items": [],
        "count": packable(rows, request.user).count(),
        "form": form,
        "submit_label": "Собрать",
        "cancel_url": back,
        "danger": False,
        "hidden": {},
    }
    return TemplateResponse(request, "admin/confirm.html", context)
