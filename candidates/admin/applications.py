"""Applications in the admin: the list, and the page on which one is reviewed."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from reserve_portal.audit.services import record_read
from reserve_portal.core import clock
from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.admin_lists import list_query
from reserve_portal.core.gates import GateShut

from ..enums import ApplicationState
from ..intake_forms import FindingForm, VerdictForm
from ..models import Application, PackageItem, RequirementFinding
from ..perms import can_enter_applications, can_register_applications, can_review_application
from ..services import intake
from ..services.claims import claim_review, worker_of
from ..services.finding import find_applications
from ..workflow import APPLICATION
from . import workspace
from .application_deeds import DEEDS
from .bulk import bulk_address, bulk_page
from .deeds import confirm_deed, demand, posted, tell_gate
from .dossier import dossier_page
from .entry import entry_urls
from .imports import import_urls
from .letters import letter_page


class DueFilter(admin.SimpleListFilter):
    """Applications with an open limit of the operator: overdue, or ending today."""

    title = "Срок"
    parameter_name = "due"
    ordering = ("deadline_day", "pk")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "просрочен"), ("today", "последний день сегодня")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        today = clock.today()
        if self.value() == "overdue":
            return queryset.overdue_for("operator", today)  # type: ignore[attr-defined]
        return queryset.due_for("operator", today) if self.value() == "today" else queryset  # type: ignore[attr-defined]


class StateFilter(admin.ChoicesFieldListFilter):
    """States of what was submitted: no draft is ever shown here."""

    def choices(self, changelist: Any) -> Any:
        for row in super().choices(changelist):
            if row["display"] != ApplicationState.DRAFT.label:
                yield row


class AdmissionFilter(admin.SimpleListFilter):
    """Reviewed applications on whose admission no body has decided yet."""

    title = "Допуск"
    parameter_name = "admission"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "ждут решения")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        return queryset.awaiting_admission() if self.value() == "waiting" else queryset  # type: ignore[attr-defined]


@admin.register(Application)
class ApplicationAdmin(PortalModelAdmin):
    readers = ("operator", "auditor")
    list_display = ["person", "number", "state", "municipality", "submitted", "worker"]
    sortable_by = ["submitted"]  # by an index; a hundred thousand rows are not sorted for a page of fifty
    list_display_links = ["person", "number"]
    list_filter = ["campaign", ("state", StateFilter), AdmissionFilter, DueFilter, "municipality"]
    search_fields = ["search_terms__term"]
    search_help_text = "Фамилия, имя, почта, номер или последние 4 цифры СНИЛС"
    ordering = ["-submitted_at", "-pk"]
    fields = ["campaign", "user", "state", "channel", "submitted_at"]
    change_list_template = "admin/candidates/applications.html"

    actions = ["register", "correction", "finish", "letter", "dossier"]

    def has_work_permission(self, request: HttpRequest) -> bool:
        return can_register_applications(request.user)

    @admin.action(description="Зарегистрировать", permissions=["work"])
    def register(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        return redirect(bulk_address("bulk", request, queryset, "register"))

    @admin.action(description="Вернуть на исправление", permissions=["work"])
    def correction(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        return redirect(bulk_address("bulk", request, queryset, "correction"))

    @admin.action(description="Закончить проверку: предложить допустить", permissions=["work"])
    def finish(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        return redirect(bulk_address("bulk", request, queryset, "finish"))

    @admin.action(description="Написать письмо", permissions=["work"])
    def letter(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        return redirect(bulk_address("letter", request, queryset))

    @admin.action(description="Собрать досье (ZIP)", permissions=["work"])
    def dossier(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        return redirect(bulk_address("dossier", request, queryset))

    @admin.display(description="Кандидат")
    def person(self, row: Application) -> str:
        return row.user.full_name

    @admin.display(description="Номер")
    def number(self, row: Application) -> str:
        return row.registration.text if hasattr(row, "registration") else "—"

    @admin.display(description="Кто проверяет")
    def worker(self, row: Application) -> str:
        return worker_of(row) or "—"

    @admin.display(description="Подано", ordering="submitted_at")
    def submitted(self, row: Application) -> str:
        return f"{clock.local(row.submitted_at):%d.%m.%Y %H:%M}" if row.submitted_at else "—"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        """What was submitted; a draft is the candidate's own affair."""
        rows = Application.objects.exclude(state=ApplicationState.DRAFT)
        rows = rows.exclude(submitted_at=None).defer("snapshot")
        return rows.select_related("user", "municipality", "registration", "campaign", "claim__user")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return find_applications(queryset, search_term), False

    def get_ordering(self, request: HttpRequest) -> Any:
        """What waits longest stands first where the list shows limits: in the order of the index that finds them."""
        return (
            DueFilter.ordering if request.GET.get(DueFilter.parameter_name) else super().get_ordering(request)
        )

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path("bulk/<slug:name>/", wrap(self.bulk_page), name="candidates_application_bulk"),
            path("letter/", wrap(self.letter_page), name="candidates_application_letter"),
            path("dossier/", wrap(self.dossier_page), name="candidates_application_dossier"),
            path("<int:pk>/items/<int:item>/", wrap(self.item_page), name="candidates_application_item"),
            path(
                "<int:pk>/findings/<int:finding>/",
                wrap(self.finding_page),
                name="candidates_application_finding",
            ),
            path("<int:pk>/claim/", wrap(self.claim_page), name="candidates_application_claim"),
            path("<int:pk>/judge/", wrap(self.judge_page), name="candidates_application_judge"),
            path("<int:pk>/notice/", wrap(self.notice_page), name="candidates_application_notice"),
            path("<int:pk>/<slug:name>/", wrap(self.deed_page), name="candidates_application_deed"),
        ]
        own = [*entry_urls(wrap), *import_urls(wrap), *own]
        # Django's own pages of an object (change, history, delete) go first.
        return [*super().get_urls()[:-1], *own, *super().get_urls()[-1:]]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, with what an operator may do to all that it shows."""
        deeds = []
        if can_register_applications(request.user):
            chosen = urlencode({"list": list_query(request.GET)})
            deeds = [
                ("Письмо по списку", f"{reverse('admin:candidates_application_letter')}?{chosen}"),
                ("Досье (ZIP)", f"{reverse('admin:candidates_application_dossier')}?{chosen}"),
            ]
        own = {"list_deeds": deeds, "may_enter": can_enter_applications(request.user)}
        return super().changelist_view(request, {**own, **(extra_context or {})})

    def bulk_page(self, request: HttpRequest, name: str) -> HttpResponse:
        """One deed for many applications."""
        demand(can_register_applications(request.user))
        return bulk_page(self, request, name)

    def letter_page(self, request: HttpRequest) -> HttpResponse:
        """A letter to many candidates."""
        demand(can_register_applications(request.user))
        return letter_page(self, request)

    def dossier_page(self, request: HttpRequest) -> HttpResponse:
        """The dossier of what was ticked or filtered."""
        demand(can_register_applications(request.user))
        return dossier_page(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of one application: for operators with its documents, for auditors without."""
        demand(self.has_view_permission(request))
        application = self._load(request, object_id)
        if not can_review_application(request.user, application):
            return self._bare_page(request, application)
        record_read(
            application, actor=request.user, person=application.user, what="candidates.review_application"
        )
        other = claim_review(application, actor=request.user)
        context = workspace.context_of(application, request, item_pk=request.GET.get("item"))
        return self._render(request, {**context, "other_claim": other})

    def claim_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take over what somebody else works on, by POST."""
        application = self._reviewed(request, pk)
        demand(request.method == "POST")
        claim_review(application, actor=request.user, take_over=True)
        messages.success(request, "Теперь с заявлением работаете вы.")
        return redirect(workspace.address(application))

    def item_page(self, request: HttpRequest, pk: int, item: int) -> HttpResponse:
        """Store a verdict on one document and go on to the next."""
        application = self._reviewed(request, pk)
        row = get_object_or_404(
            PackageItem.objects.select_related(
                "document_type", "application__campaign__edition", "application__user"
            ),
            pk=item,
            application=application,
        )
        if request.method != "POST":
            return redirect(workspace.address(application, row))
        form = VerdictForm(request.POST, item=row)
        if form.is_valid():
            try:
                intake.review_item(row, actor=request.user, **form.cleaned_data)
            except GateShut as shut:
                if application.state != ApplicationState.REGISTERED:
                    return self._refused(request, application, shut)
                tell_gate(form, shut)
            else:
                messages.success(request, f"«{row}»: {row.get_verdict_display()}.")
                return redirect(workspace.address(application, workspace.next_unchecked(application, row)))
        context = workspace.context_of(application, request, item_pk=str(row.pk), verdict_form=form)
        return self._render(request, context)

    def finding_page(self, request: HttpRequest, pk: int, finding: int) -> HttpResponse:
        """Store the operator's word on one requirement."""
        application = self._reviewed(request, pk)
        row = get_object_or_404(
            RequirementFinding.objects.select_related("requirement", "application__user"),
            pk=finding,
            application=application,
        )
        if request.method != "POST":
            return redirect(f"{workspace.address(application)}#requirements")
        form = FindingForm(request.POST, finding=row, prefix=f"f{row.pk}")
        if form.is_valid():
            try:
                intake.confirm_finding(row, actor=request.user, **form.cleaned_data)
            except GateShut as shut:
                if application.state != ApplicationState.REGISTERED:
                    return self._refused(request, application, shut)
                tell_gate(form, shut)
            else:
                messages.success(request, f"«{row}»: решение сохранено.")
                return redirect(f"{workspace.address(application)}#requirements")
        return self._render(request, workspace.context_of(application, request, finding_form=(row.pk, form)))

    def judge_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Compute the requirements anew, by POST."""
        application = self._reviewed(request, pk)
        demand(request.method == "POST")
        intake.judge_requirements(application)
        messages.success(request, "Требования рассчитаны заново.")
        return redirect(f"{workspace.address(application)}#requirements")

    def notice_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Issue a notice to the candidate as PDF, by POST."""
        application = self._reviewed(request, pk)
        demand(request.method == "POST")
        if not hasattr(application, "registration"):
            messages.error(request, "Заявление ещё не зарегистрировано.")
            return redirect(workspace.address(application))
        paper = intake.issue_notice(application, actor=request.user)
        return redirect("papers:download", pk=paper.pk)

    def deed_page(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """The confirmation page of one transition of the workflow."""
        if name not in DEEDS:
            raise Http404
        application = self._load(request, pk)
        demand(can_review_application(request.user, application) and can_register_applications(request.user))
        deed = DEEDS[name]

        def act(data: dict[str, Any]) -> str:
            return deed.act(application, request.user, data)

        return confirm_deed(
            request,
            title=f"{deed.title}: {application.user.full_name}",
            effects=deed.effects,
            items=deed.items(application),
            blockers=deed.blockers(application) if APPLICATION.is_open(application, name) else [],
            form=deed.form(posted(request), application),
            deed=act,
            back=workspace.address(application),
            submit_label=deed.title,
        )

    def _refused(self, request: HttpRequest, application: Application, shut: GateShut) -> HttpResponse:
        """The page shows no form in this state (somebody else went on meanwhile): the reason goes above it."""
        messages.error(request, str(shut))
        return redirect(workspace.address(application))

    def _load(self, request: HttpRequest, pk: Any) -> Application:
        rows = Application.objects.exclude(state=ApplicationState.DRAFT).exclude(submitted_at=None)
        return get_object_or_404(rows.select_related("user", "campaign__edition", "registration"), pk=pk)

    def _reviewed(self, request: HttpRequest, pk: int) -> Application:
        demand(self.has_view_permission(request))
        application = self._load(request, pk)
        demand(can_review_application(request.user, application))
        return application

    def _render(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "other_claim": None}
        context = {**shared, **context}
        return TemplateResponse(request, "admin/candidates/application.html", context)

    def _bare_page(self, request: HttpRequest, application: Application) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            **workspace.bare_context_of(application),
        }
        return TemplateResponse(request, "admin/candidates/application_bare.html", context)
