"""Forms of the operator who enters what did not come through the portal (O3.2)."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.forms import inlineformset_factory

from reserve_portal.accounts.forms import is_name
from reserve_portal.accounts.models import User
from reserve_portal.core import clock
from reserve_portal.core.forms import PortalForm

from .enums import Channel
from .forms import ChoicesForm, EducationForm, EmploymentForm, QuestionnaireForm
from .models import Application, Campaign, Education, Employment, Profile
from .services.entry import ENTERED_CHANNELS, RECEIVING
from .uploads import ACCEPT_ATTRIBUTE, ACCEPTED_KINDS

NOON = time(12)


class ReceiptForm(PortalForm):
    """How and when it came."""

    submit_label = "Сохранить"
    channel = forms.ChoiceField(
        label="Как поступило",
        choices=[(item.value, item.label) for item in ENTERED_CHANNELS],
        initial=Channel.PAPER,
        widget=forms.RadioSelect,
    )
    received_on = forms.DateField(
        label="Когда поступило", help_text="От этого дня считаются сроки. Письмо по почте — день получения."
    )
    received_time = forms.TimeField(
        label="Время", required=False, help_text="Пусто — полдень; важно в первый и последний день приёма."
    )

    late_reason = forms.CharField(
        label="Почему принимаем с опозданием",
        required=False,
        max_length=500,
        help_text="Только если поступило после конца приёма. Причина останется в журнале действий.",
    )

    def received_at(self) -> datetime:
        """The moment of receipt; today without a time it is now, where noon still lies ahead."""
        data = self.cleaned_data
        moment = clock.at(data["received_on"], data["received_time"] or NOON)
        if data["received_time"] is None and data["received_on"] == clock.today():
            return min(moment, clock.now())
        return moment


class BeginEntryForm(ReceiptForm):
    """Whose application, in which campaign, how and when it came."""

    submit_label = "Дальше: анкета и документы"
    campaign: forms.ModelChoiceField = forms.ModelChoiceField(label="Набор", queryset=Campaign.objects.none())
    email = forms.EmailField(
        label="Адрес электронной почты из заявления",
        max_length=254,
        help_text="По нему портал найдёт учётную запись или заведёт новую, без пароля. На него придёт письмо.",
    )
    last_name = forms.CharField(label="Фамилия", max_length=100, validators=[is_name])
    first_name = forms.CharField(label="Имя", max_length=100, validators=[is_name])
    patronymic = forms.CharField(label="Отчество", max_length=100, required=False, validators=[is_name])
    field_order = [
        "campaign",
        "channel",
        "received_on",
        "received_time",
        "late_reason",
        "email",
        "last_name",
        "first_name",
        "patronymic",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campaigns = Campaign.objects.filter(state__in=RECEIVING)
        self.fields["campaign"].queryset = campaigns  # type: ignore[attr-defined]
        self.fields["campaign"].initial = campaigns.first()

    def clean(self) -> dict[str, Any]:
        """A known address with another surname is more often a slip than a new name."""
        data = super().clean() or {}
        known = User.objects.filter(email__iexact=data.get("email", "")).first()
        name = data.get("last_name", "")
        if known is not None and name and known.last_name.casefold() != name.casefold():
            self.add_error(
                "email", f"С этим адресом на портале зарегистрирован(а) {known.full_name}: проверьте."
            )
        return data


class PaperConsentForm(PortalForm):
    """A consent signed on paper: its day and its scan."""

    submit_label = "Сохранить согласие"
    mark_optional = False
    given_on = forms.DateField(label="Дата подписи")
    scan = forms.FileField(
        label="Скан",
        help_text=ACCEPTED_KINDS,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT_ATTRIBUTE}),
    )


class FinishEntryForm(PortalForm):
    """The last step; `incomplete` is asked only where something is missing."""

    submit_label = "Внести заявление"
    incomplete = forms.BooleanField(
        label="Внести неполный пакет: больше ничего не поступило",
        error_messages={"required": "Подтвердите, что больше ничего не поступило."},
    )

    def __init__(self, *args: Any, lacks: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not lacks:
            del self.fields["incomplete"]


def education_rows(data: Any, profile: Profile) -> Any:
    """The diplomas as rows of the one form."""
    return _rows(Education, EducationForm)(data, instance=profile, prefix="education")


def employment_rows(data: Any, profile: Profile) -> Any:
    """The periods of work as rows of the one form."""
    return _rows(Employment, EmploymentForm)(data, instance=profile, prefix="employment")


def _rows(model: Any, form: Any) -> Any:
    return inlineformset_factory(
        Profile, model, form=form, extra=2, max_num=30, absolute_max=40, can_delete_extra=False
    )


class WholeQuestionnaire:
    """Questionnaire, diplomas, work and choices of a person under one button."""

    def __init__(self, data: Any, application: Application, profile: Profile) -> None:
        self.main = QuestionnaireForm(data, instance=profile)
        initial = {"nominations": application.nominations, "groups": application.wanted_groups.all()}
        self.choices = ChoicesForm(data, edition=application.campaign.edition, initial=initial)
        for field in self.choices.fields.values():
            field.required = False  # what is not chosen yet stands among the blockers
        self.choices.fields["nominations"].label = "Кто выдвигает"
        for form in (self.main, self.choices):
            form.mark_optional = False  # what is missing stands below, see the last part of the page
        self.education = education_rows(data, profile)
        self.employment = employment_rows(data, profile)

    def is_valid(self) -> bool:
        """Check all parts, so that each shows its errors."""
        parts = (self.main, self.choices, self.education, self.employment)
        valid = [part.is_valid() for part in parts]
        return all(valid)
