"""The candidate's deeds, from the first click to the withdrawal."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.deadlines import cancel_deadlines, event_happened
from reserve_portal.regulations.models import TargetGroup

from ..enums import ApplicationState, CampaignState, TrackState, Verdict
from ..models import Application, ApplicationTrack, Campaign
from ..workflow import APPLICATION, TRACK
from .consents import consents_of, give_consent, texts_of, withdraw_consent
from .finding import index_application
from .judgement import facts_of, judge_application
from .nominated import carry_nominations
from .packages import (
    add_file,
    add_missing_slots,
    limits_of,
    may_change_item,
    package_size,
    remove_file,
    slots_of,
)
from .profiles import (
    StaleProfile,
    add_achievement,
    add_education,
    add_employment,
    change_achievement,
    change_education,
    change_employment,
    get_profile,
    remove_achievement,
    remove_education,
    remove_employment,
    save_profile,
)
from .snapshots import describe_application
from .submission import in_words, is_in_time, submission_blockers

__all__ = [
    "StaleProfile",
    "add_achievement",
    "add_education",
    "add_employment",
    "add_file",
    "change_achievement",
    "change_education",
    "change_employment",
    "consents_of",
    "correction_blockers",
    "decline_track",
    "facts_of",
    "get_profile",
    "give_consent",
    "is_in_time",
    "judge_application",
    "limits_of",
    "may_change_item",
    "open_late_window",
    "open_late_window_for",
    "package_size",
    "remove_achievement",
    "remove_education",
    "remove_employment",
    "remove_file",
    "save_profile",
    "send_corrections",
    "set_choices",
    "slots_of",
    "start_application",
    "submission_blockers",
    "submit_application",
    "take_in",
    "texts_of",
    "withdraw_application",
    "withdraw_consent",
    "withdrawal_blockers",
]


@transaction.atomic
def start_application(user: Any, *, campaign: Campaign) -> Application:
    """Begin a draft in a campaign whose window is open; a person who has one gets it back (once per campaign).

    Raises GateShut outside the window.
    """
    standing = _standing_application(user, campaign)
    if standing is not None:
        if standing.state == ApplicationState.DRAFT and standing.entered_by_id is not None:
            require_open(
                [Blocker("Оператор вносит ваше заявление, поданное не через портал: оно появится здесь.")]
            )
        return standing
    if not campaign.is_receiving:
        require_open([Blocker("Приём заявлений в этом наборе сейчас не идёт.")])
    return _begin_draft(user, campaign, actor=user)


def _begin_draft(user: Any, campaign: Campaign, *, actor: Any) -> Application:
    edition = campaign.edition
    try:
        with transaction.atomic():
            application = Application.objects.create(
                campaign=campaign,
                user=user,
                nominations=_only_choice(edition.value("nomination_kinds")),
            )
    except IntegrityError:  # begun twice at once
        return Application.objects.exclude(state=ApplicationState.WITHDRAWN).get(user=user, campaign=campaign)
    add_missing_slots(application)
    application.wanted_groups.set(_only_choice(list(edition.target_groups.all())))
    get_profile(user)
    APPLICATION.start(application, actor=actor, label="Заявление начато")
    record_event("candidates.start_application", application, actor=actor, person=user)
    carry_nominations(application, actor=actor)
    return application


@transaction.atomic
def set_choices(
    application: Application, *, actor: Any, nominations: Iterable[str], groups: Iterable[TargetGroup]
) -> None:
    """Store who nominates (T1) and for which target groups (O1.14-1.15); raises GateShut for what the edition lacks."""
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("campaign__edition")
        .get(pk=application.pk)
    )
    edition = application.campaign.edition
    nominations, groups = list(dict.fromkeys(nominations)), list(groups)
    blockers = []
    if application.state != ApplicationState.DRAFT:
        blockers.append(Blocker("Заявление уже подано: выбор больше не меняется."))
    if set(nominations) - set(edition.value("nomination_kinds")):
        blockers.append(Blocker("Такого выдвижения порядок не предусматривает.", field="nominations"))
    if any(group.edition_id != edition.pk for group in groups):
        blockers.append(Blocker("Такой целевой группы в порядке нет.", field="groups"))
    if len(groups) > 1 and not edition.value("several_target_groups"):
        blockers.append(Blocker("Можно выбрать только одну целевую группу.", field="groups"))
    require_open(blockers)
    application.nominations = nominations
    application.save(update_fields=["nominations"])
    application.wanted_groups.set(groups)
    record_event(
        "candidates.set_choices",
        application,
        actor=actor,
        person=application.user,
        nominations=nominations,
        groups=[group.code for group in groups],
    )


@transaction.atomic
def submit_application(application: Application, *, actor: Any) -> Application:
    """Submit: freeze the snapshot, make the tracks, start the limits, send the letter (T1, O3.4).

    A second call for a submitted application changes nothing. Raises GateShut with what is missing; a moment after the
    window's end is late (Civil Code 194).
    """
    application = _locked(application)
    if application.state != ApplicationState.DRAFT and application.submitted_at is not None:
        return application
    require_open(submission_blockers(application))
    take_in(application, moment=clock.now(), actor=actor)
    _send_received(application)
    return application


def take_in(application: Application, *, moment: datetime, actor: Any) -> None:
    """Freeze what was said and handed in, make the tracks, start the limits from the day of `moment` (T1, O3.4).

    The caller holds the lock on the application and has asked the gate.
    """
    user = application.user
    application.submitted_at = moment
    application.snapshot = describe_application(application) | {"submitted_at": moment.isoformat()}
    application.save(update_fields=["submitted_at", "snapshot"])
    index_application(application)
    APPLICATION.apply(application, "submit", actor=actor)
    for group in application.wanted_groups.all():
        track = ApplicationTrack.objects.create(application=application, target_group=group)
        TRACK.start(track, actor=actor, label="Ждёт решения о допуске")
    event_happened(
        "application.submitted",
        application,
        edition=application.campaign.edition,
        on=clock.local(moment).date(),
    )
    record_event("candidates.submit_application", application, actor=actor, person=user)


def correction_blockers(application: Application) -> list[Blocker]:
    """What is still to be replaced before the corrections can be sent."""
    if application.state != ApplicationState.CORRECTION:
        return [Blocker("Сейчас исправлять ничего не нужно.")]
    url = reverse("candidates:documents", args=[application.pk])
    blockers = []
    for item in slots_of(application):
        if not may_change_item(item, application):
            continue
        if item.verdict == Verdict.CORRECT:
            blockers.append(
                Blocker(f"Замените документ: {item.document_type.name}.", url=f"{url}#slot-{item.pk}")
            )
        elif not item.present_files:
            blockers.append(
                Blocker(f"Приложите документ: {item.document_type.name}.", url=f"{url}#slot-{item.pk}")
            )
    return blockers


@transaction.atomic
def send_corrections(application: Application, *, actor: Any) -> Application:
    """Send the mended documents back to the operator; raises GateShut while any is not replaced."""
    application = _locked(application)
    require_open(correction_blockers(application))
    APPLICATION.apply(application, "correct", actor=actor)
    event_happened("correction.done", application, edition=application.campaign.edition, on=clock.today())
    record_event("candidates.send_corrections", application, actor=actor, person=application.user)
    return application


def withdrawal_blockers(application: Application) -> list[Blocker]:
    """What keeps the application from being withdrawn: it has ended, or inclusion has been decided (process.md 3)."""
    if not APPLICATION.is_open(application, "withdraw"):
        return [Blocker("Это заявление уже завершено.")]
    states = [track.state for track in application.tracks.all()]
    if TrackState.INCLUDED in states or (states and not _open_tracks(application)):
        return [Blocker("По заявлению уже принято решение: отозвать его нельзя.")]
    return []


@transaction.atomic
def withdraw_application(application: Application, *, actor: Any, reason: str = "") -> Application:
    """Withdraw the application and its tracks before inclusion is decided; its limits fall away.

    Raises GateShut afterwards. A submitted one is confirmed by a letter.
    """
    application = _locked(application)
    require_open(withdrawal_blockers(application))
    was_submitted = application.submitted_at is not None
    for track in _open_tracks(application):
        TRACK.apply(track, "withdraw", actor=actor, reason=reason)
        cancel_deadlines(track)
    APPLICATION.apply(application, "withdraw", actor=actor, reason=reason)
    cancel_deadlines(application)
    record_event(
        "candidates.withdraw_application", application, actor=actor, person=application.user, reason=reason
    )
    if was_submitted:
        send_letter(
            "application.withdrawn",
            to=application.user,
            key=f"application.withdrawn:{application.pk}",
            values={"campaign": application.campaign.name, "moment": in_words(clock.now())},
            about=application,
        )
    return application


@transaction.atomic
def decline_track(track: ApplicationTrack, *, actor: Any, reason: str = "") -> ApplicationTrack:
    """The candidate declines the assessment in one target group; raises GateShut when there is nothing to decline."""
    track = (
        ApplicationTrack.objects.select_for_update(of=("self",))
        .select_related("application__user")
        .get(pk=track.pk)
    )
    if not TRACK.is_open(track, "decline"):
        require_open([Blocker("Отказаться от оценки сейчас нельзя.")])
    TRACK.apply(track, "decline", actor=actor, reason=reason)
    cancel_deadlines(track)
    record_event("candidates.decline_track", track, actor=actor, person=track.application.user, reason=reason)
    return track


@transaction.atomic
def open_late_window(application: Application, *, until: datetime, reason: str, actor: Any) -> Application:
    """Let one person submit a draft after the window's end, until the moment `until`, for a stated reason.

    Raises GateShut without a reason, for a moment that has passed, for anything but a draft, and for whoever is no
    operator.
    """
    application = _locked(application)
    blockers = []
    if not actor.has_role(Role.OPERATOR):
        blockers.append(Blocker("Личный срок открывает оператор."))
    if application.state != ApplicationState.DRAFT:
        blockers.append(Blocker("Личный срок нужен только неподанному заявлению."))
    if until <= clock.now():
        blockers.append(Blocker("Этот срок уже прошёл.", field="until"))
    if not reason.strip():
        blockers.append(Blocker("Укажите причину.", field="reason"))
    require_open(blockers)
    application.late_until = until
    application.save(update_fields=["late_until"])
    send_letter(
        "candidates.late_window",
        to=application.user,
        key=f"candidates.late_window:{application.pk}:{int(until.timestamp())}",
        values={
            "campaign": application.campaign.name,
            "until": f"до {in_words(until)}",
            "reason": reason.strip(),
            "path": reverse("candidates:application", args=[application.pk]),
        },
        about=application,
    )
    record_event(
        "candidates.open_late_window",
        application,
        actor=actor,
        person=application.user,
        until=until.isoformat(),
        reason=reason,
    )
    return application


@transaction.atomic
def open_late_window_for(
    email: str, *, campaign: Campaign, until: datetime, reason: str, actor: Any
) -> Application:
    """Open the personal window by the person's address; who has begun nothing yet gets an empty draft.

    Raises GateShut when nobody has this address, before the campaign was opened, and as `open_late_window` does.
    """
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    blockers = []
    if user is None:
        text = (
            "Человека с таким адресом нет: сначала он регистрируется на портале. "
            "Поданное не через портал внесите сами, указав причину опоздания."
        )
        blockers.append(Blocker(text, field="email"))
    if campaign.state == CampaignState.PLANNED:
        blockers.append(Blocker("Набор ещё не открыт: личный срок не нужен."))
    if campaign.state == CampaignState.FINISHED:
        blockers.append(Blocker("Набор завершён: заявления больше не рассматривают."))
    if not actor.has_role(Role.OPERATOR):
        blockers.append(Blocker("Личный срок открывает оператор."))
    require_open(blockers)
    application = _standing_application(user, campaign) or _begin_draft(user, campaign, actor=actor)
    return open_late_window(application, until=until, reason=reason, actor=actor)


def _standing_application(user: Any, campaign: Campaign) -> Application | None:
    rows = Application.objects.exclude(state=ApplicationState.WITHDRAWN)
    return rows.filter(user=user, campaign=campaign).first()


def _open_tracks(application: Application) -> list[ApplicationTrack]:
    return [track for track in application.tracks.all() if TRACK.is_open(track, "withdraw")]


def _only_choice(choices: Any) -> list[Any]:
    """Where the edition leaves one choice nobody is asked."""
    return list(choices) if len(choices) == 1 else []


def _locked(application: Application) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("campaign__edition", "user")
    return rows.get(pk=application.pk)


def _send_received(application: Application) -> None:
    inventory = application.snapshot["inventory"]
    send_letter(
        "application.submitted",
        to=application.user,
        key=f"application.submitted:{application.pk}",
        values={
            "campaign": application.campaign.name,
            "moment": in_words(application.submitted_at or clock.now()),
            "files": sum(len(slot["files"]) for slot in inventory),
            "path": reverse("candidates:application", args=[application.pk]),
        },
        about=application,
    )
