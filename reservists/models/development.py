"""Individual plans of development and the quarterly reports on them (O4.6-4.15)."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from reserve_portal.core import calendar

from ..enums import (
    OPEN_PLANS,
    OPEN_REPORTS,
    PLAN_TONES,
    PLANS_IN_FORCE,
    REPORT_TONES,
    UNAGREED_PLANS,
    PlanArea,
    PlanState,
    ReportState,
)
from .membership import Reservist
from .mentors import Mentor, MentorAssignment

PERCENT = [MaxValueValidator(100, "Не больше 100.")]


def concerns(user: Any, path: str = "reservist") -> Q:
    """Own, or of a reservist whom this person guides as a mentor (process.md 12, row «plans and reports»)."""
    own = Q(**{f"{path}__user": user})
    if not user.has_role("mentor"):
        return own
    return own | Q(**{f"{path}__in": MentorAssignment.objects.guided_by(user).values("reservist")})


class PlanQuerySet(models.QuerySet["DevelopmentPlan"]):
    def in_force(self) -> "PlanQuerySet":
        return self.filter(state__in=PLANS_IN_FORCE)

    def visible_to(self, user: Any) -> "PlanQuerySet":
        """process.md 12, row «plans and reports»: own; a mentor own reservists; operator, authority, auditor all."""
        if user.has_any_role("operator", "authority", "auditor"):
            return self
        return self.filter(concerns(user))


class DevelopmentPlan(models.Model):
    """A version of a reservist's plan for a calendar year; what was agreed is kept, a change is a new version (O4.10).

    A version agreed earlier stays in force until the new one is agreed.
    """

    reservist = models.ForeignKey(Reservist, models.PROTECT, verbose_name="Резервист", related_name="plans")
    year = models.PositiveSmallIntegerField("Год")
    version = models.PositiveSmallIntegerField("Редакция", default=1)
    previous = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, verbose_name="Заменяет", related_name="next"
    )
    change_reason = models.CharField("Почему план меняется", max_length=500, blank=True)
    state = models.CharField("Состояние", max_length=10, choices=PlanState.choices, default=PlanState.DRAFT)
    deficits = models.TextField("Профессиональные дефициты", blank=True)
    goals = models.TextField("Цели", blank=True)
    remarks = models.TextField("Замечания наставника", blank=True)
    agreed_by = models.ForeignKey(
        Mentor, models.PROTECT, null=True, blank=True, verbose_name="Согласовал", related_name="+"
    )
    agreed_on = models.DateField("Согласован", null=True, blank=True)
    copied_on = models.DateField("Копия направлена", null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "План развития"
        verbose_name_plural = "Планы развития"
        ordering = ["-year", "-version", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["reservist", "year", "version"], name="plan_version_once"),
            models.UniqueConstraint(
                fields=["reservist", "year"],
                condition=Q(state__in=UNAGREED_PLANS),
                name="one_plan_in_work_per_year",
                violation_error_message="План на этот год уже составляется.",
            ),
            models.UniqueConstraint(
                fields=["reservist", "year"],
                condition=Q(state__in=PLANS_IN_FORCE),
                name="one_plan_in_force_per_year",
            ),
        ]

    def __str__(self) -> str:
        version = f", редакция {self.version}" if self.version > 1 else ""
        return f"План развития на {self.year} год{version}"

    @property
    def tone(self) -> str:
        return PLAN_TONES.get(PlanState(self.state), "neutral")

    @property
    def is_open(self) -> bool:
        """The reservist may write in it."""
        return self.state in OPEN_PLANS

    @property
    def is_in_force(self) -> bool:
        return self.state in PLANS_IN_FORCE


class PlanItem(models.Model):
    """A row of a plan: what is done, where, by when, with which result (O4.2, O4.4)."""

    plan = models.ForeignKey(DevelopmentPlan, models.CASCADE, related_name="items")
    # The same row in the version before: by it changes are told and progress is kept.
    previous = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    area = models.CharField("Область развития", max_length=10, choices=PlanArea.choices)
    form = models.CharField("Форма подготовки", max_length=200)
    competence = models.CharField("Дефицит или компетенция", max_length=300, blank=True)
    event = models.CharField("Мероприятие или программа", max_length=300)
    organiser = models.CharField("Организатор и место", max_length=300, blank=True)
    starts_on = models.DateField("Начало")
    ends_on = models.DateField("Окончание")
    result = models.TextField("Ожидаемый результат", max_length=1000)
    evidence = models.CharField("Чем подтверждается", max_length=300, blank=True)
    progress = models.PositiveSmallIntegerField("Выполнено, %", default=0, validators=PERCENT)

    class Meta:
        verbose_name = "Пункт плана"
        verbose_name_plural = "Пункты плана"
        ordering = ["starts_on", "ends_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="plan_item_runs_forward",
                violation_error_message="Окончание не может быть раньше начала.",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="plan_item_progress_within_100"),
        ]

    def __str__(self) -> str:
        return self.event

    @property
    def is_done(self) -> bool:
        return self.progress == 100


class ReportQuerySet(models.QuerySet["PlanReport"]):
    def visible_to(self, user: Any) -> "ReportQuerySet":
        """process.md 12, row «plans and reports»."""
        if user.has_any_role("operator", "authority", "auditor"):
            return self
        return self.filter(concerns(user))

    def open(self) -> "ReportQuerySet":
        return self.filter(state__in=OPEN_REPORTS)

    def with_plan(self) -> "ReportQuerySet":
        """Only those whose year has a plan in force."""
        plans = DevelopmentPlan.objects.in_force().filter(
            reservist=OuterRef("reservist"), year=OuterRef("year")
        )
        return self.filter(Exists(plans))


class PlanReport(models.Model):
    """The report on a quarter of the plan; it stands as due from the quarter's first day on (O4.14)."""

    reservist = models.ForeignKey(Reservist, models.PROTECT, verbose_name="Резервист", related_name="reports")
    year = models.PositiveSmallIntegerField("Год")
    quarter = models.PositiveSmallIntegerField("Квартал")
    state = models.CharField("Состояние", max_length=10, choices=ReportState.choices, default=ReportState.DUE)
    achievements = models.TextField("Новые достижения", blank=True)
    proposals = models.TextField("Предложения", blank=True)
    remarks = models.TextField("Отзыв наставника", blank=True)
    submitted_on = models.DateField("Представлен", null=True, blank=True)
    accepted_by = models.ForeignKey(
        Mentor, models.PROTECT, null=True, blank=True, verbose_name="Принял", related_name="+"
    )
    accepted_on = models.DateField("Принят", null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "Квартальный отчёт"
        verbose_name_plural = "Квартальные отчёты"
        ordering = ["-year", "-quarter", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["reservist", "year", "quarter"], name="report_once_a_quarter"),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="report_quarter_1_to_4"),
        ]

    def __str__(self) -> str:
        return f"Отчёт за {self.quarter} квартал {self.year} года"

    @property
    def tone(self) -> str:
        return REPORT_TONES[ReportState(self.state)]

    @property
    def is_open(self) -> bool:
        """The reservist may write in it."""
        return self.state in OPEN_REPORTS

    @property
    def begins_on(self) -> Any:
        """The first day of the quarter, on which the limit starts."""
        return calendar.first_day_of_quarter(self.year, self.quarter)


class ReportRow(models.Model):
    """What a report says about one row of the plan."""

    report = models.ForeignKey(PlanReport, models.CASCADE, related_name="rows")
    item = models.ForeignKey(PlanItem, models.PROTECT, verbose_name="Пункт плана", related_name="report_rows")
    done = models.TextField("Что сделано", max_length=1000, blank=True)
    done_on = models.DateField("Когда", null=True, blank=True)
    hours = models.DecimalField("Часов", max_digits=6, decimal_places=1, null=True, blank=True, default=None)
    evidence = models.CharField("Результат, документ или ссылка", max_length=300, blank=True)
    reason = models.CharField("Почему не выполнено", max_length=500, blank=True)
    new_term = models.DateField("Новый срок", null=True, blank=True)
    progress = models.PositiveSmallIntegerField("Выполнено, %", default=0, validators=PERCENT)

    class Meta:
        verbose_name = "Строка отчёта"
        verbose_name_plural = "Строки отчёта"
        ordering = ["item__starts_on", "item__ends_on", "item__pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "item"], name="report_row_once_per_item"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="report_row_progress_within_100"),
            models.CheckConstraint(
                condition=Q(hours=None) | Q(hours__gte=Decimal(0)),
                name="report_row_hours_not_negative",
                violation_error_message="Часов не бывает меньше нуля.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.item)
