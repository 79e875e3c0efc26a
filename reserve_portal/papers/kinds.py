"""The registry of papers: a stage names its kinds in `papers.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reserve_portal.core.registry import Registry


@dataclass(frozen=True)
class PaperKind:
    """A kind of paper.

    `number` is a pattern over {year}, {number} and what the caller gives; `series` names the row of numbers, likewise.
    `may_read(user, paper)` decides who may download it beside the operator and the person it is about; where not
    `operator_reads` or not `person_reads`, for them too.
    """

    code: str
    title: str
    template: str
    number: str
    series: str
    may_read: Callable[[Any, Any], bool]
    landscape: bool = False
    operator_reads: bool = True
    person_reads: bool = True


paper_kinds: Registry[PaperKind] = Registry("paper kind")


def register_paper(kind: PaperKind) -> PaperKind:
    """Make a kind of paper known."""
    return paper_kinds.add(kind.code, kind)
