"""Results as a table that an office goes on working with, and that an import reads back unchanged."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from assessment.models import Procedure, Result, Section
from assessment.services.matching import number_of
from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.tables import write_xlsx

PEOPLE = ("Фамилия", "Имя", "Индивидуальный номер", "Адрес электронной почты")
TOTAL = "Итоговая оценка за курс (Значение)"
OUTCOME = ("Целевая группа", "Место", "Сумма с весами", "Итог")


@transaction.atomic
def export_results(procedure: Procedure, *, actor: Any) -> bytes:
    """All results as XLSX, in the columns of Moodle's gradebook and with place and outcome beside them.

    Raises GateShut where there is no result yet.
    """
    if not procedure.results.exists():
        require_open([Blocker("Результатов ещё нет.")])
    record_event("assessment.export_results", procedure, actor=actor)
    sections = list(procedure.sections.all())
    return write_xlsx(procedure.name, export_headings(procedure), _rows(procedure, sections))


def export_headings(procedure: Procedure) -> list[str]:
    """The headings: points of the platform as Moodle names them, those of experts and of a defence by name alone."""
    platform = procedure.platform_sections
    names = [
        f"Тест:{section.name} (Значение)" if section in platform else section.name
        for section in procedure.sections.all()
    ]
    return [*PEOPLE, *names, TOTAL, *OUTCOME]


def _rows(procedure: Procedure, sections: list[Section]) -> Iterator[list[Any]]:
    platform = {section.pk for section in procedure.platform_sections}
    seen: set[tuple[Any, ...]] = set()
    results = procedure.results.select_related(
        "track__target_group", "track__application__user", "track__application__registration"
    ).prefetch_related("scores")
    for result in results.order_by("track__application__user__last_name", "track__application__user", "pk"):
        scores = {score.section_id: score.points for score in result.scores.all()}
        total = sum(value for pk, value in scores.items() if pk in platform)
        user = result.track.application.user
        key = (user.pk, *(scores.get(section.pk) for section in sections))
        if key in seen:  # one attempt counts in every target group of a person
            continue
        seen.add(key)
        yield [
            user.last_name,
            f"{user.first_name} {user.patronymic}".strip(),
            number_of(result.track.application),
            user.email,
            *(_shown(scores.get(section.pk)) for section in sections),
            _shown(total),
            str(result.track.target_group),
            result.rank,
            _shown(result.points),
            _outcome(procedure, result),
        ]


def _outcome(procedure: Procedure, result: Result) -> str:
    if procedure.green_percent is not None:
        return result.get_zone_display()
    return "порог пройден" if result.passed else "порог не пройден"


def _shown(value: Any) -> str:
    return "-" if value is None else f"{value.normalize():f}" if value else "0"
