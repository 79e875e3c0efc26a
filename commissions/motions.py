"""What a body can decide. A stage subclasses Motion in its own `motions.py` and registers one per decision."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reserve_portal.core.gates import Blocker
from reserve_portal.core.registry import Registry

from .models import DecisionLine, DecisionList


@dataclass(frozen=True)
class LineSpec:
    """A line to be put on a list."""

    subject: Any
    person: Any
    proposal: bool
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)


class Motion:
    """A kind of decision: its words, its papers, its effect."""

    decision = ""
    question = ""  # «О допуске …», prepositional, for the agenda
    yes = ""  # «допустить к оценке»
    no = ""
    columns: tuple[tuple[str, str], ...] = ()  # (key of line.details, heading) for lists and protocols

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

    def notes(self, decision_list: DecisionList) -> list[tuple[str, str]]:
        """What everybody should notice about the list, as (tone of a notice, words); it keeps nobody from deciding."""
        return []

    def effect(self, line: DecisionLine, *, actor: Any) -> None:
        """Bring the outcome of one line about; `line.outcome` is set. Runs in the closing transaction."""

    def finished(self, decision_list: DecisionList, *, actor: Any) -> None:
        """After the effects of all lines: papers, limits, letters."""

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
