"""Moodle's two exports: the quiz report «Оценки» and the gradebook. Pure: no models, no settings.

A file that is not such an export raises UnreadableExport; a row with a mistake is kept, with the mistake in words.
"""

from .attempts import attempt_moment, choose_attempts, match_key
from .model import Choice, Export, ExportRow, GradeColumn, Method, State, UnreadableExport, WithoutAttempt
from .numbers import MAX_DECIMAL_PLACES, MAX_INTEGER_DIGITS
from .reading import read_export
from .words import normal_heading, normal_name

__all__ = [
    "MAX_DECIMAL_PLACES",
    "MAX_INTEGER_DIGITS",
    "Choice",
    "Export",
    "ExportRow",
    "GradeColumn",
    "Method",
    "State",
    "UnreadableExport",
    "WithoutAttempt",
    "attempt_moment",
    "choose_attempts",
    "match_key",
    "normal_heading",
    "normal_name",
    "read_export",
]
