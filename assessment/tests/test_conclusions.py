"""Expert conclusions: drafted from the points, edited, signed, read by whom they concern (O3.17-3.18)."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from assessment.enums import ConclusionState, Zone
from assessment.models import ExpertConclusion, Programme
from assessment.perms import can_view_conclusion
from assessment.services.conclusions import (
    NO_DEFICITS,
    change_conclusion,
    draft_conclusions,
    drafts_of,
    paper_of,
    reopen_conclusion,
    sign_all,
    sign_blockers,
    sign_conclusion,
)
from assessment.tests import factories
from assessment.tests.factories import make_open_procedure, make_person, make_track, moment
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.papers.perms import can_read_paper

pytestmark = pytest.mark.django_db
AFTER = moment(date(2026, 12, 17))
SECTIONS = [
    {"code": "law", "name": "Право", "maximum": D(50)},
    {"code": "people", "name": "Люди", "maximum": D(50)},
]


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def edition(db):
    Programme.objects.create(name="Право для директора", section_code="law", organiser="Институт", hours=24)
    return factories.make_edition("orenburg")


@pytest.fixture
def procedure(campaign, operator):
    make_track(campaign, user=make_person("candidate", last_name="Слабова"))
    make_track(campaign, user=make_person("candidate", last_name="Сильнов"))
    procedure = make_open_procedure(campaign, operator, ended=True, sections=SECTIONS)
    weak, strong = [item.track for item in procedure.invitations.order_by("track_id")]
    factories.give(procedure, weak, "20", "45", actor=operator)
    factories.give(procedure, strong, "48", "50", actor=operator)
    return procedure


def of(name):
    return ExpertConclusion.objects.get(result__track__application__user__last_name=name)


def draft(procedure, operator):
    with clock.travel(AFTER):
        return draft_conclusions(procedure, actor=operator)


def change(conclusion, operator, **fields):
    values = {"deficits": "Право", "development": "Курс", "recommended": conclusion.recommended, **fields}
    change_conclusion(conclusion, actor=operator, **values)


def test_the_five_parts_are_drafted_from_points_and_catalogue(procedure, operator):
    """O3.18: results, zone, deficits, development, recommendation."""
    assert draft(procedure, operator) == 2 and draft(procedure, operator) == 0
    weak, strong = of("Слабова"), of("Сильнов")
    assert weak.results["rows"] == [["Право", "20", "50", "1"], ["Люди", "45", "50", "1"]]
    assert (weak.results["points"], weak.zone, weak.recommended) == ("65", Zone.RED, False)
    assert weak.deficits == "Право: 20 из 50 баллов (40 %)"
    assert "Право для директора (Институт, 24 ч)" in weak.development
    assert (strong.zone, strong.recommended, strong.deficits) == (Zone.GREEN, True, NO_DEFICITS)
    assert "Право для директора" in strong.development


def test_tomsk_has_no_conclusions(operator):
    """T4."""
    campaign = factories.make_campaign(factories.make_edition("tomsk"))
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator, ended=True, sections=SECTIONS)
    factories.give(procedure, track, "20", "45", actor=operator)
    with pytest.raises(GateShut, match="не предусматривает"):
        draft(procedure, operator)


def test_departing_from_the_threshold_needs_a_reason(procedure, operator):
    """O3.18, process.md 6."""
    draft(procedure, operator)
    strong = of("Сильнов")
    with pytest.raises(GateShut, match="расходится с порогом"):
        change(strong, operator, recommended=False)
    change(strong, operator, recommended=False, reason="Нет опыта.")
    assert strong.departs and strong.reason == "Нет опыта."
    change(strong, operator, recommended=True, reason="Забытая причина")
    assert not strong.departs and strong.reason == ""


def test_a_signed_conclusion_changes_no_more_until_it_is_taken_back(procedure, operator):
    """O3.17."""
    draft(procedure, operator)
    row = of("Слабова")
    sign_conclusion(row, actor=operator)
    with pytest.raises(GateShut, match="уже подписано"):
        change(row, operator)
    reopen_conclusion(row, actor=operator, reason="Опечатка")
    change(row, operator)
    assert row.state == ConclusionState.DRAFT


def test_all_that_are_complete_are_signed_at_once(procedure, operator):
    """O3.17: the others stay drafts."""
    draft(procedure, operator)
    ExpertConclusion.objects.filter(pk=of("Слабова").pk).update(development="")
    with clock.travel(AFTER):
        assert len(drafts_of(procedure)) == 2
        assert sign_all(procedure, actor=operator) == 1
        assert of("Слабова").state == ConclusionState.DRAFT
        with pytest.raises(GateShut, match="готовых к подписи"):
            sign_all(procedure, actor=operator)


def test_a_corrected_result_comes_into_the_draft_and_leaves_the_words(procedure, operator):
    """O3.18: the first part is the result as it stands."""
    draft(procedure, operator)
    weak = of("Слабова")
    change(weak, operator, deficits="Написано оператором")
    factories.give(procedure, weak.result.track, "30", "45", actor=operator, reason="Апелляция")
    weak = of("Слабова")
    assert [item.text for item in sign_blockers(weak)] == [
        "Результат с тех пор исправлен: обновите проекты заключений."
    ]
    draft(procedure, operator)
    weak = of("Слабова")
    assert (weak.results["points"], weak.zone, weak.recommended) == ("75", Zone.YELLOW, True)
    assert weak.deficits == "Написано оператором"


@pytest.mark.parametrize("role", list(Role.values))
def test_who_reads_a_signed_conclusion(procedure, operator, role):
    """process.md 12: operator and authority; nobody else who has no list to decide about."""
    draft(procedure, operator)
    row = of("Слабова")
    assert not can_view_conclusion(make_person(Role.AUTHORITY), row)
    sign_conclusion(row, actor=operator)
    row = of("Слабова")
    seen = role in (Role.OPERATOR, Role.AUTHORITY)
    assert can_view_conclusion(make_person(role), row) == seen


def test_the_person_reads_it_after_the_decision_paper_included(client, procedure, operator):
    """O3.18, O3.25."""
    draft(procedure, operator)
    row = of("Слабова")
    sign_conclusion(row, actor=operator)
    with clock.travel(AFTER):
        paper = paper_of(row, actor=make_person(Role.OPERATOR))  # whoever reads first is not who signed
        assert paper_of(row, actor=operator) == paper
    assert operator.short_name in paper.html and "Специалист ИРО" in paper.html
    person = row.result.track.application.user
    address = reverse("assessment:conclusion", args=[row.result.track_id])
    client.force_login(person)
    assert client.get(address).status_code == 404 and not can_read_paper(person, paper)
    factories.decide(row.result.track, included=False)
    ExpertConclusion.objects.filter(pk=row.pk).update(state=ConclusionState.APPROVED)
    page = client.get(address).content.decode()
    assert "Включение нецелесообразно" in page and "Право для директора" in page
    assert can_read_paper(person, paper)
    assert client.get(reverse("assessment:conclusion_paper", args=[row.result.track_id])).status_code == 302


def test_the_operator_drafts_edits_and_signs_on_pages(client, procedure, operator):
    """O3.17-3.18."""
    client.force_login(operator)
    with clock.travel(AFTER):
        overview = client.get(reverse("admin:assessment_procedure_change", args=[procedure.pk]))
        assert "Подготовить заключения" in overview.content.decode()
        address = reverse("admin:assessment_procedure_conclusions", args=[procedure.pk])
        assert client.get(address).status_code == 200
        assert client.post(address).status_code == 302
        row = of("Сильнов")
        edit = reverse("admin:assessment_expertconclusion_change", args=[row.pk])
        assert "Право для директора" in client.get(edit).content.decode()
        data = {"deficits": "Нет", "development": "Наставничество", "recommended": "no"}
        assert "расходится с порогом" in client.post(edit, data).content.decode()
        assert client.post(edit, {**data, "reason": "Сам просит подождать"}).status_code == 302
        listed = client.get(reverse("admin:assessment_expertconclusion_changelist"))
        assert "Сильнов" in listed.content.decode()
        one = reverse("admin:assessment_expertconclusion_sign", args=[row.pk])
        assert client.get(one).status_code == 200 and client.post(one).status_code == 302
        whole = reverse("admin:assessment_procedure_sign", args=[procedure.pk])
        assert "Слабова" in client.get(whole).content.decode()
        assert client.post(whole).status_code == 302
        back = reverse("admin:assessment_expertconclusion_reopen", args=[row.pk])
        assert client.get(edit).status_code == 200
        assert client.get(back).status_code == 200
        assert client.post(back, {"reason": "Уточнить"}).status_code == 302
    assert of("Слабова").state == ConclusionState.READY and of("Сильнов").state == ConclusionState.DRAFT
