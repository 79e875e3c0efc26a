"""Organisations from a table: read, compared with what is known, stored all or nothing, doubled never."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core.search import search_key
from reserve_portal.core.spreadsheets import read_columns

from .enums import OrganisationKind
from .models import Municipality, Organisation

HEADINGS = ("Муниципальное образование", "Название", "Краткое название", "ОГРН", "ИНН", "Вид")
FIELDS = ("municipality", "name", "short_name", "ogrn", "inn", "kind")
NEEDED = ("municipality", "name")
STORED = ("name", "short_name", "ogrn", "inn", "kind")
AT_MOST = 5000
SALT = "accounts.schools"
KINDS = {search_key(label): value for value, label in OrganisationKind.choices}

TableRow = dict[str, Any]


@dataclass
class Plan:
    """What an import would do: organisations to add, to change (with what), those that stand so, errors by row."""

    new: list[Organisation] = field(default_factory=list)
    changed: list[tuple[Organisation, list[str]]] = field(default_factory=list)
    same: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it may be done: nothing is wrong and something is to be done."""
        return not self.errors and bool(self.new or self.changed)

    @property
    def digest(self) -> str:
        """What was shown: another plan has another one."""
        rows = [f"+{row.municipality_id}:{row.name}" for row in self.new]
        rows += [f"{row.pk}:{','.join(words)}" for row, words in self.changed]
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def read_schools(data: bytes) -> list[TableRow]:
    """Return the rows of an uploaded table as {line, municipality, name, …}; raises UnreadableTable with the reason."""
    columns = dict(zip(HEADINGS, FIELDS, strict=True))
    return read_columns(data, columns, needed=NEEDED, at_most=AT_MOST)


def plan_import(rows: Sequence[TableRow]) -> Plan:
    """Compare the rows with what is known; writes nothing.

    An organisation is known by its ОГРН, else by its name within the municipality, whatever the case. A cell that is
    empty changes nothing.
    """
    plan = Plan()
    towns = known_towns()
    by_ogrn, by_name = _known()
    seen: dict[tuple[int, str], int] = {}
    for row in rows:
        town = towns.get(search_key(row["municipality"]))
        problem = _problem(row, town)
        if problem or town is None:
            plan.errors.append((row["line"], problem))
            continue
        key = (town.pk, search_key(row["name"]))
        for once in (key, (0, row["ogrn"])) if row["ogrn"] else (key,):
            if once in seen:
                plan.errors.append((row["line"], f"та же организация, что в строке {seen[once]}"))
                break
            seen[once] = row["line"]
        else:
            _compare(plan, row, town, by_ogrn.get(row["ogrn"]) or by_name.get(key), by_name.get(key))
    return plan


@transaction.atomic
def import_schools(rows: Sequence[TableRow], *, actor: Any) -> Plan:
    """Store what the plan of these rows says, all or nothing; returns it. Raises ValueError for one with errors."""
    list(Municipality.objects.select_for_update().values_list("pk", flat=True))  # two imports take turns
    plan = plan_import(rows)
    if plan.errors:
        raise ValueError("A table with errors is not imported.")
    Organisation.objects.bulk_create(plan.new)
    for row, _ in plan.changed:
        row.save(update_fields=[*STORED, "municipality"])
    record_event(
        "accounts.import_organisations",
        None,
        actor=actor,
        new=len(plan.new),
        changed=len(plan.changed),
        same=plan.same,
    )
    return plan


def names_of(municipality: Any) -> list[str]:
    """Names of the municipality's organisations, as suggestions for a place of work."""
    if municipality is None:
        return []
    rows = Organisation.objects.filter(municipality=municipality, is_active=True)
    return list(rows.order_by("name").values_list("name", flat=True)[:AT_MOST])


def known_towns() -> dict[str, Municipality]:
    """Municipalities by name and by ОКТМО."""
    towns = {}
    for town in Municipality.objects.all():
        towns[search_key(town.name)] = towns[town.oktmo] = town
    return towns


def _known() -> tuple[dict[str, Organisation], dict[tuple[int, str], Organisation]]:
    rows = list(Organisation.objects.select_related("municipality"))
    by_ogrn = {row.ogrn: row for row in rows if row.ogrn}
    return by_ogrn, {(row.municipality_id, search_key(row.name)): row for row in rows}


def _problem(row: TableRow, town: Municipality | None) -> str:
    if not row["municipality"]:
        return "не указано муниципальное образование"
    if town is None:
        return f"муниципального образования «{row['municipality']}» нет в справочнике"
    if not row["name"]:
        return "не указано название"
    if row["kind"] and search_key(row["kind"]) not in KINDS:
        return f"вида «{row['kind']}» нет; есть: {', '.join(OrganisationKind.labels)}"
    try:
        _draft(row, town).clean_fields()
    except ValidationError as error:
        return "; ".join(text for texts in error.message_dict.values() for text in texts)
    return ""


def _draft(row: TableRow, town: Municipality) -> Organisation:
    kind = KINDS.get(search_key(row["kind"]), OrganisationKind.SCHOOL)
    given = {name: row[name] for name in ("name", "short_name", "ogrn", "inn")}
    return Organisation(municipality=town, kind=kind, **given)


def _compare(
    plan: Plan, row: TableRow, town: Municipality, known: Organisation | None, namesake: Organisation | None
) -> None:
    if known is None:
        plan.new.append(_draft(row, town))
        return
    if namesake is not None and namesake.pk != known.pk:
        plan.errors.append(
            (row["line"], f"такое название уже у другой организации с ОГРН {namesake.ogrn or '—'}")
        )
        return
    wanted = {name: row[name] for name in ("name", "short_name", "ogrn", "inn") if row[name]}
    if row["kind"]:
        wanted["kind"] = KINDS[search_key(row["kind"])]
    words = [
        f"{known._meta.get_field(name).verbose_name}: {getattr(known, name) or '—'} → {value}"  # type: ignore[union-attr]
        for name, value in wanted.items()
        if getattr(known, name) != value
    ]
    if known.municipality_id != town.pk:
        words.append(f"муниципальное образование: {known.municipality} → {town}")
    if not words:
        plan.same += 1
        return
    for name, value in wanted.items():
        setattr(known, name, value)
    known.municipality = town
    plan.changed.append((known, words))
