"""Papers of a vacancy: the municipality's letter (T8), the answers to it, the summary and sheets of a defence (T10)."""

from typing import Any

from reserve_portal.accounts.enums import Role
from reserve_portal.papers.kinds import PaperKind, register_paper

from .perms import can_see_sheets, can_see_summary, can_see_vacancy_letter


def _letter(user: Any, paper: Any) -> bool:
    return can_see_vacancy_letter(user, paper.subject)


def _summary(user: Any, paper: Any) -> bool:
    return can_see_summary(user, paper.subject)


def _sheet(user: Any, paper: Any) -> bool:
    """Whose sheet it is; the operator once the sheets are open, after the meeting (T10)."""
    sheet = paper.subject
    return sheet.member.user_id == user.pk or (
        user.has_role(Role.OPERATOR) and can_see_sheets(user, sheet.defence)
    )


register_paper(
    PaperKind(
        "vacancy_letter",
        "Письмо о вакансии",
        "vacancies/pdf/vacancy_letter.html",
        "В-{year}-{number:03d}",
        "vacancy-letter:{year}",
        _letter,
    )
)
register_paper(
    PaperKind(
        "vacancy_answer",
        "Ответ с подборкой резервистов",
        "vacancies/pdf/vacancy_answer.html",
        "ОВ-{year}-{number:03d}",
        "vacancy-answer:{year}",
        _letter,
    )
)
register_paper(
    PaperKind(
        "vacancy_nobody",
        "Ответ: подходящих резервистов нет",
        "vacancies/pdf/vacancy_nobody.html",
        "ОВ-{year}-{number:03d}",
        "vacancy-answer:{year}",
        _letter,
    )
)
register_paper(
    PaperKind(
        "defence_summary",
        "Сводка оценок защиты концепции",
        "vacancies/pdf/defence_summary.html",
        "ЗК-{year}-{number:03d}",
        "defence-summary:{year}",
        _summary,
    )
)
register_paper(
    PaperKind(
        "score_sheet",
        "Оценочный лист",
        "vacancies/pdf/score_sheet.html",
        "ОЛ-{year}-{number:04d}",
        "score-sheet:{year}",
        _sheet,
        operator_reads=False,
    )
)
