"""Learning routes in the admin: the operator edits a draft, approves and sends it (T5)."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from assessment.enums import RouteState
from assessment.forms import RouteForm, RouteItemFormSet
from assessment.models import LearningRoute
from assessment.perms import can_manage_procedures
from assessment.services.routes import change_route, route_blockers, send_route
from reserve_portal.accounts.enums import Role
from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.papers.models import IssuedPaper

from .base import attempt, deed, page, require_operator


@admin.register(LearningRoute)
class LearningRouteAdmin(PortalModelAdmin):
    readers = (Role.OPERATOR, Role.AUDITOR)
    list_display = ["person", "possible_from", "state"]
    list_filter = ["state"]
    list_select_related = ["track__application__user"]
    search_fields = ["track__application__user__search_key"]

    @admin.display(description="Кому", ordering="track__application__user__last_name")
    def person(self, route: LearningRoute) -> str:
        return str(route.track.application.user)

    def get_search_results(self, request: HttpRequest, queryset, search_term: str):
        return super().get_search_results(request, queryset, search_term.casefold().replace("ё", "е"))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(send)
        return [path("<int:pk>/send/", view, name="assessment_learningroute_send"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        route = self.get_object(request, object_id)
        if route is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, route):
            require_operator(request)
        return edit(request, route)


def edit(request: HttpRequest, route: LearningRoute) -> HttpResponse:
    """Text and programmes of a draft; a route already sent is shown as it is."""
    editable = route.state == RouteState.DRAFT and can_manage_procedures(request.user)
    items = list(route.items.values("section_name", "programme", "organiser", "hours"))
    form = RouteForm(request.POST or None, initial=RouteForm.initial_of(route))
    formset = RouteItemFormSet(request.POST or None, prefix="items", initial=items)
    if request.method == "POST":
        require_operator(request)
        if form.is_valid() and formset.is_valid():
            rows = [dict(data) for item in formset if (data := item.cleaned_data) and data.get("programme")]
            if not attempt(
                lambda: change_route(route, items=rows, actor=request.user, **form.cleaned_data), form
            ):
                messages.success(request, "Маршрут сохранён.")
                return HttpResponseRedirect(_url(route.pk))
    context = {
        "title": f"Образовательный маршрут: {route.track.application.user.full_name}",
        "route": route,
        "form": form,
        "items": formset,
        "rows": items,
        "editable": editable,
        "papers": IssuedPaper.objects.about(route).filter(kind="learning_route"),
        "back": reverse("admin:assessment_learningroute_changelist"),
    }
    return page(request, "admin/assessment/route.html", context)


def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve and send a route: letter and PDF."""
    require_operator(request)
    route = get_object_or_404(LearningRoute.objects.select_related("track__application__user"), pk=pk)
    person = route.track.application.user.full_name
    return deed(
        request,
        title=f"Утвердить и отправить маршрут: {person}",
        effects=[
            "Маршрут получит номер и больше не изменится.",
            f"{person} получит письмо и PDF в кабинете.",
        ],
        items=[item.programme for item in route.items.all()],
        count=route.items.count(),
        blockers=lambda: route_blockers(route),
        service=lambda: send_route(route, actor=request.user),
        done="Маршрут отправлен.",
        submit_label="Утвердить и отправить",
        back=_url(pk),
    )


def _url(pk: int) -> str:
    return reverse("admin:assessment_learningroute_change", args=[pk])
