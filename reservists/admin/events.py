"""Events and their yearly plan in the operator's admin."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse

from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused

from ..enums import EventState
from ..forms import AttendanceForm, CancelEventForm, EventForm, PlanYearForm
from ..models import Event, EventsPlan
from ..perms import can_manage_reserve
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
        if begun and EVENT.is_open(obj, "hold"):
            found.append(("Отметить проведённым", self.page("held", obj.pk)))
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
        }
        return render(request, "admin/reservists/attendance.html", context)

    def _mark(self, request: HttpRequest, event: Event, form: AttendanceForm) -> bool:
        people = [item.participant for item in form.cleaned_data["people"]]
        try:
            if "absent" in request.POST:
                count = event_services.mark_absent(event, participants=people, actor=request.user)
                messages.success(request, f"Отмечена неявка: {count}.")
            else:
                everybody = [*people, *form.cleaned_data["others"]]
                count = event_services.confirm_participation(
                    event, participants=everybody, actor=request.user
                )
                messages.success(request, f"Участие подтверждено: {count}.")
        except (GateShut, TransitionRefused) as error:
            form.add_error(None, str(error))
            return False
        return True


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
