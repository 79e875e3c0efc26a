"""How the slots of a package are shown: the page of all, and one alone after something happened in it."""

from collections import defaultdict
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from reserve_portal.core.gates import Blocker
from reserve_portal.regulations.enums import ConsentKind

from .. import showing
from ..enums import ApplicationState, ScanState, Verdict
from ..models import Application, PackageFile, PackageItem, PartialUpload
from ..services import applications as services
from ..services.consents import texts_of
from ..services.partial_uploads import unfinished_of
from ..uploads import ACCEPT_ATTRIBUTE, ACCEPTED_KINDS

APPLICATION_SLOT, CONSENT_SLOT = "application", "consent"  # codes of document types, docs/regulations.md
_INFECTED = Prefetch("files", PackageFile.objects.filter(scan=ScanState.INFECTED), to_attr="infected_files")


def documents_page(
    request: HttpRequest, application: Application, errors: dict[int, list[str]]
) -> HttpResponse:
    """All slots of a draft, in a correction round only what is to be mended; `errors` are sentences by slot."""
    in_correction = application.state == ApplicationState.CORRECTION
    if application.state != ApplicationState.DRAFT and not in_correction:
        return redirect("candidates:package", pk=application.pk)
    unfinished = _unfinished(application, request.user)
    slots = [
        _slot(item, application, errors.get(item.pk, []), unfinished[item.pk])
        for item in services.slots_of(application).prefetch_related(_INFECTED)
        if services.may_change_item(item, application)
    ]
    context: dict[str, Any] = {
        "application": application,
        "in_correction": in_correction,
        "slots": slots,
        "blockers": _left_to_mend(application),
        "deadlines": showing.own_deadlines_of(application) if in_correction else [],
        **showing.draft_term(application),
        **_upload_words(application),
    }
    return render(request, "candidates/documents.html", context)


def slot_alone(request: HttpRequest, application: Application, item_pk: int) -> str:
    """The HTML of one slot as it is now, and in a correction round what is still to be mended."""
    fresh = services.slots_of(application).prefetch_related(_INFECTED).get(pk=item_pk)
    context = {
        "application": application,
        "slot": _slot(fresh, application, [], _unfinished(application, request.user)[item_pk]),
        "in_correction": application.state == ApplicationState.CORRECTION,
        "blockers": _left_to_mend(application),
        **_upload_words(application),
    }
    return render_to_string("candidates/includes/slot_answer.html", context, request)


def _left_to_mend(application: Application) -> list[Blocker]:
    in_correction = application.state == ApplicationState.CORRECTION
    return services.correction_blockers(application) if in_correction else []


def _unfinished(application: Application, user: Any) -> dict[int, list[PartialUpload]]:
    rows: dict[int, list[PartialUpload]] = defaultdict(list)
    for upload in unfinished_of(application, user):
        rows[upload.item_id].append(upload)
    return rows


def _slot(
    item: PackageItem, application: Application, errors: list[str], unfinished: list[PartialUpload]
) -> dict[str, Any]:
    """What one slot shows."""
    return {
        "item": item,
        "files": item.present_files,  # type: ignore[attr-defined]
        "required": item.document_type.is_required_for(application.nominations),
        "errors": errors,
        "unfinished": unfinished,
        "infected": _infected(item),
        **_to_sign(item, application),
        "to_mend": item.verdict == Verdict.CORRECT,
        "mended": application.state == ApplicationState.CORRECTION and item.verdict == Verdict.PENDING,
    }


def _to_sign(item: PackageItem, application: Application) -> dict[str, Any]:
    """The paper that is printed, signed and put into the slots of the application and of the consent."""
    code = item.document_type.code
    if code == APPLICATION_SLOT:
        return {"paper_url": reverse("candidates:form", args=[application.pk]), "paper": "заявление"}
    if code == CONSENT_SLOT:
        for text in texts_of(application.campaign.edition):
            if text.kind == ConsentKind.PROCESSING:
                url = reverse("candidates:blank_consent", args=[text.pk])
                return {"paper_url": url, "paper": "бланк согласия", "beside_the_online": True}
    return {"paper_url": ""}


def _infected(item: PackageItem) -> list[PackageFile]:
    """Files taken out by the virus scanner, until something else was put into the slot after them."""
    newest = max((file.uploaded_at for file in item.present_files), default=None)  # type: ignore[attr-defined]
    return [
        file
        for file in item.infected_files  # type: ignore[attr-defined]
        if newest is None or newest <= (file.scanned_at or newest)
    ]


def _upload_words(application: Application) -> dict[str, Any]:
    edition = application.campaign.edition
    return {
        "accept": ACCEPT_ATTRIBUTE,
        "kinds": ACCEPTED_KINDS,
        "max_file_mb": edition.value("max_file_mb"),
        "max_package_mb": edition.value("max_package_mb"),
    }
