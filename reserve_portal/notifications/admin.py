from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from reserve_portal.core.admin_base import KindFilter, PortalModelAdmin
from reserve_portal.core.search import search_key

from .enums import LetterState
from .forms import LetterTextForm
from .kinds import LetterKind, fill, letter_kinds
from .models import Letter, LetterText, Mailing
from .services import present_text, resend_letter, restore_letter_text, save_letter_text

RESENT_AT_ONCE = 500
MAILINGS_OFFERED = 20


class LetterKindFilter(KindFilter):
    kinds = letter_kinds


class MailingFilter(admin.SimpleListFilter):
    """The letters of one mailing; the newest are offered."""

    title = "Рассылка"
    parameter_name = "mailing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), row.subject) for row in Mailing.objects.all()[:MAILINGS_OFFERED]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        value = self.value() or ""
        return queryset.filter(mailing=int(value)) if value.isdecimal() else queryset


@admin.register(Letter)
class LetterAdmin(PortalModelAdmin):
    readers = ("operator",)
    list_display = ["created_at", "subject_line", "address", "state", "attempts", "sent_at", "error"]
    list_filter = ["state", LetterKindFilter, MailingFilter]
    search_fields = ["address"]
    search_help_text = "Начало адреса или фамилии"
    sortable_by = ()
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

    def get_queryset(self, request: HttpRequest) -> Any:
        """Account letters carry one-time links: staff sees none of them."""
        return super().get_queryset(request).filter(in_cabinet=True)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By the beginning of the address or of the receiver's name; both by an index."""
        key = search_key(search_term)
        if not key:
            return queryset, False
        by_name = Letter.objects.filter(to__search_key__prefix=key).values("pk")
        by_address = Letter.objects.filter(address__prefix=search_term.strip().lower()).values("pk")
        return queryset.filter(pk__in=by_name.union(by_address)), False

    @admin.action(description="Отправить недоставленные ещё раз")
    def resend(self, request: HttpRequest, queryset: Any) -> None:
        failed = list(queryset.filter(state=LetterState.FAILED)[:RESENT_AT_ONCE])
        for letter in failed:
            resend_letter(letter, actor=request.user)
        messages.success(request, f"Снова в очереди писем: {len(failed)}.")


@admin.register(Mailing)
class MailingAdmin(PortalModelAdmin):
    """What was written to many at once, and how far its delivery is."""

    readers = ("operator",)
    change_form_template = "admin/notifications/mailing.html"
    list_display = ["subject", "total", "created_by", "created_at"]
    list_select_related = ["created_by"]
    fields = ["subject", "body", "total", "created_by", "created_at"]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row: Any = self.get_object(request, object_id)
        letters = Letter.objects.filter(mailing=row) if row else Letter.objects.none()
        counts = dict(letters.order_by().values_list("state").annotate(count=Count("pk")))
        listing = f"{reverse('admin:notifications_letter_changelist')}?mailing={object_id}"
        states = [
            (label, counts[state], f"{listing}&state__exact={state}")
            for state, label in LetterState.choices
            if state in counts
        ]
        waiting = (row.total if row else 0) - sum(counts.values())
        is_running = waiting > 0 or bool(counts.keys() & {LetterState.QUEUED, LetterState.SENDING})
        context = {"states": states, "waiting": max(waiting, 0), "is_running": is_running}
        context |= extra_context or {}
        return super().change_view(request, object_id, form_url, context)


@admin.register(LetterText)
class LetterTextAdmin(PortalModelAdmin):
    """Own texts of letters: chosen from all kinds, tried on a letter that was sent, stored or given up."""

    editors = ("operator", "administrator")
    list_display = ["title", "subject"]

    @admin.display(description="Письмо")
    def title(self, row: LetterText) -> str:
        return str(row)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """All kinds of letters; with `?kind=` the page of one."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        code = request.GET.get("kind", "")
        if code:
            if code not in letter_kinds:
                raise Http404
            return self._text_page(request, letter_kinds.get(code))
        own = dict(LetterText.objects.values_list("kind", "pk"))
        kinds = sorted(letter_kinds, key=lambda kind: kind.title)
        rows = [(kind, kind.code in own) for kind in kinds]
        return self._page(
            request, "admin/notifications/letter_kinds.html", {"title": "Тексты писем", "rows": rows}
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row: Any = self.get_object(request, object_id)
        if row is None or row.kind not in letter_kinds:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._text_page(request, letter_kinds.get(row.kind))

    def _text_page(self, request: HttpRequest, kind: LetterKind) -> HttpResponse:
        """Change a text: show it on a case, store it, or go back to the portal's own."""
        may_change = self.has_change_permission(request)
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        own = LetterText.objects.filter(kind=kind.code).first()
        listing = reverse("admin:notifications_lettertext_changelist")
        if request.method == "POST" and "restore" in request.POST and own:
            restore_letter_text(own, actor=request.user)
            messages.success(request, f"«{kind.title}»: снова текст портала.")
            return redirect(listing)
        subject, body = present_text(kind.code)
        form = LetterTextForm(
            request.POST if request.method == "POST" else None,
            kind=kind,
            initial={"subject": subject, "body": body},
        )
        preview = None
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            if "save" in request.POST:
                save_letter_text(kind.code, subject=data["subject"], body=data["body"], actor=request.user)
                messages.success(request, f"«{kind.title}»: текст сохранён, так письма пойдут с этой минуты.")
                return redirect(listing)
            values = form.preview()
            preview = {"subject": fill(data["subject"], values), "body": fill(data["body"], values)}
        context = {
            "title": kind.title,
            "form": form,
            "own": own,
            "preview": preview,
            "may_change": may_change,
            "placeholders": kind.all_placeholders.items(),
        }
        return self._page(request, "admin/notifications/letter_text.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**shared, **context})
