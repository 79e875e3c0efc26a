"""Forms of the operator's deeds."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms

from reserve_portal.core import clock
from reserve_portal.core.forms import PortalForm
from reserve_portal.core.gates import Blocker
from reserve_portal.regulations.enums import GroundKind
from reserve_portal.regulations.models import Edition, Ground

from .enums import Verdict
from .models import Campaign, PackageItem, RequirementFinding
from .services.packages import excuse_is_open
from .summary import ground_in_words

ROWS = {"rows": 3}
LAST_MINUTE = time(23, 59)
VERDICTS = [
    (Verdict.ACCEPTED, "Принять"),
    (Verdict.CORRECT, "Вернуть на исправление"),
    (Verdict.REFUSED, "Не принимать"),
]


class ConfirmForm(PortalForm):
    """Nothing to fill in."""


class RegisterAllForm(PortalForm):
    """Nothing to fill in; how many were shown tells afterwards what somebody else registered meanwhile."""

    shown = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReasonForm(PortalForm):
    reason = forms.CharField(label="Причина", widget=forms.Textarea(ROWS))


class WindowForm(PortalForm):
    """A window in the region's time; without a time it begins at midnight and ends with the last day."""

    opens_on = forms.DateField(label="Первый день приёма")
    opens_time = forms.TimeField(label="Время начала", required=False, help_text="Пусто — с 00:00.")
    closes_on = forms.DateField(label="Последний день приёма")
    closes_time = forms.TimeField(
        label="Время окончания", required=False, help_text="Пусто — до конца дня, 23:59:59."
    )

    def __init__(self, *args: Any, campaign: Campaign | None = None, **kwargs: Any) -> None:
        if campaign is not None:
            opens, closes = clock.local(campaign.opens_at), clock.local(campaign.closes_at)
            whole_day = campaign.closes_at == clock.end_of(closes.date())
            kwargs["initial"] = {
                "opens_on": opens.date(),
                "opens_time": opens.time() if opens.time() != time.min else None,
                "closes_on": closes.date(),
                "closes_time": None if whole_day else closes.time().replace(microsecond=0),
            }
        super().__init__(*args, **kwargs)

    def window(self) -> dict[str, datetime]:
        """The moments of the window: `opens_at`, `closes_at`."""
        data = self.cleaned_data
        return {
            "opens_at": clock.at(data["opens_on"], data["opens_time"] or time.min),
            "closes_at": _last_moment(data["closes_on"], data["closes_time"]),
        }

    def add_error(self, field: str | None, error: Any) -> None:
        """A blocker names the moment; here it is two fields."""
        super().add_error({"opens_at": "opens_on", "closes_at": "closes_on"}.get(field or "", field), error)


class CampaignForm(WindowForm):
    name = forms.CharField(label="Название", max_length=200, help_text="Например: «Набор весны 2026 года».")
    edition = forms.ModelChoiceField(label="Порядок", queryset=Edition.objects.none())
    quota = forms.IntegerField(
        label="Квота включения", required=False, min_value=1, help_text="Пусто — без квоты."
    )
    quota_basis = forms.CharField(
        label="Чем установлена квота", required=False, max_length=300, help_text="Орган, номер и дата."
    )
    field_order = [
        "name",
        "edition",
        "opens_on",
        "opens_time",
        "closes_on",
        "closes_time",
        "quota",
        "quota_basis",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        editions = self.fields["edition"]
        assert isinstance(editions, forms.ModelChoiceField)
        editions.queryset = Edition.objects.all()
        editions.initial = in_force = Edition.objects.filter(in_force=True).first()
        if in_force is not None:
            year = clock.today().year
            editions.help_text = (
                f"По действующему порядку наборов в год — {in_force.value('intakes_a_year')} "
                f"({in_force.clause('intakes_a_year')}); в {year} году создано: "
                f"{Campaign.objects.filter(opens_at__year=year).count()}."
            )


class QuotaForm(PortalForm):
    quota = forms.IntegerField(
        label="Квота включения", required=False, min_value=1, help_text="Пусто — без квоты."
    )
    basis = forms.CharField(
        label="Чем установлена квота", required=False, max_length=300, help_text="Орган, номер и дата."
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        initial = {"quota": campaign.quota, "basis": campaign.quota_basis}
        super().__init__(*args, initial=initial, **kwargs)


class NoteForm(PortalForm):
    note = forms.CharField(
        label="Пояснение кандидату", required=False, widget=forms.Textarea(ROWS), help_text="Войдёт в письмо."
    )


class AnnotationForm(PortalForm):
    text = forms.CharField(
        label="Примечание",
        widget=forms.Textarea(ROWS),
        help_text="Запись журнала не изменится: примечание добавится к ней с датой и вашей фамилией.",
    )


class LateWindowForm(PortalForm):
    """A personal term of one person, by the address of the account."""

    leads = ("until",)  # told beside until_on

    email = forms.EmailField(
        label="Адрес кандидата", help_text="С которым человек зарегистрирован на портале."
    )
    until_on = forms.DateField(label="Последний день")
    until_time = forms.TimeField(
        label="Время окончания", required=False, help_text="Пусто — до конца дня, 23:59:59."
    )
    reason = forms.CharField(
        label="Причина", max_length=500, widget=forms.Textarea(ROWS), help_text="Войдёт в письмо кандидату."
    )

    def until(self) -> datetime:
        """The last moment of the personal window."""
        return _last_moment(self.cleaned_data["until_on"], self.cleaned_data["until_time"])

    def add_error(self, field: str | None, error: Any) -> None:
        """A blocker names the moment; here it is two fields."""
        super().add_error("until_on" if field == "until" else field, error)


class GroundField(forms.ModelChoiceField):
    """A ground of the edition's closed list, with its clause."""

    def label_from_instance(self, obj: Any) -> str:
        return ground_in_words(obj)


class EditionGroundForm(PortalForm):
    """A form that offers the grounds of one kind of the edition."""

    ground_kind = GroundKind.CORRECTION

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["ground"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Ground.objects.filter(edition=edition, kind=self.ground_kind)


class VerdictForm(EditionGroundForm):
    verdict = forms.ChoiceField(
        label="Решение по документу",
        choices=VERDICTS,
        widget=forms.RadioSelect,
    )
    ground = GroundField(
        label="Причина возврата", queryset=Ground.objects.none(), required=False, empty_label="— выберите —"
    )
    words = forms.CharField(
        label="Пояснение кандидату",
        required=False,
        widget=forms.Textarea(ROWS),
        help_text="Что именно исправить.",
    )
    submit_label = "Сохранить и перейти к следующему"

    def __init__(self, *args: Any, item: PackageItem, **kwargs: Any) -> None:
        initial: dict[str, Any] = {}
        if item.verdict != Verdict.PENDING:  # a replaced file starts anew
            initial = {"verdict": item.verdict, "ground": item.ground_id, "words": item.words}
        edition = item.application.campaign.edition
        super().__init__(*args, edition=edition, initial=initial, **kwargs)
        if excuse_is_open(item):
            verdicts = self.fields["verdict"]
            assert isinstance(verdicts, forms.ChoiceField)
            verdicts.choices = [*VERDICTS, (Verdict.EXCUSED, "Нет по уважительной причине")]


class FindingForm(PortalForm):
    holds = forms.TypedChoiceField(
        label="Требование выполнено?",
        choices=[("yes", "да"), ("no", "нет")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Почему иначе, чем по расчёту", required=False, widget=forms.Textarea({"rows": 2})
    )
    submit_label = "Сохранить"

    def __init__(self, *args: Any, finding: RequirementFinding, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"reason": finding.reason}
        if finding.holds is not None:
            initial["holds"] = "yes" if finding.holds else "no"
        super().__init__(*args, initial=initial, **kwargs)


class ProposalForm(EditionGroundForm):
    ground_kind = GroundKind.NOT_ADMITTED
    admit = forms.TypedChoiceField(
        label="Предложение комиссии",
        choices=[("yes", "допустить к оценке"), ("no", "не допускать")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    ground = GroundField(
        label="Основание, если не допускать",
        queryset=Ground.objects.none(),
        required=False,
        empty_label="— выберите —",
    )
    words = forms.CharField(label="Пояснение", required=False, widget=forms.Textarea(ROWS))

    def __init__(self, *args: Any, bars: Sequence[Blocker] = (), **kwargs: Any) -> None:
        """`bars` keep admission from being proposed: it is not offered then, and the reason stands beside."""
        super().__init__(*args, **kwargs)
        if bars:
            admit = self.fields["admit"]
            assert isinstance(admit, forms.TypedChoiceField)
            admit.choices, admit.initial = [("no", "не допускать")], "no"
            admit.help_text = " ".join(bar.text for bar in bars)


class RefusalForm(EditionGroundForm):
    ground_kind = GroundKind.INCOMPLETE
    ground = GroundField(label="Основание", queryset=Ground.objects.none(), empty_label="— выберите —")
    words = forms.CharField(
        label="Чего не хватает",
        widget=forms.Textarea({"rows": 5}),
        help_text="Составлено по решениям о документах, можно дополнить. Войдёт в уведомление и письмо.",
    )

    def __init__(self, *args: Any, lacks: Sequence[tuple[PackageItem, str]] = (), **kwargs: Any) -> None:
        """`lacks` are the documents that are missing or were not accepted, with what is wrong; the form tells them."""
        super().__init__(*args, **kwargs)
        self.fields["words"].initial = "\n".join(f"— {item}: {words}" for item, words in lacks)
        ground = self.fields["ground"]
        assert isinstance(ground, forms.ModelChoiceField) and ground.queryset is not None
        if len(grounds := list(ground.queryset[:2])) == 1:
            ground.initial = grounds[0]


class ListForm(PortalForm):
    """Making the list; who is left out must have been seen."""

    seen = forms.BooleanField(label="Вижу, кто не войдёт в список")

    def __init__(self, *args: Any, someone_left_out: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not someone_left_out:
            del self.fields["seen"]


def _last_moment(day: date, at_time: time | None) -> datetime:
    if at_time is None or at_time == LAST_MINUTE:
        return clock.end_of(day)
    return clock.at(day, at_time)
