from django.db.models import TextChoices


class Zone(TextChoices):
    """Zones of O3.17; where the edition has none, passed and not passed show as green and red (T4)."""

    GREEN = "green", "Зелёная"
    YELLOW = "yellow", "Жёлтая"
    RED = "red", "Красная"


class ProcedureState(TextChoices):
    DRAFT = "draft", "готовится"
    SCHEDULED = "scheduled", "назначена"
    OPEN = "open", "идёт"
    ENDED = "ended", "закончена"
    CLOSED = "closed", "итоги подведены"


class RouteState(TextChoices):
    DRAFT = "draft", "проект"
    SENT = "sent", "отправлен"
