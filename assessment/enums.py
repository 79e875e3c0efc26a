from django.db.models import TextChoices

from candidates.enums import TrackState
from reserve_portal.regulations.enums import InstrumentKind


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


class SheetState(TextChoices):
    GIVEN = "given", "у эксперта"
    HANDED_IN = "handed_in", "сдан"
    DECLINED = "declined", "эксперт отказался"
    RECALLED = "recalled", "отозван"


class ConclusionState(TextChoices):
    DRAFT = "draft", "проект"
    READY = "ready", "подписано"
    APPROVED = "approved", "утверждено"


class AttemptRule(TextChoices):
    BEST = "best", "лучшая"
    LAST = "last", "последняя"
    FIRST = "first", "первая"


class ShownResult(TextChoices):
    """What a person learns of the own result, after the decision on inclusion."""

    PASSED = "passed", "пройден порог или нет"
    POINTS = "points", "сумма баллов"
    SECTIONS = "sections", "баллы по направлениям"


class AppealState(TextChoices):
    FILED = "filed", "рассматривается"
    UPHELD = "upheld", "удовлетворена"
    REJECTED = "rejected", "отклонена"
    TAKEN_BACK = "taken_back", "отозвана"


# Shown to everybody.
ANNOUNCED = frozenset({ProcedureState.SCHEDULED, ProcedureState.OPEN})
# Borders, sections and the counted attempt may still be changed.
BORDERS_OPEN = frozenset({ProcedureState.DRAFT, ProcedureState.SCHEDULED})
# Results may be stored and corrected.
TAKES_RESULTS = frozenset({ProcedureState.OPEN, ProcedureState.ENDED})
# The decision on inclusion is made: the candidate may see the own result.
DECIDED_TRACKS = frozenset({TrackState.INCLUDED, TrackState.NOT_INCLUDED})
# A result is there that the person may appeal against.
APPEALABLE_TRACKS = frozenset({TrackState.ASSESSED}) | DECIDED_TRACKS
# The person left before the end: an attempt of theirs is not stored.
LEFT_TRACKS = frozenset({TrackState.WITHDRAWN, TrackState.DECLINED})
# Whose expert sheets may be written: a result that stands is corrected by a sheet that was returned.
SHEET_TRACKS = frozenset({TrackState.INVITED, TrackState.ASSESSED})
# Instruments whose points the testing platform exports.
BY_PLATFORM = frozenset({InstrumentKind.TEST, InstrumentKind.CASE})
# Sheets that count, or will.
SHEETS_IN_PLAY = frozenset({SheetState.GIVEN, SheetState.HANDED_IN})
TONES = {
    ProcedureState.DRAFT: "neutral",
    ProcedureState.SCHEDULED: "info",
    ProcedureState.OPEN: "warning",
    ProcedureState.ENDED: "success",
    ProcedureState.CLOSED: "neutral",
}
ZONE_TONES = {Zone.GREEN: "success", Zone.YELLOW: "warning", Zone.RED: "danger"}
SHEET_TONES = {
    SheetState.GIVEN: "info",
    SheetState.HANDED_IN: "success",
    SheetState.DECLINED: "warning",
    SheetState.RECALLED: "neutral",
}
CONCLUSION_TONES = {
    ConclusionState.DRAFT: "neutral",
    ConclusionState.READY: "info",
    ConclusionState.APPROVED: "success",
}
APPEAL_TONES = {
    AppealState.FILED: "warning",
    AppealState.UPHELD: "success",
    AppealState.REJECTED: "danger",
    AppealState.TAKEN_BACK: "neutral",
}
