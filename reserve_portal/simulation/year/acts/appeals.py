"""Appeals against results: filed in time, taken back, refused, upheld with other points; answered late now and then."""

from typing import Any

from assessment.enums import AppealState
from assessment.models import Appeal, Procedure, Result
from assessment.services.appeals import answer_appeal, appeal_blockers, file_appeal, take_back_appeal
from candidates.enums import TrackState

from ..year import Year

TEXT = "Прошу проверить ещё раз ответ на последний вопрос."
REFUSED = "Ответы проверены вторым экспертом: баллы начислены верно."
UPHELD = "Ответ засчитан: формулировка вопроса допускала и это решение."


def begin_with(year: Year, procedure: Procedure) -> None:
    """Up to two of those assessed appeal on the day after the procedure."""
    year.soon(1, _file, year, procedure, hour=19)


def _file(year: Year, procedure: Procedure) -> None:
    dice = year.dice("appeals", procedure.name)
    results = list(procedure.results.filter(track__state=TrackState.ASSESSED).order_by("pk"))
    wanted = dice.choices((0, 1, 2), (30, 45, 25))[0]
    for result in dice.sample(results, min(wanted, len(results))):
        appeal = _appeal(year, result)
        if appeal is None:
            continue
        if dice.random() < 0.12:
            year.soon(1, _take_back, appeal, hour=12)
        else:
            days = dice.choices((1, 2, 4, 7), (40, 30, 22, 8))[0]
            year.soon(days, _answer, year, appeal, dice.random() < 0.5, hour=13)


def after_decision(year: Year, procedure: Procedure) -> None:
    """One of those not included appeals against what the decision has shown; points stand still by now."""
    results = procedure.results.filter(track__state=TrackState.NOT_INCLUDED).order_by("pk")
    dice = year.dice("appeals after the decision", procedure.name)
    if results and dice.random() < 0.5:
        appeal = _appeal(year, dice.choice(list(results)))
        if appeal is not None:
            year.soon(3, _answer, year, appeal, False, hour=13)


def waits_for_answer(procedure: Procedure) -> bool:
    """Whether an appeal is open: the list for inclusion waits for its answer."""
    return Appeal.objects.open().filter(result__procedure=procedure).exists()


def _appeal(year: Year, result: Result) -> Appeal | None:
    if appeal_blockers(result):
        return None
    person: Any = result.track.application.user
    year.refused("апелляция без слов", file_appeal, result, text=" ", actor=person)
    appeal = file_appeal(result, text=TEXT, actor=person)
    year.refused("вторая апелляция на то же", file_appeal, result, text=TEXT, actor=person)
    return appeal


def _take_back(appeal: Appeal) -> None:
    take_back_appeal(appeal, actor=appeal.person)


def _answer(year: Year, appeal: Appeal, upheld: bool) -> None:
    """An upheld one adds a point to one direction, where there is room for it; it is told to the person."""
    appeal.refresh_from_db()
    if appeal.state != AppealState.FILED:
        return
    scores = one_point_more(appeal.result) if upheld else None
    operator = year.cast["operator"]
    year.refused(
        "ответ на апелляцию без слов", answer_appeal, appeal, upheld=False, answer="", actor=operator
    )
    answer_appeal(
        appeal,
        upheld=bool(scores),
        answer=UPHELD if scores else REFUSED,
        actor=operator,
        scores=scores,
    )


def one_point_more(result: Result) -> dict[Any, Any] | None:
    """The points typed so far with one more in the first direction that has room; None where none has."""
    typed = result.procedure.typed_sections
    scores = {
        row.section: row.points for row in result.scores.select_related("section") if row.section in typed
    }
    for section in typed:
        if scores[section] + 1 <= section.maximum:
            return {**scores, section: scores[section] + 1}
    return None
