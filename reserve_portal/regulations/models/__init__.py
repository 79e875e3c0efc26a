"""Editions of a regulation with their rules, and the deadlines that run by them."""

from .deadlines import Deadline, DeadlineQuerySet
from .editions import (
    BodyRule,
    ChainLink,
    CodedRow,
    ConsentText,
    DocumentType,
    Edition,
    EditionRow,
    Ground,
    Parameter,
    Requirement,
    SectionRule,
    TargetGroup,
    TimeLimit,
)

__all__ = [
    "BodyRule",
    "ChainLink",
    "CodedRow",
    "ConsentText",
    "Deadline",
    "DeadlineQuerySet",
    "DocumentType",
    "Edition",
    "EditionRow",
    "Ground",
    "Parameter",
    "Requirement",
    "SectionRule",
    "TargetGroup",
    "TimeLimit",
]
