"""Applications that came on paper, by mail or through Госуслуги, entered by an operator (O3.2).

The true moment of receipt decides whether an application is in time, and starts the limits.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.services import create_person
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter

from ..eligibility import eligibility_blockers
from ..enums import ApplicationState, CampaignState, Channel
from ..models import Application, Campaign, PackageFile
from ..perms import can_enter_application, can_enter_applications
from ..workflow import APPLICATION
from .applications import take_in
from .packages import add_missing_slots
from .profiles import get_profile
from .submission import (
    choice_blockers,
    consent_blockers,
    document_blockers,
    in_words,
    questionnaire_blockers,
)

ENTERED_CHANNELS = (Channel.PAPER, Channel.MAIL, Channel.GOSUSLUGI)
RECEIVING = frozenset({CampaignState.OPEN, CampaignState.CLOSED})


@transaction.atomic
def begin_entry(
    *,
    actor: Any,
    campaign: Campaign,
    channel: str,
    received_at: datetime,
    email: str,
    late_reason: str = "",
    **names: str,
) -> Application:
    """Begin to enter an application that came at the moment `received_at`; one begun before is gone on with.

    `email` finds the person or makes a new account without a password, with `names`. What came after the window is
    taken within the person's own late window, or with the `late_reason` that opens one; an empty draft made for such
    a window becomes the entry. Raises GateShut for a receipt to come or outside the window, the operator's own
    application, a closed account, and a person who has one already.
    """
    user = User.objects.select_for_update(of=("self",)).filter(email__iexact=email).first()
    standing = _standing(user, campaign) if user else None
    until = standing.late_until if standing else None
    require_open(
        [
            *_right_blockers(actor, channel),
            *receipt_blockers(campaign, received_at, late_until=until, late_reason=late_reason),
        ]
    )
    if user is not None:
        require_open(person_blockers(user, campaign, actor))
    else:
        user = create_person(email, roles=[Role.CANDIDATE], actor=actor, **names)
    if standing is not None and standing.entered_by_id is not None:
        return standing
    if standing is not None:
        application = _take_over(standing, channel=channel, received_at=received_at, actor=actor)
    else:
        application = _new_entry(user, campaign, channel=channel, received_at=received_at, actor=actor)
    _open_late_window(application, late_reason, actor=actor)
    record_event(
        "candidates.begin_entry",
        application,
        actor=actor,
        person=user,
        channel=channel,
        received_at=received_at.isoformat(),
    )
    return application


def _new_entry(
    user: User, campaign: Campaign, *, channel: str, received_at: datetime, actor: Any
) -> Application:
    application = Application.objects.create(
        campaign=campaign,
        user=user,
        channel=channel,
        received_at=received_at,
        entered_by=actor,
    )
    add_missing_slots(application)
    groups = list(campaign.edition.target_groups.all())
    application.wanted_groups.set(groups if len(groups) == 1 else [])
    get_profile(user)
    APPLICATION.start(
        application, actor=actor, label=f"Заявление ({application.get_channel_display()}) вносит оператор"
    )
    return application


def _take_over(application: Application, *, channel: str, received_at: datetime, actor: Any) -> Application:
    application.channel, application.received_at, application.entered_by = channel, received_at, actor
    application.save(update_fields=["channel", "received_at", "entered_by"])
    return application


def _open_late_window(application: Application, reason: str, *, actor: Any) -> None:
    """The personal window of what came late, up to its receipt; where there is one already it stays."""
    received_at = application.received_at
    assert received_at is not None
    if received_at <= max(filter(None, [application.campaign.closes_at, application.late_until])):
        return
    application.late_until = received_at
    application.save(update_fields=["late_until"])
    record_event(
        "candidates.open_late_window",
        application,
        actor=actor,
        person=application.user,
        until=received_at.isoformat(),
        reason=reason.strip(),
    )


@transaction.atomic
def change_receipt(
    application: Application, *, channel: str, received_at: datetime, actor: Any, late_reason: str = ""
) -> None:
    """Mend channel and moment of receipt before the application is entered; raises GateShut as `begin_entry` does."""
    application = _locked(application)
    require_open(
        [
            *_entry_right_blockers(actor, application),
            *_right_blockers(actor, channel),
            *receipt_blockers(
                application.campaign,
                received_at,
                late_until=application.late_until,
                late_reason=late_reason,
            ),
        ]
    )
    application.channel, application.received_at = channel, received_at
    application.save(update_fields=["channel", "received_at"])
    _open_late_window(application, late_reason, actor=actor)
    record_event(
        "candidates.change_receipt",
        application,
        actor=actor,
        person=application.user,
        channel=channel,
        received_at=received_at.isoformat(),
    )


def receipt_blockers(
    campaign: Campaign, received_at: datetime, *, late_until: datetime | None = None, late_reason: str = ""
) -> list[Blocker]:
    """Why an application that came at this moment cannot be taken; the last moment of the window is still in time.

    So is the last moment of the person's own window, `late_until`; a later one needs a reason.
    """
    if received_at > clock.now():
        return [Blocker("Дата поступления ещё не наступила.", field="received_on")]
    if campaign.state not in RECEIVING:
        return [Blocker("В этот набор заявления не принимают.", field="campaign")]
    if received_at < campaign.opens_at:
        words = f"Поступило до начала приёма: он начался {in_words(campaign.opens_at)}."
        return [Blocker(words, field="received_on")]
    ends = max(filter(None, [campaign.closes_at, late_until]))
    if received_at > ends and not late_reason.strip():
        words = f"Поступило с опозданием: срок закончился {in_words(ends)}. Принять можно, указав причину."
        return [Blocker(words, field="late_reason")]
    return []


def entry_blockers(application: Application) -> list[Blocker]:
    """What keeps an application from being entered, each with the part of the page that mends it."""
    assert application.received_at is not None
    day = clock.local(application.received_at).date()
    return [
        *_at(
            "receipt",
            receipt_blockers(
                application.campaign, application.received_at, late_until=application.late_until
            ),
        ),
        *_at("questionnaire", choice_blockers(application)),
        *_at("consents", consent_blockers(application)),
        *_at("receipt", eligibility_blockers(application.user, application.campaign.edition, day)),
    ]


def entry_lacks(application: Application) -> list[Blocker]:
    """What is missing in the questionnaire and the package: no bar, an incomplete package is reviewed too (O3.8)."""
    return [
        *_at("questionnaire", questionnaire_blockers(application)),
        *_at("documents", document_blockers(application)),
    ]


@transaction.atomic
def finish_entry(application: Application, *, actor: Any, incomplete: bool = False) -> Application:
    """Take the application in as of its receipt: snapshot, tracks, limits, letter with the way into the cabinet (O3.2).

    `incomplete` says that the operator saw what is missing. Raises GateShut; entering twice changes nothing.
    """
    application = _locked(application)
    if application.submitted_at is not None:
        return application
    lacks = entry_lacks(application)
    blockers = [*_entry_right_blockers(actor, application), *entry_blockers(application)]
    if lacks and not incomplete:
        blockers.append(
            Blocker("Пакет неполный: подтвердите, что больше ничего не поступило.", field="incomplete")
        )
    require_open(blockers)
    assert application.received_at is not None
    take_in(application, moment=application.received_at, actor=actor)
    record_event(
        "candidates.enter_application",
        application,
        actor=actor,
        person=application.user,
        channel=application.channel,
    )
    _send_entered(application, lacks)
    return application


@transaction.atomic
def drop_entry(application: Application, *, actor: Any) -> None:
    """Give up an entry begun by mistake, before it is entered; account and questionnaire stay. Raises GateShut."""
    application = _locked(application)
    require_open(_entry_right_blockers(actor, application))
    APPLICATION.apply(application, "withdraw", actor=actor, reason="Внесение отменено оператором")
    record_event("candidates.drop_entry", application, actor=actor, person=application.user)


def _right_blockers(actor: Any, channel: str) -> list[Blocker]:
    if not can_enter_applications(actor):
        return [Blocker("Заявления, поданные не через портал, вносит оператор.")]
    if channel not in ENTERED_CHANNELS:
        return [Blocker("Выберите, как поступило заявление.", field="channel")]
    return []


def _entry_right_blockers(actor: Any, application: Application) -> list[Blocker]:
    if can_enter_application(actor, application):
        return []
    return [Blocker("Это заявление уже внесено или внести его может только другой оператор.")]


def person_blockers(user: User, campaign: Campaign, actor: Any) -> list[Blocker]:
    """Why this operator cannot enter an application of this person in this campaign."""
    if user == actor:
        return [Blocker("Собственное заявление внесёт другой оператор.", field="email")]
    if not user.is_active:
        return [Blocker("Учётная запись с этим адресом закрыта.", field="email")]
    standing = _standing(user, campaign)
    if standing is None or can_enter_application(actor, standing) or _is_empty_late_draft(standing):
        return []
    if standing.state == ApplicationState.DRAFT:
        words = "У этого человека на портале есть черновик в этом наборе: пусть подаст или отзовёт его."
        return [Blocker(words, field="email")]
    return [Blocker("Заявление этого человека в этом наборе уже есть.", field="email")]


def _is_empty_late_draft(application: Application) -> bool:
    """Made when the personal window was opened, and nothing was put into it: the person sent paper instead."""
    return (
        application.state == ApplicationState.DRAFT
        and application.entered_by_id is None
        and application.late_until is not None
        and not PackageFile.objects.filter(item__application=application).exists()
    )


def _standing(user: User, campaign: Campaign) -> Application | None:
    rows = Application.objects.exclude(state=ApplicationState.WITHDRAWN)
    return rows.filter(user=user, campaign=campaign).first()


def _at(part: str, blockers: list[Blocker]) -> list[Blocker]:
    """The blockers with the part of the operator's page in place of the candidate's."""
    return [replace(blocker, url=f"#{part}") for blocker in blockers]


def _locked(application: Application) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("campaign__edition", "user")
    return rows.get(pk=application.pk)


def _send_entered(application: Application, lacks: list[Blocker]) -> None:
    missing = "\n".join(f"— {blocker.text}" for blocker in lacks)
    send_letter(
        "candidates.entered",
        to=application.user,
        key=f"candidates.entered:{application.pk}",
        values={
            "campaign": application.campaign.name,
            "channel": application.get_channel_display(),
            "moment": in_words(application.submitted_at or clock.now()),
            "files": sum(len(slot["files"]) for slot in application.snapshot["inventory"]),
            "lacks": f"\nНе хватает:\n{missing}\n" if missing else "",
            "path": reverse("candidates:application", args=[application.pk]),
            "email": application.user.email,
            "entrance_path": reverse("account_reset_password"),
        },
        about=application,
    )
