"""Experts score the attestation's cases and defences on sheets; the exact mean counts (O1.10, O4.17, O4.19)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import OrganisationFactory, UserFactory
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reservists.models import AttestationScore, AttestationSheet, MentorAssignment
from reservists.services import attestation as services
from reservists.services.attestation_marks import Marks, record_marks
from reservists.services.attestation_results import listing_blockers, make_attestation_list
from reservists.services.attestation_sheets import (
    end_attestation_sheet,
    give_sheets,
    keeps_out,
    save_attestation_sheet,
)

from .development import make_mentor
from .test_attestation import people, planned  # noqa: F401
from .test_views import allowed_roles


@pytest.fixture
def experts(db):
    return [UserFactory(roles=[Role.EXPERT]) for _ in range(3)]


@pytest.fixture
def opened(planned, operator, orenburg, experts):  # noqa: F811
    """Two reservists; three experts hold sheets on the defence of each."""
    people(orenburg, "Первый", "Второй")
    services.open_attestation(planned, actor=operator)
    give_sheets(planned, instrument=planned.instruments.last(), experts=experts, actor=operator)
    return planned


def hand_in(sheet, points):
    save_attestation_sheet(sheet, points=Decimal(points), comment="Видно", actor=sheet.expert, hand_in=True)


def test_each_expert_gets_a_sheet_on_everybody_and_one_letter(opened, operator, experts):
    """O4.17: one letter for all sheets; asked again nothing is doubled."""
    assert AttestationSheet.objects.count() == 6
    assert Letter.objects.filter(kind="attestation.sheets_given").count() == 3
    assert "Листов: 2" in Letter.objects.filter(kind="attestation.sheets_given").first().body
    with pytest.raises(GateShut, match="Новых листов нет"):
        give_sheets(opened, instrument=opened.instruments.last(), experts=experts, actor=operator)


def test_sheets_are_for_experts_on_what_is_no_test_while_the_attestation_goes_on(planned, operator, orenburg):  # noqa: F811
    people(orenburg, "Первый")
    defence, expert = planned.instruments.last(), UserFactory(roles=[Role.EXPERT])
    with pytest.raises(GateShut, match="пока идёт"):
        give_sheets(planned, instrument=defence, experts=[expert], actor=operator)
    services.open_attestation(planned, actor=operator)
    with pytest.raises(GateShut, match="листов нет"):
        give_sheets(planned, instrument=planned.instruments.first(), experts=[expert], actor=operator)
    with pytest.raises(GateShut, match="нет роли эксперта"):
        give_sheets(planned, instrument=defence, experts=[UserFactory(roles=[Role.MENTOR])], actor=operator)
    with pytest.raises(GateShut, match="хотя бы одного"):
        give_sheets(planned, instrument=defence, experts=[], actor=operator)


def test_nobody_scores_oneself_a_colleague_or_whom_one_guides(planned, operator, orenburg):  # noqa: F811
    """O1.10: computed from facts; the others' sheets are given all the same."""
    school = OrganisationFactory()
    own, colleague, guided_one, free = people(orenburg, "Свой", "Коллега", "Ученик", "Чужой")
    expert = own.user
    expert.groups.add(UserFactory(roles=[Role.EXPERT]).groups.get(name="expert"))
    expert.organisation = school
    expert.save()
    type(expert).objects.filter(pk=colleague.user_id).update(organisation=school)
    mentor = make_mentor(user=expert)
    MentorAssignment.objects.create(reservist=guided_one, mentor=mentor, since="2026-01-01", basis="протокол")
    services.open_attestation(planned, actor=operator)
    reasons = {
        entry.reservist.user.last_name: keeps_out(expert, entry)
        for entry in planned.entries.select_related("reservist__user")
    }
    assert reasons == {
        "Свой": "собственное дело",
        "Коллега": "одно место работы",
        "Ученик": "персональный куратор (наставник)",
        "Чужой": "",
    }
    fresh = type(expert).objects.get(pk=expert.pk)
    give_sheets(planned, instrument=planned.instruments.last(), experts=[fresh], actor=operator)
    assert AttestationSheet.objects.get().entry.reservist == free


def test_the_exact_mean_counts_and_thirds_do_not_pass_the_border(opened, operator, experts):
    """O4.19: 40 + 2 × (44.99 : 3) of 100 is 69.99333…, which does not reach 70 and is nowhere rounded first."""
    test, defence = opened.instruments.all()
    first, second = opened.entries.order_by("reservist__user__last_name", "pk").reverse()
    for sheet, points in zip(first.sheets.all(), ("15", "15", "14.99"), strict=True):
        assert not AttestationScore.objects.filter(entry=first, instrument=defence).exists()
        hand_in(sheet, points)
    for sheet in second.sheets.all():
        hand_in(sheet, "15")
    record_marks(
        opened, {entry.pk: Marks({test.pk: Decimal(40)}) for entry in (first, second)}, actor=operator
    )
    assert listing_blockers(opened) == []
    make_attestation_list(opened, actor=operator)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.points, first.zone, first.rank) == (Decimal("69.9933333"), "red", 2)
    assert (second.points, second.zone, second.rank) == (Decimal(70), "yellow", 1)


def test_points_of_experts_are_not_entered_by_hand(opened, operator):
    """O4.17: they come from sheets; entering the test leaves them as they are."""
    test, defence = opened.instruments.all()
    entry = opened.entries.first()
    with pytest.raises(GateShut, match="ставят эксперты"):
        record_marks(opened, {entry.pk: Marks({defence.pk: Decimal(5)})}, actor=operator)
    for sheet in entry.sheets.all():
        hand_in(sheet, "20")
    record_marks(opened, {entry.pk: Marks({test.pk: Decimal(1)})}, actor=operator)
    record_marks(opened, {entry.pk: Marks({})}, actor=operator)
    assert [(row.instrument, row.points) for row in entry.scores.all()] == [(defence, Decimal(20))]


@pytest.mark.parametrize(
    ("points", "comment", "words"),
    [
        (None, "Видно", "Поставьте баллы"),
        (Decimal(31), "Видно", "от 0 до 30"),
        (Decimal("1.234"), "Видно", "двух знаков"),
        (Decimal(1), " ", "Обоснуйте"),
        (Decimal("NaN"), "Видно", "от 0 до 30"),
    ],
)
def test_a_sheet_is_handed_in_whole(opened, points, comment, words):
    sheet = AttestationSheet.objects.first()
    with pytest.raises(GateShut, match=words):
        save_attestation_sheet(sheet, points=points, comment=comment, actor=sheet.expert, hand_in=True)


def test_a_sheet_given_back_lets_the_others_count(opened, operator):
    """A declined or recalled sheet is out of the mean; a returned one makes the points wait."""
    entry = opened.entries.first()
    declined, recalled, kept = entry.sheets.all()
    hand_in(kept, "12")
    assert not entry.scores.exists()
    with pytest.raises(TransitionRefused, match="причину"):
        end_attestation_sheet(declined, "decline", reason=" ", actor=declined.expert)
    end_attestation_sheet(declined, "decline", reason="Знаком", actor=declined.expert)
    end_attestation_sheet(recalled, "recall", reason="В отпуске", actor=operator)
    assert entry.scores.get().points == 12
    end_attestation_sheet(kept, "return", reason="Не та работа", actor=operator)
    assert not entry.scores.exists()
    assert Letter.objects.get(kind="attestation.sheet_returned").to == kept.expert
    kept.refresh_from_db()
    hand_in(kept, "14")
    assert entry.scores.get().points == 14


def test_handed_in_after_the_list_the_draft_is_made_anew_and_after_sending_nothing_counts(opened, operator):
    """O4.18: the body decides on what is there; what is corrected before is in its list."""
    test, _ = opened.instruments.all()
    for sheet in AttestationSheet.objects.all():
        hand_in(sheet, "15")
    record_marks(
        opened, {row.pk: Marks({test.pk: Decimal(40)}) for row in opened.entries.all()}, actor=operator
    )
    decision_list = make_attestation_list(opened, actor=operator)
    sheet = AttestationSheet.objects.first()
    end_attestation_sheet(sheet, "return", reason="Опечатка", actor=operator)
    sheet.refresh_from_db()
    hand_in(sheet, "30")
    assert {line.details["points"] for line in decision_list.lines.all()} == {"70", "80"}
    type(decision_list).objects.filter(pk=decision_list.pk).update(state="sent")
    with pytest.raises(GateShut, match="у органа"):
        end_attestation_sheet(sheet, "return", reason="Поздно", actor=operator)


def test_an_expert_sees_the_own_sheets_until_they_are_handed_in(client, opened, experts):
    """process.md 12: what was given, nobody else's; the reading is the expert's own affair alone."""
    rows = AttestationSheet.objects.filter(expert=experts[0])
    assert allowed_roles(lambda user: AttestationSheet.objects.visible_to(user).exists()) == set()
    client.force_login(experts[0])
    sheet, other = rows.first(), AttestationSheet.objects.filter(expert=experts[1]).first()
    page = client.get(reverse("reservists:attestation_sheets")).content.decode()
    assert page.count("/attestation/sheets/") >= 2 and "Ждут вас: 2" in page
    assert "Листы аттестации" in client.get(reverse("home")).content.decode()
    address = reverse("reservists:attestation_sheet", args=[sheet.pk])
    client.post(address, {"points": "12,5", "comment": "", "draft": "1"})
    sheet.refresh_from_db()
    assert sheet.points == Decimal("12.5") and sheet.state == "given"
    page = client.post(address, {"points": "12,5", "comment": "", "hand_in": "1"}).content.decode()
    assert "Обоснуйте" in page and "12,5" in page
    client.post(address, {"points": "12,5", "comment": "Хорошо", "hand_in": "1"})
    assert client.get(address).status_code == 404
    assert client.get(reverse("reservists:attestation_sheet", args=[other.pk])).status_code == 404
    last = rows.exclude(pk=sheet.pk).get()
    client.post(reverse("reservists:attestation_sheet_decline", args=[last.pk]), {"reason": "Знаком"})
    assert not AttestationSheet.objects.visible_to(experts[0]).exists()


def test_the_operator_gives_recalls_and_sees_how_far_it_is(client, planned, operator, orenburg, experts):  # noqa: F811
    people(orenburg, "Первый")
    services.open_attestation(planned, actor=operator)
    client.force_login(operator)
    defence = planned.instruments.last()
    give = reverse("admin:reservists_attestation_give", args=[planned.pk])
    assert "Тест</option>" not in client.get(give).content.decode()
    client.post(give, {"instrument": defence.pk, "experts": [experts[0].pk]})
    sheet = AttestationSheet.objects.get()
    page = client.get(reverse("admin:reservists_attestation_change", args=[planned.pk])).content.decode()
    assert "Листы у экспертов" in page
    marks = client.get(reverse("admin:reservists_attestation_marks", args=[planned.pk])).content.decode()
    assert "Тест, до 40" in marks and "Защита проекта" not in marks
    client.post(reverse("admin:reservists_attestationsheet_recall", args=[sheet.pk]), {"reason": "Ошибка"})
    sheet.refresh_from_db()
    assert sheet.state == "recalled"


def test_everybody_attested_is_told_of_the_beginning(planned, operator, orenburg):  # noqa: F811
    """O4.10, O4.17: by which instruments and until when; once for each person."""
    row = people(orenburg, "Первый")[0]
    services.open_attestation(planned, actor=operator)
    letter = Letter.objects.get(kind="attestation.opened")
    assert letter.to == row.user and "Защита проекта, до 30 баллов" in letter.body
