"""Expert conclusions: drafted from points and catalogue, edited, signed, approved with the list (O3.17-3.18)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction

from assessment.enums import ConclusionState, ProcedureState, SheetState
from assessment.models import ExpertConclusion, ExpertSheet, Procedure, Programme, Result
from assessment.services.results import inclusion_sent, lock_procedure
from assessment.services.routes import deficit_words, programmes_for, weak_scores
from assessment.workflow import CONCLUSION
from candidates.enums import TrackState
from commissions.models import DecisionList
from commissions.services import basis_of
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.models import TransitionLog
from reserve_portal.core.templatetags.portal import points as shown
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper

PARAMETER = "expert_conclusion"
EVERY_POINT = Decimal(100)  # directions in which any point was lost
NO_DEFICITS = "Существенных дефицитов не выявлено."


def conclusions_needed(procedure: Procedure) -> bool:
    """Whether the edition asks for a conclusion about each assessed person (O3.18)."""
    return bool(procedure.campaign.edition.value(PARAMETER))


def assessed(procedure: Procedure) -> list[Result]:
    """Results that wait for the decision, with everything a conclusion is drafted from."""
    return list(
        procedure.results.filter(track__state=TrackState.ASSESSED)
        .select_related(
            "procedure__campaign__edition",
            "track__application__user",
            "track__target_group",
            "conclusion",
        )
        .prefetch_related("scores__section")
        .order_by("track__target_group__order", "rank", "pk")
    )


def drafting_blockers(procedure: Procedure) -> list[Blocker]:
    """What keeps conclusions from being drafted."""
    if not conclusions_needed(procedure):
        return [Blocker("Порядок не предусматривает экспертных заключений.")]
    if procedure.state != ProcedureState.ENDED:
        return [Blocker("Заключения готовят после окончания процедуры, пока итоги не подведены.")]
    if inclusion_sent(procedure):
        return [Blocker("Список для включения уже передан комиссии: заключения не меняются.")]
    if not procedure.results.filter(track__state=TrackState.ASSESSED).exists():
        return [Blocker("Нет ни одного результата.")]
    return []


@transaction.atomic
def draft_conclusions(procedure: Procedure, *, actor: Any) -> int:
    """Draft the missing conclusions and bring drafts up to results corrected since; returns how many (O3.18).

    What the operator has written stays. Raises GateShut.
    """
    row = lock_procedure(procedure)
    require_open(drafting_blockers(row))
    programmes = programmes_for(section.code for section in row.sections.all())
    sheets, count = sheets_of(row), 0
    for result in assessed(row):
        conclusion = getattr(result, "conclusion", None)
        if conclusion is None:
            _draft(result, programmes, sheets.get(result.track_id, []), actor)
        elif conclusion.state == ConclusionState.DRAFT and is_stale(conclusion, result):
            _refresh(conclusion, result, actor)
        else:
            continue
        count += 1
    return count


def sheets_of(procedure: Procedure, track: Any = None) -> dict[int, list[ExpertSheet]]:
    """Handed-in sheets of a procedure by the key of the track, of one track alone where it is given."""
    rows = ExpertSheet.objects.filter(section__procedure=procedure, state=SheetState.HANDED_IN)
    if track is not None:
        rows = rows.filter(invitation__track=track)
    found: dict[int, list[ExpertSheet]] = {}
    for row in rows.select_related("section", "expert", "invitation").order_by("section__order", "pk"):
        found.setdefault(row.invitation.track_id, []).append(row)
    return found


def joint_lines(own: Iterable[str], written: Iterable[str]) -> str:
    """Lines from points and from every expert, each once, in their order: the draft of the joint conclusion."""
    lines = [line.strip() for text in (*own, *written) for line in text.splitlines()]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _draft(
    result: Result, programmes: dict[str, list[Programme]], sheets: list[ExpertSheet], actor: Any
) -> None:
    weak = weak_scores(result)
    lost = weak or weak_scores(result, EVERY_POINT)
    offered = [row for score in lost for row in programmes.get(score.section.code, [])]
    conclusion = ExpertConclusion.objects.create(
        result=result,
        results=results_of(result),
        zone=result.zone,
        deficits=joint_lines((deficit_words(score) for score in weak), (row.deficits for row in sheets))
        or NO_DEFICITS,
        development=joint_lines(
            (_programme_words(row) for row in offered), (row.development for row in sheets)
        ),
        recommended=result.passed,
    )
    CONCLUSION.start(conclusion, actor=actor, label="Проект заключения составлен")
    record_event("assessment.draft_conclusion", conclusion, actor=actor, person=result.track.application.user)


def _refresh(conclusion: ExpertConclusion, result: Result, actor: Any) -> None:
    if not conclusion.departs:
        conclusion.recommended = result.passed
    conclusion.results, conclusion.zone = results_of(result), result.zone
    conclusion.save(update_fields=["results", "zone", "recommended"])
    record_event(
        "assessment.refresh_conclusion", conclusion, actor=actor, person=result.track.application.user
    )


def _programme_words(row: Programme) -> str:
    return f"{row.name} ({row.organiser}{f', {row.hours} ч' if row.hours else ''})"


def results_of(result: Result) -> dict[str, Any]:
    """The first part as JSON: points by direction, their sum, the threshold (O3.18)."""
    return {
        "rows": [
            [
                score.section.name,
                shown(score.points),
                shown(score.section.maximum),
                shown(score.section.weight),
            ]
            for score in result.scores.all()
        ],
        "points": shown(result.points),
        "maximum": shown(result.maximum),
        "threshold": shown(result.procedure.threshold_percent),
        "rank": result.rank,
        "passed": result.passed,
    }


def is_stale(conclusion: ExpertConclusion, result: Result) -> bool:
    """Whether the result was changed after the conclusion took it over; a place may move by the results of others."""
    parts = [{**part, "rank": None} for part in (conclusion.results, results_of(result))]
    return parts[0] != parts[1] or conclusion.zone != result.zone


@transaction.atomic
def change_conclusion(
    conclusion: ExpertConclusion,
    *,
    deficits: str,
    development: str,
    recommended: bool,
    reason: str = "",
    actor: Any,
) -> None:
    """Replace the written parts of a draft; a recommendation other than the threshold's needs a reason (O3.18).

    Raises GateShut.
    """
    row = _locked(conclusion)
    row.deficits, row.development = deficits.strip(), development.strip()
    row.recommended, row.reason = recommended, reason.strip()
    if not row.departs:
        row.reason = ""
    require_open(_text_blockers(row))
    row.save(update_fields=["deficits", "development", "recommended", "reason"])
    record_event(
        "assessment.change_conclusion",
        row,
        actor=actor,
        person=row.result.track.application.user,
        recommended=recommended,
        reason=row.reason,
    )
    conclusion.refresh_from_db()


def sign_blockers(conclusion: ExpertConclusion) -> list[Blocker]:
    """What keeps a conclusion from being signed."""
    blockers = _text_blockers(conclusion)
    if is_stale(conclusion, conclusion.result):
        blockers.append(Blocker("Результат с тех пор исправлен: обновите проекты заключений."))
    return blockers


def _text_blockers(conclusion: ExpertConclusion) -> list[Blocker]:
    blockers = []
    if conclusion.state != ConclusionState.DRAFT:
        blockers.append(Blocker("Заключение уже подписано и не меняется: сначала верните его в работу."))
    if not conclusion.deficits:
        blockers.append(Blocker("Укажите профессиональные дефициты.", field="deficits"))
    if not conclusion.development:
        blockers.append(Blocker("Укажите направления и способы развития.", field="development"))
    if conclusion.departs and not conclusion.reason:
        words = "Рекомендация расходится с порогом: напишите, почему."
        blockers.append(Blocker(words, field="reason"))
    return blockers


@transaction.atomic
def sign_conclusion(conclusion: ExpertConclusion, *, actor: Any) -> None:
    """Sign a draft: it is ready for the commission and does not change any more (O3.17). Raises GateShut."""
    row = _locked(conclusion)
    require_open(sign_blockers(row))
    CONCLUSION.apply(row, "sign", actor=actor)
    record_event("assessment.sign_conclusion", row, actor=actor, person=row.result.track.application.user)
    conclusion.refresh_from_db()


@transaction.atomic
def sign_all(procedure: Procedure, *, actor: Any) -> int:
    """Sign every draft of the procedure that has nothing in its way; returns how many. Raises GateShut for none."""
    row = lock_procedure(procedure)
    require_open(drafting_blockers(row))
    ready = [item for item in drafts_of(row) if not sign_blockers(item)]
    if not ready:
        require_open([Blocker("Нет проектов, готовых к подписи.")])
    for conclusion in ready:
        sign_conclusion(conclusion, actor=actor)
    return len(ready)


def drafts_of(procedure: Procedure) -> list[ExpertConclusion]:
    """Drafts of the procedure, with their results loaded."""
    found = []
    for result in assessed(procedure):
        conclusion = getattr(result, "conclusion", None)
        if conclusion is not None and conclusion.state == ConclusionState.DRAFT:
            conclusion.result = result
            found.append(conclusion)
    return found


@transaction.atomic
def reopen_conclusion(conclusion: ExpertConclusion, *, actor: Any, reason: str) -> None:
    """Take a signed conclusion back to be reworked, with a reason; raises GateShut once the list went to the body."""
    row = _locked(conclusion)
    if inclusion_sent(row.result.procedure):
        require_open([Blocker("Список для включения уже передан комиссии: заключение не меняется.")])
    CONCLUSION.apply(row, "reopen", actor=actor, reason=reason)
    ExpertConclusion.objects.filter(pk=row.pk).update(paper=None)
    record_event(
        "assessment.reopen_conclusion",
        row,
        actor=actor,
        person=row.result.track.application.user,
        reason=reason,
    )
    conclusion.refresh_from_db()


def conclusion_blockers(procedure: Procedure) -> list[Blocker]:
    """Whose conclusion is missing, unsigned or older than the result, where the edition needs one (O3.17)."""
    if not conclusions_needed(procedure):
        return []
    found = []
    for result in assessed(procedure):
        name, conclusion = result.track.application.user.full_name, getattr(result, "conclusion", None)
        if conclusion is None:
            found.append(Blocker(f"{name}: нет экспертного заключения."))
        elif conclusion.state == ConclusionState.DRAFT:
            found.append(Blocker(f"{name}: экспертное заключение не подписано."))
        elif is_stale(conclusion, result):
            found.append(Blocker(f"{name}: результат исправлен после экспертного заключения."))
    return found


@transaction.atomic
def approve_conclusions(decision_list: DecisionList, *, actor: Any) -> None:
    """The commission passed the list: its people's signed conclusions are approved by that protocol (O3.17)."""
    tracks: Iterable[int | None] = decision_list.lines.values_list("object_id", flat=True)
    rows = ExpertConclusion.objects.filter(
        result__procedure=decision_list.object_id, result__track__in=list(tracks), state=ConclusionState.READY
    ).select_related("result__track__application__user")
    basis = basis_of(decision_list)[:300]
    for row in rows:
        CONCLUSION.apply(row, "approve", actor=actor)
        ExpertConclusion.objects.filter(pk=row.pk).update(approval=basis, paper=None)
        record_event(
            "assessment.approve_conclusion",
            row,
            actor=actor,
            person=row.result.track.application.user,
            basis=basis,
        )


@transaction.atomic
def paper_of(conclusion: ExpertConclusion, *, actor: Any) -> IssuedPaper:
    """The conclusion as PDF, issued at its first reading from what was signed. Raises GateShut for a draft."""
    row = _locked(conclusion)
    if row.state == ConclusionState.DRAFT:
        require_open([Blocker("Заключение ещё не подписано.")])
    if row.paper is not None:
        return row.paper
    result = row.result
    person, procedure = result.track.application.user, result.procedure
    signed = TransitionLog.objects.about(row).filter(transition="sign").order_by("-pk").first()
    last = TransitionLog.objects.about(row).order_by("-pk").first()
    signer = signed.actor if signed else None
    paper = issue_paper(
        "expert_conclusion",
        row,
        {
            "conclusion": row,
            "person": person,
            "group": result.track.target_group,
            "number": getattr(getattr(result.track.application, "registration", None), "text", ""),
            "procedure": procedure,
            "decision": procedure.standing_decision,
            "edition": procedure.campaign.edition,
            "deficits": row.deficits.splitlines(),
            "development": row.development.splitlines(),
            "signer": signer,
            "experts": experts_of(sheets_of(procedure, result.track).get(result.track_id, [])),
        },
        actor=signer or actor,
        person=person,
        dated=clock.local(last.at).date() if last else None,
    )
    ExpertConclusion.objects.filter(pk=row.pk).update(paper=paper)
    return paper


def experts_of(sheets: Iterable[ExpertSheet]) -> list[Any]:
    """The experts behind a joint conclusion, each once."""
    return list({row.expert_id: row.expert for row in sheets}.values())


def _locked(conclusion: ExpertConclusion) -> ExpertConclusion:
    return (
        ExpertConclusion.objects.select_for_update(of=("self",))
        .select_related(
            "paper",
            "result__procedure__campaign__edition",
            "result__track__target_group",
            "result__track__application__user",
        )
        .prefetch_related("result__scores__section")
        .get(pk=conclusion.pk)
    )
