"""The one clock (architecture.md, "One clock")."""

import ast
from datetime import date, datetime, time, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from reserve_portal.core import clock
from reserve_portal.core.context import begin_unit_of_work
from reserve_portal.core.models import ClockOffset
from reserve_portal.core.tests.sources import source_trees


@pytest.mark.django_db
def test_the_stored_clock_is_read_by_a_new_unit_of_work():
    """A moved clock holds for whoever begins a request or task after it (architecture.md)."""
    wanted = clock.at(date(2031, 5, 6), time(10, 0))
    clock.move_to(wanted)
    begin_unit_of_work()
    assert abs(clock.now() - wanted) < timedelta(minutes=1)
    assert clock.today() == date(2031, 5, 6)


@pytest.mark.django_db
def test_a_unit_of_work_reads_the_stored_clock_once(django_assert_num_queries):
    """The offset costs one query a request, not one for each use."""
    with django_assert_num_queries(1):
        clock.now(), clock.today(), clock.now()


@pytest.mark.django_db
def test_moving_again_replaces_the_offset():
    """There is one offset, counted from the true time."""
    clock.move_to(clock.at(date(2031, 5, 6), time(10)))
    clock.move_to(clock.at(date(2025, 1, 9), time(10)))
    assert clock.today() == date(2025, 1, 9)
    assert ClockOffset.objects.count() == 1


@pytest.mark.django_db
def test_production_refuses_to_move_the_clock(settings):
    """Production refuses an offset (architecture.md)."""
    settings.PRODUCTION = True
    with pytest.raises(clock.ClockOffsetRefused):
        clock.move_to(clock.at(date(2031, 5, 6), time(10)))
    with pytest.raises(clock.ClockOffsetRefused), clock.travel(clock.now()):
        pass
    assert not ClockOffset.objects.exists()


@pytest.mark.django_db
def test_production_ignores_an_offset_left_in_the_database(settings):
    """Even a stored row does not move a production clock."""
    ClockOffset.objects.create(pk=1, seconds=1e8)
    settings.PRODUCTION = True
    begin_unit_of_work()
    assert abs(clock.now() - timezone.now()) < timedelta(minutes=1)  # noqa: TID251


@pytest.mark.django_db
def test_travel_holds_within_its_block_alone(travel):
    """Within the block now is the given moment; afterwards the clock stands as before."""
    before = clock.today()
    with travel(date(2026, 9, 1)):
        assert clock.today() == date(2026, 9, 1)
        with travel(date(2026, 10, 1)):
            assert clock.today() == date(2026, 10, 1)
        assert clock.today() == date(2026, 9, 1)
    assert clock.today() == before


def test_today_is_the_regions_day(travel):
    """At 20:00 UTC it is tomorrow in Tomsk (UTC+7)."""
    assert settings.TIME_ZONE == "Asia/Tomsk"
    with travel(datetime(2026, 3, 1, 20, 0, tzinfo=timezone.get_fixed_timezone(0))):
        assert clock.today() == date(2026, 3, 2)


def test_a_day_lasts_until_midnight_of_the_region():
    """The last day of a period counts until 24:00 (Civil Code 194)."""
    end = clock.end_of(date(2026, 3, 2))
    assert clock.local(end).strftime("%d.%m.%Y %H:%M") == "02.03.2026 23:59"
    assert clock.local(end + timedelta(microseconds=1)).date() == date(2026, 3, 3)


FORBIDDEN = {
    ("timezone", "now"),
    ("timezone", "localdate"),
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
}


def test_nobody_else_asks_the_time():
    """`core.clock` is the only source of now and today."""
    allowed = {"reserve_portal/core/clock.py"}
    found = [
        f"{place}:{node.lineno}"
        for place, tree in source_trees(leave_out=allowed)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in FORBIDDEN
    ]
    assert found == []
