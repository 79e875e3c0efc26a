"""Heads of the organisations from a table: read, compared with what is known, stored all or nothing, doubled never."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from reserve_portal.accounts.models import Municipality, Organisation
from reserve_portal.accounts.schools import known_towns
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.search import search_key
from reserve_portal.core.spreadsheets import read_columns

from ..forecast import is_head_post
from ..models import OrganisationHead, Vacancy

COLUMNS = {
    "Муниципальное образование": "municipality",
    "Организация": "organisation",
    "ОГРН": "ogrn",
    "Руководитель": "name",
    "В должности с": "since",
    "Окончание договора": "contract_until",
    "Год рождения": "birth_year",
}
AT_MOST = 5000
SALT = "vacancies.heads"
FORMATS = ("%d.%m.%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M")
AGES = range(18, 100)
STORED = ("since", "contract_until", "birth_year")

TableRow = dict[str, Any]


@dataclass
class HeadsPlan:
    """What an import would do: heads who come (with the one before), changed data, errors by row."""

    new: list[tuple[OrganisationHead, OrganisationHead | None]] = field(default_factory=list)
    changed: list[tuple[OrganisationHead, list[str]]] = field(default_factory=list)
    same: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it may be done: nothing is wrong and something is to be done."""
        return not self.errors and bool(self.new or self.changed)

    @property
    def digest(self) -> str:
        """What was shown: another plan has another one."""
        rows = [f"+{head.organisation_id}:{head.name}:{before and before.pk}" for head, before in self.new]
        rows += [f"{head.pk}:{','.join(words)}" for head, words in self.changed]
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def read_heads(data: bytes, *, municipality: Municipality | None) -> list[TableRow]:
    """Rows of an uploaded table; a municipality's own table needs no column for it. Raises UnreadableTable."""
    needed = ["organisation", "name"] if municipality else ["municipality", "organisation", "name"]
    return read_columns(data, COLUMNS, needed=needed, at_most=AT_MOST)


def plan_heads(rows: Sequence[TableRow], *, municipality: Municipality | None) -> HeadsPlan:
    """Compare the rows with what is known; writes nothing. With a municipality every other one's row is an error.

    An organisation is known by its ОГРН, else by its name within the municipality. An empty cell changes nothing; a
    name other than the present head's is a new head.
    """
    plan, known = HeadsPlan(), _Known(municipality)
    seen: dict[int, int] = {}
    for row in rows:
        try:
            organisation = known.organisation(row)
            if organisation.pk in seen:
                raise _Wrong(f"та же организация, что в строке {seen[organisation.pk]}")
            seen[organisation.pk] = row["line"]
            _compare(plan, organisation, _values(row), known.heads.get(organisation.pk), known.vacant)
        except _Wrong as wrong:
            plan.errors.append((row["line"], str(wrong)))
    return plan


@transaction.atomic
def import_heads(rows: Sequence[TableRow], *, municipality: Municipality | None, actor: Any) -> HeadsPlan:
    """Store what the plan of these rows says, all or nothing; returns it. Raises ValueError for one with errors."""
    towns = Municipality.objects.select_for_update().order_by("pk")  # two imports of one take turns
    list((towns.filter(pk=municipality.pk) if municipality else towns).values_list("pk"))
    plan = plan_heads(rows, municipality=municipality)
    if plan.errors:
        raise ValueError("A table with errors is not imported.")
    for head, before in plan.new:
        if before is not None:
            OrganisationHead.objects.filter(pk=before.pk).update(left_on=head.since or clock.today())
    OrganisationHead.objects.bulk_create([head for head, _ in plan.new])
    OrganisationHead.objects.bulk_update([head for head, _ in plan.changed], STORED)
    counts = {"new": len(plan.new), "changed": len(plan.changed), "same": plan.same}
    record_event("vacancies.import_heads", municipality, actor=actor, **counts)
    return plan


class _Wrong(Exception):
    """What is wrong in a row, as the person reads it."""


class _Known:
    """Organisations, their present heads and open vacancies, read once."""

    def __init__(self, municipality: Municipality | None) -> None:
        self.municipality = municipality
        self.towns = known_towns()
        rows = list(Organisation.objects.select_related("municipality"))
        self.by_ogrn = {row.ogrn: row for row in rows if row.ogrn}
        self.by_name = {(row.municipality_id, search_key(row.name)): row for row in rows}
        own = Q(organisation__municipality=municipality) if municipality else Q()
        heads = OrganisationHead.objects.current().filter(own).select_related("organisation")
        self.heads = {head.organisation_id: head for head in heads}
        posts = Vacancy.objects.open().filter(own).values_list("organisation", "post", "organisation__kind")
        self.vacant = {pk for pk, post, kind in posts if is_head_post(post, kind)}

    def organisation(self, row: TableRow) -> Organisation:
        town = self.towns.get(search_key(row["municipality"])) if row["municipality"] else self.municipality
        if town is None:
            raise _Wrong(f"муниципального образования «{row['municipality']}» нет в справочнике")
        found = self.by_ogrn.get(row["ogrn"]) or self.by_name.get((town.pk, search_key(row["organisation"])))
        if found is None:
            raise _Wrong(f"организации «{row['organisation']}» нет в справочнике")
        if found.municipality_id != town.pk or (self.municipality and town.pk != self.municipality.pk):
            raise _Wrong(f"организация «{found.name}» — не из этого муниципального образования")
        return found


def _values(row: TableRow) -> dict[str, Any]:
    """The head's data of a row; raises _Wrong for what cannot be."""
    if not row["name"]:
        raise _Wrong("не указан руководитель")
    if len(row["name"]) > 310:
        raise _Wrong("имя руководителя длиннее 310 знаков")
    since, until = _day(row["since"], "В должности с"), _day(row["contract_until"], "Окончание договора")
    if since and since > clock.today():
        raise _Wrong("день вступления в должность ещё не наступил")
    if since and until and until < since:
        raise _Wrong("договор кончается раньше, чем начинается")
    return {
        "name": row["name"],
        "since": since,
        "contract_until": until,
        "birth_year": _birth_year(row["birth_year"]),
    }


def _day(text: str, heading: str) -> date | None:
    if not text:
        return None
    for known in FORMATS:
        try:
            return datetime.strptime(text, known).date()
        except ValueError:
            continue
    raise _Wrong(f"{heading}: «{text}» — не дата; нужна дата вида 31.08.2027")


def _birth_year(text: str) -> int | None:
    """A year, or the year of a whole date: no more is kept."""
    if not text:
        return None
    year = int(text) if text.isdecimal() and len(text) == 4 else 0
    if not year:
        day = _day(text, "Год рождения")
        year = day.year if day else 0
    if clock.today().year - year not in AGES:
        raise _Wrong(f"Год рождения: {year} — проверьте")
    return year


def _compare(
    plan: HeadsPlan,
    organisation: Organisation,
    values: dict[str, Any],
    known: OrganisationHead | None,
    vacant: set[int],
) -> None:
    if organisation.pk in vacant:
        raise _Wrong("должность вакантна: руководителя вносит назначение")
    if known is None or search_key(known.name) != search_key(values["name"]):
        key = search_key(values["name"], organisation.name)
        plan.new.append((OrganisationHead(organisation=organisation, search_key=key, **values), known))
        return
    wanted = {name: values[name] for name in STORED if values[name] is not None}
    words = [
        f"{known._meta.get_field(name).verbose_name}: {_shown(getattr(known, name))} → {_shown(value)}"  # type: ignore[union-attr]
        for name, value in wanted.items()
        if getattr(known, name) != value
    ]
    if not words:
        plan.same += 1
        return
    for name, value in wanted.items():
        setattr(known, name, value)
    plan.changed.append((known, words))


def _shown(value: Any) -> str:
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value or "—")
