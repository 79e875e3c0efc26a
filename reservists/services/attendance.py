"""Who took part, from a pasted list or a table: matched by address or number, confirmed all or nothing (T7)."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from assessment.enums import RouteState
from assessment.models import LearningRoute
from candidates.models import RegistrationEntry
from reserve_portal.accounts.models import User
from reserve_portal.core import clock
from reserve_portal.core.search import search_key
from reserve_portal.core.spreadsheets import UnreadableTable, read_columns
from reserve_portal.core.table_imports import RowRefused, TableRow

from ..enums import ParticipationState
from ..models import Event, Participation, Reservist
from .events import Participant, confirm_participation

SALT = "reservists.attendance"
AT_MOST = 1000
COLUMNS = {
    "Фамилия, имя, отчество": "name",
    "ФИО": "name",
    "Адрес почты": "email",
    "Почта": "email",
    "E-mail": "email",
    "Рег. номер": "number",
    "Номер": "number",
}
SAMPLE_HEADINGS = ("Фамилия, имя, отчество", "Адрес почты", "Рег. номер")
_ADDRESS = re.compile(r"[^\s;,<>()\"«»]+@[^\s;,<>()\"«»]+")
_BETWEEN = re.compile(r"[\s;,|№]+")


@dataclass
class AttendancePlan:
    """Whom the list would confirm, who is confirmed already, lines named twice, errors by line."""

    people: list[Participant] = field(default_factory=list)
    already: int = 0
    repeated: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it may be done: nothing is wrong and somebody is to be confirmed."""
        return not self.errors and bool(self.people)

    @property
    def digest(self) -> str:
        """What was shown: another plan has another one."""
        rows = [f"{type(item).__name__}:{item.pk}" for item in self.people]
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def lines_of(text: str) -> list[TableRow]:
    """Rows of a pasted text: in each line an address, or a registration number, with or without a name."""
    rows = []
    for line, text_of_line in enumerate(text.splitlines(), start=1):
        if not text_of_line.strip():
            continue
        address = _ADDRESS.search(text_of_line)
        rest = _ADDRESS.sub(" ", text_of_line)
        words = [word.strip('.:()<>"«»') for word in _BETWEEN.split(rest)]
        numbers = [word for word in words if any(letter.isdigit() for letter in word)]
        names = [word for word in words if word and word not in numbers]
        rows.append(
            {
                "line": line,
                "email": address.group().rstrip(".") if address else "",
                "number": " ".join(numbers),
                "name": " ".join(names),
            }
        )
    if len(rows) > AT_MOST:
        raise UnreadableTable(f"в нём больше {AT_MOST} строк")
    return rows


def read_attendance(data: bytes) -> list[TableRow]:
    """Rows of an uploaded table; raises UnreadableTable."""
    return read_columns(data, COLUMNS, needed=(), at_most=AT_MOST)


def plan_attendance(event: Event, rows: Sequence[TableRow]) -> AttendancePlan:
    """Match the rows with people; writes nothing.

    A person is known by the address, else by the registration number, never by the name alone; a name that stands
    beside must fit. Who has a place at the event takes part with it, others as reservists or guests (T5).
    """
    plan, known = AttendancePlan(), _Known(event, rows)
    seen: set[int] = set()
    for row in rows:
        try:
            user = known.user(row)
            if user.pk in seen:
                plan.repeated += 1
                continue
            seen.add(user.pk)
            own = known.places.get(user.pk)
            if own is not None and own.state == ParticipationState.CONFIRMED:
                plan.already += 1
            else:
                plan.people.append(own.participant if own is not None else known.participant(user))
        except RowRefused as refused:
            plan.errors.append((row["line"], str(refused)))
    return plan


@transaction.atomic
def confirm_list(event: Event, rows: Sequence[TableRow], *, actor: Any) -> int:
    """Confirm everybody the plan of these rows names; returns how many.

    Raises ValueError for a plan with errors, GateShut as `confirm_participation`.
    """
    Event.objects.select_for_update().get(pk=event.pk)
    plan = plan_attendance(event, rows)
    if plan.errors:
        raise ValueError("A list with errors is not confirmed.")
    return confirm_participation(event, participants=plan.people, actor=actor)


class _Known:
    """Everybody the rows may mean, read once."""

    def __init__(self, event: Event, rows: Sequence[TableRow]) -> None:
        addresses = {row["email"].lower() for row in rows if row["email"]}
        numbers = {word for row in rows for word in _numbers(row)}
        entries = RegistrationEntry.objects.filter(text__in=numbers).select_related("application__user")
        self.by_number = {entry.text.lower(): entry.application.user for entry in entries}
        self.by_address = {user.email.lower(): user for user in User.objects.filter(email__in=addresses)}
        users = {user.pk for user in (*self.by_address.values(), *self.by_number.values())}
        self.places = _by_user(
            event.participations.select_related("reservist__user", "route__track__application__user"), users
        )
        members = Reservist.objects.active().filter(user__in=users).select_related("user", "edition")
        self.members: dict[int, Participant] = {}
        for member in members.order_by("included_on", "pk"):
            self.members.setdefault(member.user_id, member)
        routes = LearningRoute.objects.filter(
            track__application__user__in=users, state=RouteState.SENT, possible_from__gt=clock.today()
        ).select_related("track__application__user")
        self.guests: dict[int, Participant] = {
            route.track.application.user_id: route for route in routes.order_by("pk")
        }

    def user(self, row: Mapping[str, Any]) -> User:
        found = None
        if row["email"]:
            found = self.by_address.get(row["email"].lower())
            if found is None:
                raise RowRefused(f"адреса {row['email']} портал не знает")
        elif row["number"]:
            hits = {self.by_number[word.lower()] for word in _numbers(row) if word.lower() in self.by_number}
            if len(hits) != 1:
                raise RowRefused(f"регистрационного номера «{row['number']}» портал не знает")
            found = hits.pop()
        if found is None:
            raise RowRefused("нет ни адреса, ни номера: по одному имени людей не узнать")
        if row["name"] and search_key(found.last_name) not in search_key(row["name"]):
            raise RowRefused(f"здесь «{row['name']}», а адрес или номер принадлежит другому: {found}")
        return found

    def participant(self, user: User) -> Participant:
        found = self.members.get(user.pk) or self.guests.get(user.pk)
        if found is None:
            raise RowRefused(f"{user} не состоит в резерве и не учится по маршруту")
        return found


def _numbers(row: Mapping[str, Any]) -> list[str]:
    return [row["number"], *row["number"].split()] if row["number"] else []


def _by_user(places: Any, users: set[int]) -> dict[int, Participation]:
    found: dict[int, Participation] = {}
    for place in places.order_by("pk"):
        if place.person.pk in users:
            found.setdefault(place.person.pk, place)
    return found
