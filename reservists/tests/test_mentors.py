"""The pool of mentors, a mentor for each reservist, conflicts (O4.7, O4.16)."""

from datetime import date

import pytest
from django.urls import reverse

from commissions.meetings import add_to_agenda, plan_meeting
from commissions.models import BodyMember, DecisionLine, DecisionList
from commissions.services import send_list
from commissions.tests.factories import make_body
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Ground
from reservists.development_rules import SLACK, Guide, Guided, share_out
from reservists.models import Mentor, MentorAssignment
from reservists.services import mentors
from reservists.services.exclusion import make_exclusion_list

from .development import guided, make_mentor
from .factories import ReservistFactory, decide


def test_the_fewest_come_first_and_nobody_guides_himself():
    """O4.7: loads are balanced, equal ones in their order; a mentor who is a reservist gets another one."""

    def shares(people, *guides):
        found = share_out(
            [Guided(key, person) for key, person in people], [Guide(*guide) for guide in guides]
        )
        return {key: guide.person for key, (guide, _) in found.items()}

    assert shares([(1, 10), (2, 11), (3, 12)], (20, 1), (21, 0)) == {1: 21, 2: 20, 3: 21}
    assert shares([(1, 20)], (20, 0), (21, 5)) == {1: 21}
    assert shares([(1, 20)], (20, 0)) == {}
    assert shares([(1, 10)]) == {}
    assert shares([(1, 10), (2, 11)], (20, 3, 3), (21, 7, 8)) == {1: 21}


def test_area_then_municipality_decide_while_loads_stay_near_each_other():
    """O4.7: who knows the same area comes before who works near; neither is proposed once much more loaded."""
    near, knowing, plain = Guide(20, 0, None, 7), Guide(21, 0, None, None, "g"), Guide(22, 0)
    found = share_out([Guided(key, 100 + key, 7, "g") for key in range(9)], [near, knowing, plain])
    people = [guide.person for guide, _ in found.values()]
    assert people[:3] == [21, 21, 21]
    assert found[0][1] == ["то же направление", "сейчас резервистов: 0"]
    assert max(near.load, knowing.load, plain.load) - min(near.load, knowing.load, plain.load) <= SLACK + 1
    assert share_out([Guided(1, 10)], [Guide(20, 1, None, 7), Guide(21, 0)])[1][0].person == 21


def test_the_pool_is_decided_by_the_body_and_agreed_by_the_ministry(orenburg, operator):
    """O4.7: protocol of the authorised body, then the ministry's order; only then mentor, role and letters come."""
    expert = UserFactory(roles=[Role.EXPERT])
    new = mentors.expert_of(
        "New@example.org", actor=operator, last_name="Нов", first_name="Ян", patronymic="", post="директор"
    )
    assert mentors.expert_of("new@example.org", actor=operator) == new and new.has_role(Role.EXPERT)
    pool = mentors.make_pool_list([expert, new], actor=operator)
    links = [(link.body, link.form) for link in orenburg.chain_links.filter(decision="mentor_pool")]
    assert links == [("authorised_body", "meeting"), ("ministry", "order")]
    assert not Mentor.objects.exists()
    refused = pool.lines.get(person=new)
    decide(pool, actor=operator, against={refused.pk: "нет согласия"})
    mentor = Mentor.objects.get()
    assert mentor.user == expert and "приказ № 12" in mentor.basis
    assert User.objects.get(pk=expert.pk).has_role(Role.MENTOR)
    assert not User.objects.get(pk=new.pk).has_role(Role.MENTOR)
    assert Letter.objects.get(kind="mentor.pooled").to == expert


def test_nobody_enters_the_pool_twice(orenburg, operator):
    """O4.7: neither a member nor somebody whose list waits; where the edition knows no mentors there is no pool."""
    member, expert = make_mentor(), UserFactory(roles=[Role.EXPERT])
    with pytest.raises(GateShut, match="уже в составе"):
        mentors.make_pool_list([member.user], actor=operator)
    mentors.make_pool_list([expert], actor=operator)
    with pytest.raises(GateShut, match="ждёт решения"):
        mentors.make_pool_list([expert], actor=operator)
    with pytest.raises(GateShut, match="хотя бы одного"):
        mentors.make_pool_list([], actor=operator)


def test_an_edition_without_mentors_has_no_pool(tomsk, operator):
    """Tomsk's text knows no mentors: no list, nobody waits for one."""
    ReservistFactory(edition=tomsk)
    assert not mentors.without_mentor().exists() and mentors.propose_mentors() == []
    with pytest.raises(GateShut, match="не знает наставников"):
        mentors.make_pool_list([UserFactory(roles=[Role.EXPERT])], actor=operator)


def test_a_removed_mentor_frees_the_reservists_and_may_come_back(orenburg, operator):
    """O4.7: removal needs a reason, takes the role and ends the assignments; a new decision restores the same row."""
    mentor = make_mentor()
    reservist = guided(orenburg, mentor)
    with pytest.raises(TransitionRefused, match="причину"):
        mentors.remove_mentor(mentor, reason=" ", actor=operator)
    mentors.remove_mentor(mentor, reason="переехал", actor=operator)
    assert not User.objects.get(pk=mentor.user_id).has_role(Role.MENTOR)
    ended = MentorAssignment.objects.get()
    assert ended.until == clock.today() and "переехал" in ended.end_ground
    assert Letter.objects.get(kind="mentor.removed").to == reservist.user
    assert mentors.without_mentor().get() == reservist
    decide(mentors.make_pool_list([mentor.user], actor=operator), actor=operator)
    mentor.refresh_from_db()
    assert mentor.state == "active" and mentor.removed_on is None and not mentor.removal_reason
    assert User.objects.get(pk=mentor.user_id).has_role(Role.MENTOR)


def test_a_mentor_is_assigned_by_decision_with_letters_to_both(orenburg, operator):
    """O4.7: the authorised body assigns; the line is about the reservist."""
    mentor, reservist = make_mentor(), ReservistFactory(edition=orenburg)
    rows = mentors.propose_mentors()
    assert rows == [(reservist, mentor.pk, "Сейчас резервистов: 0.")]
    decision = mentors.make_assignment_list([(reservist, mentor)], actor=operator)
    line = decision.lines.get()
    assert line.person == reservist.user and line.details["mentor"] == mentor.user.full_name
    assert mentors.propose_mentors() == []  # the list waits
    with pytest.raises(GateShut, match="ждёт решения"):
        mentors.make_assignment_list([(reservist, mentor)], actor=operator)
    decide(decision, actor=operator)
    assignment = MentorAssignment.objects.get()
    assert (assignment.reservist, assignment.mentor, assignment.until) == (reservist, mentor, None)
    assert "протокол № 1" in assignment.basis and assignment.since == clock.today()
    assert Letter.objects.get(kind="mentor.assigned").to == reservist.user
    assert Letter.objects.get(kind="mentor.given").to == mentor.user


def test_a_change_of_mentor_needs_a_ground_and_keeps_the_history(orenburg, operator):
    """O4.16: by the same motion, with the reasons; one mentor at a time, the former row stays."""
    former, new = make_mentor(), make_mentor()
    reservist = guided(orenburg, former)
    with pytest.raises(GateShut, match="почему"):
        mentors.make_assignment_list([(reservist, new)], actor=operator)
    with pytest.raises(GateShut, match="уже закреплён"):
        mentors.make_assignment_list([(reservist, former)], ground="нагрузка", actor=operator)
    decision = mentors.make_assignment_list([(reservist, new)], ground="нагрузка", actor=operator)
    assert decision.lines.get().details["former"] == former.user.full_name
    decide(decision, actor=operator)
    assert mentors.mentor_of(reservist) == new
    ended = MentorAssignment.objects.get(mentor=former)
    assert ended.until == clock.today() and ended.end_ground == "нагрузка"


def test_who_does_not_fit_is_not_assigned(orenburg, tomsk, operator):
    """O4.7: nobody guides himself; only from the pool, only in the reserve, only where there are mentors."""
    mentor, away = make_mentor(), make_mentor(state="removed")
    own = ReservistFactory(edition=orenburg, user=mentor.user)
    left = ReservistFactory(edition=orenburg, state="excluded")
    foreign = ReservistFactory(edition=tomsk)
    for pair, words in (
        ((own, mentor), "самому себе"),
        ((left, mentor), "не состоит"),
        ((ReservistFactory(edition=orenburg), away), "не в составе"),
        ((foreign, mentor), "не знает наставников"),
    ):
        with pytest.raises(GateShut, match=words):
            mentors.make_assignment_list([pair], actor=operator)


def test_a_mentor_gone_meanwhile_keeps_the_list_from_being_sent_and_from_its_effect(orenburg, operator):
    """O4.7: the gate names the line; a decision that comes all the same assigns nobody."""
    mentor, reservist = make_mentor(), ReservistFactory(edition=orenburg)
    decision = mentors.make_assignment_list([(reservist, mentor)], actor=operator)
    other = mentors.make_assignment_list([(ReservistFactory(edition=orenburg), mentor)], actor=operator)
    mentors.remove_mentor(mentor, reason="переехал", actor=operator)
    with pytest.raises(GateShut, match="уже не в составе"):
        send_list(decision, actor=operator)
    line = other.lines.get()
    line.outcome = True
    mentors.assign_mentor(line, actor=operator)
    assert not MentorAssignment.objects.exists()


def test_a_mentor_keeps_out_of_the_lines_of_own_reservists(orenburg, operator):
    """O4.7: as a member of the body he or she is recused, whatever is decided; so is who is proposed as the mentor."""
    mentor, other = make_mentor(), make_mentor()
    reservist = guided(orenburg, mentor)
    body = make_body("authorised_body")
    for user in (mentor.user, other.user):
        BodyMember.objects.create(body=body, user=user, since=date(2026, 1, 1))
    meeting = plan_meeting(body, edition=orenburg, starts_at=clock.now(), place="Зал", actor=operator)
    ground = Ground.objects.get(edition=orenburg, kind="exclusion", code="own_wish")
    exclusion = make_exclusion_list(reservist, ground=ground, words="", actor=operator)
    change = mentors.make_assignment_list([(reservist, other)], ground="нагрузка", actor=operator)
    recused = {}
    for decision in (exclusion, change):
        send_list(decision, actor=operator)
        item = add_to_agenda(meeting, decision, speaker="Докладчик", actor=operator)
        recused[decision.decision] = {row.member.user for row in item.recusals.select_related("member__user")}
    assert recused == {"exclusion": {mentor.user}, "mentor": {mentor.user, other.user}}


def test_the_operator_proposes_assigns_and_removes_in_the_admin(orenburg, operator, client):
    """O4.7: people by list and by address, a proposal that may be changed, removal on a page that asks."""
    expert = UserFactory(roles=[Role.EXPERT])
    client.force_login(operator)
    propose = reverse("admin:reservists_mentor_propose")
    bad = client.post(propose, {"others": "нет-адреса"})
    assert "не читается" in bad.content.decode()
    nameless = client.post(propose, {"others": "someone@example.org"})
    assert "укажите фамилию" in nameless.content.decode() and not DecisionList.objects.exists()
    client.post(
        propose, {"experts": [expert.pk], "others": "someone@example.org; Нов Ян Петрович; директор лицея"}
    )
    created = User.objects.get(email="someone@example.org")
    assert (created.last_name, created.patronymic, created.post) == ("Нов", "Петрович", "директор лицея")
    assert set(DecisionLine.objects.values_list("person", flat=True)) == {expert.pk, created.pk}
    decide(DecisionList.objects.get(), actor=operator)
    reservist = ReservistFactory(edition=orenburg)
    assign = reverse("admin:reservists_mentor_assign")
    assert str(reservist) in client.get(assign).content.decode()
    assert "хотя бы одному" in client.post(assign, {f"mentor_{reservist.pk}": ""}).content.decode()
    chosen = Mentor.objects.get(user=created)
    client.post(assign, {f"mentor_{reservist.pk}": chosen.pk})
    decide(DecisionList.objects.get(decision="mentor"), actor=operator)
    assert mentors.mentor_of(reservist) == chosen
    desk = client.get(reverse("admin:index")).content.decode()
    assert "Закрепить наставников" in desk
    reassign = reverse("admin:reservists_mentor_reassign", args=[reservist.pk])
    assert str(chosen) in client.get(reassign).content.decode()
    client.post(reassign, {"mentor": Mentor.objects.get(user=expert).pk, "ground": "нагрузка"})
    assert DecisionList.objects.filter(decision="mentor").count() == 2
    client.post(reverse("admin:reservists_mentor_remove", args=[chosen.pk]), {"reason": "переехал"})
    assert mentors.mentor_of(reservist) is None
    assert client.get(reverse("admin:reservists_mentor_change", args=[chosen.pk])).status_code == 200


def test_a_page_that_could_only_refuse_says_why_and_offers_the_way_back(orenburg, operator, client):
    """O4.7, O4.16: everybody has a mentor or waits for one, the pool is empty, a list waits."""
    client.force_login(operator)
    assign, back = reverse("admin:reservists_mentor_assign"), reverse("admin:reservists_mentor_changelist")
    reservist = ReservistFactory(edition=orenburg)
    reassign = reverse("admin:reservists_mentor_reassign", args=[reservist.pk])

    def shut(address, words, to=back):
        for answer in (client.get(address), client.post(address, {"mentor": "", "ground": "нагрузка"})):
            page = answer.content.decode()
            assert words in page and "Составить список" not in page
            assert f'href="{to}">Вернуться' in page

    empty = "В составе наставников никого нет"
    own_page = reverse("admin:reservists_reservist_change", args=[reservist.pk])
    shut(assign, empty)
    shut(reassign, empty, own_page)
    mentor = make_mentor()
    assert "Составить список" in client.get(assign).content.decode()
    assert "Составить список" in client.get(reassign).content.decode()
    mentors.make_assignment_list([(reservist, mentor)], actor=operator)
    shut(assign, "У каждого резервиста есть наставник, или решение о нём ещё не принято.")
    shut(reassign, "уже в списке, который ждёт решения", own_page)
    assert DecisionList.objects.filter(decision="mentor").count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_mentors_costs_the_same_queries(
    orenburg, operator, client, django_assert_num_queries, rows
):
    """quality.md: the queries of a page do not grow with its rows."""
    for _ in range(rows):
        guided(orenburg)
    client.force_login(operator)
    with django_assert_num_queries(8):
        client.get(reverse("admin:reservists_mentor_changelist"))


def test_days_of_an_assignment_do_not_run_backwards(orenburg, operator, travel):
    """O4.16: a decision dated ahead of an earlier end leaves the history in order."""
    with travel(date(2026, 3, 20)):
        reservist = guided(orenburg)
    mentors.end_assignment(reservist.assignments.get(), ground="ошибка")
    assert reservist.assignments.get().until == date(2026, 3, 20)


def test_the_proposal_goes_by_what_is_kept_of_a_mentor(client, orenburg, operator):
    """O4.7: municipality, area and limit are entered by the operator; the list says why each was proposed."""
    first, second, third = make_mentor(), make_mentor(), make_mentor()
    reservist = ReservistFactory(edition=orenburg)
    client.force_login(operator)
    address = reverse("admin:reservists_mentor_facts", args=[third.pk])
    assert client.get(address).status_code == 200
    facts = {
        "municipality": reservist.municipality_id,
        "group_code": reservist.target_group.code,
        "capacity": "1",
    }
    client.post(address, facts)
    third.refresh_from_db()
    assert (third.municipality, third.capacity) == (reservist.municipality, 1)
    ((_, chosen, why),) = mentors.propose_mentors()
    assert chosen == third.pk and why == "То же направление; тот же муниципалитет; сейчас резервистов: 0."
    page = client.get(reverse("admin:reservists_mentor_assign")).content.decode()
    assert why in page
    MentorAssignment.objects.create(
        reservist=ReservistFactory(edition=orenburg), mentor=third, since=clock.today(), basis="протокол"
    )
    rows = mentors.propose_mentors()
    assert [pk for row, pk, _ in rows if row == reservist] == [min(first.pk, second.pk)]
