"""A vacancy is reported, and may be cancelled."""

from datetime import date
from typing import Any

from django.db import transaction

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Municipality, Organisation, User
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.papers.services import issue_paper
from reserve_portal.regulations.deadlines import cancel_deadlines, event_happened
from reserve_portal.regulations.models import Edition, TargetGroup

from ..models import Vacancy
from ..workflow import VACANCY
from .referrals import release_all


@transaction.atomic
def report_vacancy(
    *,
    edition: Edition,
    municipality: Municipality,
    organisation: Organisation,
    target_group: TargetGroup,
    post: str,
    arose_on: date,
    actor: Any,
    requirements: str = "",
    conditions: str = "",
) -> Vacancy:
    """Report a vacancy: the limit counts from the day it arose (T8); the letter goes out, operators get a copy.

    Raises GateShut for a day that lies ahead or an organisation of another municipality.
    """
    blockers = []
    if arose_on > clock.today():
        blockers.append(Blocker("Вакансия ещё не возникла: дата впереди.", field="arose_on"))
    if organisation.municipality_id != municipality.pk:
        blockers.append(Blocker("Эта организация не из вашего муниципального образования.", field="organisation"))
    require_open(blockers)
    vacancy = Vacancy.objects.create(
        edition=edition,
        municipality=municipality,
        organisation=organisation,
        target_group=target_group,
        post=post,
        arose_on=arose_on,
        reported_by=actor,
        requirements=requirements,
        conditions=conditions,
    )
    VACANCY.start(vacancy, actor=actor, label="О вакансии сообщено")
    for event, day in (("vacancy.arose", arose_on), ("vacancy.reported", clock.today())):
        event_happened(event, vacancy, edition=edition, on=day, municipality=municipality)
    issue_paper("vacancy_letter", vacancy, {"vacancy": vacancy}, actor=actor)
    for operator in User.objects.with_role(Role.OPERATOR):
        send_letter(
            "vacancy.reported",
            to=operator,
            key=f"vacancy.reported:{vacancy.pk}:{operator.pk}",
            values=_values(vacancy),
            about=vacancy,
        )
    record_event("vacancies.report", vacancy, actor=actor)
    return vacancy


@transaction.atomic
def cancel_vacancy(vacancy: Vacancy, *, actor: Any, reason: str) -> None:
    """Take a vacancy back, with the reason; whoever was asked or presented is free again."""
    VACANCY.apply(vacancy, "cancel", actor=actor, reason=reason)
    cancel_deadlines(vacancy)
    release_all(vacancy, actor=actor, reason=f"вакансия снята: {reason}")
    record_event("vacancies.cancel", vacancy, actor=actor, reason=reason)


def _values(vacancy: Vacancy) -> dict[str, str]:
    return {
        "vacancy": str(vacancy),
        "municipality": str(vacancy.municipality),
        "arose": f"{vacancy.arose_on:%d.%m.%Y}",
    }
