"""Appeals in the admin: the operator reads them, answers, and corrects points where an appeal is upheld."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from assessment.enums import AppealState
from assessment.forms import AnswerForm
from assessment.models import Appeal
from assessment.perms import can_answer_appeals
from assessment.rules import shown_points
from assessment.services.appeals import answer_appeal
from assessment.services.results import result_blockers, scores_of
from reserve_portal.accounts.enums import Role
from reserve_portal.audit.services import record_read
from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.timeline import timeline_of
from reserve_portal.regulations.models import Deadline

from .base import attempt, page, require_operator


@admin.register(Appeal)
class AppealAdmin(PortalModelAdmin):
    readers = (Role.OPERATOR,)
    list_display = ["person", "procedure", "filed_at", "state"]
    list_filter = ["state", "result__procedure"]
    list_select_related = ["result__procedure", "result__track__application__user"]
    search_fields = ["result__track__application__user__search_key"]

    @admin.display(description="Кто", ordering="result__track__application__user__last_name")
    def person(self, appeal: Appeal) -> str:
        return str(appeal.person)

    @admin.display(description="Процедура", ordering="result__procedure__name")
    def procedure(self, appeal: Appeal) -> str:
        return str(appeal.result.procedure)

    def get_search_results(self, request: HttpRequest, queryset, search_term: str):
        return super().get_search_results(request, queryset, search_term.casefold().replace("ё", "е"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        require_operator(request)
        return answer(request, row.pk)


def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal with its limit, its history and the form of the answer."""
    row = Appeal.objects.select_related(
        "result__procedure__campaign__edition", "result__track__application__user", "answered_by"
    ).get(pk=pk)
    procedure, known = row.result.procedure, scores_of(row.result)
    sections = [] if result_blockers(procedure) else procedure.typed_sections
    form = AnswerForm(
        request.POST or None,
        sections=sections,
        initial={f"section_{item.pk}": shown_points(known[item.pk]).normalize() for item in sections},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data

        def service() -> None:
            answer_appeal(
                row,
                upheld=data["verdict"] == "upheld",
                answer=data["answer"],
                scores=form.changed_scores(),
                actor=request.user,
            )

        if not attempt(service, form):
            messages.success(request, "Ответ отправлен кандидату.")
            return HttpResponseRedirect(request.path)
    record_read(row, actor=request.user, person=row.person, what="assessment.read_appeal")
    waits = row.state == AppealState.FILED and can_answer_appeals(request.user)
    context = {
        "title": f"Апелляция: {row.person.full_name}",
        "appeal": row,
        "form": form if waits and row.person != request.user else None,
        "frozen": waits and not sections,
        "deadlines": Deadline.objects.about(row).filter(cancelled=False),
        "timeline": timeline_of([row, row.result.track]),
        "back": reverse("admin:assessment_appeal_changelist"),
    }
    return page(request, "admin/assessment/appeal.html", context)
