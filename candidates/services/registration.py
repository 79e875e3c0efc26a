"""The journal: gapless numbers, entries that are never edited (O3.4)."""

import re
from typing import Any

from django.db import transaction
from django.urls import reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.services import send_letter
from reserve_portal.papers.services import next_number
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.models import Edition

from ..enums import ApplicationState
from ..models import Application, Campaign, PackageFile, RegistrationEntry
from ..workflow import APPLICATION
from .finding import index_application
from .judging import judge_requirements
from .packages import lock_application

AT_ONCE = 100  # applications registered in one request


def journal_of(edition: Edition, year: int) -> str:
    """Return the journal's name: the edition's pattern with the year filled in («КР-2026-…»).

    Editions with one pattern share a journal, so that a new edition in the middle of a year cannot give a number twice.
    """
    pattern = re.sub(r"{number[^}]*}", "…", edition.value("registration_pattern"))
    return pattern.format(year=year)[:60]


@transaction.atomic
def register_application(application: Application, *, actor: Any) -> RegistrationEntry:
    """Give a submitted application the next number of its journal; letter, limits, computed requirements (O3.4).

    The number is taken within the transaction that uses it: no gap, no double. Raises TransitionRefused when the
    application is not in the state to be registered.
    """
    APPLICATION.apply(application, "register", actor=actor)
    application.refresh_from_db(fields=["submitted_at"])  # whoever holds it may have loaded it as a draft
    assert application.submitted_at is not None  # nothing else is registered
    edition, now = application.campaign.edition, clock.now()
    year = clock.local(now).year
    series = journal_of(edition, year)
    number = next_number(f"journal:{series}")
    pages = list(_current_files(application).values_list("pages", flat=True))
    entry = RegistrationEntry.objects.create(
        application=application,
        series=series,
        number=number,
        text=edition.value("registration_pattern").format(year=year, number=number),
        received_at=application.submitted_at,
        registered_at=now,
        registered_by=actor,
        files=len(pages),
        pages=sum(pages),
    )
    index_application(application)
    event_happened(
        "application.registered",
        application,
        edition=edition,
        on=clock.today(),
        about=f"{application.user}, {entry}",
    )
    judge_requirements(application)
    send_letter(
        "candidates.registered",
        to=application.user,
        key=f"candidates.registered:{application.pk}",
        values={
            "number": entry.text,
            "when": f"{clock.local(now):%d.%m.%Y %H:%M}",
            "campaign": application.campaign.name,
            "files": entry.files,
            "pages": entry.pages,
            "path": reverse("candidates:application", args=[application.pk]),
        },
        about=application,
    )
    record_event(
        "candidates.register_application",
        application,
        actor=actor,
        person=application.user,
        number=entry.text,
    )
    return entry


def register_all(campaign: Campaign | None = None, *, actor: Any) -> tuple[list[RegistrationEntry], int]:
    """Register what came, in the order of coming, at most AT_ONCE; returns the entries and how many still wait.

    Each in a transaction of its own; one that somebody else registered meanwhile is passed over.
    """
    waiting = Application.objects.filter(state=ApplicationState.SUBMITTED).order_by("submitted_at", "pk")
    if campaign is not None:
        waiting = waiting.filter(campaign=campaign)
    entries = []
    for application in waiting.select_related("user", "campaign__edition")[:AT_ONCE]:
        try:
            entries.append(register_application(application, actor=actor))
        except TransitionRefused:
            continue
    return entries, waiting.count()


@transaction.atomic
def annotate_entry(entry: RegistrationEntry, *, text: str, actor: Any) -> None:
    """Add a note to a line of the journal; earlier notes stay, the line itself is never edited. Raises GateShut."""
    if not text.strip():
        raise GateShut([Blocker("Напишите примечание.", field="text")])
    locked = RegistrationEntry.objects.select_for_update().get(pk=entry.pk)
    note = f"{clock.local(clock.now()):%d.%m.%Y %H:%M}, {actor.short_name}: {text.strip()}"
    entry.annotation = f"{locked.annotation}\n{note}".strip()
    RegistrationEntry.objects.filter(pk=entry.pk).update(annotation=entry.annotation)
    record_event(
        "candidates.annotate_entry", entry, actor=actor, person=entry.application.user, text=text.strip()
    )


def require_state(application: Application, *states: str) -> Application:
    """Return the application locked, when it is in one of `states`; else raise GateShut with a sentence."""
    locked = lock_application(application)
    if locked.state not in states:
        text = f"Сейчас это сделать нельзя: заявление в состоянии «{locked.get_state_display()}»."
        require_open([Blocker(text)])
    return locked


def _current_files(application: Application) -> Any:
    return PackageFile.objects.filter(item__application=application, removed_at=None)
