"""Signing, materials, polls, corrections and extracts as people do them on the pages."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from commissions.enums import MeetingForm, Position
from commissions.meetings import close_meeting, declare_conflict
from commissions.models import AgendaItem, Body, DecisionList, Material, Meeting
from commissions.signing import is_signed, protocol_of
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.core.dashboard import cards_for
from reserve_portal.core.tests.answers import content_of
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper, PaperSignature
from reserve_portal.papers.tests.gost import make_signer, sign_detached
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition
from reserve_portal.simulation.people import sample_pdf

from .factories import FakeMotion, all_vote, make_item, make_list, make_meeting, people, voting_item
from .test_protocol import text_of_paper

pytestmark = pytest.mark.django_db
CARD = "Протоколы ждут вашей подписи"
Browser = Callable[[User], Client]


@pytest.fixture
def item(commission: Body, tomsk: Edition, motion: FakeMotion) -> AgendaItem:
    """An item of a closed meeting."""
    item = voting_item(commission, make_list(tomsk, Decision.INCLUSION, proposals=[True, False]))
    all_vote(item)
    close_meeting(item.meeting, actor=people(commission, Position.SECRETARY)[0])
    return item


def pdf(name: str = "a.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, sample_pdf("Материал"))


def upload(browser: Client, meeting: Meeting, whose: Any, data: bytes) -> str:
    """Upload a file on the page of signatures; returns what the page says then."""
    address = reverse("commissions:sign", args=[meeting.pk])
    file = SimpleUploadedFile("p.sig", data)
    answer = browser.post(address, {"whose": whose, "file": file}, follow=True)
    return re.sub(r"\s+", " ", answer.content.decode())


def signature_of(member: Any, meeting: Meeting, *, number: int) -> bytes:
    paper = protocol_of(meeting)
    assert paper is not None
    last, given = member.name.split(maxsplit=1)
    with paper.file.open("rb") as file:
        return sign_detached(file.read(), make_signer(last, given, number=number), at=clock.now())


def test_a_protocol_is_signed_by_chair_and_secretary_each_by_the_own_certificate(
    item: AgendaItem, commission: Body, client_of: Browser
) -> None:
    meeting = Meeting.objects.get()
    chair, secretary = (
        meeting.members.get(position=position) for position in (Position.CHAIR, Position.SECRETARY)
    )
    assert CARD in {card.title for card in cards_for(chair.user)}
    by_chair, by_secretary = client_of(chair.user), client_of(secretary.user)
    foreign = signature_of(secretary, meeting, number=8)
    assert "Сертификат выдан не подписавшему" in upload(by_chair, meeting, chair.pk, foreign)
    assert not is_signed(meeting, list(PaperSignature.objects.all()))
    shown = upload(by_chair, meeting, chair.pk, signature_of(chair, meeting, number=7))
    assert "Документ не изменён после подписания" in shown and "Доверие к сертификату не проверено" in shown
    assert CARD not in {card.title for card in cards_for(chair.user)}
    assert "ждёт подписей" in by_chair.get(reverse("commissions:meeting", args=[meeting.pk])).content.decode()
    upload(by_secretary, meeting, secretary.pk, foreign)
    page = by_chair.get(reverse("commissions:meeting", args=[meeting.pk])).content.decode()
    assert "протокол подписан" in page
    row = PaperSignature.objects.last()
    assert content_of(by_chair.get(reverse("papers:signature", args=[row.pk]))) == foreign


def test_bad_files_are_answered_in_sentences_and_a_scan_signs_too(
    item: AgendaItem, commission: Body, client_of: Browser
) -> None:
    meeting, operator = Meeting.objects.get(), client_of(UserFactory(operator=True))
    chair = meeting.members.get(position=Position.CHAIR)
    assert "Файл не читается" in upload(operator, meeting, chair.pk, b"junk")
    assert "Файл подписи больше 1 МБ." in upload(operator, meeting, chair.pk, b"0" * (1024 * 1024 + 1))
    assert "Это не PDF" in upload(operator, meeting, "scan", b"junk")
    assert not is_signed(meeting, list(PaperSignature.objects.all()))
    upload(operator, meeting, "scan", sample_pdf("Скан"))
    assert is_signed(meeting, list(PaperSignature.objects.all()))


def test_members_who_did_not_preside_sign_nothing_but_their_own_poll(
    item: AgendaItem, commission: Body, tomsk: Edition, client_of: Browser
) -> None:
    """domain/documents.md: of an absentee poll the members sign too."""
    member = people(commission, Position.MEMBER)[0]
    meeting = Meeting.objects.get()
    assert client_of(member).get(reverse("commissions:sign", args=[meeting.pk])).status_code == 403
    row = make_list(tomsk, Decision.INCLUSION, proposals=[True])
    poll = voting_item(commission, row, form=MeetingForm.ABSENTEE)
    all_vote(poll)
    close_meeting(poll.meeting, actor=people(commission, Position.SECRETARY)[0])
    page = client_of(member).get(reverse("commissions:sign", args=[poll.meeting_id])).content.decode()
    assert page.count('name="whose"') == 1 and "Скан подписанного" not in page


def test_materials_are_added_read_and_removed_on_pages(
    commission: Body, tomsk: Edition, motion: FakeMotion, client_of: Browser
) -> None:
    item = make_item(
        make_meeting(commission, tomsk), make_list(tomsk, Decision.INCLUSION, proposals=[True, True])
    )
    line = item.list.lines.first()
    secretary = client_of(people(commission, Position.SECRETARY)[0])
    add = reverse("commissions:add-material", args=[item.pk])
    assert (
        "Это не PDF"
        in secretary.post(add, {"title": "Т", "file": SimpleUploadedFile("a.pdf", b"x")}).content.decode()
    )
    secretary.post(add, {"title": "Общая справка", "file": pdf()})
    secretary.post(add, {"title": "Отзыв", "line": line.pk, "file": pdf()})
    common, own = Material.objects.all()
    member = people(commission, Position.MEMBER)[0]
    declare_conflict(item, line, member, reason="родство")
    page = client_of(member).get(reverse("commissions:item", args=[item.pk])).content.decode()
    assert "Общая справка" in page and "Отзыв" not in page
    reader = client_of(member)
    assert content_of(reader.get(reverse("commissions:material", args=[common.pk]))) == sample_pdf("Материал")
    assert reader.get(reverse("commissions:material", args=[own.pk])).status_code == 404
    assert client_of(member).post(reverse("commissions:remove-material", args=[common.pk])).status_code == 403
    secretary.post(reverse("commissions:remove-material", args=[common.pk]))
    assert list(Material.objects.all()) == [own]


def test_a_poll_is_planned_extended_and_its_silent_reminded_on_pages(
    commission: Body, tomsk: Edition, motion: FakeMotion, client_of: Browser
) -> None:
    operator = client_of(UserFactory(operator=True))
    plan = reverse("admin:commissions_meeting_plan")
    data = {"body": commission.pk, "edition": tomsk.pk, "form": "absentee", "place": "на портале"}
    data["starts_at"] = f"{clock.local(clock.now()) + timedelta(hours=1):%Y-%m-%dT%H:%M}"
    assert "до какого времени" in operator.post(plan, data).content.decode()
    data["ends_at"] = f"{clock.local(clock.now()) + timedelta(days=1):%Y-%m-%dT%H:%M}"
    assert operator.post(plan, data).status_code == 302
    meeting = Meeting.objects.get()
    secretary = client_of(people(commission, Position.SECRETARY)[0])
    extend = reverse("commissions:extend", args=[meeting.pk])
    assert secretary.get(extend).status_code == 200 and operator.get(extend).status_code == 403
    later = clock.local(clock.now()) + timedelta(days=3)
    secretary.post(extend, {"ends_at": f"{later:%Y-%m-%dT%H:%M}", "reason": "нет кворума"})
    meeting.refresh_from_db()
    assert clock.local(meeting.ends_at).date() == later.date()
    item = make_item(meeting, make_list(tomsk, Decision.INCLUSION, proposals=[True]))
    secretary.post(reverse("commissions:open", args=[meeting.pk]))
    secretary.post(reverse("commissions:open-voting", args=[item.pk]))
    secretary.post(reverse("commissions:remind", args=[item.pk]))
    assert Letter.objects.filter(kind="meeting.vote_reminder").count() == 4
    member = client_of(people(commission, Position.MEMBER)[0])
    assert member.post(reverse("commissions:remind", args=[item.pk])).status_code == 403


def test_the_operator_drafts_a_correction_and_the_item_names_what_it_corrects(
    item: AgendaItem, commission: Body, client_of: Browser
) -> None:
    operator = client_of(UserFactory(operator=True))
    line = item.list.lines.last()
    address = reverse("commissions:correct", args=[item.pk])
    assert operator.get(address).status_code == 200
    secretary = people(commission, Position.SECRETARY)[0]
    assert client_of(secretary).get(address).status_code == 403
    operator.post(address, {"line": line.pk, "becomes": "включить", "reason": "опечатка"})
    row = DecisionList.objects.get(corrects=item)
    assert operator.get(reverse("admin:commissions_decisionlist_change", args=[row.pk])).status_code == 200
    operator.post(reverse("admin:commissions_decisionlist_send", args=[row.pk]))
    row.refresh_from_db()
    later = make_item(make_meeting(commission, row.edition), row)
    shown = client_of(secretary).get(reverse("commissions:item", args=[later.pk])).content.decode()
    assert f"протокола № {item.meeting.number}" in shown and "Следует читать" in shown
    old = client_of(secretary).get(reverse("commissions:item", args=[item.pk])).content.decode()
    assert "Есть исправление" in old


def test_an_extract_is_asked_for_on_the_item_and_names_nobody_else(
    item: AgendaItem, commission: Body, client_of: Browser
) -> None:
    first, last = item.list.lines.all()
    result = item.results.get(line=first)
    address = reverse("commissions:extract", args=[result.pk])
    secretary = client_of(people(commission, Position.SECRETARY)[0])
    assert secretary.post(address).status_code == 302
    assert client_of(people(commission, Position.MEMBER)[0]).post(address).status_code == 404
    paper = IssuedPaper.objects.get(kind="extract")
    assert content_of(client_of(first.person).get(reverse("papers:download", args=[paper.pk])))[:4] == b"%PDF"
    text = text_of_paper(paper)
    for words in ("ВЫПИСКА ИЗ ПРОТОКОЛА", item.meeting.number, first.label, "«за» 4", "Верно", "Подлинник"):
        assert words in text, words
    assert last.label.split()[0] not in text and "КР-2026-0002" not in text
