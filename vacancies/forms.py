"""Forms of the vacancy's people; they check values, services check the case."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from candidates.uploads import ACCEPT_ATTRIBUTE
from reserve_portal.accounts.models import Organisation
from reserve_portal.core import clock
from reserve_portal.core.forms import PortalForm
from reserve_portal.regulations.models import TargetGroup

from . import rules
from .enums import ReferralState
from .models import Criterion, Referral, ScoreSheet, Vacancy
from .services.defence import CRITERION_MAXIMUM, DEFAULT_CRITERIA

MAX_WEIGHT = 100
CONCEPT_ACCEPT = ",".join(part for part in ACCEPT_ATTRIBUTE.split(",") if part in (".pdf", ".docx"))


class ReportForm(PortalForm):
    """A vacancy in two minutes: own organisations only, the usual group chosen already."""

    submit_label = "Сообщить о вакансии"
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Организация",
        empty_label="Выберите…",
        help_text="Если нужной нет, напишите оператору: он добавит её в справочник.",
    )
    post = forms.CharField(label="Должность", max_length=250, initial="Директор")
    arose_on = forms.DateField(
        label="Когда возникла вакансия",
        widget=forms.DateInput,
        help_text="День, следующий за увольнением прежнего руководителя.",
    )
    target_group = forms.ModelChoiceField(
        TargetGroup.objects.none(), label="Целевая группа резерва", empty_label=None
    )
    requirements = forms.CharField(
        label="Требования", widget=forms.Textarea({"rows": 3}), required=False, max_length=4000
    )
    conditions = forms.CharField(
        label="Условия",
        widget=forms.Textarea({"rows": 3}),
        required=False,
        max_length=4000,
        help_text="Жильё, зарплата, число учеников — что важно знать кандидату.",
    )

    def __init__(self, *args: Any, user: Any, edition: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Organisation.objects.filter(municipality=user.municipality_id, is_active=True)
        groups = edition.target_groups.all()
        self.fields["organisation"].queryset = own  # type: ignore[attr-defined]
        self.fields["target_group"].queryset = groups  # type: ignore[attr-defined]
        self.fields["target_group"].initial = groups.last()
        if len(groups) == 1:
            self.fields["target_group"].widget = forms.HiddenInput()


class ReasonForm(PortalForm):
    """A reason for a deed that needs one."""

    reason = forms.CharField(label="Причина", widget=forms.Textarea({"rows": 3}), max_length=300)


class AppointmentForm(PortalForm):
    """The municipality's order: whom, number, date."""

    submit_label = "Записать назначение"
    referral = forms.ModelChoiceField(
        Referral.objects.none(), label="Кто назначен", required=False, empty_label="Человек не из резерва"
    )
    person_name = forms.CharField(
        label="Фамилия, имя, отчество",
        max_length=310,
        required=False,
        help_text="Только если назначен человек не из резерва.",
    )
    order_number = forms.CharField(label="Номер приказа (распоряжения)", max_length=60)
    order_dated = forms.DateField(label="Дата приказа", widget=forms.DateInput)
    contract_until = forms.DateField(
        label="Окончание трудового договора",
        widget=forms.DateInput,
        required=False,
        help_text="Если договор срочный: по этой дате считается прогноз вакансий.",
    )

    def __init__(self, *args: Any, vacancy: Vacancy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        edition = vacancy.edition
        needed = ReferralState.AGREED if edition.value("agreement") else ReferralState.RECOMMENDED
        choices = vacancy.referrals.filter(state=needed).select_related("reservist__user")
        field: Any = self.fields["referral"]
        field.queryset = choices
        field.label_from_instance = lambda referral: referral.reservist.user.full_name
        if edition.value("only_from_reserve"):
            field.required, field.empty_label = True, None
            field.error_messages["required"] = (
                f"Назначить можно только резервиста ({edition.clause('only_from_reserve')})."
            )
            del self.fields["person_name"]
        elif not choices:
            del self.fields["referral"]
            name: Any = self.fields["person_name"]
            name.required, name.help_text = True, "Рекомендованных резервистов по этой вакансии нет."


class HeadsForm(PortalForm):
    """The table of the organisations' heads."""

    submit_label = "Проверить"
    file = forms.FileField(label="Таблица", help_text="XLSX, ODS или CSV; первая строка — заголовки.")


class HeadForm(PortalForm):
    """One head by hand; the same checks as for a row of the table."""

    submit_label = "Сохранить"
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="Организация", empty_label="Выберите…"
    )
    name = forms.CharField(
        label="Руководитель",
        max_length=310,
        help_text="Фамилия, имя, отчество. Другое имя — новый руководитель: прежний останется в истории.",
    )
    since = forms.DateField(label="В должности с", widget=forms.DateInput, required=False)
    contract_until = forms.DateField(label="Окончание договора", widget=forms.DateInput, required=False)
    birth_year = forms.IntegerField(
        label="Год рождения", required=False, help_text="По нему считают пенсионный возраст."
    )

    def __init__(self, *args: Any, municipality: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Organisation.objects.filter(is_active=True).select_related("municipality")
        field: Any = self.fields["organisation"]
        field.queryset = own.filter(municipality=municipality) if municipality else own

    def row(self) -> dict[str, Any]:
        """The answers as a row of the table of heads."""
        data = self.cleaned_data
        organisation = data["organisation"]
        cells = {name: str(data[name] or "") for name in ("name", "since", "contract_until", "birth_year")}
        return cells | {
            "line": 1,
            "municipality": organisation.municipality.name,
            "organisation": organisation.name,
            "ogrn": organisation.ogrn,
        }


class AgreementForm(PortalForm):
    """The department's answer about one nominee."""

    submit_label = "Внести решение"
    agreed = forms.TypedChoiceField(
        label="Решение",
        choices=[("yes", "Согласовать назначение"), ("no", "Отказать в согласовании")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    number = forms.CharField(label="Номер письма", max_length=60)
    dated = forms.DateField(label="Дата письма", widget=forms.DateInput)
    reason = forms.CharField(
        label="Причина отказа", widget=forms.Textarea({"rows": 3}), required=False, max_length=2000
    )


class DefenceForm(PortalForm):
    """When and where the defence takes place."""

    submit_label = "Назначить защиту"
    day = forms.DateField(label="Дата", widget=forms.DateInput)
    at = forms.TimeField(label="Время", widget=forms.TimeInput, initial=time(10, 0))
    place = forms.CharField(label="Место или ссылка", max_length=250)
    criteria = forms.CharField(
        label="Критерии оценки",
        widget=forms.Textarea({"rows": 9}),
        initial="\n".join(f"{name}; {CRITERION_MAXIMUM}" for name in DEFAULT_CRITERIA),
        help_text="Критерий в строке; после точки с запятой — наибольший балл. После назначения не меняются.",
        max_length=4000,
        required=False,
    )

    def clean_criteria(self) -> list[tuple[str, int]]:
        """Names with their highest points, line by line; without a number two points, without a line the usual ones."""
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["criteria"].splitlines())):
            name, mark, maximum = line.rpartition(";")
            if mark and not maximum.strip().isdecimal():
                raise ValidationError(f"«{line}»: после точки с запятой нужен наибольший балл числом.")
            found.append((name.strip(), int(maximum)) if mark else (line, CRITERION_MAXIMUM))
        return found

    def starts_at(self) -> datetime:
        """The moment in the region's time."""
        return clock.at(self.cleaned_data["day"], self.cleaned_data["at"])


class ConceptForm(PortalForm):
    """A new version of the concept."""

    submit_label = "Загрузить концепцию"
    file = forms.FileField(
        label="Концепция развития",
        help_text="PDF или DOCX. Каждая загрузка — новая версия, прежние остаются.",
        widget=forms.ClearableFileInput({"accept": CONCEPT_ACCEPT}),
    )


class WeightsForm(PortalForm):
    """«Что, если»: other weights for a try; nothing is stored."""

    form_method = "get"

    def __init__(self, *args: Any, edition: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.usual: dict[str, int] = edition.value("matching_weights")
        for name, title in rules.CRITERIA.items():
            self.fields[name] = forms.IntegerField(
                label=title,
                min_value=0,
                max_value=MAX_WEIGHT,
                required=False,
                initial=self.usual.get(name, 0),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.values()):
            raise ValidationError("Все веса нулевые: задайте хотя бы один.")
        return data

    def changed_weights(self) -> dict[str, int] | None:
        """The weights of the try, or None when they are the edition's own."""
        weights = {name: self.cleaned_data[name] or 0 for name in rules.CRITERIA}
        chosen = {name: value for name, value in weights.items() if value}
        return None if chosen == {name: value for name, value in self.usual.items() if value} else chosen


class SheetForm(PortalForm):
    """One member's sheet: a group of points and a comment for each criterion."""

    comment = forms.CharField(
        label="Общее впечатление", widget=forms.Textarea({"rows": 3}), required=False, max_length=4000
    )

    def __init__(self, *args: Any, sheet: ScoreSheet, criteria: list[Criterion], **kwargs: Any) -> None:
        stored = {score.criterion_id: score for score in sheet.scores.all()}
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        self.fields["comment"].initial = sheet.comment
        for item in criteria:
            score = stored.get(item.pk)
            self.fields[f"points_{item.pk}"] = forms.TypedChoiceField(
                label=item.name,
                choices=[(str(n), str(n)) for n in range(item.maximum + 1)],
                coerce=int,
                empty_value=None,
                widget=forms.RadioSelect,
                required=False,
                initial=str(score.points) if score else None,
            )
            self.fields[f"comment_{item.pk}"] = forms.CharField(
                label=f"Комментарий: {item.name}",
                max_length=300,
                required=False,
                initial=score.comment if score else "",
                widget=forms.Textarea({"rows": 2}),
            )
        self.order_fields(
            [*(f"{part}_{item.pk}" for item in criteria for part in ("points", "comment")), "comment"]
        )

    def pairs(self) -> list[tuple[Any, Any]]:
        """Bound fields criterion by criterion, as shown: (points, comment).

        A draft may leave points out, so the form lets them; the page still says that they are wanted in the end.
        """
        for item in self.criteria:
            self.fields[f"points_{item.pk}"].required = True
        return [(self[f"points_{item.pk}"], self[f"comment_{item.pk}"]) for item in self.criteria]

    def points(self) -> dict[int, int]:
        """Points by criterion id; criteria without a choice are left out."""
        found = {item.pk: self.cleaned_data.get(f"points_{item.pk}") for item in self.criteria}
        return {pk: value for pk, value in found.items() if value is not None}

    def comments(self) -> dict[int, str]:
        """Comments by criterion id."""
        return {item.pk: self.cleaned_data.get(f"comment_{item.pk}", "") for item in self.criteria}
