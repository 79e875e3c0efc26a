"""The operator's side: an operator with a campaign whose window runs, on a working day in April."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from candidates.models import Campaign
from reserve_portal.accounts.models import User
from reserve_portal.core import clock

from .intake_data import make_campaign, make_edition, make_operator, moment


@pytest.fixture
def april(settings: Any, tmp_path: Any) -> Iterator[None]:
    """Monday, the 20th of April 2026; files lie in a folder of the test."""
    settings.MEDIA_ROOT = tmp_path
    with clock.travel(moment(2026, 4, 20)):
        yield


@pytest.fixture
def operator(april: None, db: None) -> User:
    return make_operator()


@pytest.fixture
def campaign(operator: User) -> Campaign:
    """Open, under Tomsk's edition."""
    return make_campaign(operator, make_edition())


@pytest.fixture
def web(client: Client, operator: User) -> Client:
    """The operator's browser."""
    client.force_login(operator)
    return client
