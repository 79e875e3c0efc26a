from django.db.models import TextChoices


class CampaignState(TextChoices):
    PLANNED = "planned", "готовится"
    OPEN = "open", "идёт приём"
    CLOSED = "closed", "приём закончен"
    FINISHED = "finished", "завершён"


class ApplicationState(TextChoices):
    DRAFT = "draft", "черновик"
    SUBMITTED = "submitted", "подано"
    REGISTERED = "registered", "зарегистрировано"
    CORRECTION = "correction", "на исправлении"
    REVIEWED = "reviewed", "проверено"
    REFUSED = "refused", "отказано"
    WITHDRAWN = "withdrawn", "отозвано"


# What the candidate reads in place of the operator's word.
APPLICATION_STATE_FOR_CANDIDATE = {
    ApplicationState.DRAFT: "НЕ ПОДАНО — черновик",
    ApplicationState.SUBMITTED: "Подано, ждёт регистрации",
    ApplicationState.REGISTERED: "Зарегистрировано, документы проверяют",
    ApplicationState.CORRECTION: "Нужно исправить документы",
    ApplicationState.REVIEWED: "Документы проверены, ждём решения комиссии",
    ApplicationState.REFUSED: "Отказано в рассмотрении",
    ApplicationState.WITHDRAWN: "Отозвано вами",
}
# States in which the operator may look at the package and the person may no longer change it freely.
IN_REVIEW = frozenset({ApplicationState.REGISTERED, ApplicationState.CORRECTION, ApplicationState.REVIEWED})
APPLICATION_ENDED = frozenset({ApplicationState.REFUSED, ApplicationState.WITHDRAWN})


class TrackState(TextChoices):
    PENDING = "pending", "ждёт решения о допуске"
    ADMITTED = "admitted", "допущен к оценке"
    NOT_ADMITTED = "not_admitted", "не допущен"
    INVITED = "invited", "приглашён на оценку"
    DECLINED = "declined", "отказался от оценки"
    NO_SHOW = "no_show", "не явился"
    ASSESSED = "assessed", "оценён"
    INCLUDED = "included", "включён в резерв"
    NOT_INCLUDED = "not_included", "не включён"
    WITHDRAWN = "withdrawn", "отозвал заявление"


TRACK_STATE_FOR_CANDIDATE = {
    TrackState.PENDING: "Решение о допуске ещё не принято",
    TrackState.ADMITTED: "Вы допущены к оценке, ждите приглашения",
    TrackState.NOT_ADMITTED: "Вы не допущены к оценке",
    TrackState.INVITED: "Вы приглашены на оценку",
    TrackState.DECLINED: "Вы отказались от оценки",
    TrackState.NO_SHOW: "Вы не прошли оценку в отведённое время",
    # The result itself is not told before the decision.
    TrackState.ASSESSED: "Оценка пройдена, ждём решения комиссии",
    TrackState.INCLUDED: "Вы включены в кадровый резерв",
    TrackState.NOT_INCLUDED: "Вы не включены в кадровый резерв",
    TrackState.WITHDRAWN: "Вы отозвали заявление",
}


class EducationLevel(TextChoices):
    BACHELOR = "bachelor", "бакалавриат"
    SPECIALIST = "specialist", "специалитет"
    MASTER = "master", "магистратура"
    RETRAINING = "retraining", "профессиональная переподготовка"


class EducationField(TextChoices):
    PEDAGOGY = "pedagogy", "образование и педагогические науки"
    MANAGEMENT = "management", "экономика, менеджмент, управление персоналом, ГМУ"
    PROFILE = "profile", "по профилю организации"
    OTHER = "other", "другое"


class EmploymentKind(TextChoices):
    TEACHING = "teaching", "педагогическая"
    MANAGING = "managing", "руководящая"
    OTHER = "other", "другая"


class AchievementKind(TextChoices):
    AWARD = "award", "награда, звание"
    CONTEST = "contest", "профессиональный конкурс"
    PROJECT = "project", "проект"
    PUBLICATION = "publication", "публикация"
    COURSE = "course", "повышение квалификации"


class Verdict(TextChoices):
    PENDING = "pending", "не проверен"
    ACCEPTED = "accepted", "принят"
    CORRECT = "correct", "исправить"
    REFUSED = "refused", "не принят"
    EXCUSED = "excused", "нет по уважительной причине"


class PublishedItem(TextChoices):
    """What of a person the public list can show; each is allowed on its own (152-FZ, article 10.1)."""

    NAME = "name", "фамилия, имя, отчество"
    MUNICIPALITY = "municipality", "муниципальное образование"


class Prohibition(TextChoices):
    """What others are forbidden to do with what is published (152-FZ, article 10.1, part 9)."""

    TRANSFER = "transfer", "передавать эти сведения другим"
    PROCESSING = "processing", "обрабатывать их, кроме чтения"


class ScanState(TextChoices):
    """What the virus scanner says of a file; UNSCANNED where there is no scanner."""

    UNSCANNED = "unscanned", "не проверялся на вирусы"
    WAITING = "waiting", "проверяется на вирусы"
    CLEAN = "clean", "вирусов нет"
    INFECTED = "infected", "найден вирус"


SCAN_CLOSED = frozenset({ScanState.WAITING, ScanState.INFECTED})


class RequestKind(TextChoices):
    ACCESS = "access", "узнать, какие мои данные обрабатываются"
    CORRECT = "correct", "исправить мои данные"
    STOP = "stop", "прекратить обработку"
    DELETE = "delete", "удалить мои данные"


class RequestState(TextChoices):
    RECEIVED = "received", "ждёт ответа"
    ANSWERED = "answered", "есть ответ"


class NominationKind(TextChoices):
    """Who may nominate somebody else (T1); codes as in the edition's parameter `nomination_kinds`."""

    MUNICIPALITY = "municipality", "орган местного самоуправления"
    HEAD = "head", "руководитель организации"


class NominationState(TextChoices):
    INVITED = "invited", "приглашён, ждём ответа"
    ACCEPTED = "accepted", "принял выдвижение"
    DECLINED = "declined", "отказался от выдвижения"
    WITHDRAWN = "withdrawn", "выдвижение отозвано"
    EXPIRED = "expired", "не ответил до конца приёма"


# What the nominator reads about an accepted nomination: the state alone, nothing of the papers (process.md 12).
APPLICATION_STATE_FOR_NOMINATOR = {
    ApplicationState.DRAFT: "принял выдвижение, заявление ещё не подано",
    ApplicationState.SUBMITTED: "заявление подано",
    ApplicationState.REGISTERED: "заявление зарегистрировано",
    ApplicationState.CORRECTION: "заявление зарегистрировано",
    ApplicationState.REVIEWED: "документы проверены",
    ApplicationState.REFUSED: "в рассмотрении отказано",
    ApplicationState.WITHDRAWN: "заявление отозвано",
}
TRACK_STATE_FOR_NOMINATOR = {
    TrackState.PENDING: "ждёт решения о допуске",
    TrackState.ADMITTED: "допущен к оценке",
    TrackState.NOT_ADMITTED: "не допущен к оценке",
    TrackState.INVITED: "приглашён на оценку",
    TrackState.DECLINED: "отказался от оценки",
    TrackState.NO_SHOW: "не явился на оценку",
    TrackState.ASSESSED: "прошёл оценку, ждёт решения",
    TrackState.INCLUDED: "включён в резерв",
    TrackState.NOT_INCLUDED: "не включён в резерв",
    TrackState.WITHDRAWN: "заявление отозвано",
}


class ArchiveState(TextChoices):
    CHECKING = "checking", "проверяется"
    CHECKED = "checked", "проверен"
    APPLYING = "applying", "вносится"
    APPLIED = "applied", "внесён"
    DROPPED = "dropped", "удалён"


class Channel(TextChoices):
    PORTAL = "portal", "через портал"
    PAPER = "paper", "на бумаге"
    MAIL = "mail", "по почте"
    GOSUSLUGI = "gosuslugi", "через Госуслуги"
