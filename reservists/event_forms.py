"""Forms about events: refusal and survey of a participant, attendance for the operator."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reserve_portal.core.forms import PortalForm

from .services.surveys import SCORES


class SurveyForm(PortalForm):
    """What a participant thinks of the event (O7.3)."""

    submit_label = "Отправить отзыв"
    score = forms.TypedChoiceField(
        label="Насколько мероприятие было полезным?",
        choices=[(str(score), f"{score} — {label}") for score, label in SCORES.items()],
        coerce=int,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label="Что понравилось, чего не хватило",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Не пишите того, по чему вас можно узнать.",
    )


class AttendanceListForm(PortalForm):
    """A pasted list or a table of those who took part."""

    submit_label = "Проверить"
    mark_optional = False  # one of the two
    text = forms.CharField(
        label="Список участников",
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="Каждый с новой строки: адрес почты или регистрационный номер, можно с именем. "
        "Например: Иванова Мария Петровна, КР-2026-0012.",
    )
    file = forms.FileField(
        label="Или таблица",
        required=False,
        help_text="XLSX, ODS или CSV со столбцами «Адрес почты» или «Рег. номер».",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.ods,.csv"}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if bool(data.get("text", "").strip()) == bool(data.get("file")) and not self.errors:
            raise ValidationError("Вставьте список или выберите таблицу — одно из двух.")
        return data


class TableForm(PortalForm):
    """A table that comes in."""

    file = forms.FileField(label="Таблица", help_text="XLSX, ODS или CSV; первая строка — заголовки.")
