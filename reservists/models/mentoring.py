"""What a body finds of a plan's realisation, and what mentors report of their work (O4.7, O4.13, O4.15)."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from commissions.models import DecisionLine
from reserve_portal.core import calendar, clock

from ..enums import OPEN_REPORTS, REPORT_TONES, ReportState
from .development import PERCENT, DevelopmentPlan
from .membership import Reservist
from .mentors import Mentor


class PlanReview(models.Model):
    """The body's finding on how a plan is realised; a plan may be reviewed more than once (O4.13, O4.15)."""

    plan = models.ForeignKey(DevelopmentPlan, models.PROTECT, verbose_name="План", related_name="reviews")
    satisfactory = models.BooleanField("Реализация удовлетворительна")
    words = models.TextField("Почему", blank=True)
    made_on = models.DateField("Когда", default=clock.today)
    basis = models.CharField("Основание", max_length=300)
    line = models.OneToOneField(DecisionLine, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Оценка реализации плана"
        verbose_name_plural = "Оценки реализации планов"
        ordering = ["pk"]

    def __str__(self) -> str:
        return "реализация удовлетворительна" if self.satisfactory else "реализация неудовлетворительна"

    @property
    def tone(self) -> str:
        return "success" if self.satisfactory else "danger"


class MentorReportQuerySet(models.QuerySet["MentorReport"]):
    def visible_to(self, user: Any) -> "MentorReportQuerySet":
        """process.md 12, row «plans and reports»: own; operator, authority, auditor all."""
        if user.has_any_role("operator", "authority", "auditor"):
            return self
        return self.filter(mentor__user=user)

    def open(self) -> "MentorReportQuerySet":
        return self.filter(state__in=OPEN_REPORTS)


class MentorReport(models.Model):
    """A mentor's own report on a quarter that has ended, by the terms of the body (O4.7)."""

    mentor = models.ForeignKey(Mentor, models.PROTECT, verbose_name="Наставник", related_name="reports")
    year = models.PositiveSmallIntegerField("Год")
    quarter = models.PositiveSmallIntegerField("Квартал")
    state = models.CharField("Состояние", max_length=10, choices=ReportState.choices, default=ReportState.DUE)
    work = models.TextField("Что сделано", blank=True)
    difficulties = models.TextField("Трудности", blank=True)
    proposals = models.TextField("Предложения", blank=True)
    remarks = models.TextField("Замечания", blank=True)
    submitted_on = models.DateField("Представлен", null=True, blank=True)
    accepted_on = models.DateField("Принят", null=True, blank=True)

    objects = MentorReportQuerySet.as_manager()

    class Meta:
        verbose_name = "Отчёт наставника"
        verbose_name_plural = "Отчёты наставников"
        ordering = ["-year", "-quarter", "mentor__user__last_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mentor", "year", "quarter"], name="mentor_report_once_a_quarter"
            ),
            models.CheckConstraint(
                condition=Q(quarter__gte=1, quarter__lte=4), name="mentor_report_quarter_1_to_4"
            ),
        ]

    def __str__(self) -> str:
        return f"Отчёт наставника за {self.quarter} квартал {self.year} года"

    @property
    def tone(self) -> str:
        return REPORT_TONES[ReportState(self.state)]

    @property
    def ended_on(self) -> date:
        """The quarter's last day."""
        return calendar.quarter_end(self.year, self.quarter)


class MentorReportLine(models.Model):
    """What a mentor says of one reservist; how far the plan was when the report was handed in."""

    report = models.ForeignKey(MentorReport, models.CASCADE, related_name="lines")
    reservist = models.ForeignKey(Reservist, models.PROTECT, verbose_name="Резервист", related_name="+")
    words = models.TextField("Оценка работы", max_length=1000, blank=True)
    percent = models.DecimalField(
        "План выполнен, %", max_digits=4, decimal_places=1, null=True, blank=True, validators=PERCENT
    )

    class Meta:
        verbose_name = "Строка отчёта наставника"
        verbose_name_plural = "Строки отчётов наставников"
        ordering = ["reservist__user__last_name", "reservist__user__first_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["report", "reservist"], name="mentor_line_once")]

    def __str__(self) -> str:
        return str(self.reservist)
