"""Every parameter of an edition is data: each test changes one and sees the behaviour change (process.md 4)."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from assessment.eligibility import inclusion_possible_from
from assessment.enums import Zone
from assessment.models import LearningRoute, Procedure, Result
from assessment.services.procedures import create_procedure, schedule_procedure
from candidates.eligibility import eligibility_blockers
from candidates.models import Application, ApplicationTrack, Campaign, PackageItem
from candidates.services import applications, campaigns, intake
from candidates.uploads import RejectedUpload
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition, Parameter
from reserve_portal.regulations.parameters import SPECS
from reserve_portal.simulation.cast import Cast, make_cast
from reserve_portal.simulation.people import invent_people, sample_pdf
from reserve_portal.simulation.story import (
    accept_package,
    assess,
    at,
    begin_application,
    fill_package,
    pass_chain,
    sign_up,
)
from reservists.models import RegistryEdition, Reservist
from reservists.services import membership, mentors, plans, registry
from reservists.tests.development import add_item
from reservists.tests.factories import ReservistFactory
from vacancies.services import appointment, cases, defence, matching

COVERED: set[str] = set()


def changes(key: str) -> Callable[[Any], Any]:
    """Mark a test as the proof of parameter `key`."""
    COVERED.add(key)
    return lambda test: test


def change(edition: Edition, key: str, value: Any) -> Edition:
    """Set one parameter and return the edition as a new request would read it."""
    Parameter.objects.filter(edition=edition, key=key).update(value=value)
    return Edition.objects.get(pk=edition.pk)


@pytest.fixture
def cast(tomsk: Edition) -> Cast:
    with at(date(2026, 4, 1)):
        return make_cast(tomsk)


def open_campaign(cast: Cast) -> Campaign:
    with at(date(2026, 4, 13)):
        campaign = campaigns.create_campaign(
            edition=Edition.objects.get(pk=cast.edition.pk),
            name="Набор",
            opens_at=clock.at(date(2026, 4, 20), time(0)),
            closes_at=clock.end_of(date(2026, 5, 22)),
            actor=cast["operator"],
        )
        campaigns.open_campaign(campaign, actor=cast["operator"])
    return campaign


def draft(cast: Cast, campaign: Campaign | None = None) -> Application:
    person = invent_people(1, seed=5, prefix="one")[0]
    campaign = campaign or open_campaign(cast)
    with at(date(2026, 4, 21)):
        return begin_application(cast, sign_up(person), campaign, person, 1)


def admitted(cast: Cast, people: int = 1) -> Campaign:
    """A campaign with people admitted to the assessment on the first of June or soon after."""
    campaign = open_campaign(cast)
    for number, person in enumerate(invent_people(people, seed=5, prefix="one")):
        with at(date(2026, 4, 21)):
            application = begin_application(cast, sign_up(person), campaign, person, number)
            fill_package(application)
            applications.submit_application(application, actor=application.user)
        with at(date(2026, 4, 22)):
            intake.register_application(application, actor=cast["operator"])
            accept_package(application, actor=cast["operator"])
            intake.finish_review(application, actor=cast["operator"], admit=True)
    with at(date(2026, 5, 29)):
        admission = intake.make_admission_list(campaign, actor=cast["operator"])
    pass_chain(cast, admission, first_day=date(2026, 6, 1))
    return campaign


def assessed(cast: Cast, *shares: str) -> Procedure:
    campaign = admitted(cast, len(shares))
    return assess(
        cast,
        campaign,
        [Decimal(share) for share in shares],
        announced=date(2026, 6, 5),
        starts=date(2026, 6, 22),
        ends=date(2026, 6, 24),
    )


def included(cast: Cast, *shares: str) -> RegistryEdition:
    procedure = assessed(cast, *shares)
    with at(date(2026, 6, 25)):
        decision = membership.make_inclusion_list(procedure, actor=cast["operator"])
    pass_chain(cast, decision, first_day=date(2026, 6, 25))
    return RegistryEdition.objects.get(decision_list=decision)


def vacancy_of(cast: Cast) -> Any:
    with at(date(2026, 7, 20)):
        vacancy = cases.report_vacancy(
            edition=Edition.objects.get(pk=cast.edition.pk),
            municipality=cast.schools[0].municipality,
            organisation=cast.schools[0],
            target_group=cast.edition.target_groups.last(),
            post="Директор",
            arose_on=date(2026, 7, 17),
            actor=cast["municipal"],
        )
        matching.start_matching(vacancy, actor=cast["operator"])
    return vacancy


@changes("nomination_kinds")
@pytest.mark.parametrize(("kinds", "taken"), [(["self", "head"], True), (["self"], False)])
def test_only_the_editions_kinds_of_nomination_are_taken(cast: Cast, kinds: list[str], taken: bool) -> None:
    """T1."""
    change(cast.edition, "nomination_kinds", kinds)
    application = draft(cast)
    with at(date(2026, 4, 21)), nullcontext() if taken else pytest.raises(GateShut):
        applications.set_choices(
            application,
            actor=application.user,
            nominations=["head"],
            groups=list(application.wanted_groups.all()),
        )


@changes("several_target_groups")
@pytest.mark.parametrize("several", [True, False])
def test_several_target_groups_only_where_the_edition_says(cast: Cast, several: bool) -> None:
    """O1.15."""
    change(cast.edition, "several_target_groups", several)
    cast.edition.target_groups.create(code="second", name="Вторая группа", order=2)
    application = draft(cast)
    groups = list(cast.edition.target_groups.all())
    with at(date(2026, 4, 21)), nullcontext() if several else pytest.raises(GateShut):
        applications.set_choices(application, actor=application.user, nominations=["self"], groups=groups)


@changes("registration_pattern")
def test_the_registration_number_follows_the_pattern(cast: Cast) -> None:
    """O3.4."""
    change(cast.edition, "registration_pattern", "{year}/Р-{number:03d}")
    application = draft(cast)
    with at(date(2026, 4, 21)):
        fill_package(application)
        applications.submit_application(application, actor=application.user)
        assert intake.register_application(application, actor=cast["operator"]).text == "2026/Р-001"


@changes("max_file_mb")
@changes("max_file_pages")
@changes("max_package_mb")
@pytest.mark.parametrize(("key", "pages"), [("max_file_mb", 1), ("max_file_pages", 2), ("max_package_mb", 1)])
def test_limits_of_files_come_from_the_edition(cast: Cast, key: str, pages: int) -> None:
    """A limit of zero megabytes or of one page refuses what the preset takes."""
    data = sample_pdf("Документ", pages)
    item = PackageItem.objects.filter(application=draft(cast)).first()
    assert item
    user = item.application.user
    with at(date(2026, 4, 21)):
        kept = applications.add_file(item, name="а.pdf", data=data, actor=user)
        applications.remove_file(kept, actor=user)
        change(cast.edition, key, 1 if key == "max_file_pages" else 0)
        again = PackageItem.objects.get(pk=item.pk)
        with pytest.raises((RejectedUpload, GateShut)):
            applications.add_file(again, name="а.pdf", data=data, actor=user)
    assert not again.current_files().exists()


@changes("threshold_percent")
@changes("green_percent")
@changes("attempt")
def test_a_procedure_proposes_the_editions_borders(cast: Cast) -> None:
    """T4, O3.15, O3.17."""
    for key, value in (
        ("threshold_percent", "60"),
        ("zones", True),
        ("green_percent", "90"),
        ("attempt", "last"),
    ):
        change(cast.edition, key, value)
    campaign = open_campaign(cast)
    with at(date(2026, 6, 1)):
        procedure = create_procedure(
            campaign,
            name="Оценка",
            starts_at=clock.at(date(2026, 6, 22), time(9)),
            ends_at=clock.at(date(2026, 6, 24), time(18)),
            place="https://testing.demo.example/",
            actor=cast["operator"],
        )
    assert (procedure.threshold_percent, procedure.green_percent, procedure.attempt) == (60, 90, "last")


@changes("zones")
@pytest.mark.parametrize(("zones", "green", "zone"), [(True, "90", Zone.YELLOW), (False, None, Zone.GREEN)])
def test_a_yellow_zone_only_where_the_edition_has_zones(
    cast: Cast, zones: bool, green: Any, zone: str
) -> None:
    """O3.17; T4 knows passed and not passed."""
    change(cast.edition, "zones", zones)
    change(cast.edition, "green_percent", green)
    assert Result.objects.get(procedure=assessed(cast, "0.80")).zone == zone


@changes("borders_by_decision")
@pytest.mark.parametrize("demanded", [True, False])
def test_borders_are_decided_upon_only_where_the_edition_demands_it(cast: Cast, demanded: bool) -> None:
    """O3.15; in T4 the border stands in the regulation."""
    change(cast.edition, "borders_by_decision", demanded)
    campaign = open_campaign(cast)
    with at(date(2026, 6, 1)):
        procedure = create_procedure(
            campaign,
            name="Оценка",
            starts_at=clock.at(date(2026, 6, 22), time(9)),
            ends_at=clock.at(date(2026, 6, 24), time(18)),
            place="https://testing.demo.example/",
            actor=cast["operator"],
        )
        with pytest.raises(GateShut) if demanded else nullcontext():
            schedule_procedure(procedure, actor=cast["operator"])


@changes("expert_conclusion")
@pytest.mark.parametrize("needed", [True, False])
def test_conclusions_stand_before_the_list_only_where_the_edition_has_them(cast: Cast, needed: bool) -> None:
    """O3.17-3.18."""
    change(cast.edition, "expert_conclusion", needed)
    procedure = assessed(cast, "0.90")
    with at(date(2026, 6, 25)), pytest.raises(GateShut) if needed else nullcontext():
        membership.make_inclusion_list(procedure, actor=cast["operator"])


@changes("result_shown")
@pytest.mark.parametrize("shown", ["passed", "points", "sections"])
def test_a_procedure_proposes_what_the_candidate_is_to_see(cast: Cast, shown: str) -> None:
    """process.md 6: passed or not, points, points by direction."""
    change(cast.edition, "result_shown", shown)
    assert assessed(cast, "0.90").shows == shown


@changes("good_reason")
@pytest.mark.parametrize("taken", [True, False])
def test_a_missing_document_is_excused_only_where_the_edition_says(cast: Cast, taken: bool) -> None:
    """O3.8."""
    change(cast.edition, "good_reason", taken)
    application = draft(cast)
    with at(date(2026, 4, 21)):
        fill_package(application)
        applications.submit_application(application, actor=application.user)
        intake.register_application(application, actor=cast["operator"])
        item = application.items.filter(files__isnull=False).first()
        assert item
        item.files.update(removed_at=clock.now())
        with nullcontext() if taken else pytest.raises(GateShut):
            intake.review_item(item, verdict="excused", actor=cast["operator"], words="Архив сгорел.")


@changes("learning_route")
@pytest.mark.parametrize("route", [True, False])
def test_a_learning_route_only_where_the_edition_has_it(cast: Cast, route: bool) -> None:
    """T5; O3.21 has none."""
    change(cast.edition, "learning_route", route)
    included(cast, "0.50")
    assert LearningRoute.objects.exists() == route


@changes("wait_months")
@pytest.mark.parametrize(("months", "year"), [(12, 2027), (24, 2028)])
def test_the_wait_after_a_failure_comes_from_the_edition(cast: Cast, months: int, year: int) -> None:
    """T5: not before a year after the result."""
    change(cast.edition, "wait_months", months)
    included(cast, "0.50")
    track = ApplicationTrack.objects.get()
    with at(date(2026, 7, 10)):
        possible = inclusion_possible_from(track.application.user, Edition.objects.get(pk=cast.edition.pk))
    assert possible and possible.year == year


@changes("apply_while_waiting")
@pytest.mark.parametrize("may", [True, False])
def test_applying_while_waiting_is_a_setting(cast: Cast, may: bool) -> None:
    """T5."""
    edition = change(cast.edition, "apply_while_waiting", may)
    included(cast, "0.50")
    user = ApplicationTrack.objects.get().application.user
    with at(date(2026, 9, 1)):
        blockers = eligibility_blockers(user, Edition.objects.get(pk=edition.pk), date(2026, 9, 1))
    assert bool(blockers) != may


@changes("return_months")
@pytest.mark.parametrize(("months", "blocked"), [(0, False), (12, True)])
def test_the_wait_after_an_exclusion_comes_from_the_edition(cast: Cast, months: int, blocked: bool) -> None:
    """O6.4."""
    from reservists.services.exclusion import make_exclusion_list

    change(cast.edition, "return_months", months)
    included(cast, "0.90")
    reservist = Reservist.objects.get()
    with at(date(2026, 8, 3)):
        ground = cast.edition.grounds.filter(kind=Decision.EXCLUSION).first()
        assert ground
        decision = make_exclusion_list(
            reservist, ground=ground, words="По заявлению.", actor=cast["operator"]
        )
    pass_chain(cast, decision, first_day=date(2026, 8, 3))
    with at(date(2026, 10, 1)):
        edition = Edition.objects.get(pk=cast.edition.pk)
        assert bool(eligibility_blockers(reservist.user, edition, date(2026, 10, 1))) == blocked


@changes("public_list")
@pytest.mark.parametrize("public", [True, False])
def test_the_list_is_published_only_where_the_edition_says(cast: Cast, public: bool, client: Client) -> None:
    """T4; O8.3 keeps it confidential."""
    change(cast.edition, "public_list", public)
    edition = included(cast, "0.90")
    with at(date(2026, 7, 3)), nullcontext() if public else pytest.raises(GateShut):
        registry.publish_registry(edition, actor=cast["operator"])
    edition.refresh_from_db()
    assert bool(edition.published_at) == public


@changes("advantage")
@changes("advantage_events")
@pytest.mark.parametrize(
    ("advantage", "needed", "first_has"),
    [("events", 0, True), ("events", 3, False), ("zone", 3, True), ("none", 0, False)],
)
def test_the_advantage_at_matching_comes_from_the_edition(
    cast: Cast, advantage: str, needed: int, first_has: bool
) -> None:
    """T7, O3.19: the only reservist is green and took part in nothing."""
    change(cast.edition, "advantage", advantage)
    change(cast.edition, "advantage_events", needed)
    included(cast, "0.90")
    assert matching.match_vacancy(vacancy_of(cast)).places[0].advantage == first_has


@changes("matching_weights")
def test_the_weights_of_matching_come_from_the_edition(cast: Cast) -> None:
    """O4.19."""
    change(cast.edition, "matching_weights", {"rating": 40})
    included(cast, "0.90")
    place = matching.match_vacancy(vacancy_of(cast)).places[0]
    assert [line.maximum for line in place.lines] == [40] and place.total == Decimal("36")


@changes("defence")
@pytest.mark.parametrize("needed", [True, False])
def test_a_defence_is_held_only_where_the_edition_knows_it(cast: Cast, needed: bool) -> None:
    """T10; O3.19 recommends without one."""
    change(cast.edition, "defence", needed)
    vacancy = vacancy_of(cast)
    with at(date(2026, 7, 21)), pytest.raises(GateShut) as with_defence:
        defence.schedule_defence(
            vacancy, starts_at=clock.at(date(2026, 8, 3), time(11)), place="Зал", actor=cast["operator"]
        )
    with at(date(2026, 7, 21)), pytest.raises(GateShut) as without:
        defence.send_for_recommendation(vacancy, actor=cast["operator"])
    # Nobody is presented yet, so both gates are shut; one of them also because of the edition.
    shut_by_edition = len(with_defence.value.blockers) > 1, len(without.value.blockers) > 1
    assert shut_by_edition == (not needed, needed)


@changes("only_from_reserve")
@pytest.mark.parametrize("only", [True, False])
def test_an_outsider_is_appointed_only_where_the_edition_allows(cast: Cast, only: bool) -> None:
    """T9; O7.3 counts outsiders."""
    change(cast.edition, "only_from_reserve", only)
    vacancy = vacancy_of(cast)
    with at(date(2026, 8, 10)), pytest.raises(GateShut) if only else nullcontext():
        appointment.record_appointment(
            vacancy,
            referral=None,
            person_name="Человек Со Стороны",
            order_number="15",
            order_dated=date(2026, 8, 7),
            actor=cast["municipal"],
        )


@changes("agreement")
@pytest.mark.parametrize("needed", [True, False])
def test_the_departments_agreement_is_a_setting(cast: Cast, needed: bool) -> None:
    """T9: the words of the gate name what is missing."""
    from vacancies.models import Referral

    change(cast.edition, "agreement", needed)
    included(cast, "0.90")
    vacancy = vacancy_of(cast)
    with at(date(2026, 7, 21)):
        snapshot = matching.save_snapshot(vacancy, actor=cast["operator"])
        referral = Referral.objects.create(
            vacancy=vacancy,
            reservist=Reservist.objects.get(),
            snapshot=snapshot,
            place=1,
            answer_until=date(2026, 7, 24),
            state="recommended",
        )
        blockers = appointment.appointment_blockers(vacancy, referral, date(2026, 7, 20))
    assert bool(blockers) == needed


@changes("municipal_sees_zone")
@pytest.mark.parametrize("sees", [True, False])
def test_a_municipality_sees_zones_only_where_the_edition_says(
    cast: Cast, sees: bool, client_of: Callable[..., Client]
) -> None:
    """O8.3, process.md 12."""
    from reservists.perms import can_see_zone

    change(cast.edition, "zones", True)
    change(cast.edition, "green_percent", "85")
    change(cast.edition, "municipal_sees_zone", sees)
    included(cast, "0.90")
    assert can_see_zone(cast["municipal"], Reservist.objects.get()) == sees


@changes("intakes_a_year")
@pytest.mark.parametrize("intakes", [2, 4])
def test_the_form_of_an_intake_tells_how_many_a_year_has(
    cast: Cast, client_of: Callable[..., Client], intakes: int
) -> None:
    """T1 (two windows), O3.1 (each quarter): the operator sees the number of the edition and of those made."""
    change(cast.edition, "intakes_a_year", intakes)
    open_campaign(cast)
    with at(date(2026, 7, 1)):
        page = client_of(cast["operator"]).get("/admin/candidates/campaign/add/").content.decode()
    assert f"наборов в год — {intakes} (п. 1 алгоритма" in page and "в 2026 году создано: 1." in page


@changes("mentors")
@pytest.mark.parametrize("known", [True, False])
def test_reservists_wait_for_a_mentor_only_where_the_edition_has_them(cast: Cast, known: bool) -> None:
    """O4.7; Tomsk's text knows none."""
    edition = change(cast.edition, "mentors", known)
    with at(date(2026, 8, 3)):
        ReservistFactory(edition=edition)
        assert mentors.without_mentor().exists() == known


@changes("development_plan")
@pytest.mark.parametrize("known", [True, False])
def test_a_plan_is_made_only_where_the_edition_has_plans(cast: Cast, known: bool) -> None:
    """O4.6; Tomsk has events instead."""
    edition = change(cast.edition, "development_plan", known)
    with at(date(2026, 8, 3)), nullcontext() if known else pytest.raises(GateShut):
        plans.start_plan(ReservistFactory(edition=edition), year=2026, actor=None)


@changes("plan_forms")
@changes("plan_parts")
@pytest.mark.parametrize(
    ("forms", "parts", "taken", "lacks"),
    [
        (["Стажировка"], ["goals"], True, {"goals"}),
        (["Курсы"], ["deficits", "goals"], False, {"deficits", "goals"}),
    ],
)
def test_forms_and_composition_of_a_plan_come_from_the_edition(
    cast: Cast, forms: list[str], parts: list[str], taken: bool, lacks: set[str]
) -> None:
    """O4.4, O4.7: the sixteen forms and the composition are data."""
    for key, value in (("development_plan", True), ("plan_forms", forms), ("plan_parts", parts)):
        change(cast.edition, key, value)
    edition = Edition.objects.get(pk=cast.edition.pk)
    with at(date(2026, 8, 3)):
        plan = plans.start_plan(ReservistFactory(edition=edition), year=2026, actor=None)
        with nullcontext() if taken else pytest.raises(GateShut):
            add_item(plan, organiser="", evidence="", competence="")
        assert {blocker.field for blocker in plans.submit_blockers(plan)} - {""} == lacks


@changes("attestation")
@pytest.mark.parametrize("known", [True, False])
def test_an_attestation_is_held_only_where_the_edition_has_it(cast: Cast, known: bool) -> None:
    """O4.10."""
    from reservists.services.attestation import create_attestation

    edition = change(cast.edition, "attestation", known)
    day = date(2026, 12, 1)
    with at(day), nullcontext() if known else pytest.raises(GateShut):
        create_attestation(edition, year=2026, opens_on=day, closes_on=day, actor=cast["operator"])


@changes("exclusion_age")
@changes("exclusion_refusals")
@pytest.mark.parametrize(
    ("age", "refusals", "raised"), [(0, 0, set()), (40, 0, {"age"}), (99, 1, {"refusals"}), (99, 2, set())]
)
def test_signals_follow_the_editions_numbers(
    orenburg: Edition, age: int, refusals: int, raised: set[str]
) -> None:
    """O6.2: a member born in 1980 with one refusal."""
    from candidates.models import Profile
    from reservists.models import ExclusionSignal
    from reservists.services.signals import raise_signals
    from reservists.tests.factories import ParticipationFactory, ReservistFactory

    change(orenburg, "exclusion_age", age)
    edition = change(orenburg, "exclusion_refusals", refusals)
    with at(date(2026, 9, 1)):
        reservist = ReservistFactory(edition=edition)
        Profile.objects.create(user=reservist.user, birth_date=date(1980, 5, 4))
        ParticipationFactory(reservist=reservist, state="refused", reason="Занят")
        raise_signals()
    assert set(ExclusionSignal.objects.values_list("kind", flat=True)) == raised


@changes("return_needs_representation")
@pytest.mark.parametrize("needed", [True, False])
def test_a_representation_is_asked_for_only_where_the_edition_says(orenburg: Edition, needed: bool) -> None:
    """O6.4: the package of somebody excluded before."""
    from reservists.tests.factories import ReservistFactory, make_procedure

    edition = change(orenburg, "return_needs_representation", needed)
    with at(date(2026, 9, 1)):
        former = ReservistFactory(edition=edition, state="excluded", ended_on=date(2024, 1, 10))
        campaign = make_procedure(edition).campaign
        Campaign.objects.filter(pk=campaign.pk).update(state="open", closes_at=clock.end_of(date(2026, 9, 9)))
        draft = applications.start_application(former.user, campaign=Campaign.objects.get(pk=campaign.pk))
    assert draft.items.filter(document_type__only_for_return=True).exists() == needed


@changes("quarterly_body")
@pytest.mark.parametrize("body", ["commission", ""])
def test_the_body_that_meets_each_quarter_is_the_editions(cast: Cast, body: str) -> None:
    """O3.10: its meeting closes the quarter's limit, where a limit runs."""
    from reserve_portal.regulations.models import Deadline
    from reserve_portal.regulations.periods import begin_periods

    edition = change(cast.edition, "quarterly_body", body)
    edition.time_limits.create(
        code="meeting",
        title="Заседание",
        starts="quarter.began",
        closes="quarterly_body.met",
        unit="quarter_day",
        day=31,
        responsible="operator",
    )
    with at(date(2026, 4, 1)):
        begin_periods()
    admitted(cast)
    assert Deadline.objects.get(limit__code="meeting").is_open == (body == "")


def test_every_parameter_is_proved_to_matter() -> None:
    assert set(SPECS) == COVERED


@pytest.mark.parametrize("preset", ["tomsk", "orenburg"])
def test_every_limit_moves_with_its_amount(preset: str, request: pytest.FixtureRequest) -> None:
    """process.md 5: a limit's amount, unit and direction are data; the due day follows them."""
    from reserve_portal.regulations.deadlines import due_date

    edition: Edition = request.getfixturevalue(preset)
    for limit in edition.time_limits.exclude(unit__in=["fixed_date", "quarter_day"]):
        before = due_date(limit, date(2026, 9, 15))
        limit.amount += 2
        after = due_date(limit, date(2026, 9, 15))
        assert (after < before) == (limit.direction == "before") and after != before, limit.code
