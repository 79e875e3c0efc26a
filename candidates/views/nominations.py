"""Nominations: the nominator's list and form, the invitation and its answer."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from reserve_portal.audit.services import record_read
from reserve_portal.core.downloads import private_file
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused

from .. import perms
from ..enums import NominationState
from ..models import Campaign, Nomination
from ..nomination_forms import DeclineNominationForm, NominationForm, WithdrawNominationForm
from ..services import nominations as services
from ..services.packages import read_upload
from ..services.submission import in_words
from ..showing import nomination_standing
from ..uploads import CONTENT_TYPES, EXTENSIONS, RejectedUpload
from ..workflow import NOMINATION
from .applications import confirm, posted, tell_blockers

PAGE_SIZE = 25
OVER = {
    NominationState.ACCEPTED: "Это выдвижение уже принято.",
    NominationState.DECLINED: "Вы отказались от этого выдвижения.",
    NominationState.WITHDRAWN: "Это приглашение отозвано, отвечать на него не нужно.",
}


def nominations(request: HttpRequest) -> HttpResponse:
    """Whom one nominated, and how far each is; the campaigns in which one may nominate now."""
    _demand_nominator(request)
    rows = (
        Nomination.objects.visible_to(request.user)
        .select_related("campaign", "application", "nominator", "municipality", "organisation")
        .prefetch_related("application__tracks")
    )
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = [
        (
            row,
            *nomination_standing(row),
            row.nominator == request.user
            and row.campaign.is_receiving
            and NOMINATION.is_open(row, "withdraw"),
        )
        for row in page
    ]
    context = {"page": page, "rows": shown, "campaigns": services.open_campaigns_for(request.user)}
    return render(request, "candidates/nominations.html", context)


def nominate(request: HttpRequest, pk: int) -> HttpResponse:
    """Nominate one person in a campaign."""
    _demand_nominator(request)
    campaign = get_object_or_404(Campaign.objects.receiving().select_related("edition"), pk=pk)
    if not perms.nomination_kinds_of(request.user, campaign.edition):
        raise PermissionDenied
    form = NominationForm(posted(request), request.FILES or None, user=request.user, campaign=campaign)
    form.cancel_url = reverse("candidates:nominations")
    if request.method == "POST" and form.is_valid() and _sent(request, campaign, form):
        return redirect("candidates:nominations")
    return render(request, "candidates/nominate.html", {"campaign": campaign, "form": form})


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what follows, then take an unanswered nomination back."""
    nomination = get_object_or_404(Nomination.objects.visible_to(request.user), pk=pk)
    if nomination.nominator != request.user:
        raise PermissionDenied
    if request.method == "POST":
        try:
            services.withdraw_nomination(nomination, actor=request.user)
        except TransitionRefused as refused:
            tell_blockers(request, refused)
        else:
            messages.success(request, "Выдвижение отозвано.")
        return redirect("candidates:nominations")
    effects = ["Ссылка из приглашения перестанет действовать.", "Письмо о выдвижении никуда не попадёт."]
    form = WithdrawNominationForm()
    title = f"Отозвать выдвижение: {nomination.full_name}"
    return confirm(request, title, effects, form.submit_label, reverse("candidates:nominations"), form)


def own_letter(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The letter that the nominator sent."""
    return _letter(request, get_object_or_404(Nomination.objects.visible_to(request.user), pk=pk))


@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who nominates whom; the ways to answer, for people with and without an account."""
    nomination = _invited(token)
    user: Any = request.user
    waits = nomination.state == NominationState.INVITED and nomination.campaign.is_receiving
    context = {
        "nomination": nomination,
        "campaign": nomination.campaign,
        "groups": nomination.groups.all(),
        "waits": waits,
        "over": _over(nomination),
        "blockers": services.acceptance_blockers(nomination, user) if waits and user.is_authenticated else [],
        "own": nomination.application
        if nomination.application and nomination.application.user_id == user.pk
        else None,
    }
    return render(request, "candidates/invitation.html", context)


@require_POST
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Accept the nomination with one's own account."""
    nomination = _invited(token)
    try:
        application = services.accept_nomination(nomination, actor=request.user)
    except (GateShut, TransitionRefused) as error:
        tell_blockers(request, error)
        return redirect("candidates:invitation", token=token)
    except RejectedUpload as rejected:
        messages.error(request, rejected.message)
        return redirect("candidates:invitation", token=token)
    messages.success(
        request, "Выдвижение принято, письмо приложено. Заполните остальное и подайте заявление."
    )
    return redirect("candidates:application", pk=application.pk)


@login_not_required
def decline(request: HttpRequest, token: str) -> HttpResponse:
    """Say what follows, then decline; an account is not needed."""
    nomination = _invited(token)
    back = reverse("candidates:invitation", args=[token])
    if request.method == "POST":
        actor = request.user if request.user.is_authenticated else None
        try:
            services.decline_nomination(nomination, actor=actor)
        except TransitionRefused as refused:
            tell_blockers(request, refused)
        else:
            messages.success(request, "Вы отказались от выдвижения.")
        return redirect(back)
    effects = [
        "Выдвигающий узнает, что вы отказались.",
        "Подать заявление самостоятельно вы сможете и дальше.",
    ]
    form = DeclineNominationForm()
    return confirm(request, "Отказаться от выдвижения", effects, form.submit_label, back, form)


@login_not_required
def invitation_letter(request: HttpRequest, token: str) -> HttpResponseBase:
    """The letter about the person, to be read before answering."""
    return _letter(request, _invited(token))


def _demand_nominator(request: HttpRequest) -> None:
    if not perms.can_nominate(request.user):
        raise PermissionDenied


def _sent(request: HttpRequest, campaign: Campaign, form: NominationForm) -> bool:
    """Send the invitation; refusals go beside their fields. The answer does not tell whether an account exists."""
    data = {name: value for name, value in form.cleaned_data.items() if name not in ("letter", "agreed")}
    upload = form.cleaned_data["letter"]
    try:
        services.nominate_person(
            actor=request.user,
            campaign=campaign,
            letter_name=upload.name,
            letter=read_upload(upload, campaign.edition),
            **data,
        )
    except RejectedUpload as rejected:
        form.add_error("letter", rejected.message)
    except GateShut as shut:
        for blocker in shut.blockers:
            form.add_error(blocker.field if blocker.field in form.fields else None, blocker.text)
    else:
        messages.success(
            request, f"Приглашение отправлено на {data['email']}. Здесь появится ответ человека."
        )
        return True
    return False


def _invited(token: str) -> Nomination:
    rows = Nomination.objects.select_related(
        "campaign__edition", "nominator", "municipality", "organisation", "application"
    )
    return get_object_or_404(rows, token=token)


def _over(nomination: Nomination) -> str:
    """Why the invitation cannot be answered any more."""
    if nomination.state in (NominationState.INVITED, NominationState.EXPIRED):
        return f"Приём заявлений закончился {in_words(nomination.campaign.closes_at)}: ответить уже нельзя."
    return OVER[NominationState(nomination.state)]


def _letter(request: HttpRequest, nomination: Nomination) -> HttpResponseBase:
    if not nomination.may_be_opened:
        raise Http404
    if request.user.is_authenticated:
        person = nomination.application.user if nomination.application else None
        record_read(nomination, actor=request.user, person=person, what="candidates.read_nomination")
    name = f"vydvizhenie-{nomination.pk}.{EXTENSIONS[nomination.letter_kind]}"
    return private_file(nomination.letter, name, CONTENT_TYPES[nomination.letter_kind])
