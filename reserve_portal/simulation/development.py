"""The living example's mentors, plans and reports, where the edition knows them (O4.6-4.15)."""

from datetime import date
from typing import Any

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.services import create_person
from reserve_portal.core import calendar
from reservists.models import DevelopmentPlan, PlanReport, Reservist
from reservists.services import mentors, plans, reports

from .cast import DOMAIN, Cast
from .story import at, pass_chain

MENTORS = (
    ("mentor1", "Наставников", "Виктор", "Андреевич", "директор лицея, заслуженный учитель"),
    ("mentor2", "Кураторова", "Светлана", "Дмитриевна", "ректор института развития образования"),
)
AGREED = 6
ITEMS: tuple[dict[str, Any], ...] = (
    {
        "area": "managerial",
        "form": 0,
        "competence": "Стратегическое управление",
        "event": "Курсы «Управление изменениями в школе», 72 часа",
        "organiser": "Институт развития образования, заочно",
        "starts_on": date(2026, 8, 17),
        "ends_on": date(2026, 9, 18),
        "result": "Освоены приёмы планирования изменений.",
        "evidence": "Удостоверение о повышении квалификации",
    },
    {
        "area": "managerial",
        "form": 1,
        "competence": "Финансы и закупки",
        "event": "Стажировка у директора гимназии",
        "organiser": "Гимназия (учебная)",
        "starts_on": date(2026, 9, 7),
        "ends_on": date(2026, 11, 27),
        "result": "Подготовлен проект плана закупок.",
        "evidence": "Дневник стажировки",
    },
    {
        "area": "expert",
        "form": 14,
        "competence": "Педагогический анализ",
        "event": "Статья о наставничестве молодых учителей",
        "organiser": "Региональный журнал",
        "starts_on": date(2026, 10, 1),
        "ends_on": date(2026, 12, 18),
        "result": "Опубликована статья.",
        "evidence": "Ссылка на публикацию",
    },
)


def develop(cast: Cast, *, after: date) -> None:
    """Two mentors for everybody, plans agreed within the month, the first report accepted; `after` is the inclusion."""
    if not cast.edition.value("mentors"):
        return
    _pool(cast)
    first = calendar.add_working_days(after, 1)
    with at(first, 11):
        proposed = mentors.propose_mentors()
        chosen = {mentor.pk: mentor for mentor in _mentors(cast)}
        pairs = [(row, chosen[pk]) for row, pk, _ in proposed if pk in chosen]
        assignment = mentors.make_assignment_list(pairs, actor=cast["operator"])
    day = pass_chain(cast, assignment, first_day=first)
    reserve = sorted(Reservist.objects.select_related("user", "edition"), key=_own_first)
    for number, row in enumerate(reserve[: AGREED + 2]):
        _plan(cast, row, number, calendar.add_working_days(day, 2))
    _reports(reserve)
    with at(date(2026, 10, 1), 0, 10):
        reports.open_due_reports()


def _pool(cast: Cast) -> None:
    with at(date(2026, 6, 8), 11):
        people = [
            create_person(
                f"{name}@{DOMAIN}",
                roles=[Role.EXPERT],
                actor=None,
                last_name=last,
                first_name=first,
                patronymic=patronymic,
                post=post,
            )
            for name, last, first, patronymic, post in MENTORS
        ]
        for (name, *_), person in zip(MENTORS, people, strict=True):
            cast.people[name] = person
        pool = mentors.make_pool_list(people, actor=cast["operator"])
    pass_chain(cast, pool, first_day=date(2026, 6, 9))


def _mentors(cast: Cast) -> list[Any]:
    return [cast[name].mentorship for name, *_ in MENTORS]


def _own_first(row: Reservist) -> tuple[bool, int, int]:
    """The reservist whose account is printed comes first."""
    return (not row.user.email.startswith("reservist@"), row.rank or 0, row.pk)


def _plan(cast: Cast, row: Reservist, number: int, day: date) -> None:
    """A plan written on `day`; the first AGREED are agreed and copied, the next waits, one is a draft."""
    with at(day, 18, number):
        plan = plans.start_plan(row, year=2026, actor=row.user)
        goals = "Подготовиться к руководству школой: освоить управление изменениями и закупками."
        texts = {"deficits": plan.deficits or "Опыт работы с бюджетом школы.", "goals": goals}
        plans.save_plan(plan, actor=row.user, **texts)
        forms = row.edition.value("plan_forms")
        for item in ITEMS:
            plans.save_item(plan, actor=row.user, **{**item, "form": forms[item["form"]]})
        if number <= AGREED:
            plans.submit_plan(plan, actor=row.user)
    if number >= AGREED:
        return
    guide = mentors.mentor_of(row)
    assert guide is not None
    with at(calendar.add_working_days(day, 2), 12, number):
        plans.agree_plan(plan, actor=guide.user)
    with at(calendar.add_working_days(day, 3), 19, number):
        plans.send_copy(DevelopmentPlan.objects.get(pk=plan.pk), actor=row.user)


def _reports(reserve: list[Reservist]) -> None:
    """The third quarter: one report accepted, one with the mentor, one returned, the others late."""
    for number, row in enumerate(reserve[:3]):
        report = PlanReport.objects.get(reservist=row, year=2026, quarter=3)
        guide = mentors.mentor_of(row)
        assert guide is not None
        with at(date(2026, 9, 28), 20, number):
            _fill(report, row)
            reports.submit_report(report, actor=row.user)
        with at(date(2026, 9, 29), 15, number):
            if number == 0:
                words = "Хорошее начало. Приложите дневник стажировки к следующему отчёту."
                reports.accept_report(report, remarks=words, actor=guide.user)
            elif number == 1:
                reports.return_report(report, remarks="Назовите номер удостоверения.", actor=guide.user)


def _fill(report: PlanReport, row: Reservist) -> None:
    first, second = report.rows.select_related("item", "report")[:2]
    reports.save_report_row(
        first,
        actor=row.user,
        progress=100,
        done="Курсы пройдены полностью.",
        done_on=date(2026, 9, 18),
        hours=72,
        evidence="Удостоверение № 112233 (учебное)",
    )
    reports.save_report_row(second, actor=row.user, progress=40, done="Три недели стажировки из семи.")
    reports.save_report(
        report, achievements="Выступление на районном семинаре.", proposals="", actor=row.user
    )
