"""Matching in the workplace: the order with its reasons, what-if, comparison, the saved order, the reverse question."""

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from reservists.models import Reservist

from .. import perms, rules
from ..enums import ReferralState
from ..forms import ReasonForm, WeightsForm
from ..models import MatchSnapshot, Vacancy
from ..services.fitting import vacancies_for
from ..services.matching import MATCHED_STATES, match_vacancy, save_snapshot
from ..services.reserve import Reserve
from .common import PAGE_SIZE, demand, succeeds
from .desk import case_of, desk_page

PLACES_ON_A_PAGE = 50
LEFT_OUT_SHOWN = 200
REORDERED = 30
COMPARED_AT_MOST = 4


def _tried_weights(request: HttpRequest, vacancy: Vacancy) -> tuple[WeightsForm, dict[str, int] | None]:
    """The form of the try and its weights; None when they are the edition's own or wrong."""
    tries = any(name in request.GET for name in rules.CRITERIA)
    form = WeightsForm(request.GET if tries else None, edition=vacancy.edition)
    return form, form.changed_weights() if tries and form.is_valid() else None


def matching(request: HttpRequest, pk: int) -> HttpResponse:
    """The computed order, place by place with its reasons; other weights as a try; POST saves it (T7, O3.19)."""
    vacancy = case_of(request, pk, to_act=False)
    form, weights = _tried_weights(request, vacancy)
    reason = ReasonForm(request.POST or None)
    if request.method == "POST":
        demand(perms.can_run_case(request.user))
        if _saved(request, vacancy, weights, reason):
            return redirect("admin:vacancies_case", pk)
    reserve = Reserve(vacancy)
    order = reserve.order(weights)
    usual = reserve.order().places.ids if weights else []
    places_before = {pk: place for place, pk in enumerate(usual, start=1)}
    page = Paginator(order.places, PLACES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "reason": reason,
        "weights_changed": weights is not None,
        "tried": request.GET.urlencode() if weights else "",
        "compared": COMPARED_AT_MOST,
        "page": page,
        "places": [
            {
                "number": number,
                "row": place,
                "rise": places_before.get(place.candidate.reservist_id, number) - number,
                "typed": request.POST.get(f"place_{place.candidate.reservist_id}", ""),
            }
            for number, place in enumerate(page.object_list, start=page.start_index())
        ],
        "reorder": page.number == 1,
        "reordered": REORDERED,
        "left_out": order.left_out[:LEFT_OUT_SHOWN],
        "left_out_count": len(order.left_out),
        "advantage_clause": vacancy.edition.clause("advantage"),
        "may_save": perms.can_run_case(request.user) and vacancy.state in MATCHED_STATES,
    }
    return desk_page(request, "admin/vacancies/matching.html", vacancy, "Подбор", **context)


def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Up to four people of the order side by side, criterion by criterion, by the weights of a try."""
    vacancy = case_of(request, pk, to_act=False)
    _, weights = _tried_weights(request, vacancy)
    chosen = [int(value) for value in request.GET.getlist("who") if value.isdecimal()]
    order = Reserve(vacancy).order(weights)
    numbers = {pk: place for place, pk in enumerate(order.places.ids, start=1)}
    found = order.places.of([pk for pk in chosen if pk in numbers][:COMPARED_AT_MOST])
    if len(chosen) > COMPARED_AT_MOST:
        messages.warning(request, f"Сравнить можно не больше {COMPARED_AT_MOST} человек: показаны первые.")
    explained = [place.lines for place in found]
    context = {
        "people": [(numbers[place.candidate.reservist_id], place) for place in found],
        "criteria": [
            {
                "title": lines[0].title,
                "maximum": lines[0].maximum,
                "cells": [(line, line.points > min(points) and line.points == max(points)) for line in lines],
            }
            for lines in zip(*explained, strict=True)
            for points in [[line.points for line in lines]]
        ],
        "weights_changed": weights is not None,
        "advantage_clause": vacancy.edition.clause("advantage"),
    }
    return desk_page(request, "admin/vacancies/compare.html", vacancy, "Сравнение", **context)


def fit(request: HttpRequest, pk: int) -> HttpResponse:
    """To which open vacancies one reservist would fit, with the points there or what stands in the way."""
    demand(perms.can_read_case_desk(request.user))
    reservist = get_object_or_404(
        Reservist.objects.visible_to(request.user).select_related(
            "user", "edition", "target_group", "municipality"
        ),
        pk=pk,
    )
    vacancies = Vacancy.objects.open().select_related(
        "edition", "organisation", "municipality", "target_group"
    )
    page = Paginator(vacancies, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": f"Вакансии для резервиста: {reservist.user.full_name}",
        "reservist": reservist,
        "page": page,
        "rows": vacancies_for(reservist, list(page.object_list)),
    }
    return render(request, "admin/vacancies/fit.html", context)


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
    computed = match_vacancy(vacancy, weights).places.ids
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
    return desk_page(request, "admin/vacancies/snapshot.html", row.vacancy, "Сохранённый подбор", **context)
