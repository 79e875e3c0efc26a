"""Points, zones and places: stored and corrected exactly, never rounded first (T4, O3.17, O3.23)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import models, transaction

from assessment.enums import BY_PLATFORM, TAKES_RESULTS, ProcedureState, RankRule, Zone
from assessment.models import (
    Invitation,
    Procedure,
    Result,
    ResultImport,
    Section,
    SectionScore,
    WaitingScore,
)
from assessment.rules import Points, ranks, shown_points, total_of, zone
from assessment.services.procedures import follow_procedure, is_due
from candidates.enums import TrackState
from candidates.models import ApplicationTrack
from candidates.workflow import TRACK
from commissions.enums import ListState
from commissions.models import DecisionList
from reserve_portal.audit.services import record_event, record_events
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.templatetags.portal import points as shown
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper
from reserve_portal.regulations.enums import Decision, InstrumentKind

AT_ONCE = 1000  # rows written by one statement
MAX_PLACES = 7  # as many decimals as the testing platform keeps


@transaction.atomic
def store_result(
    procedure: Procedure,
    *,
    track: ApplicationTrack,
    scores: Mapping[Section, Decimal],
    actor: Any,
    reason: str = "",
    source: ResultImport | None = None,
) -> Result | None:
    """Store or correct the points of one invited track: a Decimal for each direction, 0 to its maximum (T4).

    The same points again change nothing; other points need a `reason` and keep the former ones in the audit trail.
    Where experts or a defence still owe theirs, the points wait and None is returned. Raises GateShut with sentences:
    before the opening, without an invitation, after the list went to the body.
    """
    row = lock_procedure(procedure)
    existing = Result.objects.filter(procedure=row, track=track).prefetch_related("scores").first()
    invitation = Invitation.objects.filter(procedure=row, track=track).first()
    wanted = {section.pk: value for section, value in scores.items()}
    blockers = result_blockers(row) + score_blockers(row, wanted)
    if invitation is None:
        blockers.append(Blocker("Этот человек не приглашён на процедуру."))
    require_open(blockers)
    assert invitation is not None
    former = known_scores(invitation, existing)
    if all(former.get(pk) == value for pk, value in wanted.items()):
        return existing
    if any(pk in former and former[pk] != value for pk, value in wanted.items()) and not reason.strip():
        require_open([Blocker("Результат уже внесён: чтобы исправить его, укажите причину.", field="reason")])
    require_open(track_blockers(track, corrects=existing is not None))
    invitation.track = track
    result = write_scores(row, invitation, wanted, actor=actor, reason=reason, source=source, former=former)
    if result is not None:
        rank_results(row)
        result.refresh_from_db()
    return result


def lock_procedure(procedure: Procedure) -> Procedure:
    """Bring the procedure up to the clock and lock it; writers of its results queue here."""
    rows = Procedure.objects.select_for_update(of=("self",)).select_related("campaign__edition")
    row = rows.prefetch_related("sections").get(pk=procedure.pk)
    if not is_due(row):
        return row
    follow_procedure(row)
    return rows.prefetch_related("sections").get(pk=procedure.pk)


def result_blockers(procedure: Procedure) -> list[Blocker]:
    """Whether results of the procedure may be written at this moment."""
    if procedure.state not in TAKES_RESULTS:
        ended = procedure.state == ProcedureState.CLOSED
        return [
            Blocker(
                "Итоги подведены: результаты больше не меняются." if ended else "Процедура ещё не началась."
            )
        ]
    if inclusion_sent(procedure):
        return [Blocker("Список для включения уже передан комиссии: результаты больше не меняются.")]
    return []


def inclusion_sent(procedure: Procedure) -> bool:
    """Whether the list for inclusion lies with the bodies, or was decided."""
    sent = DecisionList.objects.about(procedure).filter(
        decision=Decision.INCLUSION, state__in=[ListState.SENT, ListState.DECIDED]
    )
    return sent.exists()


def score_blockers(procedure: Procedure, scores: Mapping[int, Decimal]) -> list[Blocker]:
    """What is wrong with points given by section's pk; fields are named section_<pk>.

    Where instruments of several kinds come one after another, a direction may be left out; experts' are never typed.
    """
    typed = [section for section in procedure.section_list if section.kind != InstrumentKind.EXPERT_SHEET]
    is_mixed = any(section.kind not in BY_PLATFORM for section in procedure.section_list)
    blockers = [
        Blocker(f"Направление «{section.name}»: баллы выставляют эксперты.")
        for section in procedure.section_list
        if section.kind == InstrumentKind.EXPERT_SHEET and section.pk in scores
    ]
    if not any(section.pk in scores for section in typed):
        blockers.append(Blocker("Внесите баллы хотя бы по одному направлению."))
    for section in typed:
        value = scores.get(section.pk)
        field = f"section_{section.pk}"
        if value is None and is_mixed:
            continue
        if value is None:
            blockers.append(Blocker(f"Направление «{section.name}»: нет баллов.", field=field))
        elif not isinstance(value, Decimal) or not value.is_finite():
            blockers.append(Blocker(f"Направление «{section.name}»: баллы — не число.", field=field))
        elif value < 0:
            blockers.append(
                Blocker(f"Направление «{section.name}»: баллы не бывают отрицательными.", field=field)
            )
        elif value > section.maximum:
            words = f"{shown(value)} больше максимума {shown(section.maximum)}"
            blockers.append(Blocker(f"Направление «{section.name}»: {words}.", field=field))
        elif -int(value.normalize().as_tuple().exponent) > MAX_PLACES:
            blockers.append(
                Blocker(f"Направление «{section.name}»: слишком много знаков после запятой.", field=field)
            )
    return blockers


def track_blockers(track: ApplicationTrack, *, corrects: bool) -> list[Blocker]:
    """Whether the state of the track lets a result be stored, or corrected."""
    if TRACK.is_open(track, "correct" if corrects else "assess"):
        return []
    if track.state == TrackState.NO_SHOW:
        return [Blocker("Отмечена неявка: сначала назначьте вторую дату.")]
    return [Blocker(f"Состояние кандидата — «{track.get_state_display()}»: результат не вносится.")]


def scores_of(result: Result | None) -> dict[int, Points]:
    """Stored points by section's pk, exact: a mean of expert sheets as a fraction."""
    return _values(result.scores.all()) if result else {}


def known_scores(invitation: Invitation, result: Result | None) -> dict[int, Points]:
    """Points by section's pk: of the result where there is one, else those that still wait for the others."""
    return scores_of(result) if result else _values(invitation.waiting_scores.all())


def missing_sections(procedure: Procedure, known: Mapping[int, Points]) -> list[Section]:
    """The directions without which a person has no result yet."""
    return [section for section in procedure.section_list if section.pk not in known]


def weighted_total(procedure: Procedure, scores: Mapping[int, Points]) -> Fraction:
    """Σ weight × points over the directions in `scores`, exact (O3.15)."""
    return total_of((scores[row.pk], row.weight) for row in procedure.section_list if row.pk in scores)


def write_scores(
    procedure: Procedure,
    invitation: Invitation,
    scores: Mapping[int, Points],
    *,
    actor: Any,
    reason: str = "",
    source: ResultImport | None = None,
    former: Mapping[int, Points],
) -> Result | None:
    """Write checked points of some directions: into the result once all directions are there, else to wait for it.

    Within the caller's transaction and lock; places are recomputed by `rank_results`.
    """
    whole = {**former, **scores}
    if not missing_sections(procedure, whole):
        result = write_result(
            procedure,
            invitation.track,
            whole,
            actor=actor,
            reason=reason,
            source=source or _source_of(invitation),
            former=former,
        )
        invitation.waiting_scores.all().delete()
        return result
    for pk, value in scores.items():
        WaitingScore.objects.update_or_create(
            invitation=invitation, section_id=pk, defaults={**_columns(value), "source": source}
        )
    record_event(
        "assessment.store_scores",
        invitation,
        actor=actor,
        person=invitation.track.application.user,
        before={str(pk): str(value) for pk, value in former.items()},
        after={str(pk): str(value) for pk, value in whole.items()},
        reason=reason.strip(),
    )
    return None


def _source_of(invitation: Invitation) -> ResultImport | None:
    waiting = invitation.waiting_scores.filter(source__isnull=False).select_related("source").first()
    return waiting.source if waiting else None


def _values(rows: Iterable[Any]) -> dict[int, Points]:
    return {row.section_id: row.points if row.numerator is None else row.exact for row in rows}


def _columns(value: Points) -> dict[str, Any]:
    """How points are stored: a decimal as it is, a fraction beside its decimal for showing."""
    if isinstance(value, Decimal):
        return {"points": value, "numerator": None, "denominator": None}
    return {
        "points": shown_points(value),
        "numerator": value.numerator,
        "denominator": value.denominator,
    }


def write_result(
    procedure: Procedure,
    track: ApplicationTrack,
    scores: Mapping[int, Points],
    *,
    actor: Any,
    reason: str,
    source: ResultImport | None,
    former: Mapping[int, Points],
) -> Result:
    """Write checked points within the caller's transaction and lock; places are recomputed by `rank_results`."""
    total, maximum = weighted_total(procedure, scores), procedure.maximum
    result, created = Result.objects.update_or_create(
        procedure=procedure,
        track=track,
        defaults={
            **_outcome(procedure, total, maximum),
            "source": source,
            "updated_at": clock.now(),
        },
    )
    SectionScore.objects.bulk_create(
        (SectionScore(result=result, section_id=pk, **_columns(value)) for pk, value in scores.items()),
        update_conflicts=True,
        unique_fields=["result", "section"],
        update_fields=["points", "numerator", "denominator"],
    )
    if created:
        TRACK.apply(track, "assess", actor=actor)
    else:
        before, after = (shown_points(weighted_total(procedure, item)) for item in (former, scores))
        TRACK.apply(
            track, "correct", actor=actor, reason=f"{shown(before)} → {shown(after)}: {reason.strip()}"
        )
    record_event(
        "assessment.store_result" if created else "assessment.correct_result",
        result,
        actor=actor,
        person=track.application.user,
        before={str(pk): str(value) for pk, value in former.items()},
        after={str(pk): str(value) for pk, value in scores.items()},
        reason=reason.strip(),
    )
    return result


def write_new_results(
    procedure: Procedure,
    rows: Sequence[tuple[Invitation, Mapping[int, Points]]],
    *,
    actor: Any,
    source: ResultImport | None,
) -> None:
    """Write whole results of people who have none yet, many at once; else as `write_scores`."""
    maximum, results = procedure.maximum, []
    totals = [weighted_total(procedure, scores) for _, scores in rows]
    tracks = [invitation.track for invitation, _ in rows]
    # Right at once where nobody has a result yet; `rank_results` sets right what is not.
    places = _places(
        procedure,
        [(track.pk, track.target_group_id, total) for track, total in zip(tracks, totals, strict=True)],
    )
    for track, total in zip(tracks, totals, strict=True):
        fields = _outcome(procedure, total, maximum)
        results.append(
            Result(procedure=procedure, track=track, source=source, rank=places[track.pk], **fields)
        )
    Result.objects.bulk_create(results, batch_size=AT_ONCE)
    pairs = list(zip(results, (scores for _, scores in rows), strict=True))
    SectionScore.objects.bulk_create(
        (
            SectionScore(result=result, section_id=pk, **_columns(value))
            for result, scores in pairs
            for pk, value in scores.items()
        ),
        batch_size=2 * AT_ONCE,
    )
    WaitingScore.objects.filter(
        invitation__in=[item.pk for item, _ in rows if item.waiting_scores.all()]
    ).delete()
    TRACK.apply_to_all([result.track for result in results], "assess", actor=actor)
    record_events(
        "assessment.store_result",
        (
            (
                result,
                result.track.application.user,
                {"before": {}, "after": {str(pk): str(value) for pk, value in scores.items()}, "reason": ""},
            )
            for result, scores in pairs
        ),
        actor=actor,
    )


def _outcome(procedure: Procedure, total: Fraction, maximum: Decimal) -> dict[str, Any]:
    """What a sum of points comes to by the frozen borders."""
    reached = zone(
        total,
        maximum,
        threshold_percent=procedure.threshold_percent,
        green_percent=procedure.green_percent,
    )
    passed = reached != Zone.RED  # red is what lies below the threshold, with zones or without (T4, O3.17)
    return {"points": shown_points(total), "maximum": maximum, "passed": passed, "zone": reached}


def rank_results(procedure: Procedure) -> None:
    """Recompute the places by the procedure's rule; equal points share a place: 1, 2, 2, 4 (O1.16, O3.23)."""
    pairs: dict[int, list[tuple[Points, Decimal]]] = {}
    scores = SectionScore.objects.filter(result__procedure=procedure)
    fields = ("result", "section__weight", "points", "numerator", "denominator")
    for result, weight, points, numerator, denominator in scores.values_list(*fields):
        exact = points if numerator is None else Fraction(numerator, denominator)
        pairs.setdefault(result, []).append((exact, weight))
    totals = {result: total_of(items) for result, items in pairs.items()}
    rows = Result.objects.filter(procedure=procedure).order_by("pk")
    former = {pk: (rank, group) for pk, rank, group in rows.values_list("pk", "rank", "track__target_group")}
    places = _places(procedure, [(pk, group, totals[pk]) for pk, (_, group) in former.items()])
    moved = [pk for pk, place in places.items() if former[pk][0] != place]
    for start in range(0, len(moved), AT_ONCE):
        some = list(Result.objects.filter(pk__in=moved[start : start + AT_ONCE]))
        for result in some:
            result.rank = places[result.pk]
        Result.objects.bulk_create(
            some, update_conflicts=True, unique_fields=["pk"], update_fields=["rank"], batch_size=AT_ONCE
        )


def _places(procedure: Procedure, rows: Iterable[tuple[Any, int, Fraction]]) -> dict[Any, int]:
    """Places by key, of rows of (key, target group, total), among whom the procedure's rule says."""
    groups: dict[int, list[tuple[Any, Fraction]]] = {}
    for key, group, total in rows:
        within = group if procedure.ranking == RankRule.GROUP else 0
        groups.setdefault(within, []).append((key, total))
    return {
        key: place
        for members in groups.values()
        for (key, _), place in zip(members, ranks([total for _, total in members]), strict=True)
    }


# --- The sheet -------------------------------------------------------------------------------------------------------


@transaction.atomic
def issue_results_sheet(procedure: Procedure, *, actor: Any) -> IssuedPaper:
    """Issue the sheet of all results as a PDF; a later one has a new number. Raises GateShut before the end."""
    row = lock_procedure(procedure)
    blockers = []
    if row.state not in (ProcedureState.ENDED, ProcedureState.CLOSED):
        blockers.append(Blocker("Ведомость составляют после окончания процедуры."))
    if not row.results.exists():
        blockers.append(Blocker("Результатов ещё нет."))
    require_open(blockers)
    sections = list(row.sections.all())
    absent = row.invitations.filter(track__state=TrackState.NO_SHOW).select_related(
        "track__application__user"
    )
    context = {
        "procedure": row,
        "edition": row.campaign.edition,
        "decision": row.standing_decision,
        "groups": row.campaign.edition.target_groups.count() > 1,
        "sections": sections,
        "rows": [_sheet_row(result, sections) for result in _sheet_results(row)],
        "absent": [item.track.application.user.full_name for item in absent],
        "signer": actor,
    }
    return issue_paper("results_sheet", row, context, actor=actor)


def _sheet_results(procedure: Procedure) -> models.QuerySet[Result]:
    return (
        procedure.results.select_related(
            "procedure",
            "track__target_group",
            "track__application__user",
            "track__application__registration",
        )
        .prefetch_related("scores")
        .order_by("track__target_group__order", "rank", "track__application__user__last_name", "pk")
    )


def _sheet_row(result: Result, sections: list[Section]) -> dict[str, Any]:
    application = result.track.application
    registration = getattr(application, "registration", None)
    scores = {score.section_id: score.points for score in result.scores.all()}
    zones = result.procedure.green_percent is not None
    return {
        "rank": result.rank,
        "name": application.user.full_name,
        "group": str(result.track.target_group),
        "number": registration.text if registration else "",
        "scores": [scores.get(section.pk) for section in sections],
        "points": result.points,
        "verdict": result.get_zone_display() if zones else "пройден" if result.passed else "не пройден",
    }
