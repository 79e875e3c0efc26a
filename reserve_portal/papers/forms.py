from django import forms
from django.core.exceptions import ValidationError

from reserve_portal.core.forms import PortalForm


class CheckForm(PortalForm):
    """What a stranger may ask: was this paper issued here, and is it unaltered."""

    submit_label = "Проверить"
    form_method = "get"
    mark_optional = False

    code = forms.CharField(
        label="Код проверки", max_length=16, required=False, help_text="Стоит рядом с QR-кодом."
    )
    number = forms.CharField(label="Номер документа", max_length=60, required=False)
    sha256 = forms.CharField(
        label="SHA-256 файла",
        max_length=64,
        min_length=64,
        required=False,
        help_text="64 знака, если известны.",
    )

    def clean(self) -> dict[str, str]:
        data = super().clean() or {}
        if not data.get("code") and not (data.get("number") and data.get("sha256")):
            raise ValidationError("Укажите код проверки либо номер документа вместе с SHA-256 файла.")
        return data
