from collections.abc import Sequence

from reserve_portal.core.workflow import Workflow, step

from .enums import ApplicationState as A
from .enums import ArchiveState as R
from .enums import CampaignState as C
from .enums import NominationState as N
from .enums import RequestState as Q
from .enums import TrackState as T
from .models import Application, ApplicationTrack, ArchiveImport, Campaign, Nomination, SubjectRequest

CAMPAIGN = Workflow(
    Campaign,
    "campaign",
    C.PLANNED,
    [
        step("open", [C.PLANNED], C.OPEN, "Открыть приём", "оператор", "Приём заявлений открыт"),
        step("close", [C.OPEN], C.CLOSED, "Закончить приём", "портал", "Приём заявлений закончен"),
        step(
            "reopen",
            [C.CLOSED],
            C.OPEN,
            "Возобновить приём",
            "оператор",
            "Приём возобновлён",
            needs_reason=True,
        ),
        step("finish", [C.CLOSED], C.FINISHED, "Завершить набор", "оператор", "Набор завершён"),
    ],
)

APPLICATION = Workflow(
    Application,
    "application",
    A.DRAFT,
    [
        step("submit", [A.DRAFT], A.SUBMITTED, "Подать", "кандидат", "Заявление подано"),
        step(
            "register",
            [A.SUBMITTED],
            A.REGISTERED,
            "Зарегистрировать",
            "оператор",
            "Заявление зарегистрировано",
        ),
        step(
            "request_correction",
            [A.REGISTERED],
            A.CORRECTION,
            "Вернуть на исправление",
            "оператор",
            "Документы возвращены на исправление",
        ),
        step(
            "correct",
            [A.CORRECTION],
            A.REGISTERED,
            "Отправить исправленное",
            "кандидат",
            "Исправления отправлены",
        ),
        step(
            "end_correction",
            [A.CORRECTION],
            A.REGISTERED,
            "Прекратить исправление",
            "оператор",
            needs_reason=True,
        ),
        step(
            "finish_review",
            [A.REGISTERED],
            A.REVIEWED,
            "Закончить проверку",
            "оператор",
            "Документы проверены",
        ),
        step(
            "reopen_review", [A.REVIEWED], A.REGISTERED, "Вернуться к проверке", "оператор", needs_reason=True
        ),
        step(
            "refuse",
            [A.REGISTERED],
            A.REFUSED,
            "Отказать",
            "оператор",
            "В рассмотрении отказано",
            needs_reason=True,
        ),
        step(
            "undo_refusal",
            [A.REFUSED],
            A.REGISTERED,
            "Отменить отказ",
            "оператор",
            "Отказ отменён",
            needs_reason=True,
        ),
        step(
            "withdraw",
            [A.DRAFT, A.SUBMITTED, A.REGISTERED, A.CORRECTION, A.REVIEWED],
            A.WITHDRAWN,
            "Отозвать заявление",
            "кандидат",
            "Заявление отозвано",
        ),
    ],
)

TRACK = Workflow(
    ApplicationTrack,
    "track",
    T.PENDING,
    [
        step("admit", [T.PENDING], T.ADMITTED, "Допустить", "комиссия", "Допуск к оценке"),
        step("not_admit", [T.PENDING], T.NOT_ADMITTED, "Не допустить", "комиссия", "Не допущен к оценке"),
        step("invite", [T.ADMITTED], T.INVITED, "Пригласить", "оператор", "Приглашён на оценку"),
        step("decline", [T.ADMITTED, T.INVITED], T.DECLINED, "Отказаться от оценки", "кандидат"),
        step("undo_decline", [T.DECLINED], T.ADMITTED, "Вернуть к оценке", "оператор", needs_reason=True),
        step("no_show", [T.INVITED], T.NO_SHOW, "Отметить неявку", "оператор", "Не явился на оценку"),
        step("second_date", [T.NO_SHOW], T.INVITED, "Назначить вторую дату", "оператор", needs_reason=True),
        step("assess", [T.INVITED], T.ASSESSED, "Внести результат", "оператор", "Оценка проведена"),
        step("correct", [T.ASSESSED], T.ASSESSED, "Исправить результат", "оператор", needs_reason=True),
        step(
            "include", [T.ASSESSED], T.INCLUDED, "Включить в резерв", "комиссия", "Включён в кадровый резерв"
        ),
        step(
            "not_include",
            [T.ASSESSED],
            T.NOT_INCLUDED,
            "Не включать",
            "комиссия",
            "Не включён в кадровый резерв",
        ),
        step(
            "withdraw",
            [T.PENDING, T.ADMITTED, T.INVITED, T.NO_SHOW, T.ASSESSED],
            T.WITHDRAWN,
            "Отозвать",
            "кандидат",
            "Заявление отозвано",
        ),
    ],
)

NOMINATION = Workflow(
    Nomination,
    "nomination",
    N.INVITED,
    [
        step("accept", [N.INVITED], N.ACCEPTED, "Принять выдвижение", "кандидат", "Выдвижение принято"),
        step("decline", [N.INVITED], N.DECLINED, "Отказаться", "кандидат", "Отказ от выдвижения"),
        step("withdraw", [N.INVITED], N.WITHDRAWN, "Отозвать", "выдвигающий", "Выдвижение отозвано"),
        step("void", [N.INVITED], N.WITHDRAWN, "Снять", "портал", "Выдвижение снято", needs_reason=True),
        step(
            "expire", [N.INVITED], N.EXPIRED, "Закончить ожидание", "портал", "Ответа до конца приёма не было"
        ),
    ],
)

ARCHIVE = Workflow(
    ArchiveImport,
    "archive",
    R.CHECKING,
    [
        step("check", [R.CHECKING], R.CHECKED, "Проверить", "портал", "Архив проверен"),
        step("order", [R.CHECKED], R.APPLYING, "Внести все заявления", "оператор", "Внесение начато"),
        step("apply", [R.APPLYING], R.APPLIED, "Внести", "портал", "Заявления внесены"),
        step("fail", [R.APPLYING], R.CHECKED, "Прервать внесение", "портал", needs_reason=True),
        step("drop", [R.CHECKED], R.DROPPED, "Удалить архив", "оператор", "Архив удалён"),
    ],
)

SUBJECT_REQUEST = Workflow(
    SubjectRequest,
    "subject_request",
    Q.RECEIVED,
    [step("answer", [Q.RECEIVED], Q.ANSWERED, "Ответить", "оператор", "Дан ответ")],
)


def _follow_applications(rows: Sequence[Application]) -> None:
    """Only a reviewed application waits for a decision on admission, so of the others nothing need be computed."""
    reviewed = [row.pk for row in rows if row.state == A.REVIEWED]
    others = [row.pk for row in rows if row.state != A.REVIEWED]
    if reviewed:
        Application.objects.filter(pk__in=reviewed).note_admission()
    if others:
        Application.objects.filter(pk__in=others, awaits_admission=True).update(awaits_admission=False)


APPLICATION.followers.append(_follow_applications)
TRACK.followers.append(
    lambda rows: Application.objects.filter(pk__in=[row.application_id for row in rows]).note_admission()
)
