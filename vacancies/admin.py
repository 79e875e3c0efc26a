"""The operator's workplace: list of cases; everything else on the case page and its deeds (views/desk.py)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.search import search_key

from .models import Vacancy
from .views import desk, matching


class AnswersFilter(admin.SimpleListFilter):
    """Vacancies where an asked reservist has not answered in time."""

    title = "Ответы резервистов"
    parameter_name = "answers"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("late", "нет ответа в срок")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Vacancy]") -> "QuerySet[Vacancy]":
        return queryset.with_late_answers() if self.value() == "late" else queryset  # type: ignore[attr-defined]


@admin.register(Vacancy)
class VacancyAdmin(PortalModelAdmin):
    readers = ("operator", "auditor")
    list_display = ["case_link", "municipality", "arose_on", "reported_at", "state"]
    list_display_links = None
    list_filter = ["state", AnswersFilter]
    search_fields = ["search_key"]
    list_select_related = ["organisation", "municipality"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Vacancy]":
        return Vacancy.objects.visible_to(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Vacancy]", search_term: str
    ) -> tuple["QuerySet[Vacancy]", bool]:
        return super().get_search_results(request, queryset, search_key(search_term))

    @admin.display(description="Вакансия", ordering="post")
    def case_link(self, vacancy: Vacancy) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:vacancies_case", args=[vacancy.pk]), vacancy)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A row's own page is the case."""
        return redirect("admin:vacancies_case", object_id)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/case/", wrap(desk.case), name="vacancies_case"),
            path("<int:pk>/start/", wrap(desk.start), name="vacancies_start"),
            path("<int:pk>/matching/", wrap(matching.matching), name="vacancies_matching"),
            path("<int:pk>/compare/", wrap(matching.compare), name="vacancies_compare"),
            path("fit/<int:pk>/", wrap(matching.fit), name="vacancies_fit"),
            path("orders/<int:pk>/", wrap(matching.snapshot), name="vacancies_snapshot"),
            path("orders/<int:pk>/ask/<int:reservist_pk>/", wrap(desk.ask), name="vacancies_ask"),
            path("referrals/<int:pk>/present/", wrap(desk.present), name="vacancies_present"),
            path("referrals/<int:pk>/release/", wrap(desk.release), name="vacancies_release"),
            path("<int:pk>/answer/", wrap(desk.answer), name="vacancies_answer"),
            path("<int:pk>/nobody/", wrap(desk.nobody), name="vacancies_nobody"),
            path("<int:pk>/defence/", wrap(desk.defence), name="vacancies_defence"),
            path("<int:pk>/recommendation/", wrap(desk.recommendation), name="vacancies_recommendation"),
            *super().get_urls(),
        ]
