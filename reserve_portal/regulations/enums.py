from django.db.models import TextChoices


class Unit(TextChoices):
    WORKING_DAYS = "working_days", "рабочих дней"
    CALENDAR_DAYS = "calendar_days", "календарных дней"
    WEEKS = "weeks", "недель"
    MONTHS = "months", "месяцев"
    FIXED_DATE = "fixed_date", "к дате года"
    QUARTER_DAY = "quarter_day", "к числу третьего месяца квартала"


class Direction(TextChoices):
    AFTER = "after", "после события"
    BEFORE = "before", "до события"


class GroundKind(TextChoices):
    NOT_ADMITTED = "not_admitted", "не допустить к оценке"
    INCOMPLETE = "incomplete", "отказать из-за неполного пакета"
    CORRECTION = "correction", "вернуть документ на исправление"
    EXCLUSION = "exclusion", "исключить из резерва"


class Decision(TextChoices):
    """What a chain of bodies decides (process.md 3)."""

    ADMISSION = "admission", "допуск к оценке"
    INCLUSION = "inclusion", "включение в кадровый резерв"
    RECOMMENDATION = "recommendation", "рекомендация к назначению"
    EXCLUSION = "exclusion", "исключение из кадрового резерва"
    MENTOR_POOL = "mentor_pool", "состав персональных кураторов (наставников)"
    MENTOR = "mentor", "закрепление персонального куратора (наставника)"
    CHANGE = "change", "изменение целевой группы или уровня готовности"
    PLAN_REVIEW = "plan_review", "оценка реализации планов развития"
    ATTESTATION = "attestation", "результаты итоговой аттестации"


class InstrumentKind(TextChoices):
    """Who gives the points of a direction: the testing platform, experts, the body before which it is defended."""

    TEST = "test", "тест"
    CASE = "case", "кейс"
    EXPERT_SHEET = "expert_sheet", "экспертный лист"
    DEFENCE = "defence", "защита"


class LinkForm(TextChoices):
    MEETING = "meeting", "протокол заседания"
    ORDER = "order", "приказ"


class Majority(TextChoices):
    SIMPLE = "simple", "большинство присутствующих"
    ALL_MEMBERS = "all_members", "большинство состава"
    TWO_THIRDS = "two_thirds", "две трети присутствующих"


class ConsentKind(TextChoices):
    PROCESSING = "processing", "обработка персональных данных"
    DISSEMINATION = "dissemination", "распространение (публикация) персональных данных"
    INCLUSION = "inclusion", "включение в кадровый резерв"
