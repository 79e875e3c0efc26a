"""Databases of their own for tests that start processes: a test's transaction is invisible to another process."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass
class OwnDatabases:
    """Databases with the whole schema, each a copy of the empty test database as this session's set-up left it."""

    vendor: str
    folder: Path
    template: str = ""

    @classmethod
    def prepare(cls) -> "OwnDatabases":
        databases = cls(connections["default"].vendor, Path(tempfile.mkdtemp(prefix="own-databases-")))
        databases.template = databases._new_name()
        databases._copy_test_database()
        return databases

    @contextmanager
    def one(self) -> Iterator[str]:
        """Copy the template, make this thread use the copy, give its URL, drop it."""
        name = self._new_name()
        if self.vendor == "postgresql":
            self._server(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
        else:
            shutil.copyfile(self.template, name)
        try:
            with self._used(name):
                yield self._url(name)
        finally:
            self._drop(name)

    @contextmanager
    def empty(self) -> Iterator[tuple[str, BaseDatabaseWrapper]]:
        """A place without any table: its URL and a connection to it; on SQLite not even the file is there."""
        name = self._new_name()
        if self.vendor == "postgresql":
            self._server(f'CREATE DATABASE "{name}" TEMPLATE template0')
        connection = self._wrapper(name)
        try:
            yield self._url(name), connection
        finally:
            connection.close()
            self._drop(name)

    def drop(self) -> None:
        self._drop(self.template)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _copy_test_database(self) -> None:
        usual = connections["default"]
        if self.vendor == "postgresql":
            usual.close()  # a database that somebody uses cannot be copied
            self._server(f'CREATE DATABASE "{self.template}" TEMPLATE "{usual.settings_dict["NAME"]}"')
            return
        usual.ensure_connection()
        copy = sqlite3.connect(self.template)
        usual.connection.backup(copy)
        copy.close()

    def _new_name(self) -> str:
        name = f"own_{os.getpid()}_{token_hex(4)}"
        return name if self.vendor == "postgresql" else str(self.folder / f"{name}.sqlite3")

    @contextmanager
    def _used(self, name: str) -> Iterator[None]:
        usual = connections["default"]
        own = self._wrapper(name)
        connections["default"] = own
        try:
            yield
        finally:
            own.close()
            connections["default"] = usual

    def _wrapper(self, name: str) -> BaseDatabaseWrapper:
        usual = connections["default"]
        config: dict[str, Any] = {**usual.settings_dict, "NAME": name}
        return type(usual)(config, alias="default")

    def _drop(self, name: str) -> None:
        if self.vendor == "postgresql":
            self._server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        else:
            for suffix in ("", "-wal", "-shm"):
                Path(name + suffix).unlink(missing_ok=True)

    def _server(self, statement: str) -> None:
        server = self._wrapper("postgres")
        try:
            with server.cursor() as cursor:
                cursor.execute(statement)
        finally:
            server.close()

    def _url(self, name: str) -> str:
        if self.vendor != "postgresql":
            return f"sqlite:///{name}"
        config = connections["default"].settings_dict
        password = f":{config['PASSWORD']}" if config["PASSWORD"] else ""
        return f"postgres://{config['USER']}{password}@{config['HOST'] or '127.0.0.1'}:{config['PORT'] or 5432}/{name}"
