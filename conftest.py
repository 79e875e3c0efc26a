"""What holds for every test of the tree."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import person_with
from reserve_portal.core import clock
from reserve_portal.core.context import begin_unit_of_work
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.core.tests.databases import OwnDatabases
from reserve_portal.core.tests.migrated import copy_into_memory, migrated_file
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.tests.editions import load_edition_quickly


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the long browser tests: no worker waits for them at the end. On SQLite leave out PostgreSQL's."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
    if connection.vendor == "postgresql":
        return
    needy = [item for item in items if item.get_closest_marker("postgres")]
    if needy:
        config.hook.pytest_deselected(items=needy)
        items[:] = [item for item in items if not item.get_closest_marker("postgres")]


@pytest.fixture(autouse=True)
def unit_of_work() -> Iterator[None]:
    """Nothing remembered by one test reaches the next."""
    begin_unit_of_work()
    yield
    begin_unit_of_work()


@pytest.fixture
def calendar_loaded(db: None) -> None:
    """The working calendars of 2023-2027."""
    load_calendar_quickly()


@pytest.fixture
def tomsk(calendar_loaded: None) -> Edition:
    """Tomsk's edition, in force; `orenburg` asked for later in the same test is loaded beside it, not in force."""
    return load_edition_quickly("tomsk")


@pytest.fixture
def orenburg(calendar_loaded: None) -> Edition:
    """Orenburg's edition, in force unless `tomsk` was asked for before."""
    return load_edition_quickly("orenburg")


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """One person of each role, by the role's code: `people["operator"]`."""
    return {role.value: person_with(role) for role in Role}


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """`client_of(user)` is a browser in which this person has signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def travel() -> Callable[..., AbstractContextManager[None]]:
    """`with travel(date(2026, 9, 1)):` — within the block it is noon of that day (or the given moment)."""

    def to(moment: date | datetime, hour: int = 12) -> AbstractContextManager[None]:
        return clock.travel(moment if isinstance(moment, datetime) else clock.at(moment, time(hour)))

    return to


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """The SQLite file with the whole schema that all workers of this run share; to be copied, not to be used."""
    folder = tmp_path_factory.getbasetemp()
    with django_db_blocker.unblock():
        return migrated_file(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, request: pytest.FixtureRequest
) -> Iterator[None]:
    """On SQLite the test database begins as a copy: one worker alone waits for the migrations."""
    if connection.vendor != "sqlite":
        yield
        return
    name = connection.creation._get_test_db_name()
    with closing(copy_into_memory(request.getfixturevalue("migrated"), name)):
        yield


@pytest.fixture(scope="session")
def own_databases(django_db_setup: None, django_db_blocker: Any) -> Iterator[OwnDatabases]:
    """Makes empty databases for the tests that start processes of their own."""
    with django_db_blocker.unblock():
        databases = OwnDatabases.prepare()
    yield databases
    with django_db_blocker.unblock():
        databases.drop()


@pytest.fixture
def own_database(own_databases: OwnDatabases, db: None) -> Iterator[str]:
    """A database of this test alone, which this process uses in place of the usual one; gives its DATABASE_URL.

    `db` makes sure that there is a test database to copy, also when no other test of the session needs one.
    """
    with own_databases.one() as url:
        yield url
