from .attestation import Attestation, AttestationEntry, AttestationInstrument, AttestationScore
from .attestation_sheets import AttestationSheet
from .certification import Certification
from .changes import ReservistChange
from .development import DevelopmentPlan, PlanItem, PlanReport, ReportRow
from .events import CalendarFeed, Event, EventsPlan, Participation, SurveyAnswer
from .indicators import IndicatorTarget
from .leaving import ExclusionSignal, MinistryList
from .membership import Reservist
from .mentoring import MentorReport, MentorReportLine, PlanReview
from .mentors import Mentor, MentorAssignment
from .plan_notes import PlanComment, PlanEvidence
from .registry import RegistryEdition, RegistryRow

__all__ = [
    "Attestation",
    "AttestationEntry",
    "AttestationInstrument",
    "AttestationScore",
    "AttestationSheet",
    "CalendarFeed",
    "Certification",
    "DevelopmentPlan",
    "Event",
    "EventsPlan",
    "ExclusionSignal",
    "IndicatorTarget",
    "Mentor",
    "MentorAssignment",
    "MentorReport",
    "MentorReportLine",
    "MinistryList",
    "Participation",
    "PlanComment",
    "PlanEvidence",
    "PlanItem",
    "PlanReport",
    "PlanReview",
    "RegistryEdition",
    "RegistryRow",
    "ReportRow",
    "Reservist",
    "ReservistChange",
    "SurveyAnswer",
]
