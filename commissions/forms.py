from typing import Any

import pikepdf
from django import forms
from django.core.exceptions import ValidationError

from reserve_portal.core import clock
from reserve_portal.core.forms import PortalForm
from reserve_portal.papers.cms import MAX_BYTES
from reserve_portal.regulations.models import Edition

from .enums import Choice, MeetingForm
from .models import Body, DecisionLine, DecisionList, Meeting

MAX_SIGNATURE_BYTES = MAX_BYTES
MAX_ORDER_BYTES = 20 * 1024 * 1024
DIFFERENT = "line_"
REASON = "reason_"
REMOVED = "removed_"


class ConflictForm(PortalForm):
    submit_label = "Заявить об отводе"
    reason = forms.CharField(
        label="В чём конфликт интересов",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Например: родство, работа в одной организации. Причина войдёт в протокол.",
    )


class ReasonForm(PortalForm):
    reason = forms.CharField(label="Причина", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class DiscussionForm(PortalForm):
    submit_label = "Сохранить запись"
    form_id = "discussion"
    text = forms.CharField(
        label="Выступили",
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Кто и о чём говорил. Текст войдёт в протокол.",
    )


class AttendanceForm(PortalForm):
    """Everybody in one form; those ticked are present. In an absentee poll nobody is asked."""

    form_id = "attendance"
    present = forms.TypedMultipleChoiceField(
        label="Присутствуют",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Отметьте, кто присутствует."},
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if meeting.is_absentee:
            del self.fields["present"]
            return
        members = list(meeting.members.all())
        field: Any = self.fields["present"]
        field.choices = [(member.user_id, _place(member)) for member in members]
        self.initial.setdefault("present", [member.user_id for member in members if member.present])


class VoteForm(PortalForm):
    """A voice on the whole item and, for the lines of the page shown, where it differs; a separate opinion."""

    choice = forms.ChoiceField(
        label="Ваш голос по вопросу в целом", choices=Choice.choices, widget=forms.RadioSelect
    )
    opinion = forms.CharField(
        label="Особое мнение",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Если хотите, чтобы оно вошло в протокол под вашим именем. До итогов его никто не видит.",
    )

    def __init__(self, *args: Any, lines: list[DecisionLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in lines:
            self.fields[f"{DIFFERENT}{line.pk}"] = forms.ChoiceField(
                label=f"Голос отдельно: {line.label}",
                required=False,
                choices=[("", "как в целом"), *Choice.choices],
                widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
            )

    def differing(self) -> dict[int, str]:
        """{line id: choice} of the lines shown where a voice of its own was given."""
        return _by_line(self.cleaned_data, DIFFERENT)


class ClosingForm(PortalForm):
    """One demanded reason for each line on which the voices did not carry the proposal."""

    submit_label = "Закрыть заседание и выдать протокол"
    danger = True

    def __init__(self, *args: Any, departures: list[DecisionLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in departures:
            self.fields[f"{REASON}{line.pk}"] = forms.CharField(
                label=f"{line.label}: почему решение расходится с предложением",
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": f"Укажите причину: {line.label}."},
            )

    def reasons(self) -> dict[int, str]:
        """{line id: the body's reason}."""
        return _by_line(self.cleaned_data, REASON)


class OrderForm(PortalForm):
    submit_label = "Внести приказ"
    number = forms.CharField(label="Номер приказа", max_length=60)
    dated = forms.DateField(label="Дата приказа", widget=forms.DateInput)
    file = forms.FileField(
        label="Файл приказа (PDF)", required=False, help_text="Подписанный приказ, до 20 МБ."
    )

    def __init__(self, *args: Any, lines: list[DecisionLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in lines:
            self.fields[f"{REMOVED}{line.pk}"] = forms.CharField(
                label=f"Причина исключения из списка: {line.label}",
                required=False,
                max_length=1000,
                widget=forms.TextInput(
                    attrs={"class": "form-control form-control-sm", "autocomplete": "off"}
                ),
            )

    def clean_file(self) -> Any:
        """A PDF that really opens; raises ValidationError otherwise."""
        file = self.cleaned_data["file"]
        if file:
            require_pdf(file)
        return file

    def removed(self) -> dict[int, str]:
        """{line id: reason} of the people taken off."""
        return _by_line(self.cleaned_data, REMOVED)


class PlanMeetingForm(PortalForm):
    submit_label = "Назначить заседание"
    body = forms.ModelChoiceField(label="Орган", queryset=Body.objects.all())
    edition = forms.ModelChoiceField(label="Порядок", queryset=Edition.objects.all())
    form = forms.ChoiceField(label="Форма", choices=MeetingForm.choices)
    starts_at = forms.DateTimeField(label="Начало", widget=forms.DateTimeInput)
    ends_at = forms.DateTimeField(
        label="Голоса принимаются до",
        required=False,
        widget=forms.DateTimeInput,
        help_text="Только для заочного голосования.",
    )
    place = forms.CharField(label="Место или ссылка", max_length=250)

    def clean_starts_at(self) -> Any:
        """Not in the past."""
        moment = self.cleaned_data["starts_at"]
        if moment < clock.now():
            raise ValidationError("Это время уже прошло.")
        return moment


class AgendaForm(PortalForm):
    submit_label = "Включить в повестку"
    lists = forms.ModelMultipleChoiceField(
        label="Списки, которые ждут этого органа",
        queryset=DecisionList.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Отметьте хотя бы один список."},
    )
    speaker = forms.CharField(label="Докладчик", max_length=310)

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["lists"]
        field.queryset = DecisionList.objects.waiting_for_meeting(meeting.body)


class ExtendForm(PortalForm):
    submit_label = "Продлить"
    ends_at = forms.DateTimeField(label="Голоса принимаются до", widget=forms.DateTimeInput)
    reason = forms.CharField(
        label="Почему продлевается", max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class SigningForm(PortalForm):
    """A scan of the signed protocol, or a detached signature and whose it is."""

    submit_label = "Загрузить и проверить"
    whose = forms.ChoiceField(label="Что загружаете", widget=forms.RadioSelect)
    file = forms.FileField(
        label="Файл", help_text="Скан — PDF до 20 МБ; электронная подпись — файл .sig (.p7s) до 1 МБ."
    )
    data_of_file = b""

    def __init__(self, *args: Any, signers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._signers = {str(member.pk): member for member in signers if member is not None}
        scan = [("scan", "Скан подписанного протокола")] if None in signers else []
        field: Any = self.fields["whose"]
        field.choices = [
            *scan,
            *((pk, f"Электронная подпись: {member.name}") for pk, member in self._signers.items()),
        ]

    @property
    def member(self) -> Any:
        """Whose signature it is; None for a scan."""
        return self._signers.get(self.cleaned_data["whose"])

    def clean(self) -> dict[str, Any]:
        """A scan must be a PDF that opens; a signature is small, what it says is found out by its check."""
        data = super().clean() or {}
        file = data.get("file")
        if file is None or not data.get("whose"):
            return data
        try:
            if data["whose"] == "scan":
                require_pdf(file)
            elif file.size > MAX_SIGNATURE_BYTES:
                raise ValidationError("Файл подписи больше 1 МБ.")
        except ValidationError as error:
            self.add_error("file", error)
            return data
        self.data_of_file = bytes(file.read())
        return data


class MaterialForm(PortalForm):
    """A file for the voters; what tells about one person belongs to that person's line."""

    submit_label = "Добавить материал"
    title = forms.CharField(label="Название", max_length=250)
    line = forms.ModelChoiceField(
        label="О ком",
        queryset=DecisionLine.objects.none(),
        required=False,
        empty_label="ко всему вопросу",
        help_text="Документ об одном человеке не увидят те, кто по нему в отводе. Общий видят все.",
    )
    file = forms.FileField(label="Файл (PDF)", help_text="До 20 МБ.")

    def __init__(self, *args: Any, decision_list: DecisionList, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["line"]
        field.queryset = decision_list.lines.all()

    def clean_file(self) -> Any:
        """A PDF that really opens; raises ValidationError otherwise."""
        require_pdf(self.cleaned_data["file"])
        return self.cleaned_data["file"]


class CorrectionForm(PortalForm):
    submit_label = "Составить исправление"
    line = forms.ModelChoiceField(label="О ком решение", queryset=DecisionLine.objects.none())
    becomes = forms.CharField(
        label="Как следует читать", max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    reason = forms.CharField(label="В чём ошибка", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, decision_list: DecisionList, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["line"]
        field.queryset = decision_list.lines.all()


def _place(member: Any) -> str:
    note = "" if member.votes else ", без права голоса"
    if member.stands_in_for is not None:
        return f"{member.name} — замещает: {member.stands_in_for.name}"
    return f"{member.name} — {member.get_position_display()}{note}"


def _by_line(data: dict[str, Any], prefix: str) -> dict[int, str]:
    return {
        int(name[len(prefix) :]): value for name, value in data.items() if name.startswith(prefix) and value
    }


def require_pdf(file: Any) -> None:
    if file.size > MAX_ORDER_BYTES:
        raise ValidationError("Файл больше 20 МБ: уменьшите его или приложите без рисунков.")
    start = file.read(5)
    file.seek(0)
    try:
        if start != b"%PDF-":
            raise ValueError
        with pikepdf.open(file, attempt_recovery=False) as document:
            if not len(document.pages):
                raise ValueError
    except (ValueError, pikepdf.PdfError, pikepdf.PasswordError):
        raise ValidationError(
            "Это не PDF, или файл повреждён или закрыт паролем. Приложите приказ как PDF."
        ) from None
    file.seek(0)
