from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfWriter

from commissions.enums import Choice, ItemState, ListState, MeetingForm, MeetingState, Position
from commissions.meetings import cast_vote, close_meeting, close_voting, declare_conflict
from commissions.models import AgendaItem, Body, Meeting, Order, Vote
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import UserFactory, person_with
from reserve_portal.core import clock
from reserve_portal.core.dashboard import cards_for
from reserve_portal.core.navigation import navigation_for
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition

from .factories import (
    FakeMotion,
    all_vote,
    make_body,
    make_item,
    make_list,
    make_meeting,
    people,
    voting_item,
)

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, name: str, *args: Any, status: int = 200, **query: Any) -> str:
    answer = as_(user).get(reverse(f"commissions:{name}", args=args), query)
    assert answer.status_code == status, name
    return answer.content.decode()


def post(user: User, name: str, *args: Any, status: int = 302, **data: Any) -> str:
    answer = as_(user).post(reverse(f"commissions:{name}", args=args), data)
    assert answer.status_code == status, (name, answer.status_code)
    return answer.content.decode()


def download(user: User, url: str) -> int:
    """The status of the answer, its file read to the end."""
    answer = as_(user).get(url)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


@pytest.fixture
def item(commission: Body, tomsk: Edition, motion: FakeMotion) -> AgendaItem:
    """An item under vote, three people."""
    return voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True, True, False]))


def test_a_meeting_runs_from_opening_to_the_protocol_in_pages(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    item = make_item(
        make_meeting(commission, tomsk), make_list(tomsk, Decision.INCLUSION, proposals=[True, False])
    )
    meeting, secretary = item.meeting, people(commission, Position.SECRETARY)[0]
    voters = [*people(commission, Position.CHAIR), *people(commission, Position.MEMBER)]
    assert "Открыть заседание" in page(secretary, "meeting", meeting.pk)
    post(secretary, "open", meeting.pk, present=[user.pk for user in [*voters, secretary]])
    assert "Кворум есть: участвуют 4 из 4" in page(secretary, "meeting", meeting.pk)
    post(secretary, "open-voting", item.pk)
    first = item.list.lines.first()
    assert "Ещё не проголосовали: 4" in page(secretary, "item", item.pk)
    for voter in voters:
        assert "Ваш голос" in page(voter, "item", item.pk)
        post(voter, "vote", item.pk, choice="for", **{f"line_{first.pk}": "against"})
    post(secretary, "close-voting", item.pk)
    assert f"{first.label}: почему решение расходится" in page(secretary, "close", meeting.pk)
    refused = post(secretary, "close", meeting.pk, status=200, **{f"reason_{first.pk}": " "})
    assert f"Укажите причину: {first.label}." in refused
    post(secretary, "close", meeting.pk, **{f"reason_{first.pk}": "недостоверные сведения"})
    meeting.refresh_from_db()
    assert meeting.state == MeetingState.CLOSED
    assert f"Протокол № {meeting.number}" in page(voters[1], "meeting", meeting.pk)
    assert "недостоверные сведения" in page(voters[1], "item", item.pk)


def test_results_are_hidden_until_the_voting_ends_and_who_voted_how_always(
    item: AgendaItem, commission: Body
) -> None:
    chair, member = people(commission, Position.CHAIR)[0], people(commission, Position.MEMBER)[0]
    cast_vote(item, user=chair, choice=Choice.AGAINST)
    before = page(member, "item", item.pk)
    assert (
        "воздерж." not in before
        and chair.full_name not in before.split("Ещё не проголосовали")[1].split("</p>")[0]
    )
    all_vote(item)
    assert "воздерж." in page(member, "item", item.pk)


def test_a_recused_member_sees_neither_papers_nor_votes_of_the_line(
    item: AgendaItem, commission: Body
) -> None:
    chair, member = people(commission, Position.CHAIR)[0], people(commission, Position.MEMBER)[0]
    first, second, _ = item.list.lines.all()
    assert f"/papers-of/{first.pk}/" in page(member, "item", item.pk)
    post(member, "conflict", item.pk, first.pk, reason="родство")
    seen = page(member, "item", item.pk)
    assert f"/papers-of/{first.pk}/" not in seen and f"/papers-of/{second.pk}/" in seen
    assert f'name="line_{first.pk}"' not in seen
    assert f"/papers-of/{first.pk}/" in page(chair, "item", item.pk)
    all_vote(item)
    assert "вы не участвуете" in page(member, "item", item.pk)
    assert "вы не участвуете" not in page(chair, "item", item.pk)


def test_members_read_no_papers_after_their_body_has_decided(item: AgendaItem, commission: Body) -> None:
    """process.md 12: those on the agenda of the own body, until it has decided."""
    all_vote(item)
    close_meeting(item.meeting, actor=people(commission, Position.SECRETARY)[0])
    assert "/papers-of/" not in page(people(commission, Position.CHAIR)[0], "item", item.pk)


def test_voices_on_people_of_other_pages_stay(commission: Body, tomsk: Edition, motion: FakeMotion) -> None:
    row = make_list(tomsk, Decision.INCLUSION, proposals=[True] * 51)
    item = voting_item(commission, row)
    chair, last = people(commission, Position.CHAIR)[0], list(row.lines.all())[-1]
    post(chair, "vote", item.pk, page=2, choice="for", **{f"line_{last.pk}": "against"})
    post(chair, "vote", item.pk, page=1, choice="for")
    assert set(Vote.objects.values_list("line", "choice")) == {(None, "for"), (last.pk, "against")}


def test_a_vote_without_a_choice_is_told_and_changes_nothing(item: AgendaItem, commission: Body) -> None:
    chair = as_(people(commission, Position.CHAIR)[0])
    answer = chair.post(reverse("commissions:vote", args=[item.pk]), {}, follow=True)
    assert "Выберите голос по вопросу в целом" in answer.content.decode()
    assert not Vote.objects.exists()


@pytest.mark.parametrize("role", Role.values)
def test_who_was_not_called_finds_no_meeting(item: AgendaItem, role: str) -> None:
    """A foreign object answers 404; operator and auditor read (process.md 12)."""
    user = person_with(role)
    status = 200 if role in (Role.OPERATOR, Role.AUDITOR) else 404
    for name, args in (("meeting", [item.meeting_id]), ("item", [item.pk])):
        page(user, name, *args, status=status)
    for name in ("vote", "open-voting", "close-voting", "discussion"):
        post(user, name, item.pk, status=403 if status == 200 else 404, choice="for")
    for name in ("open", "attendance", "close"):
        post(user, name, item.meeting_id, status=403 if status == 200 else 404)
    post(
        user,
        "conflict",
        item.pk,
        item.list.lines.first().pk,
        status=403 if status == 200 else 404,
        reason="x",
    )


@pytest.mark.parametrize(
    ("position", "allowed"), [("chair", True), ("secretary", True), ("deputy", True), ("member", False)]
)
def test_secretary_or_chair_runs_the_meeting(
    tomsk: Edition, motion: FakeMotion, position: str, allowed: bool
) -> None:
    body = make_body("commission", deputy=True)
    item = voting_item(body, make_list(tomsk, Decision.INCLUSION, proposals=[True]))
    user = people(body, position)[0]
    status = 302 if allowed else 403
    post(user, "attendance", item.meeting_id, status=status, present=[])
    post(user, "discussion", item.pk, status=status, text="Выступили все")
    post(user, "close-voting", item.pk, status=status)
    post(user, "reopen-voting", item.pk, status=status, reason="ошибка")
    post(user, "remove-item", item.pk, status=status, reason="ошибка")
    post(user, "cancel", item.meeting_id, status=status, reason="ошибка")


@pytest.mark.parametrize("role", Role.values)
def test_the_protocol_is_read_by_its_members_operator_authority_auditor(
    item: AgendaItem, commission: Body, role: str
) -> None:
    all_vote(item)
    close_meeting(item.meeting, actor=people(commission, Position.SECRETARY)[0])
    url = reverse("papers:download", args=[IssuedPaper.objects.get(kind="protocol").pk])
    may = role in (Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)
    assert download(person_with(role), url) == (200 if may else 404)
    assert download(people(commission, Position.MEMBER)[0], url) == 200


@pytest.fixture
def before_order(orenburg: Edition, motion: FakeMotion) -> Any:
    """A list that two bodies have decided and that waits for the ministry's order."""
    row = make_list(orenburg, Decision.INCLUSION, proposals=[True, True])
    for code in ("expert_commission", "authorised_body"):
        body = make_body(code)
        item = voting_item(body, row)
        all_vote(item)
        close_meeting(item.meeting, actor=people(body, Position.SECRETARY)[0])
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("role", Role.values)
def test_orders_are_the_authoritys_and_the_auditor_reads(before_order: Any, role: str) -> None:
    user = person_with(role)
    reads = role in (Role.AUTHORITY, Role.AUDITOR)
    page(user, "orders", status=200 if reads else 403)
    page(user, "order", before_order.pk, status=200 if reads else 403)
    data = {"number": "01-21/15", "dated": "2026-03-11"}
    post(user, "order", before_order.pk, status=302 if role == Role.AUTHORITY else 403, **data)
    assert Order.objects.exists() is (role == Role.AUTHORITY)


def test_an_official_records_an_order_and_takes_a_person_off(before_order: Any, tmp_path: Any) -> None:
    official = UserFactory(roles=[Role.AUTHORITY])
    first, second = before_order.lines.all()
    assert first.label in page(official, "order", before_order.pk)
    bad = SimpleUploadedFile("приказ.pdf", b"not a pdf")
    data = {"number": "01-21/15", "dated": "2026-03-11", f"removed_{second.pk}": "личное заявление"}
    assert "Это не PDF" in post(official, "order", before_order.pk, status=200, file=bad, **data)
    path = tmp_path / "order.pdf"
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(path)
    good = SimpleUploadedFile("приказ.pdf", path.read_bytes())
    post(official, "order", before_order.pk, file=good, **data)
    before_order.refresh_from_db()
    second.refresh_from_db()
    assert before_order.state == ListState.DECIDED
    assert (second.outcome, second.outcome_reason) == (False, "личное заявление")
    answer = as_(official).get(reverse("commissions:order-file", args=[Order.objects.get().pk]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "01-21/15" in page(official, "orders")


def test_cards_and_navigation_say_what_waits(item: AgendaItem, commission: Body, tomsk: Edition) -> None:
    member, secretary = people(commission, Position.MEMBER)[0], people(commission, Position.SECRETARY)[0]
    make_meeting(commission, tomsk)
    make_list(tomsk, Decision.INCLUSION, proposals=[True])
    titles = {card.title for card in cards_for(member)}
    assert {"Ждут вашего голоса", "Ближайшие заседания"} <= titles
    assert "Вы ведёте заседание" in {card.title for card in cards_for(secretary)}
    operator = UserFactory(operator=True)
    assert "Списки ждут заседания" in {card.title for card in cards_for(operator)}
    badges = {link.item.label: link.item.badge for link in navigation_for(member, "/home/")}
    assert badges["Заседания"] == 1
    for user in (member, secretary, operator):
        assert as_(user).get(reverse("home")).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_for_one_and_three_rows(
    commission: Body, tomsk: Edition, motion: FakeMotion, count: int, django_assert_num_queries: Any
) -> None:
    item = voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True] * count))
    for _ in range(count - 1):
        make_meeting(commission, tomsk)
    client = as_(people(commission, Position.CHAIR)[0])
    for name, args, queries in (
        ("meetings", [], 8),
        ("meeting", [item.meeting_id], 14),
        ("item", [item.pk], 20),
    ):
        client.get(reverse(f"commissions:{name}", args=args))
        with django_assert_num_queries(queries):
            client.get(reverse(f"commissions:{name}", args=args))


def test_the_operator_plans_a_meeting_and_its_agenda_in_the_admin(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    operator = as_(UserFactory(operator=True))
    row = make_list(tomsk, Decision.INCLUSION, proposals=[True], sent=False)
    url = reverse("admin:commissions_decisionlist_change", args=[row.pk])
    assert "Передать органу" in operator.get(url).content.decode()
    assert operator.get(reverse("admin:commissions_decisionlist_send", args=[row.pk])).status_code == 200
    operator.post(reverse("admin:commissions_decisionlist_send", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == ListState.SENT
    plan = reverse("admin:commissions_meeting_plan")
    assert (
        "Назначить заседание"
        in operator.get(reverse("admin:commissions_meeting_changelist")).content.decode()
    )
    data = {"body": commission.pk, "edition": tomsk.pk, "form": "in_person", "place": "Томск"}
    past = (clock.local(clock.now()) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    assert "уже прошло" in operator.post(plan, {**data, "starts_at": past}).content.decode()
    later = (clock.local(clock.now()) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    assert operator.post(plan, {**data, "starts_at": later}).status_code == 302
    meeting = Meeting.objects.get()
    agenda = reverse("admin:commissions_meeting_agenda", args=[meeting.pk])
    assert row.title in operator.get(agenda).content.decode()
    operator.post(agenda, {"lists": [row.pk], "speaker": "Петрова О. И."})
    item = meeting.items.get()
    assert item.state == ItemState.PENDING
    assert operator.get(agenda).status_code == 200
    assert operator.get(reverse("admin:commissions_meeting_change", args=[meeting.pk])).status_code == 200
    post(UserFactory(operator=True), "remove-item", item.pk, reason="ошибка")
    back = reverse("admin:commissions_decisionlist_take_back", args=[row.pk])
    assert operator.get(back).status_code == 200
    operator.post(back, {"reason": "ошибка в списке"})
    row.refresh_from_db()
    assert row.state == ListState.DRAFT


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.COMMISSION, Role.CANDIDATE])
def test_only_the_operator_plans_meetings_and_sends_lists(
    tomsk: Edition, motion: FakeMotion, role: str
) -> None:
    row = make_list(tomsk, Decision.INCLUSION, proposals=[True], sent=False)
    client = as_(person_with(role))
    for url in (
        reverse("admin:commissions_meeting_plan"),
        reverse("admin:commissions_decisionlist_send", args=[row.pk]),
    ):
        assert client.post(url).status_code == (403 if role in (Role.ADMINISTRATOR, Role.AUDITOR) else 302)
    row.refresh_from_db()
    assert row.state == ListState.DRAFT and not Meeting.objects.exists()


def test_my_voice_names_the_people_for_whom_it_differs(item: AgendaItem, commission: Body) -> None:
    """quality.md: confirmed means stored, and the page says what was stored."""
    member = people(commission, Position.MEMBER)[0]
    line = item.list.lines.first()
    assert line is not None
    cast_vote(item, user=member, choice=Choice.FOR, differing={line.pk: Choice.AGAINST})
    assert f"за; отдельно: {line.label} — против" in page(member, "item", item.pk)


def test_whoever_is_put_on_a_body_becomes_a_commission_member(commission: Body) -> None:
    administrator, user = UserFactory(administrator=True), person_with(Role.MUNICIPAL)
    candidate = person_with(Role.CANDIDATE)
    url = reverse("admin:commissions_body_change", args=[commission.pk])
    rows = list(commission.members.all())
    data = {"code": commission.code, "name": "Комиссия", "index": "ОК"}
    data |= {"members-TOTAL_FORMS": len(rows) + 1, "members-INITIAL_FORMS": len(rows)}
    for number, row in enumerate(rows):
        data |= {f"members-{number}-id": row.pk, f"members-{number}-user": row.user_id}
        data |= {f"members-{number}-position": row.position, f"members-{number}-since": "01.01.2026"}
    data |= {f"members-{len(rows)}-user": user.pk, f"members-{len(rows)}-position": "member"}
    data |= {f"members-{len(rows)}-since": "01.03.2026", f"members-{len(rows)}-votes": "on"}
    shown = as_(administrator).get(url).content.decode()
    assert user.full_name in shown and candidate.full_name not in shown
    stranger = data | {f"members-{len(rows)}-user": candidate.pk}
    assert as_(administrator).post(url, stranger).status_code == 200
    assert not User.objects.get(pk=candidate.pk).has_role(Role.COMMISSION)
    assert as_(administrator).post(url, data).status_code == 302
    assert User.objects.get(pk=user.pk).has_role(Role.COMMISSION)


def test_voices_are_not_taken_after_the_end_of_the_voting(item: AgendaItem, commission: Body) -> None:
    close_voting(item, actor=None)
    post(people(commission, Position.CHAIR)[0], "vote", item.pk, status=403, choice="for")


def test_who_keeps_out_of_everybody_does_not_vote(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    item = voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True]))
    chair = people(commission, Position.CHAIR)[0]
    declare_conflict(item, item.list.lines.get(), chair, reason="родство")
    assert "Ваш голос" not in page(chair, "item", item.pk)
    post(chair, "vote", item.pk, status=403, choice="for")


def test_an_absentee_poll_is_opened_and_voted_in_pages(
    commission: Body, tomsk: Edition, motion: FakeMotion
) -> None:
    """O4.16: nobody is asked to be present; the open poll calls every voting member."""
    meeting = make_meeting(commission, tomsk, form=MeetingForm.ABSENTEE)
    item = make_item(meeting, make_list(tomsk, Decision.INCLUSION, proposals=[True]))
    secretary = people(commission, Position.SECRETARY)[0]
    shown = page(secretary, "meeting", meeting.pk)
    assert "Начать заочный опрос" in shown and 'name="present"' not in shown
    post(secretary, "open", meeting.pk)
    post(secretary, "open-voting", item.pk)
    post(people(commission, Position.MEMBER)[0], "vote", item.pk, choice="for")
    assert Vote.objects.count() == 1


def test_nobody_ticked_is_told(commission: Body, tomsk: Edition) -> None:
    meeting = make_meeting(commission, tomsk)
    client = as_(people(commission, Position.SECRETARY)[0])
    answer = client.post(reverse("commissions:open", args=[meeting.pk]), {}, follow=True)
    assert "Отметьте, кто присутствует." in answer.content.decode()
    assert Meeting.objects.get().state == MeetingState.PLANNED
