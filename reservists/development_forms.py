"""Forms of mentors, plans and reports: what people type, checked before a service is called."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from candidates.uploads import ACCEPT_ATTRIBUTE, ACCEPTED_KINDS
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Municipality, User
from reserve_portal.core import clock
from reserve_portal.core.forms import PortalForm, PortalModelForm
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.parameters import PLAN_PARTS

from .models import DevelopmentPlan, Mentor, MentorReport, PlanItem, PlanReport, ReportRow, Reservist

ROWS_2 = forms.Textarea(attrs={"rows": 2})
ROWS_4 = forms.Textarea(attrs={"rows": 4})


class PoolForm(PortalForm):
    """Who is proposed for the pool: experts of the portal, and others by address, one a line."""

    submit_label = "Составить список"
    experts = forms.ModelMultipleChoiceField(
        User.objects.none(), label="Эксперты", widget=forms.CheckboxSelectMultiple, required=False
    )
    others = forms.CharField(
        label="Ещё люди",
        required=False,
        widget=ROWS_4,
        help_text="Каждый с новой строки: адрес; фамилия имя отчество; должность. "
        "Если учётная запись есть, хватит адреса.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["experts"]
        field.queryset = User.objects.with_role(Role.EXPERT).exclude(
            pk__in=Mentor.objects.active().values("user")
        )
        if not field.queryset.exists():
            del self.fields["experts"]

    def clean_others(self) -> list[dict[str, str]]:
        """Rows {email, last_name, first_name, patronymic, post}; a line that cannot be read is named."""
        lines = [line.strip() for line in self.cleaned_data["others"].splitlines() if line.strip()]
        return [_person_of(number, line) for number, line in enumerate(lines, start=1)]


def _person_of(number: int, line: str) -> dict[str, str]:
    email, name, post = [*(part.strip() for part in line.split(";")), "", ""][:3]
    try:
        validate_email(email)
    except ValidationError:
        raise ValidationError(f"Строка {number}: адрес «{email}» не читается.") from None
    known = User.objects.filter(email__iexact=email).exists()
    words = re.split(r"\s+", name, maxsplit=2)
    if not known and len(words) < 2:
        raise ValidationError(f"Строка {number}: такого адреса на портале нет, укажите фамилию и имя.")
    last, first, patronymic = [*words, "", ""][:3]
    return {"email": email, "last_name": last, "first_name": first, "patronymic": patronymic, "post": post}


class RemovalForm(PortalForm):
    submit_label = "Вывести из состава"
    danger = True
    reason = forms.CharField(label="Причина", max_length=300, widget=ROWS_2)


class AssignmentForm(PortalForm):
    """A mentor for each reservist of the list, with the ground of the proposal."""

    submit_label = "Составить список"
    mark_optional = False

    def __init__(
        self, *args: Any, proposals: Sequence[tuple[Reservist, int | None, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reservists = {f"mentor_{row.pk}": row for row, _, _ in proposals}
        mentors = list(Mentor.objects.active().with_load().select_related("user"))
        self.mentors = {str(mentor.pk): mentor for mentor in mentors}
        names = [(str(mentor.pk), f"{mentor} — сейчас {mentor.load}") for mentor in mentors]
        for row, proposed, why in proposals:
            self.fields[f"mentor_{row.pk}"] = forms.ChoiceField(
                label=f"{row}, {row.get_zone_display().lower()} зона",
                choices=[("", "не закреплять сейчас"), *names],
                initial=str(proposed or ""),
                required=False,
                help_text=why,
            )

    def pairs(self) -> list[tuple[Reservist, Mentor]]:
        """What was chosen."""
        chosen = {name: self.cleaned_data.get(name) for name in self.reservists}
        return [(self.reservists[name], self.mentors[pk]) for name, pk in chosen.items() if pk]


class ReassignmentForm(PortalForm):
    submit_label = "Составить список"
    mentor = forms.ModelChoiceField(
        Mentor.objects.none(), label="Новый наставник", empty_label="— выберите —"
    )
    ground = forms.CharField(
        label="Почему наставник меняется",
        max_length=500,
        required=False,
        widget=ROWS_2,
        help_text="Если наставника ещё нет, оставьте пустым.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["mentor"]
        field.queryset = Mentor.objects.active().select_related("user")


class StartPlanForm(PortalForm):
    submit_label = "Начать план"
    year = forms.TypedChoiceField(label="На какой год", coerce=int)

    def __init__(self, *args: Any, reservist: Reservist, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this = clock.today().year
        field: Any = self.fields["year"]
        field.choices = [(year, str(year)) for year in (this, this + 1)]
        field.initial = this + 1 if reservist.plans.filter(year=this).exists() else this


class PlanTextForm(PortalModelForm):
    """Both are demanded before the plan goes to the mentor, not at each saving."""

    mark_optional = False

    class Meta:
        model = DevelopmentPlan
        fields = ["deficits", "goals"]
        widgets = {"deficits": ROWS_4, "goals": ROWS_4}
        help_texts = {
            "deficits": "Портал подставил направления оценки, где потеряны баллы. Допишите своими словами.",
            "goals": "Чего вы хотите достичь к концу года, как это увидят другие.",
        }

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _leave_parts(self, edition)


class PlanItemForm(PortalModelForm):
    """One row of a plan; forms and parts are the edition's (O4.4)."""

    submit_label = "Сохранить пункт"
    form = forms.ChoiceField(label="Форма подготовки")

    class Meta:
        model = PlanItem
        fields = [
            "area", "form", "competence", "event", "organiser", "starts_on", "ends_on", "result", "evidence",
        ]  # fmt: skip
        widgets = {"result": ROWS_2}
        help_texts = {"evidence": "Удостоверение, приказ, ссылка — то, что можно показать."}

    def __init__(self, *args: Any, plan: DevelopmentPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        edition = plan.reservist.edition
        field: Any = self.fields["form"]
        field.choices = [("", "— выберите —"), *((form, form) for form in edition.value("plan_forms"))]
        _leave_parts(self, edition)
        for part in PLAN_PARTS:
            if part in self.fields:
                self.fields[part].required = True


def _leave_parts(form: Any, edition: Edition) -> None:
    """Show only what the edition's plan is made of."""
    for part in set(PLAN_PARTS) - set(edition.value("plan_parts")):
        form.fields.pop(part, None)


class ReturnPlanForm(PortalForm):
    """Remarks on the whole, and beside each row where there is one."""

    submit_label = "Вернуть с замечаниями"
    remarks = forms.CharField(label="Что исправить", max_length=2000, widget=ROWS_4)

    def __init__(self, *args: Any, plan: DevelopmentPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = {f"comment_{item.pk}": item.pk for item in plan.items.all()}
        for item in plan.items.all():
            self.fields[f"comment_{item.pk}"] = forms.CharField(
                label=f"К пункту «{item}»", max_length=1000, required=False, widget=ROWS_2
            )

    def comments(self) -> dict[int, str]:
        return {pk: self.cleaned_data.get(name, "") for name, pk in self.items.items()}


class ChangePlanForm(PortalForm):
    submit_label = "Начать изменения"
    reason = forms.CharField(label="Почему план меняется", max_length=500, widget=ROWS_2)


class ProgressForm(PortalForm):
    submit_label = "Отметить"
    progress = forms.IntegerField(
        label="Выполнено, %", min_value=0, max_value=100, help_text="100 — пункт выполнен полностью."
    )


class CommentForm(PortalForm):
    submit_label = "Отправить комментарий"
    text = forms.CharField(label="Комментарий", max_length=2000, widget=ROWS_4)


class EvidenceForm(PortalForm):
    submit_label = "Приложить"
    title = forms.CharField(
        label="Что это", max_length=200, help_text="Например: удостоверение № 112233 от 18.09.2026."
    )
    file = forms.FileField(
        label="Файл",
        help_text=f"{ACCEPTED_KINDS}.",
        widget=forms.ClearableFileInput({"accept": ACCEPT_ATTRIBUTE}),
    )


class ReportTextForm(PortalModelForm):
    class Meta:
        model = PlanReport
        fields = ["achievements", "proposals"]
        widgets = {"achievements": ROWS_4, "proposals": ROWS_4}


class ReportRowForm(PortalModelForm):
    class Meta:
        model = ReportRow
        fields = ["progress", "done", "done_on", "hours", "evidence", "reason", "new_term"]
        widgets = {"done": ROWS_2, "reason": ROWS_2}
        help_texts = {
            "progress": "От 0 до 100; 100 — выполнено.",
            "done": "Нужно, если выполнено больше 0 %.",
            "hours": "Если известны.",
            "reason": "Нужно, если срок пункта прошёл, а он не выполнен.",
        }


class RemarksForm(PortalForm):
    """The mentor's words: demanded for sending back, welcome for accepting."""

    remarks = forms.CharField(label="Отзыв", max_length=2000, widget=ROWS_4)

    def __init__(self, *args: Any, demanded: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remarks"].required = demanded
        if demanded:
            self.fields["remarks"].label = "Что исправить"


class MentorReportForm(PortalForm):
    """The report's words and one on each reservist; all may be left for later."""

    submit_label = "Сохранить"
    mark_optional = False
    work = forms.CharField(label="Что сделано", max_length=3000, required=False, widget=ROWS_4)
    difficulties = forms.CharField(label="Трудности", max_length=2000, required=False, widget=ROWS_2)
    proposals = forms.CharField(label="Предложения", max_length=2000, required=False, widget=ROWS_2)

    def __init__(self, *args: Any, report: MentorReport, **kwargs: Any) -> None:
        texts = {name: getattr(report, name) for name in ("work", "difficulties", "proposals")}
        super().__init__(*args, initial=texts, **kwargs)
        lines = report.lines.select_related("reservist__user")
        self.people = {f"line_{line.pk}": line.pk for line in lines}
        for line in lines:
            self.fields[f"line_{line.pk}"] = forms.CharField(
                label=f"Оценка работы: {line.reservist}",
                initial=line.words,
                max_length=1000,
                required=False,
                widget=ROWS_2,
            )

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("work", "difficulties", "proposals")}

    def lines(self) -> dict[int, str]:
        return {pk: self.cleaned_data[name] for name, pk in self.people.items()}


class ReviewForm(PortalForm):
    """Which plans the body reviews: those with something overdue, all chosen at first (O4.13, O4.15)."""

    submit_label = "Составить список"
    plans = forms.ModelMultipleChoiceField(
        DevelopmentPlan.objects.none(), label="Планы с просрочкой", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, plans: Sequence[DevelopmentPlan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [plan.pk for plan in plans]
        field: Any = self.fields["plans"]
        rows = DevelopmentPlan.objects.filter(pk__in=chosen)
        field.queryset = rows.select_related("reservist__user", "reservist__edition").order_by(
            "reservist__user__last_name", "reservist__user__first_name", "pk"
        )
        field.label_from_instance = lambda plan: f"{plan.reservist}: {plan}"
        field.initial = chosen


class MentorFactsForm(PortalForm):
    """Where a mentor works and whom he or she knows best: what the proposal of assignments goes by (O4.7)."""

    submit_label = "Сохранить"
    municipality = forms.ModelChoiceField(
        Municipality.objects.all(), label="Муниципальное образование", required=False, empty_label="любое"
    )
    group_code = forms.ChoiceField(label="Направление (целевая группа)", required=False)
    capacity = forms.IntegerField(
        label="Не больше резервистов",
        min_value=1,
        max_value=200,
        required=False,
        help_text="Пусто — без предела.",
    )

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["group_code"]
        groups = [(group.code, group.name) for group in edition.target_groups.all()]
        field.choices = [("", "любое"), *groups]


class MonitoringFilter(PortalForm):
    """What the monitoring is narrowed by."""

    q = forms.CharField(label="Фамилия или имя", max_length=100, required=False)
    year = forms.IntegerField(label="Год", min_value=2000, max_value=2100, required=False)
    late = forms.BooleanField(label="Только с просрочкой", required=False)
