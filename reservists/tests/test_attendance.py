"""Attendance by a pasted list and by a table: matched by address or number, all or nothing (T7)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reserve_portal.core.spreadsheets import UnreadableTable
from reserve_portal.core.tables import write_xlsx
from reservists.models import Participation
from reservists.services import attendance
from reservists.services import events as service

from .factories import EventFactory, ParticipationFactory, ReservistFactory, make_procedure, make_track


@pytest.fixture
def event(db):
    return EventFactory(begun=True)


def numbered(edition, **kwargs):
    """A reservist who came through an application, with its number."""
    track = make_track(make_procedure(edition))
    return ReservistFactory(edition=edition, user=track.application.user, track=track, **kwargs)


def plan_of(event, text):
    return attendance.plan_attendance(event, attendance.lines_of(text))


def test_lines_are_read_as_people_write_them():
    """T7: an address anywhere in the line, a number with or without the sign, empty lines are no rows."""
    rows = attendance.lines_of(
        "1. Иванова Мария Петровна <Ivanova@Example.org>;\n\n"
        "Петров Пётр, № КР-2026-0012\n"
        "КР-2026-0013\tСидоров\n"
        "Кузнецов"
    )
    assert [(row["line"], row["email"], row["name"]) for row in rows] == [
        (1, "Ivanova@Example.org", "Иванова Мария Петровна"),
        (3, "", "Петров Пётр"),
        (4, "", "Сидоров"),
        (5, "", "Кузнецов"),
    ]
    assert (
        "КР-2026-0012" in rows[1]["number"] and "КР-2026-0013" in rows[2]["number"] and not rows[3]["number"]
    )


def test_people_are_known_by_address_or_number(tomsk, event, operator):
    """T7: with a name beside it or without, whether registered before or not; named twice is once."""
    first, second = numbered(tomsk), ReservistFactory(edition=tomsk)
    place = ParticipationFactory(event=event, reservist=second)
    number = first.track.application.registration.text
    plan = plan_of(event, f"{first.user.full_name}, {number}\n{second.user.email.upper()}\n{number}")
    assert plan.people == [first, place.reservist] and plan.repeated == 1 and not plan.errors
    assert attendance.confirm_list(event, attendance.lines_of(number), actor=operator) == 1
    again = plan_of(event, number)
    assert again.already == 1 and not again.is_open


def test_what_does_not_match_is_said_line_by_line(tomsk, event, operator):
    """T7: unknown address and number, a name alone, a stranger, another one's number; nothing is written."""
    member, stranger = numbered(tomsk), make_track(make_procedure(tomsk)).application.user
    number = member.track.application.registration.text
    text = "\n".join(
        [
            member.user.email,
            "nobody@example.org",
            "КР-1999-0001",
            "Иванов Иван",
            stranger.email,
            f"Чужой, {number}",
        ]
    )
    plan = plan_of(event, text)
    words = dict(plan.errors)
    assert list(words) == [2, 3, 4, 5, 6]
    assert "nobody@example.org" in words[2] and "КР-1999-0001" in words[3]
    assert "по одному имени" in words[4] and "не состоит в резерве" in words[5]
    assert "принадлежит другому" in words[6]
    with pytest.raises(ValueError, match="errors"):
        attendance.confirm_list(event, attendance.lines_of(text), actor=operator)
    assert not Participation.objects.exists()


def test_too_long_a_list_is_refused():
    with pytest.raises(UnreadableTable, match="больше"):
        attendance.lines_of("a@example.org\n" * (attendance.AT_MOST + 1))


def test_the_number_of_queries_does_not_grow(tomsk, event, django_assert_num_queries):
    """quality.md: a list of thirty costs the plan the queries of a list of three."""
    for count in (3, 30):
        text = "\n".join(ReservistFactory(edition=tomsk).user.email for _ in range(count))
        with django_assert_num_queries(4):
            assert len(plan_of(event, text).people) == count


def test_table_of_those_registered_comes_back(tomsk, operator, client):
    """T7: downloaded, the absent taken out, loaded: preview first, then all at once."""
    people = [numbered(tomsk) for _ in range(3)]
    event = EventFactory()
    for person in people:
        service.register_for_event(event, participant=person, actor=person.user)
    type(event).objects.filter(pk=event.pk).update(starts_at=EventFactory.build(begun=True).starts_at)
    client.force_login(operator)
    sheet = client.get(reverse("admin:reservists_event_attendance_table", args=[event.pk]))
    rows = attendance.read_attendance(sheet.content)
    assert {row["email"] for row in rows} == {person.user.email for person in people}
    came = [[row["name"], row["email"], row["number"]] for row in rows[:2]]
    data = write_xlsx("Участники", list(attendance.SAMPLE_HEADINGS), came)
    page = reverse("admin:reservists_event_attendance_list", args=[event.pk])
    answer = client.post(page, {"file": SimpleUploadedFile("list.xlsx", data)})
    assert "Узнаны: 2 человека" in answer.content.decode()
    assert not event.participations.filter(state="confirmed").exists()
    step = answer.context["step"]
    assert client.post(page, {"rows": step.packed, "shown": "0"}).status_code == 200  # another plan was shown
    assert not event.participations.filter(state="confirmed").exists()
    client.post(page, {"rows": step.packed, "shown": step.plan.digest})
    assert event.participations.filter(state="confirmed").count() == 2
    other = EventFactory(begun=True)
    foreign = reverse("admin:reservists_event_attendance_list", args=[other.pk])
    refused = client.post(foreign, {"rows": step.packed, "shown": step.plan.digest})
    assert "устарела" in refused.content.decode() and not other.participations.exists()


def test_form_wants_one_of_two_and_loses_nothing(event, operator, client):
    client.force_login(operator)
    page = reverse("admin:reservists_event_attendance_list", args=[event.pk])
    assert "одно из двух" in client.post(page, {"text": ""}).content.decode()
    bad = client.post(page, {"text": "Иванов Иван"}).content.decode()
    assert "Иванов Иван</textarea>" in bad and "Строка 1" in bad
    pdf = client.post(page, {"file": SimpleUploadedFile("list.xlsx", b"%PDF-1.7")}).content.decode()
    assert "это PDF" in pdf


def test_a_list_for_an_event_ahead_is_refused_in_words(tomsk, operator, client):
    """T7: what has not begun is not confirmed."""
    member, ahead = ReservistFactory(edition=tomsk), EventFactory()
    client.force_login(operator)
    page = reverse("admin:reservists_event_attendance_list", args=[ahead.pk])
    step = client.post(page, {"text": member.user.email}).context["step"]
    answer = client.post(page, {"rows": step.packed, "shown": step.plan.digest})
    assert "с начала" in answer.content.decode() and not ahead.participations.exists()
