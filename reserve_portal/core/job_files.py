"""Files that jobs make for whoever asked: kept for some days, then destroyed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from secrets import token_hex
from typing import IO, Any

from django.core.files import File

from . import clock
from .models import Job, JobFile

KEPT = timedelta(days=3)


@contextmanager
def keep_file(row: Job, name: str) -> Iterator[IO[bytes]]:
    """Give a file to write to; it is stored as the job's file `name` when the block ends without an error.

    A job that runs a second time replaces what its first run left.
    """
    with tempfile.TemporaryFile() as out:
        yield out
        size = out.tell()
        out.seek(0)
        for earlier in JobFile.objects.filter(job=row):
            destroy_file(earlier)
        kept = JobFile(job=row, name=name[:200], size=size, expires_at=clock.now() + KEPT)
        ending = name.rpartition(".")[2]
        kept.file.save(f"{token_hex(16)}.{ending}", File(out), save=False)
        kept.save()


def file_of(row: Job, user: Any) -> JobFile | None:
    """The file of a job for the person who asked for it, while it is kept; None for everybody else."""
    if row.created_by_id != user.pk:
        return None
    return JobFile.objects.filter(job=row, expires_at__gt=clock.now()).first()


def purge_expired_files() -> int:
    """Destroy the files whose day has passed; returns how many. Run twice it does nothing more."""
    expired = list(JobFile.objects.filter(expires_at__lte=clock.now()))
    for row in expired:
        destroy_file(row)
    return len(expired)


def destroy_file(row: JobFile) -> None:
    """Destroy a file and its row; a file that is gone already is no error."""
    row.file.storage.delete(str(row.file.name))
    JobFile.objects.filter(pk=row.pk).delete()
