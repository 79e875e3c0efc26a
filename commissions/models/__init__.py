from .bodies import Body, BodyMember
from .meetings import AgendaItem, DecisionLine, DecisionList, Meeting, MeetingMember, Recusal, Vote
from .records import LineResult, Material, Order, SeenPaper

__all__ = [
    "AgendaItem",
    "Body",
    "BodyMember",
    "DecisionLine",
    "DecisionList",
    "LineResult",
    "Material",
    "Meeting",
    "MeetingMember",
    "Order",
    "Recusal",
    "SeenPaper",
    "Vote",
]
