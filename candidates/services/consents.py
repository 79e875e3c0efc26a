"""Consents, each a document of its own (152-FZ, articles 9 and 10.1)."""

from collections.abc import Iterable
from datetime import date, time
from secrets import token_hex
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.enums import ConsentKind
from reserve_portal.regulations.models import ConsentText, Edition

from ..enums import APPLICATION_ENDED, ApplicationState, PublishedItem, TrackState
from ..models import Application, ApplicationTrack, Consent
from ..uploads import AcceptedUpload, check_upload
from .packages import limits_of
from .quarantine import first_state

DECIDED_TRACKS = (TrackState.NOT_ADMITTED, TrackState.INCLUDED, TrackState.NOT_INCLUDED)


def texts_of(edition: Edition) -> list[ConsentText]:
    """Return the newest version of each kind of consent of the edition, in its order."""
    newest: dict[str, ConsentText] = {}
    for text in edition.consent_texts.all():
        if text.kind not in newest or newest[text.kind].version < text.version:
            newest[text.kind] = text
    return list(newest.values())


def consents_of(user: Any, edition: Edition) -> list[tuple[ConsentText, Consent | None]]:
    """Pair every consent text of the edition with the user's consent in force, if any."""
    texts = texts_of(edition)
    given = {row.text_id: row for row in Consent.objects.filter(user=user, text__in=texts, withdrawn_at=None)}
    return [(text, given.get(text.pk)) for text in texts]


@transaction.atomic
def give_consent(
    user: Any,
    *,
    text: ConsentText,
    address: str | None,
    actor: Any,
    items: Iterable[str] | None = None,
    prohibitions: Iterable[str] = (),
) -> Consent:
    """Store the consent of `user` to this version of the text with the moment and the address; twice changes nothing.

    A consent to dissemination names the `items` that may be published (None: all) and what is forbidden to others
    (152-FZ, article 10.1). Raises GateShut when somebody else would agree in the person's place, the text is no longer
    the newest version, or nothing may be published.
    """
    blockers = []
    allowed: list[str] = []
    if text.kind == ConsentKind.DISSEMINATION:
        allowed = list(PublishedItem.values) if items is None else [str(item) for item in items]
        if not allowed or set(allowed) - set(PublishedItem.values):
            blockers.append(Blocker("Отметьте, что можно публиковать.", field="items"))
    if actor != user:
        blockers.append(Blocker("Согласие даёт только сам человек."))
    if text not in texts_of(text.edition):
        blockers.append(Blocker("Появилась новая редакция текста согласия: прочитайте её."))
    require_open(blockers)
    standing = Consent.objects.filter(user=user, text=text, withdrawn_at=None).first()
    if standing is not None:
        return standing
    try:
        with transaction.atomic():
            consent = Consent.objects.create(
                user=user,
                text=text,
                address=address or None,
                items=allowed,
                prohibitions=[str(item) for item in prohibitions] if allowed else [],
            )
    except IntegrityError:
        return Consent.objects.get(user=user, text=text, withdrawn_at=None)
    record_event(
        "candidates.give_consent", consent, actor=actor, person=user, version=text.version, items=allowed
    )
    return consent


def record_paper_consent(
    user: Any, *, text: ConsentText, given_on: date, name: str, data: bytes, actor: Any
) -> Consent:
    """Store a consent that `user` signed on paper on the day `given_on`; its scan is kept as the proof (O3.2).

    Raises RejectedUpload for a scan that is not accepted, GateShut for whoever is no operator, for the operator's own
    consent, a day to come, an outdated text and a consent that stands already.
    """
    blockers = []
    if not actor.has_role(Role.OPERATOR) or actor == user:
        blockers.append(Blocker("Согласие другого человека, данное на бумаге, вносит оператор."))
    if given_on > clock.today():
        blockers.append(Blocker("Эта дата ещё не наступила.", field="given_on"))
    if text not in texts_of(text.edition):
        blockers.append(Blocker("Появилась новая редакция текста согласия."))
    if Consent.objects.filter(user=user, text=text, withdrawn_at=None).exists():
        blockers.append(Blocker("Это согласие уже есть."))
    require_open(blockers)
    accepted = check_upload(name, data, limits_of(text.edition))  # slow: outside the transaction
    return store_paper_consent(user, text=text, given_on=given_on, accepted=accepted, actor=actor)


@transaction.atomic
def store_paper_consent(
    user: Any, *, text: ConsentText, given_on: date, accepted: AcceptedUpload, actor: Any
) -> Consent:
    """Store a consent on paper whose scan passed its check; twice at once gives the one that stands."""
    consent = Consent(
        user=user,
        text=text,
        given_at=clock.at(given_on, time(12)),
        proof_kind=accepted.kind,
        proof_sha256=accepted.sha256,
        entered_by=actor,
        **first_state(),
    )
    consent.proof.save(f"{token_hex(16)}.{accepted.extension}", ContentFile(accepted.content), save=False)
    try:
        with transaction.atomic():
            consent.save()
    except IntegrityError:
        consent.proof.storage.delete(str(consent.proof.name))
        return Consent.objects.get(user=user, text=text, withdrawn_at=None)
    record_event(
        "candidates.record_paper_consent",
        consent,
        actor=actor,
        person=user,
        version=text.version,
        sha256=accepted.sha256,
    )
    return consent


def applications_resting_on(consent: Consent) -> list[Application]:
    """Return the submitted applications, not ended yet, which cannot go on without this consent."""
    if not consent.text.required or consent.withdrawn_at is not None:
        return []
    from .applications import withdrawal_blockers

    running = (
        Application.objects.filter(user=consent.user, campaign__edition=consent.text.edition)
        .exclude(state__in=[ApplicationState.DRAFT, *APPLICATION_ENDED])
        .select_related("campaign")
    )
    return [application for application in running if not withdrawal_blockers(application)]


def has_decisions(user: Any) -> bool:
    """A decision stands about the user that no withdrawal undoes: refused, not admitted, included or not."""
    refused = user.applications.filter(state=ApplicationState.REFUSED)
    decided = ApplicationTrack.objects.filter(application__user=user, state__in=DECIDED_TRACKS)
    return bool(refused.exists() or decided.exists())


def stands_otherwise(consent: Consent) -> bool:
    """Another consent of the same kind, by another text, stays in force when this one is withdrawn."""
    same = Consent.objects.filter(user=consent.user_id, text__kind=consent.text.kind, withdrawn_at=None)
    return same.exclude(pk=consent.pk).exists()


@transaction.atomic
def withdraw_consent(consent: Consent, *, actor: Any) -> Consent:
    """Withdraw a consent; applications that cannot go on without it are withdrawn with it.

    Raises GateShut for anybody but the person. Withdrawing twice changes nothing.
    """
    consent = (
        Consent.objects.select_for_update(of=("self",))
        .select_related("text__edition", "user")
        .get(pk=consent.pk)
    )
    if actor != consent.user:
        require_open([Blocker("Отозвать согласие может только сам человек.", url=reverse("candidates:my"))])
    if consent.withdrawn_at is not None:
        return consent
    from .applications import withdraw_application

    resting = applications_resting_on(consent)
    consent.withdrawn_at = clock.now()
    consent.save(update_fields=["withdrawn_at"])
    record_event("candidates.withdraw_consent", consent, actor=actor, person=consent.user)
    if consent.text.kind == ConsentKind.DISSEMINATION:  # 152-FZ, art. 10.1: its own limit
        event_happened(
            "dissemination.withdrawn",
            consent,
            edition=consent.text.edition,
            on=clock.today(),
            about=consent.user.full_name,
        )
    for application in resting:
        withdraw_application(application, actor=actor, reason=f"Отозвано: {consent.text.title.lower()}")
    return consent
