"""A decision is replayed as it was made, whatever is changed afterwards."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import strip_tags

from commissions.enums import Choice, Position
from commissions.materials import add_material
from commissions.meetings import (
    cast_vote,
    close_meeting,
    close_voting,
    declare_conflict,
    mark_attendance,
    open_voting,
)
from commissions.models import Body, BodyMember, DecisionLine, Meeting
from commissions.services import record_order
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.enums import Decision, Majority
from reserve_portal.regulations.models import BodyRule, Edition
from reserve_portal.simulation.people import sample_pdf

from .factories import (
    FakeMotion,
    all_vote,
    make_body,
    make_item,
    make_list,
    make_meeting,
    open_with,
    people,
    voting_item,
)

pytestmark = pytest.mark.django_db


def shown(user: User, line: DecisionLine, status: int = 200) -> str:
    """The words of the page's main part on one line; nothing where it is not there."""
    client = Client()
    client.force_login(user)
    answer = client.get(f"/commission/lines/{line.pk}/replay/")
    assert answer.status_code == status
    if status != 200:
        return ""
    main = re.search(r"<main.*?</main>", answer.content.decode(), re.DOTALL)
    assert main is not None
    return re.sub(r"\s+", " ", strip_tags(main[0].replace("<", " <")))


def decide(body: Body, row: object, secretary: User) -> tuple[DecisionLine, list[User]]:
    """A meeting with a late comer, an absent member, a recusal, a departure, an opinion; closed."""
    first = row.lines.first()
    recused, late, absent, voter = people(body, Position.MEMBER)[:4]
    item = make_item(make_meeting(body, row.edition), row)
    file = SimpleUploadedFile("справка.pdf", sample_pdf("Справка"))
    add_material(item, title="Справка о стаже", file=file, line=first, actor=None)
    declare_conflict(item, first, recused, reason="родство")
    open_with(item.meeting, late, absent)
    with clock.travel(clock.now() + timedelta(minutes=12)):
        there = item.meeting.members.exclude(user=absent).values_list("user_id", flat=True)
        mark_attendance(item.meeting, present=there, actor=None)
    open_voting(item, actor=None)
    for member in item.voters.all():
        own = {} if member.user == recused else {first.pk: Choice.AGAINST}
        words = "Нужен ещё год стажа." if member.user == voter else ""
        cast_vote(item, user=member.user, choice=Choice.FOR, differing=own, opinion=words)
    close_voting(item, actor=None)
    close_meeting(item.meeting, departures={first.pk: "стаж не подтверждён"}, actor=secretary)
    return first, [recused, late, absent, voter]


def test_a_replay_shows_the_old_state_after_everything_has_changed(
    orenburg: Edition, motion: FakeMotion
) -> None:
    bodies = [make_body(code, members=5) for code in ("expert_commission", "authorised_body")]
    row = make_list(orenburg, Decision.INCLUSION, proposals=[True, True])
    line, actors = decide(bodies[0], row, people(bodies[0], Position.SECRETARY)[0])
    row.refresh_from_db()
    second = voting_item(bodies[1], row)
    all_vote(second)
    close_meeting(second.meeting, actor=people(bodies[1], Position.SECRETARY)[0])
    ministry = make_body("ministry")
    row.refresh_from_db()
    official = UserFactory(roles=[Role.AUTHORITY])
    file = SimpleUploadedFile("приказ.pdf", sample_pdf("Приказ"))
    record_order(row, number="01-21/7", dated=clock.today(), file=file, actor=official)
    auditor = UserFactory(auditor=True)
    before = shown(auditor, line)
    recused, late, absent, voter = actors
    for words in (
        line.label,
        "больше 50 %",
        "большинство присутствующих",
        "Имели право голоса 5, участвовали 4: «за» 0, «против» 4",
        "стаж не подтверждён",
        f"{recused.full_name} заведующий отделом член комиссии да отвод заявлен: родство",
        f"{late.full_name} заведующий отделом член комиссии да, с",
        f"{absent.full_name} заведующий отделом член комиссии нет нет",
        f"{voter.full_name}: Нужен ещё год стажа.",
        "Справка о стаже",
        IssuedPaper.objects.filter(kind="protocol").last().sha256,
        "Приказ № 01-21/7",
        "71",
    ):
        assert words in before, words

    User.objects.exclude(pk=auditor.pk).update(last_name="Иной", first_name="Другой", post="пенсионер")
    BodyMember.objects.all().delete()
    Body.objects.update(name="Переименованный орган")
    BodyRule.objects.update(
        quorum_percent=Decimal(90),
        quorum_strict=False,
        majority=Majority.TWO_THIRDS,
        casting_vote=False,
        name="Новое имя",
        name_in="нового имени",
        clause="9.9",
    )
    Edition.objects.update(name="Новая редакция")
    orenburg.chain_links.all().delete()
    ministry.delete()
    assert shown(auditor, line) == before


def test_who_may_replay_a_decision(commission: Body, tomsk: Edition, motion: FakeMotion) -> None:
    """Operator, auditor, members of that meeting but the recused; for others it does not exist."""
    extra = [UserFactory(roles=[Role.COMMISSION]) for _ in range(2)]
    for user in extra:
        BodyMember.objects.create(body=commission, user=user, since=clock.today())
    row = make_list(tomsk, Decision.INCLUSION, proposals=[True, True])
    line = row.lines.first()
    assert not shown(UserFactory(auditor=True), line, 404)
    _, actors = decide(commission, row, people(commission, Position.SECRETARY)[0])
    recused, late, *_ = actors
    for user in (UserFactory(operator=True), UserFactory(auditor=True), late):
        shown(user, line)
    assert AuditEvent.objects.filter(action="commissions.replay", person=line.person).count() == 3
    for user in (recused, line.person, UserFactory(roles=[Role.COMMISSION]), UserFactory(administrator=True)):
        shown(user, line, 404)
    assert Meeting.objects.get().number


@pytest.mark.parametrize("count", [1, 3])
def test_a_replay_costs_the_same_whatever_the_length_of_the_list(
    commission: Body, tomsk: Edition, motion: FakeMotion, django_assert_num_queries, count: int
) -> None:
    row = make_list(tomsk, Decision.INCLUSION, proposals=[True] * count)
    item = voting_item(commission, row)
    all_vote(item)
    close_meeting(item.meeting, actor=people(commission, Position.SECRETARY)[0])
    auditor = Client()
    auditor.force_login(UserFactory(auditor=True))
    address = f"/commission/lines/{row.lines.first().pk}/replay/"
    auditor.get(address)
    with django_assert_num_queries(19):
        auditor.get(address)
