"""Editions of the registry: an immutable snapshot by each decision, its papers, its publication."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import islice
from typing import Any

from django.db import models, transaction
from django.db.models import prefetch_related_objects

from candidates.enums import EmploymentKind, PublishedItem
from candidates.models import Consent
from candidates.rules import Period, days_worked, span_in_words
from commissions.models import DecisionList
from commissions.services import basis_of
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.jobs import enqueue_job
from reserve_portal.core.models import Job
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import next_number
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.enums import ConsentKind
from reserve_portal.regulations.services import edition_in_force

from ..enums import RegistryState, ReservistState
from ..models import RegistryEdition, RegistryRow, Reservist
from ..rules import points_words
from ..workflow import REGISTRY

BATCH = 500
WORKED = (EmploymentKind.TEACHING, EmploymentKind.MANAGING)


@transaction.atomic
def approve_registry(decision_list: DecisionList, *, actor: Any) -> RegistryEdition:
    """Make the registry's next edition after a decision: the whole active reserve as it stands now (T4, O3.23).

    Starts the limit for its publication where the edition of the rules sets one.
    """
    edition = decision_list.edition
    registry = RegistryEdition.objects.create(
        number=next_number("registry"),
        edition=edition,
        decision_list=decision_list,
        approved_on=decision_list.decided_on or clock.today(),
        basis=basis_of(decision_list)[:300],
    )
    registry.size = keep_rows(registry, snapshot_rows())
    registry.save(update_fields=["size"])
    REGISTRY.start(registry, actor=actor, label="Редакция реестра утверждена", reason=registry.basis)
    event_happened("registry.approved", registry, edition=edition, on=registry.approved_on)
    _note_revised(registry.approved_on)
    record_event("reservists.approve_registry", registry, actor=actor, rows=registry.size)
    return registry


@transaction.atomic
def confirm_registry(*, actor: Any) -> None:
    """Note that the registry was looked through and nothing in it has changed; closes the quarter's limit (O3.24)."""
    newest = RegistryEdition.objects.order_by("-number").first()
    record_event("reservists.confirm_registry", newest, actor=actor)
    _note_revised(clock.today())


def _note_revised(on: date) -> None:
    """The quarter's limit runs for the edition in force (O3.24)."""
    current = edition_in_force()
    event_happened("registry.revised", current, edition=current, on=on)


def keep_rows(registry: RegistryEdition, rows: Iterable[RegistryRow]) -> int:
    """Store the rows of a new edition in their order, a batch at a time; returns how many they are."""
    place = 0
    for batch in batched(rows, BATCH):
        for row in batch:
            place += 1
            row.registry, row.place = registry, place
        RegistryRow.objects.bulk_create(batch)
    return place


def snapshot_rows() -> Iterator[RegistryRow]:
    """Every active reservist as a row of the registry (domain/documents.md), best first within a group."""
    people = (
        Reservist.objects.filter(state=ReservistState.ACTIVE)
        .select_related("user__profile", "target_group", "municipality", "track__application__registration")
        .order_by("target_group__code", "-points", "user__last_name", "user__first_name", "pk")
    )
    for batch in batched(people.iterator(chunk_size=BATCH), BATCH):
        yield from _rows_of(batch)


@transaction.atomic
def issue_registry(registry: RegistryEdition, *, actor: Any) -> Job:
    """Order the papers of a registry edition, PDF and XLSX, as a job; asked twice, the same job is returned.

    A large registry takes half a minute, so the work is done off the request and shows its progress.
    """
    job = enqueue_job(
        "reservists.registry",
        key=f"registry:{registry.pk}",
        title=f"{registry}: PDF и XLSX",
        params={"registry": registry.pk},
        actor=actor,
    )
    RegistryEdition.objects.filter(pk=registry.pk).update(job=job)
    registry.job = job
    record_event("reservists.issue_registry", registry, actor=actor, job=job.pk)
    return job


@transaction.atomic
def issue_public_form(registry: RegistryEdition, *, actor: Any) -> Job:
    """Order the registry's public form as a PDF of the consents in force (T4), a new one for each asking.

    Raises GateShut where no list is public.
    """
    require_open(_confidentiality(registry))
    issued = IssuedPaper.objects.about(registry).filter(kind="registry_public").count()
    job = enqueue_job(
        "reservists.public_form",
        key=f"registry-public:{registry.pk}:{issued}",
        title=f"{registry}: публичная форма",
        params={"registry": registry.pk},
        actor=actor,
    )
    record_event("reservists.issue_public_form", registry, actor=actor, job=job.pk)
    return job


@transaction.atomic
def publish_registry(registry: RegistryEdition, *, actor: Any) -> None:
    """Publish the list of a registry edition: names of those who consented, numbers of the others (T4).

    Raises GateShut where the edition of the rules keeps the list confidential (O8.3), or a newer one is out already.
    """
    registry = RegistryEdition.objects.select_for_update(of=("self",)).get(pk=registry.pk)
    blockers = _confidentiality(registry)
    if RegistryEdition.objects.filter(number__gt=registry.number, state=RegistryState.PUBLISHED).exists():
        blockers.append(Blocker("Уже опубликована более новая редакция реестра."))
    require_open(blockers)
    REGISTRY.apply(registry, "publish", actor=actor)
    named = keep_published(registry)
    registry.published_at = clock.now()
    registry.save(update_fields=["published_at"])
    older = RegistryEdition.objects.filter(number__lt=registry.number)
    for earlier in older.filter(edition=registry.edition, state=RegistryState.APPROVED):
        event_happened("registry.published", earlier, edition=registry.edition, on=clock.today())
    event_happened("registry.published", registry, edition=registry.edition, on=clock.today())
    record_event("reservists.publish_registry", registry, actor=actor, rows=registry.size, named=named)


def keep_published(registry: RegistryEdition) -> int:
    """Store what may be published of each row at this moment; what nobody consented to is not kept.

    Returns the number of rows that something was published of.
    """
    named = 0
    for start in range(0, registry.size, BATCH):
        batch = registry.lines.filter(place__gt=start, place__lte=start + BATCH)
        allowed = allowed_items(row.user_id for row in batch)
        shown = [row for row in batch if row.user_id in allowed]
        for row in shown:
            row.published = {item: row.cells[item] for item in allowed[row.user_id].items}
        RegistryRow.objects.bulk_update(shown, ["published"], batch_size=BATCH)
        named += len(shown)
    return named


@dataclass(frozen=True)
class Allowed:
    """What of one person may be published, and in words what others may not do with it."""

    items: frozenset[str] = frozenset()
    prohibitions: tuple[str, ...] = ()


def allowed_items(user_ids: Any) -> dict[int, Allowed]:
    """What each of the users lets be published at this moment (152-FZ, art. 10.1); who does not is not in it."""
    given = Consent.objects.filter(
        text__kind=ConsentKind.DISSEMINATION, withdrawn_at=None, user_id__in=list(user_ids)
    ).order_by("pk")
    return {row.user_id: Allowed(frozenset(row.items), tuple(row.prohibitions_in_words)) for row in given}


def published_registry() -> RegistryEdition | None:
    """The newest published edition whose rules let the list be public (T4); None where there is none."""
    newest = (
        RegistryEdition.objects.filter(state=RegistryState.PUBLISHED)
        .select_related("edition")
        .order_by("-number")
        .first()
    )
    return newest if newest is not None and newest.edition.value("public_list") else None


def shown_rows(rows: Iterable[RegistryRow]) -> list[dict[str, str]]:
    """Rows of the public page at this moment: whoever withdrew the consent is shown by number alone.

    What a person forbids others to do with the name stands beside it.
    """
    rows = list(rows)
    allowed = allowed_items(row.user_id for row in rows)
    return [_shown(row, allowed.get(row.user_id, Allowed())) for row in rows]


def _shown(row: RegistryRow, allowed: Allowed) -> dict[str, str]:
    standing = {key: value for key, value in row.published.items() if key in allowed.items}
    note = f" (другим запрещено {'; '.join(allowed.prohibitions)})" if allowed.prohibitions else ""
    name = standing.get(PublishedItem.NAME)
    return {
        "who": f"{name}{note}" if name else f"Рег. № {row.cells['number']}",
        "municipality": standing.get(PublishedItem.MUNICIPALITY, ""),
        "group": row.cells["group"],
    }


def batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The rows in lists of `size`, drawn as they are asked for."""
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch


def _confidentiality(registry: RegistryEdition) -> list[Blocker]:
    if registry.edition.value("public_list"):
        return []
    clause = registry.edition.clause("public_list")
    return [Blocker(f"По этой редакции порядка список резервистов не публикуется ({clause}).")]


def _rows_of(batch: list[Reservist]) -> Iterator[RegistryRow]:
    with_profile: list[models.Model] = [item.user for item in batch if hasattr(item.user, "profile")]
    prefetch_related_objects(with_profile, "profile__education", "profile__employment")
    for reservist in batch:
        cells = _cells(reservist)
        yield RegistryRow(reservist=reservist, user=reservist.user, cells=cells, digest=digest_of(cells))


def digest_of(cells: dict[str, Any]) -> str:
    """A mark of what may differ between two editions; service grows by itself every day and is left out."""
    compared = {key: value for key, value in cells.items() if key != "experience"}
    return sha256(json.dumps(compared, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _cells(reservist: Reservist) -> dict[str, Any]:
    user, track = reservist.user, reservist.track
    profile = getattr(user, "profile", None)
    entry = getattr(track.application, "registration", None) if track else None
    return {
        "number": entry.text if entry else "без номера",
        "name": user.full_name,
        "birth_date": f"{profile.birth_date:%d.%m.%Y}" if profile and profile.birth_date else "",
        "municipality": str(reservist.municipality or ""),
        "work": ", ".join(part for part in (profile.organisation_name, profile.post) if part)
        if profile
        else "",
        "education": "; ".join(str(item) for item in profile.education.all()) if profile else "",
        "experience": _experience(profile),
        "group": str(reservist.target_group),
        "points": points_words(reservist.points) if reservist.maximum else "",
        "maximum": points_words(reservist.maximum) if reservist.maximum else "",
        "zone": reservist.get_zone_display(),
        "rank": reservist.rank,
        "included_on": f"{reservist.included_on:%d.%m.%Y}",
        "basis": reservist.basis,
        "events": reservist.planned_events,
    }


def _experience(profile: Any) -> str:
    """Teaching and managing service in words, up to today."""
    if profile is None:
        return ""
    today = clock.today()
    periods = tuple(Period(item.kind, item.since, item.until) for item in profile.employment.all())
    days = days_worked(periods, WORKED, today)
    after = type(today).fromordinal(today.toordinal() + 1)
    return span_in_words(type(today).fromordinal(after.toordinal() - days), after) if days else ""
