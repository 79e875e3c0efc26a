"""No letter without a reason behind it, and no decision without its letter."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import F

from assessment.models import LearningRoute
from candidates.models import Application, ApplicationTrack, SubjectRequest
from commissions.enums import ListState
from commissions.models import DecisionLine, DecisionList
from reserve_portal.core.models import TransitionLog
from reserve_portal.notifications.kinds import letter_kinds
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.enums import Decision
from reservists.enums import ChangeKind, SignalKind, SignalState
from reservists.models import (
    DevelopmentPlan,
    ExclusionSignal,
    MentorAssignment,
    PlanReport,
    ReservistChange,
)
from vacancies.models import Referral

from .registry import check

SIGN_IN = "account"  # letters of sign-in have no subject: they carry one-time links
WITHOUT_SUBJECT = frozenset({"deadlines.digest"})


@dataclass(frozen=True)
class Behind:
    """A letter of this kind is about a case in which this step was made, and the step has its letter."""

    kind: str
    about: Any
    transition: str
    both_ways: bool = True
    steps_of: Any = (
        None  # where the step is made by another row: ApplicationTrack for letters about its application
    )


BEHIND = (
    Behind("application.submitted", Application, "submit"),
    Behind(
        "application.withdrawn", Application, "withdraw", both_ways=False
    ),  # a draft goes without a letter
    Behind("candidates.registered", Application, "register"),
    Behind("candidates.correction", Application, "request_correction"),
    Behind("candidates.refused", Application, "refuse"),
    Behind("candidates.admitted", Application, "admit", steps_of=ApplicationTrack),
    Behind("candidates.not_admitted", Application, "not_admit", steps_of=ApplicationTrack),
    Behind("reserve.included", ApplicationTrack, "include"),
    Behind("reserve.not_included", ApplicationTrack, "not_include"),
    Behind("route.sent", LearningRoute, "send"),
    Behind("vacancy.offer", Referral, "start"),
    Behind("vacancy.presented", Referral, "present"),
    Behind("vacancy.recommended", Referral, "recommend"),
    Behind("vacancy.not_recommended", Referral, "not_recommend"),
    Behind("vacancy.appointed", Referral, "appoint"),
    Behind("plan.submitted", DevelopmentPlan, "submit"),
    Behind("plan.returned", DevelopmentPlan, "return"),
    Behind("plan.agreed", DevelopmentPlan, "agree"),
    Behind("report.submitted", PlanReport, "submit"),
    Behind("report.returned", PlanReport, "return"),
    Behind("report.accepted", PlanReport, "accept"),
    Behind("reserve.excluded", DecisionList, "decide", both_ways=False),
    Behind("subject_request.received", SubjectRequest, "start"),
    Behind("subject_request.answered", SubjectRequest, "answer"),
)


@check
def every_letter_has_a_kind_and_a_case() -> Iterator[str]:
    """A letter is of a known kind, about a case that is there, to somebody, with a text."""
    for letter in Letter.objects.order_by("pk").iterator(chunk_size=1000):
        if letter.kind.startswith(SIGN_IN):
            continue
        if letter.kind not in letter_kinds:
            yield f"Письмо «{letter}»: неизвестный вид «{letter.kind}»."
        if letter.content_type_id is None and letter.kind not in WITHOUT_SUBJECT:
            yield f"Письмо «{letter}»: не сказано, о каком оно деле."
        if not letter.address or not letter.body.strip():
            yield f"Письмо «{letter}»: нет адреса или текста."
    yield from _letters_about_nothing()


def _letters_about_nothing() -> Iterator[str]:
    used = Letter.objects.exclude(content_type=None).values_list("content_type", flat=True).distinct()
    for content_type in ContentType.objects.filter(pk__in=used.order_by("content_type")):
        model: Any = content_type.model_class()
        there = model._default_manager.values("pk")
        for letter in Letter.objects.filter(content_type=content_type).exclude(object_id__in=there):
            yield f"Письмо «{letter}»: дела, о котором оно, нет."


@check
def letters_and_decisions_belong_together() -> Iterator[str]:
    """No letter tells a state that was not reached, and nobody is left without the letter about a decision (O3.13)."""
    for row in BEHIND:
        told = _about(row.kind, row.about)
        stepped = _stepped(row)
        title = letter_kinds.get(row.kind).title if row.kind in letter_kinds else row.kind
        for pk in sorted(told - stepped):
            yield f"Письмо «{title}»: {_name(row.about, pk)} — такого решения не было."
        if row.both_ways:
            for pk in sorted(stepped - told):
                yield f"Письма «{title}» нет: {_name(row.about, pk)}."


def _of_rows() -> Iterator[tuple[str, set[str]]]:
    """Letters that tell a row of their own: the kind, and the keys that its letters must have."""
    for kind, attested in (("reserve.attested", True), ("reserve.changed", False)):
        rows = ReservistChange.objects.filter(kind=ChangeKind.ATTESTATION)
        rows = rows if attested else ReservistChange.objects.exclude(kind=ChangeKind.ATTESTATION)
        yield kind, {f"{kind}:{pk}" for pk in rows.values_list("pk", flat=True)}
    given = list(MentorAssignment.objects.values_list("reservist", "pk"))
    for kind in ("mentor.assigned", "mentor.given"):
        yield kind, {f"{kind}:{reservist}:{pk}" for reservist, pk in given}
    decided = DecisionLine.objects.filter(list__state=ListState.DECIDED, outcome=True)
    for kind, decision in (("mentor.pooled", Decision.MENTOR_POOL), ("reserve.excluded", Decision.EXCLUSION)):
        yield (
            kind,
            {f"{kind}:{pk}" for pk in decided.filter(list__decision=decision).values_list("pk", flat=True)},
        )
    wishes = ExclusionSignal.objects.filter(kind=SignalKind.OWN_WISH)
    yield "reserve.leaving", {f"reserve.leaving:{pk}" for pk in wishes.values_list("pk", flat=True)}
    dismissed = wishes.filter(state=SignalState.DISMISSED).values_list("pk", flat=True)
    yield "reserve.leaving_dismissed", {f"reserve.leaving_dismissed:{pk}" for pk in dismissed}


@check
def letters_about_rows_have_their_row() -> Iterator[str]:
    """Each change, mentor, exclusion and own wish was told by exactly its letter, and no letter tells another."""
    for kind, wanted in _of_rows():
        there = set(Letter.objects.filter(kind=kind).values_list("key", flat=True))
        title = letter_kinds.get(kind).title
        if missing := len(wanted - there):
            yield f"Письма «{title}» нет: дел без письма — {missing}."
        if idle := len(there - wanted):
            yield f"Письмо «{title}»: писем без дела — {idle}."


@check
def results_are_not_told_before_the_decision() -> Iterator[str]:
    """Letters about inclusion are not older than the decision (the candidate does not see «assessed»)."""
    for kind, transition in (("reserve.included", "include"), ("reserve.not_included", "not_include")):
        decided = dict(
            TransitionLog.objects.filter(workflow="track", transition=transition).values_list(
                "object_id", "at"
            )
        )
        for letter in Letter.objects.filter(kind=kind, content_type=_type(ApplicationTrack)):
            at = decided.get(letter.object_id)
            if at is not None and letter.created_at < at:
                yield f"Письмо «{letter}» написано раньше решения."


@check
def sent_letters_have_a_moment() -> Iterator[str]:
    """A letter marked as sent says when, and never before it was written."""
    for letter in Letter.objects.filter(state="sent", sent_at=None):
        yield f"Письмо «{letter}»: отправлено, а когда — неизвестно."
    for letter in Letter.objects.filter(sent_at__lt=F("created_at")):
        yield f"Письмо «{letter}»: отправлено раньше, чем написано."


def _about(kind: str, model: Any) -> set[int]:
    rows = Letter.objects.filter(kind=kind, content_type=_type(model)).values_list("object_id", flat=True)
    return {pk for pk in rows if pk is not None}


def _stepped(row: Behind) -> set[int]:
    source = row.steps_of or row.about
    logs = TransitionLog.objects.filter(content_type=_type(source), transition=row.transition)
    found = {pk for pk in logs.values_list("object_id", flat=True) if pk is not None}
    if row.steps_of is ApplicationTrack:
        return set(ApplicationTrack.objects.filter(pk__in=found).values_list("application", flat=True))
    return found


def _name(model: Any, pk: int) -> str:
    found = model._default_manager.filter(pk=pk).first()
    return str(found) if found is not None else f"{model._meta.verbose_name} {pk}"


def _type(model: Any) -> ContentType:
    return ContentType.objects.get_for_model(model)
