"""The reserve as matching reads it: who may be proposed for a vacancy, and why the others may not.

Each obstacle stands once, as a condition and its words: the same condition keeps people out of the order and explains
them. The number of queries never depends on the size of the reserve; names are read for the people shown alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any, overload

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    Field,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Cast

from candidates.models import Consent
from reserve_portal.core import calendar, clock
from reserve_portal.core.words import plural
from reserve_portal.regulations.enums import ConsentKind
from reserve_portal.regulations.models import ConsentText, Edition
from reservists.enums import ReservistState
from reservists.models import Reservist

from ..enums import ReferralState
from ..models import Referral, Vacancy
from ..rules import NEARNESS, ZONES, Candidate, Place, Terms, alike, facts_of, in_order

UNITS = 10**7  # points have seven decimal places
AT_ONCE = 2000


class InUnits(Func):
    """A decimal column as the whole number of its small units, without Django's chain of casts around it."""

    output_field = BigIntegerField()
    template = f"CAST(%(expressions)s * {UNITS} AS bigint)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite keeps decimals as binary fractions and would cut them off."""
        template = f"CAST(ROUND(%(expressions)s * {UNITS}) AS integer)"
        return self.as_sql(compiler, connection, template=template, **context)


class Plain(ExpressionWrapper):
    """Whole numbers as the driver gives them: Django would call int() on each of sixty thousand."""

    def __init__(self, expression: Any) -> None:
        super().__init__(expression, output_field=Field())


@dataclass(frozen=True)
class Obstacle:
    """Why somebody may not be proposed: the condition on reservists, and its words for a user's id."""

    condition: Q
    words: Callable[[int], str]


def own_obstacles(edition: Edition) -> list[Obstacle]:
    """What stands in a person's way whatever the vacancy is."""
    texts = list(ConsentText.objects.filter(kind=ConsentKind.PROCESSING).values_list("pk", flat=True))
    consenting = Consent.objects.filter(user=OuterRef("user"), text__in=texts, withdrawn_at=None)
    found = [
        Obstacle(Q(state=ReservistState.EXCLUDED), lambda _: "исключён(а) из резерва"),
        Obstacle(Q(state=ReservistState.APPOINTED), lambda _: "уже назначен(а) на должность"),
        Obstacle(
            Q(~Exists(consenting)),
            lambda _: "нет действующего согласия на обработку персональных данных",
        ),
    ]
    if age := edition.value("exclusion_age"):
        born = calendar.plus_months(clock.today(), -12 * age)
        words = f"исполнилось {age} {plural(age, 'год', 'года', 'лет')}"
        found.append(Obstacle(Q(user__profile__birth_date__lte=born), lambda _: words))
    return found


def obstacles_to(vacancy: Vacancy) -> list[Obstacle]:
    """All obstacles to being proposed for this vacancy (process.md 8): state, consent, age, group, other cases."""
    engaged = dict(
        Referral.objects.engaged()
        .exclude(vacancy=vacancy)
        .values_list("reservist__user_id", "vacancy__organisation__name")
    )
    asked = Referral.objects.filter(vacancy=vacancy).exclude(state=ReferralState.RELEASED)
    return [
        *own_obstacles(vacancy.edition),
        # A copied edition has rows of its own: the group is the same when its code is.
        Obstacle(
            ~Q(target_group__code=vacancy.target_group.code), lambda _: "состоит в другой целевой группе"
        ),
        Obstacle(Q(user__in=list(engaged)), lambda user_id: engaged_words(engaged[user_id])),
        Obstacle(Q(pk__in=asked.values("reservist")), lambda _: "по этой вакансии уже спрошен(а)"),
    ]


def eligible(obstacles: Sequence[Obstacle]) -> Any:
    """The reservists (queryset) in whose way none of these stands."""
    rows = Reservist.objects.all()
    for obstacle in obstacles:
        rows = rows.exclude(obstacle.condition)
    return rows


def engaged_words(organisation: str) -> str:
    return f"рассматривается на другую вакансию: {organisation}"


def reasons_of(
    reservists: Sequence[int], obstacles: Sequence[Obstacle]
) -> dict[int, tuple[str, tuple[str, ...]]]:
    """Name and reasons of these reservists by their ids, in one query."""
    flags = {
        f"obstacle_{number}": ExpressionWrapper(obstacle.condition, output_field=BooleanField())
        for number, obstacle in enumerate(obstacles)
    }
    names = ("user__last_name", "user__first_name", "user__patronymic")
    found = {}
    for some in _chunks(reservists):
        rows = Reservist.objects.filter(pk__in=some).order_by().annotate(**flags)
        for pk, user_id, *rest in rows.values_list("pk", "user_id", *names, *flags):
            name = " ".join(part for part in rest[: len(names)] if part)
            reasons = tuple(
                obstacle.words(user_id)
                for obstacle, is_there in zip(obstacles, rest[len(names) :], strict=True)
                if is_there
            )
            found[pk] = (name, reasons)
    return found


def terms_of(vacancy: Vacancy, weights: Any = None) -> Terms:
    """By what the order for a vacancy is made; `weights` replace the edition's for a try."""
    edition = vacancy.edition
    return Terms(
        vacancy.municipality_id,
        vacancy.organisation.kind,
        edition.value("advantage"),
        edition.value("advantage_events"),
        dict(weights if weights is not None else edition.value("matching_weights")),
    )


def standings_of(reservists: Any, terms: Terms) -> list[tuple[int, int, int, int]]:
    """The Standings of a queryset of reservists, in the order that parts equals: rank, inclusion, entry.

    They stay plain rows of numbers: to name twenty thousand of them would take as long as to order them.
    """
    zone = _number(*(When(zone=name, then=Value(at)) for at, name in enumerate(ZONES) if at))
    nearness = _number(
        When(municipality=terms.municipality_id, then=Value(NEARNESS.index("home"))),
        When(user__profile__ready_to_move=True, then=Value(NEARNESS.index("moves"))),
    )
    same_kind = _number(When(user__organisation__kind=terms.kind, then=Value(1)))
    events = Cast("planned_events", BigIntegerField())
    rows = reservists.order_by(F("rank").asc(nulls_last=True), "included_on", "pk").values_list(
        "pk",
        Plain(InUnits("points")),
        Plain(InUnits("maximum")),
        Plain(alike(zone, nearness, F("managing_years"), same_kind, events)),
    )
    return list(rows.iterator(chunk_size=AT_ONCE))


def _number(*cases: When) -> Case:
    return Case(*cases, default=Value(0), output_field=IntegerField())


class Reserve:
    """The reserve before one vacancy: who may be proposed, read once and put in order by any weights."""

    def __init__(self, vacancy: Vacancy) -> None:
        self.vacancy = vacancy
        self.obstacles = obstacles_to(vacancy)
        self.standings = standings_of(eligible(self.obstacles), terms_of(vacancy))

    def order(self, weights: Any = None) -> "MatchOrder":
        """The order by the edition's weights, or by these as a try; no query."""
        terms = terms_of(self.vacancy, weights)
        return MatchOrder(Places(in_order(self.standings, terms), terms), LeftOut(self), terms.weights)


@dataclass(frozen=True)
class MatchOrder:
    """The order, and who is not in it and why."""

    places: "Places"
    left_out: "LeftOut"
    weights: Any


class Places(Sequence[Place]):
    """The order as a sequence: names are read for the part that is looked at."""

    def __init__(self, rows: list[tuple[int, int, int, int]], terms: Terms) -> None:
        self.rows, self.terms = rows, terms

    @property
    def ids(self) -> list[int]:
        """Reservist ids in order, without a query."""
        return [row[0] for row in self.rows]

    def of(self, reservists: Sequence[int]) -> list[Place]:
        """The places of these reservists, in the order of the places."""
        wanted = set(reservists)
        return self._places([row for row in self.rows if row[0] in wanted])

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Place: ...
    @overload
    def __getitem__(self, at: slice) -> list[Place]: ...
    def __getitem__(self, at: int | slice) -> Place | list[Place]:
        if isinstance(at, slice):
            return self._places(self.rows[at])
        return self._places([self.rows[at]])[0]

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places(self.rows))

    def _places(self, rows: list[tuple[int, int, int, int]]) -> list[Place]:
        names = reasons_of([row[0] for row in rows], [])
        return [
            Place(Candidate(row[0], names[row[0]][0], UNITS), facts_of(row, self.terms), self.terms)
            for row in rows
        ]


class LeftOut(Sequence[Candidate]):
    """Reservists who are in no order, by name; whoever was excluded is no reservist any more."""

    def __init__(self, reserve: Reserve) -> None:
        self.obstacles, self.placed = reserve.obstacles, len(reserve.standings)
        rows = Reservist.objects.exclude(state=ReservistState.EXCLUDED)
        rows = rows.filter(reduce(or_, (obstacle.condition for obstacle in self.obstacles)))
        self.rows = rows.order_by("user__last_name", "user__first_name", "pk").values_list("pk", flat=True)

    @cached_property
    def _count(self) -> int:
        """All others of the reserve: cheaper than to ask of each why he or she is left out."""
        return Reservist.objects.exclude(state=ReservistState.EXCLUDED).count() - self.placed

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Candidate: ...
    @overload
    def __getitem__(self, at: slice) -> list[Candidate]: ...
    def __getitem__(self, at: int | slice) -> Candidate | list[Candidate]:
        chosen = list(self.rows[at]) if isinstance(at, slice) else [self.rows[at]]
        told = reasons_of(chosen, self.obstacles)
        rows = [Candidate(pk, told[pk][0], obstacles=told[pk][1]) for pk in chosen]
        return rows if isinstance(at, slice) else rows[0]

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self[:])


def _chunks(items: Sequence[int]) -> Iterator[Sequence[int]]:
    """Parts of a list that no database finds too long for one statement."""
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
