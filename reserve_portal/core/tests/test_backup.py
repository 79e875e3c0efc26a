"""Backup and restore are one command each and are tested by restoring (quality.md, Reliability). Both databases."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import override_settings

from candidates.models import Campaign, PackageFile
from candidates.services.applications import add_file, slots_of
from candidates.services.packages import remove_file
from candidates.tests.applying import INSIDE, complete_draft, picture, submitted
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.audit.services import seal_events
from reserve_portal.core import clock
from reserve_portal.core.backup.archive import MANIFEST, unpack
from reserve_portal.core.backup.databases import facts_now
from reserve_portal.core.backup.errors import BackupRefused
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.notifications.tests.factories import LetterFactory
from reserve_portal.papers.tests.factories import PaperFactory
from reserve_portal.regulations.tests.editions import load_edition_quickly


@dataclass
class Place:
    """Where a portal's data lie: the database by its URL and a connection to it, the folder."""

    url: str
    database: Any
    folder: Path
    said: str = field(default="", init=False)

    def start(self, script: str, *arguments: object) -> "subprocess.Popen[str]":
        """Start bin/backup or bin/restore on this place, as an administrator does."""
        return subprocess.Popen(
            [str(portal_settings.BASE_DIR / "bin" / script), *map(str, arguments)],
            env={**os.environ, "DATABASE_URL": self.url, "DATA_DIR": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ended(self, process: "subprocess.Popen[str]") -> bool:
        """Wait for its end; what it said is in `said`, without any traceback."""
        out, err = process.communicate(timeout=60)
        self.said = out + err
        assert "Traceback" not in self.said
        return process.returncode == 0

    def run(self, command: str, *arguments: object) -> bool:
        """The same command within this process, which uses this place meanwhile."""
        out, usual = io.StringIO(), connections["default"]
        connections["default"] = self.database
        try:
            with override_settings(MEDIA_ROOT=self.folder / "files"):
                call_command(command, *map(str, arguments), stdout=out, stderr=out)
        except CommandError as error:
            self.said = str(error)
            return False
        finally:
            connections["default"] = usual
        self.said = out.getvalue()
        return True

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of every file, by its name."""
        root = self.folder / "files"
        return {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*")
            if path.is_file()
        }

    def touched(self) -> bool:
        return any(path.is_file() for path in self.folder.rglob("*"))


def rows_of(database, leave_out=()):
    """Every row of every table, as text."""
    with database.cursor() as cursor:
        found = {}
        for table in database.introspection.table_names(cursor):
            if table not in leave_out:
                cursor.execute(f'SELECT * FROM "{table}"')
                found[table] = sorted(map(repr, cursor.fetchall()))
        return found


@pytest.fixture
def here(own_database, tmp_path, settings) -> Place:
    """A portal with people, an application with its files, a paper, letters and a sealed audit trail."""
    place = Place(own_database, connections["default"], tmp_path / "here")
    settings.MEDIA_ROOT = place.folder / "files"
    load_calendar_quickly()
    load_edition_quickly("tomsk")
    with clock.travel(INSIDE):
        application = submitted()
        PaperFactory(person=application.user)
    LetterFactory(to=application.user)
    seal_events()
    return place


@pytest.fixture
def empty(own_databases, tmp_path):
    with own_databases.empty() as (url, database):
        yield Place(url, database, tmp_path / "there"), database


def test_a_backup_taken_while_people_work_is_restored_whole(here, empty, tmp_path):
    """Rows of every table, files by SHA-256 and the audit trail; a writer goes on all the while."""
    there, restored = empty
    with clock.travel(INSIDE):
        draft = complete_draft(
            UserFactory(candidate=True, email="drafter@example.org"), of=Campaign.objects.get()
        )
        before, archive = rows_of(connection), tmp_path / "copies" / "copy.tar"
        backup, written = here.start("backup", archive), 0
        while backup.poll() is None:
            written += 1
            PaperFactory(person=draft.user)
            LetterFactory(to=draft.user)
            item = next(iter(slots_of(draft)))
            remove_file(add_file(item, name="a.png", data=picture(), actor=draft.user), actor=draft.user)
    assert here.ended(backup) and written and archive.stat().st_mode & 0o777 == 0o600, here.said
    assert there.ended(there.start("restore", archive)), there.said
    assert "Восстановлено" in there.said and "Журнал цел" in there.said

    after, found = rows_of(connection), rows_of(restored)
    assert found.keys() == before.keys() == after.keys()
    # A file that is added and taken away again may stand in the copy, caught between the two.
    growing = {name for name in after if after[name] != before[name]} | {"candidates_packagefile"}
    for table, rows in found.items():
        if table in growing:
            assert len(rows) >= len(before[table])
        else:
            assert rows == before[table], table
    for table in ("papers_issuedpaper", "notifications_letter", "audit_auditevent"):
        assert set(before[table]) <= set(found[table]) <= set(after[table])
    # One moment: a paper and the event of its issue are one transaction.
    assert new(found, before, "papers_issuedpaper") == new(
        found, before, "audit_auditevent", "'papers.issue'"
    )
    # Every file that a row names has come as it was stored; one that was taken away meanwhile is told of.
    stored = hashes_in_rows(restored)
    assert there.hashes == {name: stored[name] for name in there.hashes}
    assert all(name in here.said and name in there.said for name in stored.keys() - there.hashes.keys())


def new(found, before, table, words="") -> int:
    """How many rows with these words came since."""
    return sum(words in row for row in found[table]) - sum(words in row for row in before[table])


def hashes_in_rows(database) -> dict[str, str]:
    """The SHA-256 that the portal itself keeps of each file."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT file, sha256 FROM candidates_packagefile UNION SELECT stored, sha256 FROM papers_issuedpaper"
        )
        return dict(cursor.fetchall())


def test_a_quiet_portal_is_restored_row_by_row_and_may_be_backed_up_again(here, empty, tmp_path):
    """A restored place is a portal like the first one: its own backup holds the same."""
    there, restored = empty
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"
    assert here.run("backup", first), here.said
    assert there.run("restore", first), there.said
    assert rows_of(restored) == rows_of(connection) and there.hashes == here.hashes
    assert there.run("backup", second), there.said
    manifests = [unpack(path, tmp_path / path.stem) for path in (first, second)]
    assert manifests[0]["tables"] == manifests[1]["tables"] == facts_now().tables
    assert not there.run("restore", first) and "База не пустая" in there.said


def test_a_file_that_the_folder_has_lost_is_named(here, tmp_path):
    """The archive is made all the same; the administrator hears of it."""
    lost = PackageFile.objects.first().file
    Path(lost.path).unlink()
    assert here.run("backup", tmp_path / "copy.tar")
    assert lost.name in here.said and "нет файлов" in here.said


def test_a_backup_overwrites_nothing(here, tmp_path):
    target = tmp_path / "copy.tar"
    target.write_text("yesterday's")
    assert not here.run("backup", target) and "Файл уже есть" in here.said
    assert target.read_text() == "yesterday's"


def truncated(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])


def without_its_end(archive: Path) -> None:
    rewritten(archive, lambda name, data: None if name == MANIFEST else data)


def with_an_altered_file(archive: Path) -> None:
    rewritten(archive, lambda name, data: data[:-1] + b"!" if name.startswith("files/papers") else data)


def with_a_file_too_many(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        manifest = json.load(tar.extractfile(MANIFEST))
    del manifest["members"][next(name for name in manifest["members"] if name.startswith("files/"))]
    rewritten(archive, lambda name, data: json.dumps(manifest).encode() if name == MANIFEST else data)


def with_a_path_that_climbs(archive: Path) -> None:
    rewritten(
        archive, lambda name, data: data, rename=lambda name: name.replace("files/papers", "files/../..")
    )


def of_a_newer_portal(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        manifest = json.load(tar.extractfile(MANIFEST))
    manifest["migrations"].append(["core", "9999_of_tomorrow"])
    rewritten(archive, lambda name, data: json.dumps(manifest).encode() if name == MANIFEST else data)


def no_archive_at_all(archive: Path) -> None:
    archive.write_bytes(b"PK\x03\x04 something else")


def rewritten(archive: Path, change, rename=lambda name: name) -> None:
    """The same archive with the content of its members changed."""
    with tarfile.open(archive) as old, tarfile.open(archive.with_suffix(".new"), "w") as tar:
        for member in old:
            data = change(member.name, old.extractfile(member).read())
            if data is not None:
                info = tarfile.TarInfo(rename(member.name))
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    archive.with_suffix(".new").rename(archive)


def test_a_broken_archive_is_refused_in_words_and_nothing_is_changed(here, empty, tmp_path):
    """Cut off, altered, foreign, newer than the portal: one sentence each, and the place stays empty."""
    there, restored = empty
    good = tmp_path / "good.tar"
    assert here.run("backup", good), here.said
    for spoil, words in (
        (truncated, "повреждён"),
        (without_its_end, "оборван"),
        (with_an_altered_file, "SHA-256"),
        (with_a_file_too_many, "SHA-256"),
        (with_a_path_that_climbs, "не архив портала"),
        (no_archive_at_all, "не архив портала"),
    ):
        bad, folder = tmp_path / f"{spoil.__name__}.tar", tmp_path / f"{spoil.__name__}"
        shutil.copy(good, bad)
        spoil(bad)
        with pytest.raises(BackupRefused, match=words):
            unpack(bad, folder)
    for spoil, words in ((with_an_altered_file, "SHA-256"), (of_a_newer_portal, "обновите портал")):
        bad = tmp_path / f"bad-{spoil.__name__}.tar"
        shutil.copy(good, bad)
        spoil(bad)
        assert not there.run("restore", bad) and words in there.said, there.said
        assert not there.touched() and rows_of(restored) == {}
    assert not there.run("restore", tmp_path / "nowhere.tar") and "Файл не найден" in there.said


def test_a_folder_with_files_is_not_restored_into(here, empty, tmp_path):
    """Somebody's files are never mixed with those of the archive."""
    there, restored = empty
    good = tmp_path / "good.tar"
    assert here.run("backup", good), here.said
    (there.folder / "files" / "papers").mkdir(parents=True)
    assert not there.run("restore", good) and "Папка файлов не пустая" in there.said
    assert rows_of(restored) == {}
