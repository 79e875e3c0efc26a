"""Forms about experts' sheets, decisions about borders, expert conclusions; services judge."""

from typing import Any

from django import forms

from commissions.forms import require_pdf
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.core.forms import PortalForm
from reserve_portal.regulations.models import BodyRule

from .models import ExpertConclusion, Invitation, Section


class SheetForm(PortalForm):
    """An expert's points and words about one person; a draft may lack either."""

    points = forms.DecimalField(
        label="Баллы",
        required=False,
        max_digits=8,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": "Введите число, например 12,5."},
    )
    comment = forms.CharField(
        label="Обоснование",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="На что в опыте, карьере и достижениях вы опирались.",
    )
    deficits = forms.CharField(
        label="Профессиональные дефициты",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Если увидели; по одному в строке. Войдут в общее экспертное заключение.",
    )
    development = forms.CharField(
        label="Направления и способы развития",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Что посоветуете; по одному в строке.",
    )
    recommended = forms.TypedChoiceField(
        label="Ваша рекомендация",
        required=False,
        choices=[
            ("", "не высказываю"),
            ("yes", "включение целесообразно"),
            ("no", "включение нецелесообразно"),
        ],
        coerce=lambda value: value == "yes",
        empty_value=None,
    )
    mark_optional = False

    def __init__(self, *args: Any, section: Section, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["points"].help_text = f"От 0 до {section.maximum.normalize():f}."


class DeclineForm(PortalForm):
    reason = forms.CharField(
        label="Причина отказа", max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class GiveSheetsForm(PortalForm):
    """Which experts score whom; nobody ticked means everybody who may be asked about."""

    submit_label = "Передать листы"
    section = forms.ModelChoiceField(label="Направление", queryset=Section.objects.none(), empty_label=None)
    experts = forms.ModelMultipleChoiceField(
        label="Эксперты",
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Выберите хотя бы одного эксперта."},
    )
    people = forms.ModelMultipleChoiceField(
        label="Кого оценить",
        queryset=Invitation.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Никто не отмечен — всех приглашённых, кроме тех, от кого эксперт должен взять отвод.",
    )

    def __init__(self, *args: Any, sections: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, queryset in (
            ("section", sections),
            ("experts", User.objects.with_role(Role.EXPERT).order_by("last_name", "first_name", "pk")),
            ("people", people),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = queryset


class DecisionForm(PortalForm):
    """The decision by which borders and directions hold (O3.15)."""

    submit_label = "Записать решение"
    body = forms.ModelChoiceField(label="Кем принято", queryset=BodyRule.objects.none())
    number = forms.CharField(label="Номер решения", max_length=60)
    dated = forms.DateField(label="Дата решения")
    file = forms.FileField(label="Файл решения (PDF)", required=False, help_text="До 20 МБ.")

    def __init__(self, *args: Any, edition: Any, optional: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        body = self.fields["body"]
        assert isinstance(body, forms.ModelChoiceField)
        body.queryset = edition.body_rules.order_by("order", "pk")
        self.helper.form_tag = False
        if optional:
            for name in ("body", "number", "dated"):
                self.fields[name].required = False

    def clean_file(self) -> Any:
        """A PDF that really opens; raises ValidationError otherwise."""
        file = self.cleaned_data["file"]
        if file:
            require_pdf(file)
        return file

    def decision(self) -> dict[str, Any] | None:
        """What was filled in, or None where nothing was; an incomplete one is an error of the form."""
        data = self.cleaned_data
        if not any(data.get(name) for name in ("body", "number", "dated", "file")):
            return None
        for name in ("body", "number", "dated"):
            if not data.get(name):
                self.add_error(name, "Заполните это поле.")
        return data


class ConclusionForm(PortalForm):
    """The written parts of a conclusion and its recommendation (O3.18)."""

    deficits = forms.CharField(
        label="Профессиональные дефициты",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="По одному в строке.",
    )
    development = forms.CharField(
        label="Направления и способы использования и развития",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="По одному в строке.",
    )
    recommended = forms.TypedChoiceField(
        label="Рекомендация",
        choices=[("yes", "включение целесообразно"), ("no", "включение нецелесообразно")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Почему рекомендация расходится с порогом",
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.form_tag = False

    @staticmethod
    def initial_of(conclusion: ExpertConclusion) -> dict[str, Any]:
        return {
            "deficits": conclusion.deficits,
            "development": conclusion.development,
            "recommended": "yes" if conclusion.recommended else "no",
            "reason": conclusion.reason,
        }
