"""A candidate appeals against the own result within the edition's term; the operator answers within its limit."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from assessment.enums import APPEALABLE_TRACKS, DECIDED_TRACKS, AppealState
from assessment.models import Appeal, Procedure, Result, Section
from assessment.services.results import result_blockers, store_result
from assessment.workflow import APPEAL
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.models import TransitionLog
from reserve_portal.core.templatetags.portal import ru_date
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.deadlines import cancel_deadlines, due_date, event_happened, find_limit
from reserve_portal.regulations.models import TimeLimit

POSSIBLE, FILED, ANSWERED = "appeal.possible", "appeal.filed", "appeal.answered"


def appeal_limit(procedure: Procedure) -> TimeLimit | None:
    """The edition's term for appeals; without one there are none."""
    return find_limit(procedure.campaign.edition, starts=POSSIBLE, closes=FILED)


def appeal_until(result: Result) -> date | None:
    """The last day for an appeal: counted from the procedure's end, and once more from the decision on inclusion.

    None where the edition has no appeals, or the procedure still goes on.
    """
    limit, start = appeal_limit(result.procedure), _term_begins(result)
    return None if limit is None or start is None else due_date(limit, start)


def _term_begins(result: Result) -> date | None:
    """The day of the decision, which shows the result; before it the day on which the procedure ended."""
    if result.track.state in DECIDED_TRACKS:
        decided = TransitionLog.objects.about(result.track).filter(transition__in=["include", "not_include"])
        row = decided.order_by("-pk").first()
        return clock.local(row.at).date() if row else None
    return clock.local(result.procedure.ends_at).date() if result.procedure.ends_at <= clock.now() else None


def appeal_blockers(result: Result, text: str | None = None) -> list[Blocker]:
    """What keeps the person from appealing now."""
    if appeal_limit(result.procedure) is None:
        return [Blocker("Порядок не предусматривает апелляций.")]
    if result.track.state not in APPEALABLE_TRACKS:
        return [Blocker("Апелляцию подают на результат оценки, а его нет.")]
    until = appeal_until(result)
    if until is None:
        return [Blocker("Апелляцию подают после окончания процедуры.")]
    if clock.today() > until:
        return [Blocker(f"Срок апелляции прошёл: её можно было подать до {ru_date(until)}")]
    begun = _term_begins(result)
    filed = [clock.local(row.filed_at).date() for row in result.appeals.exclude(state=AppealState.TAKEN_BACK)]
    if any(begun is not None and day >= begun for day in filed):
        return [Blocker("Вы уже подали апелляцию: второй раз на то же её не подают.")]
    if text is not None and not text.strip():
        return [Blocker("Напишите, с чем вы не согласны.", field="text")]
    return []


@transaction.atomic
def file_appeal(result: Result, *, text: str, actor: Any) -> Appeal:
    """The person appeals; the operator's limit for the answer begins. Raises GateShut."""
    row = _locked_result(result)
    require_open(appeal_blockers(row, text))
    appeal = Appeal.objects.create(result=row, text=text.strip())
    APPEAL.start(appeal, actor=actor, label="Апелляция подана")
    edition = row.procedure.campaign.edition
    opened = event_happened(FILED, appeal, edition=edition, on=clock.today(), about=str(appeal))
    send_letter(
        "appeal.filed",
        to=appeal.person,
        key=f"appeal.filed:{appeal.pk}",
        values={
            "procedure": row.procedure.name,
            "due": ru_date(opened[0].due_on) if opened else "срок порядком не назван",
        },
        about=appeal,
    )
    record_event("assessment.file_appeal", appeal, actor=actor, person=appeal.person)
    return appeal


@transaction.atomic
def take_back_appeal(appeal: Appeal, *, actor: Any) -> None:
    """The person takes the own appeal back before it is answered."""
    APPEAL.apply(appeal, "take_back", actor=actor)
    cancel_deadlines(appeal)
    record_event("assessment.take_back_appeal", appeal, actor=actor, person=appeal.person)


def answer_blockers(
    appeal: Appeal, *, actor: Any, answer: str, corrects: bool, upheld: bool
) -> list[Blocker]:
    """What is wrong with an answer."""
    blockers = []
    if appeal.state != AppealState.FILED:
        return [Blocker("На эту апелляцию уже ответили, или человек её отозвал.")]
    if appeal.person == actor:
        blockers.append(Blocker("На свою апелляцию отвечает другой человек."))
    if not answer.strip():
        blockers.append(Blocker("Напишите ответ: человек прочтёт его.", field="answer"))
    if corrects and not upheld:
        blockers.append(Blocker("Баллы меняет только удовлетворённая апелляция.", field="verdict"))
    if corrects:
        blockers += result_blockers(appeal.result.procedure)
    return blockers


@transaction.atomic
def answer_appeal(
    appeal: Appeal,
    *,
    upheld: bool,
    answer: str,
    actor: Any,
    scores: Mapping[Section, Decimal] | None = None,
) -> None:
    """Answer an appeal with words; with `scores` the result is corrected for this reason, as long as it may be.

    After the list went to the commission points stand still: an upheld appeal is then mended by a new decision.
    Raises GateShut.
    """
    row = (
        Appeal.objects.select_for_update(of=("self",))
        .select_related("result__procedure__campaign__edition", "result__track__application__user")
        .get(pk=appeal.pk)
    )
    result = row.result
    require_open(answer_blockers(row, actor=actor, answer=answer, corrects=bool(scores), upheld=upheld))
    if scores:
        reason = f"Апелляция от {clock.local(row.filed_at):%d.%m.%Y}: {answer.strip()}"
        store_result(result.procedure, track=result.track, scores=scores, actor=actor, reason=reason[:1000])
    Appeal.objects.filter(pk=row.pk).update(answer=answer.strip(), answered_by=actor, answered_at=clock.now())
    APPEAL.apply(row, "uphold" if upheld else "reject", actor=actor, reason=answer.strip())
    event_happened(ANSWERED, row, edition=result.procedure.campaign.edition, on=clock.today())
    send_letter(
        "appeal.answered",
        to=row.person,
        key=f"appeal.answered:{row.pk}",
        values={
            "procedure": result.procedure.name,
            "verdict": row.get_state_display(),
            "answer": answer.strip(),
        },
        about=row,
    )
    record_event("assessment.answer_appeal", row, actor=actor, person=row.person, upheld=upheld)
    appeal.refresh_from_db()


def open_appeal_blockers(procedure: Procedure) -> list[Blocker]:
    """Whose appeal waits for an answer: until then the list for inclusion is not made."""
    rows = Appeal.objects.open().filter(result__procedure=procedure)
    return [
        Blocker(f"{row.person.full_name}: апелляция ждёт ответа.")
        for row in rows.select_related("result__track__application__user")
    ]


def _locked_result(result: Result) -> Result:
    rows = Result.objects.select_for_update(of=("self",))
    return rows.select_related("procedure__campaign__edition", "track__application__user").get(pk=result.pk)
