from datetime import date

import pytest

from candidates.models import Application
from candidates.perms import can_read_package
from candidates.workflow import TRACK
from commissions.enums import MeetingState
from commissions.models import AgendaItem, Body, BodyMember, DecisionList, Meeting, MeetingMember, Recusal
from commissions.motions import LineSpec
from commissions.services import create_list
from commissions.workflow import LIST
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.tests.calendars import load_calendar_quickly

from .applying import INSIDE, campaign, complete_draft, person, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def inside_the_window(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    load_calendar_quickly()
    with clock.travel(INSIDE):
        yield


def listed(preset="tomsk", link=1):
    """A submitted application on an admission list that stands at a link of the chain."""
    application = submitted(of=campaign(preset))
    track = application.tracks.get()
    rows = create_list(
        "admission",
        edition=application.campaign.edition,
        title="Список",
        subject=application.campaign,
        lines=[LineSpec(subject=track, person=application.user, proposal=True)],
        actor=None,
    )
    LIST.apply(rows, "send", actor=None)
    DecisionList.objects.filter(pk=rows.pk).update(link_order=link)
    return application, DecisionList.objects.get(pk=rows.pk)


def seat(code, user):
    body, _ = Body.objects.get_or_create(code=code, defaults={"name": code})
    BodyMember.objects.create(body=body, user=user, since=date(2025, 1, 1))
    return body


@pytest.mark.parametrize("role", list(Role.values))
def test_only_the_operator_reads_a_package_by_role_alone(role):
    """process.md 12: packages of others."""
    application = submitted()
    assert can_read_package(person("r@demo.example", (role,)), application) is (role == Role.OPERATOR)
    assert can_read_package(application.user, application)


def test_nobody_reads_a_draft_but_its_candidate():
    """process.md 12."""
    application = complete_draft()
    assert not can_read_package(person("op@demo.example", ("operator",)), application)


def test_members_read_while_the_list_stands_at_their_body():
    """O3.9-3.12: the expert commission first, then the authorised body; each until it has decided."""
    application, rows = listed("orenburg")
    first, second = person("a@demo.example", ("commission",)), person("b@demo.example", ("commission",))
    seat("expert_commission", first)
    seat("authorised_body", second)
    assert (can_read_package(first, application), can_read_package(second, application)) == (True, False)
    DecisionList.objects.filter(pk=rows.pk).update(link_order=2)
    assert (can_read_package(first, application), can_read_package(second, application)) == (False, True)
    DecisionList.objects.filter(pk=rows.pk).update(state="decided")
    assert not can_read_package(second, application)


def test_a_member_whose_term_is_over_reads_nothing():
    application, _ = listed()
    member = person("a@demo.example", ("commission",))
    seat("commission", member)
    BodyMember.objects.update(until=date(2026, 3, 19))
    assert not can_read_package(member, application)


def test_whoever_is_called_reads_until_the_meeting_is_closed_and_the_recused_never():
    """process.md 12: on the agenda of the own body, until it has decided; a conflict keeps out."""
    application, rows = listed()
    called, stranger = person("a@demo.example", ("commission",)), person("b@demo.example", ("commission",))
    body, _ = Body.objects.get_or_create(code="commission", defaults={"name": "Комиссия"})
    meeting = Meeting.objects.create(body=body, edition=rows.edition, starts_at=INSIDE, place="зал")
    member = MeetingMember.objects.create(meeting=meeting, user=called, name="А", position="member")
    item = AgendaItem.objects.create(
        meeting=meeting, order=1, list=rows, link_order=1, title="О допуске", speaker="Оператор"
    )
    assert can_read_package(called, application) and not can_read_package(stranger, application)
    Meeting.objects.update(state=MeetingState.CLOSED)
    assert not can_read_package(called, application)
    Meeting.objects.update(state=MeetingState.OPEN)
    Recusal.objects.create(
        item=item, line=rows.lines.get(), member=member, source="declared", reason="работаем вместе"
    )
    assert not can_read_package(called, application)


def test_the_authority_reads_while_a_list_waits_for_its_order():
    """O1.17, O3.23: the ministry's order on the registry."""
    application, rows = listed("orenburg")
    official = person("m@demo.example", ("authority",))
    assert not can_read_package(official, application)
    DecisionList.objects.filter(pk=rows.pk).update(decision="inclusion", link_order=3)
    assert can_read_package(official, application)
    assert not can_read_package(person("c@demo.example", ("commission",)), application)


def test_a_withdrawn_application_stays_with_person_and_operator():
    application = submitted()
    TRACK.apply(application.tracks.get(), "withdraw", actor=application.user)
    Application.objects.update(state="withdrawn")
    application.refresh_from_db()
    assert can_read_package(application.user, application)
    assert can_read_package(person("op@demo.example", ("operator",)), application)


def test_who_keeps_out_of_a_person_in_one_group_reads_nothing_through_the_other():
    """O1.14-1.15: two tracks, one package; a recusal from either line keeps out of it."""
    application, rows = listed("orenburg")
    member = person("a@demo.example", ("commission",))
    body = seat("expert_commission", member)
    assert can_read_package(member, application)
    other = create_list(
        "admission",
        edition=rows.edition,
        title="Второй список",
        subject=application.campaign,
        lines=[LineSpec(subject=application.tracks.get(), person=application.user, proposal=True)],
        actor=None,
    )
    meeting = Meeting.objects.create(body=body, edition=rows.edition, starts_at=INSIDE, place="зал")
    seat_there = MeetingMember.objects.create(meeting=meeting, user=member, name="А", position="member")
    item = AgendaItem.objects.create(
        meeting=meeting, order=1, list=other, link_order=1, title="О допуске", speaker="Оператор"
    )
    Recusal.objects.create(
        item=item, line=other.lines.get(), member=seat_there, source="declared", reason="родство"
    )
    assert not can_read_package(member, application)
