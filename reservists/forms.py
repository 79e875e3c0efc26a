"""Forms of the reserve: what people type, checked before a service is called."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assessment.models import Procedure
from candidates.models import Consent
from reserve_portal.accounts.models import Municipality
from reserve_portal.core.forms import PortalForm, PortalModelForm
from reserve_portal.regulations.enums import GroundKind
from reserve_portal.regulations.models import Edition, Ground, TargetGroup

from .models import Event, Participation, RegistryEdition
from .services.dissemination import consents_to_stop
from .services.membership import procedures_to_decide


class RefusalForm(PortalForm):
    """Why a reservist will not come."""

    submit_label = "Отказаться от участия"
    danger = True
    reason = forms.CharField(
        label="Причина отказа",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Одно-два предложения.",
    )


class PeopleFilter(PortalForm):
    """What a list of reservists is narrowed by."""

    q = forms.CharField(label="Фамилия или имя", max_length=100, required=False)
    municipality = forms.ModelChoiceField(
        Municipality.objects.all(), label="Муниципальное образование", required=False, empty_label="Все"
    )


class IndicatorsForm(PortalForm):
    """Which year, on which day, whose people the indicators are about."""

    year = forms.IntegerField(label="Год", min_value=2000, max_value=2100)
    until = forms.DateField(
        label="На дату",
        required=False,
        help_text="Пусто — по сегодняшний день.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    group = forms.ChoiceField(label="Целевая группа", required=False)
    municipality = forms.ModelChoiceField(
        Municipality.objects.all(), label="Муниципальное образование", required=False, empty_label="Все"
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        rows = TargetGroup.objects.order_by("edition__in_force", "-order").values_list("code", "name")
        self.groups = dict(reversed(dict(rows).items()))  # by the edition in force, where it knows the group
        field: Any = self.fields["group"]
        field.choices = [("", "Все"), *self.groups.items()]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        until = data.get("until")
        if until and data.get("year") and until.year != data["year"]:
            self.add_error("until", "Дата должна быть в выбранном году.")
        return data


class TargetForm(PortalForm):
    """The target of an indicator for a year (O7.4)."""

    submit_label = "Сохранить ориентир"
    value = forms.DecimalField(
        label="Ориентир",
        max_digits=9,
        decimal_places=2,
        min_value=0,
        required=False,
        localize=True,
        help_text="В тех же единицах, что показатель. Пусто — ориентира нет.",
    )
    at_most = forms.BooleanField(label="Показатель должен быть не больше этого", required=False)
    basis = forms.CharField(label="Каким решением установлен", max_length=250, required=False)


class StopForm(PortalForm):
    """Of whom nothing is published any more."""

    submit_label = "Публикация прекращена"
    consents = forms.ModelMultipleChoiceField(
        Consent.objects.none(), label="Отозвали согласие", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["consents"]
        field.queryset = consents_to_stop()
        field.label_from_instance = lambda row: f"{row.user.full_name}, отозвано {row.withdrawn_at:%d.%m.%Y}"


class DifferenceForm(PortalForm):
    """With which earlier edition of the registry one is compared."""

    submit_label = "Сравнить"
    form_method = "get"
    number = forms.IntegerField(label="№ прежней редакции", min_value=1)

    def __init__(self, *args: Any, newer: RegistryEdition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earlier = RegistryEdition.objects.filter(number__lt=newer.number).order_by("-number")

    def clean_number(self) -> RegistryEdition:
        found = self.earlier.filter(number=self.cleaned_data["number"]).first()
        if found is None:
            raise ValidationError("Такой прежней редакции нет: укажите номер меньше, чем у этой.")
        return found


class EventForm(PortalModelForm):
    """An event as the operator enters it."""

    submit_label = "Сохранить мероприятие"

    class Meta:
        model = Event
        fields = ["name", "description", "kind", "starts_at", "ends_at", "place", "places"]
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "kind": "Для преимущества при назначении считаются только плановые региональные.",
            "places": "Оставьте пустым, если мест сколько угодно.",
        }


class CancelEventForm(PortalForm):
    submit_label = "Отменить мероприятие"
    danger = True
    reason = forms.CharField(label="Причина отмены", max_length=300)


class ExclusionForm(PortalForm):
    """The ground and the words of a proposal to exclude."""

    submit_label = "Составить список об исключении"
    ground = forms.ModelChoiceField(Ground.objects.none(), label="Основание", empty_label="— выберите —")
    words = forms.CharField(
        label="Обстоятельства",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Что произошло, какие есть документы.",
    )

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["ground"]
        field.queryset = Ground.objects.filter(edition=edition, kind=GroundKind.EXCLUSION)


class PlanYearForm(PortalForm):
    submit_label = "Опубликовать план"
    year = forms.IntegerField(label="Год", min_value=2000, max_value=2100)


class InclusionForm(PortalForm):
    """Which ended procedure the list is made of."""

    submit_label = "Составить список"
    procedure = forms.ModelChoiceField(
        Procedure.objects.none(), label="Процедура оценки", empty_label="— выберите —"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["procedure"]
        field.queryset = procedures_to_decide()


class AttendanceForm(PortalForm):
    """Who of those on the list took part."""

    people = forms.ModelMultipleChoiceField(
        Participation.objects.none(), widget=forms.CheckboxSelectMultiple, required=False, label="Участники"
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["people"]
        self.seats = field.queryset = event.participations.select_related(
            "reservist__user", "route__track__application__user"
        ).order_by("reservist__user__last_name", "reservist__user__first_name", "pk")
