"""What a read export is made of. Pure: no models, no settings."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

State = Literal["finished", "in_progress", "not_attempted", "ungraded", "overdue", "never_submitted"]
Method = Literal["best", "last", "first"]


class UnreadableExport(Exception):
    """The whole file is refused; ``message`` is one Russian sentence that says what is wrong and why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class GradeColumn:
    """A column of points other than the total: ``key`` is «q1» for question 1, else the heading in lower case."""

    key: str
    title: str
    maximum: Decimal | None


@dataclass(frozen=True)
class ExportRow:
    """One attempt (quiz) or one person (gradebook); ``line`` counts from 1 as a spreadsheet does, headings included."""

    line: int
    last_name: str
    first_name: str
    email: str
    id_number: str
    state: State
    started_at: str
    completed_at: str
    total: Decimal | None
    scores: dict[str, Decimal | None]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Export:
    """A read file: the columns in their order, the maximum of the total (quiz only), the rows of people."""

    kind: Literal["quiz", "gradebook"]
    columns: tuple[GradeColumn, ...]
    total_maximum: Decimal | None
    rows: tuple[ExportRow, ...]


@dataclass(frozen=True)
class WithoutAttempt:
    """A person of whom nothing counts: the row that says most about why, and the reason in Russian."""

    row: ExportRow
    reason: str


@dataclass(frozen=True)
class Choice:
    """One row per person that counts, in the order of the file, and the persons of whom none does."""

    chosen: tuple[ExportRow, ...]
    without: tuple[WithoutAttempt, ...]
