"""Databases of a measurement's own: made with all tables, used in place of the configured one, thrown away."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import dj_database_url
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend
from django.test.utils import override_settings

MAINTENANCE = "postgres"  # the database from which others are made and dropped


@dataclass
class Place:
    """One database of its own."""

    name: str
    connection: BaseDatabaseWrapper

    @contextmanager
    def used(self) -> Iterator[None]:
        """Within the block this thread works on this database."""
        usual = connections["default"]
        connections["default"] = self.connection
        try:
            yield
        finally:
            connections["default"] = usual

    def make_tables(self) -> None:
        """The tables straight from the models, empty."""
        with self.used(), override_settings(MIGRATION_MODULES=dict.fromkeys(apps.app_configs)):
            ContentType.objects.clear_cache()
            call_command("migrate", interactive=False, run_syncdb=True, verbosity=0)
            call_command("createcachetable", verbosity=0)

    @contextmanager
    def filled(self) -> Iterator[None]:
        """Within the block rows are written fast: what is lost with the power is built again."""
        with self.used():
            if self.connection.vendor == "sqlite":
                self._set("foreign_keys=OFF", "synchronous=OFF", "journal_mode=MEMORY", "cache_size=-200000")
            yield
        self.connection.close()  # the next one has the portal's own settings again
        self._settle()

    def _set(self, *pragmas: str) -> None:
        with self.connection.cursor() as cursor:
            for pragma in pragmas:
                cursor.execute(f"PRAGMA {pragma}")

    def _settle(self) -> None:
        """What PostgreSQL does by itself for a portal in use: statistics for its planner, pages marked as visible."""
        if self.connection.vendor == "postgresql":
            with self.connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
                cursor.execute("CHECKPOINT")


@contextmanager
def places(names: list[str], url: str, folder: Path) -> Iterator[list[Place]]:
    """Make a database for each name, on the PostgreSQL server of `url` or, without one, as SQLite files in `folder`."""
    made: list[Place] = []
    try:
        for name in names:
            made.append(_make(name, url, folder))
            made[-1].make_tables()
        yield made
    finally:
        for place in made:
            place.connection.close()
        if url:
            for place in made:
                _on_server(
                    url, f'DROP DATABASE IF EXISTS "{place.connection.settings_dict["NAME"]}" WITH (FORCE)'
                )


def _make(name: str, url: str, folder: Path) -> Place:
    if not url:
        return Place(name, _connect(f"sqlite:///{folder / name}.sqlite3"))
    own = f"bench_{name}_{token_hex(4)}"
    _on_server(url, f'CREATE DATABASE "{own}" TEMPLATE template0')
    return Place(name, _connect(url, own))


def _connect(url: str, name: str = "") -> BaseDatabaseWrapper:
    """A connection as the portal's own are: what its settings say, for this address."""
    given: dict[str, Any] = {**dj_database_url.parse(url)}
    given["NAME"] = name or given["NAME"]
    if given["ENGINE"].endswith("sqlite3"):
        given["OPTIONS"] = settings.SQLITE_OPTIONS
    else:
        # A helper process would do its share of the work where it is not measured.
        given["OPTIONS"] = {**given.get("OPTIONS", {}), "options": "-c max_parallel_workers_per_gather=0"}
    empty = {**connections["default"].settings_dict, "TIME_ZONE": None}
    return load_backend(given["ENGINE"]).DatabaseWrapper({**empty, **given}, alias="default")


def _on_server(url: str, statement: str) -> None:
    server = _connect(url, MAINTENANCE)
    try:
        with server.cursor() as cursor:
            cursor.execute(statement)
    finally:
        server.close()
