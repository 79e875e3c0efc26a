"""Mentors, plans and reports in the operator's admin (O4.7-4.15)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from reserve_portal.core.admin_base import PortalTabularInline
from reserve_portal.core.gates import Blocker

from ..development_forms import AssignmentForm, PoolForm, ReassignmentForm, RemovalForm
from ..models import DevelopmentPlan, Mentor, MentorAssignment, PlanReport, Reservist
from ..services import mentors
from ..workflow import MENTOR
from .pages import CaseAdmin, Tool, address_of, deed_page


class AssignmentInline(PortalTabularInline):
    model = MentorAssignment
    readers = ("operator", "auditor")
    fields = ["reservist", "since", "basis", "until", "end_ground"]
    readonly_fields = ["reservist", "since", "basis", "until", "end_ground"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("reservist__user")


@admin.register(Mentor)
class MentorAdmin(CaseAdmin):
    list_display = ["person", "state", "since", "load"]
    list_filter = ["state"]
    list_select_related = ["user"]
    search_fields = ["user__search_key"]
    search_help_text = "Фамилия, имя, отчество или адрес электронной почты"
    fields = ["person", "state", "since", "basis", "removed_on", "removal_reason"]
    readonly_fields = ["person"]
    inlines = [AssignmentInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)
        return rows.with_load()

    @admin.display(description="Наставник", ordering="user__last_name")
    def person(self, mentor: Mentor) -> str:
        return mentor.user.full_name

    @admin.display(description="Резервистов", ordering="load")
    def load(self, mentor: Mentor) -> int:
        return mentor.load

    def get_urls(self) -> list[Any]:
        deeds: dict[str, tuple[Any, str]] = {
            "propose/": (self.propose, "propose"),
            "assign/": (self.assign, "assign"),
            "<int:pk>/remove/": (self.remove, "remove"),
            "reassign/<int:pk>/": (self.reassign, "reassign"),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"reservists_mentor_{name}")
            for route, (view, name) in deeds.items()
        ]
        return [*own, *super().get_urls()]

    def list_tools(self) -> list[Tool]:
        return [
            ("Предложить в состав", self.page("propose")),
            ("Закрепить наставников", self.page("assign")),
            ("Планы и отчёты", reverse("reservists:monitoring")),
        ]

    def tools(self, obj: Any) -> list[Tool]:
        return [("Вывести из состава", self.page("remove", obj.pk))] if MENTOR.is_open(obj, "remove") else []

    def propose(self, request: HttpRequest) -> HttpResponse:
        """Make the list by which people enter the pool (O4.7)."""

        def deed(form: Any) -> str:
            data = form.cleaned_data
            others = [mentors.expert_of(actor=request.user, **row) for row in data["others"]]
            people = list(dict.fromkeys([*data.get("experts", []), *others]))
            return address_of(mentors.make_pool_list(people, actor=request.user))

        return deed_page(
            request,
            title="Предложить в состав наставников",
            effects=[
                "Появится список для решения; передайте его органу.",
                "У кого нет учётной записи, она появится; приглашение уйдёт после решения.",
            ],
            form=PoolForm(request.POST or None),
            deed=deed,
            back=self.page("changelist"),
            submit_label="Составить список",
            done="Список составлен. Передайте его органу.",
        )

    def assign(self, request: HttpRequest) -> HttpResponse:
        """Make the list by which reservists without a mentor get one; loads are balanced (O4.7)."""
        proposals = mentors.propose_mentors()
        blockers = mentors.pool_blockers()
        if not proposals:
            blockers = [Blocker("У каждого резервиста есть наставник, или решение о нём ещё не принято.")]
        return deed_page(
            request,
            title="Закрепить наставников",
            blockers=blockers,
            effects=[
                "Предложено так, чтобы у всех было поровну; выбор можно изменить.",
                "Наставники закрепятся после решения органа.",
            ],
            form=AssignmentForm(request.POST or None, proposals=proposals),
            deed=lambda form: address_of(mentors.make_assignment_list(form.pairs(), actor=request.user)),
            back=self.page("changelist"),
            submit_label="Составить список",
            done="Список составлен. Передайте его органу.",
        )

    def reassign(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose a mentor, or another one with a ground, for one reservist (O4.16)."""
        reservist = get_object_or_404(Reservist.objects.select_related("user", "edition"), pk=pk)
        current = mentors.mentor_of(reservist)

        def deed(form: Any) -> str:
            pair = (reservist, form.cleaned_data["mentor"])
            return address_of(
                mentors.make_assignment_list([pair], ground=form.cleaned_data["ground"], actor=request.user)
            )

        return deed_page(
            request,
            title=f"Наставник: {reservist}",
            blockers=mentors.reservist_blockers(reservist, mentors.listed_reservists())
            or mentors.pool_blockers(),
            effects=[
                f"Сейчас наставник — {current}." if current else "Наставника ещё нет.",
                "Решает уполномоченный орган, можно и заочным голосованием.",
            ],
            form=ReassignmentForm(request.POST or None),
            deed=deed,
            back=address_of(reservist),
            submit_label="Составить список",
            done="Список составлен. Передайте его органу.",
        )

    def remove(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a mentor out of the pool."""
        mentor = get_object_or_404(Mentor.objects.select_related("user"), pk=pk)

        def deed(form: Any) -> str:
            mentors.remove_mentor(mentor, reason=form.cleaned_data["reason"], actor=request.user)
            return address_of(mentor)

        guided = mentor.assignments.current().select_related("reservist__user")
        return deed_page(
            request,
            title=f"Вывести из состава: {mentor}",
            effects=[
                "Роль наставника снимется.",
                "Его резервисты получат письмо и будут ждать нового наставника.",
            ],
            items=[row.reservist.user.full_name for row in guided],
            form=RemovalForm(request.POST or None),
            deed=deed,
            back=address_of(mentor),
            submit_label="Вывести из состава",
            danger=True,
            done="Наставник выведен из состава.",
        )


@admin.register(DevelopmentPlan)
class DevelopmentPlanAdmin(CaseAdmin):
    list_display = ["person", "year", "version", "state", "agreed_on", "copied_on"]
    list_filter = ["state", "year"]
    list_select_related = ["reservist__user"]
    search_fields = ["reservist__user__search_key"]
    search_help_text = "Фамилия, имя, отчество или адрес электронной почты"
    fields = ["person", "year", "version", "state", "agreed_on", "copied_on", "change_reason"]
    readonly_fields = ["person"]

    @admin.display(description="Резервист", ordering="reservist__user__last_name")
    def person(self, plan: DevelopmentPlan) -> str:
        return plan.reservist.user.full_name

    def tools(self, obj: Any) -> list[Tool]:
        return [("План на портале", reverse("reservists:development_plan", args=[obj.pk]))]


@admin.register(PlanReport)
class PlanReportAdmin(CaseAdmin):
    list_display = ["person", "year", "quarter", "state", "submitted_on", "accepted_on"]
    list_filter = ["state", "year", "quarter"]
    list_select_related = ["reservist__user"]
    search_fields = ["reservist__user__search_key"]
    search_help_text = "Фамилия, имя, отчество или адрес электронной почты"
    fields = ["person", "year", "quarter", "state", "submitted_on", "accepted_on"]
    readonly_fields = ["person"]

    @admin.display(description="Резервист", ordering="reservist__user__last_name")
    def person(self, report: PlanReport) -> str:
        return report.reservist.user.full_name

    def tools(self, obj: Any) -> list[Tool]:
        return [("Отчёт на портале", reverse("reservists:report", args=[obj.pk]))]
