from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from reserve_portal.core.admin_base import PortalModelAdmin

from .models import IssuedPaper


@admin.register(IssuedPaper)
class IssuedPaperAdmin(PortalModelAdmin):
    readers = ("operator",)
    list_display = ["title", "number", "dated", "person", "issued_by", "open_file"]
    list_filter = ["kind"]
    list_select_related = ["person", "issued_by"]
    search_fields = ["number", "title"]
    fields = ["title", "number", "dated", "issued_at", "issued_by", "person", "sha256", "size", "open_file"]

    @admin.display(description="Файл")
    def open_file(self, paper: IssuedPaper) -> str:
        return format_html('<a href="{}">Скачать PDF</a>', reverse("papers:download", args=[paper.pk]))
