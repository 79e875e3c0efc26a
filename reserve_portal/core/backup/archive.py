"""The archive: a tar with the database first, the files after it, the manifest with every SHA-256 last.

The database comes first because a file is stored before its row is committed: whatever a row of the snapshot names is
there to be copied. The manifest comes last, so an archive that was cut off is recognised by its absence.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from .errors import BackupRefused

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
FILES = "files/"
CHUNK = 1024 * 1024
NOT_OURS = "это не архив портала или он повреждён"


class _Hashing:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: IO[bytes]):
        self._stream = stream
        self._digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._digest.update(data)
        self.size += len(data)
        return data

    @property
    def facts(self) -> dict[str, Any]:
        return {"sha256": self._digest.hexdigest(), "size": self.size}


class Writer:
    """Adds members one after another and remembers their hashes."""

    def __init__(self, tar: tarfile.TarFile):
        self._tar = tar
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, path: Path) -> bool:
        """Add a file as `name`; returns False when it is not there."""
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            return False
        with stream:
            info = tarfile.TarInfo(name)
            info.size, info.mode = os.fstat(stream.fileno()).st_size, 0o600
            hashing: Any = _Hashing(stream)
            self._tar.addfile(info, hashing)
            self.members[name] = hashing.facts
        return True

    def finish(self, manifest: dict[str, Any]) -> None:
        content = json.dumps(
            {**manifest, "format": FORMAT, "members": self.members}, ensure_ascii=False, indent=1
        ).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(content), 0o600
        self._tar.addfile(info, io.BytesIO(content))


@contextmanager
def written_archive(target: Path) -> Iterator[Writer]:
    """Write an archive readable by its owner alone, under its name only when it is whole and on the disk."""
    half = target.with_name(target.name + ".part")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            file.flush()
            os.fsync(file.fileno())
        half.rename(target)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack an archive into an empty folder and return its manifest; `database` and `files/…` lie in the folder.

    Raises BackupRefused for an archive that is cut off, altered or not ours.
    """
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(source, mode="r:") as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isreg() else None
                if stream is None or manifest is not None:
                    raise BackupRefused(f"{source.name}: {NOT_OURS}.")
                if member.name == MANIFEST:
                    manifest = json.load(stream)
                else:
                    found[member.name] = _store(stream, _place(source, folder, member.name))
    except FileNotFoundError:
        raise BackupRefused(f"Файл не найден: {source}") from None
    except (tarfile.TarError, json.JSONDecodeError, UnicodeDecodeError):
        raise BackupRefused(f"{source.name}: {NOT_OURS}.") from None
    if manifest is None:
        raise BackupRefused(f"{source.name}: архив оборван, восстановить его нельзя.")
    _compare(source, manifest, found)
    return manifest


def _place(source: Path, folder: Path, name: str) -> Path:
    path = PurePosixPath(name)
    if (name != DATABASE and not name.startswith(FILES)) or path.is_absolute() or ".." in path.parts:
        raise BackupRefused(f"{source.name}: {NOT_OURS}.")
    return folder / path


def _store(stream: IO[bytes], path: Path) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    hashing = _Hashing(stream)
    with path.open("wb") as file:
        while data := hashing.read(CHUNK):
            file.write(data)
    return hashing.facts


def _compare(source: Path, manifest: dict[str, Any], found: dict[str, dict[str, Any]]) -> None:
    if manifest.get("format") != FORMAT:
        raise BackupRefused(f"{source.name}: архив другого вида, этой версией портала не читается.")
    expected = manifest["members"]
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            raise BackupRefused(f"{source.name}: в архиве нет «{name}».")
        if expected.get(name) != found[name]:
            raise BackupRefused(f"{source.name}: «{name}» изменён после копирования (SHA-256 не совпадает).")
