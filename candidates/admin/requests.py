"""Requests about personal data in the operator's admin: read and answered."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.desk import DeskItem, desk_source
from reserve_portal.core.timeline import timeline_of

from ..enums import RequestState
from ..forms import AnswerForm
from ..models import SubjectRequest
from ..perms import can_answer_subject_request
from ..services.requests import answer_request
from ..workflow import SUBJECT_REQUEST
from .deeds import confirm_deed, demand, posted


@admin.register(SubjectRequest)
class SubjectRequestAdmin(PortalModelAdmin):
    readers = ("operator", "auditor")
    change_form_template = "admin/case.html"
    list_display = ["person", "kind", "state", "received_at", "answered_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["user"]
    search_fields = ["user__search_key"]
    search_help_text = "Фамилия, имя, отчество или адрес электронной почты"
    fields = ["person", "kind", "text", "state", "received_at", "answer", "answered_at", "answered_by"]
    readonly_fields = ["person"]

    @admin.display(description="Кто просит", ordering="user__last_name")
    def person(self, row: SubjectRequest) -> str:
        return row.user.full_name

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        own = path(
            "<int:pk>/answer/",
            self.admin_site.admin_view(self.answer_page),
            name="candidates_subjectrequest_answer",
        )
        return [own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row: Any = self.get_object(request, object_id)
        tools = []
        if row and can_answer_subject_request(request.user) and SUBJECT_REQUEST.is_open(row, "answer"):
            tools.append(("Ответить", reverse("admin:candidates_subjectrequest_answer", args=[row.pk])))
        context = {"tools": tools, "timeline": timeline_of([row]) if row else [], **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def answer_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer the request; the letter goes out."""
        demand(can_answer_subject_request(request.user))
        row = get_object_or_404(SubjectRequest.objects.select_related("user", "edition"), pk=pk)

        def deed(data: dict[str, Any]) -> str:
            answer_request(row, answer=data["answer"], actor=request.user)
            return "Ответ отправлен."

        return confirm_deed(
            request,
            title=f"Ответить: {row.user.full_name}",
            effects=[
                f"Человек просит: {row.get_kind_display()}. {row.text}",
                "Ему уйдёт письмо с вашим ответом.",
            ],
            form=AnswerForm(posted(request)),
            deed=deed,
            back=reverse("admin:candidates_subjectrequest_change", args=[row.pk]),
            submit_label="Отправить ответ",
        )


@desk_source
def request_items(user: Any) -> list[DeskItem]:
    """Requests about personal data that wait for an answer."""
    if not user.has_role(Role.OPERATOR):
        return []
    return [
        DeskItem(
            "Ответить на запросы о персональных данных",
            SubjectRequest.objects.filter(state=RequestState.RECEIVED).count(),
            reverse("admin:candidates_subjectrequest_changelist") + "?state__exact=received",
            group="Заявления",
            order=35,
        )
    ]
