from typing import Any

from django import forms

from reserve_portal.core.forms import PortalForm

from .kinds import LetterKind, unknown_placeholders
from .models import Letter

CASES = 20


class LetterTextForm(PortalForm):
    """The text of a kind of letter, and a letter that was sent on which it is tried."""

    subject = forms.CharField(label="Тема", max_length=250)
    body = forms.CharField(label="Текст", max_length=20_000, widget=forms.Textarea({"rows": 16}))
    case = forms.ChoiceField(
        label="Показать на примере письма",
        required=False,
        help_text="Письма этого вида, отправленные последними.",
    )

    def __init__(self, *args: Any, kind: LetterKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        letters = Letter.objects.filter(kind=kind.code, in_cabinet=True).select_related("to").order_by("-pk")
        self.cases = {str(row.pk): row for row in letters[:CASES] if row.values}
        choices = self.fields["case"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [
            (pk, f"{row.to or row.address}: {row.subject_line}") for pk, row in self.cases.items()
        ]
        if not self.cases:
            choices.choices = [("", "писем ещё не было: вместо сведений — их названия")]

    def clean_subject(self) -> str:
        return self._known("subject")

    def clean_body(self) -> str:
        return self._known("body")

    def preview(self) -> dict[str, str]:
        """What fills the placeholders: of the chosen letter, else the meaning of each in angle quotes."""
        meanings = {name: f"«{meaning}»" for name, meaning in self.kind.all_placeholders.items()}
        letter = self.cases.get(self.cleaned_data["case"]) or next(iter(self.cases.values()), None)
        return meanings | (letter.values if letter else {})

    def _known(self, field: str) -> str:
        text: str = self.cleaned_data[field]
        unknown = unknown_placeholders(self.kind, text)
        if unknown:
            known = ", ".join(f"{{{{ {name} }}}}" for name in self.kind.all_placeholders)
            raise forms.ValidationError(f"Неизвестные подстановки: {', '.join(unknown)}. Можно: {known}.")
        return text
