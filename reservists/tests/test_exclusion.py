"""Exclusion by the decision of a body, and what it closes (O6.1-6.4)."""

from datetime import date, timedelta

import pytest

from candidates.eligibility import eligibility_blockers
from candidates.enums import ApplicationState
from candidates.models import Application
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.timeline import timeline_of
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Ground
from reservists.enums import ParticipationState, ReservistState
from reservists.models import RegistryEdition
from reservists.services.exclusion import make_exclusion_list

from .factories import ParticipationFactory, ReservistFactory, decide, make_procedure


@pytest.fixture
def ground(orenburg):
    return Ground.objects.get(edition=orenburg, kind="exclusion", code="own_wish")


def test_exclusion_takes_role_place_and_row(orenburg, operator, ground):
    """O6.1-6.3: after the last body the person is out, with ground, basis, letter, and a new registry edition."""
    reservist = ReservistFactory(edition=orenburg)
    staying = ReservistFactory(edition=orenburg)
    seat = ParticipationFactory(reservist=reservist)
    decision_list = make_exclusion_list(
        reservist, ground=ground, words="Заявление от 01.03.2026", actor=operator
    )
    assert (
        decision_list.lines.get().proposal_reason
        == "Личное заявление (п. 6.2 Порядка). Заявление от 01.03.2026"
    )
    decide(decision_list, actor=operator)
    reservist.refresh_from_db()
    seat.refresh_from_db()
    assert reservist.state == ReservistState.EXCLUDED and reservist.end_ground == ground
    assert reservist.ended_on == clock.today() and "приказ № 12" in reservist.end_basis
    assert not User.objects.get(pk=reservist.user_id).has_role(Role.RESERVIST)
    assert seat.state == ParticipationState.REFUSED
    assert [row.reservist for row in RegistryEdition.objects.get().lines.all()] == [staying]
    assert "Личное заявление" in Letter.objects.get(kind="reserve.excluded").body
    assert timeline_of([reservist]).last().reason.startswith("Личное заявление")


def test_body_may_keep_the_person(orenburg, operator, ground):
    """O6.1: the body decides; who is kept stays as he or she was."""
    reservist = ReservistFactory(edition=orenburg)
    decision_list = make_exclusion_list(reservist, ground=ground, words="", actor=operator)
    line = decision_list.lines.get()
    decide(decision_list, actor=operator, against={line.pk: "Заявление отозвано"})
    reservist.refresh_from_db()
    assert reservist.state == ReservistState.ACTIVE and not RegistryEdition.objects.exists()
    assert not Letter.objects.filter(kind="reserve.excluded").exists()


def test_role_stays_while_another_membership_is_left(orenburg, operator, ground):
    """O1.15: a person may be in both groups; leaving one keeps the other."""
    groups = list(orenburg.target_groups.all())
    reservist = ReservistFactory(edition=orenburg, target_group=groups[0])
    ReservistFactory(edition=orenburg, target_group=groups[1], user=reservist.user)
    decide(make_exclusion_list(reservist, ground=ground, words="", actor=operator), actor=operator)
    assert User.objects.get(pk=reservist.user_id).has_role(Role.RESERVIST)


def test_exclusion_list_is_refused_twice_and_with_a_foreign_ground(tomsk, orenburg, operator, ground):
    """O6.2: one open list for a person, a ground of the own edition's list of exclusions."""
    reservist = ReservistFactory(edition=orenburg)
    foreign = Ground.objects.filter(edition=tomsk, kind="exclusion").first()
    with pytest.raises(GateShut, match="основание"):
        make_exclusion_list(reservist, ground=foreign, words="", actor=operator)
    decision_list = make_exclusion_list(reservist, ground=ground, words="", actor=operator)
    with pytest.raises(GateShut, match="уже составлен"):
        make_exclusion_list(reservist, ground=ground, words="", actor=operator)
    decide(decision_list, actor=operator)
    with pytest.raises(GateShut, match="уже исключён"):
        make_exclusion_list(reservist, ground=ground, words="", actor=operator)


def test_member_may_not_apply_for_what_he_or_she_holds(orenburg):
    """O1.15: a member of one group may apply for the other, not for the same."""
    groups = list(orenburg.target_groups.all())
    reservist = ReservistFactory(edition=orenburg, target_group=groups[0])
    today = clock.today()
    assert eligibility_blockers(reservist.user, orenburg, today) == []
    draft = Application.objects.create(
        campaign=make_procedure(orenburg).campaign, user=reservist.user, state=ApplicationState.DRAFT
    )
    draft.wanted_groups.set([groups[0]])
    assert "уже состоите" in eligibility_blockers(reservist.user, orenburg, today)[0].text
    draft.wanted_groups.set(groups)
    assert eligibility_blockers(reservist.user, orenburg, today) == []


def test_member_of_the_only_group_may_not_apply(tomsk):
    """T4: where there is one group, a member has nothing to apply for; an excluded person has (no waiting in Tomsk)."""
    member = ReservistFactory(edition=tomsk)
    former = ReservistFactory(edition=tomsk, state=ReservistState.EXCLUDED, ended_on=clock.today())
    assert eligibility_blockers(member.user, tomsk, clock.today())
    assert eligibility_blockers(former.user, tomsk, clock.today()) == []


@pytest.mark.parametrize("offset,blocked", [(-1, True), (0, False), (1, False)])
def test_return_after_a_year(orenburg, offset, blocked):
    """O6.4: not before one year after the exclusion; on the day itself it is possible."""
    former = ReservistFactory(edition=orenburg, state=ReservistState.EXCLUDED, ended_on=date(2025, 6, 1))
    on = date(2026, 6, 1) + timedelta(days=offset)
    assert bool(eligibility_blockers(former.user, orenburg, on)) is blocked
