"""Mentors, plans and quarterly reports, where the edition knows them: some late, some returned (O4.6-4.15)."""

from datetime import date
from typing import Any

from commissions.models import DecisionList
from commissions.services import send_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.services import create_person
from reserve_portal.core import calendar, clock
from reservists.models import DevelopmentPlan, Mentor, MentorAssignment, PlanReport, Reservist
from reservists.perms import (
    can_have_plan,
    can_review_plan,
    can_review_report,
    can_send_copy,
    can_write_plan,
    can_write_report,
)
from reservists.services import mentors, plans, reports

from ...cast import DOMAIN
from ..year import Year
from . import bodies

PER_MENTOR = 25  # candidates of the year for one mentor
NAMES = ("Наставников", "Опытнов", "Кураторов", "Мудров", "Добров", "Учителев", "Проводников", "Заботин")
ITEMS = (
    ("managerial", "Управление изменениями", "Курсы «Управление изменениями», 72 часа", "Удостоверение"),
    ("expert", "Педагогический анализ", "Проект развития школы", "Защищённый проект"),
)
REMARKS = "Уточните ожидаемый результат."
DONE = 100


def begin(year: Year) -> None:
    """Plan the pool of mentors, the quarters' reports, a change of a mentor, another one's farewell."""
    edition = year.edition
    if edition.value("mentors"):
        year.plan(calendar.next_working_day(date(year.number, 1, 20)), 11, 0, _form_pool, year)
        year.plan(calendar.next_working_day(date(year.number, 9, 14)), 11, 0, change_mentor, year)
        year.plan(calendar.next_working_day(date(year.number, 10, 12)), 11, 0, _lose_mentor, year)
    if edition.value("development_plan"):
        for quarter in range(1, 5):
            day = date(year.number, quarter * 3, 22)
            year.plan(day, 9, 0, report_quarter, year, quarter)


# --- mentors


def _form_pool(year: Year) -> None:
    """The body forms the pool in agreement with the ministry (O4.7)."""
    count = min(len(NAMES), max(2, year.candidates // PER_MENTOR))
    people = [
        create_person(
            f"mentor{number}@{DOMAIN}",
            roles=[Role.EXPERT],
            actor=None,
            last_name=name,
            first_name="Виктор",
            patronymic="Андреевич",
            post="директор лицея",
        )
        for number, name in enumerate(NAMES[:count], start=1)
    ]
    pool = mentors.make_pool_list(people, actor=year.cast["operator"])
    send_list(pool, actor=year.cast["operator"])
    bodies.carry(year, pool, then=lambda: assign(year, None))


def _lose_mentor(year: Year) -> None:
    """A mentor leaves the pool; his or her reservists get another one by a new decision (O4.7, O4.16)."""
    active = list(Mentor.objects.active().order_by("pk"))
    if len(active) > 1:
        mentors.remove_mentor(active[0], reason="Выход на пенсию.", actor=year.cast["operator"])
        year.soon(2, assign, year, None)


def change_mentor(year: Year) -> None:
    """One reservist gets another mentor by a decision, with its ground; without one it is refused (O4.16)."""
    guided = list(MentorAssignment.objects.current().select_related("reservist__user").order_by("pk"))
    free = [
        row for row in guided if not mentors.reservist_blockers(row.reservist, mentors.listed_reservists())
    ]
    others = list(Mentor.objects.active().select_related("user").order_by("-pk"))
    if not free or len(others) < 2:
        return
    row = year.dice("changes the mentor").choice(free)
    other = next(mentor for mentor in others if mentor.pk != row.mentor_id)
    operator, pair = year.cast["operator"], [(row.reservist, other)]
    year.refused("смена наставника без основания", mentors.make_assignment_list, pair, actor=operator)
    change = mentors.make_assignment_list(
        pair, ground="Наставник работает в другом муниципалитете.", actor=operator
    )
    send_list(change, actor=operator)
    bodies.carry(year, change, then=lambda: None)


def begin_with(year: Year, inclusion: DecisionList) -> None:
    """From the inclusion on: a mentor, then the plan (O4.7, O4.9)."""
    if year.edition.value("mentors"):
        year.soon(1, assign, year, inclusion, hour=11)
    elif year.edition.value("development_plan"):
        _plan_all(year, inclusion)


def assign(year: Year, inclusion: DecisionList | None) -> None:
    """All who have no mentor get one in one list, the loads balanced; whose pool is not there yet wait (O4.7)."""
    chosen = {mentor.pk: mentor for mentor in Mentor.objects.active().select_related("user")}
    pairs = [(row, chosen[pk]) for row, pk, _ in mentors.propose_mentors() if pk in chosen]
    if pairs:
        assignment = mentors.make_assignment_list(pairs, actor=year.cast["operator"])
        send_list(assignment, actor=year.cast["operator"])
        bodies.carry(year, assignment, then=lambda: _plan_all(year, assignment))


# --- plans


def _plan_all(year: Year, decided: DecisionList) -> None:
    """Everybody on a decided list begins a plan, most within the month, some later, some never (O4.9)."""
    lines = decided.lines.filter(outcome=True).values_list("person", flat=True)
    for member in Reservist.objects.active().filter(user__in=lines).select_related("user").order_by("pk"):
        dice = year.dice("plan", member.user.email, member.target_group.code)
        days = dice.choices((2, 5, 9, 24, None), (35, 30, 20, 8, 7))[0]
        if days is not None:
            year.soon(days, _write_plan, year, member.pk, hour=18)


def _write_plan(year: Year, pk: int) -> None:
    member, user = _member(pk)
    if not can_have_plan(user, member) or plans.start_blockers(member, year.number):
        return
    plan = plans.start_plan(member, year=year.number, actor=user)
    texts = {"deficits": plan.deficits or "Опыт работы с бюджетом.", "goals": "Подготовиться к руководству."}
    plans.save_plan(plan, actor=user, **texts)
    forms = member.edition.value("plan_forms")
    today, last = clock.today(), date(year.number, 12, 31)
    for number, (area, competence, event, evidence) in enumerate(ITEMS):
        plans.save_item(
            plan,
            actor=user,
            area=area,
            form=forms[number],
            competence=competence,
            event=event,
            organiser="Институт",
            starts_on=today,
            ends_on=last
            if number
            else min(last, calendar.quarter_end(year.number, calendar.quarter_of(today))),
            result="Проект защищён.",
            evidence=evidence,
        )
    _submit_plan(year, plan.pk)


def _submit_plan(year: Year, pk: int) -> None:
    plan = _plan(pk)
    if can_write_plan(plan.reservist.user, plan) and not plans.submit_blockers(plan):
        plans.submit_plan(plan, actor=plan.reservist.user)
        days = year.dice("agrees", plan.reservist.user.email, plan.state).choices((1, 3, 6), (50, 35, 15))[0]
        year.soon(days, _review_plan, year, pk, hour=12)


def _review_plan(year: Year, pk: int) -> None:
    """Who guides returns one plan in six once, and agrees the others (O4.9)."""
    plan = _plan(pk)
    guide = _guide(year, plan.reservist)
    if guide is None or not can_review_plan(guide, plan):
        return
    dice = year.dice("plan reviewed", plan.reservist.user.email)
    if not plan.remarks and dice.random() < 0.17:
        plans.return_plan(plan, remarks=REMARKS, comments={}, actor=guide)
        year.soon(2, _submit_plan, year, pk, hour=20)
        return
    plans.agree_plan(plan, actor=guide)
    year.soon(dice.choices((1, 4, 8, 14), (40, 30, 20, 10))[0], _send_copy, year, pk, hour=19)


def _send_copy(year: Year, pk: int) -> None:
    plan = _plan(pk)
    if can_send_copy(plan.reservist.user, plan):
        plans.send_copy(plan, actor=plan.reservist.user)


# --- reports


def report_quarter(year: Year, quarter: int) -> None:
    """Most reports come in time, some after the day, some never (O4.14)."""
    due = PlanReport.objects.open().filter(year=year.number, quarter=quarter)
    for report in due.select_related("reservist__user").order_by("pk"):
        dice = year.dice("report", quarter, report.reservist.user.email)
        days = dice.choices((1, 3, 5, 9, None), (35, 30, 20, 9, 6))[0]
        if days is not None:
            year.soon(days, _submit_report, year, report.pk, hour=20)


def _submit_report(year: Year, pk: int) -> None:
    report = _report(pk)
    user = report.reservist.user
    if not can_write_report(user, report):
        return
    ends = calendar.quarter_end(report.year, report.quarter)
    for row in report.rows.select_related("item", "report").order_by("pk"):
        done = row.item.ends_on <= ends
        reports.save_report_row(
            row,
            actor=user,
            progress=DONE if done else 40,
            done="Пройдено полностью." if done else "Начато.",
            done_on=clock.today() if done else None,
            evidence="Удостоверение № 1 (учебное)" if done else "",
        )
    reports.save_report(report, achievements="Выступление на семинаре.", proposals="", actor=user)
    report = _report(pk)
    if not reports.report_blockers(report):
        reports.submit_report(report, actor=user)
        year.soon(
            year.dice("reads", report.quarter, user.email).randint(1, 4), _review_report, year, pk, hour=15
        )


def _review_report(year: Year, pk: int) -> None:
    report = _report(pk)
    guide = _guide(year, report.reservist)
    if guide is None or not can_review_report(guide, report):
        return
    if not report.remarks and year.dice("report reviewed", report.reservist.user.email).random() < 0.12:
        reports.return_report(report, remarks="Назовите номер удостоверения.", actor=guide)
        year.soon(2, _submit_report, year, pk, hour=20)
    else:
        reports.accept_report(report, remarks="Хорошо.", actor=guide)


# --- fresh rows


def _guide(year: Year, member: Reservist) -> Any:
    """The mentor; the operator where the edition has none (process.md 12)."""
    if not member.edition.value("mentors"):
        return year.cast["operator"]
    mentor = mentors.mentor_of(member)
    return mentor.user if mentor else None


def _member(pk: int) -> tuple[Reservist, Any]:
    member = Reservist.objects.select_related("user", "edition").get(pk=pk)
    return member, member.user


def _plan(pk: int) -> DevelopmentPlan:
    return DevelopmentPlan.objects.select_related("reservist__user", "reservist__edition").get(pk=pk)


def _report(pk: int) -> PlanReport:
    return PlanReport.objects.select_related("reservist__user", "reservist__edition").get(pk=pk)
