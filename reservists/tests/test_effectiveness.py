"""The report on effectiveness and its figures (O7.1, O7.3)."""

from datetime import date
from decimal import Decimal

import pytest

from reserve_portal.accounts.tests.factories import MunicipalityFactory, UserFactory
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.regulations.models import Deadline
from reserve_portal.regulations.periods import begin_periods
from reservists.effectiveness import figures_of, issue_report, share, span_of
from reservists.services.membership import make_inclusion_list
from vacancies.models import Appointment
from vacancies.tests.factories import make_vacancy

from .factories import ParticipationFactory, ReservistFactory, assess, decide, make_procedure


def figures(year, years=1):
    return {figure.name: figure.value for figure in figures_of(span_of(year, years))}


def test_funnel_mean_and_shares_of_a_year(tomsk, operator):
    """O7.3: three applied, two were included with 90 and 75 of 100; one of them took part in an event."""
    procedure = make_procedure(tomsk)
    for points in ("90", "75", "50"):
        assess(procedure, points)
    decide(make_inclusion_list(procedure, actor=operator), actor=operator)
    reservist = procedure.results.get(points=Decimal(90)).track.reservist
    ParticipationFactory(reservist=reservist, state="confirmed")
    found = figures(2026)
    assert found["Подали заявление, человек"] == "3" and found["Включены в резерв"] == "2"
    assert found["Включены по отношению к подавшим заявление"] == "66,67 % (2 из 3)"
    assert found["Средний балл включённых, % от максимума"] == "82,5"
    assert found["Участвовали в мероприятиях"] == "50 % (1 из 2)"
    assert figures(2025)["Включены в резерв"] == "0" and figures(2027, 2)["Включены в резерв"] == "2"


def test_appointments_from_the_reserve_and_from_outside(tomsk, operator):
    """O7.3: supplied by the vacancies; what fell through does not count."""
    official = UserFactory(roles=["municipal"], municipality=MunicipalityFactory())
    for number, gone in enumerate((False, False, True)):
        vacancy = make_vacancy(tomsk, official=official, post=f"Директор {number}")
        Appointment.objects.create(
            vacancy=vacancy,
            person_name="Человек Со Стороны",
            from_reserve=False,
            order_number=str(number),
            order_dated=clock.today(),
            recorded_by=operator,
            fell_through_at=clock.now() if gone else None,
        )
    found = figures(2026)
    assert found["Назначены на должности руководителей, всего"] == "2"
    assert found["Назначены из резерва"] == "0 % (0 из 2)"


def test_share_is_rounded_for_the_eye_alone():
    """A dash where there is nothing to compare; half up."""
    assert (share(1, 3), share(2, 3), share(70, 100), share(0, 0)) == (
        "33,33 % (1 из 3)",
        "66,67 % (2 из 3)",
        "70 % (70 из 100)",
        "—",
    )


def test_report_closes_the_years_limit(orenburg, operator):
    """O7.1: at least yearly; the last day is the edition's date."""
    ReservistFactory(edition=orenburg)
    begin_periods()
    deadline = Deadline.objects.about(orenburg).get(limit__code="effectiveness")
    assert deadline.due_on == date(2026, 12, 31)
    paper = issue_report(orenburg, year=2026, actor=operator)
    deadline.refresh_from_db()
    assert deadline.closed_on == clock.today() and paper.kind == "effectiveness"
    with pytest.raises(GateShut, match="ещё не начался"):
        issue_report(orenburg, year=2027, actor=operator)


def test_every_figure_has_its_clause(orenburg):
    """Shown beside it in the report."""
    assert all(figure.clause for figure in figures_of(span_of(2026, 3)))
