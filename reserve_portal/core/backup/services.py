"""The two deeds: take a backup while the portal is in use; restore one into an empty place."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from reserve_portal.core import clock

from . import databases
from .archive import DATABASE, FILES, unpack, written_archive
from .errors import BackupRefused


@dataclass
class Summary:
    """What was copied or restored."""

    rows: int = 0
    files: int = 0
    size: int = 0
    # Named by rows of the snapshot, taken away by people while the copy was made.
    removed: list[str] = field(default_factory=list)
    # Named by rows to this day, and not in the folder.
    lost: list[str] = field(default_factory=list)


def take_backup(target: Path) -> Summary:
    """Write database and files into a new archive; raises BackupRefused when it cannot be made."""
    if target.exists():
        raise BackupRefused(f"Файл уже есть: {target}. Укажите другое имя.")
    root = Path(settings.MEDIA_ROOT)
    with _working_folder(target.parent) as folder, written_archive(target) as archive:
        copy = folder / DATABASE
        facts = databases.copy_database(copy)
        archive.add(DATABASE, copy)
        copy.unlink()
        missing = [name for name in sorted(facts.files) if not archive.add(FILES + name, root / name)]
        archive.finish(
            {
                "made_at": clock.now().isoformat(),
                "vendor": databases.vendor(),
                "migrations": sorted(map(list, MigrationRecorder(connection).applied_migrations())),
                "tables": facts.tables,
                "missing": missing,
            }
        )
    named = databases.facts_now().files if missing else set()
    return Summary(
        rows=sum(facts.tables.values()),
        files=len(facts.files) - len(missing),
        size=target.stat().st_size,
        removed=[name for name in missing if name not in named],
        lost=[name for name in missing if name in named],
    )


def restore_backup(source: Path) -> Summary:
    """Restore an archive into an empty database and an empty folder, then compare what came.

    Everything is unpacked aside and checked first: a refusal (BackupRefused) leaves the place as it was.
    """
    root = Path(settings.MEDIA_ROOT)
    _require_empty_place(root)
    if not source.is_file():
        raise BackupRefused(f"Файл не найден: {source}")
    root.mkdir(parents=True, exist_ok=True, mode=settings.FOLDER_MODE)
    with _working_folder(root) as folder:
        manifest = unpack(source, folder)
        _require_fitting(manifest)
        moved = _move_files(folder / FILES, root)
        try:
            databases.restore_database(folder / DATABASE)
        except BaseException:
            for path in moved:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            raise
    _compare_rows(manifest)
    names = [name for name in manifest["members"] if name != DATABASE]
    return Summary(
        rows=sum(manifest["tables"].values()),
        files=len(names),
        size=sum(manifest["members"][name]["size"] for name in names),
        removed=manifest["missing"],
    )


@contextmanager
def _working_folder(beside: Path) -> Iterator[Path]:
    """A folder on the same disk, gone afterwards whatever happens."""
    try:
        beside.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=beside) as folder:
            yield Path(folder)
    except OSError as error:
        raise BackupRefused(
            f"Не получилось: {error.strerror or error} ({error.filename or beside})"
        ) from error


def _require_empty_place(root: Path) -> None:
    if not databases.is_empty():
        raise BackupRefused("База не пустая. Восстанавливают только в пустую: создайте новую базу.")
    if root.exists() and any(root.iterdir()):
        raise BackupRefused(f"Папка файлов не пустая: {root}. Восстанавливают только в пустую.")


def _require_fitting(manifest: dict[str, Any]) -> None:
    """The same kind of database, and no newer schema than this code knows."""
    if manifest["vendor"] != databases.vendor():
        raise BackupRefused(
            f"Архив снят с {manifest['vendor']}, а здесь {databases.vendor()}: база должна быть того же вида."
        )
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    unknown = [item for item in manifest["migrations"] if tuple(item) not in known and _is_ours(item[0])]
    if unknown:
        raise BackupRefused("Архив сделан более новой версией портала: сначала обновите портал.")


def _is_ours(app: str) -> bool:
    """Migrations that a library squashed away in a later version are none of our business."""
    from django.apps import apps

    return apps.is_installed(f"reserve_portal.{app}") or apps.is_installed(app)


def _move_files(unpacked: Path, root: Path) -> list[Path]:
    """Give the files the modes of stored ones and let them appear in the folder."""
    if not unpacked.exists():
        return []
    for path in [unpacked, *unpacked.rglob("*")]:
        path.chmod(settings.FOLDER_MODE if path.is_dir() else settings.FILE_MODE)
    return [path.rename(root / path.name) for path in sorted(unpacked.iterdir())]


def _compare_rows(manifest: dict[str, Any]) -> None:
    found = databases.facts_now()
    if found.tables != manifest["tables"]:
        wrong = sorted(
            name
            for name in manifest["tables"].keys() | found.tables.keys()
            if manifest["tables"].get(name) != found.tables.get(name)
        )
        raise BackupRefused(f"После восстановления строк не столько, сколько в архиве: {', '.join(wrong)}.")
