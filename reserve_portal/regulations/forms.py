from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reserve_portal.core.forms import PortalForm

from .deadlines import event_labels
from .models import Edition, TimeLimit


class JsonField(forms.JSONField):
    """A value of a rule as an administrator writes it."""

    default_error_messages = {
        "invalid": "Не читается как JSON: число пишут без кавычек, текст — в двойных кавычках, "
        "да и нет — true и false, пустое — null, список — в [ ], объект — в { }.",
    }


class TimeLimitForm(forms.ModelForm):
    """A limit whose events are chosen among those the stages know."""

    class Meta:
        model = TimeLimit
        fields = [
            "code",
            "title",
            "starts",
            "closes",
            "amount",
            "unit",
            "direction",
            "month",
            "day",
            "responsible",
            "clause",
            "order",
        ]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = sorted(event_labels().items(), key=lambda pair: pair[1])
        for name in ("starts", "closes"):
            if name in self.fields:
                label = self.fields[name].label
                self.fields[name] = forms.ChoiceField(label=label, choices=[("", "—"), *choices])


class CopyForm(PortalForm):
    """What a copy is called."""

    code = forms.SlugField(
        label="Код", max_length=60, help_text="Латинские буквы, цифры и дефис, например tomsk-2027."
    )
    name = forms.CharField(label="Название", max_length=250)

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if Edition.objects.filter(code=code).exists():
            raise ValidationError("Редакция с таким кодом уже есть.")
        return code
