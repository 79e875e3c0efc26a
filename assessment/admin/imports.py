"""The wizard of an import: file → preview (kept on the server) → columns where needed → confirmation."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from assessment.forms import ColumnsForm, ConfirmImportForm, ImportForm, MatchForm
from assessment.models import ImportDraft, Invitation, Procedure
from assessment.moodle import ExportRow, read_export
from assessment.services.columns import choices_of
from assessment.services.imports import (
    Applied,
    apply_draft,
    drop_draft,
    keep_draft,
    preview_draft,
    read_draft,
)
from assessment.services.matching import confirm_match, forget_match, invited_by_number, people_of
from assessment.services.preview import (
    CHANGED,
    IGNORED,
    INVALID,
    LABELS,
    NEW,
    TONES,
    UNCHANGED,
    UNMATCHED,
)
from assessment.services.procedures import map_columns
from assessment.services.results import result_blockers

from .base import attempt, page, procedure_url, require_operator

ROWS = 100
# What needs the operator's eye stands first.
ORDER = (INVALID, UNMATCHED, CHANGED, NEW, IGNORED, UNCHANGED)


def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file, read it, lay it up; nothing is stored as a result yet."""
    require_operator(request)
    row = get_object_or_404(Procedure, pk=pk)
    shut = result_blockers(row)
    form = ImportForm(request.POST or None, request.FILES or None)
    kept: list[ImportDraft] = []
    if request.method == "POST" and not shut and form.is_valid():
        file = form.cleaned_data["file"]
        data = file.read()
        if not attempt(
            lambda: kept.append(keep_draft(row, name=file.name, data=data, actor=request.user)), form
        ):
            return HttpResponseRedirect(procedure_url(pk, "preview", kept[0].pk))
    context = {
        "title": f"Загрузить результаты: {row.name}",
        "form": None if shut else form,
        "blockers": shut,
        "back": procedure_url(pk),
    }
    return page(request, "admin/assessment/form.html", context)


def preview(request: HttpRequest, pk: int, draft: int) -> HttpResponse:
    """Show what the file would do; apply it all or nothing on confirmation."""
    require_operator(request)
    row = _draft(pk, draft)
    found = preview_draft(row)
    if found.needs_mapping and not any(section.column for section in row.procedure.sections.all()):
        return HttpResponseRedirect(procedure_url(pk, "columns", draft))
    form = ConfirmImportForm(
        request.POST if request.method == "POST" else None, needs_reason=found.needs_reason
    )
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data.get("reason", "")
        done: list[Applied] = []
        if not attempt(lambda: done.append(apply_draft(row, actor=request.user, reason=reason)), form):
            if done[0].again:
                messages.warning(request, "Этот файл уже внесён: результаты не изменились.")
            else:
                messages.success(request, "Результаты внесены.")
            return HttpResponseRedirect(procedure_url(pk))
    blockers = found.blockers()
    rows = sorted(found.rows, key=lambda item: (ORDER.index(item.status), item.line))
    context = {
        "title": f"Проверка файла: {row.name}",
        "procedure": row.procedure,
        "draft": row,
        "preview": found,
        "counts": [
            (f"{LABELS[status]}: {count}", TONES[status])
            for status in ORDER
            if (count := found.counts[status])
        ],
        "blockers": blockers,
        "form": None if blockers else form,
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "mapping": _mapping(row.procedure, found),
        "back": procedure_url(pk),
    }
    return page(request, "admin/assessment/preview.html", context)


def columns(request: HttpRequest, pk: int, draft: int) -> HttpResponse:
    """Ask once which columns make up which direction."""
    require_operator(request)
    row = _draft(pk, draft)
    export = read_export(row.name, read_draft(row))
    form = ColumnsForm(
        request.POST or None, sections=row.procedure.platform_sections, choices=choices_of(export)
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.columns()
        if not attempt(lambda: map_columns(row.procedure, columns=chosen, actor=request.user), form):
            return HttpResponseRedirect(procedure_url(pk, "preview", draft))
    context: dict[str, Any] = {
        "title": f"Столбцы файла: {row.name}",
        "lead": "Отметьте, из каких столбцов складываются баллы направления. Портал запомнит это для процедуры.",
        "form": form,
        "blockers": [],
        "back": procedure_url(pk),
    }
    return page(request, "admin/assessment/form.html", context)


def match(request: HttpRequest, pk: int, draft: int, line: int) -> HttpResponse:
    """Ask whose row it is that matched nobody; a person answers, never a similarity of names."""
    require_operator(request)
    row = _draft(pk, draft)
    export_row = _row(row, line)
    people = people_of(row.procedure)
    suggestions = () if people.of(export_row) else people.suggestions(export_row)
    form = MatchForm(request.POST or None, suggestions=suggestions)
    if request.method == "POST" and form.is_valid():
        invitation = _chosen(row.procedure, form, suggestions)
        if invitation is None:
            form.add_error("number", "Среди приглашённых нет такого номера.")
        elif not attempt(
            lambda: confirm_match(row.procedure, row=export_row, invitation=invitation, actor=request.user),
            form,
        ):
            messages.success(request, "Соответствие запомнено для этой процедуры.")
            return HttpResponseRedirect(procedure_url(pk, "preview", draft))
    key = export_row.email or export_row.id_number
    context = {
        "title": f"Кто это: {export_row.last_name} {export_row.first_name}",
        "lead": f"Строка {line} файла, {key or 'без адреса и номера'}. Проверьте, что это тот самый человек: портал "
        f"запомнит, что «{key}» — его адрес или номер на учебной платформе.",
        "form": form,
        "back": procedure_url(pk, "preview", draft),
    }
    return page(request, "admin/assessment/form.html", context)


def forget(request: HttpRequest, pk: int, draft: int) -> HttpResponse:
    """Take a confirmed match back."""
    require_operator(request)
    row = _draft(pk, draft)
    found = row.procedure.confirmed_matches.filter(key=request.POST.get("key", "")).first()
    if request.method == "POST" and found is not None:
        forget_match(found, actor=request.user)
        messages.success(request, "Соответствие забыто.")
    return HttpResponseRedirect(procedure_url(pk, "preview", draft))


def _row(draft: ImportDraft, line: int) -> ExportRow:
    export = read_export(draft.name, read_draft(draft))
    found = next((row for row in export.rows if row.line == line), None)
    if found is None:
        raise Http404
    return found


def _chosen(procedure: Procedure, form: MatchForm, suggestions: Sequence[Invitation]) -> Invitation | None:
    chosen, number = form.cleaned_data.get("invitation"), form.cleaned_data.get("number", "")
    if chosen:
        return next((item for item in suggestions if item.pk == chosen), None)
    return next(iter(invited_by_number(procedure, [number]).values()), None)


def drop(request: HttpRequest, pk: int, draft: int) -> HttpResponse:
    """Forget a file laid up."""
    require_operator(request)
    row = _draft(pk, draft)
    if request.method == "POST":
        drop_draft(row, actor=request.user)
        messages.success(request, "Файл удалён, результаты не изменились.")
        return HttpResponseRedirect(procedure_url(pk))
    return HttpResponseRedirect(procedure_url(pk, "preview", draft))


def _draft(procedure: int, pk: int) -> ImportDraft:
    return get_object_or_404(ImportDraft.objects.select_related("procedure"), pk=pk, procedure=procedure)


def _mapping(procedure: Procedure, found: Any) -> list[tuple[str, str]]:
    return [
        (section.name, ", ".join(found.columns.titles[key] for key in found.columns.keys.get(section.pk, ())))
        for section in procedure.platform_sections
    ]
