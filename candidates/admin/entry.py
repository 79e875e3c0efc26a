"""The workplace's pages on which an application from paper is entered (O3.2)."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from reserve_portal.audit.services import record_read
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.regulations.models import ConsentText

from ..entry_forms import (
    BeginEntryForm,
    FinishEntryForm,
    PaperConsentForm,
    ReceiptForm,
    WholeQuestionnaire,
)
from ..models import Application, PackageFile, Profile
from ..perms import can_enter_application, can_enter_applications
from ..services import entry
from ..services.consents import consents_of, record_paper_consent
from ..services.entry_questionnaire import save_questionnaire
from ..services.packages import add_file, read_upload, remove_file, slots_of
from ..services.profiles import StaleProfile, get_profile
from ..services.receipts import receipt_of
from ..uploads import ACCEPT_ATTRIBUTE, RejectedUpload
from .deeds import demand, posted, tell_gate

STALE = "Человек изменил анкету, пока вы её заполняли. Ниже — то, что ввели вы; проверьте и сохраните снова. У него:"


def entry_urls(wrap: Callable[..., Any]) -> list[Any]:
    """The pages' addresses, below those of applications."""
    pages: tuple[tuple[str, Any, str], ...] = (
        ("enter/", begin, "enter"),
        ("enter/<int:pk>/", work, "entry"),
        ("enter/<int:pk>/receipt-date/", receipt_date, "entry_receipt_date"),
        ("enter/<int:pk>/consents/<int:text>/", consent, "entry_consent"),
        ("enter/<int:pk>/documents/<int:item>/", document, "entry_document"),
        ("enter/<int:pk>/files/<int:file>/remove/", drop_file, "entry_drop_file"),
        ("enter/<int:pk>/finish/", finish, "entry_finish"),
        ("enter/<int:pk>/drop/", drop, "entry_drop"),
        ("enter/<int:pk>/done/", done, "entry_done"),
        ("enter/<int:pk>/receipt/", print_receipt, "entry_receipt"),
    )
    return [path(address, wrap(view), name=f"candidates_application_{name}") for address, view, name in pages]


def begin(request: HttpRequest) -> HttpResponse:
    """Whose application came, how and when; beside it what was begun and not finished."""
    demand(can_enter_applications(request.user))
    form = BeginEntryForm(posted(request))
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in form.fields if not name.startswith("received")}
        try:
            application = entry.begin_entry(actor=request.user, received_at=form.received_at(), **data)
        except GateShut as shut:
            tell_gate(form, shut)
        else:
            return redirect(_address(application))
    user: Any = request.user
    unfinished = Application.objects.being_entered().exclude(user=user)
    context = {"form": form, "unfinished": unfinished.select_related("user", "campaign", "entered_by")[:50]}
    return _render(request, "enter.html", "Внести заявление, поданное не через портал", context)


def work(request: HttpRequest, pk: int) -> HttpResponse:
    """All of the application on one page; the questionnaire is saved by its button, each file the moment it is sent."""
    application = _entered(request, pk)
    if request.method != "POST":
        record_read(application, actor=request.user, person=application.user, what="candidates.read_entry")
        return _page(request, application)
    profile = get_profile(application.user)
    whole = WholeQuestionnaire(request.POST, application, profile)
    if whole.is_valid():
        try:
            save_questionnaire(application, whole, version=_version(request), actor=request.user)
        except GateShut as shut:
            tell_gate(whole.choices, shut)
        except StaleProfile as stale:
            whole.main.add_error(None, f"{STALE} {_changed(stale, whole.main)}")
            return _page(request, application, whole=whole, version=stale.profile.version)
        else:
            messages.success(request, "Анкета сохранена.")
            return redirect(f"{_address(application)}#consents")
    messages.error(request, "Анкета не сохранена: исправьте отмеченное.")
    return _page(request, application, whole=whole)


def receipt_date(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend how and when it came."""
    application = _entered(request, pk)
    form = ReceiptForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            entry.change_receipt(
                application,
                channel=form.cleaned_data["channel"],
                received_at=form.received_at(),
                late_reason=form.cleaned_data["late_reason"],
                actor=request.user,
            )
        except GateShut as shut:
            tell_gate(form, shut)
        else:
            messages.success(request, "Дата поступления сохранена.")
            return redirect(_address(application))
    return _page(request, application, receipt=form) if form.is_bound else redirect(_address(application))


def consent(request: HttpRequest, pk: int, text: int) -> HttpResponse:
    """Store the scan of a consent."""
    application = _entered(request, pk)
    row = get_object_or_404(application.campaign.edition.consent_texts, pk=text)
    form = PaperConsentForm(posted(request), request.FILES or None, prefix=f"consent-{row.pk}")
    if request.method != "POST":
        return redirect(_address(application))
    if form.is_valid() and _consent_stored(request, application, row, form):
        messages.success(request, f"Сохранено: {row.title}.")
        return redirect(f"{_address(application)}#consents")
    return _page(request, application, consents={row.pk: form})


def document(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Store scans in one slot; each on its own, a refused one is named beside the slot."""
    application = _entered(request, pk)
    slot = get_object_or_404(application.items.select_related("document_type"), pk=item)
    slot.application = application
    if request.method != "POST":
        return redirect(_address(application))
    errors = [] if request.FILES.getlist("files") else ["Выберите файл."]
    for chosen in request.FILES.getlist("files"):
        try:
            data = read_upload(chosen, application.campaign.edition)
            add_file(slot, name=chosen.name or "", data=data, actor=request.user)
        except RejectedUpload as rejected:
            errors.append(rejected.message)
        except GateShut as shut:
            errors += [blocker.text for blocker in shut.blockers]
    if errors:
        return _page(request, application, errors={slot.pk: errors})
    messages.success(request, f"Сохранено: {slot.document_type.name}.")
    return redirect(f"{_address(application)}#slot-{slot.pk}")


def drop_file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Take a scan out of its slot, by POST."""
    application = _entered(request, pk)
    row = get_object_or_404(PackageFile, pk=file, item__application=application, removed_at=None)
    if request.method == "POST":
        remove_file(row, actor=request.user)
        messages.success(request, f"Файл «{row.original_name}» удалён.")
    return redirect(f"{_address(application)}#slot-{row.item_id}")


def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the application."""
    application = _entered(request, pk)
    form = FinishEntryForm(posted(request), lacks=bool(entry.entry_lacks(application)))
    if request.method != "POST":
        return redirect(f"{_address(application)}#finish")
    if form.is_valid():
        try:
            entry.finish_entry(
                application, actor=request.user, incomplete=form.cleaned_data.get("incomplete", False)
            )
        except GateShut as shut:
            tell_gate(form, shut)
        else:
            messages.success(request, "Заявление внесено, человеку отправлено письмо.")
            return redirect("admin:candidates_application_entry_done", application.pk)
    return _page(request, application, finish=form)


def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the entry up, by POST."""
    application = _entered(request, pk)
    if request.method != "POST":
        return redirect(_address(application))
    entry.drop_entry(application, actor=request.user)
    messages.success(request, f"Внесение отменено: {application.user.full_name}.")
    return redirect("admin:candidates_application_enter")


def done(request: HttpRequest, pk: int) -> HttpResponse:
    """What was entered: the receipt to print, the next one to enter."""
    application = _taken_in(request, pk)
    return _render(request, "entry_done.html", "Заявление внесено", {"application": application})


def print_receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue the receipt with the inventory, by POST: the same that candidates get."""
    application = _taken_in(request, pk)
    if request.method != "POST":
        return redirect("admin:candidates_application_entry_done", pk)
    return redirect("papers:download", pk=receipt_of(application, actor=request.user).pk)


def _entered(request: HttpRequest, pk: int) -> Application:
    """A draft that an operator enters; candidates' own drafts do not exist here."""
    demand(can_enter_applications(request.user))
    rows = Application.objects.being_entered().select_related("campaign__edition", "user", "entered_by")
    application = get_object_or_404(rows, pk=pk)
    demand(can_enter_application(request.user, application))
    return application


def _taken_in(request: HttpRequest, pk: int) -> Application:
    demand(can_enter_applications(request.user))
    rows = Application.objects.exclude(entered_by=None).exclude(submitted_at=None)
    return get_object_or_404(rows.select_related("campaign__edition", "user"), pk=pk)


def _consent_stored(request: HttpRequest, application: Application, text: ConsentText, form: Any) -> bool:
    upload = form.cleaned_data["scan"]
    try:
        record_paper_consent(
            application.user,
            text=text,
            given_on=form.cleaned_data["given_on"],
            name=upload.name,
            data=read_upload(upload, application.campaign.edition),
            actor=request.user,
        )
    except RejectedUpload as rejected:
        form.add_error("scan", rejected.message)
    except GateShut as shut:
        tell_gate(form, shut)
    else:
        return True
    return False


def _page(
    request: HttpRequest,
    application: Application,
    *,
    whole: WholeQuestionnaire | None = None,
    version: int | None = None,
    receipt: ReceiptForm | None = None,
    consents: dict[int, Any] | None = None,
    errors: dict[int, list[str]] | None = None,
    finish: FinishEntryForm | None = None,
) -> HttpResponse:
    """The page with the bound form of the part that was sent; the other parts as stored."""
    profile = Profile.objects.get(user=application.user_id)
    lacks = entry.entry_lacks(application)
    pairs = consents_of(application.user, application.campaign.edition)
    context = {
        "application": application,
        "version": version or (profile.version if whole is None else _version(request)),
        "whole": whole or WholeQuestionnaire(None, application, profile),
        "receipt_form": receipt,
        "consents": [
            (text, given, None if given else (consents or {}).get(text.pk) or _consent_form(text))
            for text, given in pairs
        ],
        "slots": [
            (
                item,
                item.document_type.is_required_for(application.nominations),
                (errors or {}).get(item.pk, []),
            )
            for item in slots_of(application)
        ],
        "blockers": entry.entry_blockers(application),
        "lacks": lacks,
        "finish_form": finish or FinishEntryForm(lacks=bool(lacks)),
        "accept": ACCEPT_ATTRIBUTE,
    }
    if receipt is None:
        context["receipt_form"] = ReceiptForm(initial=_receipt_of(application))
    return _render(request, "entry.html", f"Внести заявление: {application.user.full_name}", context)


def _changed(stale: StaleProfile, form: Any) -> str:
    """What the person has stored meanwhile, where it differs from what the operator typed."""
    theirs = [
        f"{form.fields[name].label} — «{getattr(stale.profile, name)}»"
        for name, value in stale.wanted.items()
        if getattr(stale.profile, name) != value
    ]
    return f"{'; '.join(theirs)}."


def _consent_form(text: ConsentText) -> PaperConsentForm:
    return PaperConsentForm(prefix=f"consent-{text.pk}")


def _receipt_of(application: Application) -> dict[str, Any]:
    assert application.received_at is not None
    moment = clock.local(application.received_at)
    return {
        "channel": application.channel,
        "received_on": moment.date(),
        "received_time": moment.time().replace(second=0, microsecond=0),
    }


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdigit() else -1


def _address(application: Application) -> str:
    return reverse("admin:candidates_application_entry", args=[application.pk])


def _render(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    page = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/candidates/{template}", page)
