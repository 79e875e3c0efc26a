"""Runs one of the measurements of reserve_portal/simulation/bench."""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reserve_portal.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.db import DatabaseError  # noqa: E402

from reserve_portal.simulation.bench import intake, papers  # noqa: E402

BENCHES = {
    "intake": (intake, "the operator's pages at 1,000 and 100,000 applications"),
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
    parser.add_argument("--sizes", default="", help="numbers of rows, such as 1000,100000")
    parser.add_argument("--rounds", type=int, default=None)
    options = parser.parse_args()
    bench = BENCHES[options.bench][0]
    rounds = options.rounds or bench.ROUNDS
    sizes = tuple(map(int, options.sizes.split(","))) if options.sizes else bench.SIZES
    try:
        rows = bench.run(sizes, options.database, settings.DATA_DIR, rounds=rounds)
    except DatabaseError as error:
        sys.exit(f"Error: the database does not serve: {' '.join(str(error).split())}")
    faults = [row for row in rows if row.faults]
    sys.stdout.write(
        f"{len(faults)} of {len(rows)} measurements exceed a limit\n" if faults else "all within the limits\n"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
