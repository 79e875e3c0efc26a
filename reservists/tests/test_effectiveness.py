"""Indicators and the report on effectiveness (O7.1, O7.3, O7.4)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from reserve_portal.accounts.tests.factories import MunicipalityFactory, UserFactory
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.context import begin_unit_of_work
from reserve_portal.core.gates import GateShut
from reserve_portal.core.tests.answers import content_of
from reserve_portal.regulations.models import Deadline
from reserve_portal.regulations.periods import begin_periods
from reservists.enums import ReservistState
from reservists.indicators import Count, Indicator, indicators, rounded, scope_of
from reservists.models import IndicatorTarget, Reservist
from reservists.services.indicators import issue_report, set_target, table_of
from reservists.services.membership import make_inclusion_list
from vacancies.models import Appointment
from vacancies.tests.factories import make_vacancy

from .factories import ParticipationFactory, ReservistFactory, assess, decide, make_procedure

PAGE = "/reserve/indicators/"


def figures(year, years=1, **narrowed):
    scope = scope_of(year, years, **narrowed)
    return {indicator.code: indicator.measure(scope).text for indicator in indicators}


@pytest.fixture
def intake(tomsk, operator):
    """Three were assessed with 90, 75 and 50 of 100; two were included; the best took part in an event."""
    procedure = make_procedure(tomsk)
    for points in ("90", "75", "50"):
        assess(procedure, points)
    decide(make_inclusion_list(procedure, actor=operator), actor=operator)
    best = procedure.results.get(points=Decimal(90)).track.reservist
    ParticipationFactory(reservist=best, state="confirmed")
    return best


def test_funnel_means_and_shares_of_a_year(intake):
    """O7.3: three applied, two were included; points of all and of those included; one took part."""
    found = figures(2026)
    assert (found["applied"], found["included"]) == ("3 чел.", "2 чел.")
    assert found["selection"] == "66,67 % (2 из 3)"
    assert found["points_included"] == "82,5 % от максимума"
    assert found["events"] == "50 % (1 из 2)"
    assert figures(2025)["included"] == "0 чел." and figures(2027, 2)["included"] == "2 чел."


def test_a_figure_is_narrowed_to_a_group_and_to_a_municipality(intake, tomsk):
    town = MunicipalityFactory()
    Reservist.objects.filter(pk=intake.pk).update(municipality=town)
    group = intake.target_group.code
    assert figures(2026, municipality=town.pk)["included"] == "1 чел."
    assert figures(2026, municipality=town.pk)["events"] == "100 % (1 из 1)"
    assert figures(2026, group=group)["included"] == "2 чел."
    assert figures(2026, group="another")["included"] == "0 чел."
    assert figures(2026, group="another")["selection"] == "—"


def test_the_past_is_counted_from_dates_not_from_todays_state(orenburg):
    """Who was excluded afterwards was in the reserve all the same."""
    ReservistFactory(
        edition=orenburg,
        included_on=date(2024, 5, 1),
        state=ReservistState.EXCLUDED,
        ended_on=date(2025, 6, 1),
    )
    assert [figures(year)["members"] for year in (2023, 2024, 2025, 2026)] == [
        "0 чел.", "1 чел.", "1 чел.", "0 чел.",
    ]  # fmt: skip
    assert [figures(year)["left"] for year in (2024, 2025)] == ["0 чел.", "1 чел."]


def test_a_person_in_two_groups_is_one_person(orenburg):
    """O7.1: people are counted, not memberships, also over three years."""
    user = UserFactory()
    groups = list(orenburg.target_groups.all()[:2])
    for group, day in zip(groups, (date(2024, 3, 1), date(2026, 3, 1)), strict=True):
        ReservistFactory(edition=orenburg, user=user, target_group=group, included_on=day)
    assert (figures(2026)["included"], figures(2026, 3)["included"]) == ("1 чел.", "1 чел.")


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
    assert (found["appointed"], found["appointed_from_reserve"]) == ("2", "0 % (0 из 2)")


@given(st.fractions(min_value=0, max_value=10**6))
def test_a_figure_is_rounded_for_the_eye_alone(value):
    """Half up, two digits after the comma; never further away than half a hundredth."""
    shown = Fraction(rounded(value).replace(",", "."))
    assert abs(shown - value) <= Fraction(1, 200) and (shown * 100).denominator == 1


def test_a_share_of_nobody_is_a_dash(db):
    nobody = Indicator(
        "x",
        "x",
        "O7.3",
        "x",
        lambda _: Count(Reservist.objects.none(), "user"),
        lambda _: Count(Reservist.objects.none()),
    )
    assert nobody.measure(scope_of(2026)).text == nobody.measure(scope_of(2026)).short == "—"


def test_the_year_is_compared_with_the_same_days_of_the_year_before(orenburg):
    """Half a year with half a year."""
    for day in (date(2025, 2, 1), date(2025, 9, 1), date(2026, 2, 1), date(2026, 3, 1)):
        ReservistFactory(edition=orenburg, included_on=day)
    rows = {row.indicator.code: row for row in table_of(2026, until=date(2026, 3, 31))}
    assert rows["included"].change == "+1"
    assert [figure.part for figure in rows["included"].figures] == [2, 4, 4]
    assert rows["selection"].change == "—"


def test_a_target_is_set_by_a_named_decision_and_compared_exactly(intake, operator):
    """O7.4: a target for each figure; two thirds do not reach 66,67 %."""
    selection, left = indicators.get("selection"), indicators.get("left")
    with pytest.raises(GateShut, match="каким решением"):
        set_target(selection, 2026, value=Decimal(50), at_most=False, basis=" ", actor=operator)
    set_target(selection, 2026, value=Decimal("66.67"), at_most=False, basis="Протокол № 1", actor=operator)
    set_target(left, 2026, value=Decimal(0), at_most=True, basis="Протокол № 1", actor=operator)
    rows = {row.indicator.code: row for row in table_of(2026)}
    assert rows["selection"].is_reached is False and rows["left"].is_reached is True
    assert rows["applied"].is_reached is None
    assert rows["selection"].target.words == "не меньше 66,67" and rows["left"].target.words == "не больше 0"
    set_target(selection, 2026, value=Decimal("66.66"), at_most=False, basis="Протокол № 2", actor=operator)
    assert {row.indicator.code: row for row in table_of(2026)}["selection"].is_reached is True
    set_target(selection, 2026, value=None, at_most=False, basis="", actor=operator)
    assert not IndicatorTarget.objects.filter(indicator="selection").exists()
    assert AuditEvent.objects.filter(action="reservists.set_target").count() == 4


def test_report_closes_the_years_limit(orenburg, operator):
    """O7.1: at least yearly; the last day is the edition's date."""
    ReservistFactory(edition=orenburg)
    begin_periods()
    deadline = Deadline.objects.about(orenburg).get(limit__code="effectiveness")
    assert deadline.due_on == date(2026, 12, 31)
    paper = issue_report(orenburg, year=2026, actor=operator)
    deadline.refresh_from_db()
    assert deadline.closed_on == clock.today() and paper.kind == "effectiveness"
    assert "2024–2026" in paper.html and "К прошлому году" in paper.html
    with pytest.raises(GateShut, match="ещё не начался"):
        issue_report(orenburg, year=2027, actor=operator)


def test_every_indicator_has_its_clause_and_says_how_it_is_counted():
    assert all(row.clause.startswith("O") and row.definition.endswith(".") for row in indicators)


# --- pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(client_of, people):
    return client_of(people["authority"])


def test_the_table_shows_every_indicator_and_opens_into_the_people(intake, browser):
    answer = browser.get(PAGE)
    page = answer.content.decode()
    assert "66,67 % (2 из 3)" in page
    assert all((row.name in page) is not bool(row.needs) for row in indicators)  # Tomsk attests nobody
    detail = browser.get(f"{PAGE}included/").content.decode()
    assert "<svg" in detail and "по годам" in detail and "2 чел." in detail
    shown = browser.get(f"{PAGE}included/people/").content.decode()
    assert intake.user.full_name in shown and "Человек: 2" in shown
    assert AuditEvent.objects.filter(action="reservists.read_people_of_indicator").count() == 1
    assert browser.get(f"{PAGE}appointed/people/").status_code == 404
    assert browser.get(f"{PAGE}nothing/").status_code == 404


def test_a_wrong_year_or_day_is_told_beside_its_field(browser):
    page = browser.get(PAGE, {"year": "давно"}).content.decode()
    assert "Введите целое число" in page
    page = browser.get(PAGE, {"year": "2026", "until": "2025-01-01"}).content.decode()
    assert "Дата должна быть в выбранном году." in page


def test_the_table_as_xlsx(intake, browser):
    sheet = load_workbook(BytesIO(content_of(browser.get(f"{PAGE}sheet/", {"year": 2026})))).active
    rows = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True)}
    assert rows["Показатель"][:3] == ("2026", "2025–2026", "2024–2026")
    assert rows["Включены в резерв"][0] == "2 чел."


def test_the_authority_sets_a_target_on_its_page(intake, browser):
    address = reverse("reservists:indicator_target", args=["selection"]) + "?year=2026"
    answer = browser.post(address, {"value": "70,5", "basis": ""})
    assert "Укажите, каким решением" in answer.content.decode()
    answer = browser.post(address, {"value": "70,5", "basis": "Протокол № 3"})
    assert answer.status_code == 302 and IndicatorTarget.objects.get().value == Decimal("70.5")
    assert "не меньше 70,5" in browser.get(PAGE).content.decode()


@pytest.mark.parametrize("page", ["", "included/", "included/people/"])
def test_the_pages_cost_the_same_however_many_people(intake, browser, page):
    """A fixed number of queries for each indicator, group and municipality, none for a person."""
    counts = []
    for _ in range(2):
        begin_unit_of_work()
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(f"{PAGE}{page}").status_code == 200
        counts.append(len(queries))
        for _ in range(4):
            ReservistFactory(
                edition=intake.edition, target_group=intake.target_group, municipality=intake.municipality
            )
    assert counts[0] == counts[1]
