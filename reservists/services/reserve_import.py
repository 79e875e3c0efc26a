"""The reserve that existed before the portal, from a table: read, compared, stored all or nothing, doubled never."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from assessment.enums import Zone
from candidates.models import Profile
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.forms import is_name
from reserve_portal.accounts.models import Municipality, User
from reserve_portal.accounts.schools import known_towns
from reserve_portal.accounts.services import create_person, grant_role, send_invitation
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.search import search_key
from reserve_portal.core.spreadsheets import read_columns
from reserve_portal.core.table_imports import RowRefused, TableRow
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.models import Edition, TargetGroup

from ..enums import ReservistState
from ..models import Reservist
from ..rules import points_words
from ..workflow import RESERVIST
from .development import begin_development
from .membership import note_workplace

COLUMNS = {
    "Фамилия": "last_name",
    "Имя": "first_name",
    "Отчество": "patronymic",
    "Адрес почты": "email",
    "Телефон": "phone",
    "Дата рождения": "birth_date",
    "Муниципальное образование": "municipality",
    "Место работы": "organisation_name",
    "Должность": "post",
    "Целевая группа": "group",
    "Зона": "zone",
    "Баллы": "points",
    "Максимум": "maximum",
    "Место в рейтинге": "rank",
    "Лет руководства": "managing_years",
    "Вид решения": "kind",
    "Номер решения": "number",
    "Дата решения": "dated",
}
NEEDED = ("last_name", "first_name", "email", "number", "dated")
AT_MOST = 200  # about two seconds of work with letters and accounts; a larger reserve comes in parts
SALT = "reservists.reserve"
FORMATS = ("%d.%m.%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M")
LONGEST = {
    "last_name": 100, "first_name": 100, "patronymic": 100, "email": 254, "phone": 20, "organisation_name": 250,
    "post": 250, "kind": 60, "number": 60,
}  # fmt: skip
AGES = range(18, 100)
ZONES = {search_key(label): value for value, label in Zone.choices if value != Zone.RED}
STARTED = "Внесён из прежнего списка резерва"


@dataclass
class NewMember:
    """One row that becomes a membership; `user` None where the account is made too."""

    line: int
    user: User | None
    person: dict[str, str]
    profile: dict[str, Any]
    membership: dict[str, Any]
    shows_zone: bool

    @property
    def words(self) -> str:
        """The row as the preview shows it."""
        town = self.membership["municipality"]
        parts = [
            f"{self.person['last_name']} {self.person['first_name']} {self.person['patronymic']}".strip(),
            str(town or "без муниципалитета"),
            str(self.membership["target_group"]),
            f"{Zone(self.membership['zone']).label.lower()} зона" if self.shows_zone else "",
            self.membership["basis"],
            "учётная запись есть" if self.user else "новая учётная запись",
        ]
        return " · ".join(part for part in parts if part)


@dataclass
class ReservePlan:
    """What an import would do: memberships to come, those that stand so already, errors by row."""

    new: list[NewMember] = field(default_factory=list)
    same: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it may be done: nothing is wrong and somebody is to come in."""
        return not self.errors and bool(self.new)

    @property
    def digest(self) -> str:
        """What was shown: another plan has another one."""
        return hashlib.sha256("\n".join(item.words for item in self.new).encode()).hexdigest()[:16]


def read_reserve(data: bytes) -> list[TableRow]:
    """Rows of an uploaded table; raises UnreadableTable."""
    return read_columns(data, COLUMNS, needed=NEEDED, at_most=AT_MOST)


def plan_reserve(rows: Sequence[TableRow], edition: Edition) -> ReservePlan:
    """Compare the rows with who is in the reserve; writes nothing.

    A person is known by the address. Who is a member of the group already with the same data stands so; with other
    data it is an error, for only a decision changes a membership (O4.16).
    """
    plan, known = ReservePlan(), _Known(rows, edition)
    seen: dict[tuple[str, int], int] = {}
    names: dict[str, str] = {}
    for row in rows:
        try:
            member = known.member(row)
            email, group = member.person["email"], member.membership["target_group"]
            name = search_key(*(member.person[part] for part in ("last_name", "first_name", "patronymic")))
            if names.setdefault(email, name) != name:
                raise RowRefused("с этим адресом в таблице есть другой человек")
            if (email, group.pk) in seen:
                raise RowRefused(f"тот же человек и группа, что в строке {seen[email, group.pk]}")
            seen[email, group.pk] = row["line"]
            if known.stands(member):
                plan.same += 1
            else:
                plan.new.append(member)
        except RowRefused as refused:
            plan.errors.append((row["line"], str(refused)))
    return plan


@transaction.atomic
def import_reserve(rows: Sequence[TableRow], *, edition: Edition, actor: Any) -> ReservePlan:
    """Take everybody of the plan of these rows into the reserve, all or nothing; returns it.

    New people get an account and the letter that opens it, all get the letter about their membership, whose history
    names the decision. Raises ValueError for a plan with errors.
    """
    Edition.objects.select_for_update().get(pk=edition.pk)  # two imports take turns
    plan = plan_reserve(rows, edition)
    if plan.errors:
        raise ValueError("A table with errors is not imported.")
    made: dict[str, User] = {}
    for member in plan.new:
        _take_in(member, made, edition=edition, actor=actor)
    record_event(
        "reservists.import_reserve",
        edition,
        actor=actor,
        new=len(plan.new),
        accounts=len(made),
        same=plan.same,
    )
    return plan


def _take_in(member: NewMember, made: dict[str, User], *, edition: Edition, actor: Any) -> None:
    email = member.person["email"]
    user = member.user or made.get(email)
    invited = user is None
    if user is None:
        names = {key: value for key, value in member.person.items() if key != "email"}
        user = made[email] = create_person(email, roles=[Role.RESERVIST], actor=actor, **names)
        send_invitation(user)
    else:
        grant_role(user, Role.RESERVIST, actor=actor)
    Profile.objects.get_or_create(user=user, defaults={**member.profile, "phone": member.person["phone"]})
    reservist = Reservist.objects.create(user=user, edition=edition, **member.membership)
    note_workplace(user, reservist.municipality)
    RESERVIST.start(reservist, actor=actor, label=STARTED, reason=reservist.basis)
    begin_development(reservist, on=clock.today())
    record_event("reservists.import_member", reservist, actor=actor, person=user, basis=reservist.basis)
    account = (
        "Ссылка, по которой вы зададите пароль, придёт отдельным письмом."
        if invited or email in made
        else "Входите с прежним паролем."
    )
    values = {
        "group": str(reservist.target_group),
        "basis": reservist.basis,
        "account": account,
        "consents": settings.SITE_URL + reverse("reservists:consents"),
    }
    send_letter(
        "reserve.imported", to=user, key=f"reserve.imported:{reservist.pk}", values=values, about=reservist
    )


class _Known:
    """What the rows are compared with, read once."""

    def __init__(self, rows: Sequence[TableRow], edition: Edition) -> None:
        self.edition = edition
        self.groups = list(edition.target_groups.all())
        self.towns = known_towns()
        self.has_zones = bool(edition.value("zones"))
        addresses = {row["email"].strip().lower() for row in rows}
        users = User.objects.filter(email__in=addresses)
        self.users = {user.email.lower(): user for user in users}
        members = Reservist.objects.filter(user__in=users).select_related("target_group")
        self.memberships: dict[tuple[int, str], Reservist] = {}
        for row in members.order_by("pk"):
            self.memberships[row.user_id, row.target_group.code] = row

    def member(self, row: TableRow) -> NewMember:
        person = self._person(row)
        user = self.users.get(person["email"])
        if user is not None:
            self._check_owner(user, person)
        return NewMember(row["line"], user, person, self._profile(row), self._membership(row), self.has_zones)

    def stands(self, member: NewMember) -> bool:
        """Whether the person is a member with these data; raises RowRefused for other data or a later exclusion."""
        group = member.membership["target_group"]
        found = self.memberships.get((member.user.pk, group.code)) if member.user else None
        if found is None:
            return False
        if found.state == ReservistState.EXCLUDED:
            if found.ended_on and found.ended_on >= member.membership["included_on"]:
                raise RowRefused(f"исключён из резерва {found.ended_on:%d.%m.%Y}, позже этого решения")
            return False
        differing = [
            str(Reservist._meta.get_field(name).verbose_name).lower()  # type: ignore[union-attr]
            for name in ("zone", "points", "maximum", "included_on", "basis", "municipality")
            if getattr(found, name) != member.membership[name]
        ]
        if differing:
            words = ", ".join(differing)
            raise RowRefused(f"уже состоит в резерве с другими данными ({words}); их меняет только решение")
        return True

    def _person(self, row: TableRow) -> dict[str, str]:
        for name, longest in LONGEST.items():
            if len(row[name]) > longest:
                raise RowRefused(f"«{_heading(name)}» длиннее {longest} знаков")
        for name in ("last_name", "first_name", "patronymic"):
            if not row[name] and name != "patronymic":
                raise RowRefused(f"не указано: {_heading(name)}")
            if row[name]:
                _valid(is_name, row[name], name)
        if not row["email"]:
            raise RowRefused("не указан адрес почты")
        _valid(validate_email, row["email"], "email")
        names = ("last_name", "first_name", "patronymic", "phone", "post")
        return {"email": row["email"].lower(), **{name: row[name] for name in names}}

    def _check_owner(self, user: User, person: dict[str, str]) -> None:
        if not user.is_active:
            raise RowRefused("учётная запись с этим адресом закрыта")
        given = search_key(person["last_name"], person["first_name"])
        if search_key(user.last_name, user.first_name) != given:
            raise RowRefused(f"этот адрес принадлежит другому человеку: {user}")

    def _profile(self, row: TableRow) -> dict[str, Any]:
        born = _day(row["birth_date"], "birth_date")
        if born and clock.today().year - born.year not in AGES:
            raise RowRefused(f"Дата рождения: {row['birth_date']} — проверьте")
        return {
            "birth_date": born,
            "municipality": self._town(row),
            "organisation_name": row["organisation_name"],
            "post": row["post"],
        }

    def _membership(self, row: TableRow) -> dict[str, Any]:
        dated = _day(row["dated"], "dated")
        if dated is None:
            raise RowRefused("не указана дата решения о включении")
        if dated > clock.today():
            raise RowRefused("дата решения о включении ещё не наступила")
        if not row["number"]:
            raise RowRefused("не указан номер решения о включении")
        points, maximum = _number(row["points"], "points"), _number(row["maximum"], "maximum")
        if (points is None) != (maximum is None):
            raise RowRefused("баллы и максимум указывают вместе")
        if points is not None and maximum is not None and not 0 <= points <= maximum:
            raise RowRefused(f"баллов {points_words(points)} из {points_words(maximum)} быть не может")
        return {
            "target_group": self._group(row["group"]),
            "municipality": self._town(row),
            "zone": self._zone(row["zone"]),
            "points": points or Decimal(0),
            "maximum": maximum or Decimal(0),
            "rank": _whole(row["rank"], "rank") or None,
            "managing_years": _whole(row["managing_years"], "managing_years"),
            "included_on": dated,
            "basis": f"{row['kind'] or 'решение'} № {row['number']} от {dated:%d.%m.%Y}",
        }

    def _town(self, row: TableRow) -> Municipality | None:
        if not row["municipality"]:
            return None
        town = self.towns.get(search_key(row["municipality"]))
        if town is None:
            raise RowRefused(f"муниципального образования «{row['municipality']}» нет в справочнике")
        return town

    def _group(self, text: str) -> TargetGroup:
        if not text and len(self.groups) == 1:
            return self.groups[0]
        key = search_key(text)
        for number, group in enumerate(self.groups, start=1):
            if key and key in (search_key(group.name), search_key(group.code), str(number)):
                return group
        known = "; ".join(f"{number} — {group.name}" for number, group in enumerate(self.groups, start=1))
        raise RowRefused(f"целевой группы «{text}» нет; есть: {known}")

    def _zone(self, text: str) -> str:
        if not text and not self.has_zones:
            return Zone.GREEN
        found = ZONES.get(search_key(text.lower().removesuffix("зона").strip()))
        if found is None:
            raise RowRefused(f"зоны «{text}» в резерве не бывает: зелёная или жёлтая")
        return found


def _heading(name: str) -> str:
    return next(heading for heading, known in COLUMNS.items() if known == name)


def _valid(check: Any, value: str, name: str) -> None:
    try:
        check(value)
    except ValidationError as error:
        raise RowRefused(f"{_heading(name)}: «{value}» — {error.messages[0]}") from error


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    for known in FORMATS:
        try:
            return datetime.strptime(text, known).date()
        except ValueError:
            continue
    raise RowRefused(f"{_heading(name)}: «{text}» — не дата; нужна дата вида 31.08.2025")


def _number(text: str, name: str) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= 10_000 or value != round(value, 4):
        raise RowRefused(f"{_heading(name)}: «{text}» — не число")
    return value


def _whole(text: str, name: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and int(text) < 10_000):
        raise RowRefused(f"{_heading(name)}: «{text}» — не целое число")
    return int(text)
