"""Where a case stands: the steps on the page, what happens next and who acts."""

from dataclasses import dataclass
from typing import Any

from commissions.enums import ListState, MeetingState
from commissions.models import AgendaItem, DecisionList
from reserve_portal.core.navigation import Step

from .enums import ReferralState, VacancyState
from .models import Referral, Vacancy


@dataclass(frozen=True)
class Waits:
    """What the case waits for, in words, and who acts."""

    what: str
    who: str


MUNICIPALITY, OPERATOR, AUTHORITY, BODY = "муниципалитет", "оператор", "департамент", "комиссия"

_NEXT = {
    VacancyState.REPORTED: Waits("Начать подбор резервистов.", OPERATOR),
    VacancyState.MATCHING: Waits("Спросить резервистов о готовности и представить согласного.", OPERATOR),
    VacancyState.DEFENCE: Waits("Заслушать защиту концепции и дать рекомендацию.", BODY),
    VacancyState.AGREED: Waits("Издать приказ о назначении и внести его номер и дату.", MUNICIPALITY),
    VacancyState.FILLED: Waits("Руководитель назначен, вакансия закрыта.", ""),
    VacancyState.CANCELLED: Waits("Вакансия снята.", ""),
}


def waits_for(vacancy: Vacancy) -> Waits:
    """What happens next and who acts; depends on the edition where steps may be left out (T9, T10, O3.19)."""
    edition = vacancy.edition
    if vacancy.state == VacancyState.PRESENTED:
        if edition.value("defence"):
            return Waits("Назначить защиту концепции развития.", OPERATOR)
        return _before_the_body(vacancy)
    if vacancy.state == VacancyState.RECOMMENDED:
        if edition.value("agreement"):
            return Waits("Согласовать назначение или отказать.", edition.authority_short.lower() or AUTHORITY)
        return Waits("Издать приказ о назначении и внести его номер и дату.", MUNICIPALITY)
    return _NEXT[VacancyState(vacancy.state)]


def _before_the_body(vacancy: Vacancy) -> Waits:
    """Where the presented stand on their way to the body that recommends (O3.19)."""
    sent = DecisionList.objects.about(vacancy).filter(state=ListState.SENT)
    if not sent:
        return Waits("Передать представленных органу, который рекомендует.", OPERATOR)
    ahead = AgendaItem.objects.standing().filter(list__in=sent).exclude(meeting__state=MeetingState.CANCELLED)
    if ahead.exists():
        return Waits("Рассмотреть представленных на заседании и дать рекомендацию.", BODY)
    return Waits("Включить список представленных в повестку заседания.", OPERATOR)


def steps_of(vacancy: Vacancy) -> list[Step]:
    """The way of a vacancy under its edition, with the present step marked."""
    edition = vacancy.edition
    way = [
        (VacancyState.REPORTED, "Сообщение"),
        (VacancyState.MATCHING, "Подбор"),
        (VacancyState.PRESENTED, "Представление"),
    ]
    if edition.value("defence"):
        way.append((VacancyState.DEFENCE, "Назначение защиты"))
        way.append((VacancyState.RECOMMENDED, "Защита и рекомендация"))
    else:
        way.append((VacancyState.RECOMMENDED, "Рекомендация"))
    if edition.value("agreement"):
        way.append((VacancyState.AGREED, "Согласование"))
    way.append((VacancyState.FILLED, "Назначение"))
    reached = [state for state, _ in way]
    if vacancy.state not in reached:
        return []
    here = reached.index(VacancyState(vacancy.state))
    return [Step(label, _mark(number, here, len(way))) for number, (_, label) in enumerate(way)]


def _mark(number: int, here: int, count: int) -> str:
    """Done are the states reached; the step after them is the current one."""
    if number <= here:
        return "done"
    return "current" if number == here + 1 and here < count - 1 else "todo"


_REFERRAL_NEXT: dict[Any, str] = {
    ReferralState.ASKED: "Ответьте, готовы ли вы рассмотреть эту должность.",
    ReferralState.ACCEPTED: "Вы согласились. Оператор решает, кого представить; вы получите письмо.",
    ReferralState.REFUSED: "Вы отказались от этой вакансии. В резерве вы остаётесь.",
    ReferralState.RECOMMENDED: "Комиссия рекомендовала вас к назначению. Дальше решают без вашего участия; мы напишем.",
    ReferralState.NOT_RECOMMENDED: "Комиссия не рекомендовала вас на эту должность. В резерве вы остаётесь.",
    ReferralState.AGREED: "Назначение согласовано. Муниципалитет издаёт приказ.",
    ReferralState.RESERVE: (
        "На должность назначен другой рекомендованный, за вами резервное место: если назначение не состоится, "
        "мы напишем. Другие вакансии вам предлагать можно."
    ),
    ReferralState.APPOINTED: "Вы назначены на эту должность. Поздравляем!",
    ReferralState.RELEASED: "По этой вакансии вы больше не рассматриваетесь. В резерве вы остаётесь.",
}


def wants_concept(referral: Referral) -> bool:
    """Whether a concept is still to be handed in (T10)."""
    presented = referral.state == ReferralState.PRESENTED
    return (
        presented and referral.vacancy.edition.value("defence") and not referral.concepts.standing().exists()
    )


def next_for_reservist(referral: Referral) -> str:
    """What the reservist does or waits for next, in one or two sentences."""
    if referral.state == ReferralState.PRESENTED:
        if wants_concept(referral):
            return (
                "Вы представлены на должность. Подготовьте и загрузите концепцию развития до начала защиты."
            )
        if referral.vacancy.edition.value("defence"):
            return "Вы представлены на должность, концепция загружена. Заменить её можно до начала защиты."
        return "Вы представлены на должность. Комиссия даст рекомендацию; мы напишем."
    return _REFERRAL_NEXT[ReferralState(referral.state)]
