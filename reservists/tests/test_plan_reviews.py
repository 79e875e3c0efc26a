"""The body finds how plans are realised, with the mentor invited (O4.13, O4.15, O6.2)."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from commissions.meetings import add_to_agenda, plan_meeting
from commissions.models import DecisionList
from commissions.services import send_list
from commissions.tests.factories import make_body
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.notifications.models import Letter
from reservists.enums import ReservistState, SignalState
from reservists.models import ExclusionSignal, PlanReview
from reservists.services import plan_reviews as services

from .development import guide_of, guided, make_mentor, make_plan
from .factories import decide

LATE = clock.at(date(2026, 4, 1), time(9))  # the first quarter's report was due on 30 March


@pytest.fixture
def plan(orenburg):
    found = make_plan(guided(orenburg), state="agreed")
    found.items.update(progress=40)
    return found


def test_the_line_tells_how_far_and_what_is_late(plan, operator):
    """O4.15: percent of the plan, overdue limits, who guides; the proposal follows from them."""
    with clock.travel(LATE):
        assert list(services.late_plans()) == [plan]
        line = services.make_review_list([plan], actor=operator).lines.get()
        assert line.details["percent"] == "40 %" and "30.03.2026" in line.details["late"]
        assert line.details["mentor"] == guide_of(plan.reservist).full_name
        assert line.proposal is False and line.person == plan.reservist.user
        assert list(services.late_plans()) == []
        with pytest.raises(GateShut, match="ждёт решения"):
            services.make_review_list([plan], actor=operator)


def test_only_plans_in_force_of_people_in_the_reserve(plan, operator, orenburg):
    draft = make_plan(guided(orenburg))
    with pytest.raises(GateShut, match="не согласован"):
        services.make_review_list([draft], actor=operator)
    with pytest.raises(GateShut, match="хотя бы один"):
        services.make_review_list([], actor=operator)
    plan.reservist.state = ReservistState.EXCLUDED
    with pytest.raises(GateShut, match="не состоит"):
        services.make_review_list([plan], actor=operator)
    orenburg.chain_links.filter(decision="plan_review").delete()
    with pytest.raises(GateShut, match="не сказано, кто"):
        services.make_review_list([make_plan(guided(orenburg), state="agreed")], actor=operator)


def test_each_mentor_is_invited_once_when_the_item_stands_on_an_agenda(client, orenburg, operator):
    """O4.13: the mentor is invited to the meeting at which the plans of his or her reservists are reviewed."""
    mentor, other = make_mentor(), make_mentor()
    plans = [make_plan(guided(orenburg, guide), state="agreed") for guide in (mentor, mentor, other)]
    decision_list = services.make_review_list(plans, actor=operator)
    send_list(decision_list, actor=operator)
    body = make_body("authorised_body")
    meeting = plan_meeting(
        body, edition=orenburg, starts_at=clock.now() + timedelta(days=5), place="Зал 5", actor=operator
    )
    assert services.invitations_of(mentor.user) == []
    add_to_agenda(meeting, decision_list, speaker="Докладчик", actor=operator)
    letters = Letter.objects.filter(kind="plan.review_invited")
    assert {letter.to for letter in letters} == {mentor.user, other.user} and letters.count() == 2
    own = letters.get(to=mentor.user).body
    assert "Зал 5" in own and plans[0].reservist.user.full_name in own
    assert plans[2].reservist.user.full_name not in own
    client.force_login(mentor.user)
    for name in ("home", "reservists:mentees"):
        assert "Вас приглашают" in client.get(reverse(name)).content.decode()
    with clock.travel(meeting.starts_at + timedelta(days=1)):
        assert services.invitations_of(mentor.user) == []


@pytest.mark.parametrize("against", [False, True])
def test_the_finding_is_kept_and_told_and_a_bad_one_becomes_a_signal(client, plan, operator, against):
    """O4.13, O6.1-6.2: nobody is excluded by it; an operator looks at the signal, a body decides."""
    decision_list = services.make_review_list([plan], actor=operator)
    line = decision_list.lines.get()
    decide(decision_list, actor=operator, against={line.pk: "Ничего не сделано"} if against else None)
    review = PlanReview.objects.get()
    assert review.satisfactory is not against and "протокол" in review.basis
    people = {letter.to for letter in Letter.objects.filter(kind="plan.reviewed")}
    assert people == {plan.reservist.user, guide_of(plan.reservist)}
    signals = ExclusionSignal.objects.filter(state=SignalState.OPEN, ground__code="monitoring")
    assert signals.exists() is against
    plan.reservist.refresh_from_db()
    assert plan.reservist.state == ReservistState.ACTIVE
    client.force_login(plan.reservist.user)
    page = client.get(reverse("reservists:development_plan", args=[plan.pk])).content.decode()
    assert ("неудовлетворительна" in page) is against and "Оценка реализации" in page


def test_the_operator_makes_the_list_of_what_is_late_or_of_one_plan(client, plan, operator):
    client.force_login(operator)
    late = reverse("admin:reservists_developmentplan_review_late")
    assert "планов с просрочкой нет" in client.get(late).content.decode()
    with clock.travel(LATE):
        assert plan.reservist.user.full_name in client.get(late).content.decode()
        client.post(late, {"plans": [plan.pk]})
    assert DecisionList.objects.get().decision == "plan_review"
    other = make_plan(guided(plan.reservist.edition), state="agreed")
    client.post(reverse("admin:reservists_developmentplan_review", args=[other.pk]))
    assert DecisionList.objects.filter(decision="plan_review").count() == 2
