"""Points and absences of the attestation, entered by the operator: all or none (O4.17)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, require_open

from ..enums import AttestationState
from ..models import Attestation, AttestationEntry, AttestationInstrument, AttestationScore
from ..rules import points_words
from .attestation import can_enter_points
from .attestation_results import put_together
from .attestation_sheets import scored_by_experts

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Marks:
    """What is entered for one person: points by the instrument's id (None: none yet), or why he or she was absent."""

    points: Mapping[int, Decimal | None] = field(default_factory=dict)
    absence_reason: str = ""


@transaction.atomic
def record_marks(attestation: Attestation, marks: Mapping[int, Marks], *, actor: Any) -> int:
    """Store points and absences by the entry's id, all or none; returns how many people changed.

    An empty cell takes the points back. Raises GateShut with a sentence for every wrong cell, naming the person.
    """
    locked = Attestation.objects.select_for_update(of=("self",)).get(pk=attestation.pk)
    if not can_enter_points(locked):
        require_open([Blocker("Баллы сейчас не вносят: аттестация не начата или список уже у органа.")])
    by_sheets = scored_by_experts(locked)
    instruments = {item.pk: item for item in locked.instruments.all() if item.pk not in by_sheets}
    entries = {entry.pk: entry for entry in locked.entries.filter(pk__in=list(marks)).in_order()}
    blockers = [] if set(marks) == set(entries) else [Blocker("В ведомости нет такой строки.")]
    for pk, entry in entries.items():
        blockers += _mark_blockers(entry, marks[pk], instruments)
    require_open(blockers)
    changed = sum(_store(entry, marks[pk], by_sheets, actor) for pk, entry in entries.items())
    if changed and locked.state == AttestationState.LISTED:
        put_together(locked, actor=actor)
    return changed


def _mark_blockers(
    entry: AttestationEntry, marks: Marks, instruments: Mapping[int, AttestationInstrument]
) -> list[Blocker]:
    """Sentences about the cells of one person."""
    given = {key: value for key, value in marks.points.items() if value is not None}
    name, found = entry.reservist.user.full_name, []
    if given and marks.absence_reason.strip():
        found.append(Blocker(f"{name}: указаны и баллы, и причина отсутствия. Оставьте одно."))
    for key, value in given.items():
        instrument = instruments.get(key)
        if instrument is None:
            found.append(Blocker(f"{name}: такого оценочного средства нет, или баллы ставят эксперты."))
        elif not value.is_finite() or value < 0:
            found.append(Blocker(f"{name}, «{instrument}»: баллы не бывают отрицательными."))
        elif value > instrument.maximum:
            words = points_words(instrument.maximum)
            found.append(Blocker(f"{name}, «{instrument}»: {points_words(value)} больше максимума {words}."))
        elif value != value.quantize(CENT):
            found.append(Blocker(f"{name}, «{instrument}»: не больше двух знаков после запятой."))
    return found


def _store(entry: AttestationEntry, marks: Marks, by_sheets: set[int], actor: Any) -> bool:
    """Write what differs from what is stored; says whether anything did."""
    given = {key: value for key, value in marks.points.items() if value is not None}
    reason = marks.absence_reason.strip()[:300]
    stored = {key: value for key, value in entry.points_by_instrument().items() if key not in by_sheets}
    if stored == given and entry.absence_reason == reason:
        return False
    entry.scores.exclude(instrument__in=by_sheets).delete()
    AttestationScore.objects.bulk_create(
        AttestationScore(entry=entry, instrument_id=key, points=value) for key, value in given.items()
    )
    entry.absent, entry.absence_reason = bool(reason), reason
    entry.save(update_fields=["absent", "absence_reason"])
    record_event(
        "reservists.record_marks",
        entry,
        actor=actor,
        person=entry.reservist.user,
        points={str(key): value for key, value in given.items()},
        absence=reason,
    )
    return True
