from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from reserve_portal.audit.services import record_event
from reserve_portal.core.admin_base import KindFilter, PortalModelAdmin

from .forms import TrustedRootForm
from .kinds import paper_kinds
from .models import IssuedPaper, TrustedRoot
from .signing import add_trusted_root


class PaperKindFilter(KindFilter):
    kinds = paper_kinds


@admin.register(IssuedPaper)
class IssuedPaperAdmin(PortalModelAdmin):
    readers = ("operator",)
    list_display = ["title", "number", "dated", "person", "issued_by", "open_file"]
    list_filter = [PaperKindFilter]
    list_select_related = ["person", "issued_by"]
    search_fields = ["number", "title"]
    fields = ["title", "number", "dated", "issued_at", "issued_by", "person", "sha256", "size", "open_file"]

    @admin.display(description="Файл")
    def open_file(self, paper: IssuedPaper) -> str:
        return format_html('<a href="{}">Скачать PDF</a>', reverse("papers:download", args=[paper.pk]))


@admin.register(TrustedRoot)
class TrustedRootAdmin(PortalModelAdmin):
    """Only certificates that lead to one of these are trusted; one is taken out of use, never deleted."""

    readers = ("administrator", "auditor")
    editors = ("administrator",)
    list_display = ["name", "valid_from", "valid_until", "is_active", "added_at"]
    fields = ["name", "fingerprint", "valid_from", "valid_until", "is_active", "added_by", "added_at"]
    readonly_fields = ["name", "fingerprint", "valid_from", "valid_until", "added_by", "added_at"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["file"] if obj is None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [] if obj is None else self.readonly_fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs, **({} if obj else {"form": TrustedRootForm}))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.pk = add_trusted_root(form.cleaned_data["file"], actor=request.user).pk
            obj.refresh_from_db()
            return
        super().save_model(request, obj, form, change)
        record_event("papers.edit_trusted_root", obj, actor=request.user, is_active=obj.is_active)
