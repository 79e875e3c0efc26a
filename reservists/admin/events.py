"""Events and their yearly plan in the operator's admin."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse

from candidates.models import RegistrationEntry
from reserve_portal.core import clock
from reserve_portal.core.downloads import generated_file
from reserve_portal.core.gates import GateShut
from reserve_portal.core.table_imports import take_table
from reserve_portal.core.tables import SHEET_TYPE, write_xlsx
from reserve_portal.core.words import plural
from reserve_portal.core.workflow import TransitionRefused

from ..enums import EventState
from ..event_forms import AttendanceListForm
from ..event_papers import issue_event_sheet
from ..forms import AttendanceForm, CancelEventForm, EventForm, PlanYearForm
from ..models import Event, EventsPlan
from ..models.events import person_of
from ..perms import can_manage_reserve
from ..services import attendance as lists
from ..services import events as event_services
from ..workflow import EVENT
from .pages import CaseAdmin, Tool, address_of, deed_page


@admin.register(Event)
class EventAdmin(CaseAdmin):
    list_display = ["name", "starts_at", "kind", "place", "places", "state"]
    list_filter = ["state", "kind"]
    search_fields = ["name"]
    fields = ["name", "description", "kind", "starts_at", "ends_at", "place", "places", "state"]

    def get_urls(self) -> list[Any]:
        deeds: dict[str, tuple[Any, str]] = {
            "new/": (self.create, "new"),
            "<int:pk>/edit/": (self.edit, "edit"),
            "<int:pk>/attendance/": (self.attendance, "attendance"),
            "<int:pk>/attendance/list/": (self.attendance_list, "attendance_list"),
            "<int:pk>/attendance/table/": (self.attendance_table, "attendance_table"),
            "<int:pk>/sheet/": (self.sheet, "sheet"),
            "<int:pk>/held/": (self.held, "held"),
            "<int:pk>/cancel/": (self.cancel, "cancel"),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"reservists_event_{name}")
            for route, (view, name) in deeds.items()
        ]
        return [*own, *super().get_urls()]

    def list_tools(self) -> list[Tool]:
        return [("Добавить мероприятие", self.page("new"))]

    def tools(self, obj: Any) -> list[Tool]:
        found = []
        begun = obj.starts_at <= clock.now()
        if EVENT.is_open(obj, "cancel"):
            found.append(("Изменить", self.page("edit", obj.pk)))
        if begun and obj.state != EventState.CANCELLED:
            found.append(("Отметить участие", self.page("attendance", obj.pk)))
            found.append(("Отметить по списку", self.page("attendance_list", obj.pk)))
        if begun and EVENT.is_open(obj, "hold"):
            found.append(("Отметить проведённым", self.page("held", obj.pk)))
        if obj.state != EventState.CANCELLED:
            found.append(("Лист регистрации", self.page("sheet", obj.pk)))
        if obj.is_over:
            found.append(("Отзывы", reverse("reservists:event", args=[obj.pk])))
        if EVENT.is_open(obj, "cancel"):
            found.append(("Отменить мероприятие", self.page("cancel", obj.pk)))
        return found

    def create(self, request: HttpRequest) -> HttpResponse:
        """Enter a new event."""
        return deed_page(
            request,
            title="Новое мероприятие",
            effects=["Резервисты увидят его в списке и смогут записаться."],
            form=EventForm(request.POST or None),
            deed=lambda form: address_of(
                event_services.create_event(actor=request.user, **form.cleaned_data)
            ),
            back=self.page("changelist"),
            submit_label="Добавить",
            done="Мероприятие добавлено.",
        )

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change an event that lies ahead."""
        event = get_object_or_404(Event, pk=pk)

        def deed(form: Any) -> str:
            event_services.change_event(event, actor=request.user, **form.cleaned_data)
            return address_of(event)

        return deed_page(
            request,
            title=f"Изменить: {event.name}",
            effects=["Если изменятся время или место, записанные получат письмо."],
            form=EventForm(request.POST or None, instance=Event.objects.get(pk=pk)),
            deed=deed,
            back=address_of(event),
            submit_label="Сохранить",
            done="Мероприятие изменено.",
        )

    def held(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note that the event took place."""
        event = get_object_or_404(Event, pk=pk)

        def deed(form: Any) -> str:
            event_services.mark_held(event, actor=request.user)
            return address_of(event)

        effects = ["Запись закроется, участие можно отмечать и дальше."]
        title = f"Отметить проведённым: {event.name}"
        return deed_page(
            request, title=title, effects=effects, deed=deed, back=address_of(event), done="Отмечено."
        )

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cancel the event with a reason."""
        event = get_object_or_404(Event, pk=pk)

        def deed(form: Any) -> str:
            event_services.cancel_event(event, actor=request.user, **form.cleaned_data)
            return address_of(event)

        return deed_page(
            request,
            title=f"Отменить: {event.name}",
            effects=[f"Записанные получат письмо об отмене: {event_services.taken_places(event)}."],
            form=CancelEventForm(request.POST or None),
            deed=deed,
            back=address_of(event),
            submit_label="Отменить мероприятие",
            danger=True,
            done="Мероприятие отменено.",
        )

    def attendance(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mark in bulk who took part and who did not (T7)."""
        if not can_manage_reserve(request.user):
            raise PermissionDenied
        event = get_object_or_404(Event, pk=pk)
        form = AttendanceForm(request.POST or None, event=event)
        if request.method == "POST" and form.is_valid() and self._mark(request, event, form):
            return redirect(self.page("attendance", pk))
        chosen = set(request.POST.getlist("people"))
        context = {
            **admin.site.each_context(request),
            "title": f"Участие: {event.name}",
            "subtitle": None,
            "event": event,
            "form": form,
            "rows": [{"item": item, "checked": str(item.pk) in chosen} for item in form.seats],
            "back": address_of(event),
            "list_page": self.page("attendance_list", pk),
        }
        return render(request, "admin/reservists/attendance.html", context)

    def attendance_list(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirm participation by a pasted list or a table: checked and shown first, then all or nothing (T7)."""
        if not can_manage_reserve(request.user):
            raise PermissionDenied
        event = get_object_or_404(Event, pk=pk)
        form = AttendanceListForm(request.POST if _first_step(request) else None, request.FILES or None)
        step = take_table(
            request,
            form,
            salt=f"{lists.SALT}:{pk}",
            read=_read_list,
            plan=lambda rows: lists.plan_attendance(event, rows),
            store=lambda rows: lists.confirm_list(event, rows, actor=request.user),
        )
        plan = step.plan
        if step.stored:
            messages.success(request, f"Участие подтверждено: {len(plan.people)}.")
            return redirect(self.page("attendance", pk))
        names = [person_of(item).full_name for item in plan.people] if plan else []
        context = {
            **admin.site.each_context(request),
            "title": "Участие по списку",
            "above": [(self.page("changelist"), "Мероприятия"), (address_of(event), event.name)],
            "intro": [
                "Людей портал узнаёт по адресу почты или регистрационному номеру; одного имени мало.",
                "Сначала вы увидите, кого портал узнал. Если хоть одна строка с ошибкой, не запишется ничего.",
            ],
            "step": step,
            "form": form,
            "summary": _attendance_summary(plan) if plan else "",
            "sections": [("Участие будет подтверждено", names)],
            "store_label": "Подтвердить участие",
            "known_words": "Участие всех из этого списка уже подтверждено.",
            "again": self.page("attendance_list", pk),
            "back": self.page("attendance", pk),
            "sample": self.page("attendance_table", pk),
            "sample_label": "Скачать таблицу записанных: удалите из неё тех, кто не пришёл, и загрузите",
        }
        return render(request, "admin/table_import.html", context)

    def attendance_table(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Those registered as the table that the import reads."""
        if not can_manage_reserve(request.user):
            raise PermissionDenied
        event = get_object_or_404(Event, pk=pk)
        people = [item.person for item in event_services.registered_places(event)]
        entries = RegistrationEntry.objects.filter(application__user__in=people).order_by("pk")
        numbers = dict(entries.values_list("application__user", "text"))
        rows = [[person.full_name, person.email, numbers.get(person.pk, "")] for person in people]
        return generated_file(
            write_xlsx("Участники", list(lists.SAMPLE_HEADINGS), rows), "Участники.xlsx", SHEET_TYPE
        )

    def sheet(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Issue the sheet that participants sign."""
        event = get_object_or_404(Event, pk=pk)
        count = event_services.taken_places(event)
        return deed_page(
            request,
            title=f"Лист регистрации: {event.name}",
            effects=[
                f"Будет выдан лист для подписей (PDF): записаны {count}, внизу останутся пустые строки.",
                "Список меняется, поэтому печатайте лист перед самым началом.",
            ],
            deed=lambda form: reverse(
                "papers:download", args=[issue_event_sheet(event, actor=request.user).pk]
            ),
            back=address_of(event),
            submit_label="Выдать лист",
        )

    def _mark(self, request: HttpRequest, event: Event, form: AttendanceForm) -> bool:
        people = [item.participant for item in form.cleaned_data["people"]]
        try:
            if "absent" in request.POST:
                count = event_services.mark_absent(event, participants=people, actor=request.user)
                messages.success(request, f"Отмечена неявка: {count}.")
            else:
                count = event_services.confirm_participation(event, participants=people, actor=request.user)
                messages.success(request, f"Участие подтверждено: {count}.")
        except (GateShut, TransitionRefused) as error:
            form.add_error(None, str(error))
            return False
        return True


def _first_step(request: HttpRequest) -> bool:
    """Whether a list comes in now; at the second step its rows come back, packed."""
    return request.method == "POST" and "rows" not in request.POST


def _read_list(data: dict[str, Any]) -> list[dict[str, Any]]:
    return lists.read_attendance(data["file"].read()) if data["file"] else lists.lines_of(data["text"])


def _attendance_summary(plan: lists.AttendancePlan) -> str:
    count = len(plan.people)
    words = [f"Узнаны: {count} {plural(count, 'человек', 'человека', 'человек')}"]
    if plan.already:
        words.append(f"уже подтверждены раньше: {plan.already}")
    if plan.repeated:
        words.append(f"повторов в списке: {plan.repeated}")
    return "; ".join(words) + "."


@admin.register(EventsPlan)
class EventsPlanAdmin(CaseAdmin):
    list_display = ["year", "published_on"]
    fields = ["year", "published_on"]

    def get_urls(self) -> list[Any]:
        own = path("publish/", self.admin_site.admin_view(self.publish), name="reservists_eventsplan_publish")
        return [own, *super().get_urls()]

    def list_tools(self) -> list[Tool]:
        return [("Опубликовать план на год", self.page("publish"))]

    def tools(self, obj: Any) -> list[Tool]:
        return [("Страница плана", reverse("reservists:plan", args=[obj.year]))] if obj.published_on else []

    def publish(self, request: HttpRequest) -> HttpResponse:
        """Publish the plan of a year (T6)."""

        def deed(form: Any) -> str:
            return address_of(
                event_services.publish_events_plan(form.cleaned_data["year"], actor=request.user)
            )

        return deed_page(
            request,
            title="Опубликовать план мероприятий",
            effects=["План появится на публичном сайте.", "Каждый резервист получит письмо."],
            form=PlanYearForm(request.POST or None, initial={"year": clock.today().year}),
            deed=deed,
            back=self.page("changelist"),
            submit_label="Опубликовать",
            done="План опубликован.",
        )
