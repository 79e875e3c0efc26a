"""Expert conclusions in the admin: drafted in bulk, edited, signed, taken back (O3.18)."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from assessment.enums import ConclusionState
from assessment.expert_forms import ConclusionForm
from assessment.forms import ReasonForm
from assessment.models import ExpertConclusion, Procedure
from assessment.services.conclusions import (
    change_conclusion,
    draft_conclusions,
    drafting_blockers,
    drafts_of,
    reopen_conclusion,
    sheets_of,
    sign_all,
    sign_blockers,
    sign_conclusion,
)
from reserve_portal.accounts.enums import Role
from reserve_portal.audit.services import record_read
from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.timeline import timeline_of

from .base import attempt, deed, page, require_operator

NAMED = 50


@admin.register(ExpertConclusion)
class ExpertConclusionAdmin(PortalModelAdmin):
    readers = (Role.OPERATOR,)
    list_display = ["person", "group", "zone", "recommended", "state"]
    list_filter = ["state", "zone", "recommended", "result__procedure"]
    list_select_related = ["result__track__application__user", "result__track__target_group"]
    search_fields = ["result__track__application__user__search_key"]

    @admin.display(description="О ком", ordering="result__track__application__user__last_name")
    def person(self, conclusion: ExpertConclusion) -> str:
        return str(conclusion.result.track.application.user)

    @admin.display(description="Целевая группа", ordering="result__track__target_group__order")
    def group(self, conclusion: ExpertConclusion) -> str:
        return str(conclusion.result.track.target_group)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/sign/", view(sign), name="assessment_expertconclusion_sign"),
            path("<int:pk>/reopen/", view(reopen), name="assessment_expertconclusion_reopen"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        require_operator(request)
        return edit(request, row.pk)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The five parts; the written ones may be changed while it is a draft."""
    row = _find(request, pk)
    track = row.result.track
    form = ConclusionForm(request.POST or None, initial=ConclusionForm.initial_of(row))
    if request.method == "POST" and form.is_valid() and _change(request, row, form):
        return HttpResponseRedirect(_url(pk))
    record_read(row, actor=request.user, person=track.application.user, what="assessment.read_conclusion")
    editable = row.state == ConclusionState.DRAFT
    context = {
        "title": f"Экспертное заключение: {track.application.user.full_name}",
        "conclusion": row,
        "track": track,
        "form": form,
        "editable": editable,
        "blockers": sign_blockers(row) if editable else [],
        "sheets": sheets_of(row.result.procedure, track).get(track.pk, []),
        "timeline": timeline_of([row]),
        "back": _list_url(row.result.procedure),
    }
    return page(request, "admin/assessment/conclusion.html", context)


def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one conclusion."""
    row = _find(request, pk)
    return deed(
        request,
        title=f"Подписать заключение: {row.result.track.application.user.full_name}",
        effects=["Заключение станет доступно членам комиссии и больше не изменится."],
        items=[f"Рекомендация: {row.recommendation}"],
        count=1,
        blockers=lambda: sign_blockers(row),
        service=lambda: sign_conclusion(row, actor=request.user),
        done="Заключение подписано.",
        submit_label="Подписать",
        back=_url(pk),
    )


def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a signed conclusion back, with a reason."""
    row = _find(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if not attempt(lambda: reopen_conclusion(row, actor=request.user, reason=reason), form):
            messages.success(request, "Заключение возвращено в работу.")
            return HttpResponseRedirect(_url(pk))
    title = f"Вернуть в работу: {row.result.track.application.user.full_name}"
    return page(request, "admin/assessment/form.html", {"title": title, "form": form, "back": _url(pk)})


def draft_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft what is missing, bring drafts up to corrected results."""
    row = _procedure(request, pk)
    return deed(
        request,
        title=f"Подготовить заключения: {row.name}",
        effects=[
            "На каждого оценённого появится проект: результаты и зона — по баллам, дефициты и программы — по "
            "слабым направлениям, рекомендация — по порогу.",
            "Написанное вами не изменится; подписанные заключения останутся как есть.",
        ],
        blockers=lambda: drafting_blockers(row),
        service=lambda: draft_conclusions(row, actor=request.user),
        done="Проекты заключений готовы: проверьте и подпишите их.",
        submit_label="Подготовить",
        back=_list_url(row),
    )


def sign_whole(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign all drafts that have nothing in their way."""
    row = _procedure(request, pk)
    names = [
        item.result.track.application.user.full_name for item in drafts_of(row) if not sign_blockers(item)
    ]
    return deed(
        request,
        title=f"Подписать заключения: {row.name}",
        effects=[
            "Заключения станут доступны членам комиссии и больше не изменятся.",
            "Проекты, в которых чего-то не хватает, останутся проектами.",
        ],
        items=names[:NAMED],
        count=len(names),
        blockers=lambda: drafting_blockers(row),
        service=lambda: sign_all(row, actor=request.user),
        done="Заключения подписаны.",
        submit_label="Подписать",
        back=_list_url(row),
    )


def _change(request: HttpRequest, row: ExpertConclusion, form: ConclusionForm) -> bool:
    if attempt(lambda: change_conclusion(row, actor=request.user, **form.cleaned_data), form):
        return False
    messages.success(request, "Заключение сохранено.")
    return True


def _find(request: HttpRequest, pk: int) -> ExpertConclusion:
    require_operator(request)
    rows = ExpertConclusion.objects.select_related(
        "result__procedure__campaign__edition",
        "result__track__target_group",
        "result__track__application__user",
    ).prefetch_related("result__scores__section")
    return get_object_or_404(rows, pk=pk)


def _procedure(request: HttpRequest, pk: int) -> Procedure:
    require_operator(request)
    return get_object_or_404(Procedure.objects.select_related("campaign__edition"), pk=pk)


def _list_url(procedure: Procedure) -> str:
    address = reverse("admin:assessment_expertconclusion_changelist")
    return f"{address}?result__procedure__id__exact={procedure.pk}"


def _url(pk: int) -> str:
    return reverse("admin:assessment_expertconclusion_change", args=[pk])
