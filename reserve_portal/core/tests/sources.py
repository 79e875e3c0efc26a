"""The project's own Python sources as syntax trees, for rules that hold everywhere."""

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from django.conf import settings

PACKAGES = ("reserve_portal", "commissions", "candidates", "assessment", "reservists", "vacancies")


def source_trees(leave_out: Collection[str] = ()) -> Iterator[tuple[str, ast.Module]]:
    """Yield (path from the project's root, tree) of each file but tests, migrations and those left out."""
    root = Path(settings.BASE_DIR)
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            if "/tests/" in place or "/migrations/" in place or place in leave_out:
                continue
            yield place, ast.parse(path.read_text(encoding="utf-8"))
