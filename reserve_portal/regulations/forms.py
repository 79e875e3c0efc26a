import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reserve_portal.core.forms import PortalForm

from .deadlines import event_labels
from .models import ChainLink, DocumentType, Edition, Parameter, TimeLimit
from .parameters import NOMINATION_KINDS, SPECS
from .value_fields import field_for


class JsonField(forms.JSONField):
    """A rule as an administrator writes it, one condition a line."""

    def prepare_value(self, value: Any) -> Any:
        """Indented; what was typed wrongly stays as it was typed."""
        shown = super().prepare_value(value)
        return json.dumps(value, ensure_ascii=False, indent=1) if isinstance(value, dict) else shown

    default_error_messages = {
        "invalid": "Не читается как JSON: число пишут без кавычек, текст — в двойных кавычках, "
        "да и нет — true и false, пустое — null, список — в [ ], объект — в { }.",
    }


class ParameterForm(forms.ModelForm):
    """A parameter whose value is chosen or typed by its kind: yes or no, a number, one or several of a list."""

    class Meta:
        model = Parameter
        fields = ["value", "clause"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        spec = SPECS.get(self.instance.key)
        if spec is not None and "value" in self.fields:
            self.fields["value"] = field_for(spec)


class DocumentTypeForm(forms.ModelForm):
    """A document which may be needed only from those nominated in some of the known ways."""

    only_for_nomination = forms.MultipleChoiceField(
        label="Только при выдвижении",
        choices=list(NOMINATION_KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = DocumentType
        fields = ["code", "name", "hint", "required", "only_for_nomination", "clause", "order"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        stored = self.instance.only_for_nomination
        self.initial["only_for_nomination"] = [part.strip() for part in stored.split(",") if part.strip()]

    def clean_only_for_nomination(self) -> str:
        return ",".join(self.cleaned_data["only_for_nomination"])


class ChainLinkForm(forms.ModelForm):
    """A link whose body is chosen among those that have rules in the edition."""

    class Meta:
        model = ChainLink
        fields = ["decision", "order", "body", "form", "clause"]

    def __init__(self, *args: Any, edition: Edition | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "body" not in self.fields:
            return
        bodies = list(edition.body_rules.values_list("code", "name")) if edition is not None else []
        if self.instance.body and self.instance.body not in dict(bodies):
            bodies.append((self.instance.body, f"{self.instance.body} — правил такого органа нет"))
        self.fields["body"] = forms.ChoiceField(label="Орган", choices=[("", "—"), *bodies])


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
