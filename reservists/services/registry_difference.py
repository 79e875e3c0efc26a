"""What one edition of the registry has that another has not: people, fields, and the decision behind each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from ..models import RegistryEdition, RegistryRow, ReservistChange
from .registry_table import ALL_COLUMNS

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
LABELS = {ADDED: "Добавлен", CHANGED: "Изменён", REMOVED: "Выбыл"}
Fields = list[tuple[str, str, str]]


@dataclass(frozen=True)
class Line:
    """One person whose line is not what it was: in `fields` heading, before and after."""

    kind: str
    row: RegistryRow
    basis: str
    fields: Fields

    @property
    def label(self) -> str:
        return LABELS[self.kind]


class Difference(Sequence[tuple[str, RegistryRow]]):
    """From the edition `older` to the later `newer`: added, changed, removed, in that order; read a page at a time."""

    def __init__(self, older: RegistryEdition, newer: RegistryEdition):
        self.older, self.newer = older, newer

    @cached_property
    def parts(self) -> dict[str, QuerySet[RegistryRow]]:
        before = RegistryRow.objects.filter(registry=self.older, reservist=OuterRef("reservist"))
        after = RegistryRow.objects.filter(registry=self.newer, reservist=OuterRef("reservist"))
        then = self.newer.lines.annotate(earlier=Subquery(before.values("digest")[:1]))
        rows = {
            ADDED: self.newer.lines.filter(~Exists(before)),
            CHANGED: then.filter(earlier__isnull=False).exclude(earlier=F("digest")),
            REMOVED: self.older.lines.filter(~Exists(after)),
        }
        return {kind: found.select_related("reservist").order_by("place") for kind, found in rows.items()}

    @cached_property
    def counts(self) -> dict[str, int]:
        return {kind: rows.count() for kind, rows in self.parts.items()}

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __getitem__(self, wanted: Any) -> Any:
        found: list[tuple[str, RegistryRow]] = []
        passed = 0
        for kind, rows in self.parts.items():
            first, last = max(wanted.start - passed, 0), min(wanted.stop - passed, self.counts[kind])
            if first < last:
                found += [(kind, row) for row in rows[first:last]]
            passed += self.counts[kind]
        return found

    @property
    def decisions(self) -> QuerySet[RegistryEdition]:
        """The editions between the two, the later one with them, newest first: each has its decision."""
        return RegistryEdition.objects.filter(
            number__gt=self.older.number, number__lte=self.newer.number
        ).order_by("-number")

    def lines(self, page: Sequence[tuple[str, RegistryRow]]) -> Iterator[Line]:
        """What a page shows, in as many queries for one line as for fifty."""
        changed = [row.reservist_id for kind, row in page if kind == CHANGED]
        before = {row.reservist_id: row for row in self.older.lines.filter(reservist__in=changed)}
        bases = self._bases(changed)
        for kind, row in page:
            if kind == CHANGED:
                fields = changed_fields(before[row.reservist_id].cells, row.cells)
                yield Line(kind, row, "; ".join(bases.get(row.reservist_id, [])), fields)
            else:
                basis = row.cells["basis"] if kind == ADDED else row.reservist.end_basis
                yield Line(kind, row, basis, [])

    def _bases(self, reservists: list[int]) -> dict[int, list[str]]:
        """The decisions that changed these people's membership between the two editions (O4.16, O4.20)."""
        found: dict[int, list[str]] = {}
        made = ReservistChange.objects.filter(
            reservist__in=reservists, line__list__registry_edition__in=self.decisions.order_by().values("pk")
        )
        for change in made.order_by("pk"):
            bases = found.setdefault(change.reservist_id, [])
            if change.basis not in bases:
                bases.append(change.basis)
        return found


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> Fields:
    """Heading, before, after of every cell that is not as it was; service grows by itself and does not count."""
    return [
        (column.heading, _words(before.get(column.key)), _words(after.get(column.key)))
        for column in ALL_COLUMNS
        if column.key != "experience" and before.get(column.key) != after.get(column.key)
    ]


def _words(value: Any) -> str:
    return "—" if value in (None, "") else str(value)
