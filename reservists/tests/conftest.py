from collections.abc import Iterator

import pytest

from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock

from .factories import TODAY


@pytest.fixture(autouse=True)
def fixed_day() -> Iterator[None]:
    """Every test stands on Wednesday, 11 March 2026, 13:00 in Tomsk."""
    with clock.travel(TODAY):
        yield


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(operator=True)
