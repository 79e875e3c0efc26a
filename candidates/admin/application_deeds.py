"""What the operator does with a whole application: one row per transition of the workflow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..enums import Verdict
from ..intake_forms import ConfirmForm, NoteForm, ProposalForm, ReasonForm, RefusalForm
from ..models import Application
from ..services import intake


def _nothing(application: Application) -> list[str]:
    return []


@dataclass(frozen=True)
class Deed:
    """A transition's page: its words, its form, the service behind it."""

    title: str
    effects: Sequence[str]
    form: Callable[[Any, Application], Any]
    act: Callable[[Application, Any, dict[str, Any]], str]
    items: Callable[[Application], list[str]] = _nothing


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
        lambda post, application: ProposalForm(post, edition=application.campaign.edition),
        _finish_review,
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
        lambda post, application: RefusalForm(post, edition=application.campaign.edition),
        _refuse,
    ),
    "undo_refusal": Deed(
        "Отменить отказ",
        ["Проверка продолжится, срок считается от регистрации.", "Кандидату уйдёт письмо с причиной."],
        lambda post, application: ReasonForm(post),
        _undo_refusal,
    ),
}
