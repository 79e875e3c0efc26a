"""A whole year played by seed, in an invented region too; what the checks find in what was broken afterwards."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import transaction

from assessment.models import Procedure
from candidates.models import Application, RegistrationEntry
from candidates.uploads import inspecting_own_files
from commissions.models import BodyMember, DecisionList
from reserve_portal.accounts.models import Municipality
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.tests.factories import PaperFactory
from reserve_portal.regulations.models import Deadline, Edition
from reserve_portal.regulations.services import load_regulation
from reserve_portal.simulation import checks
from reserve_portal.simulation.checks import find_problems
from reserve_portal.simulation.story import at
from reserve_portal.simulation.year.account import account_of, funnel
from reserve_portal.simulation.year.acts import changes, development, leaving, mentoring, requests
from reserve_portal.simulation.year.digest import digest_of_cases
from reserve_portal.simulation.year.play import play_year
from reserve_portal.simulation.year.press import PressBeside
from reserve_portal.simulation.year.year import Year
from reservists.indicators import indicators, scope_of
from reservists.models import AttestationSheet, PlanReview, RegistryEdition, Reservist

from .breaks import ORENBURG_BREAKS, ZARECHNY_BREAKS, delete_appointments, finds
from .raw_figures import figures_of

ZARECHNY = Path(__file__).parent / "editions" / "zarechny.yaml"


def _digest_of(seed: int, until: date) -> str:
    """Play a part of a year and take everything back."""
    with transaction.atomic():
        year = play_year(load_regulation("tomsk"), candidates=4, seed=seed, until=until)
        with at(year.last_day, 23, 59):
            problems, digest = find_problems(), digest_of_cases()
        transaction.set_rollback(True)
    assert not problems
    return digest


def test_the_same_seed_plays_the_same_year_and_another_one_another(db: None) -> None:
    """Chance is seeded for each occasion; keys, hashes and the true clock do not enter the digest."""
    assert _digest_of(3, date(2026, 6, 10)) == _digest_of(3, date(2026, 6, 10))
    assert _digest_of(3, date(2026, 4, 20)) != _digest_of(4, date(2026, 4, 20))


def test_a_year_is_not_played_over_somebodys_data(tomsk: Edition, people: Any) -> None:
    with pytest.raises(CommandError, match="на пустой базе"):
        call_command("run_year", "--here")


@pytest.mark.parametrize("options", [["--candidates=0"], ["--region=nowhere"]])
def test_what_cannot_be_played_is_refused_with_a_sentence(db: None, options: list[str]) -> None:
    with pytest.raises(CommandError, match=r"Кандидатов|Нет файла"):
        call_command("run_year", "--here", *options)


def test_in_production_no_year_is_played_and_no_upload_escapes_the_child_process(
    db: None, settings: Any
) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="рабочей установке"):
        call_command("run_year", "--here")
    with pytest.raises(ImproperlyConfigured), inspecting_own_files():
        pass


def test_own_files_are_judged_by_the_same_rules() -> None:
    """Without the child process a faulty PDF is refused as ever."""
    from candidates.uploads import RejectedUpload, UploadLimits, check_upload

    with inspecting_own_files(), pytest.raises(RejectedUpload, match="повреждён"):
        check_upload("a.pdf", b"%PDF-1.7\nnothing\n%%EOF", UploadLimits())


def test_an_invented_region_runs_the_whole_cycle_by_its_data_alone(db: None, capsys: Any) -> None:
    """Threshold 60 %, three bodies, one group, publication within three working days, other limits and documents.

    Afterwards each check is shown a broken row and must name it.
    """
    edition = load_regulation(str(ZARECHNY))
    year = play_year(edition, candidates=9, seed=5, until=date(2026, 8, 31))
    with at(year.last_day, 23, 59):
        assert find_problems() == []
        call_command("check_consistency")
        assert "Несоответствий нет" in capsys.readouterr().out
        _own_rules_applied(edition)
        _account_is_whole(year)
        _indicators_are_the_events(edition)
        for check, words, breaking in ZARECHNY_BREAKS:
            finds(check, words, breaking)
        with transaction.atomic():
            delete_appointments()
            Reservist.objects.update(track=None)
            with pytest.raises(CommandError, match="без решения"):
                call_command("check_consistency")
            transaction.set_rollback(True)


def _own_rules_applied(edition: Edition) -> None:
    """What differs from both presets is what the file says."""
    assert Municipality.objects.filter(oktmo__startswith="99").count() == Municipality.objects.count() == 4
    members = Reservist.objects.all()
    assert members.exists() and all(row.points * 100 >= 60 * row.maximum for row in members)
    assert Procedure.objects.first().threshold_percent == Decimal(60)
    assert Procedure.objects.first().maximum == Decimal(75)
    assert {row.text for row in RegistrationEntry.objects.all()} >= {"З-001-2026", "З-002-2026"}
    assert set(BodyMember.objects.values_list("body__code", flat=True)) == {
        "screening",
        "council",
        "administration",
    }
    inclusion = DecisionList.objects.filter(decision="inclusion", state="decided").first()
    assert inclusion.items.filter(state="voted").count() == 2 and inclusion.orders.count() == 1
    codes = {item.document_type.code for item in Application.objects.first().items.all()}
    assert codes == {"application", "education", "project", "head_letter", "awards"}
    published = Deadline.objects.filter(limit__code="publication").first()
    assert (published.due_on - published.opened_on).days in (
        3,
        5,
    )  # three working days, a weekend between or not
    assert RegistryEdition.objects.filter(state="published").exists()
    assert Deadline.objects.get(limit__code="events_plan").due_on == date(2026, 3, 1)
    assert edition.is_frozen


def _account_is_whole(year: Year) -> None:
    rows = dict(funnel())
    assert rows["начали заявление"] == Application.objects.count() > rows["подали"] - 1
    brought = Reservist.objects.filter(track=None)  # of the reserve before the portal: nobody's application
    assert rows["включены в резерв"] == Reservist.objects.exclude(track=None).count()
    assert brought.exists()
    text = account_of(year)
    assert "Воронка" in text and "Сроки: соблюдено" in text and "Опубликовать план мероприятий" in text


def _indicators_are_the_events(edition: Edition) -> None:
    """O7.3: every indicator, of all and of each target group, is what the raw events add up to."""
    told = {}
    for group in ("", *edition.target_groups.values_list("code", flat=True)):
        scope = scope_of(2026, group=group)
        measured = {row.code: row.measure(scope).text for row in indicators}
        assert measured == figures_of(2026, group), group
        told[group] = measured
    assert all(told[""][code] not in ("—", "0 чел.") for code in ("applied", "points_assessed", "included"))


def test_orenburgs_people_are_judged_developed_attested_and_excluded_by_decision(db: None) -> None:
    """Experts, conclusions, mentors, plans, reports, attestation, signals in a small year (O3.15-3.23, O4, O6).

    One intake up to the plans; what comes later in a year follows at once, without the days between. Afterwards each
    check is shown a broken row and must name it.
    """
    year = play_year(load_regulation("orenburg"), candidates=20, seed=5, until=date(2026, 4, 30))
    year.last_day = date(2026, 8, 31)
    year.plan(date(2026, 5, 5), 10, 0, changes.change_level, year)
    year.plan(date(2026, 5, 6), 10, 0, requests.ask, year, 5)
    year.plan(date(2026, 5, 12), 10, 0, changes.appoint, year)
    year.plan(date(2026, 6, 5), 10, 0, leaving.wish_to_leave, year)
    year.plan(date(2026, 6, 8), 10, 0, leaving.look, year)
    year.plan(date(2026, 6, 22), 10, 0, development.report_quarter, year, 2)
    year.plan(date(2026, 5, 11), 10, 0, mentoring.talk, year)
    year.plan(date(2026, 7, 6), 16, 0, mentoring.report, year)
    year.plan(date(2026, 7, 13), 11, 0, mentoring.review, year)
    year.live()
    assert AttestationSheet.objects.filter(state="handed_in").exists() and PlanReview.objects.exists()
    with at(year.last_day, 23, 59):
        assert find_problems() == []
        _indicators_are_the_events(year.edition)
        for check, words, breaking in ORENBURG_BREAKS:
            finds(check, words, breaking)


def test_the_press_beside_makes_every_paper(db: None) -> None:
    """Its process starts without the portal's apps; what it has not begun at the end the year makes itself."""
    words = "<!doctype html><html lang='ru'><title>Документ</title><body>Слова</body></html>"
    papers = [PaperFactory(person=UserFactory()) for _ in range(4)]
    IssuedPaper.objects.update(html=words, stored="", sha256="", size=None)
    with PressBeside() as press:
        press.feed()
        press.finish()
    assert not IssuedPaper.objects.to_be_made().exists()
    assert IssuedPaper.objects.exclude(sha256="").count() == len(papers)


def test_every_check_is_seen_to_fail() -> None:
    """A new check comes with the row that breaks it."""
    assert {check for check, _, _ in (*ZARECHNY_BREAKS, *ORENBURG_BREAKS)} == set(checks.checks)
