"""Life in the reserve, for the person's own copy of the data."""

from typing import Any

from reserve_portal.core.personal_data import Part, PersonalFile, described, history, personal_data_source

from .enums import AttestationState, ReportState
from .models import (
    CalendarFeed,
    DevelopmentPlan,
    MentorReport,
    MentorReportLine,
    Participation,
    PlanEvidence,
    PlanItem,
    PlanReport,
    Reservist,
)

MEMBERSHIP = (
    "target_group", "municipality", "state", "zone", "points", "maximum", "rank", "included_on", "basis", "ended_on",
    "end_basis", "end_ground",
)  # fmt: skip
PLAN_ITEM = (
    "area", "form", "competence", "event", "organiser", "starts_on", "ends_on", "result", "evidence", "progress",
)  # fmt: skip


@personal_data_source("reserve", "Кадровый резерв")
def reserve(user: Any) -> Part:
    """Memberships with their changes, events, attestations and mentors."""
    rows = Reservist.objects.filter(user=user).order_by("pk")
    return Part([_membership(row) for row in rows])


@personal_data_source("events", "Мероприятия резерва на образовательном маршруте")
def guest_events(user: Any) -> Part:
    """Events in which the person took part, or meant to, without being in the reserve (T5)."""
    rows = Participation.objects.filter(route__track__application__user=user).select_related("event")
    return Part(
        [
            {"Мероприятие": str(item.event)} | described(item, "state", "reason", "changed_at", "answered")
            for item in rows.order_by("event__starts_at")
        ]
    )


@personal_data_source("calendar", "Адрес календаря мероприятий")
def calendar(user: Any) -> Part:
    """That the person has an own address of the events; the address itself nobody can tell."""
    return Part([described(feed, "made_at") for feed in CalendarFeed.objects.filter(user=user)])


def _membership(row: Reservist) -> dict[str, Any]:
    events = row.participations.select_related("event").order_by("event__starts_at")
    decided = row.attestations.filter(attestation__state=AttestationState.DECIDED)
    entries = decided.select_related("attestation")
    mentors = row.assignments.select_related("mentor__user").order_by("since")
    return described(row, *MEMBERSHIP) | {
        "Изменения": [described(item, "kind", "made_on", "ground", "basis") for item in row.changes.all()],
        "Что произошло": history([row]),
        "Мероприятия": [
            {"Мероприятие": str(item.event)} | described(item, "state", "reason", "changed_at", "answered")
            for item in events
        ],
        "Аттестация": [
            {"Год": item.attestation.year}
            | described(item, "absent", "absence_reason", "points", "maximum", "zone", "rank")
            | {"Обоснования экспертов": [sheet.comment for sheet in item.sheets.filter(state="handed_in")]}
            for item in entries
        ],
        "Аттестации по программам обучения": [
            described(
                item, "programme", "kind", "organiser", "hours", "passed_on", "passed", "result", "document"
            )
            for item in row.certifications.all()
        ],
        "Оценки работы наставником": [
            {"Отчёт": str(line.report)} | described(line, "words", "percent")
            for line in MentorReportLine.objects.filter(
                reservist=row, report__state=ReportState.ACCEPTED
            ).select_related("report")
        ],
        "Наставники": [
            {"Наставник": str(item.mentor)} | described(item, "since", "until", "basis") for item in mentors
        ],
    }


@personal_data_source("plans", "Планы развития")
def plans(user: Any) -> Part:
    """Plans of development with their items, every version, what both sides said, the files laid beside."""
    laid = PlanEvidence.objects.filter(item__plan__reservist__user=user)
    rows = DevelopmentPlan.objects.filter(reservist__user=user).order_by("year", "version")
    fields = ("year", "version", "state", "deficits", "goals", "remarks", "agreed_on", "copied_on")
    return Part(
        [
            described(row, *fields)
            | {
                "Пункты": [_item(item) for item in row.items.prefetch_related("files")],
                "Оценки реализации": [
                    described(item, "satisfactory", "words", "made_on", "basis") for item in row.reviews.all()
                ],
                "Комментарии": [
                    described(item, "about", "author", "text", "made_at") for item in row.comments.all()
                ],
            }
            for row in rows
        ],
        [PersonalFile(file.original_name, file.file if file.may_be_opened else None) for file in laid],
    )


def _item(item: PlanItem) -> dict[str, Any]:
    files = [described(file, "title", "original_name", "uploaded_at", "scan") for file in item.files.all()]
    return described(item, *PLAN_ITEM) | {"Подтверждения": files}


@personal_data_source("plan_reports", "Отчёты о планах развития")
def plan_reports(user: Any) -> Part:
    """Quarterly reports with their rows."""
    rows = PlanReport.objects.filter(reservist__user=user).order_by("year", "quarter")
    fields = (
        "year",
        "quarter",
        "state",
        "achievements",
        "proposals",
        "remarks",
        "submitted_on",
        "accepted_on",
    )
    lines = ("item", "done", "done_on", "hours", "evidence", "reason", "new_term", "progress")
    return Part(
        [
            described(row, *fields)
            | {"Строки": [described(line, *lines) for line in row.rows.select_related("item")]}
            for row in rows
        ]
    )


@personal_data_source("mentor_reports", "Отчёты наставника")
def mentor_reports(user: Any) -> Part:
    """What the person reported as a mentor."""
    rows = MentorReport.objects.filter(mentor__user=user).order_by("year", "quarter")
    fields = (
        "year",
        "quarter",
        "state",
        "work",
        "difficulties",
        "proposals",
        "remarks",
        "submitted_on",
        "accepted_on",
    )
    return Part([described(row, *fields) for row in rows])
