from typing import Any

from django import forms

from reserve_portal.accounts.models import Municipality
from reserve_portal.core import clock
from reserve_portal.core.forms import PortalForm, PortalModelForm
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.parameters import NOMINATION_KINDS

from .enums import AchievementKind, EducationLevel, Prohibition, PublishedItem, RequestKind
from .identity import read_snils
from .models import Achievement, Application, Education, Employment, Profile
from .services.profiles import PROFILE_FIELDS

YES_NO = [("", "не выбрано"), ("true", "да"), ("false", "нет")]
OLDEST_YEAR = 1900


def _answer(value: Any) -> bool | None:
    return {"true": True, "false": False, True: True, False: False}.get(value)


def _past_year(year: int) -> int:
    if not OLDEST_YEAR < year <= clock.today().year:
        raise forms.ValidationError(f"Год — не позже {clock.today().year}.")
    return year


def refuse_the_future(form: Any, data: dict[str, Any]) -> None:
    """Add an error to each end of a period of work that has not come yet."""
    for name in ("since", "until"):
        if data.get(name) and data[name] > clock.today():
            form.add_error(name, "Эта дата ещё не наступила.")


class YesNoField(forms.TypedChoiceField):
    """A question with yes, no and «not answered yet»."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=YES_NO, coerce=_answer, empty_value=None, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return {True: "true", False: "false", None: ""}.get(value, value)


class CriminalRecordField(YesNoField):
    """Asked in whole words: «yes» to «there is none» is misread; the value still says whether there is none."""

    def __init__(self) -> None:
        super().__init__(label="Есть ли у вас судимость или ограничения на работу с детьми?")
        self.choices = [YES_NO[0], ("true", "нет, ни судимости, ни ограничений"), ("false", "есть")]


class QuestionnaireForm(PortalModelForm):
    """The questionnaire; nothing is demanded here, so that it can be saved at every moment (see submission)."""

    submit_label = "Сохранить анкету"
    form_id = "questionnaire"
    fieldsets = (
        ("О вас", ["former_names", "birth_date", "citizenship", "snils", "phone", "municipality"]),
        ("Нынешняя работа", ["organisation_name", "post", "post_since", "category", "degree"]),
        ("Подтверждения", ["no_criminal_record", "state_language"]),
        ("Готовность к переезду", ["ready_to_move", "wanted_places"]),
        ("О ваших достижениях", ["achievements"]),
    )
    no_criminal_record = CriminalRecordField()
    state_language = YesNoField(label="Владею русским языком")
    ready_to_move = YesNoField(label="Готов(а) к переезду в другое муниципальное образование")

    class Meta:
        model = Profile
        fields = PROFILE_FIELDS
        widgets = {
            "birth_date": forms.DateInput(attrs={"autocomplete": "bday"}),
            "post_since": forms.DateInput(),
            "snils": forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
            "organisation_name": forms.TextInput(attrs={"autocomplete": "organization", "list": "schools"}),
            "post": forms.TextInput(attrs={"autocomplete": "organization-title"}),
            "achievements": forms.Textarea(attrs={"rows": 5}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False
        self.fields["snils"].help_text = "11 цифр, например 112-233-445 95. Хранится зашифрованным."
        self.fields["municipality"].queryset = Municipality.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def clean_birth_date(self) -> Any:
        day = self.cleaned_data["birth_date"]
        if day and not OLDEST_YEAR < day.year <= clock.today().year:
            raise forms.ValidationError("Проверьте год рождения.")
        return day

    def clean_post_since(self) -> Any:
        day = self.cleaned_data["post_since"]
        if day and day > clock.today():
            raise forms.ValidationError("Эта дата ещё не наступила.")
        return day

    def clean_snils(self) -> str:
        try:
            return read_snils(self.cleaned_data["snils"] or "")
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"].strip()
        if phone and (sum(sign.isdigit() for sign in phone) < 10 or not set(phone) <= set("+0123456789 ()-")):
            raise forms.ValidationError("Напишите номер полностью, например +7 900 123-45-67.")
        return phone


class EducationForm(PortalModelForm):
    submit_label = "Сохранить диплом"

    class Meta:
        model = Education
        fields = ("level", "field", "institution", "speciality", "year", "diploma", "hours")
        labels = {"institution": "Учебное заведение", "hours": "Сколько часов (для переподготовки)"}
        error_messages = {"hours": {"min_value": "Напишите число часов, например 250."}}

    def clean_year(self) -> int:
        return _past_year(self.cleaned_data["year"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("level") != EducationLevel.RETRAINING:
            data["hours"] = None
        elif not data.get("hours") and "hours" not in self.errors:
            self.add_error("hours", "Напишите, сколько часов в программе переподготовки, например 250.")
        return data


class AchievementForm(PortalModelForm):
    submit_label = "Сохранить достижение"

    class Meta:
        model = Achievement
        fields = ("kind", "title", "year", "hours", "details")

    def clean_year(self) -> int:
        return _past_year(self.cleaned_data["year"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("kind") != AchievementKind.COURSE:
            data["hours"] = None
        return data


class EmploymentForm(PortalModelForm):
    submit_label = "Сохранить период"

    class Meta:
        model = Employment
        fields = ("kind", "organisation", "post", "since", "until")
        labels = {"kind": "Вид работы", "since": "Начало работы", "until": "Конец работы"}
        widgets = {"since": forms.DateInput(), "until": forms.DateInput()}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", "Конец работы раньше её начала.")
        refuse_the_future(self, data)
        return data


class ChoicesForm(PortalForm):
    """Who nominates (T1) and for which groups (O1.14); the edition says what may be chosen."""

    submit_label = "Сохранить выбор"
    nominations = forms.MultipleChoiceField(label="Кто вас выдвигает", widget=forms.CheckboxSelectMultiple)
    groups: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        queryset=None, label="Целевая группа", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = edition.value("nomination_kinds")
        self.fields["nominations"].choices = [  # type: ignore[attr-defined]
            (kind, NOMINATION_KINDS[kind][0].upper() + NOMINATION_KINDS[kind][1:]) for kind in kinds
        ]
        if len(kinds) > 1:
            self.fields["nominations"].help_text = "Можно отметить несколько."
        self.fields["groups"].queryset = edition.target_groups.all()  # type: ignore[attr-defined]
        if edition.value("several_target_groups"):
            self.fields["groups"].help_text = "Можно отметить несколько: каждую рассмотрят отдельно."


class ConsentForm(PortalForm):
    """One consent, unticked (152-FZ, art. 9)."""

    submit_label = "Дать согласие"
    agree = forms.BooleanField(
        label="Текст прочитан, согласие даю", error_messages={"required": "Отметьте, что даёте согласие."}
    )


class DisseminationForm(ConsentForm):
    """The consent to publication: item by item, nothing ticked beforehand (152-FZ, art. 10.1)."""

    items = forms.MultipleChoiceField(
        label="Что можно публиковать",
        choices=PublishedItem.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Отметьте хотя бы одно или не давайте это согласие."},
    )
    prohibitions = forms.MultipleChoiceField(
        label="Что вы запрещаете другим",
        choices=Prohibition.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Запрет будет стоять в списке рядом с вашим именем.",
    )
    field_order = ("items", "prohibitions", "agree")


class ReasonForm(PortalForm):
    """A reason that may be left out."""

    reason = forms.CharField(
        label="Причина", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class WithdrawForm(ReasonForm):
    submit_label = "Отозвать заявление"
    danger = True


class DeclineForm(ReasonForm):
    submit_label = "Отказаться от оценки"
    danger = True


class SubmitForm(PortalForm):
    submit_label = "Подать заявление"
    confirm = forms.BooleanField(
        label="Сведения верны, документы подлинные",
        error_messages={"required": "Подтвердите, что сведения верны, а документы подлинные."},
    )


def choices_initial(application: Application) -> dict[str, Any]:
    """What ChoicesForm shows first."""
    return {"nominations": application.nominations, "groups": application.wanted_groups.all()}


class SubjectRequestForm(PortalForm):
    """A request about one's own personal data."""

    submit_label = "Отправить запрос"
    kind = forms.ChoiceField(label="О чём вы просите", choices=RequestKind.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label="Подробности",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Какие данные и что с ними сделать.",
    )


class AnswerForm(PortalForm):
    """The operator's answer to a request."""

    submit_label = "Отправить ответ"
    answer = forms.CharField(label="Ответ", max_length=10000, widget=forms.Textarea(attrs={"rows": 8}))
