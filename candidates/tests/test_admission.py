"""The list for admission, the commission's decision, the letters after it (T2, O3.9-3.13)."""

from datetime import timedelta

import pytest

from candidates.enums import TrackState
from candidates.motions import AdmissionMotion
from candidates.services import intake
from candidates.services.admission import admission_lists
from candidates.tests.intake_data import (
    make_commission,
    make_municipality,
    make_person,
    make_registered,
    make_reviewed,
    make_submitted,
)
from candidates.workflow import APPLICATION, TRACK
from commissions import meetings
from commissions.enums import Choice
from commissions.models import Body
from commissions.motions import LineSpec, Motion
from commissions.services import create_list, send_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Organisation
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Deadline

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("april")]


def decide(decision_list, operator, members, *, at=None):
    """The commission meets and agrees with every proposal."""
    send_list(decision_list, actor=operator)
    starts_at = at or clock.now() + timedelta(days=3)
    body = Body.objects.get(code="commission")
    meeting = meetings.plan_meeting(
        body, edition=decision_list.edition, starts_at=starts_at, place="Томск", actor=operator
    )
    item = meetings.add_to_agenda(meeting, decision_list, speaker="Оператор", actor=operator)
    with clock.travel(starts_at):
        meetings.open_meeting(meeting, present=[member.pk for member in members], actor=members[1])
        meetings.open_voting(item, actor=members[1])
        for member in (members[0], *members[2:]):
            meetings.cast_vote(item, user=member, choice=Choice.FOR)
        meetings.close_voting(item, actor=members[1])
        meetings.close_meeting(meeting, actor=members[1])
    decision_list.refresh_from_db()


def test_list_holds_the_reviewed_with_proposal_ground_and_details(campaign, operator):
    good = make_reviewed(campaign, operator)
    bad = make_reviewed(campaign, operator, admit=False)
    lines = {line.person: line for line in intake.make_admission_list(campaign, actor=operator).lines.all()}
    assert lines[good.user].proposal
    assert not lines[bad.user].proposal
    assert (
        lines[bad.user].proposal_reason
        == "Не выполнены требования к кандидатам (п. 2 алгоритма раздела 4). Нет переподготовки"
    )
    details = lines[good.user].details
    assert details["number"] == good.registration.text
    assert details["post"] == "заместитель директора, Школа № 1"
    assert "Математика, 2005" in details["education"]
    assert details["experience"].startswith("15 лет")


def test_left_out_are_named_with_their_reason(campaign, operator):
    make_reviewed(campaign, operator)
    late, waiting = make_submitted(campaign), make_registered(campaign, operator)
    texts = " ".join(blocker.text for blocker in intake.left_out(campaign))
    assert f"{late.user.full_name} — подано" in texts
    assert f"{waiting.user.full_name} — зарегистрировано" in texts
    assert intake.make_admission_list(campaign, actor=operator).lines.count() == 1


def test_empty_list_is_not_made(campaign, operator):
    make_registered(campaign, operator)
    with pytest.raises(GateShut, match="Нет проверенных"):
        intake.make_admission_list(campaign, actor=operator)


def test_draft_is_replaced_and_a_sent_list_is_not_repeated(campaign, operator):
    make_reviewed(campaign, operator)
    intake.make_admission_list(campaign, actor=operator)
    make_reviewed(campaign, operator)
    second = intake.make_admission_list(campaign, actor=operator)
    assert admission_lists(campaign).get() == second
    assert second.lines.count() == 2
    send_list(second, actor=operator)
    make_reviewed(campaign, operator)
    assert intake.make_admission_list(campaign, actor=operator).lines.count() == 1


def test_list_with_a_reopened_review_is_not_sent(campaign, operator):
    application = make_reviewed(campaign, operator)
    draft = intake.make_admission_list(campaign, actor=operator)
    intake.reopen_review(application, actor=operator, reason="Новые сведения")
    with pytest.raises(GateShut, match="Составьте список заново"):
        send_list(draft, actor=operator)


def test_review_is_not_reopened_once_the_list_was_sent(campaign, operator):
    application = make_reviewed(campaign, operator)
    send_list(intake.make_admission_list(campaign, actor=operator), actor=operator)
    with pytest.raises(GateShut, match="уже передан"):
        intake.reopen_review(application, actor=operator, reason="Новые сведения")


def test_decision_moves_tracks_writes_letters_and_keeps_the_limit(campaign, operator):
    """O3.13: letters to all; the limit begins with the decision and is kept when all letters are stored."""
    members = make_commission()
    good, bad = make_reviewed(campaign, operator), make_reviewed(campaign, operator, admit=False)
    decision_list = intake.make_admission_list(campaign, actor=operator)
    decide(decision_list, operator, members)
    assert good.tracks.get().state == TrackState.ADMITTED
    assert bad.tracks.get().state == TrackState.NOT_ADMITTED
    assert Letter.objects.get(kind="candidates.admitted").to == good.user
    assert "Нет переподготовки" in Letter.objects.get(kind="candidates.not_admitted").body
    limit = Deadline.objects.about(decision_list).get(limit__starts="admission.decided")
    assert limit.closed_on == limit.opened_on


def test_who_withdrew_on_the_way_stays_withdrawn(campaign, operator):
    members = make_commission()
    application = make_reviewed(campaign, operator)
    make_reviewed(campaign, operator)
    decision_list = intake.make_admission_list(campaign, actor=operator)
    send_list_later = decision_list
    APPLICATION.apply(application, "withdraw", actor=application.user)
    TRACK.apply(application.tracks.get(), "withdraw", actor=application.user)
    with pytest.raises(GateShut):
        decide(send_list_later, operator, members)
    decision_list = intake.make_admission_list(campaign, actor=operator)
    assert decision_list.lines.count() == 1


def test_withdrawal_after_the_sending_does_not_stop_the_commission(campaign, operator):
    members = make_commission()
    application, other = make_reviewed(campaign, operator), make_reviewed(campaign, operator)
    decision_list = intake.make_admission_list(campaign, actor=operator)
    send_list(decision_list, actor=operator)
    track = application.tracks.get()
    TRACK.apply(track, "withdraw", actor=application.user)
    motion = AdmissionMotion()
    for line in decision_list.lines.all():
        line.outcome = True
        motion.effect(line, actor=members[0])
    track.refresh_from_db()
    assert track.state == TrackState.WITHDRAWN
    assert other.tracks.get().state == TrackState.ADMITTED


def test_conflicts_are_computed_from_facts(campaign, operator):
    """Own application, the same place of work, nominated by the own municipality."""
    town = make_municipality("Город Северск")
    application = make_reviewed(campaign, operator, municipality=town)
    application.nominations = ["municipality"]
    application.save(update_fields=["nominations"])
    line = intake.make_admission_list(campaign, actor=operator).lines.get()
    motion = AdmissionMotion()
    school = Organisation.objects.create(name="школа № 1", municipality=town)
    assert motion.conflicts(line, application.user) == ["собственное дело"]
    assert motion.conflicts(line, make_person(Role.COMMISSION, organisation=school)) == ["одно место работы"]
    official = make_person(Role.COMMISSION, Role.MUNICIPAL, municipality=town)
    assert motion.conflicts(line, official) == [
        "выдвинут своим муниципальным образованием",
        "одно муниципальное образование",
    ]
    neighbour = make_person(Role.COMMISSION, municipality=town)
    assert motion.conflicts(line, neighbour) == ["одно муниципальное образование"]


def test_the_facts_of_an_application_keep_out_whatever_is_decided(campaign, operator):
    """The same school or municipality and a nomination count before every body, not at the admission alone."""
    town = make_municipality("Город Северск")
    application = make_reviewed(campaign, operator, municipality=town)
    spec = LineSpec(application.user, application.user, proposal=True)
    row = create_list(
        Decision.EXCLUSION,
        edition=campaign.edition,
        title="Список",
        subject=campaign,
        lines=[spec],
        actor=operator,
    )
    line, motion = row.lines.get(), Motion()
    school = Organisation.objects.create(name="Школа № 1", municipality=town)
    assert motion.conflicts(line, make_person(Role.COMMISSION, organisation=school)) == ["одно место работы"]
    neighbour = make_person(Role.COMMISSION, municipality=town)
    assert motion.conflicts(line, neighbour) == ["одно муниципальное образование"]
    assert motion.conflicts(line, application.user) == ["собственное дело"]
    assert motion.conflicts(line, make_person(Role.COMMISSION)) == []
