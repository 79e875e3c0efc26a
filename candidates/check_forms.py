"""The self-check of requirements: answers of a stranger, judged by the rules of the live judgement, never stored."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms import formset_factory

from reserve_portal.core import clock
from reserve_portal.core.forms import PortalForm
from reserve_portal.regulations.models import Edition

from .enums import EducationField, EducationLevel, EmploymentKind
from .forms import OLDEST_YEAR, CriminalRecordField, YesNoField, refuse_the_future
from .models import Profile
from .rules import DECLARATIONS, Diploma, Facts, Period, leaves_of

ROWS = 4
BLANK = ("", "не выбрано")


class CheckForm(PortalForm):
    """Only what the edition's requirements look at; nothing is obligatory."""

    mark_optional = False
    birth_date = forms.DateField(label="Дата рождения", required=False)
    citizenship = forms.ChoiceField(
        label="Гражданство",
        required=False,
        choices=[BLANK, *(Profile._meta.get_field("citizenship").choices or [])],
    )
    no_criminal_record = CriminalRecordField()
    state_language = YesNoField(label="Владею русским языком")

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = [requirement.rule for requirement in edition.requirements.all()]
        asked = {name for rule in rules for name in leaves_of(rule, "declared")}
        asked |= {
            field
            for leaf, field in (("age", "birth_date"), ("citizenship", "citizenship"))
            if _asks(rules, leaf)
        }
        for name in set(self.fields) - asked:
            del self.fields[name]

    def clean_birth_date(self) -> Any:
        day = self.cleaned_data["birth_date"]
        if day and not OLDEST_YEAR < day.year <= clock.today().year:
            raise forms.ValidationError("Проверьте год рождения.")
        return day


class DiplomaRow(PortalForm):
    mark_optional = False
    level = forms.ChoiceField(label="Уровень", required=False, choices=[BLANK, *EducationLevel.choices])
    field = forms.ChoiceField(label="Направление", required=False, choices=[BLANK, *EducationField.choices])

    def clean(self) -> dict[str, Any]:
        return _whole(self, super().clean() or {}, ("level", "field"))


class PeriodRow(PortalForm):
    mark_optional = False
    kind = forms.ChoiceField(label="Вид работы", required=False, choices=[BLANK, *EmploymentKind.choices])
    since = forms.DateField(label="С", required=False)
    until = forms.DateField(label="По", required=False)

    def clean(self) -> dict[str, Any]:
        data = _whole(self, super().clean() or {}, ("kind", "since"))
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", "Конец работы раньше её начала.")
        refuse_the_future(self, data)
        return data


class SelfCheck:
    """The whole page's forms, and the facts they tell."""

    def __init__(self, data: Any, edition: Edition) -> None:
        self.main = CheckForm(data, edition=edition)
        self.diplomas = _rows(DiplomaRow)(data, prefix="diploma")
        self.periods = _rows(PeriodRow)(data, prefix="period")

    def is_valid(self) -> bool:
        """Check all parts, so that each shows its errors."""
        valid = [part.is_valid() for part in (self.main, self.diplomas, self.periods)]
        return all(valid)

    @property
    def has_errors(self) -> bool:
        """Whether something that was sent is not accepted, in whichever row."""
        rows = [*self.diplomas.forms, *self.periods.forms]
        return any(form.is_bound and form.errors for form in (self.main, *rows))

    def facts(self, on: Any, document_names: dict[str, str]) -> Facts:
        """What was told, to be judged on the day `on`."""
        data = self.main.cleaned_data
        return Facts(
            on=on,
            birth_date=data.get("birth_date"),
            citizenship=data.get("citizenship", ""),
            diplomas=tuple(
                Diploma(row["level"], row["field"]) for row in self.diplomas.cleaned_data if row.get("level")
            ),
            periods=tuple(
                Period(row["kind"], row["since"], row["until"])
                for row in self.periods.cleaned_data
                if row.get("kind")
            ),
            declared={name: data.get(name) for name in DECLARATIONS},
            document_names=document_names,
            before_applying=True,
        )


def _rows(form: Any) -> Any:
    return formset_factory(form, extra=ROWS, max_num=ROWS, absolute_max=ROWS)


def _asks(rules: Iterable[dict[str, Any]], leaf: str) -> bool:
    return any(leaves_of(rule, leaf) for rule in rules)


def _whole(form: forms.Form, data: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """A row is filled whole or left empty."""
    if any(data.get(name) for name in data) and not all(data.get(name) for name in names):
        for name in names:
            if not data.get(name) and name not in form.errors:
                form.add_error(name, "Заполните строку целиком или оставьте её пустой.")
    return data
