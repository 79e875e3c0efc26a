"""What the portal computes about the requirements: the facts of an application, put to the edition's rules."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Q

from reserve_portal.core import clock
from reserve_portal.regulations.models import Requirement

from ..enums import EmploymentKind, Verdict
from ..models import Application, Employment
from ..rules import DECLARATIONS, Diploma, Facts, Judgement, Period, days_worked, judge, span_in_words

DOCUMENT_ANSWERS = {Verdict.ACCEPTED: True, Verdict.REFUSED: False}


def judge_application(application: Application) -> list[tuple[Requirement, Judgement]]:
    """Judge every requirement of the edition, in its order (T2, O1.6).

    A draft is judged by the questionnaire as it stands, a submitted application by its snapshot; documents always by
    their present verdicts.
    """
    facts = facts_of(application)
    requirements = application.campaign.edition.requirements.all()
    return [(requirement, judge(requirement.rule, facts, requirement.title)) for requirement in requirements]


def facts_of(application: Application) -> Facts:
    """Return the plain values on which requirements are judged, on the last day of the window."""
    from .snapshots import describe_profile

    data = application.snapshot or describe_profile(application.user)
    profile = data["profile"]
    documents, names = _documents(application)
    return Facts(
        on=clock.local(application.campaign.closes_at).date(),
        birth_date=_day(profile["birth_date"]),
        citizenship=profile["citizenship"],
        diplomas=tuple(
            Diploma(row["level"], row["field"], row["speciality"], row["year"], row.get("hours"))
            for row in data["education"]
        ),
        periods=tuple(
            Period(row["kind"], date.fromisoformat(row["since"]), _day(row["until"]))
            for row in data["employment"]
        ),
        declared={name: profile[name] for name in DECLARATIONS},
        documents=documents,
        document_names=names,
    )


def service_in_words(rows: Iterable[Employment], application: Application) -> list[tuple[str, str]]:
    """Lengths of service on the window's last day, by kind and in all; a day of two periods counts once (T2, O1.6)."""
    on = clock.local(application.campaign.closes_at).date()
    periods = tuple(Period(row.kind, row.since, row.until) for row in rows)
    kinds = {
        "педагогический": (EmploymentKind.TEACHING,),
        "руководящий": (EmploymentKind.MANAGING,),
        "педагогический и руководящий вместе": (EmploymentKind.TEACHING, EmploymentKind.MANAGING),
        "общий": tuple(EmploymentKind),
    }
    after = on.toordinal() + 1
    return [
        (
            name,
            span_in_words(
                date.fromordinal(max(1, after - days_worked(periods, chosen, on))), date.fromordinal(after)
            ),
        )
        for name, chosen in kinds.items()
    ]


def _documents(application: Application) -> tuple[dict[str, bool | None], dict[str, str]]:
    items = application.items.select_related("document_type").annotate(
        present=Count("files", filter=Q(files__removed_at=None))
    )
    answers: dict[str, bool | None] = {}
    names: dict[str, str] = {}
    for item in items:
        names[item.document_type.code] = item.document_type.name
        answers[item.document_type.code] = (
            DOCUMENT_ANSWERS.get(Verdict(item.verdict)) if item.present else False
        )
    return answers, names


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
