"""Forms of those who nominate and of those who are nominated."""

from typing import Any

from django import forms

from reserve_portal.accounts.forms import is_name
from reserve_portal.core.forms import PortalForm
from reserve_portal.regulations.models import TargetGroup

from .enums import NominationKind
from .models import Campaign
from .perms import nomination_kinds_of
from .uploads import ACCEPT_ATTRIBUTE, ACCEPTED_KINDS


class NominationForm(PortalForm):
    """Whom one nominates in a campaign, how, for which groups, with the letter of representation (T1)."""

    submit_label = "Отправить приглашение"
    fieldsets = (
        ("Кого вы выдвигаете", ["email", "last_name", "first_name", "patronymic"]),
        ("Выдвижение", ["kind", "groups", "letter"]),
        ("Подтверждение", ["agreed"]),
    )
    email = forms.EmailField(
        label="Адрес электронной почты человека",
        max_length=254,
        help_text="На него придёт приглашение. Учётной записи на портале может ещё не быть.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    last_name = forms.CharField(label="Фамилия", max_length=100, validators=[is_name])
    first_name = forms.CharField(label="Имя", max_length=100, validators=[is_name])
    patronymic = forms.CharField(label="Отчество", max_length=100, required=False, validators=[is_name])
    kind = forms.ChoiceField(label="От чьего имени", widget=forms.RadioSelect)
    groups: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        queryset=None, label="Целевая группа", widget=forms.CheckboxSelectMultiple
    )
    letter = forms.FileField(
        label="Письмо о выдвижении",
        help_text=f"Один файл: {ACCEPTED_KINDS}. Письмо попадёт в пакет документов, когда человек примет выдвижение.",
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT_ATTRIBUTE}),
    )
    agreed = forms.BooleanField(
        label="Человек знает о выдвижении и разрешил указать его имя и адрес",
        error_messages={"required": "Подтвердите, что человек знает о выдвижении."},
    )

    def __init__(self, *args: Any, user: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        behalf = {
            NominationKind.MUNICIPALITY.value: user.municipality,
            NominationKind.HEAD.value: user.organisation,
        }
        kinds = [
            (kind, f"{NominationKind(kind).label.capitalize()}: {behalf[kind]}")
            for kind in nomination_kinds_of(user, campaign.edition)
        ]
        self._choose("kind", kinds)
        groups = TargetGroup.objects.filter(edition=campaign.edition)
        self.fields["groups"].queryset = groups  # type: ignore[attr-defined]
        if groups.count() == 1:
            self.fields["groups"].initial = groups
        if campaign.edition.value("several_target_groups"):
            self.fields["groups"].help_text = "Можно отметить несколько: каждую рассмотрят отдельно."

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        field.choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            field.initial = choices[0][0]


class DeclineNominationForm(PortalForm):
    submit_label = "Отказаться от выдвижения"
    danger = True


class WithdrawNominationForm(PortalForm):
    submit_label = "Отозвать выдвижение"
    danger = True
