"""A letter to a filtered list: text with placeholders, tried on a real case, sent once to each."""

from secrets import token_hex
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from reserve_portal.core.forms import PortalForm
from reserve_portal.core.gates import GateShut
from reserve_portal.core.search import capped_count
from reserve_portal.notifications.kinds import letter_kinds
from reserve_portal.notifications.services import present_text

from ..models import Application
from ..services.mailing import KIND, filled_for, receives, send_mailing
from .bulk import chosen_rows, print_of, render_bulk, split
from .deeds import tell_gate

RECEIVERS_AT_MOST = 5000
CASES_OFFERED = 50


class MailingForm(PortalForm):
    subject = forms.CharField(label="Тема", max_length=250)
    body = forms.CharField(label="Текст", max_length=20_000, widget=forms.Textarea({"rows": 12}))
    case = forms.ChoiceField(label="Показать, как прочтёт", required=False)

    def __init__(self, *args: Any, going: list[Application], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["case"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [(str(row.pk), row.user.full_name) for row in going[:CASES_OFFERED]]


def letter_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Write, try on somebody of the list, send. Two clicks send one letter to each."""
    rows = chosen_rows(model_admin, request)
    back = f"{reverse('admin:candidates_application_changelist')}?{request.GET.get('list', '')}"
    if capped_count(rows, RECEIVERS_AT_MOST) > RECEIVERS_AT_MOST:
        messages.error(request, f"В списке больше {RECEIVERS_AT_MOST} заявлений: сузьте отбор.")
        return redirect(back)
    going, left = split(list(rows), request.user, receives(), RECEIVERS_AT_MOST)
    subject, body = present_text(KIND)
    is_posted = request.method == "POST"
    form = MailingForm(
        request.POST if is_posted else None, going=going, initial={"subject": subject, "body": body}
    )
    preview = None
    if is_posted and form.is_valid():
        try:
            if "send" in request.POST:
                if request.POST.get("shown") == print_of(going):
                    return _send(request, going, form.cleaned_data)
                form.add_error(None, "Пока вы писали, список изменился. Проверьте, кто получит письмо.")
            preview = _preview(going, form.cleaned_data)
        except GateShut as shut:
            tell_gate(form, shut)
    token = request.POST.get("token") or token_hex(16)
    context = {
        "title": "Письмо по списку",
        "form": form,
        "back": back,
        "preview": preview,
        "token": token[:32],
        "placeholders": letter_kinds.get(KIND).all_placeholders.items(),
    }
    return render_bulk(model_admin, request, going, left, context, "admin/candidates/letter.html")


def _send(request: HttpRequest, going: list[Application], data: dict[str, Any]) -> HttpResponse:
    token = request.POST.get("token") or token_hex(16)
    mailing, _ = send_mailing(
        going, subject=data["subject"], body=data["body"], token=token[:32], actor=request.user
    )
    messages.success(
        request, f"Рассылка принята: получателей — {mailing.total}. Здесь видно, кому доставлено."
    )
    return redirect("admin:notifications_mailing_change", mailing.pk)


def _preview(going: list[Application], data: dict[str, Any]) -> dict[str, str] | None:
    case = next((row for row in going if str(row.pk) == data["case"]), going[0] if going else None)
    if case is None:
        return None
    subject, body = filled_for(case, data["subject"], data["body"])
    return {"who": case.user.full_name, "address": case.user.email, "subject": subject, "body": body}
