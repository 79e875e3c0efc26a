from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.http import HttpRequest

from reserve_portal.core.forms import PortalForm

from .enums import INVITED_ROLES, Role
from .models import Municipality, Organisation, User

# A name goes onto papers: letters, and between them a space, hyphen, apostrophe or dot.
is_name = RegexValidator(
    r"^[^\W\d_]+(?:[ .'’-]+[^\W\d_]+)*\.?$",
    "Пишите буквами, как в паспорте; годятся пробел, дефис и апостроф.",
)


class SignupNamesForm(forms.Form):
    """What a candidate gives beside address and password when signing up."""

    last_name = forms.CharField(label="Фамилия", max_length=100, validators=[is_name])
    first_name = forms.CharField(label="Имя", max_length=100, validators=[is_name])
    patronymic = forms.CharField(
        label="Отчество", max_length=100, required=False, help_text="Если есть", validators=[is_name]
    )

    field_order = ["last_name", "first_name", "patronymic", "email", "password1", "password2"]

    def signup(self, request: HttpRequest, user: Any) -> None:
        """Called by allauth after the account was made: the adapter stored the names already."""


INVITED = [(role.value, role.label) for role in INVITED_ROLES]


class RolesForm(PortalForm):
    """Which roles a person has."""

    roles = forms.MultipleChoiceField(
        label="Роли", choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )


class InviteForm(PortalForm):
    """An official or a member of staff who is invited."""

    email = forms.EmailField(label="Адрес электронной почты", max_length=254)
    last_name = forms.CharField(label="Фамилия", max_length=100, validators=[is_name])
    first_name = forms.CharField(label="Имя", max_length=100, validators=[is_name])
    patronymic = forms.CharField(label="Отчество", max_length=100, required=False, validators=[is_name])
    post = forms.CharField(label="Должность", max_length=250, required=False)
    municipality = forms.ModelChoiceField(
        label="Муниципальное образование",
        queryset=Municipality.objects.filter(is_active=True),
        required=False,
        help_text="Для органа местного самоуправления обязательно.",
    )
    organisation = forms.ModelChoiceField(
        label="Организация",
        queryset=Organisation.objects.filter(is_active=True),
        required=False,
        help_text="Для выдвигающего обязательно: он выдвигает как её руководитель.",
    )
    roles = forms.MultipleChoiceField(label="Роли", choices=INVITED, widget=forms.CheckboxSelectMultiple)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError("Этот человек уже есть на портале: найдите его в списке и дайте роль.")
        return email

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if Role.MUNICIPAL in data.get("roles", []) and not data.get("municipality"):
            self.add_error("municipality", "Укажите муниципальное образование.")
        if Role.NOMINATOR in data.get("roles", []) and not data.get("organisation"):
            self.add_error("organisation", "Укажите организацию.")
        return data


class ResetFactorForm(PortalForm):
    """Why a second factor is reset."""

    danger = True
    reason = forms.CharField(
        label="Причина",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Например: телефон потерян, личность проверена при встрече.",
    )


class SchoolsForm(PortalForm):
    """The table of organisations."""

    file = forms.FileField(label="Таблица", help_text="XLSX, ODS или CSV; первая строка — заголовки.")


class InviteHeadForm(PortalForm):
    """The head of an organisation who will nominate candidates (T1); somebody known gets the role."""

    submit_label = "Пригласить руководителя"
    email = forms.EmailField(label="Адрес электронной почты", max_length=254)
    last_name = forms.CharField(label="Фамилия", max_length=100, validators=[is_name])
    first_name = forms.CharField(label="Имя", max_length=100, validators=[is_name])
    patronymic = forms.CharField(label="Отчество", max_length=100, required=False, validators=[is_name])
    post = forms.CharField(label="Должность", max_length=250, initial="директор")
    organisation = forms.ModelChoiceField(
        label="Организация",
        queryset=Organisation.objects.filter(is_active=True),
        help_text="Если её нет в списке, сначала добавьте её в справочник организаций.",
    )
