from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse

from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.gates import GateShut

from .forms import MaterialForm, PageForm
from .models import Material, NewsItem, PublicPage
from .public import page_blocks
from .services import hide_page, publish_news, publish_page


class PublishedAdmin(PortalModelAdmin):
    """Texts that are looked at before everybody sees them: change, preview, publish."""

    editors = ("operator", "administrator")
    change_form_template = "admin/pages/text.html"

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/preview/", wrap(self.preview_page), name=self._name("preview")),
            path("<int:pk>/publish/", wrap(self.publish_page), name=self._name("publish")),
        ]
        return [*own, *super().get_urls()]

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """After saving one sees what it will look like."""
        return HttpResponseRedirect(self._address("preview", obj))

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect(self._address("preview", obj))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        own = {"preview_name": f"admin:{self._name('preview')}"}
        return super().change_view(request, object_id, form_url, {**own, **(extra_context or {})})

    def preview_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The text as the public will see it."""
        row = self._edited(request, pk)
        template, context = self.preview(row)
        urls = {f"{name}_url": self._address(name, row) for name in ("change", "publish")}
        return render(request, template, {**context, **urls})

    def publish_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish, or with `hide` take off the site; by POST."""
        row = self._edited(request, pk)
        if request.method == "POST":
            try:
                messages.success(request, self.publish(row, request))
            except GateShut as shut:
                messages.error(request, str(shut))
                return redirect(self._address("preview", row))
        return redirect(f"admin:{self._name('changelist')}")

    def preview(self, row: Any) -> tuple[str, dict[str, Any]]:
        """The template of the public page, and what it shows."""
        raise NotImplementedError

    def publish(self, row: Any, request: HttpRequest) -> str:
        """Do it; return what to say."""
        raise NotImplementedError

    def _edited(self, request: HttpRequest, pk: int) -> Any:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.model, pk=pk)

    def _name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _address(self, page: str, row: Any) -> str:
        return reverse(f"admin:{self._name(page)}", args=[row.pk])


@admin.register(PublicPage)
class PublicPageAdmin(PublishedAdmin):
    list_display = ["title", "slug", "order", "is_published", "waits"]
    form = PageForm

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug"] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A new page waits for its publication."""
        if not change:
            obj.title, obj.body, obj.is_published = obj.draft_title, obj.draft_body, False
        super().save_model(request, obj, form, change)

    def preview(self, row: Any) -> tuple[str, dict[str, Any]]:
        shown = {"title": row.draft_title or row.title, "body": row.draft_body or row.body, "pk": row.pk}
        context = {
            "page": shown,
            "pages": PublicPage.objects.filter(is_published=True).only("slug", "title", "order"),
            "blocks": page_blocks(row.slug),
            "may_publish": row.has_draft,
            "may_hide": row.is_published,
        }
        return "pages/page_preview.html", context

    def publish(self, row: Any, request: HttpRequest) -> str:
        if "hide" in request.POST:
            hide_page(row, actor=request.user)
            return f"Снята с публикации: {row}."
        return f"Опубликована: {publish_page(row, actor=request.user)}."

    @admin.display(description="Есть неопубликованное", boolean=True)
    def waits(self, row: PublicPage) -> bool:
        return row.has_draft


@admin.register(NewsItem)
class NewsItemAdmin(PublishedAdmin):
    list_display = ["title", "published_on", "is_published"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new piece of news is looked at first."""
        return {"is_published": False}

    def preview(self, row: Any) -> tuple[str, dict[str, Any]]:
        context = {"item": row, "may_publish": not row.is_published, "may_hide": False}
        return "pages/news_preview.html", context

    def publish(self, row: Any, request: HttpRequest) -> str:
        publish_news(row, actor=request.user)
        return f"Опубликована: {row}."


@admin.register(Material)
class MaterialAdmin(PortalModelAdmin):
    editors = ("operator", "administrator")
    list_display = ["title", "kind", "published_on", "order", "is_published"]
    list_filter = ["kind"]
    form = MaterialForm

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.size = obj.file.size
        super().save_model(request, obj, form, change)
