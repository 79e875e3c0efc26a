"""The individual plan of development in the portal: the reservist writes it, the mentor agrees it (O4.6-4.10)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from reserve_portal.audit.services import record_read
from reserve_portal.core.timeline import timeline_of
from reserve_portal.papers.models import IssuedPaper

from .. import development_forms as forms
from .. import perms
from ..development_rules import percent_done
from ..models import DevelopmentPlan, PlanItem, Reservist
from ..services import plans
from ..services.development import own_deadlines
from ..services.mentors import mentor_of
from ..services.plan_notes import files_of
from .common import deed_page, demand

SHOWN = 40


def my_plans(request: HttpRequest) -> HttpResponse:
    """«Мой план»: for each own membership the mentor, what is due, plans and reports."""
    memberships = (
        Reservist.objects.active()
        .filter(user=request.user.pk or 0)
        .select_related("user", "edition", "target_group")
    )
    cases = [_case(row) for row in memberships if perms.can_have_plan(request.user, row)]
    demand(bool(cases))
    return render(request, "reservists/my_plans.html", {"cases": cases})


def _case(reservist: Reservist) -> dict[str, Any]:
    return {
        "reservist": reservist,
        "has_mentors": reservist.edition.value("mentors"),
        "mentor": mentor_of(reservist),
        "deadlines": own_deadlines(reservist),
        "plans": list(reservist.plans.all()[:SHOWN]),
        "reports": list(reservist.reports.all()[:SHOWN]),
    }


def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the plan of a year."""
    rows = Reservist.objects.filter(user=request.user.pk or 0).select_related("edition", "user")
    reservist = get_object_or_404(rows, pk=pk)
    demand(perms.can_have_plan(request.user, reservist))

    def deed(form: Any) -> str:
        plan = plans.start_plan(reservist, year=form.cleaned_data["year"], actor=request.user)
        return address_of(plan)

    return deed_page(
        request,
        title="Новый план развития",
        lead="План составляют на календарный год. Направления оценки, где потеряны баллы, портал впишет сам.",
        form=forms.StartPlanForm(request.POST or None, reservist=reservist),
        deed=deed,
        back=(reverse("reservists:my_plans"), "Мой план"),
        done="План начат: поставьте цели и добавьте пункты.",
    )


def plan_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One version of a plan, with what its reader may do; the reading of another's plan is recorded."""
    plan, user = visible_plan(request, pk), request.user
    record_read(plan, actor=user, person=plan.reservist.user, what="reservists.read_plan")
    items = list(plan.items.prefetch_related("comments__author"))
    files = files_of(items)
    writes = perms.can_write_plan(user, plan)
    own = plan.reservist.user_id == user.pk
    context = {
        "plan": plan,
        "items": [(item, files[item.pk]) for item in items],
        "comments": plan.comments.filter(item=None).select_related("author"),
        "may_comment": perms.can_comment_plan(user, plan),
        "may_lay": perms.can_add_evidence(user, plan),
        "percent": percent_done([item.progress for item in items]),
        "parts": plan.reservist.edition.value("plan_parts"),
        "own": own,
        "has_mentors": plan.reservist.edition.value("mentors"),
        "mentor": mentor_of(plan.reservist),
        "result": plans.result_of(plan.reservist),
        "deadlines": own_deadlines(plan.reservist),
        "blockers": plans.submit_blockers(plan) if writes else [],
        "may_write": writes,
        "may_review": perms.can_review_plan(user, plan),
        "may_copy": perms.can_send_copy(user, plan),
        "may_change": perms.can_change_plan(user, plan),
        "may_discard": perms.can_discard_plan(user, plan),
        "reviews": plan.reviews.all(),
        "sheet": plans.changes_of(plan),
        "versions": plan.reservist.plans.filter(year=plan.year).exclude(pk=plan.pk),
        "reports": plan.reservist.reports.filter(year=plan.year),
        "papers": IssuedPaper.objects.about(plan),
        "timeline": timeline_of([plan]),
        "parent": home_of(request, own),
    }
    return render(request, "reservists/development_plan.html", context)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Deficits and goals."""
    plan = _written(request, pk)
    form = forms.PlanTextForm(request.POST or None, instance=plan, edition=plan.reservist.edition)

    def deed(form: Any) -> str:
        plans.save_plan(plan, actor=request.user, **form.cleaned_data)
        return address_of(plan)

    lead = "Опирайтесь на итоги оценки и рекомендации комиссии."
    return deed_page(
        request,
        title="Дефициты и цели",
        lead=lead,
        form=form,
        deed=deed,
        back=back_to(plan),
        done="Сохранено.",
    )


def item(request: HttpRequest, pk: int, item_pk: int = 0) -> HttpResponse:
    """Add a row of the plan, or change one."""
    plan = _written(request, pk)
    row = get_object_or_404(PlanItem, pk=item_pk, plan=plan) if item_pk else None
    form = forms.PlanItemForm(request.POST or None, instance=row, plan=plan)

    def deed(form: Any) -> str:
        plans.save_item(plan, item=row, actor=request.user, **form.cleaned_data)
        return address_of(plan)

    return deed_page(
        request,
        title="Пункт плана" if row else "Новый пункт плана",
        lead=f"Срок — в пределах {plan.year} года.",
        form=form,
        deed=deed,
        back=back_to(plan),
        done="Пункт сохранён.",
    )


@require_POST
def remove_item(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """Take a row out of the plan."""
    plan = _written(request, pk)
    row = get_object_or_404(PlanItem.objects.select_related("plan"), pk=item_pk, plan=plan)

    def deed(form: Any) -> str:
        plans.remove_item(row, actor=request.user)
        return address_of(plan)

    return deed_page(
        request, title="Убрать пункт", lead=str(row), deed=deed, back=back_to(plan), done="Пункт убран."
    )


def progress(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """Mark how far a row of the plan in force is."""
    plan = visible_plan(request, pk)
    demand(perms.can_change_plan(request.user, plan))
    row = get_object_or_404(PlanItem.objects.select_related("plan"), pk=item_pk, plan=plan)

    def deed(form: Any) -> str:
        plans.mark_progress(row, progress=form.cleaned_data["progress"], actor=request.user)
        return address_of(plan)

    form = forms.ProgressForm(request.POST or None, initial={"progress": row.progress})
    return deed_page(
        request,
        title="Выполнение пункта",
        lead=str(row),
        form=form,
        deed=deed,
        back=back_to(plan),
        done="Отмечено.",
    )


def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the plan to the mentor."""
    plan = _written(request, pk)

    def deed(form: Any) -> str:
        plans.submit_plan(plan, actor=request.user)
        return address_of(plan)

    return deed_page(
        request,
        title="Отправить план на согласование",
        lead="План согласуют или вернут с замечаниями. До ответа изменить план нельзя.",
        deed=deed,
        back=back_to(plan),
        submit_label="Отправить",
        done="План отправлен на согласование.",
        blockers=plans.submit_blockers(plan),
    )


def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the copy to the authorised body."""
    plan = visible_plan(request, pk)
    demand(perms.can_send_copy(request.user, plan))

    def deed(form: Any) -> str:
        plans.send_copy(plan, actor=request.user)
        return address_of(plan)

    return deed_page(
        request,
        title="Направить копию плана",
        lead="Уполномоченный орган получит согласованный план с номером и датой.",
        deed=deed,
        back=back_to(plan),
        submit_label="Направить копию",
        done="Копия направлена.",
    )


def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a new version of a plan in force."""
    plan = visible_plan(request, pk)
    demand(perms.can_change_plan(request.user, plan))

    def deed(form: Any) -> str:
        return address_of(plans.start_change(plan, reason=form.cleaned_data["reason"], actor=request.user))

    return deed_page(
        request,
        title="Изменить план",
        lead="Прежняя редакция действует, пока не согласована новая. Изменения войдут в лист изменений.",
        form=forms.ChangePlanForm(request.POST or None),
        deed=deed,
        back=back_to(plan),
        done="Вносите изменения и отправьте план на согласование.",
    )


def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a change."""
    plan = visible_plan(request, pk)
    demand(perms.can_discard_plan(request.user, plan))

    def deed(form: Any) -> str:
        plans.discard_change(plan, actor=request.user)
        return reverse("reservists:my_plans")

    return deed_page(
        request,
        title="Отменить изменения",
        lead="Действующий план останется прежним. Внесённые изменения сохранятся только в истории.",
        deed=deed,
        back=back_to(plan),
        submit_label="Отменить изменения",
        done="Изменения отменены.",
    )


def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """The mentor agrees the plan."""
    plan = visible_plan(request, pk)
    demand(perms.can_review_plan(request.user, plan))

    def deed(form: Any) -> str:
        plans.agree_plan(plan, actor=request.user)
        return address_of(plan)

    return deed_page(
        request,
        title="Согласовать план",
        lead=f"{plan.reservist}. План получит номер, резервист направит копию в уполномоченный орган.",
        deed=deed,
        back=back_to(plan),
        submit_label="Согласовать",
        done="План согласован.",
    )


def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The mentor returns the plan with remarks, some beside its rows."""
    plan = visible_plan(request, pk)
    demand(perms.can_review_plan(request.user, plan))

    def deed(form: Any) -> str:
        plans.return_plan(
            plan, remarks=form.cleaned_data["remarks"], comments=form.comments(), actor=request.user
        )
        return address_of(plan)

    return deed_page(
        request,
        title="Вернуть план с замечаниями",
        lead=f"{plan.reservist}. Резервист исправит план и отправит его снова.",
        form=forms.ReturnPlanForm(request.POST or None, plan=plan),
        deed=deed,
        back=back_to(plan),
        done="План возвращён.",
    )


def address_of(plan: DevelopmentPlan) -> str:
    return reverse("reservists:development_plan", args=[plan.pk])


def home_of(request: HttpRequest, own: bool) -> tuple[str, str]:
    """Where plans and reports are listed for this reader: address and label."""
    if own:
        return reverse("reservists:my_plans"), "Мой план"
    if perms.can_monitor_plans(request.user):
        return reverse("reservists:monitoring"), "Планы и отчёты"
    return reverse("reservists:mentees"), "Мои резервисты"


def back_to(plan: DevelopmentPlan) -> tuple[str, str]:
    """Address and label of the plan's page."""
    return address_of(plan), str(plan)


def visible_plan(request: HttpRequest, pk: int) -> DevelopmentPlan:
    """A version that the reader may see; 404 for others."""
    rows = DevelopmentPlan.objects.visible_to(request.user).select_related(
        "reservist__user", "reservist__edition", "reservist__target_group", "agreed_by__user", "previous"
    )
    return get_object_or_404(rows, pk=pk)


def _written(request: HttpRequest, pk: int) -> DevelopmentPlan:
    """A version that the reader is writing; 403 for everybody else who may see it."""
    plan = visible_plan(request, pk)
    demand(perms.can_write_plan(request.user, plan))
    return plan
