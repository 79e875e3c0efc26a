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
    parser.add_argument("--rounds", type=int, default=intake.ROUNDS)
    options = parser.parse_args()
    sizes = tuple(map(int, options.sizes.split(","))) if options.sizes else BENCHES[options.bench][0].SIZES
    try:
        faults = _intake(options, sizes) if options.bench == "intake" else _papers(options, sizes)
    except DatabaseError as error:
        sys.exit(f"Error: the database does not serve: {' '.join(str(error).split())}")
    sys.stdout.write(faults or "all within the limits\n")
    return 1 if faults else 0


def _intake(options: argparse.Namespace, sizes: tuple[int, ...]) -> str:
    small, large = sizes
    rows = intake.run((small, large), options.database, settings.DATA_DIR, rounds=options.rounds)
    faults = [row for row in rows if row.faults]
    return f"{len(faults)} of {len(rows)} pages exceed a limit\n" if faults else ""


def _papers(options: argparse.Namespace, sizes: tuple[int, ...]) -> str:
    """On SQLite alone: the work is drawing, the database only hands out rows."""
    table = papers.TABLE_SIZE if sizes == papers.SIZES else 2 * max(sizes)
    return "".join(
        f"exceeds a limit: {fault}\n" for fault in papers.run(sizes, settings.DATA_DIR, table_size=table)
    )


if __name__ == "__main__":
    sys.exit(main())
