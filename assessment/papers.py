from typing import Any

from reserve_portal.accounts.enums import Role
from reserve_portal.papers.kinds import PaperKind, register_paper
from reserve_portal.papers.models import IssuedPaper

from .models import ExpertConclusion, Procedure
from .perms import can_read_results_sheet, can_view_conclusion


def _may_read_route(user: Any, paper: IssuedPaper) -> bool:
    return user.has_any_role(Role.OPERATOR, Role.AUTHORITY)


def _may_read_sheet(user: Any, paper: IssuedPaper) -> bool:
    procedure = Procedure.objects.filter(pk=paper.object_id or 0).first()
    return procedure is not None and can_read_results_sheet(user, procedure)


def _may_read_conclusion(user: Any, paper: IssuedPaper) -> bool:
    found = ExpertConclusion.objects.select_related("result__track__application").filter(
        pk=paper.object_id or 0
    )
    conclusion = found.first()
    return conclusion is not None and can_view_conclusion(user, conclusion)


register_paper(
    PaperKind(
        code="expert_conclusion",
        title="Экспертное заключение",
        template="assessment/pdf/conclusion.html",
        number="ЭЗ-{year}-{number:03d}",
        series="expert_conclusion-{year}",
        may_read=_may_read_conclusion,
        person_reads=False,
    )
)
register_paper(
    PaperKind(
        code="learning_route",
        title="Индивидуальный образовательный маршрут",
        template="assessment/pdf/route.html",
        number="ИОМ-{year}-{number:03d}",
        series="learning_route-{year}",
        may_read=_may_read_route,
    )
)
register_paper(
    PaperKind(
        code="results_sheet",
        title="Ведомость результатов оценки",
        template="assessment/pdf/results.html",
        number="ВР-{year}-{number:03d}",
        series="results_sheet-{year}",
        may_read=_may_read_sheet,
        landscape=True,
    )
)
