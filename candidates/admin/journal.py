"""The journal of registration in the admin: read-only, corrected by annotation alone, printed and exported (O3.4)."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse

from reserve_portal.core import clock
from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.downloads import generated_file
from reserve_portal.core.search import indexed_values
from reserve_portal.core.tables import SHEET_TYPE

from ..intake_forms import AnnotationForm
from ..models import RegistrationEntry
from ..perms import can_read_journal, can_register_applications
from ..services import intake
from ..services.finding import find_applications
from ..services.printing import export_journal, print_journal
from .deeds import confirm_deed, demand, posted


class SeriesFilter(admin.SimpleListFilter):
    """One journal; the newest first."""

    title = "Журнал"
    parameter_name = "series"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in reversed(indexed_values(RegistrationEntry, "series"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[RegistrationEntry]
    ) -> QuerySet[RegistrationEntry]:
        return queryset.filter(series=self.value()) if self.value() else queryset


@admin.register(RegistrationEntry)
class RegistrationEntryAdmin(PortalModelAdmin):
    readers = ("operator", "auditor")
    change_list_template = "admin/candidates/journal.html"
    list_display = ["text", "received", "registered", "person", "municipality", "sheets", "annotated"]
    list_display_links = ["text"]
    list_filter = [SeriesFilter]
    list_select_related = ["application__user", "application__municipality"]
    search_fields = ["text"]
    sortable_by = ["registered"]
    search_help_text = "Номер, фамилия, имя или последние 4 цифры СНИЛС"
    ordering = ["-registered_at", "-pk"]
    fields = [
        "series", "number", "text", "application", "received_at", "registered_at", "registered_by", "files", "pages",
        "annotation",
    ]  # fmt: skip
    change_form_template = "admin/candidates/journal_entry.html"

    @admin.display(description="Поступило")
    def received(self, row: RegistrationEntry) -> str:
        return f"{clock.local(row.received_at):%d.%m.%Y %H:%M}"

    @admin.display(description="Зарегистрировано", ordering="registered_at")
    def registered(self, row: RegistrationEntry) -> str:
        return f"{clock.local(row.registered_at):%d.%m.%Y %H:%M}"

    @admin.display(description="Кандидат")
    def person(self, row: RegistrationEntry) -> str:
        return row.application.user.full_name

    @admin.display(description="Муниципалитет")
    def municipality(self, row: RegistrationEntry) -> str:
        return str(row.application.municipality or "—")

    @admin.display(description="Файлов / листов")
    def sheets(self, row: RegistrationEntry) -> str:
        return f"{row.files} / {row.pages}"

    @admin.display(description="Примечание")
    def annotated(self, row: RegistrationEntry) -> str:
        return row.annotation or "—"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return find_applications(queryset, search_term, "application_id"), False

    def get_urls(self) -> list[Any]:
        site = self.admin_site
        own = [
            path(
                "<int:pk>/annotate/",
                site.admin_view(self.annotate_page),
                name="candidates_registrationentry_annotate",
            ),
            path("print/", site.admin_view(self.print_page), name="candidates_registrationentry_print"),
            path("export/", site.admin_view(self.export_page), name="candidates_registrationentry_export"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        newest = RegistrationEntry.objects.order_by("-pk").values_list("series", flat=True).first()
        context = {
            "series": request.GET.get("series") or newest,
            "may_print": can_register_applications(request.user),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"may_annotate": can_register_applications(request.user), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def annotate_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        demand(can_register_applications(request.user))
        entry = get_object_or_404(RegistrationEntry.objects.select_related("application__user"), pk=pk)

        def deed(data: dict[str, Any]) -> str:
            intake.annotate_entry(entry, text=data["text"], actor=request.user)
            return "Примечание добавлено."

        return confirm_deed(
            request,
            title=f"Примечание к записи {entry}",
            effects=["Запись журнала не меняется, примечание остаётся навсегда."],
            form=AnnotationForm(posted(request)),
            deed=deed,
            back=reverse("admin:candidates_registrationentry_change", args=[entry.pk]),
            submit_label="Добавить примечание",
        )

    def print_page(self, request: HttpRequest) -> HttpResponse:
        """Issue a journal as PDF, by POST with `series`."""
        demand(can_register_applications(request.user) and request.method == "POST")
        back = reverse("admin:candidates_registrationentry_changelist")
        series = request.POST.get("series", "")
        if not RegistrationEntry.objects.filter(series=series).exists():
            messages.error(request, "В журнале нет записей: печатать нечего.")
            return redirect(back)
        paper = print_journal(series, actor=request.user)
        if paper is None:
            messages.info(request, "Журнал большой и готовится. Он появится среди выданных документов.")
            return redirect(back)
        return redirect("papers:download", pk=paper.pk)

    def export_page(self, request: HttpRequest) -> HttpResponseBase:
        """The journal, or all journals, as XLSX."""
        demand(can_read_journal(request.user))
        entries = RegistrationEntry.objects.order_by("series", "number")
        if request.GET.get("series"):
            entries = entries.filter(series=request.GET["series"])
        return generated_file(
            export_journal(entries, actor=request.user),
            f"Журнал регистрации {clock.today():%Y-%m-%d}.xlsx",
            SHEET_TYPE,
        )
