"""Mentors' own reports: opened when a quarter has ended, by the term of the body; accepted by the operator (O4.7)."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.audit.services import record_event
from reserve_portal.core import calendar, clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper
from reserve_portal.regulations.deadlines import event_happened, find_limit
from reserve_portal.regulations.models import Edition

from ..development_rules import percent_done
from ..models import DevelopmentPlan, Mentor, MentorReport, MentorReportLine, Reservist
from ..workflow import MENTOR_REPORT

TEXTS = ("work", "difficulties", "proposals")


def open_mentor_reports() -> int:
    """Open the report on the quarter before this one for each mentor who guided somebody in it (O4.7).

    Only where the edition sets a term. May run any number of times; returns how many were opened.
    """
    last = calendar.first_day_of_quarter(clock.today().year, calendar.quarter_of(clock.today())) - timedelta(
        1
    )
    year, quarter = last.year, calendar.quarter_of(last)
    began = calendar.first_day_of_quarter(year, quarter)
    in_time = Q(assignments__since__lte=last) & (Q(assignments__until=None) | Q(assignments__until__gt=began))
    mentors = (
        Mentor.objects.active()
        .filter(in_time)
        .exclude(reports__year=year, reports__quarter=quarter)
        .select_related("user")
        .distinct()
    )
    return sum(_open(mentor, year, quarter) for mentor in mentors)


@transaction.atomic
def _open(mentor: Mentor, year: int, quarter: int) -> int:
    """One report with a line for each reservist still guided, and its limit; 0 where there is nothing to tell."""
    last = calendar.quarter_end(year, quarter)
    guided = list(
        Reservist.objects.active()
        .filter(assignments__mentor=mentor, assignments__until=None, assignments__since__lte=last)
        .select_related("edition")
        .order_by("pk")
    )
    if not guided or _limit(guided[0].edition) is None:
        return 0
    report, created = MentorReport.objects.get_or_create(mentor=mentor, year=year, quarter=quarter)
    if not created:
        return 0
    MENTOR_REPORT.start(report, actor=None, label="Квартал закончился")
    MentorReportLine.objects.bulk_create(MentorReportLine(report=report, reservist=row) for row in guided)
    event_happened(
        "mentor_quarter.ended",
        report,
        edition=guided[0].edition,
        on=report.ended_on,
        about=f"{report}: {mentor}",
        responsible_user=mentor.user,
    )
    return 1


def _limit(edition: Edition) -> Any:
    return find_limit(edition, starts="mentor_quarter.ended", closes="mentor_report.submitted")


@transaction.atomic
def save_mentor_report(
    report: MentorReport, *, texts: Mapping[str, str], lines: Mapping[int, str], actor: Any
) -> None:
    """Keep the report's words, and those of each reservist by the line's id. Raises GateShut."""
    report = _locked(report)
    if not MENTOR_REPORT.is_open(report, "submit"):
        require_open([Blocker("Отчёт сейчас не редактируется.")])
    for name in TEXTS:
        setattr(report, name, texts.get(name, getattr(report, name)).strip())
    report.save(update_fields=TEXTS)
    rows = list(report.lines.filter(pk__in=list(lines)))
    for line in rows:
        line.words = lines[line.pk].strip()
    MentorReportLine.objects.bulk_update(rows, ["words"])
    record_event("reservists.save_mentor_report", report, actor=actor)


def report_blockers(report: MentorReport) -> list[Blocker]:
    """What keeps the report from being handed in."""
    found = [] if report.work.strip() else [Blocker("Напишите, что сделано.", field="work")]
    return found + [
        Blocker(f"{line.reservist}: оцените работу.", field=f"line_{line.pk}")
        for line in report.lines.select_related("reservist__user")
        if not line.words.strip()
    ]


@transaction.atomic
def submit_mentor_report(report: MentorReport, *, actor: Any) -> None:
    """Hand the report in, with how far each plan is now; the first handing in keeps the limit. Raises GateShut."""
    report = _locked(report)
    require_open(report_blockers(report))
    MENTOR_REPORT.apply(report, "submit", actor=actor)
    rows = list(report.lines.all())
    percents = _percents([line.reservist_id for line in rows], report.year)
    for line in rows:
        line.percent = percents.get(line.reservist_id)
    MentorReportLine.objects.bulk_update(rows, ["percent"])
    if report.submitted_on is None:
        report.submitted_on = clock.today()
        report.save(update_fields=["submitted_on"])
        edition = report.lines.select_related("reservist__edition")[0].reservist.edition
        event_happened("mentor_report.submitted", report, edition=edition, on=report.submitted_on)
    deed = record_event("reservists.submit_mentor_report", report, actor=actor)
    for user in User.objects.with_role(Role.OPERATOR):
        send_letter(
            "mentor_report.submitted",
            to=user,
            key=f"mentor_report.submitted:{report.pk}:{deed.pk}:{user.pk}",
            values={"mentor": report.mentor.user.full_name, "report": str(report)},
            about=report,
        )


@transaction.atomic
def return_mentor_report(report: MentorReport, *, remarks: str, actor: Any) -> None:
    """Send the report back with remarks."""
    report = _locked(report)
    MENTOR_REPORT.apply(report, "return", actor=actor, reason=remarks)
    report.remarks = remarks.strip()
    report.save(update_fields=["remarks"])
    deed = record_event("reservists.return_mentor_report", report, actor=actor)
    _write(report, "mentor_report.returned", deed.pk, remarks=report.remarks)


@transaction.atomic
def accept_mentor_report(report: MentorReport, *, actor: Any) -> IssuedPaper:
    """Accept the report and issue it as a paper (O4.7)."""
    report = _locked(report)
    MENTOR_REPORT.apply(report, "accept", actor=actor)
    report.remarks, report.accepted_on = "", clock.today()
    report.save(update_fields=["remarks", "accepted_on"])
    lines = list(
        report.lines.select_related("reservist__user", "reservist__target_group", "reservist__edition")
    )
    deed = record_event("reservists.accept_mentor_report", report, actor=actor)
    _write(report, "mentor_report.accepted", deed.pk)
    context = {"report": report, "lines": lines, "edition": lines[0].reservist.edition, "accepted_by": actor}
    return issue_paper(
        "mentor_report", report, context, actor=actor, person=report.mentor.user, title=str(report)
    )


def _percents(reservists: Iterable[int], year: int) -> dict[int, Decimal]:
    """How far the plans in force of the year are, by the reservist's id."""
    plans = DevelopmentPlan.objects.in_force().filter(reservist__in=list(reservists), year=year)
    return {
        plan.reservist_id: percent_done([item.progress for item in plan.items.all()])
        for plan in plans.prefetch_related("items")
    }


def _locked(report: MentorReport) -> MentorReport:
    rows = MentorReport.objects.select_for_update(of=("self",))
    return rows.select_related("mentor__user").get(pk=report.pk)


def _write(report: MentorReport, kind: str, deed: int, **values: str) -> None:
    send_letter(
        kind,
        to=report.mentor.user,
        key=f"{kind}:{report.pk}:{deed}",
        values={"report": str(report), **values},
        about=report,
    )
