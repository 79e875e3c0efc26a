"""Offers to a reservist and the own case, without others' names and sheets."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from candidates.dates import CampaignDate, calendar_file
from candidates.services.packages import read_upload
from commissions.enums import MeetingState
from reserve_portal.core.downloads import generated_file
from reserve_portal.core.timeline import timeline_of

from .. import perms
from ..enums import ReferralState
from ..forms import ConceptForm, ReasonForm
from ..models import ConceptDefence, Referral
from ..next_step import next_for_reservist
from ..services.defence import concept_blockers, scores_of, upload_concept
from ..services.referrals import accept_offer, refuse_offer
from ..workflow import REFERRAL
from .common import demand, succeeds

DEFENCE_LASTS = timedelta(hours=2)


def own_referrals(user: Any) -> "QuerySet[Referral]":
    """Offers to this person."""
    return Referral.objects.filter(reservist__user=user).select_related(
        "vacancy__edition", "vacancy__organisation", "vacancy__municipality", "reservist__user"
    )


def offers(request: HttpRequest) -> HttpResponse:
    """All offers to me, the latest first."""
    demand(request.user.has_role("reservist"))  # type: ignore[union-attr]
    return render(request, "vacancies/offers.html", {"offers": own_referrals(request.user).order_by("-pk")})


def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """One offer: answer it, or follow the own case; a foreign one does not exist."""
    referral = get_object_or_404(own_referrals(request.user), pk=pk)
    return render(request, "vacancies/offer.html", _offer_context(referral, ConceptForm()))


def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """I am ready to be considered."""
    referral = get_object_or_404(own_referrals(request.user), pk=pk)
    if request.method == "POST" and succeeds(request, lambda: accept_offer(referral, actor=request.user)):
        messages.success(request, "Спасибо, ответ записан. Оператор сообщит, представлены ли вы.")
    return redirect("vacancies:offer", pk)


def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """I am not ready, and why."""
    referral = get_object_or_404(own_referrals(request.user), pk=pk)
    form = ReasonForm(request.POST or None)
    form.cancel_url = reverse("vacancies:offer", args=[pk])
    form.submit_label = "Отказаться от вакансии"
    form.helper = form.build_helper()
    if (
        request.method == "POST"
        and form.is_valid()
        and succeeds(request, lambda: refuse_offer(referral, actor=request.user, **form.cleaned_data), form)
    ):
        messages.success(request, "Отказ записан. В кадровом резерве вы остаётесь.")
        return redirect("vacancies:offer", pk)
    context = {
        "vacancy": referral.vacancy,
        "form": form,
        "title": "Отказ от вакансии",
        "lead": "Отказ от вакансии не считается отказом от мероприятий резерва. Причину увидит оператор.",
        "back_url": reverse("vacancies:offer", args=[pk]),
        "back_label": "Предложение",
    }
    return render(request, "vacancies/deed.html", context)


def defence_calendar(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The day of my defence for a calendar program (T10)."""
    referral = get_object_or_404(own_referrals(request.user), pk=pk)
    defence = _defence_of(referral)
    if defence is None:
        raise Http404
    address = reverse("vacancies:offer", args=[pk])
    title = f"Защита концепции развития: {referral.vacancy}"
    day = CampaignDate(
        "defence",
        title,
        defence.meeting.starts_at,
        defence.meeting.starts_at + DEFENCE_LASTS,
        place=defence.meeting.place,
    )
    content = calendar_file(title, [day], key=f"{defence.pk}", address=address)
    return generated_file(content, f"zashchita-{defence.pk}.ics", "text/calendar; charset=utf-8")


def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """The nominee hands in a version of the concept (T10)."""
    referral = get_object_or_404(own_referrals(request.user), pk=pk)
    form = ConceptForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["file"]

        def deed() -> None:
            data = read_upload(chosen, referral.vacancy.edition)
            upload_concept(referral, name=chosen.name, data=data, actor=request.user)

        if succeeds(request, deed, form):
            messages.success(request, "Концепция загружена.")
            return redirect("vacancies:offer", pk)
    if request.method != "POST":
        return redirect("vacancies:offer", pk)
    return render(request, "vacancies/offer.html", _offer_context(referral, form))


def _defence_of(referral: Referral) -> ConceptDefence | None:
    """The defence to which this nominee is called, unless it was cancelled."""
    return (
        referral.vacancy.defences.exclude(meeting__state=MeetingState.CANCELLED)
        .filter(sheets__referral=referral)
        .select_related("meeting")
        .distinct()
        .first()
    )


def _offer_context(referral: Referral, form: ConceptForm) -> dict[str, Any]:
    defence = _defence_of(referral)
    decided = referral.state not in (ReferralState.ASKED, ReferralState.ACCEPTED, ReferralState.PRESENTED)
    heard = defence is not None and defence.meeting.state == MeetingState.CLOSED
    form.form_action = reverse("vacancies:upload", args=[referral.pk])
    form.helper = form.build_helper()
    return {
        "referral": referral,
        "vacancy": referral.vacancy,
        "next": next_for_reservist(referral),
        "may_answer": REFERRAL.is_open(referral, "accept")
        and perms.can_answer_offer(referral.reservist.user, referral),
        "wants_concept": referral.vacancy.edition.value("defence"),
        "concepts": list(referral.concepts.all()),
        "may_upload": not concept_blockers(referral) and referral.vacancy.edition.value("defence"),
        "concept_form": form,
        "defence": defence,
        "result": _own_result(defence, referral) if defence and heard and decided else None,
        "timeline": timeline_of([referral]),
    }


def _own_result(defence: ConceptDefence, referral: Referral) -> dict[str, Any]:
    """The own mean and spread; sheets and their authors stay with the commission."""
    scores = scores_of(defence, referral)
    return {name: scores[name] for name in ("mean", "lowest", "highest", "maximum")}
