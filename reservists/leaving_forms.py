"""Forms of attestation, changes and leaving."""

from typing import Any

from django import forms

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.core.forms import PortalForm, PortalModelForm, prepare_field
from reserve_portal.regulations.models import Edition, TargetGroup

from .enums import InstrumentKind
from .models import AttestationInstrument, Certification, Reservist
from .rules import points_words
from .services.attestation_marks import Marks
from .services.changes import READINESS


class LeaveForm(PortalForm):
    """Why a reservist leaves."""

    submit_label = "Подать заявление о выходе"
    danger = True
    reason = forms.CharField(
        label="Почему вы выходите из резерва",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Одно-два предложения.",
    )


class DismissalForm(PortalForm):
    """A dismissal as the municipality tells it."""

    submit_label = "Сообщить об увольнении"
    dated = forms.DateField(label="Дата увольнения")
    order_number = forms.CharField(label="Номер приказа", max_length=60)
    words = forms.CharField(
        label="Пояснение", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class DismissSignalForm(PortalForm):
    submit_label = "Отклонить"
    reason = forms.CharField(
        label="Почему сигнал отклонён", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class ChangeForm(PortalForm):
    """Another target group or level of readiness, with the ground (O4.16)."""

    target_group = forms.ModelChoiceField(
        TargetGroup.objects.none(), label="Новая целевая группа", required=False, empty_label="без изменений"
    )
    zone = forms.ChoiceField(label="Новый уровень готовности", required=False)
    ground = forms.CharField(label="Обоснование", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, reservist: Reservist, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        group: Any = self.fields["target_group"]
        group.queryset = reservist.edition.target_groups.exclude(code=reservist.target_group.code)
        zone: Any = self.fields["zone"]
        levels = [
            (value, f"{words} ({value.label.lower()} зона)")
            for value, words in READINESS.items()
            if value != reservist.zone
        ]
        zone.choices = [("", "без изменений"), *levels]


class AttestationForm(PortalForm):
    year = forms.IntegerField(label="За какой год", min_value=2000, max_value=2100)
    opens_on = forms.DateField(label="Начало")
    closes_on = forms.DateField(label="Последний день")


class BordersForm(PortalForm):
    """The borders and the decision that approved them (O4.17)."""

    threshold_percent = forms.DecimalField(
        label="Минимум, % от максимума", min_value=0, max_value=100, decimal_places=2
    )
    green_percent = forms.DecimalField(
        label="Граница зелёной зоны, % от максимума",
        min_value=0,
        max_value=100,
        decimal_places=2,
        required=False,
    )
    borders_basis = forms.CharField(
        label="Каким решением утверждены",
        max_length=250,
        help_text="Орган, номер и дата протокола: порог и средства утверждает уполномоченный орган.",
    )

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not edition.value("zones"):
            del self.fields["green_percent"]

    def clean(self) -> dict[str, Any]:
        return {"green_percent": None, **(super().clean() or {})}


class InstrumentForm(PortalForm):
    name = forms.CharField(label="Название", max_length=150)
    kind = forms.ChoiceField(label="Вид", choices=InstrumentKind.choices)
    maximum = forms.DecimalField(label="Максимум баллов", min_value=0, max_digits=6, decimal_places=2)
    weight = forms.IntegerField(
        label="Вес",
        min_value=1,
        max_value=100,
        initial=1,
        help_text="Во сколько раз считаются баллы этого средства.",
    )


class CertificationForm(PortalModelForm):
    submit_label = "Внести"

    class Meta:
        model = Certification
        fields = [
            "programme",
            "kind",
            "organiser",
            "hours",
            "passed_on",
            "passed",
            "result",
            "document",
            "with_experts",
        ]
        help_texts = {
            "result": "Оценка или баллы, как в ведомости.",
            "document": "Вид, номер и дата: удостоверение, диплом, ведомость.",
        }


class AttestationSheetForm(PortalForm):
    """An expert's points and words about one person; a draft may lack either."""

    mark_optional = False
    points = forms.DecimalField(
        label="Баллы",
        required=False,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": "Введите число, например 12,5."},
    )
    comment = forms.CharField(
        label="Обоснование", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 6})
    )

    def __init__(self, *args: Any, maximum: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["points"].help_text = f"От 0 до {points_words(maximum)}."


class SheetReasonForm(PortalForm):
    reason = forms.CharField(label="Причина", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class GiveAttestationSheetsForm(PortalForm):
    """Which experts score everybody by which instrument."""

    submit_label = "Передать листы"
    instrument = forms.ModelChoiceField(
        label="Средство", queryset=AttestationInstrument.objects.none(), empty_label=None
    )
    experts = forms.ModelMultipleChoiceField(
        label="Эксперты", queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, attestation: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        instruments: Any = self.fields["instrument"]
        instruments.queryset = attestation.instruments.exclude(kind=InstrumentKind.TEST)
        experts: Any = self.fields["experts"]
        experts.queryset = User.objects.with_role(Role.EXPERT)


class MarksForm(PortalForm):
    """A page of the sheet: a cell per person and instrument, a reason per absent person."""

    def __init__(
        self, *args: Any, entries: list[Any], instruments: list[AttestationInstrument], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.entries, self.instruments = entries, instruments
        for entry in entries:
            given = entry.points_by_instrument()
            name = entry.reservist.user.full_name
            for item in instruments:
                self.fields[f"points_{entry.pk}_{item.pk}"] = forms.DecimalField(
                    label=f"{name}: {item.name}",
                    required=False,
                    initial=given.get(item.pk),
                )
            self.fields[f"absent_{entry.pk}"] = forms.CharField(
                label=f"{name}: почему не проходил",
                required=False,
                max_length=300,
                initial=entry.absence_reason,
            )

        for field in self.fields.values():
            prepare_field(field)

    def rows(self) -> list[dict[str, Any]]:
        """Each person with the bound fields of his or her line."""
        return [
            {
                "entry": entry,
                "cells": [self[f"points_{entry.pk}_{item.pk}"] for item in self.instruments],
                "absent": self[f"absent_{entry.pk}"],
            }
            for entry in self.entries
        ]

    def marks(self) -> dict[int, Marks]:
        """What was typed, by the entry's id."""
        data = self.cleaned_data
        return {
            entry.pk: Marks(
                {item.pk: data[f"points_{entry.pk}_{item.pk}"] for item in self.instruments},
                data[f"absent_{entry.pk}"],
            )
            for entry in self.entries
        }


class ReportForm(PortalForm):
    """Which year is evaluated (O7.1)."""

    submit_label = "Выпустить отчёт"
    year = forms.IntegerField(label="Год", min_value=2000, max_value=2100)
