"""A field for each kind of parameter: what an administrator chooses or types, and what is stored."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.renderers import get_default_renderer
from django.utils.safestring import SafeString, mark_safe

from .parameters import WEIGHTS, ParameterSpec

YES_OR_NO = (("true", "да"), ("false", "нет"))


class YesOrNoField(forms.TypedChoiceField):
    """Stored as a boolean."""

    def __init__(self) -> None:
        super().__init__(choices=YES_OR_NO, coerce=lambda text: text == "true")

    def prepare_value(self, value: Any) -> Any:
        return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


class PercentField(forms.DecimalField):
    """Stored as text, so that no decimal is lost; empty, where it may be, as nothing."""

    def __init__(self, *, required: bool) -> None:
        help_text = "" if required else "Пусто — порядок такой границы не знает."
        super().__init__(min_value=0, max_value=100, required=required, localize=True, help_text=help_text)

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        return None if number is None else str(number)


class SeveralField(forms.MultipleChoiceField):
    """Several of the known, as boxes."""

    widget = forms.CheckboxSelectMultiple


class LinesField(forms.CharField):
    """Stored as a list of texts, one a line."""

    widget = forms.Textarea

    def __init__(self) -> None:
        super().__init__(required=False, help_text="По одному в строке.")

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.clean(data) != list(initial or []))


class WeightsWidget(forms.MultiWidget):
    """A number for each criterion, its name before it."""

    def __init__(self) -> None:
        super().__init__(
            {
                name: forms.NumberInput(attrs={"min": 0, "aria-label": label})
                for name, label in WEIGHTS.items()
            }
        )

    def decompress(self, value: Any) -> list[Any]:
        return [(value or {}).get(name) for name in WEIGHTS]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context, draw = self.get_context(name, value, attrs), renderer or get_default_renderer()
        inputs = zip(self.widgets, context["widget"]["subwidgets"], WEIGHTS.values(), strict=True)
        rows = [
            f"<p>{label}<br>{draw.render(str(widget.template_name), {'widget': data})}</p>"
            for widget, data, label in inputs
        ]
        return mark_safe("".join(rows))  # nosec B308, B703: labels of our own and inputs that Django rendered


class WeightsField(forms.MultiValueField):
    """Stored as {criterion: weight}; a criterion left empty does not count at all."""

    widget = WeightsWidget

    def __init__(self) -> None:
        fields = [forms.IntegerField(min_value=0, required=False) for _ in WEIGHTS]
        super().__init__(
            fields, require_all_fields=False, required=False, help_text="Пустой критерий не учитывается."
        )

    def compress(self, data_list: Sequence[Any]) -> dict[str, int]:
        given = dict(zip(WEIGHTS, data_list, strict=False))
        return {name: value for name, value in given.items() if value is not None}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.clean(data) != (initial or {}))


def field_for(spec: ParameterSpec) -> forms.Field:
    """Return the field in which a value of this parameter is given."""
    if spec.kind == "да или нет":
        return YesOrNoField()
    if spec.kind == "число":
        return forms.IntegerField(min_value=0)
    if spec.kind in ("процент", "процент или пусто"):
        return PercentField(required=spec.kind == "процент")
    if spec.kind == "одно из":
        return forms.ChoiceField(choices=spec.choices)
    if spec.kind == "список":
        return SeveralField(choices=spec.choices)
    if spec.kind == "веса":
        return WeightsField()
    if spec.kind == "строки":
        return LinesField()
    if spec.kind == "код органа":
        return forms.CharField(
            required=False, help_text="Код из правил органов ниже; пусто — такого органа нет."
        )
    if spec.kind == "шаблон":
        return forms.CharField(
            help_text="{year} — год, {number} — номер, {number:04d} — номер из четырёх цифр."
        )
    from .forms import JsonField

    return JsonField(required=False)
