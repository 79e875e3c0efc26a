"""The department: nominees who wait for its agreement, and its answers (T9)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from .. import perms
from ..enums import ReferralState, VacancyState
from ..forms import AgreementForm
from ..models import Referral
from ..services.appointment import decide_agreement
from .common import PAGE_SIZE, demand, succeeds


def waiting_agreements() -> "QuerySet[Referral]":
    """Recommended nominees under editions that want the department's agreement, the best of a defence first.

    Once one of several is agreed, the others wait for how that ends.
    """
    return (
        Referral.objects.filter(
            state=ReferralState.RECOMMENDED,
            vacancy__state=VacancyState.RECOMMENDED,
            vacancy__edition__parameters__key="agreement",
            vacancy__edition__parameters__value=True,
        )
        .select_related(
            "reservist__user", "vacancy__organisation", "vacancy__municipality", "vacancy__edition"
        )
        .order_by("vacancy", "defence_place", "pk")
    )


def agreements(request: HttpRequest) -> HttpResponse:
    """Whose appointment waits for the department's answer."""
    demand(perms.can_decide_agreement(request.user))
    page = Paginator(waiting_agreements(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "vacancies/agreements.html", {"page": page})


def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to one nominee's appointment, or refuse with the reason."""
    user: Any = request.user
    demand(perms.can_decide_agreement(user))
    referral = get_object_or_404(waiting_agreements(), pk=pk)
    form = AgreementForm(request.POST or None)
    form.cancel_url = reverse("vacancies:agreements")
    form.helper = form.build_helper()
    if (
        request.method == "POST"
        and form.is_valid()
        and succeeds(request, lambda: decide_agreement(referral, actor=user, **form.cleaned_data), form)
    ):
        messages.success(request, "Решение внесено, резервисту и муниципалитету ушли письма.")
        return redirect("vacancies:agreements")
    return render(
        request, "vacancies/agreement.html", {"referral": referral, "vacancy": referral.vacancy, "form": form}
    )
