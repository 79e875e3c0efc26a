"""A consistent copy of the database while it is in use, and the way back: SQLite and PostgreSQL."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import FileField

from .errors import BackupRefused

CLIENT_PACKAGE = "postgresql-client"


@dataclass(frozen=True)
class Facts:
    """What a copy holds: rows of each table, and the files that its rows name."""

    tables: dict[str, int]
    files: set[str]


def vendor() -> str:
    return str(_connection().vendor)


def copy_database(target: Path) -> Facts:
    """Copy the whole database as it is at one moment; writers go on."""
    return _copy_postgresql(target) if vendor() == "postgresql" else _copy_sqlite(target)


def is_empty() -> bool:
    """Is there no table at all?"""
    if vendor() != "postgresql":
        path = _sqlite_file()
        if not path.exists() or not path.stat().st_size:
            return True
    with _connection().cursor() as cursor:
        return not _connection().introspection.table_names(cursor)


def restore_database(source: Path) -> None:
    """Put the copy into the empty database, whole or not at all."""
    if vendor() == "postgresql":
        _run("pg_restore", ["--single-transaction", "--exit-on-error", *_PLAIN, str(source)])
        return
    _connection().close()
    path = _sqlite_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(path.name + ".restoring")
    shutil.copyfile(source, beside)
    beside.chmod(0o600)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    beside.rename(path)


def facts_now() -> Facts:
    """What the database holds now."""
    with _connection().cursor() as cursor:
        return _facts(cursor, _connection().introspection.table_names(cursor))


# The restoring account owns what it restores, whatever the account of the old place was called.
_PLAIN = ["--no-owner", "--no-privileges"]


def _copy_postgresql(target: Path) -> Facts:
    """pg_dump reads the very snapshot in which this transaction counts the rows."""
    with _reading_transaction() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        facts = _facts(cursor, _connection().introspection.table_names(cursor))
        _run("pg_dump", ["--format=custom", f"--snapshot={snapshot}", f"--file={target}", *_PLAIN])
    return facts


@contextmanager
def _reading_transaction() -> Iterator[Any]:
    with transaction.atomic(durable=True), _connection().cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield cursor


def _copy_sqlite(target: Path) -> Facts:
    """VACUUM INTO copies within one reading transaction and holds up a writer for milliseconds only."""
    if is_empty():
        raise BackupRefused("Базы ещё нет: копировать нечего.")
    with _connection().cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(target)])
    with closing(sqlite3.connect(target)) as copy:
        names = [
            row[0]
            for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not row[0].startswith("sqlite_")
        ]
        return _facts(copy.cursor(), names)


def _facts(cursor: Any, tables: list[str]) -> Facts:
    counts: dict[str, int] = {}
    for table in sorted(tables):
        cursor.execute(f"SELECT COUNT(*) FROM {_quoted(table)}")  # nosec B608
        counts[table] = cursor.fetchone()[0]
    files: set[str] = set()
    for table, column in _file_columns():
        if table in counts:
            cursor.execute(f"SELECT {_quoted(column)} FROM {_quoted(table)}")  # nosec B608
            files.update(row[0] for row in cursor.fetchall() if row[0])
    return Facts(counts, files)


def _file_columns() -> list[tuple[str, str]]:
    return [
        (model._meta.db_table, str(field.column))
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, FileField)
    ]


def _run(program: str, arguments: list[str]) -> None:
    """Run a client program of PostgreSQL on our database; its password goes through the environment alone."""
    if shutil.which(program) is None:
        raise BackupRefused(f"Нет программы {program}: установите пакет {CLIENT_PACKAGE}.")
    connection = _connection()
    client, extra = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    # `client` is psql's command line: host, port and account stand between the program and the database's name.
    where = [*client[1:-1], "--no-password", "--dbname", client[-1]]
    done = subprocess.run(
        [program, *where, *arguments],
        env={**os.environ, **(extra or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["без объяснения"])[-1]
        raise BackupRefused(f"{program} не справился: {reason}")


def _quoted(name: str) -> str:
    return str(_connection().ops.quote_name(name))


def _sqlite_file() -> Path:
    return Path(_connection().settings_dict["NAME"])


def _connection() -> Any:
    return connections[DEFAULT_DB_ALIAS]
