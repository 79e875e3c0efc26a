from reserve_portal.core.workflow import Workflow, step

from .enums import ReferralState as R
from .enums import SheetState
from .enums import VacancyState as V
from .models import Referral, ScoreSheet, Vacancy

VACANCY = Workflow(
    Vacancy,
    "vacancy",
    V.REPORTED,
    [
        step("match", [V.REPORTED], V.MATCHING, "Начать подбор", "оператор", "Начат подбор"),
        step(
            "present",
            [V.MATCHING, V.PRESENTED],
            V.PRESENTED,
            "Представить",
            "оператор",
            "Представлен кандидат",
        ),
        step(
            "schedule_defence",
            [V.PRESENTED, V.DEFENCE],
            V.DEFENCE,
            "Назначить защиту",
            "оператор",
            "Назначена защита",
        ),
        step(
            "recommend",
            [V.DEFENCE, V.PRESENTED],
            V.RECOMMENDED,
            "Рекомендовать",
            "комиссия",
            "Есть рекомендация",
        ),
        step("agree", [V.RECOMMENDED], V.AGREED, "Согласовать", "департамент", "Назначение согласовано"),
        step(
            "fill",
            [V.AGREED, V.RECOMMENDED, V.REPORTED, V.MATCHING, V.PRESENTED, V.DEFENCE],
            V.FILLED,
            "Записать назначение",
            "муниципалитет",
            "Руководитель назначен, вакансия закрыта",
        ),
        step(
            "reopen",
            [V.PRESENTED, V.DEFENCE, V.RECOMMENDED, V.AGREED, V.FILLED],
            V.MATCHING,
            "Вернуть к подбору",
            "оператор",
            "Подбор возобновлён",
            needs_reason=True,
        ),
        step(
            "recall",
            [V.AGREED, V.FILLED],
            V.RECOMMENDED,
            "Вернуть к рекомендованным",
            "портал",
            "Рассматривается следующий рекомендованный",
            needs_reason=True,
        ),
        step(
            "cancel",
            [V.REPORTED, V.MATCHING, V.PRESENTED, V.DEFENCE, V.RECOMMENDED, V.AGREED],
            V.CANCELLED,
            "Снять вакансию",
            "муниципалитет",
            "Вакансия снята",
            needs_reason=True,
        ),
    ],
)

REFERRAL = Workflow(
    Referral,
    "referral",
    R.ASKED,
    [
        step("accept", [R.ASKED], R.ACCEPTED, "Согласиться", "резервист", "Согласие резервиста"),
        step(
            "refuse", [R.ASKED], R.REFUSED, "Отказаться", "резервист", "Отказ резервиста", needs_reason=True
        ),
        step(
            "present",
            [R.ACCEPTED],
            R.PRESENTED,
            "Представить на вакансию",
            "оператор",
            "Представлен на вакансию",
        ),
        step(
            "recommend",
            [R.PRESENTED],
            R.RECOMMENDED,
            "Рекомендовать",
            "комиссия",
            "Рекомендован к назначению",
        ),
        step(
            "not_recommend",
            [R.PRESENTED],
            R.NOT_RECOMMENDED,
            "Не рекомендовать",
            "комиссия",
            "Не рекомендован",
        ),
        step("agree", [R.RECOMMENDED], R.AGREED, "Согласовать", "департамент", "Назначение согласовано"),
        step("appoint", [R.AGREED, R.RECOMMENDED], R.APPOINTED, "Назначить", "муниципалитет", "Назначен"),
        step(
            "keep",
            [R.RECOMMENDED],
            R.RESERVE,
            "Оставить на резервном месте",
            "портал",
            "Занимает резервное место",
        ),
        step(
            "recall",
            [R.RESERVE],
            R.RECOMMENDED,
            "Вернуть к рассмотрению",
            "портал",
            "Рассматривается снова: назначение первого не состоялось",
        ),
        step(
            "release",
            [R.ASKED, R.ACCEPTED, R.PRESENTED, R.RECOMMENDED, R.AGREED, R.RESERVE, R.APPOINTED],
            R.RELEASED,
            "Освободить",
            "портал",
            "Больше не рассматривается",
            needs_reason=True,
        ),
    ],
)

SHEET = Workflow(
    ScoreSheet,
    "score_sheet",
    SheetState.DRAFT,
    [step("hand_in", [SheetState.DRAFT], SheetState.HANDED_IN, "Сдать лист", "член комиссии", "Лист сдан")],
)
