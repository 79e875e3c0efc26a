"""What the registry's papers cost: seconds, memory of every process, growth, beside one plain document of the rows."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from django.conf import settings

from .places import places
from .registries import TABLES, write_registries

SIZES = (100, 1_000, 10_000)
ROUNDS = 1
LONGEST = 5  # times the most rows: 50,000 in one sheet
GROWTH_LIMIT = 1.10  # times what is in proportion to the rows
MEMORY_LIMIT = 150  # MB a process
GAIN_LIMIT = 2.0  # times faster than the plain document of the most rows
TABLE_GAIN_LIMIT = 79 / 31  # the same of the table of reference: what pieces gained elsewhere
TABLE_LIMIT = 40  # MB that the longest sheet adds to the process that writes it
LOOK = 0.05  # seconds between two looks at the processes
FORMS = ("pdf", "xlsx")


@dataclass(frozen=True)
class Run:
    """One paper made in processes of its own.

    `seconds` by the clock, `worked` of processor time in all of them; `peaks` in MB, the process that made the paper
    first; `added` to what that one held before.
    """

    form: str
    rows: int
    seconds: float
    worked: float
    peaks: tuple[float, ...]
    added: float
    faults: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.form} of {self.rows:,} rows"

    @property
    def text(self) -> str:
        first, *others = self.peaks
        peaks = f"{first:.0f}" + (f" + {len(others)} × at most {max(others):.0f}" if others else "")
        each = self.worked / self.rows * 1000
        return (
            f"{self.form:12}{self.rows:>8,}{self.seconds:>10.1f}{self.worked:>11.1f}{each:>10.2f}   {peaks}"
        )


def run(
    sizes: tuple[int, ...],
    url: str,
    folder: Path,
    *,
    rounds: int = ROUNDS,
    tell: Callable[[str], object] = print,
) -> list[Run]:
    """Make every form of every size once, print the table; returns the runs, judged.

    On SQLite whatever the `url`: the work is drawing, the database only hands out rows. The longest sheet has
    LONGEST times the most rows. Last comes a table of reference, eight columns of short cells, whose figures can be
    compared with those of other programs: in pieces and as one plain document. `rounds` is for measurements of pages.
    """
    longest = LONGEST * max(sizes)
    with places(["papers"], "", folder) as [place]:
        tell(f"writing registries of {', '.join(f'{size:,}' for size in (*sizes, longest))} rows")
        with place.filled():
            write_registries((*sizes, longest))
        address = f"sqlite:///{place.connection.settings_dict['NAME']}"
        tell(
            f"{'form':12}{'rows':>8}{'seconds':>10}{'processor':>11}{'ms a row':>10}   peak MB of each process"
        )
        work = [(form, number) for form in (*FORMS, "plain") for number in range(1, len(sizes) + 1)]
        runs = []
        for form, number in [*work, ("xlsx", len(sizes) + 1)]:
            runs.append(_measure(form, number, (*sizes, longest)[number - 1], address))
            tell(runs[-1].text)
        for form in TABLES:
            runs.append(_measure(form, max(sizes), max(sizes), address))
            tell(runs[-1].text)
        tell("load of the machine: {:.1f} in the last minute, {:.1f} in five".format(*os.getloadavg()))
    judge(runs, tell)
    return runs


def judge(runs: list[Run], tell: Callable[[str], object] = print) -> None:
    """Note on each run what exceeds a limit.

    Growth is judged by processor time, which other work on the machine hardly alters; the gain by the clock.
    """
    for form in FORMS:
        own = [item for item in runs if item.form == form]
        for item in own:
            if max(item.peaks) > MEMORY_LIMIT:
                item.faults.append(f"{item.name}: a process takes {max(item.peaks):.0f} MB")
        for small, large in pairwise(own):
            growth = (large.worked / small.worked) / (large.rows / small.rows)
            tell(f"{form}: {small.rows:,} → {large.rows:,} rows: {growth:.2f} of what is linear")
            if growth > GROWTH_LIMIT:
                large.faults.append(f"{large.name} grows {growth:.2f} times as much as they do")
    _judge_gain(runs, tell)
    _tell_of_table(runs, tell)
    longest = max((item for item in runs if item.form == "xlsx"), key=lambda item: item.rows)
    tell(f"{longest.name} adds {longest.added:.0f} MB")
    if longest.added > TABLE_LIMIT:
        longest.faults.append(f"{longest.name} adds {longest.added:.0f} MB")


def _judge_gain(runs: list[Run], tell: Callable[[str], object]) -> None:
    plain = max((item for item in runs if item.form == "plain"), key=lambda item: item.rows)
    pdf = next(item for item in runs if (item.form, item.rows) == ("pdf", plain.rows))
    gain = plain.seconds / pdf.seconds
    tell(
        f"plain / pdf at {plain.rows:,} rows: {gain:.2f} by the clock, {plain.worked / pdf.worked:.2f} of work"
    )
    if gain < GAIN_LIMIT:
        pdf.faults.append(f"{pdf.name} is {gain:.2f} times as fast as the plain document")


def _tell_of_table(runs: list[Run], tell: Callable[[str], object]) -> None:
    for pieces in (item for item in runs if item.form == "table"):
        if max(pieces.peaks) > MEMORY_LIMIT:
            pieces.faults.append(f"{pieces.name}: a process takes {max(pieces.peaks):.0f} MB")
        plain = next(item for item in runs if (item.form, item.rows) == ("table plain", pieces.rows))
        gain, work = plain.seconds / pieces.seconds, plain.worked / pieces.worked
        tell(f"table of 8 short columns, plain / in pieces: {gain:.2f} by the clock, {work:.2f} of work")
        if gain < TABLE_GAIN_LIMIT:
            pieces.faults.append(f"{pieces.name} is {gain:.2f} times as fast as the plain document")


def _measure(form: str, number: int, rows: int, address: str) -> Run:
    """Start the work as a process and look at it and its children until it ends."""
    command = [sys.executable, "-m", "reserve_portal.simulation.bench.registries", form, str(number)]
    environment = {**os.environ, "DATABASE_URL": address}
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=settings.BASE_DIR)
    peaks: dict[int, float] = {}
    while True:
        _look(process.pid, peaks)
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(LOOK)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    answer = process.communicate()[0]
    if process.returncode:
        raise RuntimeError(f"{form} of {rows:,} rows ended with {process.returncode}")
    told = json.loads(answer)
    own = max(peaks.pop(process.pid, 0), told["peak"])
    others = sorted(peaks.values(), reverse=True)
    worked = used.ru_utime + used.ru_stime
    return Run(form, rows, seconds, worked, (own, *others), told["peak"] - told["before"])


def _look(pid: int, peaks: dict[int, float], parent: bytes = b"") -> None:
    """Note the most that each process of the tree has held so far.

    One that has just ended is passed over, helpers of the linker, and one with its parent's command: it only is to
    become another.
    """
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if command == parent or not command.startswith(sys.executable.encode()):
            return
        status = Path(f"/proc/{pid}/status").read_text()
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return
    peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), "")
    if peak:
        peaks[pid] = int(peak.split()[1]) / 1024
    for child in children:
        _look(child, peaks, command)
