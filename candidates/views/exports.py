"""«Мои данные»: the archive of everything about oneself."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.downloads import private_file
from reserve_portal.core.enums import JobState
from reserve_portal.core.gates import GateShut
from reserve_portal.core.personal_data import sources

from ..models import DataExport
from ..services.exports import KEPT, ask_for_export, newest_export
from .applications import tell_blockers


def my_data(request: HttpRequest) -> HttpResponse:
    """What the archive holds, how far it is, the way to it; htmx asks for the progress alone."""
    export = newest_export(request.user)
    job = export.job if export else None
    context: dict[str, Any] = {
        "export": export,
        "job": job,
        "ready": bool(export and export.file),
        "failed": job is not None and job.state == JobState.FAILED,
        "titles": [source.title for source in sources],
        "kept_days": KEPT.days,
    }
    part = request.headers.get("HX-Request")
    return render(request, f"candidates/{'includes/export' if part else 'my_data'}.html", context)


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Have the archive made."""
    try:
        ask_for_export(request.user)
    except GateShut as shut:
        tell_blockers(request, shut)
    else:
        messages.success(request, "Собираем архив. Когда он будет готов, придёт письмо.")
    return redirect("candidates:my_data")


def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The archive, to its owner alone and while it is kept."""
    row = get_object_or_404(DataExport, pk=pk, user=request.user)
    if not row.file or row.expires_at is None or row.expires_at <= clock.now():
        raise Http404
    record_event("candidates.download_export", row, actor=request.user, person=request.user)
    return private_file(row.file, f"moi-dannye-{clock.local(row.asked_at):%Y-%m-%d}.zip", "application/zip")
