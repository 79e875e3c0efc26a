"""Cards of the home page and counters of the operator's desk."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from candidates.enums import TrackState
from candidates.models import ApplicationTrack
from reserve_portal.accounts.enums import Role
from reserve_portal.core.dashboard import Card, card_source
from reserve_portal.core.desk import DeskItem, desk_source
from reserve_portal.core.navigation import NavItem, nav_source
from reserve_portal.core.search import capped_count

from .enums import (
    ANNOUNCED,
    DECIDED_TRACKS,
    AppealState,
    ConclusionState,
    ProcedureState,
    RouteState,
    SheetState,
)
from .models import Appeal, ExpertConclusion, ExpertSheet, Invitation, LearningRoute, Procedure

GROUP = "Оценка"


@card_source
def invitation_cards(user: Any) -> list[Card]:
    """Where and when the person is assessed, as long as the procedure stands ahead or runs (T3)."""
    if not user.has_role(Role.CANDIDATE):
        return []
    invitations = (
        Invitation.objects.filter(
            track__application__user=user, track__state=TrackState.INVITED, procedure__state__in=ANNOUNCED
        )
        .select_related("procedure")
        .order_by("procedure__starts_at")
    )
    procedures = {row.procedure_id: row.procedure for row in invitations}
    return [
        Card(
            f"Оценка: {procedure.name}",
            "assessment/cards/invitation.html",
            {"procedure": procedure, "runs": procedure.state == ProcedureState.OPEN},
            order=15,
            urgent=procedure.state == ProcedureState.OPEN,
        )
        for procedure in procedures.values()
    ]


@card_source
def route_cards(user: Any) -> list[Card]:
    """The learning route, once it was sent (T5)."""
    if not user.has_role(Role.CANDIDATE):
        return []
    route = LearningRoute.objects.filter(track__application__user=user, state=RouteState.SENT).first()
    if route is None:
        return []
    return [Card("Мой образовательный маршрут", "assessment/cards/route.html", {"route": route}, order=25)]


@nav_source
def expert_entries(user: Any) -> list[NavItem]:
    """The expert's desk with the number of sheets that wait."""
    if user is None or not user.is_authenticated or not user.has_role(Role.EXPERT):
        return []
    count = ExpertSheet.objects.visible_to(user).count()
    return [
        NavItem("Экспертные листы", reverse("assessment:sheets"), "clipboard-check", order=45, badge=count)
    ]


@card_source
def sheet_cards(user: Any) -> list[Card]:
    """Sheets that wait for the expert."""
    if not user.has_role(Role.EXPERT):
        return []
    count = ExpertSheet.objects.visible_to(user).count()
    if not count:
        return []
    return [Card("Экспертные листы", "assessment/cards/sheets.html", {"count": count}, order=18, urgent=True)]


@card_source
def conclusion_cards(user: Any) -> list[Card]:
    """The approved conclusion, after the decision (O3.18)."""
    if not user.has_role(Role.CANDIDATE):
        return []
    rows = ExpertConclusion.objects.filter(
        result__track__application__user=user,
        result__track__state__in=DECIDED_TRACKS,
        state=ConclusionState.APPROVED,
    ).select_related("result__track__target_group")
    tracks = [row.result.track for row in rows]
    if not tracks:
        return []
    return [Card("Экспертное заключение", "assessment/cards/conclusion.html", {"tracks": tracks}, order=26)]


@desk_source
def assessment_desk(user: Any) -> list[DeskItem]:
    """Who waits for an invitation, whose result is missing, which routes wait for approval."""
    if not user.has_role(Role.OPERATOR):
        return []
    procedures = reverse("admin:assessment_procedure_changelist")
    later = Invitation.objects.filter(track=OuterRef("track"), pk__gt=OuterRef("pk"))
    missing = Invitation.objects.filter(
        procedure__state=ProcedureState.ENDED, track__state=TrackState.INVITED
    )
    return [
        DeskItem(
            "Допущены и ждут приглашения",
            capped_count(ApplicationTrack.objects.filter(state=TrackState.ADMITTED)),
            procedures,
            group=GROUP,
            order=40,
        ),
        DeskItem(
            "Процедура закончилась, результата нет",
            capped_count(missing.exclude(Exists(later))),
            f"{procedures}?state__exact={ProcedureState.ENDED}",
            group=GROUP,
            order=41,
        ),
        DeskItem(
            "Апелляции ждут ответа",
            Appeal.objects.open().count(),
            reverse("admin:assessment_appeal_changelist") + f"?state__exact={AppealState.FILED}",
            group=GROUP,
            order=41,
        ),
        DeskItem(
            "Эксперты отказались от листов",
            ExpertSheet.objects.filter(
                state=SheetState.DECLINED, invitation__track__state=TrackState.INVITED
            ).count(),
            f"{procedures}?state__exact={ProcedureState.ENDED}",
            group=GROUP,
            order=42,
        ),
        DeskItem(
            "Проекты экспертных заключений",
            ExpertConclusion.objects.filter(state=ConclusionState.DRAFT).count(),
            reverse("admin:assessment_expertconclusion_changelist")
            + f"?state__exact={ConclusionState.DRAFT}",
            group=GROUP,
            order=42,
        ),
        DeskItem(
            "Проекты образовательных маршрутов",
            LearningRoute.objects.filter(state=RouteState.DRAFT).count(),
            reverse("admin:assessment_learningroute_changelist") + f"?state__exact={RouteState.DRAFT}",
            group=GROUP,
            order=42,
        ),
        DeskItem(
            "Процедуры готовятся, не назначены",
            Procedure.objects.filter(state=ProcedureState.DRAFT).count(),
            f"{procedures}?state__exact={ProcedureState.DRAFT}",
            group=GROUP,
            order=43,
        ),
    ]
