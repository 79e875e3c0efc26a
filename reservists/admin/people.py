"""Reservists in the operator's admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html

from reserve_portal.core.admin_base import PortalTabularInline
from reserve_portal.core.search import search_key

from ..enums import ReservistState
from ..forms import ExclusionForm
from ..leaving_forms import CertificationForm, ChangeForm, SheetReasonForm
from ..models import Certification, Reservist
from ..rules import points_words
from ..services import events as event_services
from ..services.certifications import record_certification, remove_certification
from ..services.changes import change_blockers, make_change_list, may_be_changed
from ..services.exclusion import exclusion_blockers, make_exclusion_list
from ..workflow import RESERVIST
from .pages import CaseAdmin, Tool, address_of, deed_page


class CertificationInline(PortalTabularInline):
    model = Certification
    readers = ("operator", "auditor")
    fields = ["programme", "organiser", "hours", "passed_on", "outcome", "result", "document", "mend"]
    readonly_fields = [
        "programme",
        "organiser",
        "hours",
        "passed_on",
        "outcome",
        "result",
        "document",
        "mend",
    ]

    @admin.display(description="Аттестация")
    def outcome(self, row: Certification) -> str:
        return row.outcome

    @admin.display(description="Действие")
    def mend(self, row: Certification) -> str:
        address = reverse("admin:reservists_reservist_uncertify", args=[row.pk])
        return format_html('<a href="{}">Убрать</a>', address)


@admin.register(Reservist)
class ReservistAdmin(CaseAdmin):
    list_display = ["person", "municipality", "state", "zone", "shown_points", "included_on", "target_group"]
    list_filter = ["state", "zone", "target_group", "municipality"]
    list_select_related = ["user", "municipality", "target_group"]
    search_fields = ["user__search_key"]
    search_help_text = "Фамилия, имя, отчество или адрес электронной почты"
    fields = [
        "person",
        "edition",
        "target_group",
        "municipality",
        "state",
        "zone",
        "shown_points",
        "rank",
        "included_on",
        "basis",
        "counter",
        "ended_on",
        "end_basis",
        "end_ground",
    ]
    readonly_fields = ["person", "shown_points", "counter"]
    inlines = [CertificationInline]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        key = search_key(search_term)
        return (queryset.filter(user__search_key__contains=key) if key else queryset), False

    @admin.display(description="Резервист", ordering="user__last_name")
    def person(self, reservist: Reservist) -> str:
        return reservist.user.full_name

    @admin.display(description="Баллы", ordering="points")
    def shown_points(self, reservist: Reservist) -> str:
        return f"{points_words(reservist.points)} из {points_words(reservist.maximum)}"

    @admin.display(description="Мероприятия")
    def counter(self, reservist: Reservist) -> str:
        return event_services.counter_words(reservist) or str(event_services.confirmed_events(reservist))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/exclude/", view(self.exclude_view), name="reservists_reservist_exclude"),
            path("<int:pk>/certify/", view(self.certify_view), name="reservists_reservist_certify"),
            path(
                "certifications/<int:pk>/remove/",
                view(self.uncertify_view),
                name="reservists_reservist_uncertify",
            ),
            path("<int:pk>/change-group/", view(self.regroup_view), name="reservists_reservist_regroup"),
            *super().get_urls(),
        ]

    def tools(self, obj: Any) -> list[Tool]:
        found = [("Карточка на портале", reverse("reservists:person", args=[obj.pk]))]
        if obj.edition.value("mentors") and obj.state == ReservistState.ACTIVE:
            found.append(("Наставник", reverse("admin:reservists_mentor_reassign", args=[obj.pk])))
        if obj.state != ReservistState.EXCLUDED:
            found.append(("Внести аттестацию по программе", self.page("certify", obj.pk)))
        if RESERVIST.is_open(obj, "exclude"):
            found.append(("Предложить исключить", self.page("exclude", obj.pk)))
        if obj.state == ReservistState.ACTIVE and may_be_changed(obj.edition):
            found.append(("Изменить группу или уровень", self.page("regroup", obj.pk)))
        return found

    def certify_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record the certification within a training programme (O1.16)."""
        reservist = get_object_or_404(Reservist.objects.select_related("user"), pk=pk)

        def deed(form: Any) -> str:
            record_certification(reservist, actor=request.user, **form.cleaned_data)
            return address_of(reservist)

        return deed_page(
            request,
            title=f"Внести аттестацию по программе: {reservist.user.full_name}",
            effects=["Запись появится у резервиста и в его карточке; он получит письмо."],
            form=CertificationForm(request.POST or None),
            deed=deed,
            back=address_of(reservist),
            submit_label="Внести",
            done="Аттестация внесена.",
        )

    def uncertify_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take out a certification recorded by mistake, with a reason."""
        row = get_object_or_404(Certification.objects.select_related("reservist__user"), pk=pk)
        reservist = row.reservist

        def deed(form: Any) -> str:
            remove_certification(row, reason=form.cleaned_data["reason"], actor=request.user)
            return address_of(reservist)

        return deed_page(
            request,
            title=f"Убрать запись: {row}",
            effects=["Записи не будет у резервиста; причина останется в журнале аудита."],
            form=SheetReasonForm(request.POST or None),
            deed=deed,
            back=address_of(reservist),
            submit_label="Убрать",
            danger=True,
            done="Запись убрана.",
        )

    def regroup_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the list that proposes another target group or level of readiness (O4.16)."""
        reservist = get_object_or_404(
            Reservist.objects.select_related("user", "edition", "target_group"), pk=pk
        )
        return deed_page(
            request,
            title=f"Изменить группу или уровень готовности: {reservist.user.full_name}",
            blockers=change_blockers(reservist),
            effects=[
                f"Сейчас: {reservist.target_group}; {reservist.get_zone_display()}.",
                "Появится список для решения уполномоченного органа, очного или заочного.",
                "До решения ничего не изменится.",
            ],
            form=ChangeForm(request.POST or None, reservist=reservist),
            deed=lambda form: address_of(
                make_change_list(reservist, actor=request.user, **form.cleaned_data)
            ),
            back=address_of(reservist),
            submit_label="Составить список",
            done="Список составлен. Передайте его органу.",
        )

    def exclude_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the list that proposes to exclude this person (O6.1)."""
        reservist = get_object_or_404(
            Reservist.objects.select_related("user", "edition", "target_group", "track"), pk=pk
        )
        return deed_page(
            request,
            title=f"Предложить исключить: {reservist.user.full_name}",
            blockers=exclusion_blockers(reservist),
            effects=[
                "Появится список для решения об исключении; передайте его органу.",
                "Человек останется в резерве до решения органа.",
            ],
            form=ExclusionForm(request.POST or None, edition=reservist.edition),
            deed=lambda form: address_of(
                make_exclusion_list(reservist, actor=request.user, **form.cleaned_data)
            ),
            back=address_of(reservist),
            submit_label="Составить список",
            done="Список составлен. Передайте его органу.",
        )
