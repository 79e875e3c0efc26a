from reserve_portal.core.workflow import Workflow, step

from .enums import ProcedureState as P
from .enums import RouteState
from .models import LearningRoute, Procedure

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
