from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from reserve_portal.core.downloads import generated_file
from reserve_portal.core.timeline import timeline_of
from reserve_portal.papers.models import IssuedPaper

from .. import meetings as services
from .. import perms
from ..dates import calendar_of
from ..enums import ItemState
from ..forms import AttendanceForm, ClosingForm, ReasonForm
from ..models import AgendaItem, Meeting, MeetingMember
from ..motions import motion_of
from ..signing import is_signed
from .common import confirm, done, require

PER_PAGE = 20


def meeting_list(request: HttpRequest) -> HttpResponse:
    """The meetings to which I was called (all of them for operators and auditors), newest first."""
    require(perms.can_list_meetings(request.user))
    rows = Meeting.objects.visible_to(request.user).select_related("body").with_questions()
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "commissions/meetings.html", {"page": page})


def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting: state, quorum, people, agenda, what can be done now."""
    row = _find(request, pk)
    user: Any = request.user
    quorum = services.quorum_of(row)
    items = list(row.items.standing().annotate(people=Count("list__lines")))
    context = {
        "meeting": row,
        "items": items,
        "removed": row.items.filter(state=ItemState.REMOVED),
        "me": perms.member_of(user, row),
        "waiting": set(
            AgendaItem.objects.waiting_for_voice(user).filter(meeting=row).values_list("pk", flat=True)
        ),
        "quorum": dict(zip(("total", "present", "reached"), quorum, strict=True)),
        "attendance": _attendance_form(user, row),
        "can_close": perms.can_close_meeting(user, row),
        "can_cancel": perms.can_cancel_meeting(user, row),
        "can_extend": perms.can_extend_poll(user, row),
        "can_prepare": perms.can_prepare_agenda(user, row),
        **_papers(row),
        "can_sign": perms.can_sign_protocol(user, row),
        "timeline": timeline_of([row, *items]),
    }
    return render(request, "commissions/meeting.html", context)


def _papers(row: Meeting) -> dict[str, Any]:
    """The protocol, full and short, with its signatures; nothing before the closing."""
    papers = {paper.kind: paper for paper in IssuedPaper.objects.about(row).prefetch_related("signatures")}
    protocol = papers.get("protocol")
    signatures = list(protocol.signatures.all()) if protocol else []
    return {
        "protocol": protocol,
        "short": papers.get("protocol_short"),
        "signatures": signatures,
        "signed": is_signed(row, signatures),
    }


@require_POST
def open_(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the meeting with those ticked."""
    row = _find(request, pk)
    require(perms.can_open_meeting(request.user, row))
    return _store_attendance(request, row, services.open_meeting, "Заседание открыто.")


@require_POST
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """Change who is present."""
    row = _find(request, pk)
    require(perms.can_mark_attendance(request.user, row))
    return _store_attendance(request, row, services.mark_attendance, "Явка отмечена.")


def close(request: HttpRequest, pk: int) -> HttpResponse:
    """What keeps the meeting from being closed, reasons for departures, and the closing itself."""
    row = _find(request, pk)
    require(perms.can_close_meeting(request.user, row))
    departures = _departures(row)
    form = ClosingForm(request.POST or None, departures=departures)
    form.cancel_url = reverse("commissions:meeting", args=[pk])
    if request.method == "POST" and form.is_valid():
        given = {"departures": form.reasons(), "actor": request.user}
        if done(request, services.close_meeting, row, said="Заседание закрыто, протокол выдан.", **given):
            return redirect("commissions:meeting", pk)
    blockers = [item for item in services.closing_blockers(_find(request, pk)) if not item.field]
    lists = [item.list for item in row.items.standing().select_related("list")]
    context = {
        "meeting": row,
        "form": form,
        "blockers": blockers,
        "departures": departures,
        "notes": [note for decided in lists for note in motion_of(decided).notes(decided)],
    }
    return render(request, "commissions/close.html", context)


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a meeting, with a reason."""
    row = _find(request, pk)
    require(perms.can_cancel_meeting(request.user, row))
    form = ReasonForm(request.POST or None)
    back = reverse("commissions:meeting", args=[pk])
    if request.method == "POST" and form.is_valid():
        given = {"actor": request.user, "reason": form.cleaned_data["reason"]}
        done(
            request,
            services.cancel_meeting,
            row,
            said="Заседание отменено, члены комиссии извещены.",
            **given,
        )
        return redirect(back)
    effects = [
        f"Заседание не состоится: {row}.",
        "Все приглашённые получат письмо с причиной.",
        "Списки из повестки будут ждать другого заседания.",
    ]
    title = "Отменить заседание"
    return confirm(request, title, effects, form, back, label=title, danger=True)


def calendar(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The meeting for a calendar program (iCalendar)."""
    row = _find(request, pk)
    return generated_file(calendar_of(row), f"zasedanie-{pk}.ics", "text/calendar; charset=utf-8")


def _find(request: HttpRequest, pk: int) -> Meeting:
    members = Prefetch("members", MeetingMember.objects.select_related("user", "stands_in_for"))
    rows = Meeting.objects.visible_to(request.user).select_related(
        "body", "edition", "presiding", "secretary"
    )
    return get_object_or_404(rows.prefetch_related(members), pk=pk)


def _store_attendance(request: HttpRequest, row: Meeting, service: Any, said: str) -> HttpResponse:
    form = AttendanceForm(request.POST, meeting=row)
    if form.is_valid():
        present = form.cleaned_data.get("present", [])
        done(request, service, row, present=present, actor=request.user, said=said)
    for error in form.errors.get("present", []):
        messages.error(request, str(error))
    return redirect("commissions:meeting", row.pk)


def _attendance_form(user: Any, row: Meeting) -> AttendanceForm | None:
    """The form that opens the meeting or changes who is present; None for whom it is closed."""
    if perms.can_open_meeting(user, row):
        form = AttendanceForm(meeting=row)
        form.helper.form_action = reverse("commissions:open", args=[row.pk])
        form.submit_label = "Начать заочный опрос" if row.is_absentee else "Открыть заседание"
        return form
    if perms.can_mark_attendance(user, row):
        form = AttendanceForm(meeting=row)
        form.helper.form_action = reverse("commissions:attendance", args=[row.pk])
        form.submit_label = "Отметить явку"
        return form
    return None


def _departures(row: Meeting) -> list[Any]:
    items = (
        row.items.filter(state=ItemState.VOTED)
        .select_related("meeting", "list")
        .prefetch_related("meeting__members", "recusals", "votes", "voters")
    )
    return [line for item in items for line in services.departures_of(item)]
