"""The one seam through which a state changes.

A stage declares a table of transitions in its `workflow.py`; a service calls `apply`, which locks the row, checks the
source, changes the state and writes the log row, all in one transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from .models import TransitionLog
from .registry import Registry

AT_ONCE = 500


class TransitionRefused(Exception):
    """The transition is not open from the present state; the text is for people."""


@dataclass(frozen=True)
class Transition:
    """One row of a table: from `sources` to `target`, by `who`; `label` names the deed, `done` what the log says."""

    name: str
    sources: frozenset[str]
    target: str
    label: str
    who: str
    done: str = ""
    needs_reason: bool = False


def step(
    name: str,
    sources: Iterable[str],
    target: str,
    label: str,
    who: str,
    done: str = "",
    needs_reason: bool = False,
) -> Transition:
    """Make a row of a transition table."""
    return Transition(
        name, frozenset(map(str, sources)), str(target), label, who, done or label, needs_reason
    )


class Workflow:
    """The transition table of one model's state field."""

    def __init__(self, model: type[models.Model], name: str, initial: str, transitions: Iterable[Transition]):
        self.model = model
        self.name = name
        self.initial = str(initial)
        self.field = "state"
        self.transitions = {item.name: item for item in transitions}
        # Called with the objects after a change, in its transaction: what is stored beside a state follows it here.
        self.followers: list[Callable[[Sequence[Any]], Any]] = []
        workflows.add(name, self)

    def open_from(self, state: str) -> list[Transition]:
        """Return the transitions open from `state`, in the table's order."""
        return [item for item in self.transitions.values() if state in item.sources]

    def is_open(self, obj: models.Model, name: str) -> bool:
        """Say whether transition `name` is open from the object's present state."""
        return getattr(obj, self.field) in self.transitions[name].sources

    def start(self, obj: Any, *, actor: Any, label: str, reason: str = "") -> None:
        """Log the birth of `obj`, which must stand in the initial state."""
        if getattr(obj, self.field) != self.initial:
            raise TransitionRefused(f"{self.name}: начальное состояние — {self.initial}")
        self._log(obj, "start", label, "", self.initial, actor, reason)

    def apply(self, obj: Any, name: str, *, actor: Any, reason: str = "") -> None:
        """Change the state of `obj` by transition `name`; `actor` is a user or None for the portal itself.

        Raises TransitionRefused when the state, read under a lock, is not a source, or a demanded reason is missing.
        """
        item = self.transitions[name]
        if item.needs_reason and not reason.strip():
            raise TransitionRefused(f"Действие «{item.label}»: укажите причину.")
        with transaction.atomic():
            current = self._change(obj, item)
            setattr(obj, self.field, item.target)
            self._log(obj, name, item.done, current, item.target, actor, reason)
            for follower in self.followers:
                follower([obj])

    def apply_to_all(self, objs: Sequence[Any], name: str, *, actor: Any) -> None:
        """Change the states of many objects by a transition that needs no reason: as `apply` for each, in few queries.

        Raises TransitionRefused, and changes nothing, when one of them stands in another state.
        """
        item = self.transitions[name]
        rows = self.model._default_manager.select_for_update(of=("self",)).order_by("pk")
        with transaction.atomic():
            for start in range(0, len(objs), AT_ONCE):
                some = objs[start : start + AT_ONCE]
                keys = [obj.pk for obj in some]
                states = dict(rows.filter(pk__in=keys).values_list("pk", self.field))
                if item.needs_reason or not set(states.values()) <= item.sources or len(states) < len(keys):
                    raise TransitionRefused(f"Действие «{item.label}» сейчас недоступно.")
                self.model._default_manager.filter(pk__in=keys).update(**{self.field: item.target})
                logs = []
                for obj in some:
                    setattr(obj, self.field, item.target)
                    logs.append(self._row(obj, name, item.done, states[obj.pk], item.target, actor, ""))
                TransitionLog.objects.bulk_create(logs)
                for follower in self.followers:
                    follower(some)

    def _change(self, obj: Any, item: Transition) -> str:
        """Change the state in the database; returns the former one. Raises TransitionRefused.

        Mostly it is the state of `obj` as loaded: then one conditional update is lock, check and change together.
        """
        rows = self.model._default_manager.filter(pk=obj.pk)
        loaded: str = getattr(obj, self.field)
        if loaded in item.sources and rows.filter(**{self.field: loaded}).update(**{self.field: item.target}):
            return str(loaded)
        current: str = rows.select_for_update(of=("self",)).values_list(self.field, flat=True).get()
        if current not in item.sources:
            states = dict(self.model._meta.get_field(self.field).flatchoices)  # type: ignore[union-attr]
            raise TransitionRefused(
                f"Действие «{item.label}» сейчас недоступно: состояние — «{states.get(current, current)}»."
            )
        rows.update(**{self.field: item.target})
        return current

    def _log(
        self, obj: Any, name: str, label: str, source: str, target: str, actor: Any, reason: str
    ) -> None:
        self._row(obj, name, label, source, target, actor, reason).save(force_insert=True)

    def _row(
        self, obj: Any, name: str, label: str, source: str, target: str, actor: Any, reason: str
    ) -> TransitionLog:
        return TransitionLog(
            content_type=ContentType.objects.get_for_model(obj),
            object_id=obj.pk,
            workflow=self.name,
            transition=name,
            label=label,
            from_state=source,
            to_state=target,
            actor=actor,
            reason=reason,
        )


workflows: Registry[Workflow] = Registry("workflow")
