from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from reserve_portal.core.admin_base import KindFilter, PortalModelAdmin

from .kinds import paper_kinds
from .models import IssuedPaper


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
