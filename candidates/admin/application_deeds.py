"""What the operator does with a whole application: one row per transition of the workflow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from reserve_portal.core.gates import Blocker

from ..enums import Verdict
from ..intake_forms import ConfirmForm, NoteForm, ProposalForm, ReasonForm, RefusalForm
from ..models import Application
from ..services import intake
from ..services.packages import lacks_of
from ..services.review import against_admission, correction_blockers_of, refusal_blockers, unfinished


def _nothing(application: Application) -> list[str]:
    return []


def _no_blockers(application: Application) -> list[Blocker]:
    return []


@dataclass(frozen=True)
class Deed:
    """A transition's page: its words, its form, the service behind it; `blockers` are told instead of a form."""

    title: str
    effects: Sequence[str]
    form: Callable[[Any, Application], Any]
    act: Callable[[Application, Any, dict[str, Any]], str]
    items: Callable[[Application], list[str]] = _nothing
    blockers: Callable[[Application], list[Blocker]] = _no_blockers


def _register(application: Application, actor: Any, data: dict[str, Any]) -> str:
    return f"Заявление зарегистрировано: {intake.register_application(application, actor=actor)}."


def _request_correction(application: Application, actor: Any, data: dict[str, Any]) -> str:
    intake.request_correction(application, actor=actor, note=data["note"])
    return "Документы возвращены на исправление, кандидату отправлено письмо."


def _end_correction(application: Application, actor: Any, data: dict[str, Any]) -> str:
    intake.end_correction(application, actor=actor, reason=data["reason"])
    return "Исправление прекращено, проверка продолжается."


def _finish_review(application: Application, actor: Any, data: dict[str, Any]) -> str:
    intake.finish_review(application, actor=actor, **data)
    return "Проверка закончена: заявление войдёт в список для допуска."


def _reopen_review(application: Application, actor: Any, data: dict[str, Any]) -> str:
    intake.reopen_review(application, actor=actor, reason=data["reason"])
    return "Проверка возобновлена."


def _refuse(application: Application, actor: Any, data: dict[str, Any]) -> str:
    intake.refuse_application(application, actor=actor, **data)
    return "В рассмотрении отказано, уведомление и письмо отправлены кандидату."


def _undo_refusal(application: Application, actor: Any, data: dict[str, Any]) -> str:
    intake.undo_refusal(application, actor=actor, reason=data["reason"])
    return "Отказ отменён, кандидату отправлено письмо."


def _to_correct(application: Application) -> list[str]:
    items = application.items.filter(verdict=Verdict.CORRECT).select_related("document_type", "ground")
    return [
        ": ".join(part for part in (str(item), str(item.ground or ""), item.words) if part) for item in items
    ]


DEEDS = {
    "register": Deed(
        "Зарегистрировать",
        [
            "Заявление получит следующий номер журнала; изменить его нельзя.",
            "Кандидату уйдёт письмо с номером.",
            "Портал рассчитает, выполнены ли требования.",
        ],
        lambda post, application: ConfirmForm(post),
        _register,
    ),
    "request_correction": Deed(
        "Вернуть на исправление",
        [
            "Кандидат сможет заменить только документы, отмеченные «исправить».",
            "Ему уйдёт письмо с причинами и последним днём.",
        ],
        lambda post, application: NoteForm(post),
        _request_correction,
        _to_correct,
        correction_blockers_of,
    ),
    "end_correction": Deed(
        "Прекратить исправление",
        ["Проверка продолжится с тем, что есть.", "Кандидату уйдёт письмо с причиной."],
        lambda post, application: ReasonForm(post),
        _end_correction,
    ),
    "finish_review": Deed(
        "Закончить проверку",
        ["Заявление с вашим предложением войдёт в список для комиссии.", "Решает комиссия."],
        lambda post, application: ProposalForm(
            post, edition=application.campaign.edition, bars=against_admission(application)
        ),
        _finish_review,
        blockers=unfinished,
    ),
    "reopen_review": Deed(
        "Вернуться к проверке",
        [
            "Ваше предложение будет снято.",
            "В черновике списка этого заявления быть не должно: составьте его заново.",
        ],
        lambda post, application: ReasonForm(post),
        _reopen_review,
    ),
    "refuse": Deed(
        "Отказать из-за неполного пакета",
        [
            "Рассмотрение заявления закончится.",
            "Кандидату уйдут письмо и уведомление (PDF) с основанием и вашим пояснением.",
            "Отказ можно отменить с указанием причины.",
        ],
        lambda post, application: RefusalForm(
            post, edition=application.campaign.edition, lacks=lacks_of(application)
        ),
        _refuse,
        blockers=refusal_blockers,
    ),
    "undo_refusal": Deed(
        "Отменить отказ",
        ["Проверка продолжится, срок считается от регистрации.", "Кандидату уйдёт письмо с причиной."],
        lambda post, application: ReasonForm(post),
        _undo_refusal,
    ),
}
