"""The package: slots, files, previews, and what others may read of it."""

from datetime import time

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from reserve_portal.audit.models import AuditEvent
from reserve_portal.audit.services import record_read
from reserve_portal.core import clock
from reserve_portal.core.downloads import private_file
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused

from .. import perms, showing
from ..enums import Verdict
from ..models import Application, PackageFile
from ..services import applications as services
from ..services.snapshots import readable_answers
from ..uploads import EXTENSIONS, PREVIEW_CONTENT_TYPE, PreviewUnavailable, preview_page
from .applications import own_application, tell_blockers
from .slots import documents_page

PREVIEWS_AT_ONCE = 10
READS_AT_ONCE = 50
MIDNIGHT = time.min


def documents(request: HttpRequest, pk: int) -> HttpResponse:
    """The slots: all of a draft, in a correction round only what is to be mended."""
    return documents_page(request, own_application(request, pk), {})


@require_POST
def send_corrections(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what was mended back to the operator."""
    application = own_application(request, pk)
    try:
        services.send_corrections(application, actor=request.user)
    except (GateShut, TransitionRefused) as error:
        tell_blockers(request, error)
        return redirect("candidates:documents", pk=pk)
    messages.success(request, "Исправленное отправлено оператору.")
    return redirect("candidates:application", pk=pk)


def package(request: HttpRequest, pk: int) -> HttpResponse:
    """The submitted package to read: for the person, the operator, and who has to decide about it now."""
    application = get_object_or_404(Application.objects.select_related("campaign__edition", "user"), pk=pk)
    if not perms.can_read_package(request.user, application):
        raise Http404
    record_read(application, actor=request.user, person=application.user, what="candidates.read_package")
    slots = services.slots_of(application)
    context = {
        "application": application,
        "data": None,
        "registration": getattr(application, "registration", None),
        "slots": [(item, showing.VERDICT_TONES.get(Verdict(item.verdict), "neutral")) for item in slots],
        "judged": services.judge_application(application),
        "is_own": perms.is_own(request.user, application),
    }
    if application.snapshot:
        context |= readable_answers(application.snapshot)
    return render(request, "candidates/package.html", context)


def reads(request: HttpRequest) -> HttpResponse:
    """Who has opened the person's papers, newest first (152-FZ; process.md 12)."""
    rows = AuditEvent.objects.filter(person=request.user.pk, is_read=True).order_by("-pk")
    page_of_rows = Paginator(rows, READS_AT_ONCE).get_page(request.GET.get("page"))
    shown = [(row.at, row.actor_label, row.get_action_display(), row.object_label) for row in page_of_rows]
    return render(request, "candidates/reads.html", {"page": page_of_rows, "rows": shown})


def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """A file as pictures made by the server, some pages at a time."""
    file = _readable_file(request, pk)
    _note_read(request, file)
    first = max(1, min(_number(request.GET.get("page"), 1), max(1, file.pages)))
    last = min(file.pages, first + PREVIEWS_AT_ONCE - 1)
    context = {
        "file": file,
        "application": file.item.application,
        "pages": range(first, last + 1),
        "earlier": max(1, first - PREVIEWS_AT_ONCE) if first > 1 else None,
        "later": last + 1 if last < file.pages else None,
        "is_own": perms.is_own(request.user, file.item.application),
    }
    return render(request, "candidates/preview.html", context)


def page(request: HttpRequest, pk: int, page: int) -> HttpResponse:
    """One page of a file as a picture."""
    file = _readable_file(request, pk)
    _note_read(request, file)
    with file.file.open("rb") as stream:
        content = stream.read()
    try:
        picture = preview_page(file.kind, content, page)
    except PreviewUnavailable:
        raise Http404 from None
    return HttpResponse(picture, content_type=PREVIEW_CONTENT_TYPE)


def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The original as an attachment under a name of our own."""
    file = _readable_file(request, pk)
    record_read(file, actor=request.user, person=file.item.application.user, what="candidates.download_file")
    name = f"{file.item.document_type.code}-{file.pk}.{EXTENSIONS.get(file.kind, 'bin')}"
    return private_file(file.file, name, file.content_type)


def _readable_file(request: HttpRequest, pk: int) -> PackageFile:
    """A file the user may read; any other does not exist. Replaced ones are for the person and the operator, one that
    the virus scanner has not let out is for nobody.
    """
    rows = PackageFile.objects.select_related("item__application__user", "item__document_type")
    file = get_object_or_404(rows, pk=pk)
    application = file.item.application
    if not perms.can_read_package(request.user, application):
        raise Http404
    if not file.may_be_opened:
        raise Http404
    if file.removed_at and not perms.can_read_history(request.user, application):
        raise Http404
    return file


def _note_read(request: HttpRequest, file: PackageFile) -> None:
    """Record the read of another person's paper once a day, not once a page."""
    person = file.item.application.user
    known = AuditEvent.objects.filter(
        action="candidates.read_file",
        actor=request.user.pk,
        content_type=ContentType.objects.get_for_model(file),
        object_id=file.pk,
        at__gte=clock.at(clock.today(), MIDNIGHT),
    )
    if person != request.user and not known.exists():
        record_read(file, actor=request.user, person=person, what="candidates.read_file")


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() and len(text) < 6 else default
