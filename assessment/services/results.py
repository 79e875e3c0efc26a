"""Points, zones and places: stored and corrected exactly, never rounded first (T4, O3.17, O3.23)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.db.models import Avg, Count, Max

from assessment.enums import TAKES_RESULTS, ProcedureState
from assessment.models import Invitation, Procedure, Result, ResultImport, Section, SectionScore
from assessment.rules import passes, ranks, zone
from assessment.services.procedures import follow_procedure
from candidates.enums import TrackState
from candidates.models import ApplicationTrack
from candidates.workflow import TRACK
from commissions.enums import ListState
from commissions.models import DecisionList
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.templatetags.portal import points as shown
from reserve_portal.notifications.services import send_letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper
from reserve_portal.regulations.enums import Decision

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
) -> Result:
    """Store or correct the points of one invited track: a Decimal for every direction, 0 to its maximum (T4).

    The same points again change nothing; other points need a `reason` and keep the former ones in the audit trail.
    Raises GateShut with sentences: before the opening, without an invitation, after the list went to the body.
    """
    row = lock_procedure(procedure)
    existing = Result.objects.filter(procedure=row, track=track).first()
    former = scores_of(existing)
    wanted = {section.pk: value for section, value in scores.items()}
    blockers = result_blockers(row) + score_blockers(row, wanted)
    if not Invitation.objects.filter(procedure=row, track=track).exists():
        blockers.append(Blocker("Этот человек не приглашён на процедуру."))
    require_open(blockers)
    if existing is not None and former == wanted:
        return existing
    if existing is not None and not reason.strip():
        require_open([Blocker("Результат уже внесён: чтобы исправить его, укажите причину.", field="reason")])
    require_open(track_blockers(track, corrects=existing is not None))
    result = write_result(row, track, wanted, actor=actor, reason=reason, source=source, former=former)
    rank_results(row)
    result.refresh_from_db()
    return result


def lock_procedure(procedure: Procedure) -> Procedure:
    """Bring the procedure up to the clock and lock it; writers of its results queue here."""
    follow_procedure(procedure)
    rows = Procedure.objects.select_for_update(of=("self",)).select_related("campaign__edition")
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
    sent = DecisionList.objects.about(procedure).filter(
        decision=Decision.INCLUSION, state__in=[ListState.SENT, ListState.DECIDED]
    )
    if sent.exists():
        return [Blocker("Список для включения уже передан комиссии: результаты больше не меняются.")]
    return []


def score_blockers(procedure: Procedure, scores: Mapping[int, Decimal]) -> list[Blocker]:
    """What is wrong with points given by section's pk; fields are named section_<pk>."""
    blockers = []
    for section in procedure.sections.all():
        value = scores.get(section.pk)
        field = f"section_{section.pk}"
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


def scores_of(result: Result | None) -> dict[int, Decimal]:
    """Stored points by section's pk."""
    return {score.section_id: score.points for score in result.scores.all()} if result else {}


def write_result(
    procedure: Procedure,
    track: ApplicationTrack,
    scores: Mapping[int, Decimal],
    *,
    actor: Any,
    reason: str,
    source: ResultImport | None,
    former: Mapping[int, Decimal],
) -> Result:
    """Write checked points within the caller's transaction and lock; places are recomputed by `rank_results`."""
    total, maximum = sum(scores.values(), Decimal(0)), procedure.maximum
    result, created = Result.objects.update_or_create(
        procedure=procedure,
        track=track,
        defaults={
            "points": total,
            "maximum": maximum,
            "passed": passes(total, maximum, procedure.threshold_percent),
            "zone": zone(
                total,
                maximum,
                threshold_percent=procedure.threshold_percent,
                green_percent=procedure.green_percent,
            ),
            "source": source,
            "updated_at": clock.now(),
        },
    )
    for pk, value in scores.items():
        SectionScore.objects.update_or_create(result=result, section_id=pk, defaults={"points": value})
    if created:
        TRACK.apply(track, "assess", actor=actor)
    else:
        before, after = (sum(item.values(), Decimal(0)) for item in (former, scores))
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


def rank_results(procedure: Procedure) -> None:
    """Recompute the places of all results; equal points share a place: 1, 2, 2, 4 (O3.23)."""
    results = list(Result.objects.filter(procedure=procedure).order_by("pk"))
    for result, place in zip(results, ranks([item.points for item in results]), strict=True):
        result.rank = place
    Result.objects.bulk_update(results, ["rank"], batch_size=500)


# --- Those who did not come ------------------------------------------------------------------------------------------


def absent_invitations(procedure: Procedure) -> models.QuerySet[Invitation]:
    """Invitations without a result whose track still counts as invited."""
    assessed = Result.objects.filter(procedure=procedure).values("track")
    later = Invitation.objects.filter(track=models.OuterRef("track"), pk__gt=models.OuterRef("pk"))
    return (
        Invitation.objects.filter(procedure=procedure, track__state=TrackState.INVITED)
        .exclude(track__in=assessed)
        .exclude(models.Exists(later))
        .select_related("track__application__user", "track__target_group")
        .order_by("track__application__user__last_name", "pk")
    )


def no_show_blockers(procedure: Procedure) -> list[Blocker]:
    """What keeps the absent from being marked: the procedure runs on, or nobody is absent."""
    if procedure.state != ProcedureState.ENDED:
        return [Blocker("Неявку отмечают после окончания процедуры.")]
    if not absent_invitations(procedure).exists():
        return [Blocker("Неявившихся нет: у всех приглашённых есть результат.")]
    return []


@transaction.atomic
def mark_no_shows(procedure: Procedure, *, actor: Any) -> int:
    """Mark every invited person without a result as absent, tell them by letter; returns how many. Raises GateShut."""
    row = lock_procedure(procedure)
    require_open(no_show_blockers(row))
    absent = list(absent_invitations(row))
    for invitation in absent:
        application = invitation.track.application
        TRACK.apply(invitation.track, "no_show", actor=actor)
        send_letter(
            "assessment.no_show",
            to=application.user,
            key=f"assessment.no_show:{row.pk}:{application.pk}",
            values={"procedure": row.name},
            about=row,
        )
    record_event("assessment.mark_no_shows", row, actor=actor, count=len(absent))
    return len(absent)


# --- Statistics ------------------------------------------------------------------------------------------------------


def section_statistics(procedure: Procedure) -> list[dict[str, Any]]:
    """For each direction: name, maximum, count, mean, best (points) and share (percent of the maximum, one decimal)."""
    rows = (
        SectionScore.objects.filter(result__procedure=procedure)
        .values("section")
        .annotate(count=Count("pk"), mean=Avg("points"), best=Max("points"))
        .order_by("section")
    )
    found = {row["section"]: row for row in rows}
    statistics = []
    for section in procedure.sections.all():
        row = found.get(section.pk, {"count": 0, "mean": None, "best": None})
        mean = Decimal(str(row["mean"])).quantize(Decimal("0.01")) if row["mean"] is not None else None
        share = (mean * 100 / section.maximum).quantize(Decimal("0.1")) if mean is not None else None
        statistics.append(
            {
                "name": section.name,
                "maximum": section.maximum,
                "count": row["count"],
                "mean": mean,
                "best": row["best"],
                "share": share,
            }
        )
    return statistics


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
        "sections": sections,
        "rows": [_sheet_row(result, sections) for result in _sheet_results(row)],
        "absent": [item.track.application.user.full_name for item in absent],
        "issuer": actor.short_name if actor else "",
    }
    return issue_paper("results_sheet", row, context, actor=actor)


def _sheet_results(procedure: Procedure) -> models.QuerySet[Result]:
    return (
        procedure.results.select_related(
            "procedure", "track__application__user", "track__application__registration"
        )
        .prefetch_related("scores")
        .order_by("rank", "track__application__user__last_name", "pk")
    )


def _sheet_row(result: Result, sections: list[Section]) -> dict[str, Any]:
    application = result.track.application
    registration = getattr(application, "registration", None)
    scores = scores_of(result)
    zones = result.procedure.green_percent is not None
    return {
        "rank": result.rank,
        "name": application.user.full_name,
        "number": registration.text if registration else "",
        "scores": [scores.get(section.pk) for section in sections],
        "points": result.points,
        "verdict": result.get_zone_display() if zones else "пройден" if result.passed else "не пройден",
    }
