from reserve_portal.core.workflow import Workflow, step

from .enums import AppealState, ConclusionState, RouteState, SheetState
from .enums import ProcedureState as P
from .models import Appeal, ExpertConclusion, ExpertSheet, LearningRoute, Procedure

PROCEDURE = Workflow(
    Procedure,
    "procedure",
    P.DRAFT,
    [
        step("schedule", [P.DRAFT], P.SCHEDULED, "Назначить", "оператор", "Процедура назначена"),
        step("open", [P.SCHEDULED], P.OPEN, "Открыть", "портал", "Процедура началась, границы закреплены"),
        step("end", [P.OPEN], P.ENDED, "Закончить", "портал", "Процедура закончилась"),
        step("close", [P.ENDED], P.CLOSED, "Подвести итоги", "комиссия", "Итоги подведены"),
    ],
)

ROUTE = Workflow(
    LearningRoute,
    "learning_route",
    RouteState.DRAFT,
    [
        step(
            "send",
            [RouteState.DRAFT],
            RouteState.SENT,
            "Утвердить и отправить",
            "оператор",
            "Маршрут отправлен",
        )
    ],
)

SHEET = Workflow(
    ExpertSheet,
    "expert_sheet",
    SheetState.GIVEN,
    [
        step("hand_in", [SheetState.GIVEN], SheetState.HANDED_IN, "Сдать лист", "эксперт", "Лист сдан"),
        step(
            "decline",
            [SheetState.GIVEN],
            SheetState.DECLINED,
            "Отказаться",
            "эксперт",
            "Эксперт отказался",
            needs_reason=True,
        ),
        step(
            "return",
            [SheetState.HANDED_IN],
            SheetState.GIVEN,
            "Вернуть эксперту",
            "оператор",
            "Лист возвращён эксперту",
            needs_reason=True,
        ),
        step(
            "recall",
            [SheetState.GIVEN],
            SheetState.RECALLED,
            "Отозвать лист",
            "оператор",
            "Лист отозван",
            needs_reason=True,
        ),
    ],
)

CONCLUSION = Workflow(
    ExpertConclusion,
    "expert_conclusion",
    ConclusionState.DRAFT,
    [
        step(
            "sign",
            [ConclusionState.DRAFT],
            ConclusionState.READY,
            "Подписать",
            "оператор",
            "Заключение готово",
        ),
        step(
            "reopen",
            [ConclusionState.READY],
            ConclusionState.DRAFT,
            "Вернуть в работу",
            "оператор",
            "Заключение возвращено в работу",
            needs_reason=True,
        ),
        step(
            "approve",
            [ConclusionState.READY],
            ConclusionState.APPROVED,
            "Утвердить",
            "комиссия",
            "Заключение утверждено",
        ),
    ],
)

APPEAL = Workflow(
    Appeal,
    "appeal",
    AppealState.FILED,
    [
        step(
            "uphold",
            [AppealState.FILED],
            AppealState.UPHELD,
            "Удовлетворить",
            "оператор",
            "Апелляция удовлетворена",
            needs_reason=True,
        ),
        step(
            "reject",
            [AppealState.FILED],
            AppealState.REJECTED,
            "Отклонить",
            "оператор",
            "Апелляция отклонена",
            needs_reason=True,
        ),
        step(
            "take_back",
            [AppealState.FILED],
            AppealState.TAKEN_BACK,
            "Отозвать апелляцию",
            "кандидат",
            "Апелляция отозвана",
        ),
    ],
)
