from datetime import date

import pytest

from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import OrganisationFactory, person_with
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline, Edition
from vacancies.services.cases import cancel_vacancy, late_by

from .factories import ask, make_official, make_reservist, make_vacancy, presented

# The fixed day is Wednesday, 11 March 2026; 9 March is a day off (8 March fell on a Sunday).


def test_report_opens_and_closes_the_seven_working_days(tomsk: Edition) -> None:
    """T8: the limit counts from the day the vacancy arose and is closed by the report itself."""
    vacancy = make_vacancy(tomsk)
    deadline = Deadline.objects.about(vacancy).get()
    assert (deadline.opened_on, deadline.due_on, deadline.closed_on) == (
        date(2026, 3, 5),
        date(2026, 3, 17),
        date(2026, 3, 11),
    )
    assert deadline.municipality == vacancy.municipality and late_by(vacancy) == 0


@pytest.mark.parametrize(
    ("arose_on", "late"),
    [(date(2026, 3, 2), 0), (date(2026, 2, 27), 0), (date(2026, 2, 26), 1), (date(2026, 2, 25), 2)],
)
def test_lateness_is_counted_in_working_days(tomsk: Edition, arose_on: date, late: int) -> None:
    """T8: on the seventh working day in time, on the eighth late by one."""
    assert late_by(make_vacancy(tomsk, arose_on=arose_on)) == late


def test_report_writes_the_letter_and_tells_department_and_operator(tomsk: Edition, operator: User) -> None:
    """T8: information to the department, a copy to the operator, a numbered letter of the municipality."""
    official = person_with("authority")
    vacancy = make_vacancy(tomsk)
    paper = IssuedPaper.objects.about(vacancy).get()
    assert (paper.kind, paper.number) == ("vacancy_letter", "В-2026-001")
    assert Letter.objects.filter(kind="vacancy.information", to=official).count() == 1
    assert Letter.objects.filter(kind="vacancy.reported", to=operator).count() == 1


def test_report_of_a_day_ahead_is_refused(tomsk: Edition) -> None:
    with pytest.raises(GateShut, match="дата впереди"):
        make_vacancy(tomsk, arose_on=date(2026, 3, 12))


def test_report_for_a_school_of_another_municipality_is_refused(tomsk: Edition) -> None:
    with pytest.raises(GateShut, match="не из вашего муниципального образования"):
        make_vacancy(tomsk, organisation=OrganisationFactory())


def test_the_same_vacancy_is_reported_once(tomsk: Edition) -> None:
    official = make_official()
    first = make_vacancy(tomsk, official=official)
    with pytest.raises(GateShut, match="уже сообщено"):
        make_vacancy(tomsk, official=official, organisation=first.organisation, post="директор")
    cancel_vacancy(first, actor=official, reason="ошибка")
    assert make_vacancy(tomsk, official=official, organisation=first.organisation)


def test_cancelling_frees_everybody_with_a_letter(tomsk: Edition, operator: User) -> None:
    vacancy = make_vacancy(tomsk)
    asked = ask(vacancy, make_reservist(tomsk), operator)
    nominee = presented(vacancy, make_reservist(tomsk), operator)
    cancel_vacancy(vacancy, actor=vacancy.reported_by, reason="школа закрывается")
    for referral in (asked, nominee):
        referral.refresh_from_db()
        assert referral.state == "released"
    vacancy.refresh_from_db()
    assert vacancy.state == "cancelled"
    assert Letter.objects.filter(kind="vacancy.released").count() == 2


def test_cancelling_needs_a_reason_and_an_open_case(tomsk: Edition) -> None:
    vacancy = make_vacancy(tomsk)
    with pytest.raises(TransitionRefused):
        cancel_vacancy(vacancy, actor=vacancy.reported_by, reason=" ")
    cancel_vacancy(vacancy, actor=vacancy.reported_by, reason="ошибка")
    with pytest.raises(TransitionRefused):
        cancel_vacancy(vacancy, actor=vacancy.reported_by, reason="ещё раз")
