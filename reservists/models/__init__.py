from .attestation import Attestation, AttestationEntry, AttestationInstrument, AttestationScore
from .changes import ReservistChange
from .development import DevelopmentPlan, PlanItem, PlanReport, ReportRow
from .events import CalendarFeed, Event, EventsPlan, Participation, SurveyAnswer
from .indicators import IndicatorTarget
from .leaving import ExclusionSignal, MinistryList
from .membership import Reservist
from .mentors import Mentor, MentorAssignment
from .registry import RegistryEdition, RegistryRow

__all__ = [
    "Attestation",
    "AttestationEntry",
    "AttestationInstrument",
    "AttestationScore",
    "CalendarFeed",
    "DevelopmentPlan",
    "Event",
    "EventsPlan",
    "ExclusionSignal",
    "IndicatorTarget",
    "Mentor",
    "MentorAssignment",
    "MinistryList",
    "Participation",
    "PlanItem",
    "PlanReport",
    "RegistryEdition",
    "RegistryRow",
    "ReportRow",
    "Reservist",
    "ReservistChange",
    "SurveyAnswer",
]
