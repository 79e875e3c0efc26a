from django.db.models import TextChoices

from candidates.enums import TrackState


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


class AttemptRule(TextChoices):
    BEST = "best", "лучшая"
    LAST = "last", "последняя"
    FIRST = "first", "первая"


# Shown to everybody.
ANNOUNCED = frozenset({ProcedureState.SCHEDULED, ProcedureState.OPEN})
# Borders, sections and the counted attempt may still be changed.
BORDERS_OPEN = frozenset({ProcedureState.DRAFT, ProcedureState.SCHEDULED})
# Results may be stored and corrected.
TAKES_RESULTS = frozenset({ProcedureState.OPEN, ProcedureState.ENDED})
# The decision on inclusion is made: the candidate may see the own result.
DECIDED_TRACKS = frozenset({TrackState.INCLUDED, TrackState.NOT_INCLUDED})
# The person left before the end: an attempt of theirs is not stored.
LEFT_TRACKS = frozenset({TrackState.WITHDRAWN, TrackState.DECLINED})
TONES = {
    ProcedureState.DRAFT: "neutral",
    ProcedureState.SCHEDULED: "info",
    ProcedureState.OPEN: "warning",
    ProcedureState.ENDED: "success",
    ProcedureState.CLOSED: "neutral",
}
ZONE_TONES = {Zone.GREEN: "success", Zone.YELLOW: "warning", Zone.RED: "danger"}
