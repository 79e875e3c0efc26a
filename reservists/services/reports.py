"""Quarterly reports on the plan: opened with the quarter, written by the reservist, accepted by the mentor (O4.14)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Min, OuterRef, Subquery
from django.urls import reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core import calendar, clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.deadlines import due_date, event_happened, find_limit

from ..development_rules import percent_done
from ..enums import ReportState, ReservistState
from ..models import DevelopmentPlan, PlanItem, PlanReport, ReportRow, Reservist
from ..workflow import REPORT
from .development_papers import issue_report
from .mentors import guides_of, mentor_of

DONE = 100
ROW_FIELDS = ("done", "done_on", "hours", "evidence", "reason", "new_term", "progress")


def open_due_reports(*, reservist: Reservist | None = None) -> int:
    """Open the report of the present quarter, with its limit, for each active reservist with a plan in force (O4.14).

    A plan agreed after the report's day owes none for that quarter. May run any number of times; returns how many
    were opened.
    """
    today = clock.today()
    quarter = calendar.quarter_of(today)
    versions = DevelopmentPlan.objects.filter(
        reservist=OuterRef("reservist"), year=OuterRef("year")
    ).order_by()
    first = versions.values("year").annotate(first=Min("agreed_on")).values("first")
    reported = PlanReport.objects.filter(year=today.year, quarter=quarter).values("reservist")
    plans = (
        DevelopmentPlan.objects.in_force()
        .filter(year=today.year, reservist__state=ReservistState.ACTIVE)
        .exclude(reservist__in=reported)
        .annotate(first_agreed=Subquery(first))
        .select_related("reservist__user", "reservist__edition")
        .order_by("pk")
    )
    if reservist is not None:
        plans = plans.filter(reservist=reservist)
    limits: dict[int, date] = {}
    opened = 0
    for plan in plans.iterator(chunk_size=500):
        edition = plan.reservist.edition
        if edition.pk not in limits:
            limits[edition.pk] = _last_day(edition, today.year, quarter)
        if plan.first_agreed <= limits[edition.pk]:
            opened += _open_report(plan, quarter)
    return opened


@transaction.atomic
def save_report(report: PlanReport, *, achievements: str, proposals: str, actor: Any) -> None:
    """Keep the report's own words. Raises GateShut."""
    report = _open(report)
    report.achievements, report.proposals = achievements.strip(), proposals.strip()
    report.save(update_fields=["achievements", "proposals"])
    record_event("reservists.save_report", report, actor=actor, person=report.reservist.user)


@transaction.atomic
def save_report_row(row: ReportRow, *, actor: Any, **fields: Any) -> None:
    """Keep what the report says about one row of the plan; `fields` are ROW_FIELDS. Raises GateShut."""
    report = _open(row.report)
    row = ReportRow.objects.select_related("item").get(pk=row.pk, report=report)
    for name in ROW_FIELDS:
        if name in fields:
            setattr(row, name, fields[name])
    require_open(row_blockers(row))
    row.full_clean()
    row.save()
    record_event("reservists.save_report_row", row, actor=actor, person=report.reservist.user)


def row_blockers(row: ReportRow) -> list[Blocker]:
    """What a row still lacks: words, day and proof of what is done; a reason and a new term of what is late."""
    found = []
    ends = calendar.quarter_end(row.report.year, row.report.quarter)
    is_late = row.progress < DONE and row.item.ends_on <= ends and row.item.ends_on < clock.today()
    if row.progress and not row.done.strip():
        found.append(Blocker("Напишите, что сделано.", field="done"))
    if row.progress == DONE and row.done_on is None:
        found.append(Blocker("Укажите, когда пункт выполнен.", field="done_on"))
    if row.progress == DONE and not row.evidence.strip():
        found.append(Blocker("Укажите результат: документ или ссылку.", field="evidence"))
    if row.done_on is not None and row.done_on > clock.today():
        found.append(Blocker("Эта дата ещё не наступила.", field="done_on"))
    if is_late and not row.reason.strip():
        found.append(Blocker("Срок пункта прошёл: объясните, почему он не выполнен.", field="reason"))
    if is_late and row.new_term is None:
        found.append(Blocker("Назовите новый срок.", field="new_term"))
    if row.new_term is not None and row.new_term <= row.item.ends_on:
        found.append(Blocker("Новый срок должен быть позже прежнего.", field="new_term"))
    return found


def report_blockers(report: PlanReport) -> list[Blocker]:
    """What keeps the report from the mentor."""
    found = []
    if not guides_of(report.reservist):
        found.append(Blocker("За вами сейчас не закреплён наставник: это решает уполномоченный орган."))
    for row in report.rows.select_related("item"):
        row.report = report
        lacking = " ".join(blocker.text for blocker in row_blockers(row))
        if lacking:
            url = reverse("reservists:report_row", args=[report.pk, row.pk])
            found.append(Blocker(f"«{row.item}»: {lacking}", url=url))
    return found


@transaction.atomic
def submit_report(report: PlanReport, *, actor: Any) -> None:
    """Hand the report in to the mentor; the limit is kept by the first handing in (O4.14). Raises GateShut."""
    report = _locked(report)
    require_open(report_blockers(report))
    REPORT.apply(report, "submit", actor=actor)
    if report.submitted_on is None:
        report.submitted_on = clock.today()
        report.save(update_fields=["submitted_on"])
        event_happened("report.submitted", report, edition=report.reservist.edition, on=report.submitted_on)
    deed = record_event("reservists.submit_report", report, actor=actor, person=report.reservist.user)
    values = {"reservist": report.reservist.user.full_name, "report": str(report)}
    for guide in guides_of(report.reservist):
        key = f"report.submitted:{report.pk}:{deed.pk}:{guide.pk}"
        send_letter("report.submitted", to=guide, key=key, values=values, about=report)


@transaction.atomic
def return_report(report: PlanReport, *, remarks: str, actor: Any) -> None:
    """Send the report back with remarks."""
    report = _locked(report)
    REPORT.apply(report, "return", actor=actor, reason=remarks)
    report.remarks = remarks.strip()
    report.save(update_fields=["remarks"])
    deed = record_event("reservists.return_report", report, actor=actor, person=report.reservist.user)
    _write(report, "report.returned", deed.pk, {"report": str(report), "remarks": report.remarks})


@transaction.atomic
def accept_report(report: PlanReport, *, remarks: str, actor: Any) -> None:
    """Accept the report with the mentor's words; the plan's progress follows it, the paper is issued (O4.13, O4.14)."""
    report = _locked(report)
    REPORT.apply(report, "accept", actor=actor)
    report.remarks, report.accepted_by = remarks.strip(), mentor_of(report.reservist)
    report.accepted_on = clock.today()
    report.save(update_fields=["remarks", "accepted_by", "accepted_on"])
    for row in report.rows.all():
        _carry_progress(row)
    issue_report(report, actor=actor)
    deed = record_event("reservists.accept_report", report, actor=actor, person=report.reservist.user)
    values = {"report": str(report), "remarks": report.remarks or "замечаний нет"}
    _write(report, "report.accepted", deed.pk, values)


def follow_plan(plan: DevelopmentPlan) -> None:
    """Let reports not handed in yet speak about the rows of the version now in force."""
    for report in PlanReport.objects.open().filter(reservist=plan.reservist, year=plan.year):
        written = {row.item_id: row for row in report.rows.all()}
        for item in reportable_items(plan, report.quarter):
            row = written.pop(item.previous_id or 0, None)
            if row is None:
                ReportRow.objects.get_or_create(
                    report=report, item=item, defaults={"progress": item.progress}
                )
            else:
                ReportRow.objects.filter(pk=row.pk).update(item=item)
        ReportRow.objects.filter(pk__in=[row.pk for row in written.values()]).delete()


def reportable_items(plan: DevelopmentPlan, quarter: int) -> list[PlanItem]:
    """Rows that have begun by the quarter's end and were not reported as done before."""
    ends = calendar.quarter_end(plan.year, quarter)
    done = ReportRow.objects.filter(
        report__reservist=plan.reservist_id,
        report__year=plan.year,
        report__quarter__lt=quarter,
        report__state=ReportState.ACCEPTED,
        progress=DONE,
    )
    reported = {(row.item.event, row.item.starts_on) for row in done.select_related("item")}
    return [
        item
        for item in plan.items.filter(starts_on__lte=ends)
        if (item.event, item.starts_on) not in reported
    ]


def report_percent(report: PlanReport) -> Decimal:
    """How far the rows of a report are, together."""
    return percent_done([row.progress for row in report.rows.all()])


@transaction.atomic
def _open_report(plan: DevelopmentPlan, quarter: int) -> int:
    """Make the report of one quarter with its rows and limit; 0 when another process was first."""
    reservist = plan.reservist
    report, created = PlanReport.objects.get_or_create(reservist=reservist, year=plan.year, quarter=quarter)
    if not created:
        return 0
    REPORT.start(report, actor=None, label="Квартал начался")
    ReportRow.objects.bulk_create(
        ReportRow(report=report, item=item, progress=item.progress)
        for item in reportable_items(plan, quarter)
    )
    event_happened(
        "plan_quarter.began",
        report,
        edition=reservist.edition,
        on=report.begins_on,
        about=f"{report}: {reservist}",
        responsible_user=reservist.user,
    )
    return 1


def _carry_progress(row: ReportRow) -> None:
    """The row of the plan, and those of later versions that come from it, are as far as the report says."""
    versions = [row.item_id]
    while versions:
        PlanItem.objects.filter(pk__in=versions).update(progress=row.progress)
        versions = list(PlanItem.objects.filter(previous__in=versions).values_list("pk", flat=True))


def _last_day(edition: Any, year: int, quarter: int) -> date:
    """The report's day by the edition, else the quarter's last."""
    limit = find_limit(edition, starts="plan_quarter.began", closes="report.submitted")
    begins = calendar.first_day_of_quarter(year, quarter)
    return due_date(limit, begins) if limit else calendar.quarter_end(year, quarter)


def _locked(report: PlanReport) -> PlanReport:
    return (
        PlanReport.objects.select_for_update(of=("self",))
        .select_related("reservist__user", "reservist__edition")
        .get(pk=report.pk)
    )


def _open(report: PlanReport) -> PlanReport:
    report = _locked(report)
    if not report.is_open:
        require_open([Blocker("Отчёт сейчас не редактируется.")])
    return report


def _write(report: PlanReport, kind: str, deed: int, values: Mapping[str, Any]) -> None:
    send_letter(
        kind, to=report.reservist.user, key=f"{kind}:{report.pk}:{deed}", values=dict(values), about=report
    )
