from reserve_portal.core.workflow import Workflow, step

from .enums import ItemState, ListState, MeetingState
from .models import AgendaItem, DecisionList, Meeting

LIST = Workflow(
    DecisionList,
    "decision_list",
    ListState.DRAFT,
    [
        step("send", [ListState.DRAFT], ListState.SENT, "Передать органу", "оператор", "Передан органу"),
        step(
            "pass_on",
            [ListState.SENT],
            ListState.SENT,
            "Передать следующему органу",
            "портал",
            "Передан дальше",
        ),
        step(
            "take_back",
            [ListState.SENT],
            ListState.DRAFT,
            "Вернуть на доработку",
            "оператор",
            needs_reason=True,
        ),
        step("decide", [ListState.SENT], ListState.DECIDED, "Завершить", "портал", "Решение принято"),
    ],
)

MEETING = Workflow(
    Meeting,
    "meeting",
    MeetingState.PLANNED,
    [
        step(
            "open",
            [MeetingState.PLANNED],
            MeetingState.OPEN,
            "Открыть заседание",
            "секретарь",
            "Заседание открыто",
        ),
        step(
            "close",
            [MeetingState.OPEN],
            MeetingState.CLOSED,
            "Закрыть заседание",
            "секретарь",
            "Заседание закрыто",
        ),
        step(
            "cancel",
            [MeetingState.PLANNED, MeetingState.OPEN],
            MeetingState.CANCELLED,
            "Отменить заседание",
            "секретарь",
            "Заседание отменено",
            needs_reason=True,
        ),
    ],
)

ITEM = Workflow(
    AgendaItem,
    "agenda_item",
    ItemState.PENDING,
    [
        step(
            "open_voting",
            [ItemState.PENDING],
            ItemState.VOTING,
            "Начать голосование",
            "секретарь",
            "Голосование начато",
        ),
        step(
            "close_voting",
            [ItemState.VOTING],
            ItemState.VOTED,
            "Закончить голосование",
            "секретарь",
            "Голосование закончено",
        ),
        step(
            "reopen_voting",
            [ItemState.VOTED],
            ItemState.VOTING,
            "Возобновить голосование",
            "секретарь",
            "Голосование возобновлено",
            needs_reason=True,
        ),
        step(
            "remove",
            [ItemState.PENDING, ItemState.VOTING, ItemState.VOTED],
            ItemState.REMOVED,
            "Снять с повестки",
            "секретарь",
            "Снят с повестки",
            needs_reason=True,
        ),
    ],
)
