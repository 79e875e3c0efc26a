from .conclusions import ExpertConclusion
from .experts import ExpertSheet
from .procedures import BordersDecision, Invitation, Procedure, Section
from .results import ImportDraft, Result, ResultImport, SectionScore, WaitingScore
from .routes import LearningRoute, Programme, RouteItem

__all__ = [
    "BordersDecision",
    "ExpertConclusion",
    "ExpertSheet",
    "ImportDraft",
    "Invitation",
    "LearningRoute",
    "Procedure",
    "Programme",
    "Result",
    "ResultImport",
    "RouteItem",
    "Section",
    "SectionScore",
    "WaitingScore",
]
