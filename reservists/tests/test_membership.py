"""Inclusion in the reserve by the decision of a body (T4, T5, O3.17-3.25)."""

from datetime import date, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from assessment.enums import ProcedureState
from assessment.models import LearningRoute, Result
from assessment.perms import can_read_results_sheet, can_view_result, can_view_results
from candidates.enums import TrackState
from candidates.models import ApplicationTrack
from commissions.enums import Position
from commissions.motions import motion_of
from commissions.services import send_list
from commissions.tests.factories import make_body, make_item, make_meeting, people
from commissions.voting import declare_conflict
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import MunicipalityFactory, OrganisationFactory
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.models import Deadline, Parameter
from reserve_portal.regulations.services import copy_edition
from reservists.enums import ReservistState
from reservists.models import RegistryEdition, Reservist
from reservists.papers import issue_not_included
from reservists.services.membership import make_inclusion_list

from .factories import TODAY, ReservistFactory, assess, decide, make_procedure, make_track


def deadline(subject, code):
    return Deadline.objects.about(subject).get(limit__code=code)


def test_proposal_follows_exact_threshold(tomsk, operator):
    """T4: 70 of 100 is proposed, 69.99 is not; the reason says the exact points and the clause."""
    procedure = make_procedure(tomsk)
    assess(procedure, "69.99")
    assess(procedure, "70")
    assess(procedure, "86.5")
    lines = list(make_inclusion_list(procedure, actor=operator).lines.all())
    assert [line.proposal for line in lines] == [True, True, False]
    assert lines[0].proposal_reason == "86,5 из 100 — порог 70 % пройден (п. 4 алгоритма раздела 4)"
    assert lines[2].proposal_reason == "69,99 из 100 — порог 70 % не пройден (п. 4 алгоритма раздела 4)"
    assert lines[0].details["points"] == "86,5" and lines[0].details["rank"] == 1
    assert lines[0].details["number"].startswith("КР-2026-")


def test_equal_points_share_a_place_in_the_list(tomsk, operator):
    """O3.23: the rating names places; equal points share one."""
    procedure = make_procedure(tomsk)
    for points in ("90", "80", "80", "75"):
        assess(procedure, points)
    ranks = [line.details["rank"] for line in make_inclusion_list(procedure, actor=operator).lines.all()]
    assert ranks == [1, 2, 2, 4]


def test_list_is_refused_while_the_procedure_goes_on(tomsk, operator):
    """T4: results are processed after the end of the procedure."""
    procedure = make_procedure(tomsk, state=ProcedureState.OPEN)
    assess(procedure, "90")
    with pytest.raises(GateShut, match="ещё не закончена"):
        make_inclusion_list(procedure, actor=operator)


def test_invited_person_without_result_blocks_the_list_by_name(tomsk, operator):
    """T4: everybody invited has a result or was marked as absent."""
    procedure = make_procedure(tomsk)
    assess(procedure, "90")
    missing = make_track(procedure)
    with pytest.raises(GateShut, match=missing.application.user.full_name):
        make_inclusion_list(procedure, actor=operator)
    ApplicationTrack.objects.filter(pk=missing.pk).update(state=TrackState.NO_SHOW)
    assert make_inclusion_list(procedure, actor=operator).lines.count() == 1


def test_second_list_of_a_procedure_is_refused(tomsk, operator):
    """T4: one list for inclusion for each procedure."""
    procedure = make_procedure(tomsk)
    assess(procedure, "90")
    make_inclusion_list(procedure, actor=operator)
    with pytest.raises(GateShut, match="уже составлен"):
        make_inclusion_list(procedure, actor=operator)


def test_result_changed_after_the_list_blocks_sending(tomsk, operator):
    """T4: the commission decides about the points that stand."""
    procedure = make_procedure(tomsk)
    result = assess(procedure, "90")
    decision_list = make_inclusion_list(procedure, actor=operator)
    Result.objects.filter(pk=result.pk).update(points="60")
    with pytest.raises(GateShut, match="результат изменился"):
        send_list(decision_list, actor=operator)


def test_a_member_reads_no_results_of_those_he_keeps_out_of(tomsk, operator, client):
    """process.md 12: the sitting member reads results, but not of people from whom he or she is recused."""
    procedure = make_procedure(tomsk)
    known, other = assess(procedure, "90"), assess(procedure, "80")
    body = make_body("commission")
    member, recused = people(body, Position.MEMBER)[:2]
    decision_list = make_inclusion_list(procedure, actor=operator)
    send_list(decision_list, actor=operator)
    assert not can_view_results(member, procedure), "the list is on no agenda yet"
    item = make_item(make_meeting(body, tomsk), decision_list)
    line = decision_list.lines.get(object_id=known.track_id)
    declare_conflict(item, line, recused, reason="Кандидат работает в моей школе")

    assert can_read_results_sheet(member, procedure) and can_view_result(member, known)
    assert not can_read_results_sheet(recused, procedure)
    assert not can_view_result(recused, known) and can_view_result(recused, other)
    client.force_login(recused)
    page = client.get(reverse("assessment:results", args=[procedure.pk])).content.decode()
    assert other.track.application.user.full_name in page
    assert known.track.application.user.full_name not in page
    assert "в рассмотрении которых вы не участвуете: 1" in page


def test_approved_list_makes_reservists_with_role_and_basis(tomsk, operator):
    """T4: who reached the threshold is a reservist from the day of the protocol."""
    procedure = make_procedure(tomsk)
    result = assess(procedure, "86.5")
    decide(make_inclusion_list(procedure, actor=operator), actor=operator)
    reservist = Reservist.objects.get()
    assert reservist.points == result.points and reservist.rank == 1
    assert reservist.included_on == clock.today()
    assert reservist.basis == "протокол № 1 от 11.03.2026"
    assert User.objects.get(pk=reservist.user_id).has_role(Role.RESERVIST)
    assert ApplicationTrack.objects.get().state == TrackState.INCLUDED
    letter = Letter.objects.get(kind="reserve.included")
    assert letter.to == reservist.user and "протокол № 1" in letter.body


@pytest.mark.parametrize(
    ("named", "tied"),
    [
        ("Школа № 7", True),
        ("  школа  № 7 ", True),
        ("СОШ 7", True),
        ("Лицей", False),  # two of them answer to it
        ("Школа № 70", False),
        ("", False),
    ],
)
def test_whoever_is_included_is_tied_to_the_school_of_the_questionnaire(tomsk, operator, named, tied):
    """process.md 8: matching tells the kind of the workplace, the map of the reserve the schools without anybody."""
    town = MunicipalityFactory()
    school = OrganisationFactory(name="Школа № 7", short_name="СОШ 7", municipality=town)
    OrganisationFactory(name="Школа № 7", municipality=MunicipalityFactory())
    OrganisationFactory(name="Лицей", municipality=town)
    OrganisationFactory(name="Лицей имени Пирогова", short_name="лицей", municipality=town)
    procedure = make_procedure(tomsk)
    assess(procedure, "90", municipality=town, organisation_name=named)
    decide(make_inclusion_list(procedure, actor=operator), actor=operator)
    assert Reservist.objects.get().user.organisation == (school if tied else None)


def test_below_the_threshold_gets_a_draft_route_and_the_day_of_return(tomsk, operator):
    """T5: a draft learning route; inclusion is possible again a year after the decision."""
    procedure = make_procedure(tomsk)
    assess(procedure, "69.99")
    decide(make_inclusion_list(procedure, actor=operator), actor=operator)
    assert not Reservist.objects.exists()
    assert LearningRoute.objects.get().possible_from == date(2027, 3, 11)
    assert "11.03.2027" in Letter.objects.get(kind="reserve.not_included").body


def test_no_route_and_no_waiting_where_the_edition_has_none(orenburg, operator):
    """O3.21: below the minimum is not included; no route, no waiting."""
    procedure = make_procedure(orenburg)
    assess(procedure, "50")
    decide(make_inclusion_list(procedure, actor=operator), actor=operator)
    assert not LearningRoute.objects.exists()
    assert "в следующем наборе" in Letter.objects.get(kind="reserve.not_included").body


def test_yellow_zone_is_included_with_its_zone(orenburg, operator):
    """O3.20: above the minimum, below the green border: into the registry with the zone named."""
    procedure = make_procedure(orenburg)
    assess(procedure, "84.99")
    decide(make_inclusion_list(procedure, actor=operator), actor=operator)
    assert Reservist.objects.get().zone == "yellow"
    assert RegistryEdition.objects.get().lines.first().cells["zone"] == "Жёлтая"


def test_order_of_the_ministry_is_a_limit_and_part_of_the_basis(orenburg, operator):
    """O3.23: the registry is approved by order within 10 working days from the protocol's arrival."""
    procedure = make_procedure(orenburg)
    assess(procedure, "90")
    decision_list = make_inclusion_list(procedure, actor=operator)
    decide(decision_list, actor=operator)
    limit = deadline(decision_list, "registry_order")
    assert limit.opened_on == date(2026, 3, 11) and limit.due_on == date(2026, 3, 25)
    assert limit.closed_on == date(2026, 3, 11)
    assert Reservist.objects.get().basis.endswith("приказ № 12 от 11.03.2026")


def test_commission_departs_from_the_proposal(tomsk, operator):
    """process.md 6: the portal proposes, the body decides and gives the reason."""
    procedure = make_procedure(tomsk)
    assess(procedure, "90")
    decision_list = make_inclusion_list(procedure, actor=operator)
    line = decision_list.lines.get()
    decide(decision_list, actor=operator, against={line.pk: "Сведения не подтвердились"})
    assert not Reservist.objects.exists()
    assert "Сведения не подтвердились" in Letter.objects.get(kind="reserve.not_included").body


def test_waiting_year_makes_the_proposal_negative_with_its_clause(tomsk, operator):
    """T5: within a year after failing the proposal is negative even with enough points; on the day itself it is not."""
    first = make_procedure(tomsk)
    person = assess(first, "40").track.application.user
    decide(make_inclusion_list(first, actor=operator), actor=operator)
    for days, expected in ((364, False), (365, True)):
        with clock.travel(TODAY + timedelta(days=days)):
            again = make_procedure(tomsk)
            assess(again, "95", user=person)
            line = make_inclusion_list(again, actor=operator).lines.get()
        assert line.proposal is expected
        assert (
            "включение возможно с 11.03.2027 (п. 5 алгоритма раздела 4)" in line.proposal_reason
        ) is not expected


def test_member_of_the_group_is_not_proposed_again(tomsk, operator):
    """A person already in the reserve in this group is a blocker of a positive proposal, by code of the group."""
    copied = copy_edition(tomsk, code="tomsk-2025", name="Новая редакция", actor=operator)
    member = ReservistFactory(edition=tomsk)
    procedure = make_procedure(copied)
    assess(procedure, "90", user=member.user)
    line = make_inclusion_list(procedure, actor=operator).lines.get()
    assert line.proposal is False and "уже состоит" in line.proposal_reason


def test_inclusion_of_a_member_is_refused_in_words(tomsk, operator):
    """Who became a member by another list meanwhile keeps the list from being sent."""
    procedure = make_procedure(tomsk)
    person = assess(procedure, "90").track.application.user
    decision_list = make_inclusion_list(procedure, actor=operator)
    ReservistFactory(user=person, edition=tomsk)
    with pytest.raises(GateShut, match="уже состоит в резерве"):
        send_list(decision_list, actor=operator)


def test_excluded_person_is_included_again(tomsk, operator):
    """O6.4: after an exclusion one may come back; the former membership stays as history."""
    former = ReservistFactory(edition=tomsk, state=ReservistState.EXCLUDED, ended_on=date(2024, 1, 10))
    procedure = make_procedure(tomsk)
    assess(procedure, "90", user=former.user)
    decide(make_inclusion_list(procedure, actor=operator), actor=operator)
    assert sorted(former.user.memberships.values_list("state", flat=True)) == ["active", "excluded"]


def test_return_after_exclusion_waits_for_the_editions_months(orenburg, operator):
    """O6.4: not before one year; the day itself is in time."""
    former = ReservistFactory(edition=orenburg, state=ReservistState.EXCLUDED, ended_on=date(2025, 3, 12))
    procedure = make_procedure(orenburg)
    assess(procedure, "90", user=former.user)
    line = make_inclusion_list(procedure, actor=operator).lines.get()
    assert line.proposal is False and "12.03.2026 (п. 6.4 Порядка)" in line.proposal_reason
    Reservist.objects.update(ended_on=date(2025, 3, 11))
    later = make_procedure(orenburg)
    assess(later, "90", user=former.user)
    assert make_inclusion_list(later, actor=operator).lines.get().proposal is True


def test_withdrawn_after_sending_is_left_alone(tomsk, operator):
    """process.md 3: withdrawing is possible before the decision; the decision does not include a withdrawn person."""
    procedure = make_procedure(tomsk)
    track = assess(procedure, "90").track
    assess(procedure, "80")
    decision_list = make_inclusion_list(procedure, actor=operator)
    send_list(decision_list, actor=operator)
    ApplicationTrack.objects.filter(pk=track.pk).update(state=TrackState.WITHDRAWN)
    from commissions.services import advance_list, set_outcome

    for line in decision_list.lines.all():
        set_outcome(line, True, "")
    advance_list(decision_list, on=clock.today(), actor=operator)
    assert Reservist.objects.count() == 1
    assert Letter.objects.filter(kind__startswith="reserve.").count() == 1


def test_decision_closes_limits_and_opens_publication(tomsk, operator):
    """T4: the list is approved within 10 working days of the end, published within 7 working days of the approval."""
    procedure = make_procedure(tomsk)
    event_happened("procedure.ended", procedure, edition=tomsk, on=date(2026, 3, 10))
    assess(procedure, "90")
    decision_list = make_inclusion_list(procedure, actor=operator)
    decide(decision_list, actor=operator)
    results = deadline(procedure, "results")
    assert results.due_on == date(2026, 3, 24) and results.closed_on == date(2026, 3, 11)
    publication = deadline(RegistryEdition.objects.get(), "publication")
    assert publication.due_on == date(2026, 3, 20) and publication.is_open
    assert deadline(decision_list, "result_letters").closed_on == date(2026, 3, 11)
    procedure.refresh_from_db()
    assert procedure.state == ProcedureState.CLOSED


def test_registry_edition_holds_the_whole_active_reserve(tomsk, operator):
    """process.md 2: the registry is an immutable snapshot of the reserve, not of one list."""
    ReservistFactory(edition=tomsk)
    ReservistFactory(edition=tomsk, state=ReservistState.APPOINTED)
    procedure = make_procedure(tomsk)
    assess(procedure, "90")
    decide(make_inclusion_list(procedure, actor=operator), actor=operator)
    registry = RegistryEdition.objects.get()
    assert registry.number == 1 and registry.size == registry.lines.count() == 2
    cells = registry.lines.first().cells
    assert cells["points"] == "90" and cells["birth_date"] == "04.05.1980"
    assert ContentType.objects.get_for_model(procedure) == registry.decision_list.content_type


def test_parameter_of_waiting_changes_the_behaviour(tomsk, operator):
    """T5: the waiting time is data of the edition."""
    Parameter.objects.filter(edition=tomsk, key="wait_months").update(value=0)
    first = make_procedure(tomsk)
    person = assess(first, "40").track.application.user
    decide(make_inclusion_list(first, actor=operator), actor=operator)
    again = make_procedure(tomsk)
    assess(again, "95", user=person)
    assert make_inclusion_list(again, actor=operator).lines.get().proposal is True


@pytest.mark.parametrize(("region", "named"), [("tomsk", False), ("orenburg", True)])
def test_lists_name_the_target_group_where_there_are_several(region, named, request, operator):
    """O1.15: a person may stand on a list once for each target group; the paper must tell the lines apart."""
    edition = request.getfixturevalue(region)
    procedure = make_procedure(edition)
    assess(procedure, "60")
    decision_list = make_inclusion_list(procedure, actor=operator)
    columns = motion_of(decision_list).shown_columns(decision_list)
    assert (("group", "Целевая группа") in columns) is named
    words = issue_not_included(decision_list, actor=operator).html
    assert ("<th>Целевая группа</th>" in words) is named
    assert (f"<td>{edition.target_groups.first()}</td>" in words) is named
