"""The workplace's pages of archives: lay up, read the check, enter all or nothing (O3.2)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path

from reserve_portal.audit.services import record_read
from reserve_portal.core.downloads import generated_file
from reserve_portal.core.enums import JobState
from reserve_portal.core.forms import PortalForm
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused

from ..archive import MAX_ARCHIVE, blank_table
from ..archive_rows import guide_of
from ..enums import Channel
from ..models import ArchiveImport, Campaign
from ..perms import can_enter_applications
from ..services import archive_imports as services
from ..services.entry import ENTERED_CHANNELS, RECEIVING
from ..uploads import MEGABYTE
from ..workflow import ARCHIVE
from .deeds import demand, posted, tell_gate

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATES = {
    services.NEW: ("будет внесено", "success"),
    services.KNOWN: ("уже внесено, пропустим", "neutral"),
    services.WRONG: ("ошибка", "danger"),
}


class ArchiveForm(PortalForm):
    """A ready archive for one campaign."""

    submit_label = "Загрузить и проверить"
    campaign: forms.ModelChoiceField = forms.ModelChoiceField(label="Набор", queryset=Campaign.objects.none())
    channel = forms.ChoiceField(
        label="Как поступили заявления",
        choices=[(item.value, item.label) for item in ENTERED_CHANNELS],
        initial=Channel.GOSUSLUGI,
        widget=forms.RadioSelect,
    )
    archive = forms.FileField(
        label="Архив ZIP",
        help_text=f"До {MAX_ARCHIVE // MEGABYTE} МБ: таблица XLSX и папка с файлами для каждого человека.",
        widget=forms.ClearableFileInput(attrs={"accept": ".zip"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campaigns = Campaign.objects.filter(state__in=RECEIVING)
        self.fields["campaign"].queryset = campaigns  # type: ignore[attr-defined]
        self.fields["campaign"].initial = campaigns.first()


def import_urls(wrap: Callable[..., Any]) -> list[Any]:
    """The pages' addresses, below those of applications."""
    pages: tuple[tuple[str, Any, str], ...] = (
        ("imports/", imports, "imports"),
        ("imports/table/<int:pk>/", table, "import_table"),
        ("imports/<int:pk>/", archive, "import"),
        ("imports/<int:pk>/progress/", progress, "import_progress"),
        ("imports/<int:pk>/apply/", apply, "import_apply"),
        ("imports/<int:pk>/retry/", retry, "import_retry"),
        ("imports/<int:pk>/drop/", drop, "import_drop"),
    )
    return [path(address, wrap(view), name=f"candidates_application_{name}") for address, view, name in pages]


def imports(request: HttpRequest) -> HttpResponse:
    """Load an archive; the newest ones and the blank tables beside it."""
    demand(can_enter_applications(request.user))
    form = ArchiveForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.lay_up_archive(
                form.cleaned_data["archive"],
                campaign=form.cleaned_data["campaign"],
                channel=form.cleaned_data["channel"],
                actor=request.user,
            )
        except GateShut as shut:
            tell_gate(form, shut)
        else:
            return redirect("admin:candidates_application_import", row.pk)
    context = {
        "form": form,
        "archives": ArchiveImport.objects.select_related("campaign", "created_by")[:20],
        "campaigns": Campaign.objects.filter(state__in=RECEIVING).select_related("edition"),
    }
    return _render(request, "imports.html", "Заявления из архива", context)


def table(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The blank table of a campaign's edition."""
    demand(can_enter_applications(request.user))
    campaign = get_object_or_404(Campaign.objects.select_related("edition"), pk=pk)
    return generated_file(blank_table(guide_of(campaign.edition)), "Заявления.xlsx", SHEET)


def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """The check of one archive row by row, and what may be done with it."""
    row = _row(request, pk)
    record_read(row, actor=request.user, person=None, what="candidates.read_archive")
    return _render(request, "import.html", f"Архив: {row.name}", _shown(row))


def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes while the job runs."""
    row = _row(request, pk)
    return TemplateResponse(request, "admin/candidates/import_body.html", _shown(row))


def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to enter all, by POST."""
    return _deed(request, pk, lambda row: services.order_applying(row, actor=request.user))


def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Run a failed job anew, by POST."""
    return _deed(request, pk, lambda row: services.retry_job(row, actor=request.user))


def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Destroy an archive that will not be entered, by POST."""
    return _deed(request, pk, lambda row: services.drop_archive(row, actor=request.user))


def _deed(request: HttpRequest, pk: int, act: Callable[[ArchiveImport], Any]) -> HttpResponse:
    row = _row(request, pk)
    if request.method == "POST":
        try:
            act(row)
        except (GateShut, TransitionRefused) as refused:
            messages.error(request, str(refused))
    return redirect("admin:candidates_application_import", pk)


def _row(request: HttpRequest, pk: int) -> ArchiveImport:
    demand(can_enter_applications(request.user))
    rows = ArchiveImport.objects.select_related("campaign__edition", "created_by", "job")
    return get_object_or_404(rows, pk=pk)


def _shown(row: ArchiveImport) -> dict[str, Any]:
    lines = row.report.get("rows", [])
    runs = row.state in services.WORKING and row.job is not None and row.job.state != JobState.FAILED
    return {
        "archive": row,
        "job": row.job,
        "runs": runs,
        "failed": row.state in services.WORKING and not runs,
        "problems": row.report.get("problems", []),
        "lines": [(line, *STATES[line["state"]]) for line in lines],
        "counts": {state: sum(line["state"] == state for line in lines) for state in STATES},
        "may_apply": services.may_apply(row),
        "may_drop": ARCHIVE.is_open(row, "drop"),
        "entered": row.report.get("counts", {}).get("entered"),
    }


def _render(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    page = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/candidates/{template}", page)
