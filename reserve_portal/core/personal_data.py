"""Everything the portal holds about a person, for that person (152-FZ, article 14).

Whatever keeps something about people registers a source in its `personal_data.py`: what it holds as plain JSON, and the
files. `write_archive` asks all of them; the person sees what the pages show, no more: a source leaves out what is not
to be known yet.
"""

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.db import models
from django.db.models.fields.files import FieldFile
from django.template.loader import render_to_string

from . import clock
from .registry import Registry
from .timeline import timeline_of

FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
LONGEST_NAME = 120


@dataclass(frozen=True)
class PersonalFile:
    """A file of the archive; `name` is the person's own name for it, `file` is None for one that cannot be given."""

    name: str
    file: FieldFile | None


@dataclass(frozen=True)
class Part:
    """What one source holds: rows of words and values under Russian names, and files."""

    rows: list[dict[str, Any]]
    files: list[PersonalFile] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """A source of personal data: `title` heads its rows, `collect` takes the user."""

    code: str
    title: str
    collect: Callable[[Any], Part]


sources: Registry[Source] = Registry("source of personal data")
Progress = Callable[[int, int], None]


def personal_data_source(code: str, title: str) -> Callable[[Callable[[Any], Part]], Callable[[Any], Part]]:
    """Register what a part of the portal holds about a person under a short code."""

    def register(collect: Callable[[Any], Part]) -> Callable[[Any], Part]:
        sources.add(code, Source(code, title, collect))
        return collect

    return register


def described(row: models.Model, *names: str) -> dict[str, Any]:
    """Fields of a row under their Russian names: choices and other rows in words, days and moments as ISO 8601."""
    words = {}
    for name in names:
        label = str(getattr(row._meta.get_field(name), "verbose_name", name))
        words[label[:1].upper() + label[1:]] = plain(_value(row, name))
    return words


def plain(value: Any) -> Any:
    """A value as JSON may hold it; moments in the region's time."""
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | models.Model):
        return str(value)
    return value


def history(rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    """What happened to the person's cases, oldest first; who else acted is not told."""
    return [
        {"Когда": plain(row.at), "Что": row.label} | ({"Почему": row.reason} if row.reason else {})
        for row in timeline_of(rows)
    ]


def write_archive(user: Any, target: IO[bytes], progress: Progress = lambda done, total: None) -> int:
    """Write all that is known of `user` as a ZIP into `target`; returns how many files are in it.

    One page to read, one JSON a source, the files. `progress` is told how many sources and files are done, of how many.
    """
    parts = [(source, source.collect(user)) for source in sources]
    total, done = len(parts) + sum(len(part.files) for _, part in parts), 0
    sections = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for source, part in parts:
            text = json.dumps(part.rows, ensure_ascii=False, indent=2)
            archive.writestr(f"data/{source.code}.json", text)
            names = []
            for number, item in enumerate(part.files, 1):
                names.append(_add_file(archive, f"files/{source.code}/{number:03d} ", item))
                done += 1
                progress(done, total)
            sections.append({"title": source.title, "rows": part.rows, "files": names})
            done += 1
            progress(done, total)
        context = {"person": user, "sections": sections, "made_at": clock.now()}
        page = render_to_string("personal_data.html", context)
        archive.writestr("Мои данные.html", page)
    return sum(len(part.files) for _, part in parts)


def _add_file(archive: zipfile.ZipFile, folder: str, item: PersonalFile) -> dict[str, str]:
    """Add a file; returns its name and its place in the archive, no place for one that cannot be given."""
    if item.file is None or not item.file or not item.file.storage.exists(str(item.file.name)):
        return {"name": item.name, "place": ""}
    ending = str(item.file.name).rpartition(".")[2]
    name = FORBIDDEN.sub("_", item.name).strip(". ")[:LONGEST_NAME] or "file"
    if not name.lower().endswith(f".{ending.lower()}"):
        name = f"{name}.{ending}"  # a HEIC is stored as JPEG
    place = folder + name
    entry = zipfile.ZipInfo(place, clock.local(clock.now()).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    with item.file.open("rb") as stored, archive.open(entry, "w") as copy:
        shutil.copyfileobj(stored, copy)
    return {"name": item.name, "place": place}


def _value(row: models.Model, name: str) -> Any:
    display = getattr(row, f"get_{name}_display", None)
    return display() if display else getattr(row, name)
