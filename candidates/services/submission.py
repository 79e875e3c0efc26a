"""The gate of submission: everything that stands in its way, each with the page that mends it."""

from datetime import datetime

from django.urls import reverse

from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker
from reserve_portal.regulations.parameters import NOMINATION_KINDS

from ..eligibility import eligibility_blockers
from ..enums import ApplicationState, CampaignState
from ..models import Application, Profile
from ..rules import DECLARATIONS, leaves_of
from .consents import consents_of
from .packages import slots_of

NEEDED_FIELDS = (
    ("birth_date", "Укажите дату рождения."),
    ("citizenship", "Укажите гражданство."),
    ("phone", "Укажите телефон."),
    ("municipality_id", "Укажите муниципальное образование."),
    ("organisation_name", "Укажите место работы."),
    ("post", "Укажите должность."),
)


def is_in_time(application: Application, moment: datetime) -> bool:
    """Say whether `moment` lies in the campaign's window or the personal one (the last moment itself still does)."""
    campaign = application.campaign
    if application.late_until is not None and moment <= application.late_until:
        return True
    return campaign.state == CampaignState.OPEN and campaign.opens_at <= moment <= campaign.closes_at


def term_is_over(application: Application) -> bool:
    """Whether this draft can be submitted no more: its window has ended and no personal term runs."""
    if application.state != ApplicationState.DRAFT or is_in_time(application, clock.now()):
        return False
    planned = application.campaign.state == CampaignState.PLANNED
    return not planned and clock.now() >= application.campaign.opens_at


def submission_blockers(application: Application) -> list[Blocker]:
    """Everything that keeps the application from being submitted at this moment, with the page that mends it."""
    return [
        *_window_blockers(application),
        *questionnaire_blockers(application),
        *choice_blockers(application),
        *consent_blockers(application),
        *document_blockers(application),
        *eligibility_blockers(application.user, application.campaign.edition, clock.today()),
    ]


def _window_blockers(application: Application) -> list[Blocker]:
    now = clock.now()
    if application.state != ApplicationState.DRAFT:
        return [Blocker("Это заявление больше не черновик.")]
    if is_in_time(application, now):
        return []
    if now < application.campaign.opens_at or application.campaign.state == CampaignState.PLANNED:
        return [Blocker(f"Приём начнётся {in_words(application.campaign.opens_at)}.")]
    ended = application.submit_until
    if now <= ended:
        return [Blocker("Приём заявлений закрыт.")]
    return [Blocker(f"Приём закончился {in_words(ended)}: подать заявление уже нельзя.")]


def questionnaire_blockers(application: Application) -> list[Blocker]:
    """What the questionnaire lacks."""
    profile = Profile.objects.filter(user=application.user_id).first() or Profile()
    url = reverse("candidates:questionnaire", args=[application.pk])
    blockers = [
        Blocker(text, field=name, url=f"{url}#id_{name.removesuffix('_id')}")
        for name, text in NEEDED_FIELDS
        if not getattr(profile, name)
    ]
    for name in _asked_declarations(application):
        if getattr(profile, name, None) is None:
            words = DECLARATIONS.get(name, name)
            blockers.append(
                Blocker(f"Ответьте на вопрос анкеты: {words}.", field=name, url=f"{url}#id_{name}")
            )
    if profile.pk is None or not profile.education.exists():
        blockers.append(
            Blocker(
                "Добавьте хотя бы один диплом.", url=reverse("candidates:education", args=[application.pk])
            )
        )
    if profile.pk is None or not profile.employment.exists():
        blockers.append(
            Blocker(
                "Добавьте хотя бы один период работы.",
                url=reverse("candidates:employment", args=[application.pk]),
            )
        )
    return blockers


def needed_names(application: Application) -> list[str]:
    """Names of the questionnaire's fields without which the application is not accepted."""
    return [name.removesuffix("_id") for name, _ in NEEDED_FIELDS] + _asked_declarations(application)


def _asked_declarations(application: Application) -> list[str]:
    rules = [requirement.rule for requirement in application.campaign.edition.requirements.all()]
    return list(dict.fromkeys(leaf for rule in rules for leaf in leaves_of(rule, "declared")))


def choice_blockers(application: Application) -> list[Blocker]:
    """Whether nomination and target group are chosen as the edition allows (T1, O1.14)."""
    url = reverse("candidates:choices", args=[application.pk])
    blockers = []
    kinds = application.campaign.edition.value("nomination_kinds")
    if not application.nominations or set(application.nominations) - set(kinds):
        known = ", ".join(NOMINATION_KINDS[kind] for kind in kinds)
        blockers.append(Blocker(f"Укажите, кто вас выдвигает: {known}.", field="nominations", url=url))
    if not application.wanted_groups.exists():
        blockers.append(Blocker("Выберите целевую группу.", field="groups", url=url))
    return blockers


def consent_blockers(application: Application) -> list[Blocker]:
    """Required consents that were not given."""
    return [
        Blocker(
            f"Не дано: {text.title}.",
            url=reverse("candidates:consent", args=[application.pk, text.pk]),
        )
        for text, given in consents_of(application.user, application.campaign.edition)
        if text.required and given is None
    ]


def document_blockers(application: Application) -> list[Blocker]:
    """Required documents without a file (O3.2)."""
    url = reverse("candidates:documents", args=[application.pk])
    return [
        Blocker(f"Приложите документ: {item.document_type.name}.", url=f"{url}#slot-{item.pk}")
        for item in slots_of(application)
        if item.document_type.is_required_for(application.nominations) and not item.present_files
    ]


def in_words(moment: datetime) -> str:
    """«03.04.2026 в 23:59» in the region's time."""
    return f"{clock.local(moment):%d.%m.%Y в %H:%M}"
