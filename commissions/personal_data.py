"""Seats, voices and decisions of bodies, for the person's own copy of the data."""

from typing import Any

from reserve_portal.core.personal_data import Part, described, personal_data_source

from .enums import ListState
from .models import BodyMember, DecisionLine, MeetingMember, Recusal, Vote


@personal_data_source("bodies", "Работа в комиссиях")
def bodies(user: Any) -> Part:
    """Seats, meetings to which the person was called, own voices with opinions, recusals."""
    seats = BodyMember.objects.filter(user=user).select_related("body", "stands_in_for__user").order_by("pk")
    called = MeetingMember.objects.filter(user=user).select_related("meeting__body").order_by("pk")
    votes = Vote.objects.filter(member__user=user).select_related("item", "line").order_by("pk")
    recusals = Recusal.objects.filter(member__user=user).select_related("item", "line").order_by("pk")
    told = ("position", "votes", "since", "until", "stands_in_for")
    there = ("name", "post", "position", "votes", "present", "entitled", "arrived_at", "left_at")
    return Part(
        [
            *({"Орган": str(row.body)} | described(row, *told) for row in seats),
            *({"Заседание": str(row.meeting)} | described(row, *there) for row in called),
            *(
                {"Вопрос": str(row.item), "О ком": str(row.line or "весь список")}
                | described(row, "choice", "opinion", "at")
                for row in votes
            ),
            *(
                {"Вопрос": str(row.item), "О ком": str(row.line)} | described(row, "source", "reason", "at")
                for row in recusals
            ),
        ]
    )


@personal_data_source("decisions", "Решения обо мне")
def decisions(user: Any) -> Part:
    """What was decided about the person, once the whole chain has decided; points are told by their own rules."""
    rows = DecisionLine.objects.filter(person=user, list__state=ListState.DECIDED).select_related("list")
    fields = ("label", "outcome", "outcome_reason")
    return Part(
        [
            {"Список": row.list.title, "Дата решения": described(row.list, "decided_on")["Дата решения"]}
            | described(row, *fields)
            for row in rows.order_by("pk")
        ]
    )
