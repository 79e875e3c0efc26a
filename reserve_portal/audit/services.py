"""Recording, sealing and verifying of the audit trail."""

import hashlib
import json
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from .models import AuditBatch, AuditEvent

address_of_request: ContextVar[str | None] = ContextVar("audit-address", default=None)
BATCH_SIZE = 1000
FIELDS = (
    "pk",
    "at",
    "actor_id",
    "actor_label",
    "action",
    "content_type_id",
    "object_id",
    "object_label",
    "person_id",
    "is_read",
    "details",
    "address",
)


def record_event(
    action: str, obj: models.Model | None, *, actor: Any, person: Any = None, **details: Any
) -> AuditEvent:
    """Store one deed in the caller's transaction. `actor` is a user or None for the portal itself.

    `details` are JSON, dates and Decimals (kept as text).
    """
    return _store(action, obj, actor, person, details, is_read=False)


def record_events(
    action: str, rows: Iterable[tuple[models.Model, Any, dict[str, Any]]], *, actor: Any
) -> None:
    """Store the same deed on many objects, each with its person and details, in few queries."""
    events = [_event(action, obj, actor, person, details, is_read=False) for obj, person, details in rows]
    AuditEvent.objects.bulk_create(events, batch_size=BATCH_SIZE)


def record_read(obj: models.Model, *, actor: Any, person: Any, what: str) -> AuditEvent | None:
    """Store that `actor` read `person`'s paper or profile; reading one's own is not recorded."""
    if actor == person:
        return None
    return _store(what, obj, actor, person, {}, is_read=True)


def seal_events() -> int:
    """Seal all committed events that are not sealed yet; returns how many.

    Sealing is apart from writing, so that writers never queue for a chain; an event committed late simply enters a
    later batch. Two sealers take turns: they lock a row that is always there and that no writer touches.
    """
    sealed = 0
    turn = ContentType.objects.get_for_model(AuditBatch).pk
    while True:
        with transaction.atomic():
            ContentType.objects.select_for_update(no_key=True).get(pk=turn)
            last = AuditBatch.objects.order_by("-pk").first()
            events = list(AuditEvent.objects.filter(batch=None).order_by("pk")[:BATCH_SIZE])
            if not events:
                return sealed
            digest = _digest(events)
            batch = AuditBatch.objects.create(
                count=len(events),
                digest=digest,
                chain=_chain(last.chain if last else "", digest, len(events)),
            )
            AuditEvent.objects.filter(pk__in=[event.pk for event in events]).update(batch=batch)
            sealed += len(events)


def verify_audit() -> list[str]:
    """Return what is wrong with the sealed trail, in Russian sentences; an empty list means it is whole."""
    problems: list[str] = []
    previous = ""
    for batch in AuditBatch.objects.order_by("pk").iterator():
        events = list(batch.events.order_by("pk"))
        if len(events) != batch.count:
            problems.append(f"Блок {batch.pk}: событий {len(events)}, опечатано {batch.count}.")
        elif _digest(events) != batch.digest:
            problems.append(f"Блок {batch.pk}: содержание событий изменено после опечатывания.")
        if batch.chain != _chain(previous, batch.digest, batch.count):
            problems.append(f"Блок {batch.pk}: цепочка разорвана — блок изменён или предыдущий удалён.")
        previous = batch.chain
    return problems


def _store(
    action: str, obj: models.Model | None, actor: Any, person: Any, details: dict[str, Any], *, is_read: bool
) -> AuditEvent:
    event = _event(action, obj, actor, person, details, is_read=is_read)
    event.save(force_insert=True)
    return event


def _event(
    action: str, obj: models.Model | None, actor: Any, person: Any, details: dict[str, Any], *, is_read: bool
) -> AuditEvent:
    return AuditEvent(
        action=action,
        content_type=ContentType.objects.get_for_model(obj) if obj is not None else None,
        object_id=obj.pk if obj is not None else None,
        object_label=str(obj)[:250] if obj is not None else "",
        actor=actor,
        actor_label=str(actor)[:250] if actor is not None else "портал",
        person=person,
        is_read=is_read,
        details=details,
        address=address_of_request.get(),
    )


def _digest(events: list[AuditEvent]) -> str:
    digest = hashlib.sha256()
    for event in events:
        row = {name: getattr(event, name) for name in FIELDS}
        row["at"] = event.at.timestamp()
        digest.update(json.dumps(row, ensure_ascii=False, sort_keys=True, default=str).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _chain(previous: str, digest: str, count: int) -> str:
    return hashlib.sha256(f"{previous}|{digest}|{count}".encode()).hexdigest()
