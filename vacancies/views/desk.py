"""The operator's case: matching, asking, presenting, the defence. Lives in the workplace (admin)."""

from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from commissions.models import DecisionList
from reserve_portal.core.timeline import timeline_of
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline
from reservists.models import Reservist

from .. import perms, rules
from ..enums import ReferralState, VacancyState
from ..forms import DefenceForm, ReasonForm, WeightsForm
from ..models import MatchSnapshot, Referral, Vacancy
from ..next_step import waits_for
from ..services.cases import late_by
from ..services.defence import defence_blockers, schedule_defence, scores_of, send_for_recommendation
from ..services.matching import MATCHED_STATES, match_vacancy, save_snapshot, start_matching
from ..services.referrals import BEFORE_THE_BODY, ask_reservist, present_reservist, release_referral
from ..workflow import VACANCY
from .common import demand, succeeds

PLACES_ON_A_PAGE = 50
LEFT_OUT_SHOWN = 200
REORDERED = 30


def _page(request: HttpRequest, template: str, vacancy: Vacancy, title: str, **context: Any) -> HttpResponse:
    return render(
        request, template, {**admin.site.each_context(request), "vacancy": vacancy, "title": title, **context}
    )


def _case_of(request: HttpRequest, pk: int, *, to_act: bool = True) -> Vacancy:
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
    vacancy = _case_of(request, pk, to_act=False)
    may_act = perms.can_run_case(request.user)
    referrals = list(vacancy.referrals.select_related("reservist__user").prefetch_related("concepts"))
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
                "may_release": may_act and matched and item.state in BEFORE_THE_BODY,
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
        "may_schedule": may_act and not defence_blockers(vacancy),
        "may_send": may_act
        and vacancy.state == VacancyState.PRESENTED
        and not vacancy.edition.value("defence"),
        "deadlines": Deadline.objects.about(vacancy).select_related("limit"),
        "papers": _papers(vacancy, defences),
        "timeline": timeline_of([vacancy, *referrals]),
    }
    return _page(request, "admin/vacancies/case.html", vacancy, str(vacancy), **context)


def _scores(defence: Any, referrals: list[Referral]) -> list[dict[str, Any]]:
    heard = set(defence.sheets.values_list("referral_id", flat=True))
    return [{"referral": item, **scores_of(defence, item)} for item in referrals if item.pk in heard]


def _papers(vacancy: Vacancy, defences: list[Any]) -> list[IssuedPaper]:
    return [paper for row in (vacancy, *defences) for paper in IssuedPaper.objects.about(row)]


def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to match."""
    vacancy = _case_of(request, pk)
    if request.method == "POST" and succeeds(request, lambda: start_matching(vacancy, actor=request.user)):
        return redirect("admin:vacancies_matching", pk)
    return redirect("admin:vacancies_case", pk)


def matching(request: HttpRequest, pk: int) -> HttpResponse:
    """The computed order, place by place with its reasons; other weights as a try; POST saves it (T7, O3.19)."""
    vacancy = _case_of(request, pk, to_act=False)
    edition = vacancy.edition
    tries = any(name in request.GET for name in rules.CRITERIA)
    form = WeightsForm(request.GET if tries else None, edition=edition)
    weights = form.changed_weights() if tries and form.is_valid() else None
    reason = ReasonForm(request.POST or None)
    if request.method == "POST":
        demand(perms.can_run_case(request.user))
        if _saved(request, vacancy, weights, reason):
            return redirect("admin:vacancies_case", pk)
    order = match_vacancy(vacancy, weights)
    page = Paginator(order.places, PLACES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "reason": reason,
        "weights_changed": weights is not None,
        "page": page,
        "places": [
            (
                page.start_index() + number,
                place,
                request.POST.get(f"place_{place.candidate.reservist_id}", ""),
            )
            for number, place in enumerate(page.object_list)
        ],
        "reorder": page.number == 1,
        "reordered": REORDERED,
        "left_out": order.left_out[:LEFT_OUT_SHOWN],
        "left_out_count": len(order.left_out),
        "criteria": rules.CRITERIA,
        "advantage_clause": edition.clause("advantage"),
        "may_save": perms.can_run_case(request.user) and vacancy.state in MATCHED_STATES,
    }
    return _page(request, "admin/vacancies/matching.html", vacancy, "Подбор", **context)


def _saved(request: HttpRequest, vacancy: Vacancy, weights: dict[str, int] | None, form: ReasonForm) -> bool:
    form.fields["reason"].required = False
    if not form.is_valid():
        return False
    order = _new_order(request, vacancy, weights)
    if order == []:
        messages.error(request, "Новое место — целое число.")
        return False

    def deed() -> None:
        save_snapshot(
            vacancy, actor=request.user, weights=weights, order=order, reason=form.cleaned_data["reason"]
        )

    if succeeds(request, deed, form):
        messages.success(request, "Подбор сохранён. Теперь можно спрашивать резервистов.")
        return True
    return False


def _new_order(request: HttpRequest, vacancy: Vacancy, weights: dict[str, int] | None) -> list[int] | None:
    """Reservist ids in the order typed; None when nothing was moved, an empty list for a place that is no number."""
    typed = {key[6:]: str(value).strip() for key, value in request.POST.items() if key.startswith("place_")}
    try:
        wanted = {int(pk): int(value) for pk, value in typed.items() if value}
    except ValueError:
        return []
    computed = [place.candidate.reservist_id for place in match_vacancy(vacancy, weights).places]
    moved = {pk for place, pk in enumerate(computed, start=1) if wanted.get(pk, place) != place}
    if not moved:
        return None
    rest = [pk for pk in computed if pk not in moved]
    for pk in sorted(moved, key=lambda item: (wanted[item], computed.index(item))):
        rest.insert(max(0, wanted[pk] - 1), pk)
    return rest


def snapshot(request: HttpRequest, pk: int) -> HttpResponse:
    """A saved order: as it was computed and changed; from here reservists are asked."""
    demand(perms.can_read_case_desk(request.user))
    row = get_object_or_404(MatchSnapshot.objects.select_related("vacancy__organisation", "made_by"), pk=pk)
    asked = {item.reservist_id: item for item in row.vacancy.referrals.exclude(state=ReferralState.RELEASED)}
    page = Paginator(row.rows, PLACES_ON_A_PAGE).get_page(request.GET.get("page"))
    may_ask = perms.can_run_case(request.user) and row.vacancy.state in MATCHED_STATES
    places = [
        {**item, "asked": asked.get(item["reservist"]), "may_ask": may_ask and item["reservist"] not in asked}
        for item in page.object_list
    ]
    context = {
        "snapshot": row,
        "page": page,
        "places": places,
        "left_out": row.left_out[:LEFT_OUT_SHOWN],
        "left_out_count": len(row.left_out),
        "weights": [(rules.CRITERIA[name], value) for name, value in row.weights.items()],
    }
    return _page(request, "admin/vacancies/snapshot.html", row.vacancy, "Сохранённый подбор", **context)


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


def defence(request: HttpRequest, pk: int) -> HttpResponse:
    """Call the defence: date, time, place (T10)."""
    vacancy = _case_of(request, pk)
    form = DefenceForm(request.POST or None)
    form.cancel_url = reverse("admin:vacancies_case", args=[pk])
    form.helper = form.build_helper()
    if request.method == "POST" and form.is_valid():
        place = form.cleaned_data["place"]

        def deed() -> None:
            schedule_defence(vacancy, starts_at=form.starts_at(), place=place, actor=request.user)

        if succeeds(request, deed, form):
            messages.success(request, "Защита назначена: комиссия и кандидаты получат письма.")
            return redirect("admin:vacancies_case", pk)
    nominees = vacancy.referrals.filter(state=ReferralState.PRESENTED).select_related("reservist__user")
    return _page(
        request, "admin/vacancies/defence.html", vacancy, "Назначить защиту", form=form, nominees=nominees
    )


def recommendation(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the edition knows no defence: send the presented ones to the body (O3.19)."""
    vacancy = _case_of(request, pk)
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
    return _page(request, "admin/confirm.html", vacancy, title, **context)
