"""Mentors, plans and reports in the operator's admin (O4.7-4.15)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from reserve_portal.core.admin_base import PortalTabularInline
from reserve_portal.core.gates import Blocker
from reserve_portal.regulations.services import edition_in_force

from ..development_forms import (
    AssignmentForm,
    MentorFactsForm,
    PoolForm,
    ReassignmentForm,
    RemovalForm,
    ReviewForm,
)
from ..models import DevelopmentPlan, Mentor, MentorAssignment, MentorReport, PlanReport, Reservist
from ..services import mentors, plan_reviews
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
    fields = [
        "person", "state", "since", "basis", "municipality", "area", "capacity", "removed_on", "removal_reason",
    ]  # fmt: skip
    readonly_fields = ["person", "area"]
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

    @admin.display(description="Направление")
    def area(self, mentor: Mentor) -> str:
        group = edition_in_force().target_groups.filter(code=mentor.group_code).first()
        return str(group or "любое")

    def get_urls(self) -> list[Any]:
        deeds: dict[str, tuple[Any, str]] = {
            "propose/": (self.propose, "propose"),
            "assign/": (self.assign, "assign"),
            "<int:pk>/remove/": (self.remove, "remove"),
            "<int:pk>/facts/": (self.facts, "facts"),
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
        if not MENTOR.is_open(obj, "remove"):
            return []
        return [
            ("Муниципалитет, направление, предел", self.page("facts", obj.pk)),
            ("Вывести из состава", self.page("remove", obj.pk)),
        ]

    def facts(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep what the proposal of assignments goes by (O4.7)."""
        mentor = get_object_or_404(Mentor.objects.select_related("user"), pk=pk)
        initial = {name: getattr(mentor, name) for name in ("municipality", "group_code", "capacity")}

        def deed(form: Any) -> str:
            mentors.set_mentor_facts(mentor, actor=request.user, **form.cleaned_data)
            return address_of(mentor)

        return deed_page(
            request,
            title=f"Муниципалитет, направление, предел: {mentor}",
            effects=["По этому портал предлагает, за кем закрепить наставника. Закрепляет орган."],
            form=MentorFactsForm(request.POST or None, edition=edition_in_force(), initial=initial),
            deed=deed,
            back=address_of(mentor),
            submit_label="Сохранить",
            done="Сохранено.",
        )

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
                "Предложено по нагрузке, направлению и муниципалитету; выбор можно изменить.",
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

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("review/", view(self.review_late), name="reservists_developmentplan_review_late"),
            path("<int:pk>/review/", view(self.review), name="reservists_developmentplan_review"),
            *super().get_urls(),
        ]

    def list_tools(self) -> list[Tool]:
        known = plan_reviews.is_reviewed(edition_in_force())
        return [("Рассмотреть планы с просрочкой", self.page("review_late"))] if known else []

    def tools(self, obj: Any) -> list[Tool]:
        found = [("План на портале", reverse("reservists:development_plan", args=[obj.pk]))]
        if obj.is_in_force and plan_reviews.is_reviewed(obj.reservist.edition):
            found.append(("Рассмотреть на заседании", self.page("review", obj.pk)))
        return found

    def review_late(self, request: HttpRequest) -> HttpResponse:
        """Put the plans with something overdue before the body (O4.13, O4.15)."""
        plans = list(plan_reviews.late_plans())
        return self._review(request, plans, ReviewForm(request.POST or None, plans=plans))

    def review(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put one plan before the body (O4.13)."""
        plan = get_object_or_404(
            DevelopmentPlan.objects.select_related("reservist__user", "reservist__edition"), pk=pk
        )
        return self._review(request, [plan], None)

    def _review(self, request: HttpRequest, plans: list[DevelopmentPlan], form: Any) -> HttpResponse:
        def deed(bound: Any) -> str:
            chosen = bound.cleaned_data["plans"] if bound is not None else plans
            return address_of(plan_reviews.make_review_list(chosen, actor=request.user))

        effects = [
            "Появится список для уполномоченного органа; наставников пригласят, когда он войдёт в повестку.",
            "Неудовлетворительная оценка станет сигналом об исключении, решает орган.",
        ]
        return deed_page(
            request,
            title="Рассмотреть реализацию планов развития",
            effects=effects if plans else ["Сейчас планов с просрочкой нет, или они ждут решения."],
            form=form,
            deed=deed,
            back=self.page("changelist"),
            submit_label="Составить список",
            done="Список составлен. Передайте его органу.",
            items=[f"{plan.reservist}: {plan}" for plan in plans] if form is None else (),
        )


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


@admin.register(MentorReport)
class MentorReportAdmin(CaseAdmin):
    list_display = ["person", "year", "quarter", "state", "submitted_on", "accepted_on"]
    list_filter = ["state", "year", "quarter"]
    list_select_related = ["mentor__user"]
    search_fields = ["mentor__user__search_key"]
    search_help_text = "Фамилия, имя, отчество или адрес электронной почты"
    fields = ["person", "year", "quarter", "state", "submitted_on", "accepted_on"]
    readonly_fields = ["person"]

    @admin.display(description="Наставник", ordering="mentor__user__last_name")
    def person(self, report: MentorReport) -> str:
        return report.mentor.user.full_name

    def tools(self, obj: Any) -> list[Tool]:
        return [("Отчёт на портале", reverse("reservists:mentor_report", args=[obj.pk]))]
