"""Databases of their own for tests that start processes: a test's transaction is invisible to another process."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass
class OwnDatabases:
    """A template with the whole schema, made once in a session; each database is a copy of it."""

    vendor: str
    template: str
    folder: Path
    made: list[str] = field(default_factory=list)

    @classmethod
    def prepare(cls) -> "OwnDatabases":
        usual = connections["default"]
        folder = Path(tempfile.mkdtemp(prefix="own-databases-"))
        name = f"own_{os.getpid()}_{token_hex(4)}"
        template = name if usual.vendor == "postgresql" else str(folder / f"{name}.sqlite3")
        databases = cls(usual.vendor, template, folder)
        databases._create(template, source=None)
        with databases._used(template):
            call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
        return databases

    @contextmanager
    def one(self) -> Iterator[str]:
        """Copy the template, make this thread use the copy, give its URL, drop it."""
        name = f"own_{os.getpid()}_{token_hex(4)}"
        if self.vendor != "postgresql":
            name = str(self.folder / f"{name}.sqlite3")
        self._create(name, source=self.template)
        try:
            with self._used(name):
                yield self._url(name)
        finally:
            self._drop(name)

    def drop(self) -> None:
        self._drop(self.template)
        shutil.rmtree(self.folder, ignore_errors=True)

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

    def _create(self, name: str, source: str | None) -> None:
        if self.vendor == "postgresql":
            self._server(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{source}"' if source else ""))
        elif source:
            shutil.copyfile(source, name)

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
