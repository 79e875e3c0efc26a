"""Procedures in the admin: one page per procedure with its steps, people and results."""

from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from assessment.enums import BORDERS_OPEN, TAKES_RESULTS, ProcedureState
from assessment.expert_forms import DecisionForm
from assessment.forms import CampaignForm, ProcedureForm, SectionFormSet
from assessment.models import Invitation, Procedure, Result
from assessment.perms import can_manage_procedures
from assessment.services.borders import decision_blockers
from assessment.services.checks import SECTION_FIELDS
from assessment.services.conclusions import conclusions_needed
from assessment.services.dates import INVITED, QUESTIONS, earliest_start, latest_day_for
from assessment.services.invitations import waiting_tracks
from assessment.services.procedures import change_procedure, create_procedure, proposed_sections
from assessment.services.results import known_scores, missing_sections
from assessment.services.statistics import statistics_context
from candidates.enums import TrackState
from candidates.models import Campaign
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.calendar import CalendarNotLoaded
from reserve_portal.core.templatetags.portal import ru_date
from reserve_portal.core.timeline import timeline_of
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline

from . import borders, conclusions, deeds, experts, imports, moodle
from .base import attempt, page, procedure_url, require_operator

PEOPLE = 50


@admin.register(Procedure)
class ProcedureAdmin(PortalModelAdmin):
    readers = (Role.OPERATOR, Role.AUDITOR)
    list_display = ["name", "campaign", "starts_at", "ends_at", "state"]
    list_filter = ["state", "campaign"]
    list_select_related = ["campaign"]
    search_fields = ["name"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_manage_procedures(request.user)

    def get_urls(self) -> list[Any]:
        def own(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"assessment_procedure_{name}")

        return [
            own("<int:pk>/edit/", edit, "edit"),
            own("<int:pk>/schedule/", deeds.schedule, "schedule"),
            own("<int:pk>/invite/", deeds.invite, "invite"),
            own("<int:pk>/questions/", deeds.questions, "questions"),
            own("<int:pk>/no-shows/", deeds.no_shows, "no_shows"),
            own("<int:pk>/sheet/", deeds.sheet, "sheet"),
            own("<int:pk>/export/", deeds.export, "export"),
            own("<int:pk>/decision/", borders.decision, "decision"),
            own("<int:pk>/experts/", experts.experts, "experts"),
            own("<int:pk>/experts/<int:sheet>/recall/", experts.recall, "recall"),
            own("<int:pk>/experts/<int:sheet>/return/", experts.return_, "return"),
            own("<int:pk>/conclusions/", conclusions.draft_all, "conclusions"),
            own("<int:pk>/conclusions/sign/", conclusions.sign_whole, "sign"),
            own("<int:pk>/import/", imports.upload, "import"),
            own("<int:pk>/import/<int:draft>/", imports.preview, "preview"),
            own("<int:pk>/import/<int:draft>/columns/", imports.columns, "columns"),
            own("<int:pk>/import/<int:draft>/match/<int:line>/", imports.match, "match"),
            own("<int:pk>/import/<int:draft>/forget/", imports.forget, "forget"),
            own("<int:pk>/import/<int:draft>/drop/", imports.drop, "drop"),
            own("<int:pk>/moodle/", moodle.moodle, "moodle"),
            own("<int:pk>/moodle/fetch/", moodle.fetch, "fetch"),
            own("<int:pk>/result/<int:track>/", deeds.result, "result"),
            own("<int:pk>/second-date/<int:track>/", deeds.second_date, "second_date"),
            own("<int:pk>/undo-decline/<int:track>/", deeds.undo, "undo_decline"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return add(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, row):
            require_operator(request)
        return overview(request, row)


# --- One procedure ---------------------------------------------------------------------------------------------------


def overview(request: HttpRequest, procedure: Procedure) -> HttpResponse:
    """Where the procedure stands, what is due, who takes part, what came of it."""
    prefetch_related_objects([procedure], "sections")
    invitations = (
        procedure.invitations.select_related(
            "track__application__user", "track__application__registration", "track__target_group"
        )
        .prefetch_related("waiting_scores")
        .order_by("track__application__user__last_name", "track__application__user__first_name", "pk")
    )
    people = Paginator(invitations, PEOPLE).get_page(request.GET.get("page"))
    tracks = [invitation.track for invitation in people]
    found = Result.objects.filter(procedure=procedure, track__in=tracks).prefetch_related("scores")
    results = {item.track_id: item for item in found}
    edition = procedure.campaign.edition
    context = {
        "title": procedure.name,
        "procedure": procedure,
        "sections": procedure.sections.all(),
        "deadlines": Deadline.objects.about(procedure).filter(cancelled=False),
        "waiting": waiting_tracks(procedure).count(),
        "page": people,
        "rows": [_person_row(procedure, item, results.get(item.track_id)) for item in people],
        "groups": edition.target_groups.count() > 1,
        "decision": procedure.standing_decision,
        "decision_blockers": decision_blockers(procedure),
        **statistics_context(procedure),
        "imports": procedure.imports.select_related("imported_by")[:10],
        "drafts": procedure.drafts.select_related("uploaded_by")[:10],
        "papers": IssuedPaper.objects.about(procedure).filter(kind="results_sheet"),
        "timeline": timeline_of([procedure]),
        "steps": _steps(procedure) if can_manage_procedures(request.user) else [],
        "notes": _notes(procedure),
        "manages": can_manage_procedures(request.user),
    }
    return page(request, "admin/assessment/procedure.html", context)


def _person_row(procedure: Procedure, invitation: Invitation, result: Result | None) -> dict[str, Any]:
    track = invitation.track
    registration = getattr(track.application, "registration", None)
    takes = procedure.state in TAKES_RESULTS and track.state in (TrackState.INVITED, TrackState.ASSESSED)
    return {
        "track": track,
        "person": track.application.user.full_name,
        "number": registration.text if registration else "",
        "state": track.get_state_display(),
        "group": str(track.target_group),
        "missing": "" if result else _missing_words(procedure, invitation),
        "result": result,
        "verdict": "" if result is None else _verdict(procedure, result),
        "tone": "" if result is None else "success" if result.passed else "danger",
        "result_url": procedure_url(procedure.pk, "result", track.pk)
        if takes and procedure.typed_sections
        else "",
        "result_label": "Исправить" if result else "Внести",
        "undo_url": procedure_url(procedure.pk, "undo_decline", track.pk)
        if track.state == TrackState.DECLINED
        else "",
        "second_url": procedure_url(procedure.pk, "second_date", track.pk)
        if track.state == TrackState.NO_SHOW
        else "",
    }


def _missing_words(procedure: Procedure, invitation: Invitation) -> str:
    """What a person with half of the points still waits for: «не хватает: …»; empty where nothing came yet."""
    known = known_scores(invitation, None)
    if not known:
        return ""
    names = ", ".join(section.name for section in missing_sections(procedure, known))
    return f"не хватает: {names}"


def _verdict(procedure: Procedure, result: Result) -> str:
    if procedure.green_percent is not None:
        return result.get_zone_display()
    return "порог пройден" if result.passed else "порог не пройден"


def _steps(procedure: Procedure) -> list[tuple[str, str, bool]]:
    """(label, address, main) of the deeds that make sense in the present state."""
    pk, state = procedure.pk, procedure.state
    found: list[tuple[str, str, bool]] = []
    if decision_blockers(procedure) or (
        state in BORDERS_OPEN and procedure.campaign.edition.value("borders_by_decision")
    ):
        found.append(
            ("Решение о границах", procedure_url(pk, "decision"), bool(decision_blockers(procedure)))
        )
    if state == ProcedureState.DRAFT:
        found.append(("Назначить", procedure_url(pk, "schedule"), not decision_blockers(procedure)))
    if state == ProcedureState.SCHEDULED:
        found.append(("Пригласить кандидатов", procedure_url(pk, "invite"), True))
        found.append(("Примерные вопросы", procedure_url(pk, "questions"), False))
    if state not in (ProcedureState.DRAFT, ProcedureState.CLOSED) and procedure.sheet_sections:
        found.append(("Эксперты", procedure_url(pk, "experts"), False))
    if state in TAKES_RESULTS and procedure.platform_sections:
        found.append(("Загрузить результаты", procedure_url(pk, "import"), True))
    if state != ProcedureState.CLOSED and procedure.platform_sections:
        found.append(("Из Moodle", procedure_url(pk, "moodle"), False))
    if state == ProcedureState.ENDED:
        found.append(("Отметить неявку", procedure_url(pk, "no_shows"), False))
        if conclusions_needed(procedure):
            found.append(("Подготовить заключения", procedure_url(pk, "conclusions"), False))
            found.append(("Подписать заключения", procedure_url(pk, "sign"), False))
    if state in (ProcedureState.ENDED, ProcedureState.CLOSED):
        found.append(("Выдать ведомость", procedure_url(pk, "sheet"), False))
        found.append(("Таблица XLSX", procedure_url(pk, "export"), False))
    if state in (ProcedureState.DRAFT, ProcedureState.SCHEDULED, ProcedureState.OPEN):
        found.append(("Изменить", procedure_url(pk, "edit"), False))
    return found


def _notes(procedure: Procedure) -> list[str]:
    """Sentences about the notice before the start (T3), as long as it stands ahead."""
    if procedure.state not in (ProcedureState.DRAFT, ProcedureState.SCHEDULED):
        return []
    try:
        invite, questions = latest_day_for(procedure, INVITED), latest_day_for(procedure, QUESTIONS)
        earliest = earliest_start(procedure)
    except CalendarNotLoaded as error:
        return [str(error)]
    notes = []
    if invite is not None:
        notes.append(f"Пригласить кандидатов — не позднее {ru_date(invite)}")
    if questions is not None:
        notes.append(f"Опубликовать примерные вопросы — не позднее {ru_date(questions)}")
    if invite is not None and clock.today() > invite and not procedure.invitations.exists():
        notes.append(
            f"Этот день прошёл: перенесите начало, самое раннее — {ru_date(earliest)}, если пригласить сегодня."
        )
    return notes


# --- Making and changing ---------------------------------------------------------------------------------------------


def add(request: HttpRequest) -> HttpResponse:
    """Choose the campaign, then fill in what its edition proposes (T3, O3.15)."""
    require_operator(request)
    choice = CampaignForm(request.GET if "campaign" in request.GET else None)
    if not choice.is_valid():
        context = {"title": "Новая процедура оценки", "form": choice, "back": _list_url()}
        return page(request, "admin/assessment/form.html", context)
    campaign = choice.cleaned_data["campaign"]
    edition = campaign.edition
    initial = {
        "threshold_percent": edition.value("threshold_percent"),
        "green_percent": edition.value("green_percent"),
        "attempt": edition.value("attempt"),
        "shows": edition.value("result_shown"),
    }
    form = ProcedureForm(request.POST or None, zones=edition.value("zones"), initial=initial)
    sections = SectionFormSet(request.POST or None, prefix="sections", initial=proposed_sections(campaign))
    made: list[Procedure] = []
    if request.method == "POST" and form.is_valid() and sections.is_valid():
        rows = _section_rows(sections)

        def service() -> None:
            made.append(create_procedure(campaign, actor=request.user, sections=rows, **form.cleaned_data))

        if not attempt(service, form):
            messages.success(request, "Процедура создана. Проверьте её и назначьте.")
            return HttpResponseRedirect(procedure_url(made[0].pk))
    return _procedure_form(request, form, sections, "Новая процедура оценки", campaign, _list_url())


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a procedure; what is frozen is refused with a sentence (O3.15, O3.17)."""
    require_operator(request)
    row = get_object_or_404(Procedure.objects.select_related("campaign__edition"), pk=pk)
    names = (
        "name",
        "starts_at",
        "ends_at",
        "place",
        "instructions",
        "threshold_percent",
        "green_percent",
        "attempt",
        "shows",
    )
    form = ProcedureForm(
        request.POST or None,
        zones=row.campaign.edition.value("zones"),
        initial={name: getattr(row, name) for name in names},
    )
    stored = list(row.sections.values(*SECTION_FIELDS))
    sections = SectionFormSet(request.POST or None, prefix="sections", initial=stored)
    decision = _decision_form(request, row)
    valid = [item.is_valid() for item in (form, sections, decision) if item is not None]
    if request.method == "POST" and all(valid):
        fields = {key: value for key, value in form.cleaned_data.items() if key in form.changed_data}
        rows, given = _section_rows(sections), decision.decision() if decision else None

        def service() -> None:
            change_procedure(row, actor=request.user, sections=rows, decision=given, **fields)

        if not (decision and decision.errors) and not attempt(service, form):
            messages.success(request, "Изменения сохранены.")
            return HttpResponseRedirect(procedure_url(pk))
    title = f"Изменить: {row.name}"
    return _procedure_form(request, form, sections, title, row.campaign, procedure_url(pk), decision)


def _decision_form(request: HttpRequest, procedure: Procedure) -> DecisionForm | None:
    """Other borders of an appointed procedure come with the decision about them (O3.15)."""
    edition = procedure.campaign.edition
    if procedure.state != ProcedureState.SCHEDULED or not edition.value("borders_by_decision"):
        return None
    return DecisionForm(
        request.POST or None, request.FILES or None, edition=edition, optional=True, prefix="decision"
    )


def _procedure_form(
    request: HttpRequest,
    form: ProcedureForm,
    sections: Any,
    title: str,
    campaign: Campaign,
    back: str,
    decision: DecisionForm | None = None,
) -> HttpResponse:
    context = {
        "title": title,
        "form": form,
        "sections": sections,
        "campaign": campaign,
        "back": back,
        "decision": decision,
    }
    return page(request, "admin/assessment/procedure_form.html", context)


def _section_rows(formset: Any) -> list[dict[str, Any]]:
    return [dict(data) for form in formset if (data := form.cleaned_data) and data.get("code")]


def _list_url() -> str:
    return reverse("admin:assessment_procedure_changelist")
