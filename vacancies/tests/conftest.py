from collections.abc import Iterator

import pytest

from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.core.context import begin_unit_of_work
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.tests.editions import load_edition_quickly

from .factories import MOMENT


@pytest.fixture(autouse=True)
def fixed_day() -> Iterator[None]:
    """Every test stands on Wednesday, 11 March 2026, 13:00 in Tomsk."""
    begin_unit_of_work()
    with clock.travel(MOMENT):
        yield


@pytest.fixture
def tomsk(db: None) -> Edition:
    load_calendar_quickly()
    return load_edition_quickly("tomsk")


@pytest.fixture
def orenburg(db: None) -> Edition:
    load_calendar_quickly()
    return load_edition_quickly("orenburg")


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(operator=True)
