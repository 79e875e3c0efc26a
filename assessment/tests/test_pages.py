"""The pages: what a stranger, a candidate, an official and the operator see and may do."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assessment.enums import ProcedureState, RouteState
from assessment.models import LearningRoute, Procedure, Programme, Result
from assessment.services.invitations import invite_candidates, publish_questions
from assessment.services.procedures import schedule_procedure
from assessment.services.routes import draft_route, send_route
from assessment.tests.factories import (
    decide,
    give,
    make_open_procedure,
    make_person,
    make_procedure,
    make_track,
    moment,
)
from assessment.tests.test_imports import SAMPLES, make_tracks, quiz
from candidates.enums import TrackState
from commissions.enums import MeetingState
from commissions.models import AgendaItem, Body, Meeting, MeetingMember
from commissions.services import create_list
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.dashboard import cards_for
from reserve_portal.core.desk import desk_for
from reserve_portal.core.spreadsheets import MAX_BYTES
from reserve_portal.pages.public import public_blocks
from reserve_portal.papers.models import IssuedPaper

pytestmark = pytest.mark.django_db
AFTER = date(2026, 12, 17)


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def admin_url(name, *args):
    return reverse(f"admin:assessment_procedure_{name}", args=args)


def text_of(response):
    return response.content.decode()


# --- Everybody and the candidate -------------------------------------------------------------------------------------


def test_the_public_site_announces_procedure_and_questions(client, campaign, operator):
    """T3: on the operator's site, a week before the start or earlier; a draft is nobody's business."""
    procedure = make_procedure(campaign, operator)
    address = reverse("assessment:announced", args=[procedure.pk])
    assert client.get(address).status_code == 404
    assert "assessment/public/procedures.html" not in [block.template for block in public_blocks()]
    with clock.travel(moment(date(2026, 11, 23))):
        schedule_procedure(procedure, actor=operator)
        publish_questions(procedure, text="Назовите цели национального проекта.", actor=operator)
    page = text_of(client.get(address))
    assert "Назовите цели национального проекта." in page and "14 декабря 2026" in page
    assert "Психология управления" in page
    assert "assessment/public/procedures.html" in [block.template for block in public_blocks()]


def test_the_candidate_sees_when_where_and_how_but_no_result_before_the_decision(client, campaign, operator):
    """T3, T4: time, place, instruction; points and «passed or not» only after the decision on inclusion."""
    track = make_track(campaign)
    user = track.application.user
    procedure = make_open_procedure(campaign, operator, instructions="Войдите под своим логином.")
    client.force_login(user)
    address = reverse("assessment:procedure", args=[procedure.pk])
    assert any(card.urgent and card.template.endswith("invitation.html") for card in cards_for(user))
    page = text_of(client.get(address))
    assert "Войдите под своим логином." in page and "https://do.example.org/course/7" in page
    give(procedure, track, "10", "10", "41.5", actor=operator)
    assert "61,5" not in text_of(client.get(address))
    decide(track, included=False)
    page = text_of(client.get(address))
    assert "61,5 из 100" in page and "Порог не пройден" in page


@pytest.mark.parametrize("role", [*Role.values, None])
def test_pages_of_a_procedure_by_role(client, campaign, operator, role):
    """process.md 12: a foreign procedure does not exist; operator, authority and auditor read all results."""
    make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    person = make_person(*([role] if role else []))
    client.force_login(person)
    seen = 200 if role in {Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR} else 404
    assert client.get(reverse("assessment:procedure", args=[procedure.pk])).status_code == seen
    assert client.get(reverse("assessment:results", args=[procedure.pk])).status_code == seen


def test_an_invited_candidate_reads_no_list_of_results(client, campaign, operator):
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    client.force_login(track.application.user)
    assert client.get(reverse("assessment:results", args=[procedure.pk])).status_code == 404


def test_results_page_costs_the_same_at_one_and_at_three_rows(
    client, campaign, operator, django_assert_num_queries, django_assert_max_num_queries
):
    tracks = [make_track(campaign) for _ in range(3)]
    procedure = make_open_procedure(campaign, operator)
    client.force_login(make_person(Role.AUTHORITY))
    address = reverse("assessment:results", args=[procedure.pk])
    give(procedure, tracks[0], "10", "10", "40", actor=operator)
    client.get(address)
    with django_assert_max_num_queries(25) as one:
        client.get(address)
    for track in tracks[1:]:
        give(procedure, track, "10", "10", "60", actor=operator)
    with django_assert_num_queries(len(one)):
        page = text_of(client.get(address))
    assert "80" in page and "Статистика" in page


def test_the_own_route_is_seen_once_it_was_sent(client, campaign, operator):
    """T5: route, date and PDF in the cabinet; nobody else's."""
    Programme.objects.create(
        name="Психология руководителя", section_code="psychology", organiser="Институт", hours=36
    )
    track, other = make_track(campaign), make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    give(procedure, track, "18", "8", "30", actor=operator)
    decide(track, included=False)
    route = draft_route(track, actor=operator)
    address = reverse("assessment:route", args=[route.pk])
    client.force_login(track.application.user)
    assert client.get(address).status_code == 404
    paper = send_route(route, actor=operator)
    page = text_of(client.get(address))
    assert "Психология руководителя" in page and "25 декабря 2027" in page
    assert reverse("papers:download", args=[paper.pk]) in page
    assert any(card.template.endswith("route.html") for card in cards_for(track.application.user))
    client.force_login(other.application.user)
    assert client.get(address).status_code == 404


# --- The operator ----------------------------------------------------------------------------------------------------


PROCEDURE_FORM = {
    "name": "Тестирование",
    "starts_at": "2026-12-14T10:00",
    "ends_at": "2026-12-16T18:00",
    "place": "https://do.example.org",
    "instructions": "",
    "threshold_percent": "70",
    "attempt": "best",
    "shows": "sections",
    "sections-TOTAL_FORMS": "3",
    "sections-INITIAL_FORMS": "3",
    "sections-0-code": "policy",
    "sections-0-name": "Политика",
    "sections-0-maximum": "20",
    "sections-1-code": "case",
    "sections-1-name": "Кейс",
    "sections-1-maximum": "60,5",
    "sections-2-code": "",
    "sections-2-name": "",
    "sections-2-maximum": "",
}


def test_the_operator_plans_appoints_invites_and_publishes(desk, campaign, operator):
    """T3, O3.15: one page after another, each with a confirmation."""
    track = make_track(campaign)
    address = admin_url("add") + f"?campaign={campaign.pk}"
    assert "Решение управленческого кейса" in text_of(desk.get(address))
    with clock.travel(moment(date(2026, 11, 23))):
        assert desk.post(address, PROCEDURE_FORM).status_code == 302
        procedure = Procedure.objects.get()
        assert [(row.code, row.maximum) for row in procedure.sections.all()] == [
            ("policy", Decimal(20)),
            ("case", Decimal("60.5")),
        ]
        change = admin_url("change", procedure.pk)
        assert "не позднее 7 декабря 2026" in text_of(desk.get(change))
        assert "Что произойдёт" in text_of(desk.get(admin_url("schedule", procedure.pk)))
        desk.post(admin_url("schedule", procedure.pk))
        assert track.application.user.full_name in text_of(desk.get(admin_url("invite", procedure.pk)))
        desk.post(admin_url("questions", procedure.pk), {"text": "Вопрос 1"})
    with clock.travel(moment(date(2026, 12, 8))):
        shut = text_of(desk.post(admin_url("invite", procedure.pk)))
        assert "самое раннее начало — 15 декабря 2026" in shut
    with clock.travel(moment(date(2026, 12, 7))):
        assert desk.post(admin_url("invite", procedure.pk)).status_code == 302
    track.refresh_from_db()
    procedure.refresh_from_db()
    assert (track.state, procedure.sample_questions) == (TrackState.INVITED, "Вопрос 1")


def test_sentences_of_a_refused_procedure_stand_beside_their_fields(desk, campaign):
    address = admin_url("add") + f"?campaign={campaign.pk}"
    page = desk.post(address, {**PROCEDURE_FORM, "ends_at": "2026-12-13T18:00", "name": "Моё название"})
    assert page.context["form"].errors["ends_at"] == ["Конец процедуры должен быть позже начала."]
    assert "Моё название" in text_of(page)
    assert not Procedure.objects.exists()


def test_frozen_borders_are_refused_in_the_form(desk, campaign, operator):
    """O3.15, O3.17: after the opening the form answers with a sentence and keeps what was typed."""
    make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    with clock.travel(moment(date(2026, 12, 15))):
        page = desk.post(admin_url("edit", procedure.pk), {**PROCEDURE_FORM, "threshold_percent": "50"})
    assert "закреплены" in page.context["form"].errors["threshold_percent"][0]
    procedure.refresh_from_db()
    assert (procedure.threshold_percent, procedure.sections.count()) == (Decimal(70), 3)


def upload(desk, procedure, data, name="итоги.csv"):
    return desk.post(admin_url("import", procedure.pk), {"file": SimpleUploadedFile(name, data)})


def test_the_import_wizard_previews_then_applies(desk, campaign, operator):
    """The file waits on the server between preview and confirmation; a change asks for its reason."""
    make_tracks(campaign)
    procedure = make_open_procedure(campaign, operator)
    with clock.travel(moment(AFTER)):
        preview = upload(desk, procedure, (SAMPLES / "moodle_quiz_grades_ru_3x.csv").read_bytes())
        page = text_of(desk.get(preview.url))
        assert "новый: 4" in page and "69,99" in page and "порог не пройден" in page
        assert not Result.objects.exists()
        assert desk.post(preview.url).url == admin_url("change", procedure.pk)
        assert Result.objects.count() == 4
        changed = upload(desk, procedure, quiz(("elkin.pi@example.org", "20", "15", "40")))
        page = desk.post(changed.url, {"reason": ""})
        assert page.context["form"].errors["reason"]
        desk.post(changed.url, {"reason": "Апелляция"})
    assert Result.objects.get(track__application__user__email="elkin.pi@example.org").points == 75
    page = text_of(desk.get(admin_url("change", procedure.pk)))
    assert "86,5" in page and "SHA-256" in page and "Загруженные файлы" in page


def test_a_blocked_file_offers_no_confirmation_and_can_be_dropped(desk, campaign, operator):
    make_tracks(campaign, "elkin")
    procedure = make_open_procedure(campaign, operator)
    with clock.travel(moment(AFTER)):
        preview = upload(desk, procedure, quiz(("stranger@example.org", "1", "1", "1")))
        page = text_of(desk.get(preview.url))
        assert "Файл нельзя внести" in page and "Внести результаты" not in page
        desk.post(preview.url)
        assert not Result.objects.exists()
        desk.post(preview.url + "drop/")
    assert not procedure.drafts.exists()


def test_english_headings_lead_to_the_form_of_columns(desk, campaign, operator):
    """An English gradebook: the operator says once which column is which direction."""
    make_tracks(campaign, "sinitsyna")
    procedure = make_open_procedure(campaign, operator)
    with clock.travel(moment(AFTER)):
        preview = upload(desk, procedure, (SAMPLES / "moodle_gradebook_en.csv").read_bytes())
        columns = desk.get(preview.url).url
        page = desk.get(columns)
        assert "Quiz: Psychology of management (Real)" in text_of(page)
        keys = [key for key, _ in page.context["form"].fields.popitem()[1].choices]
        sections = list(procedure.sections.all())
        wrong = desk.post(columns, {f"section_{section.pk}": keys[0] for section in sections})
        assert "двум направлениям" in text_of(wrong)
        answer = {f"section_{section.pk}": key for section, key in zip(sections, keys, strict=False)}
        assert desk.post(columns, answer).url == preview.url
        desk.post(preview.url)
    assert Result.objects.get().points == Decimal("86.5")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "0 байт"),
        (b"%PDF-1.7", "не прочитан"),
        (b" " * (MAX_BYTES + 1), "больше 16 МБ"),
        ("Фамилия,Имя\nА,Б\n".encode(), "это не выгрузка Moodle"),
    ],
)
def test_an_unreadable_file_is_refused_beside_the_field(desk, campaign, operator, data, words):
    make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    with clock.travel(moment(AFTER)):
        page = upload(desk, procedure, data)
    assert words in page.context["form"].errors["file"][0]
    assert not procedure.drafts.exists()


def test_results_by_hand_and_the_sheet(desk, campaign, operator):
    """T4: stored and corrected by hand with a reason; the sheet is a numbered paper."""
    track = make_track(campaign, number="КР-2026-0001")
    procedure = make_open_procedure(campaign, operator, ended=True)
    address = admin_url("result", procedure.pk, track.pk)
    keys = [f"section_{section.pk}" for section in procedure.sections.all()]
    with clock.travel(moment(AFTER)):
        over = desk.post(address, dict(zip(keys, ["20,5", "10", "10"], strict=True)))
        assert "больше максимума 20" in over.context["form"].errors[keys[0]][0]
        assert desk.post(address, dict(zip(keys, ["15,5", "10", "10"], strict=True))).status_code == 302
        assert Result.objects.get().points == Decimal("35.5")
        page = desk.post(address, dict(zip(keys, ["16", "10", "10"], strict=True)))
        assert page.context["form"].errors["reason"] == ["Укажите причину исправления."]
        desk.post(address, {**dict(zip(keys, ["16", "10", "10"], strict=True)), "reason": "Опечатка"})
        desk.post(admin_url("sheet", procedure.pk))
    assert Result.objects.get().points == 36
    assert IssuedPaper.objects.get(kind="results_sheet").number == "ВР-2026-001"


def test_no_shows_and_second_date_by_the_operator(desk, campaign, operator):
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator, ended=True)
    second = make_procedure(
        campaign,
        operator,
        name="Резерв",
        starts_at=moment(date(2026, 12, 28)),
        ends_at=moment(date(2026, 12, 29)),
    )
    address = admin_url("second_date", procedure.pk, track.pk)
    with clock.travel(moment(AFTER)):
        desk.post(admin_url("no_shows", procedure.pk))
        assert "Сначала создайте" in text_of(desk.get(address))
        schedule_procedure(second, actor=operator)
        desk.post(address, {"procedure": second.pk, "reason": "Больничный лист"})
    track.refresh_from_db()
    assert track.state == TrackState.INVITED and second.invitations.count() == 1


def test_the_operator_edits_and_sends_a_route(desk, campaign, operator):
    """T5: edit, approve, send."""
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    give(procedure, track, "18", "8", "30", actor=operator)
    decide(track, included=False)
    route = draft_route(track, actor=operator)
    address = reverse("admin:assessment_learningroute_change", args=[route.pk])
    send = reverse("admin:assessment_learningroute_send", args=[route.pk])
    assert "ни одной программы" in text_of(desk.get(send))
    form = {
        "deficits": "Психология управления",
        "words": "",
        "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "0",
        "items-0-section_name": "Психология управления",
        "items-0-programme": "Тренинг",
        "items-0-organiser": "Институт",
        "items-0-hours": "16",
    }
    assert desk.post(address, form).status_code == 302
    desk.post(send)
    assert LearningRoute.objects.get().state == RouteState.SENT
    page = text_of(desk.get(address))
    assert "Тренинг" in page and "<textarea" not in page


DEEDS = ["edit", "schedule", "invite", "questions", "no_shows", "sheet", "import"]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.CANDIDATE, Role.COMMISSION])
def test_only_the_operator_does_deeds(client, campaign, operator, role):
    """process.md 12: the auditor reads, the others see nothing of it."""
    procedure = make_procedure(campaign, operator)
    client.force_login(make_person(role))
    allowed = 403 if role in {Role.AUDITOR, Role.ADMINISTRATOR} else 302  # to the sign-in of the admin
    for name in DEEDS:
        assert client.post(admin_url(name, procedure.pk)).status_code == allowed, name
    expected = {Role.AUDITOR: 200, Role.ADMINISTRATOR: 403}.get(role, 302)
    assert client.get(admin_url("change", procedure.pk)).status_code == expected
    procedure.refresh_from_db()
    assert procedure.state == ProcedureState.DRAFT


def test_a_candidate_declines_and_the_operator_brings_back(client, campaign, operator):
    """process.md 3: declined by the candidate alone, undone with a named right and a reason; invited again."""
    track, other = make_track(campaign), make_track(campaign)
    procedure = make_procedure(campaign, operator)
    address = reverse("assessment:decline", args=[track.pk])
    with clock.travel(moment(date(2026, 11, 23))):
        schedule_procedure(procedure, actor=operator)
        invite_candidates(procedure, actor=operator)
        client.force_login(other.application.user)
        assert client.post(address).status_code == 404
        client.force_login(track.application.user)
        assert address in text_of(client.get(reverse("assessment:procedure", args=[procedure.pk])))
        assert "Отказаться" in text_of(client.get(address))
        client.post(address)
        track.refresh_from_db()
        assert track.state == TrackState.DECLINED
        client.force_login(operator)
        back = admin_url("undo_decline", procedure.pk, track.pk)
        assert client.post(back, {"reason": ""}).context["form"].errors["reason"]
        client.post(back, {"reason": "Передумал до начала"})
        client.post(admin_url("invite", procedure.pk))
    track.refresh_from_db()
    assert track.state == TrackState.INVITED and procedure.invitations.count() == 2


def test_lists_of_the_admin_open(desk, campaign, operator):
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator)
    give(procedure, track, "18", "8", "30", actor=operator)
    decide(track, included=False)
    draft_route(track, actor=operator)
    for model in ("procedure", "result", "resultimport", "programme", "learningroute"):
        assert desk.get(reverse(f"admin:assessment_{model}_changelist")).status_code == 200
    found = desk.get(
        reverse("admin:assessment_result_changelist") + f"?q={track.application.user.last_name.upper()}"
    )
    assert track.application.user.last_name in text_of(found)
    labels = {item.label: item.count for item in desk_for(operator)}
    assert labels["Проекты образовательных маршрутов"] == 1


def test_procedure_page_costs_the_same_at_one_and_at_three_rows(
    desk, campaign, operator, django_assert_num_queries, django_assert_max_num_queries
):
    first = make_open_procedure(campaign, operator, tracks=[make_track(campaign)])
    desk.get(admin_url("change", first.pk))
    with django_assert_max_num_queries(40) as one:
        desk.get(admin_url("change", first.pk))
    three = make_open_procedure(campaign, operator, tracks=[make_track(campaign) for _ in range(3)])
    with django_assert_num_queries(len(one)):
        assert "Приглашено: 3" in text_of(desk.get(admin_url("change", three.pk)))


def test_no_template_of_the_stage_holds_inline_style_or_script():
    """Strict Content-Security-Policy."""
    root = Path(__file__).resolve().parents[2] / "templates"
    for folder in (root / "assessment", root / "admin" / "assessment"):
        for path in folder.rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            assert (
                "style=" not in text
                and not re.search(r"<script(?! src=)", text)
                and " on" + "click" not in text
            ), path


@pytest.mark.parametrize(
    ("meeting", "item", "code"),
    [("planned", "pending", 200), ("cancelled", "pending", 404), ("planned", "removed", 404)],
)
def test_results_are_shown_to_members_while_they_are_on_the_agenda(
    client, campaign, operator, meeting, item, code
):
    """process.md 12: a meeting called off, or a question taken off its agenda, shows nobody's points."""
    procedure, member = make_procedure(campaign, operator), make_person("commission")
    rows = create_list(
        "inclusion", edition=campaign.edition, title="Список", subject=procedure, lines=[], actor=operator
    )
    body = Body.objects.create(code="commission", name="Комиссия")
    row = Meeting.objects.create(
        body=body, edition=campaign.edition, starts_at=clock.now(), place="зал", state=MeetingState(meeting)
    )
    MeetingMember.objects.create(meeting=row, user=member, name="А", position="member")
    AgendaItem.objects.create(
        meeting=row, order=1, list=rows, link_order=1, title="В", speaker="О", state=item
    )
    client.force_login(member)
    assert client.get(reverse("assessment:results", args=[procedure.pk])).status_code == code


def test_an_operator_who_applied_does_not_enter_the_own_result(client, campaign, operator):
    """Points are corrected by somebody else."""
    person = make_person("operator", "candidate")
    track = make_track(campaign, user=person)
    procedure = make_open_procedure(campaign, operator, [track])
    address = admin_url("result", procedure.pk, track.pk)
    client.force_login(person)
    assert client.get(address).status_code == 403 and client.post(address, {}).status_code == 403
    client.force_login(operator)
    assert client.get(address).status_code == 200
