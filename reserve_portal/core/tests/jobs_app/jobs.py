"""Found by autodiscovery, like a stage's jobs."""

import os
import time
from pathlib import Path
from typing import Any

from reserve_portal.core.jobs import job, report_progress
from reserve_portal.core.models import Job


@job("tests.slow")
def slow(row: Job) -> dict[str, Any]:
    """Write the process's number, work until the file `go` is there, write that the work was done."""
    folder = Path(row.params["folder"])
    with (folder / "begun").open("a") as begun:
        begun.write(f"{os.getpid()}\n")
    for done in range(1, 1000):
        if (folder / "go").exists():
            break
        report_progress(row, done, 1000)
        time.sleep(0.05)
    with (folder / "finished").open("a") as finished:
        finished.write(f"{os.getpid()}\n")
    return {"by": os.getpid()}
