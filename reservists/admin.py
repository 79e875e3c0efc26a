"""The reserve in the operator's admin: people, events, the yearly plan, the registry; services do the deeds."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.search import search_key
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.regulations.enums import Decision

from .admin_pages import CaseAdmin, Tool, address_of, deed_page
from .enums import EventState
from .forms import AttendanceForm, CancelEventForm, EventForm, ExclusionForm, InclusionForm, PlanYearForm
from .models import Event, EventsPlan, RegistryEdition, Reservist
from .papers import issue_not_included
from .perms import can_manage_reserve
from .rules import points_words
from .services import events as event_services
from .services.exclusion import make_exclusion_list
from .services.membership import make_inclusion_list
from .services.registry import issue_public_form, issue_registry, publish_registry
from .workflow import EVENT, REGISTRY, RESERVIST


@admin.register(Reservist)
class ReservistAdmin(CaseAdmin):
    list_display = ["person", "municipality", "state", "zone", "shown_points", "included_on", "target_group"]
    list_filter = ["state", "zone", "target_group", "municipality"]
    list_select_related = ["user", "municipality", "target_group"]
    search_fields = ["user__search_key"]
    search_help_text = "Фамилия, имя, отчество или адрес электронной почты"
    show_full_result_count = False
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
        own = path(
            "<int:pk>/exclude/",
            self.admin_site.admin_view(self.exclude_view),
            name="reservists_reservist_exclude",
        )
        return [own, *super().get_urls()]

    def tools(self, obj: Any) -> list[Tool]:
        found = [("Карточка на портале", reverse("reservists:person", args=[obj.pk]))]
        if RESERVIST.is_open(obj, "exclude"):
            found.append(("Предложить исключить", self.page("exclude", obj.pk)))
        return found

    def exclude_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the list that proposes to exclude this person (O6.1)."""
        reservist = get_object_or_404(
            Reservist.objects.select_related("user", "edition", "target_group", "track"), pk=pk
        )
        return deed_page(
            request,
            title=f"Предложить исключить: {reservist.user.full_name}",
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
        people = [item.reservist for item in form.cleaned_data["people"]]
        try:
            if "absent" in request.POST:
                count = event_services.mark_absent(event, reservists=people, actor=request.user)
                messages.success(request, f"Отмечена неявка: {count}.")
            else:
                everybody = [*people, *form.cleaned_data["others"]]
                count = event_services.confirm_participation(event, reservists=everybody, actor=request.user)
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


@admin.register(RegistryEdition)
class RegistryEditionAdmin(CaseAdmin):
    list_display = ["number", "approved_on", "basis", "state", "files"]
    list_filter = ["state"]
    list_select_related = ["paper"]
    fields = [
        "number",
        "edition",
        "decision_list",
        "approved_on",
        "basis",
        "state",
        "published_at",
        "people",
        "files",
    ]
    readonly_fields = ["people", "files"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegistryEdition]:
        return super().get_queryset(request).defer("rows", "public_rows")

    @admin.display(description="Человек в реестре")
    def people(self, registry: RegistryEdition) -> int:
        return len(registry.rows)

    @admin.display(description="Файлы")
    def files(self, registry: RegistryEdition) -> str:
        if registry.paper_id and registry.table:
            return format_html(
                '<a href="{}">PDF</a> · <a href="{}">XLSX</a>',
                reverse("papers:download", args=[registry.paper_id]),
                reverse("reservists:registry_table", args=[registry.pk]),
            )
        if registry.job_id:
            return format_html(
                '<a href="{}">готовятся</a>', reverse("reservists:registry_progress", args=[registry.pk])
            )
        return "не выпущены"

    def get_urls(self) -> list[Any]:
        deeds: dict[str, tuple[Any, str]] = {
            "inclusion/": (self.inclusion, "inclusion"),
            "<int:pk>/issue/": (self.issue, "issue"),
            "<int:pk>/publish/": (self.publish, "publish"),
            "<int:pk>/public-form/": (self.public_form, "public_form"),
            "<int:pk>/not-included/": (self.not_included, "not_included"),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"reservists_registryedition_{name}")
            for route, (view, name) in deeds.items()
        ]
        return [*own, *super().get_urls()]

    def list_tools(self) -> list[Tool]:
        return [("Составить список для включения", self.page("inclusion"))]

    def tools(self, obj: Any) -> list[Tool]:
        found = [("Строки реестра", reverse("reservists:registry", args=[obj.pk]))]
        if not obj.paper_id or not obj.table:
            found.append(("Выпустить PDF и XLSX", self.page("issue", obj.pk)))
        if obj.edition.value("public_list"):
            if REGISTRY.is_open(obj, "publish"):
                found.append(("Опубликовать список", self.page("publish", obj.pk)))
            else:
                found.append(("Список на сайте", reverse("reservists:public_list")))
                found.append(("Публичная форма в PDF", self.page("public_form", obj.pk)))
        if obj.decision_list and obj.decision_list.decision == Decision.INCLUSION:
            found.append(("Список не включённых", self.page("not_included", obj.pk)))
        return found

    def inclusion(self, request: HttpRequest) -> HttpResponse:
        """Make the list for inclusion of an ended procedure (T4)."""
        return deed_page(
            request,
            title="Составить список для включения",
            effects=[
                "В список войдут все оценённые; предложение портала — по точным баллам и порогу.",
                "Список останется черновиком, пока вы не передадите его органу.",
            ],
            form=InclusionForm(request.POST or None),
            deed=lambda form: address_of(
                make_inclusion_list(form.cleaned_data["procedure"], actor=request.user)
            ),
            back=self.page("changelist"),
            submit_label="Составить список",
            done="Список составлен. Проверьте его и передайте органу.",
        )

    def issue(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Order the PDF and the XLSX."""
        registry = get_object_or_404(RegistryEdition, pk=pk)

        def deed(form: Any) -> str:
            issue_registry(registry, actor=request.user)
            return reverse("reservists:registry_progress", args=[pk])

        effects = [
            "Файлы готовятся отдельно, ход виден на следующей странице.",
            "Выпущенный документ не меняется.",
        ]
        title = f"Выпустить файлы: {registry}"
        return deed_page(request, title=title, effects=effects, deed=deed, back=address_of(registry))

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish the list on the site (T4)."""
        registry = get_object_or_404(RegistryEdition, pk=pk)

        def deed(form: Any) -> str:
            publish_registry(registry, actor=request.user)
            return address_of(registry)

        return deed_page(
            request,
            title=f"Опубликовать список: {registry}",
            effects=[
                "Список появится на публичном сайте вместо прежнего.",
                "Имена — только с согласия на публикацию, в остальных строках регистрационный номер.",
            ],
            deed=deed,
            back=address_of(registry),
            submit_label="Опубликовать",
            done="Список опубликован.",
        )

    def public_form(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Order the public form as PDF."""
        registry = get_object_or_404(RegistryEdition, pk=pk)

        def deed(form: Any) -> str:
            issue_public_form(registry, actor=request.user)
            return reverse("admin:papers_issuedpaper_changelist")

        effects = ["Имена — по согласиям, действующим сейчас.", "Документ появится в списке выданных."]
        title = f"Публичная форма: {registry}"
        return deed_page(
            request,
            title=title,
            effects=effects,
            deed=deed,
            back=address_of(registry),
            done="Документ готовится.",
        )

    def not_included(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Issue the list of those who did not get in (T4)."""
        registry = get_object_or_404(RegistryEdition.objects.select_related("decision_list__edition"), pk=pk)

        def deed(form: Any) -> str:
            decision_list = registry.decision_list
            return address_of(issue_not_included(decision_list, actor=request.user)) if decision_list else "."

        effects = ["Будет выдан документ с номером: имена, баллы, причины."]
        title = "Выпустить список не включённых"
        return deed_page(
            request,
            title=title,
            effects=effects,
            deed=deed,
            back=address_of(registry),
            done="Документ выдан.",
        )
