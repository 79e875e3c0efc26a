"""The application: overview with its steps, choices, consents, submission, withdrawal."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.regulations.enums import ConsentKind
from reserve_portal.regulations.models import ConsentText

from .. import showing
from ..ahead import what_lies_ahead
from ..eligibility import eligibility_blockers
from ..enums import APPLICATION_ENDED, ApplicationState, RequestKind
from ..forms import (
    ChoicesForm,
    ConsentForm,
    DeclineForm,
    DisseminationForm,
    SubmitForm,
    WithdrawForm,
    choices_initial,
)
from ..models import Application, ApplicationTrack, Campaign, Consent
from ..services import applications as services
from ..services.consents import applications_resting_on, has_decisions, stands_otherwise


def own_application(request: HttpRequest, pk: int) -> Application:
    """The user's own application; anybody else's does not exist."""
    user: Any = request.user
    rows = Application.objects.own_of(user).select_related("campaign__edition", "user")
    application = get_object_or_404(rows, pk=pk)
    application.user = user  # its roles are loaded already
    return application


def own_draft(request: HttpRequest, pk: int) -> Application:
    """The user's own draft; what was submitted is not filled any more (403)."""
    application = own_application(request, pk)
    if application.state != ApplicationState.DRAFT:
        raise PermissionDenied
    return application


def posted(request: HttpRequest) -> Any:
    """The data of a form that was sent, even where nothing is in it (an unticked box), else None."""
    return request.POST if request.method == "POST" else None


def tell_blockers(request: HttpRequest, error: GateShut | TransitionRefused) -> None:
    """Say what stands in the way."""
    for text in [blocker.text for blocker in error.blockers] if isinstance(error, GateShut) else [str(error)]:
        messages.error(request, text)


def my(request: HttpRequest) -> HttpResponse:
    """Own applications, and the campaigns that take new ones."""
    user: Any = request.user
    rows = (
        Application.objects.own_of(user).select_related("campaign").prefetch_related("tracks__target_group")
    )
    applications = []
    for row in rows:
        label, tone = showing.standing(row, list(row.tracks.all()))
        applications.append({"application": row, "tone": tone, "label": label})
    taken = [row.campaign_id for row in rows if row.state != ApplicationState.WITHDRAWN]
    receiving = Campaign.objects.receiving().exclude(pk__in=taken).select_related("edition")
    campaigns = [(row, eligibility_blockers(user, row.edition, clock.today())) for row in receiving]
    context = {"applications": applications, "campaigns": campaigns}
    return render(request, "candidates/my.html", context)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin an application, or go on with the one begun."""
    campaign = get_object_or_404(Campaign.objects.select_related("edition"), pk=pk)
    try:
        application = services.start_application(request.user, campaign=campaign)
    except GateShut as error:
        tell_blockers(request, error)
        return redirect("candidates:campaign", pk=pk)
    return redirect("candidates:application", pk=application.pk)


def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the application stands: a draft's steps and what is missing, afterwards what happens by when."""
    application = own_application(request, pk)
    context: dict[str, Any] = {
        "application": application,
        "campaign": application.campaign,
        "tone": showing.TONES[ApplicationState(application.state)],
        "may_withdraw": not services.withdrawal_blockers(application),
    }
    if application.state == ApplicationState.DRAFT:
        blockers = services.submission_blockers(application)
        context |= {"blockers": blockers, "steps": showing.steps_of(application, blockers)}
        context |= showing.draft_term(application)
        return render(request, "candidates/draft.html", context)
    tracks = list(application.tracks.select_related("target_group"))
    label, tone = showing.standing(application, tracks)
    context |= {
        "label": label,
        "tone": tone,
        "tracks": showing.tracks_shown(application, tracks),
        "next": showing.what_next(application, tracks),
        "ahead": what_lies_ahead(
            application, tracks, [row["deadline"] for row in showing.deadlines_of(application, tracks)]
        ),
        "timeline": showing.history_of(application, tracks),
        "registration": getattr(application, "registration", None),
        "in_correction": application.state == ApplicationState.CORRECTION,
        "has_ended": application.state in APPLICATION_ENDED,
        "is_refused": application.state == ApplicationState.REFUSED,
        "may_start_anew": _may_start_anew(application),
    }
    return render(request, "candidates/application.html", context)


def _may_start_anew(application: Application) -> bool:
    """Whether a new application may follow a withdrawn one in the same campaign."""
    if application.state != ApplicationState.WITHDRAWN or not application.campaign.is_receiving:
        return False
    others = Application.objects.own_of(application.user).filter(campaign=application.campaign_id)
    if others.exclude(state=ApplicationState.WITHDRAWN).exists():
        return False
    return not eligibility_blockers(application.user, application.campaign.edition, clock.today())


def choices(request: HttpRequest, pk: int) -> HttpResponse:
    """Who nominates and for which groups."""
    application = own_draft(request, pk)
    edition = application.campaign.edition
    form = ChoicesForm(posted(request), edition=edition, initial=choices_initial(application))
    form.cancel_url = reverse("candidates:application", args=[pk])
    if request.method == "POST" and form.is_valid():
        try:
            services.set_choices(application, actor=request.user, **form.cleaned_data)
        except GateShut as error:
            for blocker in error.blockers:
                form.add_error(blocker.field or None, blocker.text)
        else:
            messages.success(request, "Выбор сохранён.")
            return redirect("candidates:application", pk=pk)
    context = {"application": application, "form": form, "clause": edition.clause("nomination_kinds")}
    return render(request, "candidates/choices.html", context)


def consents(request: HttpRequest, pk: int) -> HttpResponse:
    """The consents, each a document of its own."""
    application = own_application(request, pk)
    pairs = services.consents_of(request.user, application.campaign.edition)
    context = {
        "application": application,
        "pairs": pairs,
        "is_draft": application.state == ApplicationState.DRAFT,
    }
    return render(request, "candidates/consents.html", context)


def consent(request: HttpRequest, pk: int, text: int) -> HttpResponse:
    """The full text of one consent, and the way to give it."""
    application = own_application(request, pk)
    row, given = _consent_pair(application, text)
    by_item = row.kind == ConsentKind.DISSEMINATION
    form = (DisseminationForm if by_item else ConsentForm)(posted(request))
    form.cancel_url = reverse("candidates:consents", args=[pk])
    if request.method == "POST" and given is None and form.is_valid():
        chosen = {name: form.cleaned_data[name] for name in ("items", "prohibitions")} if by_item else {}
        try:
            services.give_consent(
                request.user,
                text=row,
                address=request.META.get("REMOTE_ADDR"),
                actor=request.user,
                **chosen,
            )
        except GateShut as error:
            tell_blockers(request, error)
        else:
            messages.success(request, f"Дано: {row.title}.")
        return redirect("candidates:consents", pk=pk)
    return render(
        request,
        "candidates/consent.html",
        {"application": application, "text": row, "given": given, "form": form},
    )


def withdraw_consent(request: HttpRequest, pk: int, text: int) -> HttpResponse:
    """Say first what follows, then withdraw the consent."""
    application = own_application(request, pk)
    row, given = _consent_pair(application, text)
    if given is None:
        return redirect("candidates:consent", pk=pk, text=text)
    if request.method == "POST":
        services.withdraw_consent(given, actor=request.user)
        messages.success(request, f"Отозвано: {row.title}.")
        return redirect("candidates:consents", pk=pk)
    resting = applications_resting_on(given)
    effects = [f"Будет отозвано и заявление: {one.campaign.name}." for one in resting]
    if row.required:
        effects += ["Без этого согласия подать заявление нельзя.", *_what_stays(request.user, given)]
    else:
        effects.append("Вместо фамилии в опубликованном списке будет стоять регистрационный номер.")
    effects.append("Запись о том, что согласие было дано и отозвано, останется.")
    cancel = reverse("candidates:consents", args=[pk])
    return confirm(
        request, f"Отозвать: {row.title}", effects, "Отозвать согласие", cancel, danger=bool(resting)
    )


def _what_stays(user: Any, given: Consent) -> list[str]:
    """What the withdrawal of a required consent does not end, and where each of that is asked for (152-FZ, art. 9)."""
    stays = []
    if has_decisions(user):
        stays.append(
            "Принятые решения — о включении в резерв, об отказе в допуске или во включении — останутся в силе."
        )
    if user.has_role(Role.RESERVIST):
        stays.append(
            "Участие в кадровом резерве этим не прекращается. Выйти из резерва — отдельный шаг: "
            "кнопка «Выйти из резерва» на странице «Мой резерв»."
        )
    if given.text.kind != ConsentKind.PROCESSING:
        return stays
    if user.has_role(Role.RESERVIST) and not stands_otherwise(given):
        stays.append("Пока этого согласия нет, предложить вас на вакансию нельзя.")
    address = f"{reverse('candidates:requests')}?kind={RequestKind.STOP}"
    stays.append(
        format_html(
            "Данные, которые портал уже хранит, этим не удаляются. Прекратить их обработку просят отдельно: "
            '<a href="{}">Мои персональные данные</a>, запрос «{}».',
            address,
            RequestKind.STOP.label,
        )
    )
    return stays


def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Check and submit: what is missing, what does not fit, the confirmation."""
    application = own_application(request, pk)
    if application.state != ApplicationState.DRAFT:
        return redirect("candidates:application", pk=pk)
    form = SubmitForm(posted(request))
    form.cancel_url = reverse("candidates:application", args=[pk])
    if request.method == "POST" and form.is_valid():
        try:
            services.submit_application(application, actor=request.user)
        except (GateShut, TransitionRefused) as error:
            tell_blockers(request, error)
            return redirect("candidates:submit", pk=pk)
        messages.success(request, "Заявление ПОДАНО. Расписка с описью ждёт вас ниже, письмо уже отправлено.")
        return redirect("candidates:application", pk=pk)
    judged = services.judge_application(application)
    context = {
        "application": application,
        "form": form,
        "blockers": services.submission_blockers(application),
        "warnings": [(row, judgement) for row, judgement in judged if judgement.met is False],
        "slots": services.slots_of(application),
        **showing.draft_term(application),
    }
    return render(request, "candidates/submit.html", context)


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Say first what follows, then withdraw the application."""
    application = own_application(request, pk)
    form = WithdrawForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_application(application, actor=request.user, reason=form.cleaned_data["reason"])
        except (GateShut, TransitionRefused) as error:
            tell_blockers(request, error)
        else:
            messages.success(request, "Заявление отозвано.")
        return redirect("candidates:application", pk=pk)
    if application.state == ApplicationState.DRAFT:
        effects = ["Черновик закроется: подать его будет нельзя.", "Анкета останется для нового заявления."]
    else:
        effects = ["Заявление больше не будут рассматривать."]
    effects.append("Пока приём идёт, можно начать новое заявление.")
    cancel = reverse("candidates:application", args=[pk])
    return confirm(request, "Отозвать заявление", effects, form.submit_label, cancel, form)


def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Say first what follows, then decline the assessment in one group."""
    rows = ApplicationTrack.objects.select_related("application", "target_group")
    track = get_object_or_404(rows, pk=pk, application__user=request.user)
    form = DeclineForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.decline_track(track, actor=request.user, reason=form.cleaned_data["reason"])
        except (GateShut, TransitionRefused) as error:
            tell_blockers(request, error)
        else:
            messages.success(request, "Вы отказались от оценки.")
        return redirect("candidates:application", pk=track.application_id)
    effects = [
        f"Группа: {track.target_group}.",
        "Без оценки в резерв не включают. Вернуть вас к оценке может оператор.",
    ]
    cancel = reverse("candidates:application", args=[track.application_id])
    return confirm(request, "Отказаться от оценки", effects, form.submit_label, cancel, form)


def _consent_pair(application: Application, text: int) -> tuple[ConsentText, Consent | None]:
    """A text of the application's edition and the user's consent to it."""
    row = get_object_or_404(application.campaign.edition.consent_texts, pk=text)
    return row, Consent.objects.filter(user=application.user, text=row, withdrawn_at=None).first()


def confirm(
    request: HttpRequest,
    title: str,
    effects: list[str],
    label: str,
    cancel_url: str,
    form: Any = None,
    danger: bool = True,
) -> HttpResponse:
    """The page that says what follows before a deed is done."""
    context = {
        "title": title,
        "effects": effects,
        "count": None,
        "items": [],
        "form": form,
        "submit_label": label,
        "danger": danger,
        "cancel_url": cancel_url,
        "hidden": {},
    }
    return render(request, "components/confirm.html", context)
