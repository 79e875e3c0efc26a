"""Limits arise from events and close by events (process.md 5)."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from reserve_portal.accounts.tests.factories import MunicipalityFactory, UserFactory, person_with
from reserve_portal.core.calendar import CalendarNotLoaded
from reserve_portal.core.tests.threads import at_once
from reserve_portal.regulations.deadlines import (
    cancel_deadlines,
    due_date,
    event_happened,
    events,
    find_limit,
    register_event,
)
from reserve_portal.regulations.enums import Direction, Unit
from reserve_portal.regulations.models import Deadline, TimeLimit
from reserve_portal.regulations.tests.editions import load_edition_quickly
from reserve_portal.regulations.tests.factories import DeadlineFactory, TimeLimitFactory

WEDNESDAY, THURSDAY, FRIDAY = date(2026, 9, 2), date(2026, 9, 3), date(2026, 9, 4)
CODES = ("tests.begun", "tests.done", "tests.planned", "tests.told")


@pytest.fixture(autouse=True)
def own_events():
    for code in CODES:
        register_event(code, code)
    yield
    for code in CODES:
        events._plugs.pop(code)


@pytest.fixture
def limit(tomsk):
    """Five working days from «begun» to «done»."""
    return TimeLimitFactory(title="Сделать", amount=5)


@pytest.fixture
def notice(tomsk):
    """A week before the day of «planned»."""
    return TimeLimitFactory(
        starts="tests.planned", closes="tests.told", amount=1, unit=Unit.WEEKS, direction=Direction.BEFORE
    )


@pytest.fixture
def case(db):
    """What the deadlines are about: any row."""
    return MunicipalityFactory(name="Дело Иванова")


def _begin(case, edition, on=WEDNESDAY, **kwargs):
    return event_happened("tests.begun", case, edition=edition, on=on, **kwargs)


def _end(case, edition, on=THURSDAY):
    return event_happened("tests.done", case, edition=edition, on=on)


def test_an_event_opens_its_limit_with_a_date_and_somebody_responsible(limit, case):
    """A limit becomes a dated, visible deadline with a responsible role when its event happens."""
    (deadline,) = _begin(case, limit.edition)
    assert (deadline.title, deadline.about, deadline.subject) == ("Сделать", "Дело Иванова", case)
    assert (deadline.opened_on, deadline.due_on) == (WEDNESDAY, date(2026, 9, 9))
    assert (deadline.responsible, deadline.responsible_user, deadline.closed_on) == ("operator", None, None)
    assert list(Deadline.objects.about(case).open()) == [deadline]


def test_an_event_closes_what_it_ends(limit, case):
    """In time, on the day of the event."""
    (deadline,) = _begin(case, limit.edition)
    assert _end(case, limit.edition, on=date(2026, 9, 9)) == []
    deadline.refresh_from_db()
    assert deadline.closed_on == date(2026, 9, 9) and not deadline.was_late and not deadline.is_open


@pytest.mark.parametrize(("closed_on", "late"), [(date(2026, 9, 9), False), (date(2026, 9, 10), True)])
def test_a_limit_is_kept_on_its_last_day_and_late_the_day_after(limit, case, closed_on, late):
    """At and just after the border."""
    (deadline,) = _begin(case, limit.edition)
    _end(case, limit.edition, on=closed_on)
    deadline.refresh_from_db()
    assert deadline.was_late is late
    assert Deadline.objects.kept_late().exists() is late


@pytest.mark.parametrize(("today", "overdue"), [(date(2026, 9, 9), False), (date(2026, 9, 10), True)])
def test_a_limit_is_overdue_from_the_day_after_its_last(limit, case, travel, today, overdue):
    """Overdue ones are listed and counted."""
    (deadline,) = _begin(case, limit.edition)
    with travel(today):
        assert deadline.is_overdue is overdue
        assert Deadline.objects.overdue().exists() is overdue


def test_an_event_told_twice_opens_one_deadline(limit, case):
    """The same deed, repeated, changes nothing."""
    assert len(_begin(case, limit.edition)) == 1
    assert _begin(case, limit.edition) == []
    assert Deadline.objects.count() == 1


def test_an_event_of_another_day_opens_another_deadline(limit, case):
    """Each deed has its own limit; one closing event closes both."""
    _begin(case, limit.edition)
    _begin(case, limit.edition, on=THURSDAY)
    assert Deadline.objects.open().count() == 2
    _end(case, limit.edition, on=FRIDAY)
    assert not Deadline.objects.open().exists()


def test_what_was_opened_and_closed_on_a_day_may_begin_again_on_it(limit, case):
    """Sent back in the morning, corrected at noon, sent back again: the limit runs anew."""
    (deadline,) = _begin(case, limit.edition)
    _end(case, limit.edition, on=WEDNESDAY)
    assert _begin(case, limit.edition) == [deadline]
    assert Deadline.objects.get().is_open


def test_an_old_event_told_again_does_not_reopen_what_was_done_later(limit, case):
    """A task that repeats itself must not undo anything."""
    _begin(case, limit.edition)
    _end(case, limit.edition)
    assert _begin(case, limit.edition) == []
    assert not Deadline.objects.open().exists()


def test_an_event_closes_only_its_own_subjects_limits(limit, case):
    """The case beside it goes on."""
    other = MunicipalityFactory()
    _begin(case, limit.edition)
    _begin(other, limit.edition)
    _end(case, limit.edition)
    assert [item.subject for item in Deadline.objects.open()] == [other]


def test_limits_of_another_edition_are_not_opened(limit, case, orenburg):
    """A case runs by the edition under which it was opened."""
    assert _begin(case, orenburg) == []


def test_an_unknown_event_is_refused(limit, case):
    """A typing mistake would silently open nothing."""
    with pytest.raises(LookupError, match=r"tests\.gone"):
        event_happened("tests.gone", case, edition=limit.edition, on=WEDNESDAY)


def test_a_limit_into_a_year_without_calendar_is_refused(limit, case):
    """No legal date is computed in a year that is not loaded."""
    with pytest.raises(CalendarNotLoaded), transaction.atomic():
        _begin(case, limit.edition, on=date(2027, 12, 29))
    assert not Deadline.objects.exists()


def test_a_moved_start_moves_the_limits_counted_back_from_it(notice, case):
    """The procedure is put off: the old invitation limit falls away, the new one runs."""
    for on in (date(2026, 9, 21), date(2026, 9, 28)):
        event_happened("tests.planned", case, edition=notice.edition, on=on)
    old, new = Deadline.objects.order_by("due_on")
    assert old.cancelled and new.is_open and new.due_on == date(2026, 9, 21)
    event_happened("tests.planned", case, edition=notice.edition, on=date(2026, 9, 21))
    old.refresh_from_db()
    new.refresh_from_db()
    assert old.is_open and new.cancelled


def test_a_start_told_again_after_the_notice_reopens_nothing(notice, case):
    """Invited in time, then the procedure's page was saved once more."""
    on = date(2026, 9, 21)
    event_happened("tests.planned", case, edition=notice.edition, on=on)
    event_happened("tests.told", case, edition=notice.edition, on=on)
    assert event_happened("tests.planned", case, edition=notice.edition, on=on) == []


def test_limits_of_an_ended_case_fall_away(limit, notice, case):
    """Withdrawn: nobody is late; what was done before stays done."""
    _begin(case, limit.edition)
    event_happened("tests.planned", case, edition=notice.edition, on=date(2026, 9, 28))
    cancel_deadlines(case, closes=("tests.told",))
    assert [item.limit for item in Deadline.objects.open()] == [limit]
    cancel_deadlines(case)
    assert not Deadline.objects.open().exists() and not Deadline.objects.overdue().exists()


def test_a_closed_limit_does_not_fall_away(limit, case):
    """Its history stays."""
    _begin(case, limit.edition)
    _end(case, limit.edition)
    cancel_deadlines(case)
    assert not Deadline.objects.get().cancelled


def test_a_limit_between_two_events_is_found(limit, orenburg):
    """Stages ask how long something may take; None where the edition sets nothing."""
    assert find_limit(limit.edition, starts="tests.begun", closes="tests.done") == limit
    assert find_limit(orenburg, starts="tests.begun", closes="tests.done") is None


# --- dates ----------------------------------------------------------------------------------------------------------

AFTER, BEFORE = Direction.AFTER, Direction.BEFORE


@pytest.mark.parametrize(
    ("unit", "amount", "direction", "on", "due"),
    [
        (Unit.WORKING_DAYS, 5, AFTER, date(2024, 5, 24), date(2024, 5, 31)),  # O3.4
        (Unit.WORKING_DAYS, 7, AFTER, date(2026, 2, 20), date(2026, 3, 4)),  # T4, T8, over 23 February
        (Unit.WORKING_DAYS, 10, AFTER, date(2024, 4, 26), date(2024, 5, 16)),  # T4, over the May holidays
        (Unit.WORKING_DAYS, 10, AFTER, date(2026, 12, 25), date(2027, 1, 19)),  # over the New Year
        (Unit.WORKING_DAYS, 2, BEFORE, date(2026, 6, 15), date(2026, 6, 10)),  # 12 June is a holiday
        (Unit.CALENDAR_DAYS, 10, AFTER, date(2026, 6, 1), date(2026, 6, 11)),  # O6.3
        (Unit.CALENDAR_DAYS, 10, AFTER, date(2026, 6, 2), date(2026, 6, 15)),  # its end is a holiday
        (Unit.WEEKS, 2, AFTER, date(2026, 2, 6), date(2026, 2, 20)),  # O4.9
        (Unit.WEEKS, 2, AFTER, date(2026, 2, 9), date(2026, 2, 24)),
        (Unit.WEEKS, 1, BEFORE, date(2026, 6, 18), date(2026, 6, 11)),  # T3
        (Unit.WEEKS, 1, BEFORE, date(2026, 6, 19), date(2026, 6, 11)),  # a week before is a holiday
        (Unit.MONTHS, 1, AFTER, date(2026, 3, 31), date(2026, 4, 30)),  # O4.9
        (Unit.MONTHS, 1, AFTER, date(2026, 4, 1), date(2026, 5, 4)),
    ],
)
def test_a_limit_ends_on_its_legal_day(tomsk, unit, amount, direction, on, due):
    """Each unit, around holidays (domain/calendar.md)."""
    assert due_date(TimeLimitFactory(unit=unit, amount=amount, direction=direction), on) == due


@pytest.mark.parametrize(
    ("month", "day", "on", "due"),
    [
        (9, 2, date(2026, 1, 1), date(2026, 9, 2)),  # T6
        (8, 30, date(2026, 1, 1), date(2026, 8, 30)),  # a Sunday: a fixed date does not roll (O4.14)
        (2, 29, date(2028, 1, 1), date(2028, 2, 29)),
        (2, 29, date(2026, 1, 1), date(2026, 2, 28)),
    ],
)
def test_a_fixed_date_does_not_roll(tomsk, month, day, on, due):
    """«Не позднее 30 числа» is that day; it needs no calendar of the year."""
    assert due_date(TimeLimitFactory(unit=Unit.FIXED_DATE, month=month, day=day, amount=0), on) == due


@pytest.mark.parametrize("unit", [Unit.CALENDAR_DAYS, Unit.MONTHS])
def test_a_limit_is_counted_back_in_weeks_or_working_days(tomsk, unit):
    """Nothing else is defined; an edition cannot hold such a rule either."""
    limit = TimeLimitFactory(unit=unit, direction=BEFORE)
    with pytest.raises(ValueError, match="weeks or working days"):
        due_date(limit, WEDNESDAY)


def test_a_fixed_date_without_its_day_cannot_be_stored(tomsk):
    """What must always hold is a constraint."""
    with pytest.raises(IntegrityError), transaction.atomic():
        TimeLimitFactory(unit=Unit.FIXED_DATE, month=9, day=None)


def test_a_day_of_the_quarter_without_its_day_cannot_be_stored(tomsk):
    """What must always hold is a constraint."""
    with pytest.raises(IntegrityError), transaction.atomic():
        TimeLimitFactory(unit=Unit.QUARTER_DAY, day=None)


LIMITS = [
    # region, code, event's day, last day, responsible, clause
    ("tomsk", "registration", date(2026, 9, 16), date(2026, 9, 23), "operator"),
    ("tomsk", "review", date(2026, 9, 16), date(2026, 9, 30), "operator"),
    ("tomsk", "admission_letters", date(2026, 9, 16), date(2026, 9, 30), "operator"),
    ("tomsk", "invitation", date(2026, 9, 16), date(2026, 9, 9), "operator"),  # T3
    ("tomsk", "sample_questions", date(2026, 9, 16), date(2026, 9, 9), "operator"),  # T3
    ("tomsk", "results", date(2026, 9, 16), date(2026, 9, 30), "operator"),  # T4
    ("tomsk", "publication", date(2026, 9, 16), date(2026, 9, 25), "operator"),  # T4
    ("tomsk", "events_plan", date(2026, 1, 1), date(2026, 9, 2), "operator"),  # T6
    ("tomsk", "vacancy_report", date(2026, 9, 16), date(2026, 9, 25), "municipal"),  # T8
    ("orenburg", "registration", date(2026, 9, 16), date(2026, 9, 23), "operator"),  # O3.4
    ("orenburg", "review", date(2026, 9, 16), date(2026, 9, 30), "operator"),  # O3.6
    ("orenburg", "incomplete_refusal", date(2026, 9, 16), date(2026, 9, 23), "operator"),  # O3.8
    ("orenburg", "admission_letters", date(2026, 9, 16), date(2026, 9, 30), "operator"),  # O3.13
    ("orenburg", "registry_order", date(2026, 9, 16), date(2026, 9, 30), "authority"),  # O3.23
    ("orenburg", "result_letters", date(2026, 9, 16), date(2026, 9, 30), "operator"),  # O3.25
    ("orenburg", "plan_agreed", date(2026, 1, 30), date(2026, 3, 2), "reservist"),  # O4.9
    ("orenburg", "plan_copied", date(2026, 4, 18), date(2026, 5, 4), "reservist"),  # O4.9
    ("orenburg", "plan_report", date(2026, 4, 1), date(2026, 6, 30), "reservist"),  # O4.14
    ("orenburg", "registry_quarter", date(2026, 7, 1), date(2026, 9, 30), "operator"),  # O3.24
    ("orenburg", "quarterly_meeting", date(2026, 10, 1), date(2026, 12, 31), "operator"),  # O3.10
    (
        "orenburg",
        "exclusion_list",
        date(2026, 9, 16),
        date(2026, 9, 28),
        "operator",
    ),  # O6.3: the 26th is a Saturday
    ("orenburg", "effectiveness", date(2026, 1, 1), date(2026, 12, 31), "operator"),  # O7.1
    ("orenburg", "subject_request", date(2026, 9, 16), date(2026, 9, 30), "operator"),  # 152-FZ, art. 20
    ("tomsk", "subject_request", date(2026, 9, 16), date(2026, 9, 30), "operator"),
    ("orenburg", "vacancy_report", date(2026, 9, 16), date(2026, 9, 25), "municipal"),
]


@pytest.mark.parametrize(("region", "code", "on", "due", "responsible"), LIMITS)
def test_a_regions_limit_is_as_its_regulation_says(calendar_loaded, region, code, on, due, responsible):
    """The table of process.md 5, from the presets as they are loaded."""
    limit = load_edition_quickly(region).time_limits.get(code=code)
    assert (due_date(limit, on), limit.responsible) == (due, responsible)


def test_a_changed_limit_changes_the_date(tomsk):
    """A limit is data: another amount, another day (T8)."""
    limit = tomsk.time_limits.get(code="vacancy_report")
    TimeLimit.objects.filter(pk=limit.pk).update(amount=3)
    limit.refresh_from_db()
    assert due_date(limit, date(2026, 9, 16)) == date(2026, 9, 21)


# --- who answers ----------------------------------------------------------------------------------------------------


def test_a_limit_belongs_to_everybody_of_its_role(tomsk):
    """Operators share their work."""
    deadline = DeadlineFactory(responsible="operator")
    assert list(Deadline.objects.for_user(person_with("operator"))) == [deadline]
    for role in ("candidate", "commission", "municipal", "auditor", "administrator"):
        assert not Deadline.objects.for_user(person_with(role)).exists()


def test_a_limit_given_by_name_belongs_to_the_named_person_alone(tomsk):
    """A candidate corrects the own papers, not those of others."""
    mine, other = person_with("candidate"), person_with("candidate")
    deadline = DeadlineFactory(responsible="candidate", responsible_user=mine)
    assert list(Deadline.objects.for_user(mine)) == [deadline]
    assert not Deadline.objects.for_user(other).exists()


@pytest.mark.parametrize("role", ["candidate", "reservist"])
def test_a_private_limit_without_a_name_belongs_to_nobody(tomsk, role):
    """Otherwise every candidate would read about one candidate's case."""
    DeadlineFactory(responsible=role)
    assert not Deadline.objects.for_user(person_with(role)).exists()


def test_a_municipal_limit_belongs_to_officials_of_its_municipality(tomsk):
    """A municipal official sees the own municipality only."""
    here, there = MunicipalityFactory(), MunicipalityFactory()
    mine = DeadlineFactory(responsible="municipal", municipality=here)
    DeadlineFactory(responsible="municipal", municipality=there)
    everybodys = DeadlineFactory(responsible="municipal")
    official, homeless = person_with("municipal", municipality=here), UserFactory(roles=["municipal"])
    assert set(Deadline.objects.for_user(official)) == {mine, everybodys}
    assert set(Deadline.objects.for_user(homeless)) == {everybodys}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_event_told_at_once_opens_one_deadline():
    """Two requests, one deed."""
    from reserve_portal.core.tests.calendars import load_calendar_quickly

    load_calendar_quickly()
    edition = load_edition_quickly("tomsk")
    TimeLimitFactory(edition=edition)
    case = MunicipalityFactory()
    outcome = at_once([lambda: _begin(case, edition)] * 6)
    assert sum(len(opened) for opened in outcome) == 1
    assert Deadline.objects.count() == 1
