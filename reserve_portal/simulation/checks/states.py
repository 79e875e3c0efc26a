"""Every state has its history, and limits end with their cases."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q

from candidates.enums import APPLICATION_ENDED, ApplicationState, TrackState
from candidates.models import Application, ApplicationTrack
from reserve_portal.core.models import TransitionLog
from reserve_portal.core.workflow import Workflow, workflows
from reserve_portal.regulations.models import Deadline
from vacancies.enums import CLOSED
from vacancies.models import Vacancy

from .registry import check


@check
def every_state_has_its_history() -> Iterator[str]:
    """The log of each case begins with its birth, goes on from where it stood, and ends in its present state."""
    for code in workflows.codes():
        yield from _check_workflow(workflows.get(code))


@check
def the_mark_of_waiting_for_admission_agrees_with_the_states() -> Iterator[str]:
    """What is stored beside the states, for lists, says what the states say."""
    pending = ApplicationTrack.objects.filter(application=OuterRef("pk"), state=TrackState.PENDING)
    waits = Q(Exists(pending), state=ApplicationState.REVIEWED)
    for row in Application.objects.filter(waits, awaits_admission=False):
        yield f"Заявление {row.pk} ждёт решения о допуске, а в списках его нет."
    for row in Application.objects.filter(~waits, awaits_admission=True):
        yield f"Заявление {row.pk} стоит среди ждущих решения о допуске, а не ждёт."


def _check_workflow(workflow: Workflow) -> Iterator[str]:
    states = dict(workflow.model._default_manager.values_list("pk", workflow.field))
    name = workflow.model._meta.verbose_name
    logged = set()
    rows = TransitionLog.objects.filter(
        workflow=workflow.name, content_type=ContentType.objects.get_for_model(workflow.model)
    ).order_by("object_id", "pk")
    for pk, steps in groupby(rows.iterator(chunk_size=2000), key=lambda row: row.object_id):
        logged.add(pk)
        if pk in states:
            yield from (f"{name} {pk}: {text}" for text in _broken(list(steps), states[pk], workflow))
    for pk in sorted(set(states) - logged):
        yield f"{name} {pk}: в журнале состояний нет ни одной записи."


def _broken(steps: list[TransitionLog], state: str, workflow: Workflow) -> Iterator[str]:
    labels = dict(workflow.model._meta.get_field(workflow.field).flatchoices)  # type: ignore[union-attr]
    before: Any = ""
    for step in steps:
        if step.from_state != before:
            yield (
                f"шаг «{step.label}» начат из состояния «{labels.get(step.from_state, step.from_state)}», "
                f"а было «{labels.get(before, before)}»."
            )
        known = workflow.transitions.get(step.transition)
        if known is not None and step.from_state not in known.sources:
            yield f"шаг «{step.label}» сделан из состояния, из которого он закрыт."
        if known is not None and known.needs_reason and not step.reason.strip():
            yield f"шаг «{step.label}» сделан без причины."
        before = step.to_state
    if before != state:
        yield f"состояние — «{labels.get(state, state)}», а по журналу — «{labels.get(before, before)}»."


@check
def no_limit_runs_for_a_closed_case() -> Iterator[str]:
    """A refused or withdrawn application and a filled or cancelled vacancy have no running limit."""
    for model, closed in ((Application, APPLICATION_ENDED), (Vacancy, CLOSED)):
        ended = model._default_manager.filter(state__in=closed).values("pk")
        running = Deadline.objects.open().filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=ended
        )
        for deadline in running:
            yield f"Срок «{deadline.title}» ({deadline.about}) ещё идёт, хотя дело закончено."
