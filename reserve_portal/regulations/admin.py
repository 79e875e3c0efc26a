"""Editions for the administrator: editable until an intake opens under them, copied and put in force by services."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core.admin_base import PortalModelAdmin, PortalTabularInline, confirm_page
from reserve_portal.core.forms import PortalForm

from .forms import (
    ChainLinkForm,
    CopyForm,
    DocumentTypeForm,
    JsonField,
    ParameterForm,
    TimeLimitForm,
)
from .models import (
    BodyRule,
    ChainLink,
    ConsentText,
    DocumentType,
    Edition,
    Ground,
    Parameter,
    Requirement,
    SectionRule,
    TargetGroup,
    TimeLimit,
)
from .parameters import SPECS
from .requirements import rule_in_words
from .services import copy_edition, put_in_force

EDITORS = ("administrator",)
STACKED = "admin/edit_inline/stacked.html"  # for rows with long texts


class EditionInline(PortalTabularInline):
    """Rules of one kind; read-only once the edition is frozen."""

    editors = EDITORS
    formfield_overrides = {
        models.JSONField: {"form_class": JsonField, "widget": forms.Textarea(attrs={"rows": 8, "cols": 80})},
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 3, "cols": 60})},
        models.SlugField: {"help_text": "Латинские буквы и цифры. По коду строку узнают в новых редакциях."},
    }

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and not _is_frozen(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_frozen(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_frozen(obj)


class ParameterInline(EditionInline):
    """Each parameter has its row: values change, rows neither come nor go."""

    model = Parameter
    form = ParameterForm
    readonly_fields = ["title", "in_words"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        value = "value" if self.has_change_permission(request, obj) else "in_words"
        return ["title", value, "clause"]

    @admin.display(description="Параметр")
    def title(self, row: Parameter) -> str:
        return str(row)

    @admin.display(description="Значение")
    def in_words(self, row: Parameter) -> str:
        return SPECS[row.key].in_words(row.value) if row.key in SPECS else str(row.value)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TimeLimitInline(EditionInline):
    model = TimeLimit
    form = TimeLimitForm


class DocumentTypeInline(EditionInline):
    model = DocumentType
    form = DocumentTypeForm
    template = STACKED


class RequirementInline(EditionInline):
    """The tree of conditions with what it says in words."""

    model = Requirement
    template = STACKED
    fields = ["code", "title", "in_words", "rule", "clause", "order"]
    readonly_fields = ["in_words"]

    @admin.display(description="Что это значит")
    def in_words(self, row: Requirement) -> str:
        return rule_in_words(row.rule) if row.rule else "—"


class ChainLinkInline(EditionInline):
    """Who decides what, in which order; the bodies offered are those saved with the edition."""

    model = ChainLink
    form = ChainLinkForm
    verbose_name_plural = "Кто принимает решения (новый орган сначала добавьте и сохраните)"

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)

        class OfEdition(formset):  # type: ignore[misc, valid-type]
            def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
                return {**super().get_form_kwargs(index), "edition": obj}

        return OfEdition


class ConsentTextInline(EditionInline):
    model = ConsentText
    template = STACKED
    fields = ["kind", "version", "title", "text", "required", "clause"]


def _inline(row_model: type[models.Model]) -> type[EditionInline]:
    """Rows of one kind: their own fields first, then the clause and the order."""
    last = ["clause", "order"]
    own = [field.name for field in row_model._meta.fields if field.editable and not field.primary_key]
    fields = [name for name in own if name not in (*last, "edition")] + last
    return type(f"{row_model.__name__}Inline", (EditionInline,), {"model": row_model, "fields": fields})


@admin.register(Edition)
class EditionAdmin(PortalModelAdmin):
    editors = EDITORS
    list_display = ["name", "code", "in_force", "frozen_at", "based_on"]
    list_select_related = ["based_on"]
    readonly_fields = ["in_force", "frozen_at", "based_on"]
    fieldsets = [
        ("Редакция", {"fields": ["name", "code", "source", "in_force", "frozen_at", "based_on"]}),
        ("Регион", {"fields": ["region_name", "region_in", "region_code", "time_zone", "city"]}),
        (
            "Кто ведёт резерв",
            {"fields": ["operator_name", "operator_short", "authority_name", "authority_short"]},
        ),
    ]
    inlines = [
        ParameterInline,
        TimeLimitInline,
        _inline(TargetGroup),
        DocumentTypeInline,
        RequirementInline,
        _inline(Ground),
        _inline(BodyRule),
        ChainLinkInline,
        _inline(SectionRule),
        ConsentTextInline,
    ]
    actions = ["copy", "put_in_force"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A new edition is a copy of one, or loaded from a file: an empty one would have no rules."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_frozen(obj)

    def has_rule_permission(self, request: HttpRequest) -> bool:
        """Copying and putting in force; a frozen edition may be copied too."""
        return super().has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Edition, form: Any, change: bool) -> None:
        if Edition.objects.select_for_update().get(pk=obj.pk).is_frozen:
            raise PermissionDenied  # frozen while the form was open
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        kinds = [str(formset.model._meta.verbose_name) for formset in formsets if formset.has_changed()]
        record_event(
            "regulations.change", form.instance, actor=request.user, fields=form.changed_data, rows=kinds
        )

    def get_urls(self) -> list[Any]:
        pages = {"copy": self.copy_page, "put_in_force": self.put_in_force_page}
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"regulations_edition_{name}")
            for name, view in pages.items()
        ]
        return [*own, *super().get_urls()]

    @admin.action(description="Скопировать в новую редакцию", permissions=["rule"])
    def copy(self, request: HttpRequest, queryset: models.QuerySet[Edition]) -> HttpResponse | None:
        return self._page_of_one(request, queryset, "copy")

    @admin.action(description="Ввести в действие", permissions=["rule"])
    def put_in_force(self, request: HttpRequest, queryset: models.QuerySet[Edition]) -> HttpResponse | None:
        return self._page_of_one(request, queryset, "put_in_force")

    def copy_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for code and name, then copy all rules into an edition that may be changed."""
        source = self._ruled(request, pk)
        form = CopyForm(request.POST if request.method == "POST" else None, initial={"name": source.name})
        return confirm_page(
            request,
            f"Скопировать: {source}",
            ["Появится новая редакция с теми же правилами; её можно изменять, пока по ней не открыт набор."],
            form,
            lambda data: copy_edition(source, code=data["code"], name=data["name"], actor=request.user),
            "Редакция скопирована.",
            reverse("admin:regulations_edition_changelist"),
        )

    def put_in_force_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say which edition gives way, then put this one in force."""
        edition = self._ruled(request, pk)
        return confirm_page(
            request,
            f"Ввести в действие: {edition}",
            [
                "Новые наборы будут открываться по этой редакции.",
                "Открытые наборы и их дела останутся при своих.",
            ],
            PortalForm(request.POST if request.method == "POST" else None),
            lambda data: put_in_force(edition, actor=request.user),
            "Редакция действует.",
            reverse("admin:regulations_edition_changelist"),
        )

    def _ruled(self, request: HttpRequest, pk: int) -> Edition:
        if not self.has_rule_permission(request):
            raise PermissionDenied
        return get_object_or_404(Edition, pk=pk)

    def _page_of_one(
        self, request: HttpRequest, queryset: models.QuerySet[Edition], page: str
    ) -> HttpResponse | None:
        if queryset.count() != 1:
            messages.error(request, "Выберите одну редакцию.")
            return None
        return redirect(f"admin:regulations_edition_{page}", queryset.get().pk)


def _is_frozen(edition: Edition | None) -> bool:
    return edition is not None and edition.is_frozen
