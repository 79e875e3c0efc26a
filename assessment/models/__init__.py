from .appeals import Appeal
from .conclusions import ExpertConclusion
from .experts import ExpertSheet
from .moodle import MoodleService
from .procedures import BordersDecision, Invitation, Procedure, Section
from .results import ConfirmedMatch, ImportDraft, Result, ResultImport, SectionScore, WaitingScore
from .routes import LearningRoute, Programme, RouteItem

__all__ = [
    "Appeal",
    "BordersDecision",
    "ConfirmedMatch",
    "ExpertConclusion",
    "ExpertSheet",
    "ImportDraft",
    "Invitation",
    "LearningRoute",
    "MoodleService",
    "Procedure",
    "Programme",
    "Result",
    "ResultImport",
    "RouteItem",
    "Section",
    "SectionScore",
    "WaitingScore",
]
