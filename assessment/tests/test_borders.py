"""Borders and instruments hold by a decision, where the edition demands one (O3.15)."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse
from pypdf import PdfReader

from assessment.models import BordersDecision
from assessment.services.borders import record_borders_decision
from assessment.services.procedures import change_procedure, schedule_blockers, schedule_procedure
from assessment.services.results import issue_results_sheet
from assessment.tests import factories
from assessment.tests.factories import START, make_open_procedure, make_procedure, make_track, moment
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut

pytestmark = pytest.mark.django_db
PLANNED = moment(date(2026, 11, 23))


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def edition(db):
    return factories.make_edition("orenburg")


@pytest.fixture
def procedure(campaign, operator):
    return make_procedure(campaign, operator)


def record(procedure, operator, **fields):
    edition = procedure.campaign.edition
    values = {
        "body": edition.body_rules.get(code="authorised_body"),
        "number": "7",
        "dated": clock.today(),
        **fields,
    }
    return record_borders_decision(procedure, actor=operator, **values)


def test_no_date_before_the_decision(procedure, operator):
    """O3.15."""
    with clock.travel(PLANNED):
        with pytest.raises(GateShut, match="Не записано решение"):
            schedule_procedure(procedure, actor=operator)
        record(procedure, operator)
        schedule_procedure(procedure, actor=operator)


def test_tomsk_needs_no_decision(operator):
    """T4: the border stands in the regulation itself."""
    campaign = factories.make_campaign(factories.make_edition("tomsk"))
    procedure = make_procedure(campaign, operator)
    with clock.travel(PLANNED):
        assert schedule_blockers(procedure) == []


@pytest.mark.parametrize(("days", "fits"), [(-1, True), (0, True), (1, False)])
def test_the_decision_lies_not_ahead(procedure, operator, days, fits):
    """O3.15: yesterday and today, not tomorrow."""
    with clock.travel(PLANNED):
        dated = clock.today() + timedelta(days=days)
        if fits:
            record(procedure, operator, dated=dated)
        else:
            with pytest.raises(GateShut, match="не наступила"):
                record(procedure, operator, dated=dated)


def test_the_body_is_one_of_the_editions(procedure, operator):
    other = factories.make_edition("tomsk").body_rules.first()
    with clock.travel(PLANNED), pytest.raises(GateShut, match="Такого органа нет"):
        record(procedure, operator, body=other)


@pytest.mark.parametrize(
    "changed",
    [
        {"threshold_percent": D(60)},
        {"green_percent": D(90)},
        {"attempt": "last"},
        {"ranking": "everybody"},
        {"sections": [{"code": "test", "name": "Тест", "maximum": D(40), "weight": D(2)}]},
    ],
)
def test_other_borders_before_the_date_need_another_decision(procedure, operator, changed):
    """O3.15: the former decision stays as history and no longer fits."""
    with clock.travel(PLANNED):
        record(procedure, operator)
        change_procedure(procedure, actor=operator, **changed)
        with pytest.raises(GateShut, match="После решения № 7"):
            schedule_procedure(procedure, actor=operator)
        record(procedure, operator, number="8")
        schedule_procedure(procedure, actor=operator)
    assert list(BordersDecision.objects.values_list("number", flat=True)) == ["8", "7"]


def test_an_appointed_procedure_changes_its_borders_only_with_their_decision(procedure, operator):
    """O3.15: it never stands, nor opens, with borders that nobody decided upon."""
    with clock.travel(PLANNED):
        record(procedure, operator)
        schedule_procedure(procedure, actor=operator)
        with pytest.raises(GateShut, match="утверждает новое решение"):
            change_procedure(procedure, actor=operator, threshold_percent=D(60))
        change_procedure(procedure, actor=operator, instructions="Возьмите паспорт.")
        body = procedure.campaign.edition.body_rules.get(code="authorised_body")
        decision = {"body": body, "number": "9", "dated": clock.today()}
        change_procedure(procedure, actor=operator, threshold_percent=D(60), decision=decision)
    assert procedure.standing_decision.approved["threshold"] == "60"


def test_the_decision_is_frozen_with_the_borders(procedure, operator):
    """O3.15, O3.17: from the first moment of the procedure."""
    with clock.travel(PLANNED):
        record(procedure, operator)
        schedule_procedure(procedure, actor=operator)
    with clock.travel(moment(START, 10)), pytest.raises(GateShut, match="закреплены"):
        record(procedure, operator, number="8")


def test_the_results_sheet_names_the_decision(campaign, operator):
    """O3.15: the paper is issued with the decision in it."""
    track = make_track(campaign)
    sections = [{"code": "test", "name": "Тест", "maximum": D(100), "weight": D("0.5")}]
    procedure = make_open_procedure(campaign, operator, ended=True, sections=sections)
    factories.give(procedure, track, "80", actor=operator)
    with clock.travel(moment(date(2026, 12, 18))):
        paper = issue_results_sheet(procedure, actor=operator)
    assert paper.file.size > 1000 and procedure.standing_decision.number == "4"
    with paper.file.open("rb") as file:
        text = " ".join(" ".join(page.extract_text() for page in PdfReader(file).pages).split())
    assert operator.short_name in text and "Специалист ИРО" in text


def test_the_operator_records_and_changes_on_pages(client, procedure, operator):
    """O3.15: the page of the procedure says what is missing; an appointed one takes borders and decision at once."""
    client.force_login(operator)
    overview = reverse("admin:assessment_procedure_change", args=[procedure.pk])
    page = reverse("admin:assessment_procedure_decision", args=[procedure.pk])
    body = procedure.campaign.edition.body_rules.get(code="authorised_body").pk
    with clock.travel(PLANNED):
        assert "Не записано решение" in client.get(overview).content.decode()
        assert client.get(page).status_code == 200
        wrong = client.post(page, {"body": body, "number": "7", "dated": "2026-11-24"})
        assert "не наступила" in wrong.content.decode()
        client.post(page, {"body": body, "number": "7", "dated": "2026-11-23"})
        schedule_procedure(procedure, actor=operator)
        edit = reverse("admin:assessment_procedure_edit", args=[procedure.pk])
        form = client.get(edit).context
        data = {
            **{name: form["form"][name].value() for name in form["form"].fields},
            "starts_at": "2026-12-14T10:00",
            "ends_at": "2026-12-16T18:00",
            "threshold_percent": "65",
            "sections-TOTAL_FORMS": "5",
            "sections-INITIAL_FORMS": "3",
        }
        for number, row in enumerate(procedure.sections.values("code", "name", "kind", "maximum", "weight")):
            data |= {f"sections-{number}-{key}": value for key, value in row.items()}
        assert "утверждает новое решение" in client.post(edit, data).content.decode()
        data |= {"decision-body": body, "decision-number": "8", "decision-dated": "2026-11-23"}
        assert client.post(edit, data).status_code == 302
    procedure.refresh_from_db()
    assert procedure.threshold_percent == 65 and procedure.standing_decision.number == "8"
