"""The operator's case: asking, presenting, the defence. Lives in the workplace (admin)."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from commissions.models import DecisionList
from reserve_portal.core.timeline import timeline_of
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline
from reservists.models import Reservist

from .. import perms
from ..enums import ReferralState
from ..forms import DefenceForm, ReasonForm
from ..models import Concept, MatchSnapshot, Referral, Vacancy
from ..next_step import waits_for
from ..services.answers import answer_blockers, issue_answer, issue_nobody, nobody_blockers
from ..services.cases import late_by
from ..services.defence import (
    defence_blockers,
    recommendation_blockers,
    schedule_defence,
    scores_of,
    send_for_recommendation,
)
from ..services.matching import MATCHED_STATES, start_matching
from ..services.referrals import ask_reservist, may_be_released, present_reservist, release_referral
from ..workflow import VACANCY
from .common import demand, succeeds


def desk_page(
    request: HttpRequest, template: str, vacancy: Vacancy, title: str, **context: Any
) -> HttpResponse:
    return render(
        request, template, {**admin.site.each_context(request), "vacancy": vacancy, "title": title, **context}
    )


def case_of(request: HttpRequest, pk: int, *, to_act: bool = True) -> Vacancy:
    demand(perms.can_run_case(request.user) if to_act else perms.can_read_case_desk(request.user))
    rows = Vacancy.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("edition", "organisation", "municipality", "target_group"), pk=pk
    )


def _referral_of(request: HttpRequest, pk: int) -> Referral:
    demand(perms.can_run_case(request.user))
    return get_object_or_404(Referral.objects.select_related("vacancy__edition", "reservist__user"), pk=pk)


def case(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole case on one page, with the deeds that are open now."""
    vacancy = case_of(request, pk, to_act=False)
    may_act = perms.can_run_case(request.user)
    referrals = list(
        vacancy.referrals.select_related("reservist__user").prefetch_related(
            Prefetch("concepts", Concept.objects.standing())
        )
    )
    snapshots = list(vacancy.snapshots.defer("rows", "left_out").select_related("made_by"))
    for referral in referrals:
        referral.vacancy = vacancy
    matched = vacancy.state in MATCHED_STATES
    defences = list(vacancy.defences.select_related("meeting__body"))
    context = {
        "may_act": may_act,
        "waits": waits_for(vacancy),
        "late": late_by(vacancy),
        "people": [
            {
                "referral": item,
                "concept": next(iter(item.concepts.all()), None),
                "may_present": may_act and perms.can_be_presented(item),
                "may_release": may_act and may_be_released(item),
            }
            for item in referrals
        ],
        "snapshots": snapshots,
        "defences": [
            {
                "row": item,
                "scores": _scores(item, referrals) if perms.can_see_sheets(request.user, item) else [],
            }
            for item in defences
        ],
        "lists": DecisionList.objects.about(vacancy),
        "appointments": vacancy.appointments.all(),
        "may_start": may_act and VACANCY.is_open(vacancy, "match"),
        "may_match": matched,
        "may_answer": may_act and not answer_blockers(vacancy),
        "may_answer_nobody": may_act and not nobody_blockers(vacancy),
        "may_schedule": may_act and not defence_blockers(vacancy),
        "may_send": may_act and not recommendation_blockers(vacancy),
        "deadlines": Deadline.objects.about(vacancy).select_related("limit"),
        "papers": _papers(vacancy, defences),
        "timeline": timeline_of([vacancy, *referrals]),
    }
    return desk_page(request, "admin/vacancies/case.html", vacancy, str(vacancy), **context)


def _scores(defence: Any, referrals: list[Referral]) -> list[dict[str, Any]]:
    heard = set(defence.sheets.values_list("referral_id", flat=True))
    return [{"referral": item, **scores_of(defence, item)} for item in referrals if item.pk in heard]


def _papers(vacancy: Vacancy, defences: list[Any]) -> list[IssuedPaper]:
    return [paper for row in (vacancy, *defences) for paper in IssuedPaper.objects.about(row)]


def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to match."""
    vacancy = case_of(request, pk)
    if request.method == "POST" and succeeds(request, lambda: start_matching(vacancy, actor=request.user)):
        return redirect("admin:vacancies_matching", pk)
    return redirect("admin:vacancies_case", pk)


def ask(request: HttpRequest, pk: int, reservist_pk: int) -> HttpResponse:
    """Ask a reservist of the saved order whether he or she is ready."""
    demand(perms.can_run_case(request.user))
    row = get_object_or_404(MatchSnapshot.objects.select_related("vacancy"), pk=pk)
    reservist = get_object_or_404(Reservist.objects.select_related("user"), pk=reservist_pk)

    def deed() -> None:
        ask_reservist(row.vacancy, reservist=reservist, snapshot=row, actor=request.user)

    if request.method == "POST" and succeeds(request, deed):
        messages.success(request, f"Вопрос о готовности отправлен: {reservist.user.full_name}.")
    return redirect("admin:vacancies_snapshot", pk)


def present(request: HttpRequest, pk: int) -> HttpResponse:
    """Present who accepted, after a confirmation."""
    referral = _referral_of(request, pk)
    back = redirect("admin:vacancies_case", referral.vacancy_id)
    if request.method == "POST":
        if succeeds(request, lambda: present_reservist(referral, actor=request.user)):
            messages.success(request, "Резервист представлен на вакансию.")
        return back
    effects = [
        "Резервист станет кандидатом на эту должность и получит письмо.",
        "На другие вакансии его не представят, пока идёт это дело.",
    ]
    return _confirm(request, referral.vacancy, f"Представить: {referral.reservist}", effects, "Представить")


def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one person out of the case, with a reason."""
    referral = _referral_of(request, pk)
    form = ReasonForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and succeeds(
            request, lambda: release_referral(referral, actor=request.user, **form.cleaned_data), form
        )
    ):
        messages.success(request, "Резервист больше не рассматривается на эту вакансию.")
        return redirect("admin:vacancies_case", referral.vacancy_id)
    title = f"Снять с рассмотрения: {referral.reservist}"
    return _confirm(request, referral.vacancy, title, ["Резервист получит письмо с причиной."], "Снять", form)


def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue the answer with the shortlist to the municipality, after a confirmation."""
    vacancy = case_of(request, pk)
    if request.method == "POST":
        if succeeds(request, lambda: issue_answer(vacancy, actor=request.user)):
            messages.success(request, "Ответ выдан, муниципалитет получит письмо.")
        return redirect("admin:vacancies_case", pk)
    names = vacancy.referrals.filter(state=ReferralState.PRESENTED).select_related("reservist__user")
    effects = [
        "Ответ получит номер и будет виден муниципалитету в карточке вакансии.",
        *(f"В ответе: {row.reservist.user.full_name}, место в подборе {row.place}." for row in names),
    ]
    return _confirm(request, vacancy, "Ответ с подборкой резервистов", effects, "Выдать ответ")


def nobody(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue the answer that nobody of the reserve suits, after a confirmation."""
    vacancy = case_of(request, pk)
    if request.method == "POST":
        if succeeds(request, lambda: issue_nobody(vacancy, actor=request.user)):
            messages.success(request, "Ответ выдан, муниципалитет получит письмо.")
        return redirect("admin:vacancies_case", pk)
    effects = [
        "Ответ получит номер и будет виден муниципалитету в карточке вакансии. Имён резервистов в нём нет.",
        "Вакансия остаётся открытой: подбор можно продолжить, когда в резерве появятся новые люди.",
    ]
    return _confirm(request, vacancy, "Ответ: подходящих резервистов нет", effects, "Выдать ответ")


def defence(request: HttpRequest, pk: int) -> HttpResponse:
    """Call the defence: date, time, place (T10)."""
    vacancy = case_of(request, pk)
    form = DefenceForm(request.POST or None)
    form.cancel_url = reverse("admin:vacancies_case", args=[pk])
    form.helper = form.build_helper()
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("place", "criteria")}

        def deed() -> None:
            schedule_defence(vacancy, starts_at=form.starts_at(), actor=request.user, **given)

        if succeeds(request, deed, form):
            messages.success(request, "Защита назначена: комиссия и кандидаты получат письма.")
            return redirect("admin:vacancies_case", pk)
    nominees = vacancy.referrals.filter(state=ReferralState.PRESENTED).select_related("reservist__user")
    return desk_page(
        request, "admin/vacancies/defence.html", vacancy, "Назначить защиту", form=form, nominees=nominees
    )


def recommendation(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the edition knows no defence: send the presented ones to the body (O3.19)."""
    vacancy = case_of(request, pk)
    if request.method == "POST":
        if succeeds(request, lambda: send_for_recommendation(vacancy, actor=request.user)):
            messages.success(request, "Список передан органу: включите его в повестку заседания.")
        return redirect("admin:vacancies_case", pk)
    effects = ["Орган, который даёт рекомендацию, получит список представленных."]
    return _confirm(request, vacancy, "Передать для рекомендации", effects, "Передать")


def _confirm(
    request: HttpRequest,
    vacancy: Vacancy,
    title: str,
    effects: list[str],
    label: str,
    form: ReasonForm | None = None,
) -> HttpResponse:
    context = {
        "effects": effects,
        "count": 0,
        "items": [],
        "form": form,
        "submit_label": label,
        "danger": False,
        "cancel_url": reverse("admin:vacancies_case", args=[vacancy.pk]),
        "hidden": {},
    }
    return desk_page(request, "admin/confirm.html", vacancy, title, **context)
