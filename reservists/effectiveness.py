"""How effective the work with the reserve was: figures from every stage, each with its clause (O7.1-7.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from candidates.enums import ApplicationState
from candidates.models import Application, ApplicationTrack, RegistrationEntry
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.models import TransitionLog
from reserve_portal.papers.kinds import PaperKind, register_paper
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.models import Edition

from .enums import ParticipationState, ReservistState
from .leaving_papers import may_read
from .models import Participation, Reservist
from .rules import points_words

YEARS = (1, 2, 3)  # the year itself, and cumulative with the one and the two before (O7.1)

REPORT = register_paper(
    PaperKind(
        code="effectiveness",
        title="Отчёт об эффективности работы с кадровым резервом",
        template="reservists/pdf/effectiveness.html",
        number="{number}/{year}",
        series="effectiveness:{year}",
        may_read=may_read,
    )
)


@dataclass(frozen=True)
class Span:
    """Whole years, both ends included, in the region's days."""

    since: date
    until: date

    @property
    def moments(self) -> tuple[datetime, datetime]:
        return clock.at(self.since, time(0)), clock.end_of(self.until)


@dataclass(frozen=True)
class Figure:
    """One figure in words of people; `clause` says what asks for it."""

    name: str
    value: str
    clause: str


FigureSource = Callable[[Span], list[Figure]]
_sources: list[FigureSource] = []


def figure_source(function: FigureSource) -> FigureSource:
    """Register a function that gives a stage's figures for a span: always the same ones in the same order."""
    if function not in _sources:
        _sources.append(function)
    return function


def span_of(year: int, years: int) -> Span:
    """The span of `years` years that ends with `year`."""
    return Span(date(year - years + 1, 1, 1), date(year, 12, 31))


def figures_of(span: Span) -> list[Figure]:
    """Every figure of every stage for the span."""
    return [figure for source in _sources for figure in source(span)]


def share(part: int, whole: int) -> str:
    """«25 % (3 из 12)»; rounded for the eye alone; a dash where there is nothing to compare."""
    if not whole:
        return "—"
    return f"{_rounded(Fraction(part * 100, whole))} % ({part} из {whole})"


@figure_source
def selection_figures(span: Span) -> list[Figure]:
    """From the applications to the reserve, in people."""
    within = span.moments
    applied = Application.objects.filter(submitted_at__range=within).exclude(state=ApplicationState.DRAFT)
    included = Reservist.objects.filter(included_on__range=(span.since, span.until))
    asked, entered = _people(applied, "user"), _people(included, "user")
    registered = RegistrationEntry.objects.filter(registered_at__range=within)
    return [
        Figure("Подали заявление, человек", str(asked), "O7.3"),
        Figure("Зарегистрированы", str(_people(registered, "application__user")), "O7.3"),
        Figure("Допущены к оценке", str(_passed("admit", within)), "O7.3"),
        Figure("Прошли оценку", str(_passed("assess", within)), "O7.3"),
        Figure("Включены в резерв", str(entered), "O7.3"),
        Figure("Включены по отношению к подавшим заявление", share(entered, asked), "O7.3"),
        Figure("Средний балл включённых, % от максимума", _mean(included), "O7.3"),
    ]


@figure_source
def reserve_figures(span: Span) -> list[Figure]:
    """Life in the reserve: events and those who left."""
    members = Reservist.objects.filter(included_on__lte=span.until).filter(
        Q(ended_on=None) | Q(ended_on__gte=span.since)
    )
    took_part = Participation.objects.filter(
        reservist__in=members,
        state=ParticipationState.CONFIRMED,
        event__starts_at__range=span.moments,
    )
    left = Reservist.objects.filter(state=ReservistState.EXCLUDED, ended_on__range=(span.since, span.until))
    present = _people(members, "user")
    return [
        Figure("Состояли в резерве, человек", str(present), "O7.3"),
        Figure("Участвовали в мероприятиях", share(_people(took_part, "reservist__user"), present), "O7.3"),
        Figure("Исключены из резерва", str(_people(left, "user")), "O6.1"),
    ]


@transaction.atomic
def issue_report(edition: Edition, *, year: int, actor: Any) -> IssuedPaper:
    """Issue the report of a year, with the figures cumulative for two and three years (O7.1).

    Closes the year's limit. Raises GateShut for a year that has not begun.
    """
    if year > clock.today().year:
        require_open([Blocker("Этот год ещё не начался.", field="year")])
    spans = [span_of(year, years) for years in YEARS]
    columns = [figures_of(span) for span in spans]
    rows = [
        {"name": first.name, "clause": first.clause, "cells": [first.value, *(item.value for item in others)]}
        for first, *others in zip(*columns, strict=True)
    ]
    context = {
        "edition": edition,
        "year": year,
        "until": min(clock.today(), date(year, 12, 31)),
        "spans": [f"{span.since.year}–{year}" if span.since.year < year else str(year) for span in spans],
        "rows": rows,
        "signed_by": actor.short_name,
    }
    paper = issue_paper(REPORT.code, edition, context, actor=actor, title=f"{REPORT.title} за {year} год")
    if year >= clock.today().year - 1:
        event_happened("effectiveness.reported", edition, edition=edition, on=clock.today())
    record_event("reservists.issue_effectiveness_report", paper, actor=actor, year=year)
    return paper


def _people(rows: Any, person: str) -> int:
    return rows.order_by().values(person).distinct().count()


def _passed(transition: str, within: tuple[datetime, datetime]) -> int:
    """People one of whose tracks made this step in time."""
    track_type = ContentType.objects.get_for_model(ApplicationTrack)
    steps = TransitionLog.objects.filter(content_type=track_type, transition=transition, at__range=within)
    tracks = ApplicationTrack.objects.filter(pk__in=steps.values("object_id"))
    return _people(tracks, "application__user")


def _mean(included: Any) -> str:
    """The mean share of the maximum with which people entered, exactly, rounded at the end alone."""
    shares = [
        Fraction(points) * 100 / Fraction(maximum)
        for points, maximum in included.filter(track__isnull=False)
        .values_list("track__results__points", "track__results__maximum")
        .iterator()
        if points is not None
    ]
    return _rounded(sum(shares, Fraction(0)) / len(shares)) if shares else "—"


def _rounded(value: Fraction) -> str:
    """Two digits after the comma, half up, for the eye."""
    hundredths = (value * 100 + Fraction(1, 2)).__floor__()
    return points_words(Decimal(hundredths) / 100)
