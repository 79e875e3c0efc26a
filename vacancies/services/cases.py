"""A vacancy is reported, and may be cancelled."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from commissions.enums import ListState, MeetingState
from commissions.models import AgendaItem, DecisionList
from commissions.workflow import LIST
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Municipality, Organisation, User
from reserve_portal.audit.services import record_event
from reserve_portal.core import calendar, clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.search import search_key
from reserve_portal.notifications.services import send_letter
from reserve_portal.papers.services import issue_paper
from reserve_portal.regulations.deadlines import cancel_deadlines, due_date, event_happened, find_limit
from reserve_portal.regulations.models import Edition, TargetGroup, TimeLimit

from ..models import Vacancy
from ..workflow import VACANCY
from .heads import free_post, keep_head
from .locks import lock_vacancy
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

    Raises GateShut for a day that lies ahead, an organisation of another municipality, or a vacancy reported already.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    blockers = []
    for known in Vacancy.objects.open().filter(organisation=organisation):
        if search_key(known.post) == search_key(post):
            said = f"{clock.local(known.reported_at):%d.%m.%Y}"
            words = f"Об этой вакансии уже сообщено {said}: она в списке «Вакансии»."
            blockers.append(Blocker(words, field="organisation"))
    if arose_on > clock.today():
        blockers.append(Blocker("Вакансия ещё не возникла: дата впереди.", field="arose_on"))
    if organisation.municipality_id != municipality.pk:
        blockers.append(
            Blocker("Эта организация не из вашего муниципального образования.", field="organisation")
        )
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
        search_key=search_key(post, organisation.name),
    )
    VACANCY.start(vacancy, actor=actor, label="О вакансии сообщено")
    for event, day in (("vacancy.arose", arose_on), ("vacancy.reported", clock.today())):
        event_happened(event, vacancy, edition=edition, on=day, municipality=municipality)
    issue_paper("vacancy_letter", vacancy, {"vacancy": vacancy}, actor=actor)
    _tell_officials(vacancy)
    free_post(vacancy, actor=actor)
    record_event("vacancies.report", vacancy, actor=actor)
    return vacancy


@transaction.atomic
def cancel_vacancy(vacancy: Vacancy, *, actor: Any, reason: str) -> None:
    """Take a vacancy back, with the reason; whoever was asked or presented is free again."""
    lock_vacancy(vacancy.pk)
    VACANCY.apply(vacancy, "cancel", actor=actor, reason=reason)
    cancel_deadlines(vacancy)
    release_all(vacancy, actor=actor, reason=f"вакансия снята: {reason}")
    withdraw_lists(vacancy, actor=actor, reason=f"вакансия снята: {reason}")
    keep_head(vacancy, actor=actor)
    record_event("vacancies.cancel", vacancy, actor=actor, reason=reason)


def withdraw_lists(vacancy: Vacancy, *, actor: Any, reason: str) -> None:
    """Take lists about the vacancy back from the body, but for those that stand on the agenda of a meeting to come.

    Those are voted on like any other; their effect passes by whoever was released.
    """
    heard = AgendaItem.objects.filter(list=OuterRef("pk")).exclude(meeting__state=MeetingState.CANCELLED)
    waiting = DecisionList.objects.about(vacancy).filter(state=ListState.SENT).exclude(Exists(heard))
    for decision_list in waiting:
        LIST.apply(decision_list, "take_back", actor=actor, reason=reason)


def late_by(vacancy: Vacancy) -> int:
    """By how many working days the report was late (T8); 0 when in time or the edition sets no limit."""
    return lateness_of([vacancy])[vacancy.pk]


def lateness_of(vacancies: Sequence[Vacancy]) -> dict[int, int]:
    """`late_by` of many vacancies by their ids; each edition's limit is read once."""
    editions = {vacancy.edition_id: vacancy.edition for vacancy in vacancies}
    limits = {
        pk: find_limit(edition, starts="vacancy.arose", closes="vacancy.reported")
        for pk, edition in editions.items()
    }
    return {vacancy.pk: _late_by(vacancy, limits[vacancy.edition_id]) for vacancy in vacancies}


def _late_by(vacancy: Vacancy, limit: TimeLimit | None) -> int:
    if limit is None:
        return 0
    reported_on = clock.local(vacancy.reported_at).date()
    return max(0, calendar.working_days_between(due_date(limit, vacancy.arose_on), reported_on))


def _tell_officials(vacancy: Vacancy) -> None:
    """The information to the department, its copy to the operator (T8)."""
    values = {
        "vacancy": str(vacancy),
        "municipality": str(vacancy.municipality),
        "arose": f"{vacancy.arose_on:%d.%m.%Y}",
    }
    for role, code in ((Role.AUTHORITY, "vacancy.information"), (Role.OPERATOR, "vacancy.reported")):
        for official in User.objects.with_role(role):
            send_letter(
                code, to=official, key=f"{code}:{vacancy.pk}:{official.pk}", values=values, about=vacancy
            )
