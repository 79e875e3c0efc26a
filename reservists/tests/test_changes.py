"""Change of target group and level of readiness by decision (O4.16, O4.19)."""

import pytest

from commissions.enums import MeetingForm, Position
from commissions.meetings import close_meeting
from commissions.services import send_list
from commissions.tests.factories import all_vote, make_body, people, voting_item
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.notifications.models import Letter
from reservists.models import MentorAssignment, RegistryEdition
from reservists.services.changes import make_change_list
from reservists.services.mentors import make_assignment_list, mentor_of

from .development import make_mentor
from .factories import ReservistFactory, decide


@pytest.fixture
def reservist(orenburg):
    return ReservistFactory(edition=orenburg, target_group=orenburg.target_groups.first(), rank=3)


def other_group(edition):
    return edition.target_groups.last()


def propose(reservist, operator, *, group=None, zone="", ground="Перешла на работу в школу"):
    return make_change_list(reservist, target_group=group, zone=zone, ground=ground, actor=operator)


def test_another_group_takes_effect_with_history_and_letter(orenburg, reservist, operator):
    """O4.16: by the authorised body alone; the place in the former group falls away, points stay."""
    decision_list = propose(reservist, operator, group=other_group(orenburg))
    assert [link.body for link in orenburg.chain_links.filter(decision="change")] == ["authorised_body"]
    decide(decision_list, actor=operator)
    points = reservist.points
    reservist.refresh_from_db()
    assert reservist.target_group == other_group(orenburg)
    assert reservist.rank is None and reservist.points == points
    change = reservist.changes.get()
    assert [row[0] for row in change.rows] == ["Целевая группа", "Место"]
    assert change.ground == "Перешла на работу в школу" and change.basis.startswith("протокол")
    assert "Перешла на работу в школу" in Letter.objects.get(kind="reserve.changed").body
    assert not RegistryEdition.objects.exists()


def test_level_of_readiness_is_the_zone(orenburg, reservist, operator):
    """O4.16, O4.19: green means «первоочередной», yellow «управленческий запас»; red is no level."""
    decide(propose(reservist, operator, zone="yellow"), actor=operator)
    reservist.refresh_from_db()
    assert reservist.zone == "yellow" and reservist.changes.get().kind == "readiness"
    with pytest.raises(GateShut, match="зелёная или жёлтая"):
        propose(reservist, operator, zone="red")


def test_body_may_leave_everything_as_it_is(orenburg, reservist, operator):
    """O4.16: the body decides."""
    decision_list = propose(reservist, operator, zone="yellow")
    decide(decision_list, actor=operator, against={decision_list.lines.get().pk: "Оснований нет"})
    reservist.refresh_from_db()
    assert reservist.zone == "green" and not reservist.changes.exists()
    assert not Letter.objects.filter(kind="reserve.changed").exists()


def test_change_needs_a_ground_a_change_and_no_other_list(orenburg, reservist, operator):
    """O4.16: «с обоснованием причин»."""
    with pytest.raises(GateShut, match="Обоснуйте"):
        propose(reservist, operator, zone="yellow", ground=" ")
    with pytest.raises(GateShut, match="Выберите"):
        propose(reservist, operator, zone="green", group=reservist.target_group)
    propose(reservist, operator, zone="yellow")
    with pytest.raises(GateShut, match="уже составлен"):
        propose(reservist, operator, group=other_group(orenburg))


def test_group_held_already_is_refused(orenburg, reservist, operator):
    """O1.15: once in each group."""
    ReservistFactory(edition=orenburg, user=reservist.user, target_group=other_group(orenburg))
    with pytest.raises(GateShut, match="уже состоит"):
        propose(reservist, operator, group=other_group(orenburg))


def test_who_joined_the_group_meanwhile_is_left_alone(orenburg, reservist, operator):
    """The effect looks again: a decision cannot make a second membership of a group."""
    decision_list = propose(reservist, operator, group=other_group(orenburg))
    ReservistFactory(edition=orenburg, user=reservist.user, target_group=other_group(orenburg))
    with pytest.raises(GateShut, match="уже состоит"):
        decide(decision_list, actor=operator)


def test_no_body_decides_about_it_in_tomsk(tomsk, operator):
    """One group, no zones: there is nothing to change."""
    with pytest.raises(GateShut, match="не сказано"):
        propose(ReservistFactory(edition=tomsk), operator, zone="yellow")


def by_poll(decision_list, operator):
    """The authorised body decides by absentee poll: nobody meets, the person is not there."""
    send_list(decision_list, actor=operator)
    body = make_body("authorised_body")
    item = voting_item(body, decision_list, form=MeetingForm.ABSENTEE)
    all_vote(item)
    close_meeting(item.meeting, actor=people(body, Position.SECRETARY)[0])


def test_a_level_is_changed_by_absentee_poll_too(reservist, operator):
    """O4.16: in the person's absence and by poll, with the ground kept."""
    by_poll(propose(reservist, operator, zone="yellow", ground="Долгое отсутствие"), operator)
    reservist.refresh_from_db()
    change = reservist.changes.get()
    assert reservist.zone == "yellow" and change.ground == "Долгое отсутствие"
    assert "протокол" in change.basis


def test_a_mentor_is_changed_by_absentee_poll_and_with_a_ground_alone(reservist, operator):
    """O4.7, O4.16: the former assignment ends with the ground of the new one."""
    former, new = make_mentor(), make_mentor()
    old = MentorAssignment.objects.create(
        reservist=reservist, mentor=former, since=clock.today(), basis="протокол № 2"
    )
    with pytest.raises(GateShut, match="почему наставник меняется"):
        make_assignment_list([(reservist, new)], actor=operator)
    by_poll(make_assignment_list([(reservist, new)], ground="Переезд наставника", actor=operator), operator)
    old.refresh_from_db()
    assert mentor_of(reservist) == new and old.until and old.end_ground == "Переезд наставника"
