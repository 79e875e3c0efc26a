"""The operator's side: bodies and their people, lists on their way, planning of meetings."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from reserve_portal.accounts.enums import INVITED_ROLES, Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.services import grant_role
from reserve_portal.audit.services import record_event
from reserve_portal.core.admin_base import PortalModelAdmin, PortalTabularInline
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.regulations.models import Edition

from . import perms
from .forms import AgendaForm, PlanMeetingForm, ReasonForm
from .meetings import add_to_agenda, plan_meeting
from .models import AgendaItem, Body, BodyMember, DecisionLine, DecisionList, Meeting, MeetingMember, Order
from .motions import motion_of, motions
from .services import send_blockers, send_list, take_back_blockers, take_back_list

EDITORS = (Role.ADMINISTRATOR, Role.OPERATOR)


class BodyMemberInline(PortalTabularInline):
    model = BodyMember
    fk_name = "body"
    editors = EDITORS

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Whoever was invited to the portal may sit on a body; a substitute stands in for a member of this one."""
        body = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
        if db_field.name == "user":
            invited = Q(groups__name__in=INVITED_ROLES, is_active=True)
            users = User.objects.filter(invited | Q(body_memberships__body=body)).distinct()
            kwargs["queryset"] = users.order_by("last_name", "first_name", "patronymic", "pk")
        if db_field.name == "stands_in_for":
            members = BodyMember.objects.filter(body=body, stands_in_for=None).select_related("user")
            kwargs["queryset"] = members.order_by("user__last_name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """People and terms are not made or opened from within the row."""
        formset = super().get_formset(request, obj, **kwargs)
        for name in ("user", "stands_in_for"):
            if name in formset.form.base_fields:
                widget = formset.form.base_fields[name].widget
                widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        return formset

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A term ends by its last day; who sat on a body is history."""
        return False


@admin.register(Body)
class BodyAdmin(PortalModelAdmin):
    editors = EDITORS
    list_display = ["name", "code", "index"]
    inlines = [BodyMemberInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Whoever sits on a body holds the role of a commission member."""
        super().save_related(request, form, formsets, change)
        for member in form.instance.members.select_related("user"):
            grant_role(member.user, Role.COMMISSION, actor=request.user)
        record_event("commissions.edit_body", form.instance, actor=request.user)


class DecisionLineInline(PortalTabularInline):
    model = DecisionLine
    readers = (Role.OPERATOR, Role.AUDITOR)
    fields = ["order", "label", "proposal", "proposal_reason", "outcome", "outcome_reason"]
    can_delete = False


class OrderInline(PortalTabularInline):
    model = Order
    readers = (Role.OPERATOR, Role.AUDITOR)
    fields = ["number", "dated", "open_file", "recorded_by", "recorded_at"]
    readonly_fields = ["open_file"]
    can_delete = False

    @admin.display(description="Файл")
    def open_file(self, order: Order) -> str:
        if not order.file:
            return "—"
        return format_html('<a href="{}">Скачать</a>', reverse("commissions:order-file", args=[order.pk]))


@admin.register(DecisionList)
class DecisionListAdmin(PortalModelAdmin):
    readers = (Role.OPERATOR, Role.AUDITOR)
    list_display = ["title", "decision", "state", "created_at", "decided_on"]
    list_filter = ["state", "decision"]
    search_fields = ["title"]
    fields = [
        "title",
        "decision",
        "edition",
        "corrects",
        "state",
        "stands_at",
        "created_by",
        "created_at",
        "decided_on",
    ]
    readonly_fields = ["stands_at"]
    inlines = [DecisionLineInline, OrderInline]

    @admin.display(description="Где список")
    def stands_at(self, row: DecisionList) -> str:
        link = row.link
        if link is None:
            return "ещё не передан"
        body = Body.objects.filter(code=link.body).first()
        return f"{body or link.body} — {link.get_form_display()}"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/send/", view(self.send_view), name="commissions_decisionlist_send"),
            path("<int:pk>/take-back/", view(self.take_back_view), name="commissions_decisionlist_take_back"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        row: Any = kwargs.get("obj")
        context["can_send"] = row is not None and perms.can_send_list(request.user, row)
        context["can_take_back"] = row is not None and perms.can_take_back_list(request.user, row)
        context["notes"] = []
        if row is not None and row.decision in motions:
            context["notes"] = motion_of(row).notes(row)
        context["gate"] = send_blockers(row) if context["can_send"] else []
        return super().render_change_form(request, context, *args, **kwargs)

    def send_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirm and send a list to the first body of its chain."""
        row = get_object_or_404(DecisionList, pk=pk)
        if not perms.can_send_list(request.user, row):
            raise PermissionDenied
        back = _change_url(row)
        if request.method == "POST":
            _do(request, send_list, row, actor=request.user, said="Список передан органу.")
            return redirect(back)
        for blocker in send_blockers(row):
            messages.error(request, blocker.text)
        return _confirm(
            request,
            title=f"Передать органу: {row.title}",
            effects=["Состав списка закрепится.", "Список можно будет включить в повестку заседания."],
            items=[line.label for line in row.lines.all()],
            form=None,
            submit_label="Передать органу",
            cancel_url=back,
        )

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirm, with a reason, that a list goes back to be reworked."""
        row = get_object_or_404(DecisionList, pk=pk)
        if not perms.can_take_back_list(request.user, row):
            raise PermissionDenied
        back = _change_url(row)
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            _do(
                request,
                take_back_list,
                row,
                actor=request.user,
                reason=reason,
                said="Список возвращён на доработку.",
            )
            return redirect(back)
        for blocker in take_back_blockers(row):
            messages.error(request, blocker.text)
        return _confirm(
            request,
            title=f"Вернуть на доработку: {row.title}",
            effects=["Список перестанет ждать органа, пока его не передадут снова."],
            items=[],
            form=form,
            submit_label="Вернуть",
            cancel_url=back,
        )


class MeetingMemberInline(PortalTabularInline):
    model = MeetingMember
    readers = (Role.OPERATOR, Role.AUDITOR)
    fields = ["name", "position", "stands_in_for", "votes", "present", "entitled", "arrived_at", "left_at"]
    can_delete = False


class AgendaItemInline(PortalTabularInline):
    model = AgendaItem
    readers = (Role.OPERATOR, Role.AUDITOR)
    fields = ["order", "title", "list", "speaker", "state"]
    can_delete = False


@admin.register(Meeting)
class MeetingAdmin(PortalModelAdmin):
    readers = (Role.OPERATOR, Role.AUDITOR)
    list_display = ["starts_at", "body", "form", "state", "number"]
    list_filter = ["state", "body"]
    list_select_related = ["body"]
    fields = [
        "body",
        "edition",
        "form",
        "starts_at",
        "ends_at",
        "place",
        "state",
        "number",
        "presiding",
        "secretary",
        "opened_at",
        "closed_at",
    ]
    inlines = [AgendaItemInline, MeetingMemberInline]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("plan/", view(self.plan_view), name="commissions_meeting_plan"),
            path("<int:pk>/agenda/", view(self.agenda_view), name="commissions_meeting_agenda"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(request, {"can_plan": perms.can_plan_meeting(request.user)})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        row = kwargs.get("obj")
        context["can_prepare"] = row is not None and perms.can_prepare_agenda(request.user, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def plan_view(self, request: HttpRequest) -> HttpResponse:
        """Call a meeting; its agenda comes next."""
        if not perms.can_plan_meeting(request.user):
            raise PermissionDenied
        edition = Edition.objects.filter(in_force=True).first()
        form = PlanMeetingForm(
            request.POST or None, initial={"edition": edition, "body": request.GET.get("body")}
        )
        form.cancel_url = reverse("admin:commissions_meeting_changelist")
        if request.method == "POST" and form.is_valid():
            try:
                meeting = plan_meeting(actor=request.user, **form.cleaned_data)
            except GateShut as shut:
                _put_on_form(form, shut)
            else:
                messages.success(request, "Заседание назначено, приглашения отправлены.")
                return redirect("admin:commissions_meeting_agenda", meeting.pk)
        return _page(
            request, "admin/commissions/meeting/plan.html", {"title": "Назначить заседание", "form": form}
        )

    def agenda_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put waiting lists on the agenda."""
        meeting = get_object_or_404(Meeting.objects.select_related("body"), pk=pk)
        if not perms.can_prepare_agenda(request.user, meeting):
            raise PermissionDenied
        form = AgendaForm(request.POST or None, meeting=meeting, initial={"speaker": str(request.user)})
        form.cancel_url = reverse("admin:commissions_meeting_change", args=[pk])
        form.cancel_label = "К заседанию"
        if request.method == "POST" and form.is_valid():
            for row in form.cleaned_data["lists"]:
                said = f"В повестке: {row.title}."
                given = {"speaker": form.cleaned_data["speaker"], "actor": request.user}
                _do(request, add_to_agenda, meeting, row, said=said, **given)
            return redirect("admin:commissions_meeting_agenda", pk)
        context = {
            "title": f"Повестка: {meeting}",
            "meeting": meeting,
            "form": form,
            "items": meeting.items.standing().select_related("list"),
            "waiting": DecisionList.objects.waiting_for_meeting(meeting.body).exists(),
        }
        return _page(request, "admin/commissions/meeting/agenda.html", context)


def _change_url(row: DecisionList) -> str:
    return reverse("admin:commissions_decisionlist_change", args=[row.pk])


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), **context})


def _confirm(request: HttpRequest, **context: Any) -> HttpResponse:
    given = {"danger": False, "hidden": {}, "count": len(context["items"]), **context}
    return _page(request, "admin/confirm.html", given)


def _do(request: HttpRequest, service: Any, *args: Any, said: str, **kwargs: Any) -> None:
    try:
        service(*args, **kwargs)
    except GateShut as shut:
        for blocker in shut.blockers:
            messages.error(request, blocker.text)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)


def _put_on_form(form: Any, shut: GateShut) -> None:
    for blocker in shut.blockers:
        form.add_error(blocker.field if blocker.field in form.fields else None, blocker.text)
