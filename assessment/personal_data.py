"""Invitations, results, conclusions and routes, for the person's own copy of the data: what the pages show, no more."""

from typing import Any

from reserve_portal.core.personal_data import Part, described, personal_data_source

from .enums import ShownResult
from .models import Appeal, ExpertConclusion, Invitation, LearningRoute, Result
from .perms import can_view_conclusion, can_view_procedure, can_view_result, can_view_route


@personal_data_source("invitations", "Приглашения на оценку")
def invitations(user: Any) -> Part:
    """Procedures to which the person was invited, once they are announced."""
    rows = Invitation.objects.filter(track__application__user=user).select_related("procedure").order_by("pk")
    return Part(
        [
            described(row.procedure, "name", "starts_at", "ends_at", "place")
            | described(row, "invited_at")
            | {"Адрес или номер на учебной платформе": [match.key for match in row.confirmed_matches.all()]}
            for row in rows.prefetch_related("confirmed_matches")
            if can_view_procedure(user, row.procedure)
        ]
    )


@personal_data_source("results", "Результаты оценки")
def results(user: Any) -> Part:
    """Results after the decision on inclusion, with the points of each section."""
    rows = Result.objects.filter(track__application__user=user).select_related(
        "procedure", "track__application", "track__target_group"
    )
    return Part([_result(row) for row in rows if can_view_result(user, row)])


def _result(row: Result) -> dict[str, Any]:
    """What the procedure lets a person learn of the own result."""
    found = described(row, "procedure", "passed", "updated_at") | {
        "Целевая группа": str(row.track.target_group)
    }
    if row.procedure.shows != ShownResult.PASSED:
        found |= described(row, "points", "maximum", "zone", "rank")
    if row.procedure.shows == ShownResult.SECTIONS:
        scores = row.scores.select_related("section")
        found["По направлениям"] = {score.section.name: str(score.points) for score in scores}
    return found


@personal_data_source("appeals", "Апелляции")
def appeals(user: Any) -> Part:
    """Appeals against the own results, with the answers."""
    rows = Appeal.objects.filter(result__track__application__user=user).select_related("result__procedure")
    fields = ("text", "filed_at", "state", "answer", "answered_at")
    return Part([{"Процедура": row.result.procedure.name} | described(row, *fields) for row in rows])


@personal_data_source("conclusions", "Экспертные заключения")
def conclusions(user: Any) -> Part:
    """Approved conclusions after the decision (O3.18); the file is among the papers."""
    rows = ExpertConclusion.objects.filter(result__track__application__user=user).select_related(
        "result__track__application"
    )
    fields = ("zone", "deficits", "development", "recommended", "reason", "approval")
    return Part([described(row, *fields) for row in rows if can_view_conclusion(user, row)])


@personal_data_source("routes", "Образовательные маршруты")
def routes(user: Any) -> Part:
    """Learning routes that were sent (T5)."""
    rows = LearningRoute.objects.filter(track__application__user=user).select_related("track__application")
    items = ("section_name", "programme", "organiser", "hours")
    return Part(
        [
            described(row, "deficits", "words", "possible_from")
            | {"Программы": [described(item, *items) for item in row.items.all()]}
            for row in rows
            if can_view_route(user, row)
        ]
    )
