"""Experts score cases and defences of the attestation on sheets; the exact mean is the instrument's (O1.10, O4.17)."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from assessment.enums import SheetState
from assessment.rules import mean_of, shown_points
from reserve_portal.accounts.enums import Role
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter

from ..enums import AttestationState, InstrumentKind
from ..models import Attestation, AttestationEntry, AttestationInstrument, AttestationScore, AttestationSheet
from ..rules import points_words
from ..workflow import ATTESTATION_SHEET
from .attestation import can_enter_points
from .mentors import mentor_of

CENT = Decimal("0.01")


def scored_by_experts(attestation: Attestation) -> set[int]:
    """Ids of the instruments whose points come from sheets: nobody enters them by hand."""
    sheets = AttestationSheet.objects.in_play().filter(entry__attestation=attestation)
    return set(sheets.values_list("instrument", flat=True))


def keeps_out(expert: Any, entry: AttestationEntry) -> str:
    """Why this expert may not score this person, from facts alone; an empty string where nothing stands against it."""
    person = entry.reservist.user
    if person.pk == expert.pk:
        return "собственное дело"
    if expert.organisation_id and expert.organisation_id == person.organisation_id:
        return "одно место работы"
    mentor = mentor_of(entry.reservist)
    return "персональный куратор (наставник)" if mentor and mentor.user_id == expert.pk else ""


@transaction.atomic
def give_sheets(
    attestation: Attestation, *, instrument: AttestationInstrument, experts: Sequence[Any], actor: Any
) -> int:
    """Give each expert a sheet on everybody attested by an instrument; returns how many are new. Raises GateShut.

    Left out are those from whom an expert keeps out, those absent, and sheets that are there. One letter to each.
    """
    locked = _locked_attestation(attestation)
    require_open(_giving_blockers(locked, instrument, experts))
    entries = list(locked.entries.filter(absent=False).select_related("reservist__user"))
    there = set(
        AttestationSheet.objects.in_play().filter(instrument=instrument).values_list("entry", "expert")
    )
    given = 0
    for expert in experts:
        pairs = [row for row in entries if (row.pk, expert.pk) not in there and not keeps_out(expert, row)]
        for row in pairs:
            sheet = AttestationSheet.objects.create(entry=row, instrument=instrument, expert=expert)
            ATTESTATION_SHEET.start(sheet, actor=actor, label="Лист передан эксперту")
        if pairs:
            given += len(pairs)
            _tell(locked, instrument, expert, len(pairs))
    if not given:
        require_open([Blocker("Новых листов нет: они уже переданы, или эксперты должны взять отвод.")])
    AttestationScore.objects.filter(entry__attestation=locked, instrument=instrument).delete()
    record_event(
        "reservists.give_attestation_sheets",
        locked,
        actor=actor,
        instrument=instrument.name,
        count=given,
        experts=[expert.pk for expert in experts],
    )
    return given


def _giving_blockers(
    attestation: Attestation, instrument: AttestationInstrument, experts: Sequence[Any]
) -> list[Blocker]:
    found = []
    if attestation.state != AttestationState.OPEN:
        found.append(Blocker("Листы передают, пока идёт аттестация."))
    if instrument.attestation_id != attestation.pk or instrument.kind == InstrumentKind.TEST:
        found.append(Blocker("По этому средству экспертных листов нет.", field="instrument"))
    if not experts:
        found.append(Blocker("Выберите хотя бы одного эксперта.", field="experts"))
    return found + [
        Blocker(f"{expert.full_name}: нет роли эксперта.", field="experts")
        for expert in experts
        if not expert.has_role(Role.EXPERT)
    ]


def _tell(attestation: Attestation, instrument: AttestationInstrument, expert: Any, count: int) -> None:
    send_letter(
        "attestation.sheets_given",
        to=expert,
        key=f"attestation.sheets_given:{instrument.pk}:{expert.pk}:{clock.now():%Y%m%d%H%M%S%f}",
        values={
            "attestation": str(attestation),
            "instrument": instrument.name,
            "count": count,
            "until": f"{attestation.closes_on:%d.%m.%Y}",
        },
        about=attestation,
    )


def sheet_blockers(
    sheet: AttestationSheet, *, points: Decimal | None, comment: str, hand_in: bool
) -> list[Blocker]:
    """What is wrong with a sheet as it stands."""
    if sheet.state != SheetState.GIVEN:
        return [Blocker(f"Лист уже не у вас: {sheet.get_state_display()}.")]
    found, maximum = [], sheet.instrument.maximum
    if points is not None and not (points.is_finite() and 0 <= points <= maximum):
        found.append(Blocker(f"Баллы — от 0 до {points_words(maximum)}.", field="points"))
    elif points is not None and points != points.quantize(CENT):
        found.append(Blocker("Баллы — не больше двух знаков после запятой.", field="points"))
    if hand_in:
        if not can_enter_points(sheet.entry.attestation):
            found.append(Blocker("Баллы сейчас не вносят: список уже у органа."))
        if points is None:
            found.append(Blocker("Поставьте баллы.", field="points"))
        if not comment.strip():
            found.append(Blocker("Обоснуйте баллы несколькими словами.", field="comment"))
    return found


@transaction.atomic
def save_attestation_sheet(
    sheet: AttestationSheet, *, points: Decimal | None, comment: str, actor: Any, hand_in: bool = False
) -> None:
    """Keep what an expert wrote; with `hand_in` it counts, and the expert sees it no more. Raises GateShut."""
    attestation = _locked_attestation(sheet.entry.attestation)
    row = _locked(sheet)
    require_open(sheet_blockers(row, points=points, comment=comment, hand_in=hand_in))
    row.points, row.comment = points, comment.strip()
    row.handed_in_at = clock.now() if hand_in else None
    row.save(update_fields=["points", "comment", "handed_in_at"])
    person = row.entry.reservist.user
    record_event("reservists.save_attestation_sheet", row, actor=actor, person=person, hand_in=hand_in)
    if hand_in:
        ATTESTATION_SHEET.apply(row, "hand_in", actor=actor)
        _settle(attestation, row, actor=actor)


@transaction.atomic
def end_attestation_sheet(sheet: AttestationSheet, transition: str, *, reason: str, actor: Any) -> None:
    """An expert declines, or the operator recalls a sheet not handed in, or returns one handed in, with a reason.

    Returned, the instrument's points wait for it anew. Raises GateShut while points cannot be entered.
    """
    attestation = _locked_attestation(sheet.entry.attestation)
    if not can_enter_points(attestation):
        require_open([Blocker("Баллы сейчас не вносят: список уже у органа.")])
    row = _locked(sheet)
    ATTESTATION_SHEET.apply(row, transition, actor=actor, reason=reason)
    AttestationSheet.objects.filter(pk=row.pk).update(end_reason=reason.strip()[:1000], handed_in_at=None)
    record_event(
        "reservists.end_attestation_sheet",
        row,
        actor=actor,
        person=row.entry.reservist.user,
        transition=transition,
        reason=reason,
    )
    if transition == "return":
        send_letter(
            "attestation.sheet_returned",
            to=row.expert,
            key=f"attestation.sheet_returned:{row.pk}:{clock.now():%Y%m%d%H%M%S%f}",
            values={"attestation": str(attestation), "person": str(row.entry), "reason": reason.strip()},
            about=attestation,
        )
    _settle(attestation, row, actor=actor)


def means_of(attestation: Attestation) -> dict[tuple[int, int], Fraction]:
    """The exact mean of the sheets by (entry, instrument), where all in play are handed in (O4.17)."""
    found: dict[tuple[int, int], list[Decimal | None]] = {}
    rows = AttestationSheet.objects.in_play().filter(entry__attestation=attestation)
    for entry, instrument, points, state in rows.values_list("entry", "instrument", "points", "state"):
        found.setdefault((entry, instrument), []).append(points if state == SheetState.HANDED_IN else None)
    return {
        key: mean_of([point for point in points if point is not None])
        for key, points in found.items()
        if None not in points
    }


def _settle(attestation: Attestation, sheet: AttestationSheet, *, actor: Any) -> None:
    """Once every sheet in play is handed in their mean is the instrument's; a list that is a draft is made anew."""
    from .attestation_results import put_together  # it counts by the means of this module

    key = (sheet.entry_id, sheet.instrument_id)
    stored = AttestationScore.objects.filter(entry=sheet.entry_id, instrument=sheet.instrument_id)
    mean = means_of(attestation).get(key)
    if mean is None:
        stored.delete()
    else:
        AttestationScore.objects.update_or_create(
            entry_id=key[0], instrument_id=key[1], defaults={"points": shown_points(mean)}
        )
        if attestation.state == AttestationState.LISTED:
            put_together(attestation, actor=actor)


def _locked_attestation(attestation: Attestation) -> Attestation:
    rows = Attestation.objects.select_for_update(of=("self",)).select_related("edition")
    return rows.get(pk=attestation.pk)


def _locked(sheet: AttestationSheet) -> AttestationSheet:
    rows = AttestationSheet.objects.select_for_update(of=("self",))
    return rows.select_related("instrument", "expert", "entry__reservist__user", "entry__attestation").get(
        pk=sheet.pk
    )
