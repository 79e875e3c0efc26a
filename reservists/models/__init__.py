from .development import DevelopmentPlan, PlanItem, PlanReport, ReportRow
from .events import Event, EventsPlan, Participation
from .membership import Reservist
from .mentors import Mentor, MentorAssignment
from .registry import RegistryEdition

__all__ = [
    "DevelopmentPlan",
    "Event",
    "EventsPlan",
    "Mentor",
    "MentorAssignment",
    "Participation",
    "PlanItem",
    "PlanReport",
    "RegistryEdition",
    "ReportRow",
    "Reservist",
]
