from django.db.models import TextChoices


class VacancyState(TextChoices):
    REPORTED = "reported", "сообщена"
    MATCHING = "matching", "подбор"
    PRESENTED = "presented", "представлен кандидат"
    DEFENCE = "defence", "защита концепции"
    RECOMMENDED = "recommended", "есть рекомендация"
    AGREED = "agreed", "назначение согласовано"
    FILLED = "filled", "закрыта назначением"
    CANCELLED = "cancelled", "снята"


class ReferralState(TextChoices):
    ASKED = "asked", "спрошен о готовности"
    ACCEPTED = "accepted", "согласен"
    REFUSED = "refused", "отказался"
    PRESENTED = "presented", "представлен на вакансию"
    RECOMMENDED = "recommended", "рекомендован к назначению"
    NOT_RECOMMENDED = "not_recommended", "не рекомендован"
    AGREED = "agreed", "согласован"
    RESERVE = "reserve", "резервное место"
    APPOINTED = "appointed", "назначен"
    RELEASED = "released", "освобождён от вакансии"


class SheetState(TextChoices):
    DRAFT = "draft", "заполняется"
    HANDED_IN = "handed_in", "сдан"


# A reservist with such a referral is taken: not proposed to another vacancy.
ENGAGED = frozenset(
    {ReferralState.ACCEPTED, ReferralState.PRESENTED, ReferralState.RECOMMENDED, ReferralState.AGREED}
)

# Asked or taken: to be told when the case ends without them.
WAITING = ENGAGED | {ReferralState.ASKED}

CLOSED = frozenset({VacancyState.FILLED, VacancyState.CANCELLED})

VACANCY_TONES = {
    VacancyState.REPORTED: "warning",
    VacancyState.RECOMMENDED: "success",
    VacancyState.AGREED: "success",
    VacancyState.FILLED: "success",
    VacancyState.CANCELLED: "neutral",
}
REFERRAL_TONES = {
    ReferralState.ASKED: "warning",
    ReferralState.RECOMMENDED: "success",
    ReferralState.AGREED: "success",
    ReferralState.APPOINTED: "success",
    ReferralState.REFUSED: "neutral",
    ReferralState.NOT_RECOMMENDED: "neutral",
    ReferralState.RELEASED: "neutral",
}
