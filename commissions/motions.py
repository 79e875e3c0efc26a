"""What a body can decide. A stage subclasses Motion in its own `motions.py` and registers one per decision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.core.gates import Blocker
from reserve_portal.core.registry import Registry
from reserve_portal.notifications.services import send_letter

from .models import AgendaItem, DecisionLine, DecisionList


@dataclass(frozen=True)
class LineSpec:
    """A line to be put on a list."""

    subject: Any
    person: Any
    proposal: bool
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)


Columns = tuple[tuple[str, str], ...]  # (key of line.details, heading)


def table_row(line: DecisionLine, columns: Columns) -> dict[str, Any]:
    """A line as a table shows it: the person's name (without the group that has a column of its own) and the cells."""
    name, group = str(line.label), line.details.get("group", "")
    if "group" in dict(columns):
        name = name.removesuffix(f" ({group})")
    return {"line": line, "name": name, "cells": [line.details.get(key, "") for key, _ in columns]}


class Motion:
    """A kind of decision: its words, its papers, its effect."""

    decision = ""
    question = ""  # «О допуске …», prepositional, for the agenda
    yes = ""  # «допустить к оценке»
    no = ""
    columns: Columns = ()  # of lists and protocols
    by_groups = False  # people stand on the list once for each target group, `line.details` holds its name

    def shown_columns(self, decision_list: DecisionList) -> Columns:
        """The columns of this list, with the target group where the edition has several."""
        if self.by_groups and decision_list.edition.target_groups.count() > 1:
            return (*self.columns[:1], ("group", "Целевая группа"), *self.columns[1:])
        return self.columns

    def blockers(self, decision_list: DecisionList) -> list[Blocker]:
        """What still keeps the list from being sent to the body."""
        return []

    def conflicts(self, line: DecisionLine, user: Any) -> list[str]:
        """Reasons, computed from facts, why `user` must keep out of this line (own application, same school …)."""
        own = ["собственное дело"] if line.person_id == user.pk else []
        return own + [reason for source in _conflicts for reason in source(line, user)]

    def papers_url(self, line: DecisionLine) -> str:
        """Address of what members may read about this line, or an empty string."""
        return ""

    def papers_before(self, lines: Sequence[DecisionLine]) -> dict[int, list[tuple[str, str]]]:
        """What lies before the voters about these lines: {line id: [(title, SHA-256 of the file)]}."""
        return {}

    def notes(self, decision_list: DecisionList) -> list[tuple[str, str]]:
        """What everybody should notice about the list, as (tone of a notice, words); it keeps nobody from deciding."""
        return []

    def effect(self, line: DecisionLine, *, actor: Any) -> None:
        """Bring the outcome of one line about; `line.outcome` is set. Runs in the closing transaction."""

    def finished(self, decision_list: DecisionList, *, actor: Any) -> None:
        """After the effects of all lines: papers, limits, letters."""

    def scheduled(self, item: AgendaItem, *, actor: Any) -> None:
        """The list stands on the agenda of a meeting: whom else to invite."""

    def arrived(self, decision_list: DecisionList, *, actor: Any) -> None:
        """The list arrived at its next link (`decision_list.link`)."""


ConflictSource = Callable[[DecisionLine, Any], list[str]]
_conflicts: list[ConflictSource] = []


def register_conflict(function: ConflictSource) -> ConflictSource:
    """Register a function that gives reasons to keep out of a line, whatever is decided (a stage's `conflicts.py`)."""
    if function not in _conflicts:
        _conflicts.append(function)
    return function


motions: Registry[Motion] = Registry("motion")


def register_motion(motion: Motion) -> Motion:
    """Make a motion known for its decision."""
    return motions.add(str(motion.decision), motion)


def motion_of(decision_list: DecisionList) -> Motion:
    """The motion of a list; of one that corrects an earlier decision, the correcting of it."""
    motion = motions.get(decision_list.decision)
    return CorrectionMotion(motion) if decision_list.corrects_id else motion


class CorrectionMotion(Motion):
    """A mistake in a decision is mended by a new item of a later meeting: the old one stays as it was.

    Lines are about the lines of the decision that is corrected. Nothing is brought about by itself: what follows for
    the person's case is done there, by its own rules, with this decision as the ground.
    """

    yes = "исправить решение"
    no = "оставить решение без изменений"
    columns = (("was", "Записано"), ("becomes", "Следует читать"))

    def __init__(self, corrected: Motion) -> None:
        self.decision = corrected.decision
        self.question = f"Об исправлении решения: {corrected.question[:1].lower()}{corrected.question[1:]}"
        self._corrected = corrected

    def conflicts(self, line: DecisionLine, user: Any) -> list[str]:
        """As for the decision that is corrected."""
        return self._corrected.conflicts(_corrected_line(line), user)

    def papers_before(self, lines: Sequence[DecisionLine]) -> dict[int, list[tuple[str, str]]]:
        """The same papers that the decision rested on."""
        subjects = {line.object_id: line.pk for line in lines}
        before = self._corrected.papers_before([_corrected_line(line) for line in lines])
        return {subjects[pk]: rows for pk, rows in before.items()}

    def finished(self, decision_list: DecisionList, *, actor: Any) -> None:
        """Whoever keeps the cases learns what is to be mended in them."""
        for user in get_user_model().objects.with_role(Role.OPERATOR):
            send_letter(
                "decision.corrected",
                to=user,
                key=f"decision.corrected:{decision_list.pk}:{user.pk}",
                values={
                    "list": decision_list.title,
                    "url": settings.SITE_URL
                    + reverse("admin:commissions_decisionlist_change", args=[decision_list.pk]),
                },
                about=decision_list,
            )


def _corrected_line(line: DecisionLine) -> DecisionLine:
    assert isinstance(line.subject, DecisionLine)
    return line.subject
