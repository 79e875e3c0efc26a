from django.contrib import admin, messages
from django.http import HttpRequest

from reserve_portal.core.admin_base import KindFilter, PortalModelAdmin

from .kinds import letter_kinds
from .models import Letter, LetterText
from .services import resend_letter


class LetterKindFilter(KindFilter):
    kinds = letter_kinds


@admin.register(Letter)
class LetterAdmin(PortalModelAdmin):
    readers = ("operator",)
    list_display = ["created_at", "subject_line", "address", "state", "attempts", "sent_at", "error"]
    list_filter = ["state", LetterKindFilter]
    search_fields = ["address", "subject_line"]
    show_full_result_count = False
    fields = [
        "subject_line",
        "address",
        "to",
        "body",
        "state",
        "attempts",
        "next_attempt_at",
        "error",
        "created_at",
        "sent_at",
        "read_at",
        "message_id",
    ]
    actions = ["resend"]

    def get_queryset(self, request: HttpRequest):
        """Account letters carry one-time links: staff sees none of them."""
        return super().get_queryset(request).filter(in_cabinet=True)

    @admin.action(description="Отправить недоставленные ещё раз")
    def resend(self, request: HttpRequest, queryset):
        for letter in queryset.filter(state="failed"):
            resend_letter(letter, actor=request.user)
        messages.success(request, "Недоставленные письма снова в очереди.")


@admin.register(LetterText)
class LetterTextAdmin(PortalModelAdmin):
    editors = ("operator", "administrator")
    list_display = ["title", "subject"]

    @admin.display(description="Письмо")
    def title(self, row: LetterText) -> str:
        return str(row)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        from django import forms

        if db_field.name == "kind":
            choices = sorted(((kind.code, kind.title) for kind in letter_kinds), key=lambda pair: pair[1])
            return forms.ChoiceField(label="Письмо", choices=choices)
        return super().formfield_for_dbfield(db_field, request, **kwargs)
