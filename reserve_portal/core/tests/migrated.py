"""The SQLite schema, made once in a test run: each test database and each started portal begins with a copy."""

import fcntl
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend


def migrated_file(folder: Path) -> Path:
    """Return the migrated database in `folder`, which the workers of a run share; whoever comes first makes it."""
    file = folder / "migrated.sqlite3"
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            being_made = folder / "being-migrated.sqlite3"
            being_made.unlink(missing_ok=True)
            _migrate(being_made)
            being_made.rename(file)
    return file


def copy_into_memory(file: Path, name: str) -> sqlite3.Connection:
    """Fill the in-memory database of this URI from `file`; it lasts until the connection returned is closed."""
    memory = sqlite3.connect(name, uri=True)
    with closing(sqlite3.connect(file)) as source:
        source.backup(memory)
    return memory


def _migrate(file: Path) -> None:
    engine = "django.db.backends.sqlite3"
    usual = connections["default"]
    config = {
        **usual.settings_dict,
        "ENGINE": engine,
        "NAME": str(file),
        "TIME_ZONE": None,
        "OPTIONS": settings.SQLITE_OPTIONS,
    }
    own = load_backend(engine).DatabaseWrapper(config, alias="default")
    connections["default"] = own
    try:
        with own.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=DELETE")  # one file, which a copy takes whole
            cursor.execute("PRAGMA synchronous=OFF")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    finally:
        own.close()
        connections["default"] = usual
