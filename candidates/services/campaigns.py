"""Campaigns: from the plan through the window to its end."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core import calendar, clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.services import freeze_edition

from ..enums import CampaignState
from ..models import Campaign
from ..workflow import CAMPAIGN

# Limits that arise at the window's end run on for so many months; their calendar must be there too.
MONTHS_AFTER_THE_WINDOW = 2


@transaction.atomic
def create_campaign(
    *,
    edition: Edition,
    name: str,
    opens_at: datetime,
    closes_at: datetime,
    actor: Any,
    quota: int | None = None,
    quota_basis: str = "",
) -> Campaign:
    """Plan a campaign under `edition`; `closes_at` is the last moment that is still in time (T1, O3.1).

    Raises GateShut for a taken name, a quota without its basis, a window that runs backwards or lies in the past.
    """
    blockers = _window_blockers(opens_at, closes_at) + _quota_blockers(quota, quota_basis)
    if Campaign.objects.filter(name=name.strip()).exists():
        blockers.append(Blocker("Набор с таким названием уже есть.", field="name"))
    require_open(blockers)
    campaign = Campaign.objects.create(
        edition=edition,
        name=name.strip(),
        opens_at=opens_at,
        closes_at=closes_at,
        quota=quota,
        quota_basis=quota_basis.strip(),
    )
    CAMPAIGN.start(campaign, actor=actor, label="Набор создан")
    record_event("candidates.create_campaign", campaign, actor=actor, **_window(campaign))
    return campaign


@transaction.atomic
def set_quota(campaign: Campaign, *, quota: int | None, basis: str, actor: Any) -> None:
    """Set, change or take away how many are to be included, and by whose decision (O3.1); a number needs its basis.

    Raises GateShut, also for a finished campaign.
    """
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    blockers = _quota_blockers(quota, basis, field="basis")
    if locked.state == CampaignState.FINISHED:
        blockers.append(Blocker("Набор завершён."))
    require_open(blockers)
    basis = basis.strip() if quota is not None else ""
    Campaign.objects.filter(pk=campaign.pk).update(quota=quota, quota_basis=basis)
    record_event("candidates.set_quota", campaign, actor=actor, before=locked.quota, quota=quota, basis=basis)
    campaign.refresh_from_db()


def opening_blockers(campaign: Campaign) -> list[Blocker]:
    """What keeps a campaign from being opened: its edition, its window, the working calendar of its years."""
    blockers = []
    if not campaign.edition.in_force:
        blockers.append(Blocker("Редакция порядка этого набора не действует: введите её в действие."))
    if campaign.closes_at < clock.now():
        blockers.append(Blocker("Окно приёма уже прошло: измените его.", field="closes_at"))
    first = clock.local(campaign.opens_at).year
    last = calendar.plus_months(clock.local(campaign.closes_at).date(), MONTHS_AFTER_THE_WINDOW).year
    for year in range(first, last + 1):
        try:
            calendar.is_working_day(date(year, 1, 1))
        except calendar.CalendarNotLoaded as error:
            blockers.append(Blocker(str(error)))
    return blockers


@transaction.atomic
def open_campaign(campaign: Campaign, *, actor: Any) -> None:
    """Open a planned campaign and freeze its edition; applications are taken from `opens_at`. Raises GateShut."""
    require_open(opening_blockers(campaign))
    CAMPAIGN.apply(campaign, "open", actor=actor)
    freeze_edition(campaign.edition, actor=actor)
    record_event("candidates.open_campaign", campaign, actor=actor, **_window(campaign))


@transaction.atomic
def change_window(campaign: Campaign, *, opens_at: datetime, closes_at: datetime, actor: Any) -> None:
    """Change the window; a campaign whose window ended is opened again, people with drafts are told by letter.

    Raises GateShut for a window that runs backwards or ends in the past, a beginning moved after it came, a
    finished campaign.
    """
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    blockers = _window_blockers(opens_at, closes_at)
    if locked.state == CampaignState.FINISHED:
        blockers.append(Blocker("Набор завершён."))
    if (
        locked.state != CampaignState.PLANNED
        and opens_at != locked.opens_at
        and locked.opens_at <= clock.now()
    ):
        blockers.append(Blocker("Приём уже начался: начало окна не меняют.", field="opens_at"))
    require_open(blockers)
    before = _window(locked)
    Campaign.objects.filter(pk=campaign.pk).update(opens_at=opens_at, closes_at=closes_at)
    campaign.refresh_from_db()
    if campaign.state == CampaignState.CLOSED:
        CAMPAIGN.apply(campaign, "reopen", actor=actor, reason="Окно приёма изменено")
    record_event("candidates.change_window", campaign, actor=actor, before=before, **_window(campaign))
    if campaign.state == CampaignState.OPEN and closes_at != locked.closes_at:
        _tell_drafts(campaign)


@transaction.atomic
def close_campaign(campaign: Campaign, *, actor: Any) -> None:
    """Close a campaign whose window has ended; raises GateShut before (to end earlier, change the window)."""
    campaign.refresh_from_db(fields=["closes_at"])
    if campaign.closes_at >= clock.now():
        text = f"Приём идёт до {_moment(campaign.closes_at)}. Чтобы закончить раньше, измените окно."
        require_open([Blocker(text, field="closes_at")])
    CAMPAIGN.apply(campaign, "close", actor=actor)
    record_event("candidates.close_campaign", campaign, actor=actor)


@transaction.atomic
def finish_campaign(campaign: Campaign, *, actor: Any) -> None:
    """Finish a closed campaign in which every application came to its end."""
    CAMPAIGN.apply(campaign, "finish", actor=actor)
    record_event("candidates.finish_campaign", campaign, actor=actor)


def follow_windows() -> int:
    """Close the campaigns whose window has ended; returns how many were closed.

    Runs every minute; run twice or late it does the right thing once.
    """
    closed = 0
    for campaign in Campaign.objects.filter(state=CampaignState.OPEN, closes_at__lt=clock.now()):
        try:
            close_campaign(campaign, actor=None)
        except TransitionRefused:
            continue  # another process was first
        closed += 1
    return closed


def _quota_blockers(quota: int | None, basis: str, *, field: str = "quota_basis") -> list[Blocker]:
    """A number of people is somebody's decision (O3.1)."""
    if quota is not None and not basis.strip():
        return [Blocker("Укажите, чем установлена квота.", field=field)]
    return []


def _window_blockers(opens_at: datetime, closes_at: datetime) -> list[Blocker]:
    if closes_at <= opens_at:
        return [Blocker("Конец приёма должен быть позже начала.", field="closes_at")]
    if closes_at < clock.now():
        return [Blocker("Конец приёма уже прошёл.", field="closes_at")]
    return []


def _tell_drafts(campaign: Campaign) -> None:
    drafts = campaign.applications.drafts_in_waiting().select_related("user")
    until, moment = _moment(campaign.closes_at), clock.now().isoformat()
    for application in drafts:
        send_letter(
            "candidates.window_changed",
            to=application.user,
            # By the moment of the change: a window moved there and back is told twice.
            key=f"candidates.window_changed:{application.pk}:{moment}",
            values={
                "campaign": campaign.name,
                "until": until,
                "path": reverse("candidates:application", args=[application.pk]),
            },
            about=application,
        )


def _window(campaign: Campaign) -> dict[str, str]:
    return {"opens_at": campaign.opens_at.isoformat(), "closes_at": campaign.closes_at.isoformat()}


def _moment(moment: datetime) -> str:
    return f"{clock.local(moment):%d.%m.%Y %H:%M}"
