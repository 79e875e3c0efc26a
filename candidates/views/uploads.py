"""Files into a slot, out of it, up and down in it: by a form, or in pieces that survive a lost connection."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from reserve_portal.core.gates import GateShut

from ..models import Application, PackageFile, PackageItem, PartialUpload
from ..services import applications as services
from ..services import partial_uploads
from ..services.packages import move_file, read_upload
from ..uploads import RejectedUpload
from .applications import own_application, tell_blockers
from .slots import documents_page, slot_alone

UNPROCESSABLE, CONFLICT = 422, 409
MAX_DIGITS = 10


@require_POST
def upload(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Store the chosen files in one slot; a refused one is named beside it and nothing else is lost."""
    application, slot = _own_slot(request, pk, item)
    errors = _store_files(request, slot)
    if errors:
        return documents_page(request, application, {slot.pk: errors})
    return redirect(_place(application, slot.pk))


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file out of its slot."""
    file = _own_file(request, pk)
    try:
        services.remove_file(file, actor=request.user)
    except GateShut as error:
        tell_blockers(request, error)
    else:
        messages.success(request, f"Файл «{file.original_name}» удалён.")
    return redirect(_place(file.item.application, file.item_id))


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a file one place up or down in its slot."""
    file = _own_file(request, pk)
    application = file.item.application
    try:
        move_file(file, up=request.POST.get("to") == "up", actor=request.user)
    except GateShut as error:
        tell_blockers(request, error)
    if request.headers.get("HX-Request"):
        return HttpResponse(slot_alone(request, application, file.item_id))
    return redirect(_place(application, file.item_id))


@require_POST
def start_upload(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Begin to send a file in pieces, or learn from which byte to go on with it."""
    _application, slot = _own_slot(request, pk, item)
    size = request.POST.get("size", "")
    if not size.isascii() or not size.isdigit() or len(size) > MAX_DIGITS:
        return JsonResponse({"state": "refused", "error": "Размер файла неизвестен."}, status=UNPROCESSABLE)
    try:
        begun = partial_uploads.start_upload(
            slot,
            name=request.POST.get("name", ""),
            size=int(size),
            modified=request.POST.get("modified", ""),
            keep=bool(request.POST.get("keep")),
            actor=request.user,
        )
    except RejectedUpload as refusal:
        return JsonResponse({"state": "refused", "error": refusal.message}, status=UNPROCESSABLE)
    except GateShut as shut:
        error = " ".join(blocker.text for blocker in shut.blockers)
        return JsonResponse({"state": "refused", "error": error}, status=UNPROCESSABLE)
    address = {"url": reverse("candidates:partial_upload", args=[begun.pk]), "piece": partial_uploads.PIECE}
    return JsonResponse(_standing(request, begun) | address)


@require_http_methods(["GET", "PATCH"])
def partial_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an upload is (GET); its next piece (PATCH, with the byte it begins at in `Upload-Offset`).

    The last piece is answered when the file has been checked and stored, or refused with a sentence.
    """
    row = _own_upload(request, pk)
    if request.method == "PATCH":
        offset = request.headers.get("Upload-Offset", "")
        if not offset.isascii() or not offset.isdigit() or len(offset) > MAX_DIGITS:
            return HttpResponse(status=CONFLICT)
        try:
            row = partial_uploads.receive_piece(row, offset=int(offset), data=request.body)
        except partial_uploads.WrongOffset as wrong:
            return JsonResponse(_standing(request, wrong.upload), status=CONFLICT)
    if row.is_whole:
        row = partial_uploads.finish_upload(row)
    return JsonResponse(_standing(request, row))


@require_POST
def discard_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget an unfinished upload."""
    row = _own_upload(request, pk)
    application, item = row.item.application, row.item_id
    partial_uploads.discard_upload(row)
    return redirect(_place(application, item))


def _standing(request: HttpRequest, row: PartialUpload) -> dict[str, Any]:
    """Where an upload stands, for the script that sends it."""
    if row.finished_at is None:
        return {"state": "checking" if row.is_whole else "receiving", "offset": row.received}
    if row.error:
        return {"state": "refused", "error": row.error}
    application = own_application(request, row.item.application_id)
    return {"state": "stored", "slot": slot_alone(request, application, row.item_id)}


def _own_slot(request: HttpRequest, pk: int, item: int) -> tuple[Application, PackageItem]:
    """A slot of the own application whose files may be changed now (else 403)."""
    application = own_application(request, pk)
    slot = get_object_or_404(application.items.select_related("document_type"), pk=item)
    slot.application = application
    if not services.may_change_item(slot, application):
        raise PermissionDenied
    return application, slot


def _own_file(request: HttpRequest, pk: int) -> PackageFile:
    rows = PackageFile.objects.select_related("item__application__campaign__edition", "item__document_type")
    return get_object_or_404(rows, pk=pk, item__application__user=request.user, removed_at=None)


def _own_upload(request: HttpRequest, pk: int) -> PartialUpload:
    rows = PartialUpload.objects.select_related("item__application__campaign__edition")
    return get_object_or_404(rows, pk=pk, user=request.user)


def _store_files(request: HttpRequest, slot: PackageItem) -> list[str]:
    """Store each file on its own; returns the sentences about those refused."""
    uploads = request.FILES.getlist("files")
    if not uploads:
        return ["Выберите файл."]
    errors, keep = [], bool(request.POST.get("keep"))
    for chosen in uploads:
        try:
            data = read_upload(chosen, slot.application.campaign.edition)
            services.add_file(slot, name=chosen.name or "", data=data, actor=request.user, keep=keep)
        except RejectedUpload as refusal:
            errors.append(refusal.message)
        except GateShut as shut:
            errors += [blocker.text for blocker in shut.blockers]
    return errors


def _place(application: Application, item: int) -> str:
    return f"{reverse('candidates:documents', args=[application.pk])}#slot-{item}"
