"""Several experts per person: blind to each other, sheets returned, one joint conclusion (O3.17-3.18)."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from pypdf import PdfReader

from assessment.enums import SheetState
from assessment.models import ExpertConclusion, ExpertSheet, Result
from assessment.services.conclusions import (
    draft_conclusions,
    experts_of,
    paper_of,
    sheets_of,
    sign_conclusion,
)
from assessment.services.experts import give_sheets, open_sheet_blockers, return_sheet, save_sheet
from assessment.services.results import store_result
from assessment.tests import factories
from assessment.tests.factories import EXPERT_SECTIONS, make_open_procedure, make_person, make_track, moment
from candidates.enums import TrackState
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.models import TransitionLog
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter

pytestmark = pytest.mark.django_db
D = Decimal
AFTER = moment(date(2026, 12, 17))


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def edition(db):
    return factories.make_edition("orenburg")


@pytest.fixture
def track(campaign):
    return make_track(campaign, user=make_person("candidate", last_name="Оценкина"))


@pytest.fixture
def procedure(campaign, operator, track):
    return make_open_procedure(campaign, operator, sections=EXPERT_SECTIONS, ended=True)


@pytest.fixture
def sheets(procedure, operator):
    experts = [make_person("expert", last_name=name) for name in ("Первый", "Второй")]
    with clock.travel(AFTER):
        section = procedure.sheet_sections[0]
        return give_sheets(procedure, section=section, experts=experts, actor=operator)


def hand_in(sheet, points, **words):
    with clock.travel(AFTER):
        sheet.refresh_from_db()
        save_sheet(sheet, actor=sheet.expert, points=D(points), comment="Так.", hand_in=True, **words)


def assess(procedure, track, sheets, operator):
    """The test gives 70 of 80, the experts 12 and 18 of 20."""
    track.refresh_from_db()
    with clock.travel(AFTER):
        store_result(procedure, track=track, scores={procedure.platform_sections[0]: D(70)}, actor=operator)
    hand_in(sheets[0], "12", deficits="Финансы", development="Стажировка\nКурсы", recommended=False)
    hand_in(sheets[1], "18", deficits="Право\nФинансы", development="Курсы", recommended=True)
    track.refresh_from_db()
    return Result.objects.get()


def test_experts_see_nothing_of_each_others_sheets(client, procedure, sheets):
    hand_in(sheets[0], "12", deficits="Особое мнение о финансах")
    with clock.travel(AFTER):
        client.force_login(sheets[1].expert)
        own = client.get(reverse("assessment:sheet", args=[sheets[1].pk]))
        assert own.status_code == 200 and "Особое мнение" not in own.content.decode()
        assert client.get(reverse("assessment:sheet", args=[sheets[0].pk])).status_code == 404
        client.force_login(sheets[0].expert)
        assert client.get(reverse("assessment:sheet", args=[sheets[0].pk])).status_code == 404


def test_the_joint_draft_holds_every_experts_lines_once(procedure, track, sheets, operator):
    assess(procedure, track, sheets, operator)
    with clock.travel(AFTER):
        assert draft_conclusions(procedure, actor=operator) == 1
    conclusion = ExpertConclusion.objects.get()
    assert conclusion.deficits.splitlines()[-2:] == ["Финансы", "Право"]
    assert conclusion.development.splitlines()[-2:] == ["Стажировка", "Курсы"]
    assert conclusion.results["points"] == "85" and conclusion.recommended


def test_the_paper_names_the_experts_behind_it(procedure, track, sheets, operator):
    assess(procedure, track, sheets, operator)
    with clock.travel(AFTER):
        draft_conclusions(procedure, actor=operator)
        conclusion = ExpertConclusion.objects.get()
        sign_conclusion(conclusion, actor=operator)
        paper = paper_of(conclusion, actor=operator)
    with paper.file.open("rb") as file:
        text = " ".join(" ".join(page.extract_text() for page in PdfReader(file).pages).split())
    for sheet in sheets:
        assert sheet.expert.short_name in text
    assert [row.pk for row in experts_of(sheets_of(procedure)[track.pk])] == [row.expert_id for row in sheets]


def test_a_returned_sheet_corrects_the_result_once_it_is_back(procedure, track, sheets, operator):
    result = assess(procedure, track, sheets, operator)
    assert result.points == D(85)
    with clock.travel(AFTER):
        with pytest.raises(TransitionRefused, match="укажите причину"):
            return_sheet(sheets[0], actor=operator, reason=" ")
        return_sheet(sheets[0], actor=operator, reason="Не учтён проект")
        assert [item.text for item in open_sheet_blockers(procedure)]
        assert ExpertSheet.objects.visible_to(sheets[0].expert).get() == sheets[0]
    assert (
        sheets[0].state == SheetState.GIVEN
        and Letter.objects.filter(kind="assessment.sheet_returned").count() == 1
    )
    result.refresh_from_db()
    assert result.points == D(85)  # stands until the sheet is back
    hand_in(sheets[0], "16")
    result.refresh_from_db()
    assert result.points == D(87) and not open_sheet_blockers(procedure)
    row = TransitionLog.objects.about(track).get(transition="correct")
    assert "Экспертный лист пересмотрен: Не учтён проект" in row.reason


def test_a_sheet_returned_before_the_result_takes_its_points_back(procedure, track, sheets, operator):
    for sheet in sheets:
        hand_in(sheet, "12")
    invitation = procedure.invitations.get()
    assert invitation.waiting_scores.get().points == D(12)
    with clock.travel(AFTER):
        return_sheet(sheets[1], actor=operator, reason="Перепутан человек")
    assert not invitation.waiting_scores.exists()
    hand_in(sheets[1], "18")
    assert invitation.waiting_scores.get().points == D(15)


def test_the_same_points_again_correct_nothing(procedure, track, sheets, operator):
    assess(procedure, track, sheets, operator)
    with clock.travel(AFTER):
        return_sheet(sheets[0], actor=operator, reason="Нет обоснования")
    hand_in(sheets[0], "12", deficits="Финансы и учёт")
    assert not TransitionLog.objects.about(track).filter(transition="correct").exists()


def test_who_left_has_no_sheet_returned(procedure, track, sheets, operator):
    hand_in(sheets[0], "12")
    track.state = TrackState.WITHDRAWN
    track.save()
    with clock.travel(AFTER), pytest.raises(GateShut, match="больше не оценивается"):
        return_sheet(sheets[0], actor=operator, reason="Поздно")


def test_the_operator_returns_a_sheet_on_pages(client, procedure, track, sheets, operator):
    assess(procedure, track, sheets, operator)
    client.force_login(operator)
    url = reverse("admin:assessment_procedure_return", args=[procedure.pk, sheets[0].pk])
    with clock.travel(AFTER):
        assert (
            url
            in client.get(reverse("admin:assessment_procedure_experts", args=[procedure.pk])).content.decode()
        )
        assert client.post(url, {"reason": "Нет обоснования"}).status_code == 302
        draft_conclusions(procedure, actor=operator)
        conclusion = ExpertConclusion.objects.get()
        page = client.get(reverse("admin:assessment_expertconclusion_change", args=[conclusion.pk]))
    assert ExpertSheet.objects.get(pk=sheets[0].pk).state == SheetState.GIVEN
    assert "Сданные экспертные листы: 1" in page.content.decode()
