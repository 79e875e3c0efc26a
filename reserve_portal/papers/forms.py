from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reserve_portal.core.forms import PortalForm

from .hashing import MAX_BYTES, HashedFile
from .models import TrustedRoot
from .signing import root_blockers

NOTHING_TO_GO_BY = "Укажите код проверки либо номер документа вместе с файлом или его SHA-256."
TOO_LARGE = f"Файл больше {MAX_BYTES // 1024 // 1024} МБ: таких документов портал не выдаёт."
MAX_CERTIFICATE_BYTES = 64 * 1024


class CheckForm(PortalForm):
    """What a stranger may ask: was this paper issued here, and is it unaltered."""

    submit_label = "Проверить"
    form_id = "check-form"
    form_action = "."
    mark_optional = False

    code = forms.CharField(
        label="Код проверки", max_length=16, required=False, help_text="Стоит рядом с QR-кодом."
    )
    number = forms.CharField(label="Номер документа", max_length=60, required=False)
    file = forms.FileField(
        label="Файл для сравнения",
        required=False,
        help_text="Браузер сам сосчитает отпечаток, файл останется у вас. Если браузер этого не умеет, "
        "отпечаток сосчитает сервер; файл нигде не сохраняется.",
    )
    sha256 = forms.CharField(
        label="SHA-256 файла",
        max_length=64,
        min_length=64,
        required=False,
        help_text="64 знака, если известны: вместо файла.",
    )

    def clean_file(self) -> HashedFile | None:
        file: Any = self.cleaned_data["file"]
        if file and file.is_too_large:
            raise ValidationError(TOO_LARGE)
        return file or None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("file"):
            data["sha256"] = data["file"].sha256
        if not self.errors and not data.get("code") and not (data.get("number") and data.get("sha256")):
            raise ValidationError(NOTHING_TO_GO_BY)
        return data


class TrustedRootForm(forms.ModelForm):
    """A root certificate is loaded as its file; `cleaned_data["file"]` holds its bytes."""

    file = forms.FileField(label="Файл сертификата", help_text="DER или PEM (.cer, .crt, .pem).")

    class Meta:
        model = TrustedRoot
        fields: tuple[str, ...] = ()

    def clean_file(self) -> bytes:
        """A certificate that may sign others and is not known yet; raises ValidationError otherwise."""
        file: Any = self.cleaned_data["file"]
        if file.size > MAX_CERTIFICATE_BYTES:
            raise ValidationError("Файл больше 64 КБ: это не сертификат.")
        data = bytes(file.read())
        found = root_blockers(data)
        if found:
            raise ValidationError([blocker.text for blocker in found])
        return data
