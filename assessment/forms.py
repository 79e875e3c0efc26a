"""Forms of the operator; they bind and check the shape, services judge."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from candidates.models import Campaign
from reserve_portal.core.forms import PortalForm
from reserve_portal.core.gates import Blocker
from reserve_portal.core.spreadsheets import MAX_BYTES
from reserve_portal.regulations.enums import InstrumentKind

from .enums import AttemptRule, ShownResult
from .models import Invitation, LearningRoute, Procedure, Section

FILE_KINDS = ".csv,.txt,.xlsx,.ods"


def show_blockers(form: forms.BaseForm, blockers: Sequence[Blocker]) -> None:
    """Put a gate's sentences beside the fields they name, the others above the form."""
    for blocker in blockers:
        form.add_error(blocker.field if blocker.field in form.fields else None, blocker.text)


class CampaignForm(PortalForm):
    submit_label = "Дальше"
    form_method = "get"
    campaign = forms.ModelChoiceField(label="Набор", queryset=Campaign.objects.order_by("-opens_at"))


class ProcedureForm(PortalForm):
    """Date, place, borders; without zones in the edition there is no green border (T4)."""

    name = forms.CharField(label="Название", max_length=200)
    starts_at = forms.DateTimeField(label="Начало")
    ends_at = forms.DateTimeField(label="Конец")
    place = forms.CharField(
        label="Где проходит", max_length=300, help_text="Адрес учебной платформы или место."
    )
    instructions = forms.CharField(
        label="Инструкция для кандидата", widget=forms.Textarea(attrs={"rows": 6}), required=False
    )
    threshold_percent = forms.DecimalField(
        label="Порог, % от максимума", min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    green_percent = forms.DecimalField(
        label="Граница зелёной зоны, %", min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    attempt = forms.ChoiceField(label="Какая попытка засчитывается", choices=AttemptRule.choices)
    shows = forms.ChoiceField(
        label="Что видит кандидат после решения",
        choices=ShownResult.choices,
        help_text="До решения о включении кандидат не видит ничего.",
    )

    def __init__(self, *args: Any, zones: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not zones:
            del self.fields["green_percent"]
        self.helper.form_tag = False


class SectionForm(PortalForm):
    """One direction; an emptied row is taken out."""

    mark_optional = False

    name = forms.CharField(label="Направление", max_length=250, required=False)
    kind = forms.ChoiceField(
        label="Вид", choices=[("", "— выберите —"), *InstrumentKind.choices], required=False
    )
    maximum = forms.DecimalField(label="Максимум баллов", max_digits=8, decimal_places=2, required=False)
    weight = forms.DecimalField(
        label="Вес", max_digits=5, decimal_places=2, required=False, help_text="Пусто — 1."
    )
    code = forms.SlugField(label="Код", max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if any(data.get(key) not in (None, "") for key in ("code", "name", "maximum")):
            for key in ("code", "name", "maximum"):
                if data.get(key) in (None, "") and key not in self.errors:
                    self.add_error(key, f"Заполните: {self.fields[key].label}.")
            data["kind"] = data.get("kind") or InstrumentKind.TEST
            data["weight"] = Decimal(1) if data.get("weight") is None else data["weight"]
        return data


SectionFormSet = forms.formset_factory(SectionForm, extra=2)


class QuestionsForm(PortalForm):
    submit_label = "Опубликовать"
    text = forms.CharField(
        label="Примерные вопросы",
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="Их увидят все посетители сайта.",
    )


class ImportForm(PortalForm):
    submit_label = "Проверить файл"
    file = forms.FileField(
        label="Файл выгрузки Moodle",
        help_text="Отчёт теста «Оценки» или журнал оценок: CSV, XLSX или ODS. Пока ничего не записывается.",
        widget=forms.ClearableFileInput(attrs={"accept": FILE_KINDS}),
        max_length=200,
        error_messages={"empty": "Файл пустой: в нём 0 байт."},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(f"Файл больше {MAX_BYTES // 1024 // 1024} МБ.")
        return file


class ConfirmImportForm(PortalForm):
    submit_label = "Внести результаты"
    reason = forms.CharField(
        label="Почему меняются внесённые результаты",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
    )

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["reason"]


class ColumnsForm(PortalForm):
    """Which columns of the file make up each direction; told once, remembered."""

    submit_label = "Запомнить и проверить файл"

    def __init__(
        self, *args: Any, sections: Sequence[Section], choices: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        self.sections = sections
        super().__init__(*args, **kwargs)
        known = {key for key, _ in choices}
        for section in sections:
            self.fields[f"section_{section.pk}"] = forms.MultipleChoiceField(
                label=f"{section.name} (до {section.maximum.normalize():f})",
                choices=choices,
                widget=forms.CheckboxSelectMultiple,
                initial=[key for key in section.column.splitlines() if key in known],
                error_messages={"required": f"Отметьте столбец для направления «{section.name}»."},
            )

    def columns(self) -> dict[int, list[str]]:
        """{section's pk: [column key, …]}."""
        return {section.pk: self.cleaned_data[f"section_{section.pk}"] for section in self.sections}


class MatchForm(PortalForm):
    """Whose row it is: one of similar names, or a registration number."""

    submit_label = "Подтвердить"
    invitation = forms.TypedChoiceField(
        label="Похожие имена", coerce=int, widget=forms.RadioSelect, required=False, empty_value=None
    )
    number = forms.CharField(
        label="Или регистрационный номер",
        max_length=60,
        required=False,
        help_text="Номер заявления на портале.",
    )
    mark_optional = False

    def __init__(self, *args: Any, suggestions: Sequence[Invitation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["invitation"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [
            (item.pk, f"{item.track.application.user.full_name}, {item.track.application.user.email}")
            for item in suggestions
        ]
        if not suggestions:
            del self.fields["invitation"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("invitation")) == bool(data.get("number")):
            raise ValidationError("Отметьте человека или впишите номер — что-то одно.")
        return data


class MoodleForm(PortalForm):
    """Where the web service answers; the token is written, never shown."""

    submit_label = "Сохранить"
    address = forms.CharField(
        label="Адрес Moodle",
        max_length=300,
        help_text="Каким он стоит в браузере, например https://do.example.org.",
    )
    course = forms.IntegerField(
        label="Номер курса", min_value=1, max_value=2**31 - 1, help_text="Число после id= в адресе курса."
    )
    quiz = forms.CharField(
        label="Тест (номер или название)",
        max_length=250,
        required=False,
        help_text="Пусто — весь журнал оценок курса. С тестом берутся попытки и засчитывается та, что указана в "
        "процедуре; баллов по вопросам веб-служба не отдаёт.",
    )
    token = forms.CharField(
        label="Токен",
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        required=False,
    )

    def __init__(self, *args: Any, has_token: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].help_text = (
            "Хранится зашифрованным. Пусто — остаётся прежний." if has_token else "Хранится зашифрованным."
        )


class ResultForm(PortalForm):
    """Points by hand, `partly` where others still follow; a correction asks for a reason."""

    submit_label = "Сохранить результат"

    def __init__(
        self, *args: Any, sections: Sequence[Section], corrects: bool, partly: bool = False, **kwargs: Any
    ) -> None:
        self.sections = sections
        super().__init__(*args, **kwargs)
        for section in sections:
            field = forms.DecimalField(
                label=section.name,
                help_text=f"От 0 до {section.maximum.normalize():f}.",
                required=not partly,
                max_digits=12,
                decimal_places=7,
                localize=True,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
                error_messages={
                    "required": f"Заполните: {section.name}.",
                    "invalid": "Введите число, например 12,5.",
                },
            )
            self.fields[f"section_{section.pk}"] = field
        if corrects:
            self.fields["reason"] = forms.CharField(
                label="Причина исправления",
                max_length=1000,
                required=not partly,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": "Укажите причину исправления."},
            )

    def scores(self) -> dict[Section, Any]:
        """Points by section."""
        given = {section: self.cleaned_data[f"section_{section.pk}"] for section in self.sections}
        return {section: value for section, value in given.items() if value is not None}


class SecondDateForm(PortalForm):
    submit_label = "Назначить вторую дату"
    procedure = forms.ModelChoiceField(label="Новая дата", queryset=Procedure.objects.none())
    reason = forms.CharField(
        label="Причина неявки", max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, procedures: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["procedure"]
        field.queryset = procedures  # type: ignore[attr-defined]


class ReasonForm(PortalForm):
    submit_label = "Вернуть к оценке"
    reason = forms.CharField(label="Причина", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class AppealForm(PortalForm):
    submit_label = "Подать апелляцию"
    text = forms.CharField(
        label="С чем вы не согласны",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Что было не так: вопрос, сбой, подсчёт баллов. Чем подробнее, тем точнее ответ.",
    )


class AnswerForm(ResultForm):
    """The answer to an appeal; points that are changed correct the result."""

    submit_label = "Ответить"
    mark_optional = False
    verdict = forms.ChoiceField(
        label="Решение",
        choices=[("upheld", "удовлетворить"), ("rejected", "отклонить")],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label="Ответ кандидату", max_length=900, widget=forms.Textarea(attrs={"rows": 6})
    )

    def __init__(self, *args: Any, sections: Sequence[Section], **kwargs: Any) -> None:
        super().__init__(*args, sections=sections, corrects=False, partly=True, **kwargs)

    def changed_scores(self) -> dict[Section, Any]:
        """Points by section, where any of them differs from what is stored; else nothing."""
        changed = any(f"section_{section.pk}" in self.changed_data for section in self.sections)
        return self.scores() if changed else {}


class RouteForm(PortalForm):
    deficits = forms.CharField(
        label="Дефициты", widget=forms.Textarea(attrs={"rows": 4}), help_text="По одному в строке."
    )
    words = forms.CharField(label="Рекомендации", widget=forms.Textarea(attrs={"rows": 4}), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.form_tag = False

    @staticmethod
    def initial_of(route: LearningRoute) -> dict[str, Any]:
        return {"deficits": route.deficits, "words": route.words}


class RouteItemForm(PortalForm):
    """One programme of a route; an emptied row is taken out."""

    mark_optional = False

    section_name = forms.CharField(label="Направление", max_length=250, required=False)
    programme = forms.CharField(label="Программа или мероприятие", max_length=250, required=False)
    organiser = forms.CharField(label="Кто проводит", max_length=250, required=False)
    hours = forms.IntegerField(label="Часов", min_value=1, max_value=2000, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if any(data.values()) and not data.get("programme"):
            self.add_error("programme", "Заполните: Программа или мероприятие.")
        return data


RouteItemFormSet = forms.formset_factory(RouteItemForm, extra=2)
