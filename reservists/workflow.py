from reserve_portal.core.workflow import Workflow, step

from .enums import EventState, RegistryState
from .enums import ParticipationState as P
from .enums import ReservistState as R
from .models import Event, Participation, RegistryEdition, Reservist

RESERVIST = Workflow(
    Reservist,
    "reservist",
    R.ACTIVE,
    [
        step("appoint", [R.ACTIVE], R.APPOINTED, "Назначить", "муниципалитет", "Назначен на должность"),
        step("reactivate", [R.APPOINTED], R.ACTIVE, "Вернуть в резерв", "оператор", needs_reason=True),
        step(
            "exclude",
            [R.ACTIVE, R.APPOINTED],
            R.EXCLUDED,
            "Исключить",
            "комиссия",
            "Исключён",
            needs_reason=True,
        ),
    ],
)

EVENT = Workflow(
    Event,
    "event",
    EventState.PLANNED,
    [
        step("hold", [EventState.PLANNED], EventState.HELD, "Отметить проведённым", "оператор", "Проведено"),
        step("cancel", [EventState.PLANNED], EventState.CANCELLED, "Отменить", "оператор", needs_reason=True),
    ],
)

PARTICIPATION = Workflow(
    Participation,
    "participation",
    P.REGISTERED,
    [
        step(
            "refuse",
            [P.REGISTERED],
            P.REFUSED,
            "Отказаться",
            "резервист",
            "Отказ от участия",
            needs_reason=True,
        ),
        step("register_again", [P.REFUSED], P.REGISTERED, "Записаться", "резервист", "Снова записан"),
        step(
            "confirm",
            [P.REGISTERED, P.ABSENT],
            P.CONFIRMED,
            "Подтвердить",
            "оператор",
            "Участие подтверждено",
        ),
        step("absent", [P.REGISTERED, P.CONFIRMED], P.ABSENT, "Не участвовал", "оператор"),
    ],
)

REGISTRY = Workflow(
    RegistryEdition,
    "registry_edition",
    RegistryState.APPROVED,
    [
        step(
            "publish",
            [RegistryState.APPROVED],
            RegistryState.PUBLISHED,
            "Опубликовать",
            "оператор",
            "Опубликована",
        )
    ],
)
