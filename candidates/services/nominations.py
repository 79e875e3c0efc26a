"""Nominations by others (T1): the invitation, the answer, what the nominator learns.

The nominator's answer is the same whether the address has an account or not.
"""

from collections.abc import Iterable
from datetime import timedelta
from secrets import token_hex
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from reserve_portal.accounts.models import User
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.search import search_key
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.models import TargetGroup

from ..enums import ApplicationState, NominationKind, NominationState
from ..models import Application, Campaign, Nomination
from ..perms import nomination_kinds_of
from ..uploads import check_upload
from ..workflow import NOMINATION
from .applications import start_application
from .nominated import attach_nomination
from .packages import limits_of
from .quarantine import first_state
from .submission import in_words

A_DAY = timedelta(days=1)
MAX_A_DAY = 20  # invitations of one nominator
MAX_TO_ADDRESS = 3  # invitations to one address in a day, by whomever
MAX_IN_CAMPAIGN = 100  # invitations of one nominator in one campaign
ALREADY = {
    NominationState.INVITED: "Этому человеку приглашение уже отправлено, ответа пока нет.",
    NominationState.ACCEPTED: "Этот человек уже принял выдвижение.",
    NominationState.DECLINED: "Этот человек отказался от выдвижения в этом наборе.",
}


def open_campaigns_for(user: Any) -> list[Campaign]:
    """The campaigns in which this person may nominate now, by their editions (T1)."""
    rows = Campaign.objects.receiving().select_related("edition")
    return [row for row in rows if nomination_kinds_of(user, row.edition)]


def nominate_person(
    *,
    actor: Any,
    campaign: Campaign,
    kind: str,
    email: str,
    last_name: str,
    first_name: str,
    patronymic: str,
    groups: Iterable[TargetGroup],
    letter_name: str,
    letter: bytes,
) -> Nomination:
    """Nominate the person of this address and send the invitation (T1).

    Raises RejectedUpload for a letter that is not accepted, GateShut for whoever may not nominate so, outside the
    window, for a person nominated already, and beyond the limits against abuse; then nothing is stored or sent.
    """
    require_open(_right_blockers(actor, campaign, kind))
    accepted = check_upload(letter_name, letter, limits_of(campaign.edition))  # slow: outside the transaction
    groups = list(groups)
    with transaction.atomic():
        User.objects.select_for_update().get(
            pk=actor.pk
        )  # counts of one nominator are taken one after another
        require_open(
            [
                *_person_blockers(actor, campaign, kind, email),
                *_abuse_blockers(actor, campaign, email),
                *_group_blockers(campaign, groups),
            ]
        )
        row = Nomination(
            campaign=campaign,
            kind=kind,
            nominator=actor,
            municipality=actor.municipality if kind == NominationKind.MUNICIPALITY else None,
            organisation=actor.organisation if kind == NominationKind.HEAD else None,
            email=email.lower(),
            last_name=last_name,
            first_name=first_name,
            patronymic=patronymic,
            letter_name=accepted.original_name,
            letter_kind=accepted.kind,
            letter_pages=accepted.pages,
            letter_sha256=accepted.sha256,
            **first_state(),
        )
        row.letter.save(f"{token_hex(16)}.{accepted.extension}", ContentFile(accepted.content), save=False)
        try:
            row.save()
            row.groups.set(groups)
            NOMINATION.start(row, actor=actor, label="Приглашение отправлено")
            record_event("candidates.nominate_person", row, actor=actor, kind=kind)
            write_to_invited(row, "candidates.nominated", key=f"candidates.nominated:{row.pk}")
        except BaseException as error:
            row.letter.storage.delete(str(row.letter.name))
            if isinstance(error, IntegrityError):  # the same form sent twice at once
                require_open([Blocker(ALREADY[NominationState.INVITED], field="email")])
            raise
    return row


@transaction.atomic
def withdraw_nomination(nomination: Nomination, *, actor: Any) -> Nomination:
    """Take a nomination back before it is answered; raises TransitionRefused afterwards."""
    NOMINATION.apply(nomination, "withdraw", actor=actor)
    _answered(nomination)
    record_event("candidates.withdraw_nomination", nomination, actor=actor)
    return nomination


@transaction.atomic
def decline_nomination(nomination: Nomination, *, actor: Any) -> Nomination:
    """The person declines; whoever has the link may, with or without an account. Raises TransitionRefused."""
    NOMINATION.apply(nomination, "decline", actor=actor)
    _answered(nomination)
    record_event("candidates.decline_nomination", nomination, actor=actor)
    tell_nominator(nomination, "отказался(-ась) от выдвижения")
    return nomination


def is_meant_for(nomination: Nomination, user: Any) -> bool:
    """Say whether the invitation is this person's: the address is, or (with the link in hand) the name.

    Nominators write to the address they know, which need not be that of the account.
    """
    if nomination.email == user.email.lower():
        return True
    return search_key(nomination.last_name, nomination.first_name) == search_key(
        user.last_name, user.first_name
    )


def acceptance_blockers(nomination: Nomination, user: Any) -> list[Blocker]:
    """What keeps this person from accepting the nomination now."""
    blockers = []
    if not is_meant_for(nomination, user):
        blockers.append(
            Blocker(
                "Приглашение отправлено другому человеку: войдите под учётной записью, которой оно адресовано."
            )
        )
    if nomination.nominator_id == user.pk:
        blockers.append(Blocker("Принять собственное выдвижение нельзя."))
    standing = (
        Application.objects.filter(user=user, campaign=nomination.campaign)
        .exclude(state=ApplicationState.WITHDRAWN)
        .first()
    )
    if standing is not None and standing.state != ApplicationState.DRAFT:
        blockers.append(
            Blocker(
                "Ваше заявление уже подано: приложить к нему ещё одно письмо можно только через оператора."
            )
        )
    if standing is None and not nomination.campaign.is_receiving:
        blockers.append(Blocker("Приём заявлений в этом наборе закончен."))
    return blockers


@transaction.atomic
def accept_nomination(nomination: Nomination, *, actor: Any) -> Application:
    """Accept: the kind joins those of the person's draft (begun if need be), the letter lands in its slot (T1).

    Raises GateShut for somebody else, after the window's end and once the application is submitted, RejectedUpload
    when the package would grow too large, TransitionRefused for a nomination answered or withdrawn already.
    """
    require_open(acceptance_blockers(nomination, actor))
    NOMINATION.apply(nomination, "accept", actor=actor)
    application = start_application(actor, campaign=nomination.campaign)
    application = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    attach_nomination(application, nomination, actor=actor)
    _answered(nomination)
    record_event(
        "candidates.accept_nomination", nomination, actor=actor, person=actor, application=application.pk
    )
    tell_nominator(nomination, "принял(а) выдвижение")
    return application


def _right_blockers(actor: Any, campaign: Campaign, kind: str) -> list[Blocker]:
    if kind not in nomination_kinds_of(actor, campaign.edition):
        return [Blocker("Вы не можете выдвигать кандидатов таким способом.", field="kind")]
    if not campaign.is_receiving:
        return [Blocker("Приём заявлений в этом наборе сейчас не идёт.", field="campaign")]
    return []


def _person_blockers(actor: Any, campaign: Campaign, kind: str, email: str) -> list[Blocker]:
    if email.lower() == actor.email.lower():
        return [Blocker("Себя выдвигают самовыдвижением: подайте заявление сами.", field="email")]
    rows = Nomination.objects.visible_to(actor).filter(campaign=campaign, kind=kind, email=email.lower())
    standing = (
        rows.exclude(state__in=[NominationState.WITHDRAWN, NominationState.EXPIRED])
        .exclude(application__state=ApplicationState.WITHDRAWN)
        .first()
    )
    if standing is None:
        return []
    return [Blocker(ALREADY[NominationState(standing.state)], field="email")]


def _abuse_blockers(actor: Any, campaign: Campaign, email: str) -> list[Blocker]:
    """Limits of number and rate; withdrawn invitations count, their letters have left."""
    since = clock.now() - A_DAY
    own = Nomination.objects.filter(nominator=actor)
    if own.filter(created_at__gt=since).count() >= MAX_A_DAY:
        return [Blocker(f"За сутки можно отправить {MAX_A_DAY} приглашений: продолжите завтра.")]
    if own.filter(campaign=campaign).count() >= MAX_IN_CAMPAIGN:
        return [Blocker(f"В одном наборе можно отправить {MAX_IN_CAMPAIGN} приглашений.")]
    if Nomination.objects.filter(email=email.lower(), created_at__gt=since).count() >= MAX_TO_ADDRESS:
        return [
            Blocker("На этот адрес сегодня ушло слишком много приглашений: отправьте завтра.", field="email")
        ]
    return []


def _group_blockers(campaign: Campaign, groups: list[TargetGroup]) -> list[Blocker]:
    if not groups or any(group.edition_id != campaign.edition_id for group in groups):
        return [Blocker("Выберите целевую группу этого набора.", field="groups")]
    if len(groups) > 1 and not campaign.edition.value("several_target_groups"):
        return [Blocker("Можно выбрать только одну целевую группу.", field="groups")]
    return []


def _answered(nomination: Nomination) -> None:
    nomination.answered_at = clock.now()
    nomination.save(update_fields=["answered_at", "application"])


def write_to_invited(nomination: Nomination, code: str, *, key: str, **values: Any) -> None:
    """Write to the invited address: who nominates, until when, the way to the answer, and `values`."""
    send_letter(
        code,
        to=User.objects.filter(email__iexact=nomination.email, is_active=True).first(),
        address=nomination.email,
        key=key,
        values={
            "name": f"{nomination.first_name} {nomination.patronymic}".strip(),
            "nominator": nomination.nominator.full_name,
            "behalf": nomination.on_behalf_of,
            "campaign": nomination.campaign.name,
            "until": in_words(nomination.campaign.closes_at),
            "path": reverse("candidates:invitation", args=[nomination.token]),
            **values,
        },
        about=nomination,
    )


def tell_nominator(nomination: Nomination, answer: str) -> None:
    """Write to the nominator what became of the invitation."""
    send_letter(
        "candidates.nomination_answered",
        to=nomination.nominator,
        key=f"candidates.nomination_answered:{nomination.pk}",
        values={
            "name": nomination.full_name,
            "answer": answer,
            "campaign": nomination.campaign.name,
            "path": reverse("candidates:nominations"),
        },
        about=nomination,
    )
