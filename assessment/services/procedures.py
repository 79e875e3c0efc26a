"""A procedure from its plan to its end: borders, date, invitations, sample questions (T3, O3.15, O3.17)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models, transaction

from assessment.enums import AttemptRule, ProcedureState
from assessment.models import ExpertSheet, Invitation, Procedure
from assessment.services import borders
from assessment.workflow import PROCEDURE
from candidates.enums import TrackState
from candidates.models import ApplicationTrack, Campaign
from candidates.workflow import TRACK
from reserve_portal.audit.services import record_event
from reserve_portal.core import calendar, clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.templatetags.portal import ru_date, ru_moment
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.deadlines import cancel_deadlines, due_date, event_happened, find_limit
from reserve_portal.regulations.enums import InstrumentKind
from reserve_portal.regulations.models import TimeLimit

SCHEDULED, INVITED, QUESTIONS = "procedure.scheduled", "procedure.invited", "procedure.questions_published"
BORDERS = ("threshold_percent", "green_percent", "attempt")
DATES = ("starts_at", "ends_at")
TEXTS = ("name", "place", "instructions")
SECTION_FIELDS = ("code", "name", "kind", "maximum", "weight")
SECTION_DEFAULTS = {"kind": InstrumentKind.TEST, "weight": Decimal(1)}
LOOK_AHEAD = 400  # days within which the earliest possible start is sought


# --- Making and changing ---------------------------------------------------------------------------------------------


@transaction.atomic
def create_procedure(
    campaign: Campaign,
    *,
    name: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    actor: Any,
    instructions: str = "",
    threshold_percent: Decimal | None = None,
    green_percent: Decimal | None = None,
    attempt: str = "",
    sections: Sequence[Mapping[str, Any]] | None = None,
) -> Procedure:
    """Plan a procedure of `campaign`; borders and directions left out are those the edition proposes (O3.15, T3, T4).

    Percents are 0..100; `sections` are rows with code, name, kind, maximum (points), weight. Raises GateShut with
    what is wrong.
    """
    edition = campaign.edition
    procedure = Procedure(
        campaign=campaign,
        name=name.strip(),
        starts_at=starts_at,
        ends_at=ends_at,
        place=place.strip(),
        instructions=instructions.strip(),
        threshold_percent=edition.value("threshold_percent")
        if threshold_percent is None
        else threshold_percent,
        green_percent=(green_percent if green_percent is not None else edition.value("green_percent"))
        if edition.value("zones")
        else None,
        attempt=attempt or edition.value("attempt"),
    )
    rows = proposed_sections(campaign) if sections is None else _section_rows(sections)
    require_open(_field_blockers(procedure) + section_blockers(rows))
    procedure.save()
    PROCEDURE.start(procedure, actor=actor, label="Процедура создана")
    _store_sections(procedure, rows)
    record_event("assessment.create_procedure", procedure, actor=actor)
    return procedure


def proposed_sections(campaign: Campaign) -> list[dict[str, Any]]:
    """The directions the campaign's edition proposes: code, name, kind, maximum in points, weight (T3, O3.15)."""
    rules = campaign.edition.section_rules.order_by("order", "pk")
    return [{key: getattr(row, key) for key in SECTION_FIELDS} for row in rules]


@transaction.atomic
def change_procedure(
    procedure: Procedure,
    *,
    actor: Any,
    sections: Sequence[Mapping[str, Any]] | None = None,
    decision: Mapping[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Change a procedure: texts until it ends, the date until somebody is invited, borders until it opens (O3.17).

    Once it is appointed and its borders hold by a decision, other borders need another `decision` (body, number,
    dated, file) at once (O3.15). Raises GateShut naming what is frozen, TypeError for an unknown field.
    """
    unknown = set(fields) - {*BORDERS, *DATES, *TEXTS}
    if unknown:
        raise TypeError(f"unknown fields {sorted(unknown)}")
    row = _locked(procedure)
    changed = {key: value for key, value in fields.items() if getattr(row, key) != value}
    wanted = None if sections is None else _section_rows(sections)
    new_sections = None if wanted is None or _same_sections(row, wanted) else wanted
    old_day = _start_day(row)
    blockers = _change_blockers(row, changed, new_sections is not None)
    if not decision and (new_sections is not None or set(BORDERS) & set(changed)):
        blockers += borders.new_decision_blockers(row)
    for key, value in changed.items():
        setattr(row, key, value)
    blockers += _field_blockers(row)
    if new_sections is not None:
        blockers += section_blockers(new_sections)
    require_open(blockers)
    row.save(update_fields=list(changed) or None)
    if new_sections is not None:
        _store_sections(row, new_sections)
    if decision:
        borders.record_borders_decision(row, actor=actor, **decision)
    if row.state == ProcedureState.SCHEDULED and _start_day(row) != old_day:
        cancel_deadlines(row, closes=(INVITED, QUESTIONS))
        _open_deadlines(row)
    record_event(
        "assessment.change_procedure", row, actor=actor, fields=sorted(changed), sections=bool(new_sections)
    )
    procedure.refresh_from_db()


@transaction.atomic
def map_columns(procedure: Procedure, *, columns: Mapping[int, Sequence[str]], actor: Any) -> None:
    """Remember which columns of the export make up each direction: {section's pk: [column key, …]}.

    Raises GateShut when a direction has no column or a column stands twice.
    """
    procedure.sections.select_for_update().count()
    sections = procedure.platform_sections
    keys = [key for section in sections for key in columns.get(section.pk, [])]
    blockers = [
        Blocker(f"Укажите столбец для направления «{section.name}».", field=f"section_{section.pk}")
        for section in sections
        if not columns.get(section.pk)
    ]
    if len(keys) != len(set(keys)):
        blockers.append(Blocker("Один и тот же столбец отнесён к двум направлениям."))
    require_open(blockers)
    for section in sections:
        section.column = "\n".join(columns[section.pk])
        section.save(update_fields=["column"])
    record_event("assessment.map_columns", procedure, actor=actor)


# --- Date and invitations --------------------------------------------------------------------------------------------


def schedule_blockers(procedure: Procedure) -> list[Blocker]:
    """What keeps a procedure from being appointed."""
    blockers = _field_blockers(procedure)
    if procedure.state != ProcedureState.DRAFT:
        blockers.append(Blocker("Процедура уже назначена."))
    if procedure.starts_at <= clock.now():
        blockers.append(Blocker("Начало процедуры уже прошло: укажите будущую дату.", field="starts_at"))
    if not procedure.sections.exists():
        blockers.append(Blocker("Не указано ни одного направления с максимумом баллов."))
    return blockers + borders.decision_blockers(procedure) + _calendar_blockers(procedure)


@transaction.atomic
def schedule_procedure(procedure: Procedure, *, actor: Any) -> None:
    """Appoint the date: the procedure is announced, the limits before its start begin (T3). Raises GateShut."""
    row = _locked(procedure)
    require_open(schedule_blockers(row))
    PROCEDURE.apply(row, "schedule", actor=actor)
    _open_deadlines(row)
    record_event("assessment.schedule_procedure", row, actor=actor, starts_at=row.starts_at.isoformat())
    procedure.refresh_from_db()


def latest_day_for(procedure: Procedure, closes: str) -> date | None:
    """The last day of the limit before the start that event `closes` ends; None where the edition sets none (T3)."""
    limit = _limit(procedure, closes)
    return due_date(limit, _start_day(procedure)) if limit else None


def earliest_start(procedure: Procedure, closes: str = INVITED) -> date:
    """The first day on which a procedure may begin if its notice goes out today (T3)."""
    limit, today = _limit(procedure, closes), clock.today()
    if limit is None:
        return today
    for days in range(LOOK_AHEAD):
        day = date.fromordinal(today.toordinal() + days)
        if due_date(limit, day) >= today:
            return day
    raise ValueError("The limit before the start is longer than a year.")


def waiting_tracks(procedure: Procedure) -> models.QuerySet[ApplicationTrack]:
    """Admitted tracks of the campaign that nobody has invited yet."""
    return (
        ApplicationTrack.objects.filter(
            application__campaign=procedure.campaign_id, state=TrackState.ADMITTED
        )
        .select_related("application__user", "target_group")
        .order_by("application__user__last_name", "application__user__first_name", "pk")
    )


def notice_blockers(procedure: Procedure) -> list[Blocker]:
    """Whether a notice may still go out: the procedure stands ahead and the last day is not over (T3)."""
    if procedure.state == ProcedureState.DRAFT:
        return [Blocker("Сначала назначьте процедуру.")]
    if procedure.state != ProcedureState.SCHEDULED or procedure.starts_at <= clock.now():
        return [Blocker("Процедура уже началась: приглашать поздно.")]
    last = latest_day_for(procedure, INVITED)
    if last is None or clock.today() <= last:
        return []
    start = _start_day(procedure)
    return [
        Blocker(
            f"Процедура начинается {ru_date(start)}, пригласить нужно было не позднее {ru_date(last)} "
            f"Если пригласить сегодня, самое раннее начало — {ru_date(earliest_start(procedure))}",
            field="starts_at",
        )
    ]


def invite_blockers(procedure: Procedure) -> list[Blocker]:
    """What keeps the admitted candidates from being invited."""
    blockers = notice_blockers(procedure)
    if not blockers and not waiting_tracks(procedure).exists():
        blockers.append(Blocker("Нет допущенных кандидатов, которых ещё не пригласили."))
    return blockers


@transaction.atomic
def invite_candidates(
    procedure: Procedure, *, actor: Any, tracks: Iterable[ApplicationTrack] | None = None
) -> list[Invitation]:
    """Invite the admitted tracks of the campaign (or `tracks` of them), by letter and in the cabinet (T3).

    Raises GateShut after the last day of the limit, naming the earliest possible start, or when nobody waits.
    """
    row = _locked(procedure)
    require_open(notice_blockers(row))
    waiting = waiting_tracks(row)
    if tracks is not None:
        waiting = waiting.filter(pk__in=[track.pk for track in tracks])
    chosen = list(waiting)
    if not chosen:
        require_open([Blocker("Нет допущенных кандидатов, которых ещё не пригласили.")])
    invitations = [_invite(row, track, actor) for track in chosen]
    event_happened(INVITED, row, edition=row.campaign.edition, on=clock.today())
    record_event("assessment.invite_candidates", row, actor=actor, count=len(invitations))
    return invitations


@transaction.atomic
def appoint_second_date(
    track: ApplicationTrack, *, procedure: Procedure, actor: Any, reason: str
) -> Invitation:
    """Invite somebody who did not come to another procedure of the campaign, for a reason (no show → invited).

    Raises GateShut when the notice would be late (T3) or the procedure is not another one of the same campaign.
    """
    row = _locked(procedure)
    blockers = notice_blockers(row)
    if row.campaign_id != track.application.campaign_id:
        blockers.append(Blocker("Эта процедура — другого набора."))
    if Invitation.objects.filter(procedure=row, track=track).exists():
        blockers.append(Blocker("На эту процедуру человек уже приглашён: выберите другую."))
    if not reason.strip():
        blockers.append(Blocker("Укажите причину неявки.", field="reason"))
    if not TRACK.is_open(track, "second_date"):
        blockers.append(Blocker("Вторая дата назначается только тому, у кого отмечена неявка."))
    require_open(blockers)
    invitation = Invitation.objects.create(procedure=row, track=track)
    TRACK.apply(track, "second_date", actor=actor, reason=reason)
    _write(row, track, "assessment.second_date")
    event_happened(INVITED, row, edition=row.campaign.edition, on=clock.today())
    record_event(
        "assessment.second_date", invitation, actor=actor, person=track.application.user, reason=reason
    )
    return invitation


def _invite(procedure: Procedure, track: ApplicationTrack, actor: Any) -> Invitation:
    invitation, _ = Invitation.objects.get_or_create(procedure=procedure, track=track)
    TRACK.apply(track, "invite", actor=actor)
    _write(procedure, track, "assessment.invited")
    return invitation


def _write(procedure: Procedure, track: ApplicationTrack, code: str) -> None:
    """One letter to a person, however many tracks of his or hers are invited."""
    application = track.application
    send_letter(
        code,
        to=application.user,
        key=f"{code}:{procedure.pk}:{application.pk}",
        values={
            "procedure": procedure.name,
            "starts": ru_moment(procedure.starts_at),
            "ends": ru_moment(procedure.ends_at),
            "place": procedure.place,
            "instructions": procedure.instructions or "Подробности — на странице процедуры в кабинете.",
        },
        about=procedure,
    )


@transaction.atomic
def decline_assessment(track: ApplicationTrack, *, actor: Any) -> None:
    """The candidate gives up the assessment (admitted or invited → declined); raises TransitionRefused otherwise."""
    TRACK.apply(track, "decline", actor=actor)
    record_event("assessment.decline", track, actor=actor, person=track.application.user)


@transaction.atomic
def undo_decline(track: ApplicationTrack, *, actor: Any, reason: str) -> None:
    """Bring somebody who declined back (declined → admitted), for a reason; an invitation follows as for everybody."""
    TRACK.apply(track, "undo_decline", actor=actor, reason=reason)
    record_event("assessment.undo_decline", track, actor=actor, person=track.application.user, reason=reason)


# --- Sample questions ------------------------------------------------------------------------------------------------


def question_blockers(procedure: Procedure, text: str | None = None) -> list[Blocker]:
    """What keeps sample questions from being published; a late publication is allowed and counted as late (T3)."""
    blockers = []
    if procedure.state == ProcedureState.DRAFT:
        blockers.append(Blocker("Сначала назначьте процедуру."))
    elif procedure.state != ProcedureState.SCHEDULED or procedure.starts_at <= clock.now():
        blockers.append(Blocker("Процедура уже началась: примерные вопросы публикуют до начала."))
    if text is not None and not text.strip():
        blockers.append(Blocker("Напишите примерные вопросы.", field="text"))
    return blockers


@transaction.atomic
def publish_questions(procedure: Procedure, *, text: str, actor: Any) -> None:
    """Publish sample questions for everybody; a second call replaces the text. Raises GateShut.

    The limit of T3 is closed by the first publication: after its last day it counts as kept late, since questions that
    come late help candidates more than none.
    """
    row = _locked(procedure)
    require_open(question_blockers(row, text))
    row.sample_questions = text.strip()
    row.questions_published_at = row.questions_published_at or clock.now()
    row.save(update_fields=["sample_questions", "questions_published_at"])
    event_happened(QUESTIONS, row, edition=row.campaign.edition, on=clock.today())
    record_event("assessment.publish_questions", row, actor=actor)
    procedure.refresh_from_db()


# --- By the clock ----------------------------------------------------------------------------------------------------


def follow_procedures() -> int:
    """Open and end the procedures whose moment has come; returns how many steps were made. Safe to run twice."""
    now = clock.now()
    due = models.Q(state=ProcedureState.SCHEDULED, starts_at__lte=now) | models.Q(
        state=ProcedureState.OPEN, ends_at__lte=now
    )
    return sum(follow_procedure(row) for row in Procedure.objects.filter(due).order_by("pk"))


def follow_procedure(procedure: Procedure) -> int:
    """Open and end one procedure by its own times; returns the number of steps made (0, 1, 2)."""
    steps = 0
    try:
        with transaction.atomic():
            row = _locked(procedure)
            if row.state == ProcedureState.SCHEDULED and row.starts_at <= clock.now():
                PROCEDURE.apply(row, "open", actor=None)
                steps += 1
            if row.state == ProcedureState.OPEN and row.ends_at <= clock.now():
                PROCEDURE.apply(row, "end", actor=None)
                event_happened(
                    "procedure.ended", row, edition=row.campaign.edition, on=clock.local(row.ends_at).date()
                )
                steps += 1
    except TransitionRefused:
        return 0
    procedure.refresh_from_db()
    return steps


@transaction.atomic
def close_procedure(procedure: Procedure, *, actor: Any, on: date | None = None) -> None:
    """Close a procedure after the body approved the list for inclusion on day `on`; ends the limit of T4.

    Closing twice changes nothing; raises TransitionRefused while it has not ended.
    """
    row = _locked(procedure)
    if row.state != ProcedureState.CLOSED:
        PROCEDURE.apply(row, "close", actor=actor)
        event_happened("procedure.list_approved", row, edition=row.campaign.edition, on=on or clock.today())
        record_event("assessment.close_procedure", row, actor=actor)
    procedure.refresh_from_db()


# --- Checks ----------------------------------------------------------------------------------------------------------


def section_blockers(rows: Sequence[Mapping[str, Any]]) -> list[Blocker]:
    """What is wrong with directions given as rows of code, name, kind, maximum, weight."""
    blockers = [] if rows else [Blocker("Укажите хотя бы одно направление.", field="sections")]
    codes = [row["code"] for row in rows]
    if len(codes) != len(set(codes)):
        blockers.append(Blocker("Коды направлений повторяются.", field="sections"))
    for row in _section_rows(rows):
        for key, label in (("maximum", "Максимум"), ("weight", "Вес")):
            if not _is_positive(row[key]):
                words = f"{label} направления «{row['name']}» должен быть больше нуля."
                blockers.append(Blocker(words, field="sections"))
        if row["kind"] not in InstrumentKind.values:
            blockers.append(Blocker(f"Вид направления «{row['name']}» неизвестен.", field="sections"))
    return blockers


def _is_positive(number: Any) -> bool:
    try:
        value = Decimal(str(number))
    except InvalidOperation:
        return False
    return value.is_finite() and value > 0


def _field_blockers(procedure: Procedure) -> list[Blocker]:
    blockers = []
    if not procedure.name:
        blockers.append(Blocker("Укажите название процедуры.", field="name"))
    if not procedure.place:
        blockers.append(Blocker("Укажите, где проходит процедура.", field="place"))
    if procedure.ends_at <= procedure.starts_at:
        blockers.append(Blocker("Конец процедуры должен быть позже начала.", field="ends_at"))
    if procedure.attempt not in AttemptRule.values:
        blockers.append(Blocker("Неизвестно, какая попытка засчитывается.", field="attempt"))
    return blockers + _border_blockers(procedure)


def _border_blockers(procedure: Procedure) -> list[Blocker]:
    threshold, green = procedure.threshold_percent, procedure.green_percent
    if threshold is None:
        return [Blocker("Порядок не называет порога: укажите его.", field="threshold_percent")]
    if not 0 <= threshold <= 100:
        return [Blocker("Порог — от 0 до 100 процентов.", field="threshold_percent")]
    if green is None:
        return []
    if not 0 <= green <= 100:
        return [Blocker("Граница зелёной зоны — от 0 до 100 процентов.", field="green_percent")]
    if green < threshold:
        return [Blocker("Граница зелёной зоны не может быть ниже порога.", field="green_percent")]
    return []


def _change_blockers(procedure: Procedure, changed: Mapping[str, Any], sections: bool) -> list[Blocker]:
    blockers = []
    if procedure.borders_frozen:
        blockers += [
            Blocker("Процедура началась: порог, зоны, направления и попытка закреплены.", field=key)
            for key in (*BORDERS, "sections")
            if key in changed or (key == "sections" and sections)
        ]
    elif sections and ExpertSheet.objects.in_play().filter(section__procedure=procedure).exists():
        words = "Экспертам уже переданы листы: сначала отзовите их, потом меняйте направления."
        blockers.append(Blocker(words, field="sections"))
    begun = procedure.state not in (ProcedureState.DRAFT, ProcedureState.SCHEDULED)
    if set(DATES) & set(changed):
        if begun:
            blockers.append(Blocker("Процедура началась: даты закреплены.", field="starts_at"))
        elif procedure.invitations.exists():
            blockers.append(
                Blocker("Кандидаты уже приглашены на эти даты: создайте другую процедуру.", field="starts_at")
            )
        elif (
            procedure.state == ProcedureState.SCHEDULED
            and changed.get("starts_at", clock.now()) < clock.now()
        ):
            blockers.append(Blocker("Начало процедуры уже прошло: укажите будущую дату.", field="starts_at"))
    if procedure.state in (ProcedureState.ENDED, ProcedureState.CLOSED) and set(TEXTS) & set(changed):
        blockers.append(Blocker("Процедура закончилась: её описание больше не меняется.", field="name"))
    return blockers


def _calendar_blockers(procedure: Procedure) -> list[Blocker]:
    try:
        latest_day_for(procedure, INVITED)
        latest_day_for(procedure, QUESTIONS)
    except calendar.CalendarNotLoaded as error:
        return [Blocker(str(error))]
    return []


def _same_sections(procedure: Procedure, rows: Sequence[Mapping[str, Any]]) -> bool:
    stored = list(procedure.sections.values_list(*SECTION_FIELDS))
    return stored == [tuple(row[key] for key in SECTION_FIELDS) for row in rows]


def _section_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows with what was left out: a test of weight one."""
    return [{**SECTION_DEFAULTS, **row} for row in rows]


def _store_sections(procedure: Procedure, rows: Sequence[Mapping[str, Any]]) -> None:
    procedure.sections.exclude(code__in=[row["code"] for row in rows]).delete()
    for order, row in enumerate(rows, start=1):
        procedure.sections.update_or_create(
            code=row["code"],
            defaults={
                "name": row["name"],
                "kind": row["kind"],
                "maximum": Decimal(str(row["maximum"])),
                "weight": Decimal(str(row["weight"])),
                "order": order,
            },
        )


def _open_deadlines(procedure: Procedure) -> None:
    event_happened(SCHEDULED, procedure, edition=procedure.campaign.edition, on=_start_day(procedure))


def _limit(procedure: Procedure, closes: str) -> TimeLimit | None:
    return find_limit(procedure.campaign.edition, starts=SCHEDULED, closes=closes)


def _start_day(procedure: Procedure) -> date:
    return clock.local(procedure.starts_at).date()


def _locked(procedure: Procedure) -> Procedure:
    return (
        Procedure.objects.select_for_update(of=("self",))
        .select_related("campaign__edition")
        .get(pk=procedure.pk)
    )
