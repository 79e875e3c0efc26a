"""The defence of concepts: T10 (and O3.19 where there is none)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from candidates.uploads import RejectedUpload
from commissions.meetings import cancel_meeting, declare_conflict
from commissions.models import DecisionList
from reserve_portal.accounts.models import User
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Edition
from vacancies import perms
from vacancies.models import ConceptDefence, Referral, ScoreSheet, Vacancy
from vacancies.motions import RecommendationMotion
from vacancies.next_step import OPERATOR, Waits, next_for_reservist, waits_for, wants_concept
from vacancies.services.cases import cancel_vacancy
from vacancies.services.defence import (
    issue_sheet,
    recommendation_blockers,
    save_sheet,
    schedule_defence,
    scores_of,
    send_for_recommendation,
    upload_concept,
)

from .factories import (
    close_defence,
    hand_in,
    make_commission,
    make_reservist,
    make_vacancy,
    open_defence,
    presented,
    scheduled,
)


@pytest.fixture
def members(tomsk: Edition) -> list[User]:
    return make_commission(tomsk)


@pytest.fixture
def vacancy(tomsk: Edition) -> Vacancy:
    return make_vacancy(tomsk)


@pytest.fixture
def nominee(vacancy: Vacancy, tomsk: Edition, operator: User) -> Referral:
    return presented(vacancy, make_reservist(tomsk), operator)


@pytest.fixture
def defence(members: list[User], nominee: Referral, operator: User) -> ConceptDefence:
    return scheduled(nominee.vacancy, operator)


def pdf() -> bytes:
    import io

    import pikepdf

    document = pikepdf.new()
    document.add_blank_page()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def picture() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    return out.getvalue()


def points_of(sheet: ScoreSheet, value: int) -> dict[int, int]:
    return {item.pk: value for item in sheet.defence.criteria.all()}


def test_defence_calls_the_commission_with_eight_criteria_and_a_sheet_each(
    defence: ConceptDefence, members: list[User], nominee: Referral
) -> None:
    """T10: date and place to the nominee, one sheet for each voting member."""
    assert defence.criteria.count() == 8 and set(defence.criteria.values_list("maximum", flat=True)) == {2}
    assert set(defence.sheets.values_list("member__user", flat=True)) == {member.pk for member in members}
    letter = Letter.objects.get(kind="vacancy.defence", to=nominee.reservist.user)
    assert "18.03.2026 в 13:00" in letter.body and "ул. Пирогова, 10" in letter.body
    defence.vacancy.refresh_from_db()
    assert defence.vacancy.state == "defence"


def test_criteria_may_be_set_for_each_defence(members: list[User], nominee: Referral, operator: User) -> None:
    """process.md 8.4: eight criteria by default, others where they are set; the sheet and the maximum follow them."""
    row = schedule_defence(
        nominee.vacancy,
        starts_at=clock.now() + timedelta(days=7),
        place="Томск",
        criteria=[("Реалистичность", 5), ("Полнота", 3)],
        actor=operator,
    )
    assert list(row.criteria.values_list("name", "maximum")) == [("Реалистичность", 5), ("Полнота", 3)]
    assert scores_of(row, nominee)["maximum"] == 8


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        ([("Полнота", 2), ("полнота", 2)], "повторяются"),
        ([("Полнота", 0)], "от 1 до 10"),
        ([("Полнота", 11)], "от 1 до 10"),
        ([("", 2)], "от 1 до 150"),
        ([(f"Критерий {number}", 2) for number in range(21)], "от одного до 20"),
    ],
)
def test_impossible_criteria_call_no_defence(
    members: list[User], nominee: Referral, operator: User, criteria: list[tuple[str, int]], words: str
) -> None:
    with pytest.raises(GateShut, match=words):
        schedule_defence(
            nominee.vacancy, starts_at=clock.now(), place="Томск", criteria=criteria, actor=operator
        )
    assert not ConceptDefence.objects.exists()


def test_several_nominees_are_ranked_by_the_mean_and_the_second_stands_in_reserve(
    members: list[User], nominee: Referral, tomsk: Edition, operator: User
) -> None:
    """process.md 8.4: several nominees for one vacancy, the recommended ones ranked; equal means share a place."""
    others = [presented(nominee.vacancy, make_reservist(tomsk), operator) for _ in range(2)]
    row = scheduled(nominee.vacancy, operator)
    open_defence(row)
    points = {nominee.pk: 1, others[0].pk: 2, others[1].pk: 1}
    with clock.travel(row.meeting.starts_at):
        for sheet in row.sheets.all():
            hand_in(sheet, points[sheet.referral_id])
    close_defence(row)
    found = {item.pk: item for item in Referral.objects.all()}
    assert [found[pk].defence_place for pk in (nominee.pk, others[0].pk, others[1].pk)] == [2, 1, 2]
    assert found[others[0].pk].defence_words == "место по итогам защиты: 1"
    assert "резервное" in found[nominee.pk].defence_words


def test_defence_needs_a_nominee_and_is_called_once(
    members: list[User], vacancy: Vacancy, defence: ConceptDefence, tomsk: Edition, operator: User
) -> None:
    with pytest.raises(GateShut, match="уже назначена"):
        scheduled(vacancy, operator)
    with pytest.raises(GateShut, match="кто-то представлен"):
        scheduled(make_vacancy(tomsk), operator)


def test_cancelled_meeting_lets_the_defence_be_called_anew(defence: ConceptDefence, operator: User) -> None:
    cancel_meeting(defence.meeting, actor=operator, reason="нет кворума")
    again = schedule_defence(
        defence.vacancy, starts_at=clock.now() + timedelta(days=14), place="Томск", actor=operator
    )
    assert again.pk != defence.pk
    assert list(DecisionList.objects.about(defence.vacancy).values_list("state", flat=True)) == [
        "sent",
        "draft",
    ]


def test_edition_without_a_defence_sends_nominees_straight_to_the_body(
    orenburg: Edition, operator: User
) -> None:
    """O3.19: the authorised body recommends; the parameter decides which way is open."""
    vacancy = make_vacancy(orenburg)
    nominee = presented(vacancy, make_reservist(orenburg), operator)
    with pytest.raises(GateShut, match="не предусматривает"):
        scheduled(vacancy, operator)
    assert waits_for(vacancy).what.startswith("Передать представленных") and not recommendation_blockers(
        vacancy
    )
    decision_list = send_for_recommendation(vacancy, actor=operator)
    assert decision_list.lines.get().subject == nominee and decision_list.state == "sent"
    assert waits_for(vacancy) == Waits("Включить список представленных в повестку заседания.", OPERATOR)
    assert recommendation_blockers(vacancy)
    with pytest.raises(GateShut, match="уже переданы"):
        send_for_recommendation(vacancy, actor=operator)


def test_missing_sheets_are_named_before_the_meeting_is_closed(
    defence: ConceptDefence, nominee: Referral
) -> None:
    """T10: the mean comes from the sheets handed in, so whoever decides sees which are missing."""
    motion, decision_list = RecommendationMotion(), DecisionList.objects.get(state="sent")
    assert motion.notes(decision_list) == []
    meeting = open_defence(defence)
    first, *rest = defence.sheets.select_related("member").order_by("member__name")
    with clock.travel(meeting.starts_at):
        hand_in(first)
    ((tone, words),) = motion.notes(decision_list)
    assert tone == "warning" and f"Сдано оценочных листов: 1 из {len(rest) + 1}." in words
    assert first.member.name not in words and all(sheet.member.name in words for sheet in rest)
    client = Client()
    client.force_login(meeting.members.get(position="secretary").user)
    with clock.travel(meeting.starts_at):
        page = client.get(reverse("commissions:close", args=[meeting.pk])).content.decode()
    assert "Сдано оценочных листов: 1 из" in page
    with clock.travel(meeting.starts_at):
        for sheet in rest:
            hand_in(sheet)
    assert motion.notes(decision_list) == []


def test_a_concept_handed_in_is_no_longer_asked_for(defence: ConceptDefence, nominee: Referral) -> None:
    """T10: what the nominee has done is not asked for again."""
    assert wants_concept(nominee) and "загрузите концепцию" in next_for_reservist(nominee)
    upload_concept(nominee, name="Концепция.pdf", data=pdf(), actor=nominee.reservist.user)
    assert not wants_concept(nominee) and "концепция загружена" in next_for_reservist(nominee)


def test_edition_with_a_defence_demands_it(vacancy: Vacancy, nominee: Referral, operator: User) -> None:
    """T10."""
    with pytest.raises(GateShut, match="требует защиты"):
        send_for_recommendation(vacancy, actor=operator)


def test_concept_keeps_versions_until_the_defence_begins(defence: ConceptDefence, nominee: Referral) -> None:
    """T10: the nominee prepares the concept."""
    person = nominee.reservist.user
    first = upload_concept(nominee, name="Моя концепция.pdf", data=pdf(), actor=person)
    second = upload_concept(nominee, name="Моя концепция.pdf", data=pdf(), actor=person)
    assert (first.version, second.version) == (1, 2) and nominee.concepts.count() == 2
    assert (
        first.file.name.endswith(".pdf")
        and ".." not in first.file.name
        and "концепция" not in first.file.name
    )
    open_defence(defence)
    with pytest.raises(GateShut, match="уже началась"):
        upload_concept(nominee, name="Поздно.pdf", data=pdf(), actor=person)


@pytest.mark.parametrize(("data", "words"), [(b"", "пустой"), (b"MZ\x90", "программа"), (None, "картинка")])
def test_concept_of_another_kind_is_refused_and_nothing_stored(
    nominee: Referral, data: bytes | None, words: str
) -> None:
    with pytest.raises(RejectedUpload, match=words):
        upload_concept(nominee, name="концепция.pdf", data=picture() if data is None else data, actor=None)
    assert not nominee.concepts.exists()


def test_sheet_is_filled_while_the_meeting_goes_on_by_who_is_present(defence: ConceptDefence) -> None:
    sheet = defence.sheets.select_related("member__user").first()
    assert sheet is not None
    with pytest.raises(GateShut, match="пока заседание идёт"):
        hand_in(sheet)
    open_defence(defence)
    sheet.member.__class__.objects.filter(pk=sheet.member_id).update(present=False)
    with pytest.raises(GateShut, match="среди присутствующих"):
        hand_in(sheet)


def test_points_below_the_maximum_need_a_comment_at_hand_in(defence: ConceptDefence) -> None:
    """T10: a draft may be incomplete, a sheet handed in may not."""
    sheet = defence.sheets.first()
    assert sheet is not None
    open_defence(defence)
    criteria = list(defence.criteria.all())
    save_sheet(sheet, actor=None, points={criteria[0].pk: 1}, comments={})
    assert sheet.scores.get().points == 1
    with pytest.raises(GateShut) as shut:
        save_sheet(sheet, actor=None, points={criteria[0].pk: 1}, comments={}, hand_in=True)
    fields = [blocker.field for blocker in shut.value.blockers]
    assert fields == [f"comment_{criteria[0].pk}"] + [f"points_{item.pk}" for item in criteria[1:]]
    with pytest.raises(GateShut, match="от 0 до 2"):
        save_sheet(sheet, actor=None, points={criteria[0].pk: 3}, comments={})


def test_sheet_handed_in_never_changes(defence: ConceptDefence) -> None:
    sheet = defence.sheets.first()
    assert sheet is not None
    open_defence(defence)
    hand_in(sheet)
    for last in (False, True):
        with pytest.raises(GateShut, match="уже сдан"):
            save_sheet(sheet, actor=None, points=points_of(sheet, 0), comments={}, hand_in=last)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.total) == ("handed_in", Decimal(16))


def test_others_sheets_stay_hidden_until_the_own_are_handed_in(
    defence: ConceptDefence, members: list[User], operator: User
) -> None:
    """T10, process.md 8."""
    open_defence(defence)
    own = defence.sheets.get(member__user=members[0])
    assert not perms.can_see_sheets(members[0], defence)
    hand_in(own)
    assert perms.can_see_sheets(members[0], defence)
    assert not perms.can_see_sheets(members[1], defence)
    assert not perms.can_see_sheets(operator, defence)


def test_who_keeps_out_has_no_sheet_and_no_concept(
    defence: ConceptDefence, members: list[User], nominee: Referral
) -> None:
    """Conflict of interest: recusal takes sheet, concept and the page of the nominee."""
    concept = upload_concept(nominee, name="к.pdf", data=pdf(), actor=nominee.reservist.user)
    item = defence.meeting.items.get()
    assert perms.can_read_concept(members[1], concept)
    declare_conflict(item, item.list.lines.get(), members[1], reason="родственник")
    open_defence(defence)
    sheet = defence.sheets.get(member__user=members[1])
    assert not perms.can_read_concept(members[1], concept)
    assert not perms.can_see_nominee(members[1], nominee)
    assert not perms.can_score(members[1], sheet)
    with pytest.raises(GateShut, match="не участвуете"):
        hand_in(sheet)


def test_colleague_of_the_nominee_gets_no_sheet(
    members: list[User], vacancy: Vacancy, nominee: Referral, operator: User
) -> None:
    """A computed conflict: the same organisation."""
    User.objects.filter(pk__in=[members[2].pk, nominee.reservist.user_id]).update(
        organisation=vacancy.organisation
    )
    defence = scheduled(vacancy, operator)
    assert defence.sheets.count() == 2 and not defence.sheets.filter(member__user=members[2]).exists()


def test_mean_and_spread_count_the_sheets_handed_in(defence: ConceptDefence, nominee: Referral) -> None:
    """T10: 16, 8 and 0 of 16 make 8; a member who came to keep out does not count."""
    open_defence(defence)
    empty = scores_of(defence, nominee)
    assert (empty["mean"], empty["lowest"], empty["maximum"]) == (None, None, Decimal(16))
    for sheet, points in zip(defence.sheets.order_by("pk"), (2, 1, 0), strict=True):
        hand_in(sheet, points)
    scores = scores_of(defence, nominee)
    assert (scores["mean"], scores["lowest"], scores["highest"]) == (Decimal(8), Decimal(0), Decimal(16))
    item, last = defence.meeting.items.get(), defence.sheets.order_by("pk")[2]
    declare_conflict(item, item.list.lines.get(), last.member.user, reason="бывший коллега")
    assert scores_of(defence, nominee)["mean"] == Decimal(12)


def test_recommendation_tells_all_and_issues_the_summary(defence: ConceptDefence, nominee: Referral) -> None:
    """T10, T9: the nominee and the department hear of it; the summary is a paper."""
    from reserve_portal.accounts.tests.factories import person_with

    official = person_with("authority")
    open_defence(defence)
    for sheet in defence.sheets.all():
        hand_in(sheet)
    close_defence(defence)
    nominee.refresh_from_db()
    assert (nominee.state, defence.vacancy.state) == ("recommended", "recommended")
    summary = IssuedPaper.objects.about(defence).get()
    assert summary.number == "ЗК-2026-001" and ">16 из 16<" in summary.html
    assert Letter.objects.filter(kind="vacancy.recommended", to=nominee.reservist.user).count() == 1
    assert Letter.objects.filter(kind="vacancy.agreement_needed", to=official).count() == 1


def test_nobody_recommended_sends_the_case_back_to_matching(
    defence: ConceptDefence, nominee: Referral
) -> None:
    """T10: recommendation «not to appoint»."""
    open_defence(defence)
    close_defence(defence, "against")
    nominee.refresh_from_db()
    assert (nominee.state, defence.vacancy.state) == ("not_recommended", "matching")
    assert "слабая концепция" in Letter.objects.get(kind="vacancy.not_recommended").body


def test_vacancy_cancelled_meanwhile_lets_the_meeting_close(
    defence: ConceptDefence, nominee: Referral
) -> None:
    open_defence(defence)
    cancel_vacancy(defence.vacancy, actor=None, reason="школа закрыта")
    close_defence(defence)
    nominee.refresh_from_db()
    assert (nominee.state, defence.vacancy.state) == ("released", "cancelled")


def test_sheet_is_printed_once_and_only_after_hand_in(defence: ConceptDefence) -> None:
    sheet = defence.sheets.first()
    assert sheet is not None
    open_defence(defence)
    with pytest.raises(GateShut, match="сначала сдайте"):
        issue_sheet(sheet, actor=None)
    hand_in(sheet)
    assert issue_sheet(sheet, actor=None) == issue_sheet(sheet, actor=None)
