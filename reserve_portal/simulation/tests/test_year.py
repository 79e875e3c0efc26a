"""A whole year played by seed, in an invented region too; what the checks find in what was broken afterwards."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from assessment.models import Procedure, Result
from candidates.models import Application, ApplicationTrack, RegistrationEntry
from candidates.uploads import inspecting_own_files
from commissions.models import BodyMember, DecisionLine, DecisionList, LineResult, Meeting, Order, Vote
from reserve_portal.accounts.models import Municipality
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core.models import TransitionLog
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline, Edition
from reserve_portal.regulations.services import load_regulation
from reserve_portal.simulation import checks
from reserve_portal.simulation.checks import find_problems
from reserve_portal.simulation.checks.registry import Check
from reserve_portal.simulation.story import at
from reserve_portal.simulation.year.account import account_of, funnel
from reserve_portal.simulation.year.digest import digest_of_cases
from reserve_portal.simulation.year.play import play_year
from reserve_portal.simulation.year.year import Year
from reservists.models import Participation, RegistryEdition, Reservist
from vacancies.models import Appointment, Vacancy

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
        for check, words, breaking in BREAKS:
            _finds(check, words, breaking)
        with transaction.atomic():
            Appointment.objects.all().delete()
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
    assert rows["включены в резерв"] == Reservist.objects.count()
    text = account_of(year)
    assert "Воронка" in text and "Сроки: соблюдено" in text and "Опубликовать план мероприятий" in text


def _finds(check: Check, words: str, breaking: Callable[[], Any]) -> None:
    with transaction.atomic():
        assert breaking(), f"nothing to break for «{words}»"
        found = list(check())
        transaction.set_rollback(True)
    assert any(words in sentence for sentence in found), f"{check.__name__}: «{words}» not in {found}"


def _first(rows: Any) -> Any:
    return type(rows.first())._default_manager.filter(pk=rows.first().pk)


def _delete_letters(kind: str) -> int:
    return Letter.objects.filter(kind=kind).delete()[0]


BREAKS: list[tuple[Check, str, Callable[[], Any]]] = [
    (
        checks.numbers.journal_has_neither_gap_nor_double,
        "нет номеров 1",
        lambda: _first(RegistrationEntry.objects.filter(number=1)).delete()[0],
    ),
    (
        checks.numbers.journal_lines_say_their_number,
        "записан номер «чужой»",
        lambda: _first(RegistrationEntry.objects.all()).update(text="чужой"),
    ),
    (
        checks.numbers.protocols_have_neither_gap_nor_double,
        "номера протокола нет",
        lambda: _first(Meeting.objects.filter(state="closed")).update(number=""),
    ),
    (
        checks.numbers.protocols_have_neither_gap_nor_double,
        "нет номеров",
        lambda: _first(Meeting.objects.filter(state="closed")).update(state="cancelled"),
    ),
    (
        checks.numbers.registry_editions_are_numbered_without_a_gap,
        "нет номеров 1",
        lambda: RegistryEdition.objects.filter(number=1).update(number=70),
    ),
    (
        checks.numbers.papers_have_neither_gap_nor_double,
        "номер не того вида",
        lambda: _first(IssuedPaper.objects.filter(kind="results_sheet")).update(number="?"),
    ),
    (
        checks.numbers.papers_are_what_they_were,
        "файл не тот",
        lambda: _first(IssuedPaper.objects.all()).update(sha256="0" * 64),
    ),
    (
        checks.numbers.audit_trail_is_whole,
        "изменено после опечатывания",
        lambda: _first(AuditEvent.objects.exclude(batch=None)).update(action="другое"),
    ),
    (
        checks.states.every_state_has_its_history,
        "а по журналу",
        lambda: ApplicationTrack.objects.filter(state="included").update(state="withdrawn"),
    ),
    (
        checks.states.every_state_has_its_history,
        "а было",
        lambda: TransitionLog.objects.filter(transition="register").update(from_state="draft"),
    ),
    (
        checks.states.every_state_has_its_history,
        "нет ни одной записи",
        lambda: TransitionLog.objects.filter(workflow="campaign").delete()[0],
    ),
    (
        checks.states.no_limit_runs_for_a_closed_case,
        "ещё идёт, хотя дело закончено",
        lambda: (
            Deadline.objects.filter(content_type__model="application").update(closed_on=None, cancelled=False)
            and Application.objects.exclude(state="draft").update(state="refused")
        ),
    ),
    (
        checks.decisions.decided_lists_went_their_whole_way,
        "нет протокола или приказа",
        lambda: Order.objects.all().delete()[0],
    ),
    (
        checks.decisions.decided_lists_went_their_whole_way,
        "решён не о каждом",
        lambda: DecisionLine.objects.filter(list__state="decided").update(outcome=None),
    ),
    (
        checks.decisions.admission_rests_on_a_decision,
        "допущен(а) без решения",
        lambda: DecisionLine.objects.filter(list__decision="admission").update(outcome=None),
    ),
    (
        checks.decisions.inclusion_rests_on_a_decision,
        "включён(а) в резерв без решения",
        lambda: DecisionLine.objects.filter(list__decision="inclusion").update(outcome=False),
    ),
    (
        checks.decisions.included_people_are_members,
        "в резерве человека нет",
        lambda: Reservist.objects.update(track=None),
    ),
    (
        checks.decisions.exclusion_rests_on_a_decision,
        "исключён(а) из резерва без решения",
        lambda: _first(Reservist.objects.all()).update(state="excluded"),
    ),
    (
        checks.decisions.departures_have_a_reason,
        "а причины нет",
        lambda: _first(LineResult.objects.all()).update(supported=False, reason=""),
    ),
    (
        checks.decisions.votes_are_those_of_the_entitled,
        "не имея права голоса",
        lambda: Vote.objects.first().item.voters.clear() or 1,
    ),
    (
        checks.decisions.votes_are_those_of_the_entitled,
        "голосов больше",
        lambda: _first(LineResult.objects.all()).update(against=F("present") + 1),
    ),
    (
        checks.results.results_follow_from_the_points,
        "не следует из баллов",
        lambda: Result.objects.filter(passed=True).update(passed=False),
    ),
    (
        checks.results.results_follow_from_the_points,
        "не равны сумме",
        lambda: _first(Result.objects.all()).update(points=F("points") - 1),
    ),
    (
        checks.results.places_follow_from_the_points,
        "а по баллам — 1",
        lambda: Result.objects.filter(rank=1).update(rank=5),
    ),
    (
        checks.results.members_carry_their_result,
        "не те, что",
        lambda: _first(Reservist.objects.exclude(track=None)).update(points=F("points") - 1),
    ),
    (
        checks.people.no_name_is_published_without_consent,
        "без согласия",
        lambda: RegistryEdition.objects.filter(state="published").update(
            public_rows=[{"user": 0, "number": "1", "group": "", "name": "Кто-то", "municipality": ""}]
        ),
    ),
    (
        checks.people.confidential_lists_are_not_published,
        "хотя порядок этого не допускает",
        lambda: Edition.objects.get().parameters.filter(key="public_list").update(value=False),
    ),
    (
        checks.people.participation_counts_when_confirmed,
        "не подтверждено как следует",
        lambda: Participation.objects.filter(state="confirmed").update(confirmed_by=None),
    ),
    (
        checks.cases.appointed_members_have_an_appointment,
        "а назначения нет",
        lambda: (
            _first(Reservist.objects.all()).update(state="appointed")
            and (Appointment.objects.all().delete() or 1)
        ),
    ),
    (
        checks.cases.filled_vacancies_have_an_appointment,
        "закрыта, а назначения нет",
        lambda: Appointment.objects.all().delete() and _first(Vacancy.objects.all()).update(state="filled"),
    ),
    (
        checks.cases.appointments_come_from_the_reserve_where_they_must,
        "порядок этого не допускает",
        lambda: (
            Edition.objects.get().parameters.filter(key="only_from_reserve").update(value=True)
            and _appointment(from_reserve=False)
        ),
    ),
    (
        checks.cases.appointments_belong_to_their_vacancy,
        "не закончено назначением",
        lambda: (
            Appointment.objects.exclude(referral=None).update(fell_through_at=None)
            and _first(Appointment.objects.exclude(referral=None))
            .get()
            .referral.__class__.objects.update(state="released")
        ),
    ),
    (
        checks.letters.every_letter_has_a_kind_and_a_case,
        "неизвестный вид",
        lambda: _first(Letter.objects.all()).update(kind="luck"),
    ),
    (
        checks.letters.every_letter_has_a_kind_and_a_case,
        "дела, о котором оно, нет",
        lambda: _first(Letter.objects.exclude(object_id=None)).update(object_id=10**9),
    ),
    (
        checks.letters.letters_and_decisions_belong_together,
        "нет:",
        lambda: _delete_letters("reserve.included"),
    ),
    (
        checks.letters.letters_and_decisions_belong_together,
        "такого решения не было",
        lambda: TransitionLog.objects.filter(transition="include").delete()[0],
    ),
    (
        checks.letters.results_are_not_told_before_the_decision,
        "раньше решения",
        lambda: Letter.objects.filter(kind="reserve.included").update(
            created_at=F("created_at") - timedelta(days=1)
        ),
    ),
    (
        checks.letters.sent_letters_have_a_moment,
        "когда — неизвестно",
        lambda: _first(Letter.objects.filter(state="sent")).update(sent_at=None),
    ),
]


def _appointment(*, from_reserve: bool) -> Appointment:
    vacancy = Vacancy.objects.exclude(appointments__fell_through_at=None, appointments__isnull=False).first()
    vacancy = vacancy or Vacancy.objects.first()
    Appointment.objects.filter(vacancy=vacancy).delete()
    return Appointment.objects.create(
        vacancy=vacancy,
        person_name="Кто-то",
        from_reserve=from_reserve,
        order_number="1",
        order_dated=date(2026, 8, 1),
        recorded_by=vacancy.reported_by,
    )


def test_every_check_is_seen_to_fail() -> None:
    """A new check comes with the row that breaks it."""
    assert {check for check, _, _ in BREAKS} == set(checks.checks)
