"""The registry is brought up to date every quarter (O3.24)."""

from datetime import date

import pytest

from reserve_portal.core import clock
from reserve_portal.core.desk import desk_for
from reserve_portal.regulations.models import Deadline
from reserve_portal.regulations.periods import begin_periods
from reservists.services.exclusion import make_exclusion_list
from reservists.services.registry import confirm_registry

from .factories import ReservistFactory, decide


@pytest.fixture
def deadline(orenburg):
    begin_periods()
    return Deadline.objects.about(orenburg).get(limit__code="registry_quarter")


def test_operator_confirms_that_nothing_has_changed(deadline, operator):
    """O3.24: the quarter ends on 31 March; looking through the registry keeps the limit."""
    assert deadline.due_on == date(2026, 3, 31) and deadline.is_open
    confirm_registry(actor=operator)
    deadline.refresh_from_db()
    assert deadline.closed_on == clock.today()


def test_new_edition_of_the_registry_keeps_the_limit(orenburg, deadline, operator):
    """O3.24: a correction by order is an update."""
    reservist = ReservistFactory(edition=orenburg)
    ground = orenburg.grounds.get(code="own_wish", kind="exclusion")
    decide(make_exclusion_list(reservist, ground=ground, words="", actor=operator), actor=operator)
    deadline.refresh_from_db()
    assert deadline.closed_on == clock.today()


@pytest.mark.parametrize(("day", "late"), [(date(2026, 3, 31), False), (date(2026, 4, 1), True)])
def test_update_after_the_quarter_is_late(orenburg, deadline, operator, travel, day, late):
    """The last day itself is in time; the next quarter's limit is closed by the same look."""
    with travel(day):
        begin_periods()
        confirm_registry(actor=operator)
    deadline.refresh_from_db()
    assert deadline.was_late is late
    assert not Deadline.objects.open().about(orenburg).filter(limit__code="registry_quarter").exists()


@pytest.mark.parametrize(
    ("day", "shown", "urgent"),
    [(date(2026, 3, 16), False, False), (date(2026, 3, 17), True, False), (date(2026, 3, 31), True, True)],
)
def test_the_update_comes_onto_the_desk_two_weeks_before_its_day(
    deadline, operator, travel, day, shown, urgent
):
    """O3.24: the operator is reminded while there is time; on the day itself it is urgent."""
    with travel(day):
        found = [item for item in desk_for(operator) if item.label == "Обновить реестр за квартал"]
    assert [item.urgent for item in found] == ([urgent] if shown else [])
