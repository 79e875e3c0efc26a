"""The operator tells where Moodle's web service answers, and has results fetched from it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from assessment.forms import MoodleForm
from assessment.models import ImportDraft, MoodleService, Procedure
from assessment.services.moodle_service import (
    RUNNING,
    ask_for_results,
    fetch_blockers,
    last_fetch,
    service_of,
    set_moodle_service,
)

from .base import attempt, page, procedure_url, require_operator


def moodle(request: HttpRequest, pk: int) -> HttpResponse:
    """The service of a procedure: address, course, token; how far the last fetch is and where its file lies."""
    require_operator(request)
    row = get_object_or_404(Procedure, pk=pk)
    service = service_of(row)
    form = MoodleForm(request.POST or None, has_token=service is not None, initial=_initial(service))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if not attempt(lambda: set_moodle_service(row, actor=request.user, **data), form):
            messages.success(request, "Веб-служба сохранена.")
            return HttpResponseRedirect(request.path)
    job = last_fetch(row)
    context = {
        "title": f"Результаты из Moodle: {row.name}",
        "procedure": row,
        "service": service,
        "form": form,
        "job": job,
        "draft": ImportDraft.objects.filter(job=job).first() if job else None,
        "is_running": job is not None and job.state in RUNNING,
        "blockers": fetch_blockers(row) if service else [],
        "back": procedure_url(pk),
    }
    return page(request, "admin/assessment/moodle.html", context)


def fetch(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the results fetched."""
    require_operator(request)
    row = get_object_or_404(Procedure, pk=pk)
    if request.method == "POST":
        for blocker in attempt(lambda: ask_for_results(row, actor=request.user)):
            messages.error(request, blocker.text)
    return HttpResponseRedirect(procedure_url(pk, "moodle"))


def _initial(service: MoodleService | None) -> dict[str, Any]:
    return {name: getattr(service, name) for name in ("address", "course", "quiz")} if service else {}
