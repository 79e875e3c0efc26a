import re
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from commissions.enums import Choice, Position
from commissions.meetings import cast_vote, close_meeting, close_voting, declare_conflict, save_discussion
from commissions.models import Body, Meeting
from commissions.motions import LineSpec
from commissions.papers import protocol_context
from commissions.services import create_list, send_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition

from .factories import FakeMotion, all_vote, make_body, make_list, people, voting_item

pytestmark = pytest.mark.django_db


def text_of(meeting: Meeting) -> str:
    """The text of the issued protocol on one line."""
    return text_of_paper(IssuedPaper.objects.about(meeting).get(kind="protocol"))


def text_of_paper(paper: IssuedPaper) -> str:
    """The text of a paper on one line."""
    with paper.file.open("rb") as file:
        pages = PdfReader(BytesIO(file.read())).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_the_protocol_says_what_the_tables_say(commission: Body, tomsk: Edition, motion: FakeMotion) -> None:
    row = make_list(tomsk, Decision.INCLUSION, proposals=[True, True, False])
    item = voting_item(commission, row)
    first, second, third = row.lines.all()
    chair, secretary = people(commission, Position.CHAIR)[0], people(commission, Position.SECRETARY)[0]
    member = people(commission, Position.MEMBER)[0]
    save_discussion(item, text="Жуков: предлагаю поддержать.", actor=None)
    declare_conflict(item, first, member, reason="работает в той же школе")
    for voter in item.voters.all():
        cast_vote(item, user=voter.user, choice=Choice.FOR, differing={second.pk: Choice.AGAINST})
    close_voting(item, actor=None)
    close_meeting(item.meeting, departures={second.pk: "недостоверные сведения"}, actor=secretary)
    text = text_of(item.meeting)
    for words in (
        "ПРОТОКОЛ",
        tomsk.operator_name,
        "11 марта 2026 г.",
        f"№ {item.meeting.number}",
        tomsk.city,
        f"Председательствующий: {chair.full_name}",
        f"Секретарь: {secretary.full_name}",
        "членов с правом голоса 4, присутствуют 4",
        "1. О включении в кадровый резерв. Докладчик: Петрова Ольга Ивановна",
        "СЛУШАЛИ",
        "Жуков: предлагаю поддержать.",
        "работает в той же школе",
        "РЕШИЛИ",
        f"1.1. Включить в кадровый резерв: {first.label}.",
        f"1.2. Не включать в кадровый резерв: {second.label}; {third.label}.",
        "Причина: недостоверные сведения",
        "не набран порог",
        "КР-2026-0003",
        chair.short_name,
        "Проверка:",
    ):
        assert words in text, words
    for result in item.results.all():
        assert (
            f"«за» {result.in_favour}, «против» {result.against}, «воздержались» {result.abstained}" in text
        )
    assert f"{first.label} — «за» 3, «против» 0, «воздержались» 0 (участвовали 3 из 3)" in text


def test_more_than_ten_people_stand_in_an_annex(tomsk: Edition, motion: FakeMotion) -> None:
    """domain/documents.md: more than ten present are counted, their list is an annex."""
    body = make_body("commission", members=10)
    row = make_list(tomsk, Decision.INCLUSION, proposals=[True] * 12)
    item = voting_item(body, row)
    all_vote(item)
    close_meeting(item.meeting, actor=people(body, Position.SECRETARY)[0])
    text = text_of(item.meeting)
    assert "12 человек (список прилагается)" in text
    assert "Включить в кадровый резерв: 12 человек по приложению 2" in text
    assert "Приложение 1 к протоколу" in text and "Приложение 2 к протоколу" in text
    assert all(line.label in text for line in row.lines.all())


def test_building_the_protocol_costs_the_same_for_one_and_many_lines(
    commission: Body, tomsk: Edition, motion: FakeMotion, django_assert_num_queries: Any
) -> None:
    for count in (1, 6):
        item = voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True] * count))
        all_vote(item)
        close_meeting(item.meeting, actor=people(commission, Position.SECRETARY)[0])
        meeting = Meeting.objects.select_related("body", "edition", "presiding", "secretary").get(
            pk=item.meeting_id
        )
        with django_assert_num_queries(7):
            protocol_context(meeting)


def test_the_short_protocol_leaves_out_who_spoke_and_the_full_one_says_all(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    item = voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True]))
    save_discussion(item, text="Жуков: предлагаю поддержать.", actor=None)
    voter = people(commission, Position.MEMBER)[0]
    all_vote(item, close=False)
    cast_vote(item, user=voter, choice=Choice.FOR, opinion="Прошу учесть стаж.")
    close_voting(item, actor=None)
    close_meeting(item.meeting, actor=people(commission, Position.SECRETARY)[0])
    full = text_of(item.meeting)
    short = text_of_paper(IssuedPaper.objects.about(item.meeting).get(kind="protocol_short"))
    assert "предлагаю поддержать" in full and "ВЫСТУПИЛИ" in full and "(краткий)" not in full
    assert "предлагаю поддержать" not in short and "ВЫСТУПИЛИ" not in short and "ПРОТОКОЛ (краткий)" in short
    for text in (full, short):
        assert f"Особое мнение: {voter.full_name} (приложение 2)" in text and "Прошу учесть стаж." in text


def test_the_draft_order_rests_on_the_protocols_and_lists_the_people(
    orenburg: Edition, motion: FakeMotion
) -> None:
    """O3.23: the ministry's order on the registry, on the ground of the authorised body's protocol."""
    row = make_list(orenburg, Decision.INCLUSION, proposals=[True, False])
    for code in ("expert_commission", "authorised_body"):
        body = make_body(code)
        item = voting_item(body, row)
        all_vote(item)
        close_meeting(item.meeting, actor=people(body, Position.SECRETARY)[0])
    text = text_of_paper(IssuedPaper.objects.get(kind="order_draft"))
    first, second = row.lines.all()
    for words in (
        "ПРОЕКТ",
        "ПРИКАЗ",
        "О включении в кадровый резерв",
        "п р и к а з ы в а ю",
        f"протокол № {item.meeting.number} от 11.03.2026",
        "Включить в кадровый резерв: 1 человек",
        "УТВЕРЖДЁН",
        first.label,
        second.label,
        "Контроль за исполнением",
    ):
        assert words in text, words


def test_who_stands_twice_on_a_list_is_named_with_the_target_group(
    commission: Body, orenburg: Edition, motion: FakeMotion
) -> None:
    """O1.15: somebody may be included into several groups; the protocol tells the decisions apart."""
    twice, once = (UserFactory(last_name=name, roles=[Role.CANDIDATE]) for name in ("Дважды", "Однажды"))
    groups = [str(group) for group in orenburg.target_groups.all()]
    specs = [
        LineSpec(UserFactory(), person, proposal, "" if proposal else "не набран порог", {"group": group})
        for person, group, proposal in (
            (twice, groups[0], True),
            (once, groups[0], True),
            (twice, groups[1], False),
        )
    ]
    decided = create_list(
        Decision.INCLUSION, edition=orenburg, title="Список", subject=orenburg, lines=specs, actor=None
    )
    send_list(decided, actor=None)
    item = voting_item(make_body("expert_commission"), decided)
    all_vote(item)
    close_meeting(item.meeting, actor=people(item.meeting.body, Position.SECRETARY)[0])
    text = text_of(item.meeting)
    assert f"{twice.full_name} ({groups[0]}); {once.full_name}." in text
    assert f"1.2. Не включать в кадровый резерв: {twice.full_name} ({groups[1]})." in text


def test_a_long_name_with_its_group_fits_the_line(orenburg: Edition) -> None:
    """Names of a hundred letters each and the longest group: nothing is refused by the database."""
    person = UserFactory(last_name="Ф" * 100, first_name="И" * 100, patronymic="О" * 100)
    specs = [LineSpec(UserFactory(), person, True, details={"group": "Г" * 300}) for _ in range(2)]
    decided = create_list(
        Decision.INCLUSION, edition=orenburg, title="Список", subject=orenburg, lines=specs, actor=None
    )
    for line in decided.lines.all():
        line.clean_fields(exclude=["outcome"])
