"""Experts are called in, score people on sheets, hand in; the mean becomes the direction's points (O1.10, O3.17)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from assessment.enums import SHEET_TRACKS, ProcedureState, SheetState
from assessment.models import ExpertSheet, Invitation, Procedure, Result, Section
from assessment.rules import mean_of
from assessment.services.results import (
    known_scores,
    lock_procedure,
    rank_results,
    result_blockers,
    write_scores,
)
from assessment.workflow import SHEET
from candidates.conflicts import conflicts_of
from candidates.enums import TrackState
from reserve_portal.accounts.enums import Role
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.templatetags.portal import points as shown
from reserve_portal.notifications.services import send_letter

CENTS = Decimal("0.01")


def people_for_sheets(procedure: Procedure) -> models.QuerySet[Invitation]:
    """Invited people whose result is not there yet: those whom experts may be asked about."""
    return (
        procedure.invitations.filter(track__state=TrackState.INVITED)
        .select_related("track__application__user", "track__target_group")
        .order_by("track__application__user__last_name", "track__application__user__first_name", "pk")
    )


def keeps_out(expert: Any, invitation: Invitation) -> list[str]:
    """Why this expert may not score this person: the own case, the same place of work."""
    return conflicts_of(expert, invitation.track.application)


@transaction.atomic
def give_sheets(
    procedure: Procedure,
    *,
    section: Section,
    experts: Sequence[Any],
    actor: Any,
    invitations: Iterable[Invitation] | None = None,
) -> list[ExpertSheet]:
    """Give sheets of one direction to experts, about `invitations` or about everybody who may be asked about (O1.10).

    Among everybody, those from whom an expert keeps out and those already settled are left out; named people raise
    GateShut instead. Each expert learns of the new sheets by one letter.
    """
    row = lock_procedure(procedure)
    require_open(_giving_blockers(row, section, experts))
    chosen = list(people_for_sheets(row) if invitations is None else invitations)
    if invitations is not None:
        require_open(_people_blockers(row, section, experts, chosen))
    pairs = _new_pairs(section, experts, chosen)
    if not pairs:
        require_open([Blocker("Новых листов нет: они уже переданы, или эксперты должны взять отвод.")])
    given = [_give(section, invitation, expert, actor) for expert, invitation in pairs]
    for expert in experts:
        _tell_expert(row, expert, [sheet for sheet in given if sheet.expert == expert])
    record_event(
        "assessment.give_sheets", row, actor=actor, count=len(given), experts=[e.pk for e in experts]
    )
    return given


def _new_pairs(
    section: Section, experts: Sequence[Any], chosen: Sequence[Invitation]
) -> list[tuple[Any, Invitation]]:
    """Who is to score whom: without what is given or settled already, and without those to keep out of."""
    sheets = ExpertSheet.objects.in_play().filter(section=section)
    there, settled = set(sheets.values_list("invitation_id", "expert_id")), _settled(section)
    return [
        (expert, item)
        for expert in experts
        for item in chosen
        if item.pk not in settled and (item.pk, expert.pk) not in there and not keeps_out(expert, item)
    ]


def _give(section: Section, invitation: Invitation, expert: Any, actor: Any) -> ExpertSheet:
    sheet = ExpertSheet.objects.create(section=section, invitation=invitation, expert=expert)
    SHEET.start(sheet, actor=actor, label="Лист передан эксперту")
    record_event(
        "assessment.give_sheet",
        sheet,
        actor=actor,
        person=invitation.track.application.user,
        expert=expert.pk,
    )
    return sheet


def _giving_blockers(procedure: Procedure, section: Section, experts: Sequence[Any]) -> list[Blocker]:
    blockers = result_blockers(procedure) if procedure.state != ProcedureState.SCHEDULED else []
    if section not in procedure.sheet_sections:
        blockers.append(Blocker("По этому направлению экспертных листов нет.", field="section"))
    if not experts:
        blockers.append(Blocker("Выберите хотя бы одного эксперта.", field="experts"))
    blockers += [
        Blocker(f"{expert.full_name}: нет роли эксперта.", field="experts")
        for expert in experts
        if not expert.has_role(Role.EXPERT)
    ]
    return blockers


def _people_blockers(
    procedure: Procedure, section: Section, experts: Sequence[Any], chosen: Sequence[Invitation]
) -> list[Blocker]:
    settled, blockers = _settled(section), []
    for item in chosen:
        name = item.track.application.user.full_name
        if item.procedure_id != procedure.pk or item.track.state != TrackState.INVITED:
            blockers.append(Blocker(f"{name}: оценка уже завершена или не идёт.", field="people"))
        elif item.pk in settled:
            blockers.append(Blocker(f"{name}: все листы сданы, баллы посчитаны.", field="people"))
        blockers += [
            Blocker(f"{expert.full_name} не может оценивать ({name}): {', '.join(reasons)}.", field="experts")
            for expert in experts
            if (reasons := keeps_out(expert, item))
        ]
    return blockers


def _settled(section: Section) -> set[int]:
    """Invitations whose points of this direction are there already."""
    return set(section.waitingscore_set.values_list("invitation_id", flat=True))


def _tell_expert(procedure: Procedure, expert: Any, sheets: Sequence[ExpertSheet]) -> None:
    if not sheets:
        return
    send_letter(
        "assessment.sheets_given",
        to=expert,
        key=f"assessment.sheets_given:{sheets[0].pk}",
        values={
            "procedure": procedure.name,
            "section": sheets[0].section.name,
            "count": len(sheets),
        },
        about=procedure,
    )


@transaction.atomic
def save_sheet(
    sheet: ExpertSheet,
    *,
    actor: Any,
    points: Decimal | None,
    comment: str,
    deficits: str = "",
    development: str = "",
    recommended: bool | None = None,
    hand_in: bool = False,
) -> None:
    """Keep what an expert wrote; with `hand_in` for good: it then counts, and the expert sees it no more (O3.17).

    Raises GateShut for points outside 0 to the maximum, or at handing in without points, without words, or while
    results cannot be written.
    """
    procedure = lock_procedure(sheet.section.procedure)
    row = _locked(sheet)
    require_open(sheet_blockers(row, procedure, points=points, comment=comment, hand_in=hand_in))
    row.points, row.comment = points, comment.strip()
    row.deficits, row.development, row.recommended = deficits.strip(), development.strip(), recommended
    if hand_in:
        row.handed_in_at = clock.now()
    row.save(update_fields=["points", "comment", "deficits", "development", "recommended", "handed_in_at"])
    record_event("assessment.save_sheet", row, actor=actor, person=row.person, hand_in=hand_in)
    if hand_in:
        SHEET.apply(row, "hand_in", actor=actor)
        _settle(procedure, row, actor=actor)
    sheet.refresh_from_db()


def sheet_blockers(
    sheet: ExpertSheet, procedure: Procedure, *, points: Decimal | None, comment: str, hand_in: bool
) -> list[Blocker]:
    """What is wrong with a sheet as it stands."""
    blockers = []
    if sheet.state != SheetState.GIVEN:
        return [Blocker(f"Лист уже не у вас: {sheet.get_state_display()}.")]
    maximum = sheet.section.maximum
    if points is not None and not (points.is_finite() and 0 <= points <= maximum):
        blockers.append(Blocker(f"Баллы — от 0 до {shown(maximum)}.", field="points"))
    elif points is not None and points != points.quantize(CENTS):
        blockers.append(Blocker("Баллы — не больше двух знаков после запятой.", field="points"))
    if hand_in:
        blockers += result_blockers(procedure)
        if points is None:
            blockers.append(Blocker("Поставьте баллы.", field="points"))
        if not comment.strip():
            blockers.append(Blocker("Обоснуйте баллы несколькими словами.", field="comment"))
    return blockers


@transaction.atomic
def decline_sheet(sheet: ExpertSheet, *, actor: Any, reason: str) -> None:
    """An expert gives a sheet back unscored, with a reason; the others' sheets may then be complete."""
    _end(sheet, "decline", "assessment.decline_sheet", actor=actor, reason=reason)


@transaction.atomic
def recall_sheet(sheet: ExpertSheet, *, actor: Any, reason: str) -> None:
    """The operator takes a sheet back that is not handed in, with a reason."""
    _end(sheet, "recall", "assessment.recall_sheet", actor=actor, reason=reason)


@transaction.atomic
def return_sheet(sheet: ExpertSheet, *, actor: Any, reason: str) -> None:
    """Give a handed-in sheet back to its expert, with a reason; the direction's points wait for it anew.

    A result that stands already stays until the sheet comes back, and is then corrected for this reason. Raises
    GateShut while results cannot be changed.
    """
    procedure = lock_procedure(sheet.section.procedure)
    row = _locked(sheet)
    require_open(result_blockers(procedure))
    if row.invitation.track.state not in SHEET_TRACKS:
        require_open([Blocker("Человек больше не оценивается: лист остаётся сданным.")])
    SHEET.apply(row, "return", actor=actor, reason=reason)
    ExpertSheet.objects.filter(pk=row.pk).update(handed_in_at=None, end_reason=reason.strip()[:1000])
    row.invitation.waiting_scores.filter(section=row.section_id).delete()
    send_letter(
        "assessment.sheet_returned",
        to=row.expert,
        key=f"assessment.sheet_returned:{row.pk}:{clock.now():%Y%m%d%H%M%S%f}",
        values={"procedure": procedure.name, "section": row.section.name, "reason": reason.strip()},
        about=procedure,
    )
    record_event("assessment.return_sheet", row, actor=actor, person=row.person, reason=reason)
    sheet.refresh_from_db()


def open_sheet_blockers(procedure: Procedure) -> list[Blocker]:
    """Whose result is being scored anew: until the sheet is back the list for inclusion is not made."""
    sheets = ExpertSheet.objects.filter(
        section__procedure=procedure, state=SheetState.GIVEN, invitation__track__state=TrackState.ASSESSED
    )
    return [
        Blocker(f"{row.person.full_name}: экспертный лист возвращён эксперту и ещё не сдан.")
        for row in sheets.select_related("invitation__track__application__user")
    ]


def _end(sheet: ExpertSheet, transition: str, deed: str, *, actor: Any, reason: str) -> None:
    procedure = lock_procedure(sheet.section.procedure)
    row = _locked(sheet)
    SHEET.apply(row, transition, actor=actor, reason=reason)
    ExpertSheet.objects.filter(pk=row.pk).update(end_reason=reason.strip()[:1000])
    record_event(deed, row, actor=actor, person=row.person, reason=reason)
    if not result_blockers(procedure):
        _settle(procedure, row, actor=actor)
    sheet.refresh_from_db()


def _settle(procedure: Procedure, sheet: ExpertSheet, *, actor: Any) -> None:
    """Once every sheet in play is handed in, their exact mean becomes the direction's points."""
    sheets = list(
        ExpertSheet.objects.in_play().filter(section=sheet.section_id, invitation=sheet.invitation_id)
    )
    points = [row.points for row in sheets if row.state == SheetState.HANDED_IN and row.points is not None]
    track = sheet.invitation.track
    if not points or len(points) < len(sheets) or track.state not in SHEET_TRACKS:
        return
    stored = Result.objects.filter(procedure=procedure, track=track).prefetch_related("scores").first()
    former, mean = known_scores(sheet.invitation, stored), mean_of(points)
    if former.get(sheet.section_id) == mean:
        return
    result = write_scores(
        procedure,
        sheet.invitation,
        {sheet.section_id: mean},
        actor=actor,
        reason=f"Экспертный лист пересмотрен: {sheet.end_reason}" if stored else "",
        former=former,
    )
    if result is not None:
        rank_results(procedure)


def _locked(sheet: ExpertSheet) -> ExpertSheet:
    rows = ExpertSheet.objects.select_for_update(of=("self",))
    return rows.select_related("section", "invitation__track__application__user").get(pk=sheet.pk)
