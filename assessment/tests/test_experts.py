"""Experts: who is called in, what they see and write, how their sheets become points (O1.10, O3.9, O3.17)."""

from datetime import date
from decimal import Decimal as D
from fractions import Fraction

import pytest
from django.urls import reverse

from assessment.enums import SheetState
from assessment.models import ExpertSheet, Result, WaitingScore
from assessment.services.absences import absent_invitations
from assessment.services.experts import (
    decline_sheet,
    give_sheets,
    people_for_sheets,
    recall_sheet,
    save_sheet,
)
from assessment.services.imports import apply_import
from assessment.services.invitations import invite_candidates
from assessment.services.preview import preview_import
from assessment.services.procedures import change_procedure, follow_procedure, schedule_procedure
from assessment.services.results import store_result
from assessment.tests import factories
from assessment.tests.factories import START, make_open_procedure, make_person, make_track, moment
from candidates.enums import TrackState
from candidates.perms import can_read_package
from candidates.readers import is_given_to
from reserve_portal.accounts.enums import OrganisationKind, Role
from reserve_portal.accounts.models import Municipality, Organisation
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter

pytestmark = pytest.mark.django_db
DURING = moment(START, 15)
PLANNED = date(2026, 11, 23)
SECTIONS = factories.EXPERT_SECTIONS


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
    return make_open_procedure(campaign, operator, sections=SECTIONS)


def expert(**fields):
    return make_person(Role.EXPERT, **fields)


def give_to(procedure, operator, *experts, **more):
    with clock.travel(DURING):
        section = procedure.sheet_sections[0]
        return give_sheets(procedure, section=section, experts=list(experts), actor=operator, **more)


def hand_in(sheet, points, comment="Опыт подтверждён."):
    with clock.travel(DURING):
        save_sheet(sheet, actor=sheet.expert, points=D(points), comment=comment, hand_in=True)


def type_test(procedure, track, operator, points, reason=""):
    with clock.travel(DURING):
        track.refresh_from_db()
        scores = {procedure.platform_sections[0]: D(points)}
        return store_result(procedure, track=track, scores=scores, actor=operator, reason=reason)


def invited_ahead(campaign, operator):
    """A procedure that is appointed, its candidates invited, but has not begun."""
    make_track(campaign)
    procedure = factories.make_procedure(campaign, operator, sections=SECTIONS)
    factories.decide_borders(procedure, operator)
    schedule_procedure(procedure, actor=operator)
    invite_candidates(procedure, actor=operator)
    return procedure


def test_a_result_waits_until_every_instrument_is_complete(procedure, operator, track):
    """O3.17: the test's points are kept, there is no result before the experts' sheets are in."""
    [sheet] = give_to(procedure, operator, expert())
    assert type_test(procedure, track, operator, "56") is None
    assert not Result.objects.exists() and WaitingScore.objects.get().points == 56
    track.refresh_from_db()
    assert track.state == TrackState.INVITED
    hand_in(sheet, "14")
    result = Result.objects.get()
    assert (result.points, result.maximum, result.passed) == (70, 100, True)
    assert not WaitingScore.objects.exists()
    track.refresh_from_db()
    assert track.state == TrackState.ASSESSED


@pytest.mark.parametrize(("test_points", "passed"), [("53.3333334", True), ("53.3333333", False)])
def test_the_mean_of_three_sheets_is_compared_without_rounding(
    procedure, operator, track, test_points, passed
):
    """process.md 6: the sheets come to 16 2/3; with 53.3333333 that is just below 70 of 100, whatever is shown."""
    sheets = give_to(procedure, operator, expert(), expert(), expert())
    type_test(procedure, track, operator, test_points)
    for sheet, points in zip(sheets, ("16", "17", "17"), strict=True):
        assert not Result.objects.exists()
        hand_in(sheet, points)
    result = Result.objects.get()
    assert result.passed == passed
    assert result.exact == Fraction(test_points) + Fraction(50, 3)


def test_weights_count_in_sum_maximum_threshold_and_place(campaign, operator):
    """O3.15: Σ weight × points of Σ weight × maximum."""
    sections = [
        {"code": "test", "name": "Тест", "maximum": D(40), "weight": D("1.5")},
        {"code": "case", "name": "Кейс", "kind": "case", "maximum": D(40), "weight": D("0.5")},
    ]
    tracks = [make_track(campaign) for _ in range(2)]
    procedure = make_open_procedure(campaign, operator, sections=sections)
    first = factories.give(procedure, tracks[0], "30", "22", actor=operator)
    second = factories.give(procedure, tracks[1], "22", "40", actor=operator)
    first.refresh_from_db()
    assert (first.points, first.maximum, first.passed, first.rank) == (56, 80, True, 1)
    assert (second.points, second.passed, second.rank) == (53, False, 2)


def test_the_import_covers_tests_and_cases_alone(procedure, operator, track):
    """O3.17: the file gives the test, the preview says what is missing; after the sheet the result is whole."""
    head = "Фамилия,Имя,Адрес электронной почты,Состояние,Тест начат"
    row = f'Людин,Иван,{track.application.user.email},Завершено,"14 декабря 2026  10:02"'
    data = f'{head},"Оценка/80,00","В. 1 /80,00"\n{row},"60,00","60,00"\n'.encode()
    with clock.travel(DURING):
        [found] = preview_import(procedure, name="тест.csv", data=data).rows
        assert found.status == "new" and found.passed is None and "Карьера" in found.reasons[0]
        apply_import(procedure, name="тест.csv", data=data, actor=operator)
        assert preview_import(procedure, name="тест.csv", data=data).rows[0].status == "unchanged"
    [sheet] = give_to(procedure, operator, expert())
    hand_in(sheet, "20")
    result = Result.objects.get()
    assert result.points == 80 and result.source is not None


def test_experts_points_are_never_typed_by_hand(procedure, operator, track):
    """O3.17."""
    with clock.travel(DURING), pytest.raises(GateShut, match="эксперты"):
        scores = {section: D(5) for section in procedure.sections.all()}
        store_result(procedure, track=track, scores=scores, actor=operator)


def test_points_that_wait_are_corrected_with_a_reason(procedure, operator, track):
    """process.md 6: a correction keeps its reason, before the result is whole too."""
    type_test(procedure, track, operator, "50")
    with pytest.raises(GateShut, match="причину"):
        type_test(procedure, track, operator, "55")
    type_test(procedure, track, operator, "55", reason="Опечатка.")
    assert WaitingScore.objects.get().points == 55


@pytest.mark.parametrize(("points", "fits"), [("-0.01", False), ("0", True), ("20", True), ("20.01", False)])
def test_points_lie_between_nothing_and_the_maximum(procedure, operator, points, fits):
    """O3.15: at, just below and just above the borders."""
    [sheet] = give_to(procedure, operator, expert())
    if fits:
        hand_in(sheet, points)
        assert sheet.state == SheetState.HANDED_IN
    else:
        with pytest.raises(GateShut, match="от 0 до 20"):
            hand_in(sheet, points)


def test_a_draft_is_kept_and_handing_in_needs_points_and_words(procedure, operator):
    [sheet] = give_to(procedure, operator, expert())
    with clock.travel(DURING):
        save_sheet(sheet, actor=sheet.expert, points=None, comment="Набросок")
        assert (sheet.state, sheet.comment) == (SheetState.GIVEN, "Набросок")
        with pytest.raises(GateShut, match="Поставьте баллы"):
            save_sheet(sheet, actor=sheet.expert, points=None, comment="Готово", hand_in=True)
        with pytest.raises(GateShut, match="Обоснуйте"):
            save_sheet(sheet, actor=sheet.expert, points=D(3), comment=" ", hand_in=True)
    hand_in(sheet, "3")
    with pytest.raises(GateShut, match="не у вас"):
        hand_in(sheet, "4")


def test_sheets_are_handed_in_only_once_the_borders_are_frozen(campaign, operator):
    """O3.15: before the opening the maximum might still change."""
    with clock.travel(moment(PLANNED)):
        procedure = invited_ahead(campaign, operator)
        [sheet] = give_sheets(
            procedure, section=procedure.sheet_sections[0], experts=[expert()], actor=operator
        )
        with pytest.raises(GateShut, match="не началась"):
            save_sheet(sheet, actor=sheet.expert, points=D(3), comment="Рано", hand_in=True)


def test_directions_stand_still_while_experts_hold_sheets(campaign, operator):
    """O3.15."""
    with clock.travel(moment(PLANNED)):
        procedure = invited_ahead(campaign, operator)
        give_sheets(procedure, section=procedure.sheet_sections[0], experts=[expert()], actor=operator)
        with pytest.raises(GateShut, match="отзовите"):
            change_procedure(procedure, actor=operator, sections=SECTIONS[:1])


def test_who_works_with_the_person_or_is_the_person_gets_no_sheet(procedure, operator, track):
    """O1.10: named people block, among everybody they are left out."""
    town = Municipality.objects.create(name="Город", oktmo="53000001")
    school = Organisation.objects.create(name="Школа № 1", municipality=town, kind=OrganisationKind.SCHOOL)
    application = track.application
    application.snapshot = {"profile": {"organisation_name": "школа № 1", "municipality_id": None}}
    application.save(update_fields=["snapshot"])
    colleague = expert(organisation=school)
    invitation = procedure.invitations.get()
    with pytest.raises(GateShut, match="одно место работы"):
        give_to(procedure, operator, colleague, invitations=[invitation])
    with pytest.raises(GateShut, match="Новых листов нет"):
        give_to(procedure, operator, colleague)
    application.user.groups.add(colleague.groups.get())
    own = type(colleague).objects.get(pk=application.user.pk)
    with pytest.raises(GateShut, match="собственное дело"):
        give_to(procedure, operator, own, invitations=[invitation])
    assert not ExpertSheet.objects.exists()


def test_only_experts_are_called_in(procedure, operator):
    with pytest.raises(GateShut, match="нет роли эксперта"):
        give_to(procedure, operator, make_person("operator"))


def test_giving_twice_gives_once_and_writes_one_letter_each(procedure, operator):
    """O1.10: several experts for each person."""
    first, second = expert(), expert()
    assert len(give_to(procedure, operator, first, second)) == 2
    with pytest.raises(GateShut, match="Новых листов нет"):
        give_to(procedure, operator, first)
    assert Letter.objects.filter(kind="assessment.sheets_given").count() == 2


def test_a_declined_sheet_does_not_hold_up_the_others(procedure, operator, track):
    """O3.17: the mean is of the sheets in play; the operator sees the reason."""
    staying, leaving = give_to(procedure, operator, expert(), expert())
    type_test(procedure, track, operator, "60")
    hand_in(staying, "15")
    assert not Result.objects.exists()
    with clock.travel(DURING):
        with pytest.raises(TransitionRefused):
            decline_sheet(leaving, actor=leaving.expert, reason=" ")
        decline_sheet(leaving, actor=leaving.expert, reason="Вместе учились.")
    assert Result.objects.get().points == 75 and leaving.end_reason == "Вместе учились."


def test_the_operator_takes_a_silent_experts_sheet_back(procedure, operator, track):
    staying, silent = give_to(procedure, operator, expert(), expert())
    type_test(procedure, track, operator, "60")
    hand_in(staying, "15")
    with clock.travel(DURING):
        recall_sheet(silent, actor=operator, reason="Не отвечает.")
        with pytest.raises(TransitionRefused):
            recall_sheet(staying, actor=operator, reason="Поздно.")
    assert Result.objects.get().points == 75


def test_the_package_is_open_to_the_expert_until_the_sheet_is_handed_in(procedure, operator, track):
    """process.md 12: what was given to him or her, until then; others' packages never."""
    application = track.application
    application.submitted_at = moment(date(2026, 10, 5))
    application.save(update_fields=["submitted_at"])
    called, other = expert(), expert()
    [sheet] = give_to(procedure, operator, called)
    assert can_read_package(called, application) and not can_read_package(other, application)
    hand_in(sheet, "5")
    assert not is_given_to(called, application) and not can_read_package(called, application)


def test_who_withdraws_is_no_longer_shown_to_the_expert(procedure, operator, track):
    called = expert()
    give_to(procedure, operator, called)
    type(track).objects.filter(pk=track.pk).update(state=TrackState.WITHDRAWN)
    assert not ExpertSheet.objects.visible_to(called).exists()


def test_the_experts_pages(client, procedure, operator, track):
    """process.md 12: a foreign sheet and one handed in do not exist; the reading is recorded."""
    called = expert()
    [sheet] = give_to(procedure, operator, called)
    address = reverse("assessment:sheet", args=[sheet.pk])
    with clock.travel(DURING):
        client.force_login(expert())
        assert client.get(address).status_code == 404
        client.force_login(called)
        assert "Оценкина" in client.get(reverse("assessment:sheets")).content.decode()
        assert client.get(address).status_code == 200
        assert AuditEvent.objects.filter(action="assessment.read_sheet", actor=called).count() == 1
        assert client.post(address, {"points": "12,5", "comment": "Так", "draft": "1"}).status_code == 302
        page = client.post(address, {"points": "", "comment": "Так", "hand_in": "1"}).content.decode()
        assert "Поставьте баллы" in page
        client.post(address, {"points": "12,5", "comment": "Так", "hand_in": "1"})
        assert client.get(address).status_code == 404
        assert "Оценкина" not in client.get(reverse("assessment:sheets")).content.decode()
    sheet.refresh_from_db()
    assert (sheet.state, sheet.points) == (SheetState.HANDED_IN, D("12.5"))


def test_an_expert_declines_on_a_page_with_a_reason(client, procedure, operator):
    called = expert()
    [sheet] = give_to(procedure, operator, called)
    client.force_login(called)
    address = reverse("assessment:decline_sheet", args=[sheet.pk])
    with clock.travel(DURING):
        assert client.post(address, {"reason": ""}).status_code == 200
        assert client.post(address, {"reason": "Знакомы"}).status_code == 302
    sheet.refresh_from_db()
    assert sheet.state == SheetState.DECLINED


def test_the_experts_list_costs_the_same_at_one_and_at_three_rows(
    client, campaign, operator, django_assert_num_queries, django_assert_max_num_queries
):
    for _ in range(3):
        make_track(campaign)
    procedure = make_open_procedure(campaign, operator, sections=SECTIONS)
    called = expert()
    people = list(people_for_sheets(procedure))
    give_to(procedure, operator, called, invitations=people[:1])
    client.force_login(called)
    address = reverse("assessment:sheets")
    client.get(address)
    with django_assert_max_num_queries(20) as one:
        client.get(address)
    give_to(procedure, operator, called, invitations=people[1:])
    with django_assert_num_queries(len(one)):
        client.get(address)


def test_the_operator_gives_and_recalls_sheets_on_pages(client, procedure, operator, track):
    """O1.10: nobody ticked means everybody; the people's page says what is missing."""
    called = expert(last_name="Знатоков")
    client.force_login(operator)
    address = reverse("admin:assessment_procedure_experts", args=[procedure.pk])
    with clock.travel(DURING):
        assert client.get(address).status_code == 200
        client.post(address, {"section": procedure.sheet_sections[0].pk, "experts": [called.pk]})
        sheet = ExpertSheet.objects.get()
        assert "Знатоков" in client.get(address).content.decode()
        type_test(procedure, track, operator, "60")
        page = client.get(reverse("admin:assessment_procedure_change", args=[procedure.pk]))
        assert "не хватает: Карьера" in page.content.decode()
        recall = reverse("admin:assessment_procedure_recall", args=[procedure.pk, sheet.pk])
        assert client.get(recall).status_code == 200
        client.post(recall, {"reason": "Ошибка"})
    sheet.refresh_from_db()
    assert sheet.state == SheetState.RECALLED


def test_an_experts_sheet_does_not_make_an_absent_person_present(procedure, operator, track):
    """O3.14: who has nothing from the platform did not come, whatever experts wrote."""
    [sheet] = give_to(procedure, operator, expert())
    hand_in(sheet, "5")
    with clock.travel(moment(date(2026, 12, 17))):
        follow_procedure(procedure)
        assert [item.track for item in absent_invitations(procedure)] == [track]


def test_places_are_counted_within_each_target_group(campaign, operator):
    """O1.16: candidates are ranked by target group; equal points share a place."""
    tracks = [make_track(campaign, group=group) for group in (0, 1, 0, 1, 1)]
    sections = [{"code": "test", "name": "Тест", "maximum": D(100)}]
    procedure = make_open_procedure(campaign, operator, sections=sections)
    for track, points in zip(tracks, ("90", "80", "70", "80", "60"), strict=True):
        factories.give(procedure, track, points, actor=operator)
    assert [Result.objects.get(track=track).rank for track in tracks] == [1, 1, 2, 1, 3]
