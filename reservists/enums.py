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


class RegistryState(TextChoices):
    APPROVED = "approved", "утверждена"
    PUBLISHED = "published", "опубликована"


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
}
