"""The base of every form of the portal: labels, hints, errors in words, one look (crispy, Bootstrap 5)."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms

NATIVE_TYPES: tuple[tuple[type[forms.Widget], str, str], ...] = (
    (forms.DateInput, "date", "%Y-%m-%d"),
    (forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
    (forms.TimeInput, "time", "%H:%M"),
)
DJANGOS_BLANK = "---------"
NOT_CHOSEN = "не выбрано"
DJANGOS_REQUIRED = str(forms.Field.default_error_messages["required"])


class PortalFormMixin:
    """Gives a form its helper for `{% crispy form %}`.

    A form sets `submit_label`, and where it likes `cancel_url`, `danger` (the deed cannot be undone), `form_action`,
    `form_method`, `form_id`, `mark_optional` (False: no word «необязательно»), and `fieldsets` as pairs of a heading
    and the names of its fields. Dates are native pickers, numbers accept a decimal comma, an empty required field says
    what to do.
    """

    submit_label = "Сохранить"
    cancel_url = ""
    cancel_label = "Отмена"
    danger = False
    form_action = ""
    form_method = "post"
    form_id = ""
    mark_optional = True
    fieldsets: tuple[tuple[str, list[str]], ...] = ()
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            prepare_field(field)
        self.helper = self.build_helper()

    def build_helper(self) -> FormHelper:
        """Return the helper; a form with a layout of its own overrides this or sets `self.helper.layout` later."""
        helper = FormHelper()
        helper.form_class = "portal-form"
        helper.form_method = self.form_method
        helper.form_action = self.form_action
        helper.form_id = self.form_id
        helper.attrs = {
            "novalidate": "novalidate"
        }  # the portal's own sentences, in Russian, with all typed text kept
        if self.fieldsets:
            helper.layout = Layout(*(Fieldset(heading, *names) for heading, names in self.fieldsets))
        return helper


class PortalForm(PortalFormMixin, forms.Form):
    """A plain form of the portal."""


class PortalModelForm(PortalFormMixin, forms.ModelForm):
    """A form of the portal that fills a model's row; saving is still a service's work."""


def prepare_field(field: forms.Field) -> None:
    """Make a field fit for people: native date pickers, decimal comma, a message that says what to do."""
    _make_native(field)
    _name_blank(field)
    if (
        isinstance(field, (forms.DecimalField, forms.IntegerField))
        and type(field.widget) is forms.NumberInput
    ):
        _make_text_number(field)
    if str(field.error_messages.get("required", "")) == DJANGOS_REQUIRED:
        field.error_messages["required"] = _required_message(field)


def _make_native(field: forms.Field) -> None:
    widget: Any = field.widget
    for kind, input_type, pattern in NATIVE_TYPES:
        if type(widget) is kind:
            widget.input_type = input_type  # type: ignore[attr-defined]
            widget.format = pattern  # type: ignore[attr-defined]


def _name_blank(field: forms.Field) -> None:
    """The empty choice of a list says in words that nothing is chosen."""
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == DJANGOS_BLANK:
            field.empty_label = NOT_CHOSEN
    elif isinstance(field, forms.ChoiceField):
        choices: list[Any] = list(field.choices)  # type: ignore[arg-type]
        if choices and choices[0] == ("", DJANGOS_BLANK):
            field.choices = [("", NOT_CHOSEN), *choices[1:]]


def _make_text_number(field: forms.Field) -> None:
    """A number field drops «12,5» without a word and turns under the mouse wheel; a text field does neither."""
    whole = type(field) is forms.IntegerField
    attrs = {key: value for key, value in field.widget.attrs.items() if key not in ("step", "min", "max")}
    field.widget = forms.TextInput(
        {**attrs, "inputmode": "numeric" if whole else "decimal", "autocomplete": "off"}
    )
    field.widget.is_required = field.required
    field.localize = field.widget.is_localized = True


def _required_message(field: forms.Field) -> str:
    if isinstance(field, forms.FileField):
        return "Приложите файл."
    if isinstance(field, forms.BooleanField):
        return "Отметьте, чтобы продолжить."
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        return "Выберите вариант."
    return "Заполните это поле."
