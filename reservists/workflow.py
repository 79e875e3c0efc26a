from assessment.enums import SheetState
from reserve_portal.core.workflow import Workflow, step

from .enums import AttestationState as A
from .enums import EventState, MentorState, PlanState, RegistryState, ReportState
from .enums import ParticipationState as P
from .enums import ReservistState as R
from .enums import SignalState as S
from .models import (
    Attestation,
    AttestationSheet,
    DevelopmentPlan,
    Event,
    ExclusionSignal,
    Mentor,
    MentorReport,
    Participation,
    PlanReport,
    RegistryEdition,
    Reservist,
)

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
        step("register_again", [P.REFUSED, P.LEFT], P.REGISTERED, "Записаться", "резервист", "Снова записан"),
        step(
            "wait",
            [P.REGISTERED, P.REFUSED, P.LEFT],
            P.WAITING,
            "Встать в лист ожидания",
            "резервист",
            "В листе ожидания",
        ),
        step("move_up", [P.WAITING], P.REGISTERED, "Дать место", "портал", "Место освободилось, записан"),
        step(
            "leave_queue",
            [P.WAITING],
            P.LEFT,
            "Выйти из листа ожидания",
            "резервист",
            "Вышел из листа ожидания",
        ),
        step(
            "confirm",
            [P.REGISTERED, P.ABSENT, P.WAITING],
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

# --- mentors, plans, reports (O4.7-4.14)
MENTOR = Workflow(
    Mentor,
    "mentor",
    MentorState.ACTIVE,
    [
        step(
            "remove",
            [MentorState.ACTIVE],
            MentorState.REMOVED,
            "Вывести из состава",
            "оператор",
            "Выведен из состава",
            needs_reason=True,
        ),
        step(
            "restore", [MentorState.REMOVED], MentorState.ACTIVE, "Вернуть в состав", "уполномоченный орган"
        ),
    ],
)

PLAN = Workflow(
    DevelopmentPlan,
    "development_plan",
    PlanState.DRAFT,
    [
        step(
            "submit",
            [PlanState.DRAFT, PlanState.RETURNED],
            PlanState.SUBMITTED,
            "Отправить на согласование",
            "резервист",
            "Отправлен на согласование",
        ),
        step(
            "return",
            [PlanState.SUBMITTED],
            PlanState.RETURNED,
            "Вернуть с замечаниями",
            "наставник",
            "Возвращён с замечаниями",
            needs_reason=True,
        ),
        step("agree", [PlanState.SUBMITTED], PlanState.AGREED, "Согласовать", "наставник", "Согласован"),
        step(
            "send_copy",
            [PlanState.AGREED],
            PlanState.COPIED,
            "Направить копию",
            "резервист",
            "Копия направлена в уполномоченный орган",
        ),
        step(
            "replace",
            [PlanState.AGREED, PlanState.COPIED],
            PlanState.REPLACED,
            "Заменить",
            "наставник",
            "Заменён новой редакцией",
        ),
        step(
            "discard",
            [PlanState.DRAFT, PlanState.RETURNED],
            PlanState.DISCARDED,
            "Отменить изменения",
            "резервист",
            "Изменения отменены",
        ),
    ],
)

REPORT = Workflow(
    PlanReport,
    "plan_report",
    ReportState.DUE,
    [
        step(
            "submit",
            [ReportState.DUE, ReportState.RETURNED],
            ReportState.SUBMITTED,
            "Отправить отчёт",
            "резервист",
            "Отчёт отправлен на проверку",
        ),
        step(
            "return",
            [ReportState.SUBMITTED],
            ReportState.RETURNED,
            "Вернуть с замечаниями",
            "наставник",
            "Возвращён с замечаниями",
            needs_reason=True,
        ),
        step("accept", [ReportState.SUBMITTED], ReportState.ACCEPTED, "Принять", "наставник", "Принят"),
    ],
)

MENTOR_REPORT = Workflow(
    MentorReport,
    "mentor_report",
    ReportState.DUE,
    [
        step(
            "submit",
            [ReportState.DUE, ReportState.RETURNED],
            ReportState.SUBMITTED,
            "Отправить отчёт",
            "наставник",
            "Отчёт отправлен",
        ),
        step(
            "return",
            [ReportState.SUBMITTED],
            ReportState.RETURNED,
            "Вернуть с замечаниями",
            "оператор",
            "Возвращён с замечаниями",
            needs_reason=True,
        ),
        step("accept", [ReportState.SUBMITTED], ReportState.ACCEPTED, "Принять", "оператор", "Принят"),
    ],
)

ATTESTATION = Workflow(
    Attestation,
    "attestation",
    A.DRAFT,
    [
        step("open", [A.DRAFT], A.OPEN, "Начать аттестацию", "оператор", "Аттестация начата"),
        step("list", [A.OPEN], A.LISTED, "Свести результаты", "оператор", "Результаты сведены"),
        step("decide", [A.LISTED], A.DECIDED, "Утвердить", "орган", "Результаты утверждены"),
    ],
)

ATTESTATION_SHEET = Workflow(
    AttestationSheet,
    "attestation_sheet",
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
        step("recall", [SheetState.GIVEN], SheetState.RECALLED, "Отозвать", "оператор", needs_reason=True),
    ],
)

SIGNAL = Workflow(
    ExclusionSignal,
    "exclusion_signal",
    S.OPEN,
    [
        step("send", [S.OPEN], S.SENT, "Передать органу", "оператор", "Передан органу"),
        step("dismiss", [S.OPEN], S.DISMISSED, "Отклонить", "оператор", "Отклонён", needs_reason=True),
        step("lapse", [S.OPEN], S.LAPSED, "Закрыть", "портал", "Отпал"),
    ],
)

PARTICIPATION.followers.append(
    lambda rows: Reservist.objects.filter(
        user__memberships__in=[
            row.reservist_id for row in rows if row.state in (P.CONFIRMED, P.ABSENT) and row.reservist_id
        ]
    ).count_events()
)
