"""Campaigns in the admin: one page per campaign with its window, its counters and its deeds."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from commissions.enums import ListState
from commissions.models import DecisionList
from commissions.services import send_blockers, send_list
from reserve_portal.core import clock
from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.downloads import generated_file
from reserve_portal.core.gates import GateShut
from reserve_portal.core.search import capped_count, shown_count
from reserve_portal.core.tables import SHEET_TYPE
from reserve_portal.core.timeline import timeline_of
from reserve_portal.papers.models import IssuedPaper

from ..enums import ApplicationState
from ..intake_forms import CampaignForm, ConfirmForm, ListForm, QuotaForm, RegisterAllForm, WindowForm
from ..models import Campaign
from ..perms import can_make_lists, can_manage_campaigns, can_read_journal, can_register_applications
from ..services import campaigns, intake
from ..services.admission import admission_lists, count_ready, tracks_for_list
from ..services.printing import export_register, print_admission_list, print_register
from ..summary import summary_of
from ..workflow import CAMPAIGN
from .deeds import confirm_deed, demand, posted, tell_gate
from .dossier import confirm_dossier
from .late import late_page, late_windows

# Transitions of the workflow that the operator does here, and how its pages are called.
DEEDS = {"open": "open", "close": "close", "finish": "finish"}
READERS = ("operator", "auditor")


@admin.register(Campaign)
class CampaignAdmin(PortalModelAdmin):
    readers = READERS
    list_display = ["name", "state", "opens", "closes", "edition"]
    list_filter = ["state"]
    list_select_related = ["edition"]
    search_fields = ["name"]

    @admin.display(description="Начало приёма", ordering="opens_at")
    def opens(self, row: Campaign) -> str:
        return f"{clock.local(row.opens_at):%d.%m.%Y %H:%M}"

    @admin.display(description="Конец приёма", ordering="closes_at")
    def closes(self, row: Campaign) -> str:
        return f"{clock.local(row.closes_at):%d.%m.%Y %H:%M}"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_manage_campaigns(request.user)

    def get_urls(self) -> list[Any]:
        pages = {
            "open": self.open_page,
            "window": self.window_page,
            "quota": self.quota_page,
            "close": self.close_page,
            "finish": self.finish_page,
            "late": self.late_page,
            "dossier": self.dossier_page,
            "register_all": self.register_all_page,
            "admission": self.admission_page,
            "send_list": self.send_list_page,
            "print_register": self.print_register_page,
            "print_list": self.print_list_page,
            "export_register": self.export_register_page,
        }
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"candidates_campaign_{name}")
            for name, view in pages.items()
        ]
        return [*own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        demand(can_manage_campaigns(request.user))
        form = CampaignForm(posted(request))
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                campaign = campaigns.create_campaign(
                    edition=data["edition"],
                    name=data["name"],
                    quota=data["quota"],
                    quota_basis=data["quota_basis"],
                    actor=request.user,
                    **form.window(),
                )
            except GateShut as shut:
                tell_gate(form, shut)
            else:
                messages.success(request, "Набор создан. Проверьте окно и откройте приём.")
                return redirect(_address(campaign))
        context = {
            **self.admin_site.each_context(request),
            "title": "Новый набор",
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/candidates/form.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The campaign's page: what it is, how many stand where, what can be done."""
        demand(self.has_view_permission(request))
        campaign = self._load(object_id)
        counts = {
            state: capped_count(campaign.applications.filter(state=state))
            for state in ApplicationState.values
        }
        may_manage = can_manage_campaigns(request.user)
        listing = reverse("admin:candidates_application_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": campaign.name,
            "opts": self.opts,
            "campaign": campaign,
            "states": [
                (
                    label,
                    shown_count(counts[state]),
                    f"{listing}?campaign__id__exact={campaign.pk}&state__exact={state}",
                )
                for state, label in ApplicationState.choices
                if state != ApplicationState.DRAFT
            ],
            "drafts": shown_count(counts[ApplicationState.DRAFT]),
            "late": late_windows(campaign) if may_manage else [],
            "waiting": shown_count(counts[ApplicationState.SUBMITTED])
            if may_manage and counts[ApplicationState.SUBMITTED]
            else "",
            "deeds": self._deeds(campaign) if may_manage else [],
            "may_manage": may_manage,
            "ready": shown_count(count_ready(campaign)) if may_manage else "",
            "lists": list(admission_lists(campaign)),
            "papers": list(IssuedPaper.objects.about(campaign).order_by("-pk")[:10]),
            "timeline": timeline_of([campaign]),
        }
        return TemplateResponse(request, "admin/candidates/campaign.html", context)

    def open_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = self._managed(request, pk)

        def deed(data: dict[str, Any]) -> str:
            campaigns.open_campaign(campaign, actor=request.user)
            return "Приём открыт."

        return confirm_deed(
            request,
            title=f"Открыть приём: {campaign.name}",
            effects=[
                f"Заявления принимают с {_moment(campaign.opens_at)} до {_moment(campaign.closes_at)}.",
                "Набор появится на сайте.",
                f"Порядок «{campaign.edition}» закрепится: изменить его правила будет нельзя, только создать новый.",
            ],
            form=ConfirmForm(posted(request)),
            deed=deed,
            back=_address(campaign),
            submit_label="Открыть приём",
        )

    def window_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = self._managed(request, pk)
        form = WindowForm(posted(request), campaign=campaign)

        def deed(data: dict[str, Any]) -> str:
            campaigns.change_window(campaign, actor=request.user, **form.window())
            return "Окно приёма изменено."

        return confirm_deed(
            request,
            title=f"Изменить окно приёма: {campaign.name}",
            effects=[
                "Новое время конца приёма увидят все; тем, чьи заявления — черновики, уйдёт письмо.",
                "Если приём уже закончен, он возобновится.",
            ],
            form=form,
            deed=deed,
            back=_address(campaign),
            submit_label="Изменить окно",
        )

    def quota_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How many are to be included this time (O3.1)."""
        campaign = self._managed(request, pk)

        def deed(data: dict[str, Any]) -> str:
            campaigns.set_quota(campaign, actor=request.user, **data)
            return "Квота записана."

        return confirm_deed(
            request,
            title=f"Квота включения: {campaign.name}",
            effects=["Если предложено больше людей, чем квота, портал предупредит, но не остановит."],
            form=QuotaForm(posted(request), campaign=campaign),
            deed=deed,
            back=_address(campaign),
            submit_label="Записать квоту",
        )

    def close_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = self._managed(request, pk)

        def deed(data: dict[str, Any]) -> str:
            campaigns.close_campaign(campaign, actor=request.user)
            return "Приём закончен."

        return confirm_deed(
            request,
            title=f"Закончить приём: {campaign.name}",
            effects=["Новые заявления не принимаются. После конца окна портал делает это сам."],
            form=ConfirmForm(posted(request)),
            deed=deed,
            back=_address(campaign),
            submit_label="Закончить приём",
        )

    def finish_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = self._managed(request, pk)

        def deed(data: dict[str, Any]) -> str:
            campaigns.finish_campaign(campaign, actor=request.user)
            return "Набор завершён."

        return confirm_deed(
            request,
            title=f"Завершить набор: {campaign.name}",
            effects=["Набор уйдёт в архив; окно больше не изменить."],
            form=ConfirmForm(posted(request)),
            deed=deed,
            back=_address(campaign),
            submit_label="Завершить набор",
            danger=True,
        )

    def late_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let one person submit after the window's end, for a stated reason."""
        campaign = self._managed(request, pk)
        return late_page(request, campaign, back=_address(campaign))

    def dossier_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The dossier of the whole campaign."""
        campaign = self._managed(request, pk)
        return confirm_dossier(
            request,
            campaign.applications.all(),
            title=campaign.name,
            key=f"campaign-{pk}",
            back=_address(campaign),
        )

    def register_all_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        demand(can_register_applications(request.user))
        campaign = self._load(pk)
        waiting = campaign.applications.filter(state=ApplicationState.SUBMITTED).select_related("user")

        def deed(data: dict[str, Any]) -> str:
            entries, left = intake.register_all(campaign, actor=request.user)
            by_others = (data["shown"] or 0) - len(entries) - left
            rest = f" Другой оператор тем временем зарегистрировал: {by_others}." if by_others > 0 else ""
            rest += f" Ещё ждут: {left}, повторите." if left else ""
            return f"Зарегистрировано заявлений: {len(entries)}.{rest}"

        return confirm_deed(
            request,
            title="Зарегистрировать всё, что пришло",
            effects=[
                "Каждое заявление получит номер по порядку поступления.",
                "Каждому кандидату уйдёт письмо.",
            ],
            form=RegisterAllForm(posted(request), initial={"shown": waiting.count()}),
            deed=deed,
            back=_address(campaign),
            submit_label="Зарегистрировать",
            items=[application.user.full_name for application in waiting.order_by("submitted_at")[:100]],
        )

    def admission_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who goes on the list for admission, who is left out and why; then the draft and its sending."""
        demand(can_make_lists(request.user))
        campaign = self._load(pk)
        absent = intake.left_out(campaign)
        form = ListForm(posted(request), someone_left_out=bool(absent))
        if request.method == "POST" and form.is_valid():
            try:
                intake.make_admission_list(campaign, actor=request.user)
            except GateShut as shut:
                tell_gate(form, shut)
            else:
                messages.success(request, "Список составлен. Проверьте его и передайте комиссии.")
                return redirect(request.path)
        draft = admission_lists(campaign).filter(state=ListState.DRAFT).first()
        form.submit_label = "Составить список заново" if draft else "Составить список"
        context = {
            **self.admin_site.each_context(request),
            "title": f"Список для допуска: {campaign.name}",
            "campaign": campaign,
            "rows": [(track, summary_of(track.application)) for track in tracks_for_list(campaign)],
            "left_out": absent,
            "form": form,
            "draft": draft,
            "draft_lines": list(draft.lines.all()) if draft else [],
            "draft_blockers": send_blockers(draft) if draft else [],
        }
        return TemplateResponse(request, "admin/candidates/admission.html", context)

    def send_list_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send the draft (POST from the page of the list)."""
        demand(can_make_lists(request.user))
        campaign = self._load(pk)
        draft = get_object_or_404(admission_lists(campaign), state=ListState.DRAFT)

        def deed(data: dict[str, Any]) -> str:
            send_list(draft, actor=request.user)
            return "Список передан органу. Он ждёт включения в повестку заседания."

        return confirm_deed(
            request,
            title=f"Передать список: {draft.title}",
            effects=[
                "Список больше не изменить, пока орган не примет решение.",
                "Его можно включить в повестку заседания.",
            ],
            form=ConfirmForm(posted(request)),
            deed=deed,
            back=_address(campaign),
            submit_label="Передать список",
            items=[str(line) for line in draft.lines.all()],
        )

    def print_register_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Issue the register of candidates as PDF (T2), by POST."""
        demand(can_manage_campaigns(request.user) and request.method == "POST")
        campaign = self._load(pk)
        paper = print_register(campaign, actor=request.user)
        return _paper_or_job(request, paper, _address(campaign))

    def print_list_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Issue a list for admission as PDF, by POST with `list`."""
        demand(can_make_lists(request.user) and request.method == "POST")
        campaign = self._load(pk)
        decision_list: DecisionList = get_object_or_404(
            admission_lists(campaign), pk=request.POST.get("list") or 0
        )
        return _paper_or_job(
            request, print_admission_list(decision_list, actor=request.user), _address(campaign)
        )

    def export_register_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        demand(can_read_journal(request.user))
        campaign = self._load(pk)
        return generated_file(
            export_register(campaign, actor=request.user),
            f"Реестр кандидатов {clock.today():%Y-%m-%d}.xlsx",
            SHEET_TYPE,
        )

    def _load(self, pk: Any) -> Campaign:
        return get_object_or_404(Campaign.objects.select_related("edition"), pk=pk)

    def _managed(self, request: HttpRequest, pk: int) -> Campaign:
        demand(can_manage_campaigns(request.user))
        return self._load(pk)

    def _deeds(self, campaign: Campaign) -> list[tuple[str, str]]:
        found = [
            (item.label, reverse(f"admin:candidates_campaign_{DEEDS[item.name]}", args=[campaign.pk]))
            for item in CAMPAIGN.open_from(campaign.state)
            if item.name in DEEDS and not (item.name == "close" and campaign.closes_at >= clock.now())
        ]
        if CAMPAIGN.open_from(campaign.state):
            found.append(("Изменить окно", reverse("admin:candidates_campaign_window", args=[campaign.pk])))
            found.append(("Квота", reverse("admin:candidates_campaign_quota", args=[campaign.pk])))
        return found


def _address(campaign: Campaign) -> str:
    return reverse("admin:candidates_campaign_change", args=[campaign.pk])


def _paper_or_job(request: HttpRequest, paper: IssuedPaper | None, back: str) -> HttpResponse:
    if paper is None:
        messages.info(request, "Документ большой и готовится. Он появится здесь среди выданных документов.")
        return redirect(back)
    return redirect("papers:download", pk=paper.pk)


def _moment(moment: Any) -> str:
    return f"{clock.local(moment):%d.%m.%Y %H:%M}"
