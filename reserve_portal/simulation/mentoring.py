"""The living example's dialogue beside plans, reports of mentors, a review to come, a programme passed (O4.7-4.16)."""

from datetime import date, time
from typing import Any

from assessment.enums import Zone
from commissions import meetings
from commissions.models import Body
from commissions.services import send_list
from reserve_portal.core import clock
from reservists.models import DevelopmentPlan, Mentor, MentorReport, Reservist
from reservists.services import mentor_reports, mentors, plan_notes, plan_reviews, plans
from reservists.services.certifications import record_certification
from reservists.services.changes import make_change_list, may_be_changed

from .cast import Cast
from .people import sample_pdf
from .story import at, pass_chain


def play_mentoring(cast: Cast) -> None:
    """What goes on between the agreed plans and the busy morning, where the edition knows mentors."""
    if not cast.edition.value("mentors"):
        return
    plans_in_force = list(
        DevelopmentPlan.objects.in_force()
        .select_related("reservist__user", "reservist__edition")
        .order_by("pk")
    )
    _facts(cast)
    _beside(plans_in_force[0])
    _second_version(plans_in_force[1])
    _certified(cast, plans_in_force[0].reservist)
    _readiness(cast)
    _mentor_reports()
    _review(cast, plans_in_force)


def _facts(cast: Cast) -> None:
    """One mentor knows a municipality and a target group best."""
    mentor, group = Mentor.objects.order_by("pk")[0], cast.edition.target_groups.last()
    town = Reservist.objects.exclude(municipality=None).order_by("pk")[0].municipality
    with at(date(2026, 6, 25), 10):
        mentors.set_mentor_facts(
            mentor,
            municipality=town,
            group_code=group.code if group else "",
            capacity=20,
            actor=cast["operator"],
        )


def _guide(plan: DevelopmentPlan) -> Any:
    guide = mentors.mentor_of(plan.reservist)
    assert guide is not None
    return guide.user


def _beside(plan: DevelopmentPlan) -> None:
    """Question and answer beside a row, and the certificate laid there."""
    item, own = plan.items.all()[0], plan.reservist.user
    with at(date(2026, 9, 21), 18):
        plan_notes.comment_plan(
            plan, item=item, text="Приложите, пожалуйста, удостоверение.", actor=_guide(plan)
        )
    with at(date(2026, 9, 22), 20):
        plan_notes.add_evidence(
            item,
            title="Удостоверение № 112233 (учебное)",
            name="удостоверение.pdf",
            data=sample_pdf("Удостоверение о повышении квалификации"),
            actor=own,
        )
        plan_notes.comment_plan(plan, item=item, text="Приложено.", actor=own)


def _second_version(plan: DevelopmentPlan) -> None:
    """A term is moved: a new version with its change sheet, agreed."""
    own = plan.reservist.user
    with at(date(2026, 9, 24), 19):
        change = plans.start_change(plan, reason="Стажировка перенесена принимающей гимназией.", actor=own)
        item = change.items.all()[1]
        plans.save_item(change, item=item, ends_on=date(2026, 12, 11), actor=own)
        plans.submit_plan(change, actor=own)
    with at(date(2026, 9, 25), 12):
        plans.agree_plan(change, actor=_guide(plan))


def _certified(cast: Cast, reservist: Reservist) -> None:
    with at(date(2026, 9, 23), 11):
        record_certification(
            reservist,
            actor=cast["operator"],
            programme="Управление изменениями в школе",
            kind="course",
            organiser="Институт развития образования",
            hours=72,
            passed_on=date(2026, 9, 18),
            passed=True,
            result="зачтено, 46 из 50",
            document="удостоверение № 112233 (учебное)",
            with_experts=True,
        )


def _readiness(cast: Cast) -> None:
    """The body raises one reservist's level of readiness, with its ground (O4.16)."""
    row = Reservist.objects.active().filter(zone=Zone.YELLOW).order_by("-rank", "-pk").first()
    if row is None or not may_be_changed(row.edition):
        return
    with at(date(2026, 9, 14), 11):
        change = make_change_list(
            row,
            target_group=None,
            zone=Zone.GREEN,
            ground="Победа в областном конкурсе управленческих проектов.",
            actor=cast["operator"],
        )
    pass_chain(cast, change, first_day=date(2026, 9, 14))


def _mentor_reports() -> None:
    """The third quarter: one report handed in, the other late."""
    with at(date(2026, 10, 1), 0, 20):
        mentor_reports.open_mentor_reports()
    report = MentorReport.objects.order_by("mentor").first()
    if report is None:
        return
    with at(date(2026, 10, 12), 16):
        mentor_reports.save_mentor_report(
            report,
            texts={
                "work": "Две встречи с каждым, разбор первых отчётов, выезд в гимназию.",
                "difficulties": "Не все успевают к сроку отчёта.",
                "proposals": "Собрать семинар о закупках.",
            },
            lines={line.pk: "Работает по плану." for line in report.lines.all()},
            actor=report.mentor.user,
        )
        mentor_reports.submit_mentor_report(report, actor=report.mentor.user)


def _review(cast: Cast, rows: list[DevelopmentPlan]) -> None:
    """Plans come before the authorised body next week; their mentors are invited (O4.13)."""
    standing = [
        DevelopmentPlan.objects.select_related("reservist__edition").get(pk=row.pk) for row in rows[2:4]
    ]
    with at(date(2026, 10, 19), 11):
        review = plan_reviews.make_review_list(standing, actor=cast["operator"])
        send_list(review, actor=cast["operator"])
        review.refresh_from_db()
        link = review.link
        meeting = meetings.plan_meeting(
            Body.objects.get(code=link.body if link else ""),
            edition=review.edition,
            starts_at=clock.at(date(2026, 10, 29), time(14)),
            place="Актовый зал института, 2-й этаж",
            actor=cast["operator"],
        )
        meetings.add_to_agenda(meeting, review, speaker=cast["operator"].full_name, actor=cast["operator"])
