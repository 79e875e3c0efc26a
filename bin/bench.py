"""Runs one of the measurements of reserve_portal/simulation/bench."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reserve_portal.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.db import DatabaseError  # noqa: E402

from reserve_portal.simulation.bench import intake, matching, papers, results  # noqa: E402

# Each module: SIZES, ROUNDS, run(sizes, address of a server or "", folder, rounds=…) → rows with `faults`.
BENCHES: dict[str, tuple[Any, str]] = {
    "intake": (intake, "the operator's pages at 1,000 and 100,000 applications"),
    "import": (results, "an import of 10,000 results beside merely reading its file"),
    "matching": (matching, "the order of one vacancy at 1,000 and 20,000 reservists"),
    "papers": (papers, "the registry as PDF and XLSX at 100, 1,000 and 10,000 rows"),
}


def main() -> int:
    if len(sys.argv) == 1:
        for name, (_, what) in BENCHES.items():
            sys.stdout.write(f"bin/bench {name}    {what}\n")
        return 0
    parser = argparse.ArgumentParser(prog="bin/bench")
    parser.add_argument("bench", choices=BENCHES)
    parser.add_argument("--database", default="", help="postgres://… of a server; SQLite files without it")
    parser.add_argument("--sizes", default="", help="numbers, such as 1000,100000")
    parser.add_argument("--rounds", type=int, default=None)
    options = parser.parse_args()
    bench = BENCHES[options.bench][0]
    sizes = tuple(map(int, options.sizes.split(","))) if options.sizes else bench.SIZES
    try:
        rows = bench.run(sizes, options.database, settings.DATA_DIR, rounds=options.rounds or bench.ROUNDS)
    except DatabaseError as error:
        sys.exit(f"Error: the database does not serve: {' '.join(str(error).split())}")
    faults = [fault for row in rows for fault in row.faults]
    sys.stdout.write("".join(f"exceeds a limit: {fault}\n" for fault in faults) or "all within the limits\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
