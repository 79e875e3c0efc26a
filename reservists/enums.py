from django.db.models import TextChoices


class ReservistState(TextChoices):
    ACTIVE = "active", "состоит в резерве"
    APPOINTED = "appointed", "назначен"
    EXCLUDED = "excluded", "исключён"


class EventKind(TextChoices):
    PLANNED = "planned", "плановое региональное"
    OTHER = "other", "иное"


class EventState(TextChoices):
    PLANNED = "planned", "запланировано"
    HELD = "held", "проведено"
    CANCELLED = "cancelled", "отменено"


class ParticipationState(TextChoices):
    REGISTERED = "registered", "записан"
    REFUSED = "refused", "отказался"
    CONFIRMED = "confirmed", "участие подтверждено"
    ABSENT = "absent", "не участвовал"
    WAITING = "waiting", "в листе ожидания"
    LEFT = "left", "вышел из листа ожидания"


class RegistryState(TextChoices):
    APPROVED = "approved", "утверждена"
    PUBLISHED = "published", "опубликована"


class AttestationState(TextChoices):
    DRAFT = "draft", "готовится"
    OPEN = "open", "идёт"
    LISTED = "listed", "результаты сведены"
    DECIDED = "decided", "утверждена"


class InstrumentKind(TextChoices):
    TEST = "test", "тест"
    CASE = "case", "практическая управленческая задача"
    DEFENCE = "defence", "защита управленческого проекта"
    SHEET = "sheet", "экспертный лист"


class ProgrammeKind(TextChoices):
    """Programmes of O1.16."""

    RETRAINING = "retraining", "профессиональная переподготовка"
    COURSE = "course", "повышение квалификации"


class ChangeKind(TextChoices):
    ATTESTATION = "attestation", "итоговая аттестация"
    GROUP = "group", "изменение целевой группы"
    READINESS = "readiness", "изменение уровня готовности"


class SignalKind(TextChoices):
    AGE = "age", "достигнут возраст"
    REFUSALS = "refusals", "отказы от мероприятий"
    ATTESTATION = "attestation", "неудовлетворительная аттестация"
    MONITORING = "monitoring", "неудовлетворительный мониторинг"
    OWN_WISH = "own_wish", "личное заявление"
    DISMISSED = "dismissed", "увольнение"


class SignalState(TextChoices):
    OPEN = "open", "ждёт оператора"
    SENT = "sent", "передан органу"
    DISMISSED = "dismissed", "отклонён"
    LAPSED = "lapsed", "отпал"


# The ground of the edition (its code) behind each kind of signal; an edition without it has no such signal.
SIGNAL_GROUNDS = {
    SignalKind.AGE: "age_63",
    SignalKind.REFUSALS: "two_refusals",
    SignalKind.ATTESTATION: "attestation",
    SignalKind.MONITORING: "monitoring",
    SignalKind.OWN_WISH: "own_wish",
    SignalKind.DISMISSED: "dismissed",
}

# How a state looks (components/state_badge.html).
RESERVIST_TONES = {
    ReservistState.ACTIVE: "success",
    ReservistState.APPOINTED: "info",
    ReservistState.EXCLUDED: "neutral",
}
EVENT_TONES = {EventState.PLANNED: "info", EventState.HELD: "success", EventState.CANCELLED: "warning"}
PARTICIPATION_TONES = {
    ParticipationState.REGISTERED: "info",
    ParticipationState.REFUSED: "neutral",
    ParticipationState.CONFIRMED: "success",
    ParticipationState.ABSENT: "warning",
    ParticipationState.WAITING: "warning",
    ParticipationState.LEFT: "neutral",
}


class MentorState(TextChoices):
    ACTIVE = "active", "в составе наставников"
    REMOVED = "removed", "выведен из состава"


class PlanArea(TextChoices):
    """Areas of competence in which a plan develops (O4.2)."""

    MANAGERIAL = "managerial", "управленческая"
    EXPERT = "expert", "экспертно-профессиональная"
    OTHER = "other", "иная"


class PlanState(TextChoices):
    DRAFT = "draft", "составляется"
    SUBMITTED = "submitted", "на согласовании"
    RETURNED = "returned", "возвращён с замечаниями"
    AGREED = "agreed", "согласован"
    COPIED = "copied", "согласован, копия направлена"
    REPLACED = "replaced", "заменён новой редакцией"
    DISCARDED = "discarded", "изменения отменены"


class ReportState(TextChoices):
    DUE = "due", "ждёт отчёта"
    SUBMITTED = "submitted", "на проверке"
    RETURNED = "returned", "возвращён с замечаниями"
    ACCEPTED = "accepted", "принят"


# Versions that may be written in; versions that stand as the plan of the year; reports the reservist works on.
OPEN_PLANS = (PlanState.DRAFT, PlanState.RETURNED)
UNAGREED_PLANS = (*OPEN_PLANS, PlanState.SUBMITTED)
PLANS_IN_FORCE = (PlanState.AGREED, PlanState.COPIED)
OPEN_REPORTS = (ReportState.DUE, ReportState.RETURNED)
MENTOR_TONES = {MentorState.ACTIVE: "success", MentorState.REMOVED: "neutral"}
PLAN_TONES = {
    PlanState.DRAFT: "info",
    PlanState.SUBMITTED: "info",
    PlanState.RETURNED: "warning",
    PlanState.AGREED: "success",
    PlanState.COPIED: "success",
}
REPORT_TONES = {
    ReportState.DUE: "info",
    ReportState.SUBMITTED: "info",
    ReportState.RETURNED: "warning",
    ReportState.ACCEPTED: "success",
}
ATTESTATION_TONES = {
    AttestationState.DRAFT: "neutral",
    AttestationState.OPEN: "warning",
    AttestationState.LISTED: "info",
    AttestationState.DECIDED: "success",
}
