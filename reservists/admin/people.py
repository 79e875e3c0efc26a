"""Reservists in the operator's admin."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from reserve_portal.core.admin_base import PortalTabularInline
from reserve_portal.core.downloads import generated_file
from reserve_portal.core.search import search_key
from reserve_portal.core.table_imports import take_table
from reserve_portal.core.tables import SHEET_TYPE, write_xlsx
from reserve_portal.regulations.services import edition_in_force

from ..enums import ReservistState
from ..event_forms import TableForm
from ..forms import ExclusionForm
from ..leaving_forms import CertificationForm, ChangeForm, SheetReasonForm
from ..models import Certification, Reservist
from ..perms import can_manage_reserve
from ..services import events as event_services
from ..services import reserve_import
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
        return reservist.points_text

    @admin.display(description="Мероприятия")
    def counter(self, reservist: Reservist) -> str:
        return event_services.counter_words(reservist) or str(event_services.confirmed_events(reservist))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_page), name="reservists_reservist_import"),
            path("sample/", view(self.sample), name="reservists_reservist_sample"),
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

    def list_tools(self) -> list[Tool]:
        return [("Загрузить действующий резерв", self.page("import"))]

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Take in the reserve that existed before the portal: checked and shown first, then all or nothing."""
        if not can_manage_reserve(request.user):
            raise PermissionDenied
        edition = edition_in_force()
        form = TableForm(
            request.POST if request.method == "POST" and "rows" not in request.POST else None,
            request.FILES or None,
        )
        step = take_table(
            request,
            form,
            salt=reserve_import.SALT,
            read=lambda data: reserve_import.read_reserve(data["file"].read()),
            plan=lambda rows: reserve_import.plan_reserve(rows, edition),
            store=lambda rows: reserve_import.import_reserve(rows, edition=edition, actor=request.user),
        )
        plan, above = step.plan, self.page("changelist")
        if step.stored:
            messages.success(request, f"Внесены в резерв: {len(plan.new)}. Письма отправлены.")
            return redirect(above)
        groups = "; ".join(
            f"{n} — {group.name}" for n, group in enumerate(edition.target_groups.all(), start=1)
        )
        context = {
            **admin.site.each_context(request),
            "title": "Действующий резерв из таблицы",
            "above": [(above, "Резервисты")],
            "intro": [
                "Для тех, кого включили в резерв до портала. В истории каждого останется, что он внесён из прежнего "
                "списка, и каким решением включён.",
                f"Столбцы: {', '.join(reserve_import.COLUMNS)}. Обязательны фамилия, имя, адрес, номер и дата решения"
                f"{', зона (зелёная или жёлтая)' if edition.value('zones') else ''}. Целевые группы: {groups}.",
                "Новые люди получат письмо со ссылкой, по которой зададут пароль; у кого учётная запись есть, "
                f"сохранят её. В одной таблице до {reserve_import.AT_MOST} строк; та же таблица ничего не удвоит.",
            ],
            "step": step,
            "form": form,
            "summary": f"Будут внесены: {len(plan.new)}. Уже состоят с теми же данными: {plan.same}."
            if plan
            else "",
            "sections": [("Будут внесены", [item.words for item in plan.new])] if plan else [],
            "store_label": "Внести в резерв",
            "known_words": "Все эти люди уже состоят в резерве.",
            "again": self.page("import"),
            "back": above,
            "sample": self.page("sample"),
        }
        return render(request, "admin/table_import.html", context)

    def sample(self, request: HttpRequest) -> HttpResponseBase:
        """A table with the headings that the import reads and one invented row that cannot come in."""
        if not can_manage_reserve(request.user):
            raise PermissionDenied
        row = [
            "Образцова", "Мария", "Петровна", "удалите эту строку", "+7 900 000-00-00", "14.05.1981",
            "", "Школа № 1", "заместитель директора", "1", "зелёная", "86,5", "100", "3", "4",
            "приказ", "12", "05.03.2025",
        ]  # fmt: skip
        return generated_file(
            write_xlsx("Резерв", list(reserve_import.COLUMNS), [row]), "Резерв.xlsx", SHEET_TYPE
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
