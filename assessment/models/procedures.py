"""A procedure of assessment, its directions, who is called to it, by which decision its borders hold."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from candidates.models import ApplicationTrack, Campaign
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.regulations.enums import InstrumentKind
from reserve_portal.regulations.models import BodyRule

from ..enums import ANNOUNCED, BORDERS_OPEN, BY_PLATFORM, TONES, ProcedureState, ShownResult

SEES_ALL_RESULTS = (Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)


class ProcedureQuerySet(models.QuerySet["Procedure"]):
    def announced(self) -> "ProcedureQuerySet":
        """Procedures the public site shows: appointed or running (T3)."""
        return self.filter(state__in=ANNOUNCED).order_by("starts_at", "pk")

    def visible_to(self, user: Any) -> "ProcedureQuerySet":
        """All for the operator, authority and auditor; for a candidate those to which he or she was invited."""
        if user.has_any_role(*SEES_ALL_RESULTS):
            return self
        own = Invitation.objects.filter(track__application__user=user).values("procedure")
        return self.filter(pk__in=own).exclude(state=ProcedureState.DRAFT)


class Procedure(models.Model):
    """One assessment of a campaign; borders are frozen when it opens (O3.15, O3.17)."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, verbose_name="Набор", related_name="procedures")
    name = models.CharField("Название", max_length=200)
    starts_at = models.DateTimeField("Начало")
    ends_at = models.DateTimeField("Конец")
    place = models.CharField("Где проходит (адрес платформы)", max_length=300)
    instructions = models.TextField("Инструкция для кандидата", blank=True)
    threshold_percent = models.DecimalField("Порог, % от максимума", max_digits=5, decimal_places=2)
    green_percent = models.DecimalField(
        "Граница зелёной зоны, %", max_digits=5, decimal_places=2, null=True, blank=True
    )
    attempt = models.CharField("Какая попытка засчитывается", max_length=5, default="best")
    shows = models.CharField(
        "Что видит кандидат", max_length=8, choices=ShownResult.choices, default=ShownResult.SECTIONS
    )
    sample_questions = models.TextField("Примерные вопросы", blank=True)
    questions_published_at = models.DateTimeField("Вопросы опубликованы", null=True, blank=True)
    state = models.CharField(
        "Состояние", max_length=10, choices=ProcedureState.choices, default=ProcedureState.DRAFT
    )

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = "Процедура оценки"
        verbose_name_plural = "Процедуры оценки"
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="procedure_runs_forward",
                violation_error_message="Конец процедуры должен быть позже начала.",
            ),
            models.CheckConstraint(
                condition=Q(green_percent=None) | Q(green_percent__gte=F("threshold_percent")),
                name="procedure_green_not_below_threshold",
                violation_error_message="Граница зелёной зоны не может быть ниже порога.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def maximum(self) -> Decimal:
        """The highest possible weighted sum of points over all directions (T4, O3.15)."""
        return sum((section.weight * section.maximum for section in self.sections.all()), Decimal(0))

    @property
    def platform_sections(self) -> list["Section"]:
        """The directions whose points come from the testing platform, by import or by hand."""
        return [section for section in self.sections.all() if section.kind in BY_PLATFORM]

    @property
    def typed_sections(self) -> list["Section"]:
        """The directions whose points the operator may type: all but those that experts score (O3.17)."""
        return [section for section in self.sections.all() if section.kind != InstrumentKind.EXPERT_SHEET]

    @property
    def sheet_sections(self) -> list["Section"]:
        """The directions that experts score (O3.9, O3.17)."""
        return [section for section in self.sections.all() if section.kind == InstrumentKind.EXPERT_SHEET]

    @property
    def is_mixed(self) -> bool:
        """Whether points come from several sides, so that a person's may be half there."""
        return any(section.kind not in BY_PLATFORM for section in self.sections.all())

    @property
    def standing_decision(self) -> "BordersDecision | None":
        """The newest decision about the borders (O3.15)."""
        return self.borders_decisions.select_related("body").order_by("-pk").first()

    @property
    def borders_frozen(self) -> bool:
        """Borders, sections and the counted attempt hold for good once the procedure has begun (O3.15, O3.17)."""
        return self.state not in BORDERS_OPEN or (
            self.state != ProcedureState.DRAFT and self.starts_at <= clock.now()
        )

    @property
    def tone(self) -> str:
        return TONES[ProcedureState(self.state)]


class Section(models.Model):
    """A direction of the assessment with its own maximum (T3)."""

    procedure = models.ForeignKey(
        Procedure, models.CASCADE, verbose_name="Процедура", related_name="sections"
    )
    code = models.SlugField("Код", max_length=60)
    name = models.CharField("Направление", max_length=250)
    kind = models.CharField("Вид", max_length=12, choices=InstrumentKind.choices, default=InstrumentKind.TEST)
    maximum = models.DecimalField("Максимум баллов", max_digits=8, decimal_places=2)
    weight = models.DecimalField("Вес", max_digits=5, decimal_places=2, default=Decimal(1))
    order = models.PositiveSmallIntegerField("Порядок", default=0)
    # Keys of the export's columns that make up this direction, one a line; remembered once the operator has told them.
    column = models.TextField("Столбцы выгрузки", blank=True)

    class Meta:
        verbose_name = "Направление"
        verbose_name_plural = "Направления"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["procedure", "code"], name="section_once_per_procedure"),
            models.CheckConstraint(
                condition=Q(maximum__gt=0),
                name="section_maximum_positive",
                violation_error_message="Максимум должен быть больше нуля.",
            ),
            models.CheckConstraint(
                condition=Q(weight__gt=0),
                name="section_weight_positive",
                violation_error_message="Вес должен быть больше нуля.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_weighed(self) -> bool:
        """Whether the weight is worth mentioning."""
        return self.weight != 1


class Invitation(models.Model):
    """A candidate's track called to a procedure."""

    procedure = models.ForeignKey(
        Procedure, models.PROTECT, verbose_name="Процедура", related_name="invitations"
    )
    track = models.ForeignKey(
        ApplicationTrack, models.PROTECT, verbose_name="Кандидат", related_name="invitations"
    )
    invited_at = models.DateTimeField("Приглашён", default=clock.now)

    class Meta:
        verbose_name = "Приглашение"
        verbose_name_plural = "Приглашения"
        constraints = [models.UniqueConstraint(fields=["procedure", "track"], name="invited_once")]

    def __str__(self) -> str:
        return str(self.track)


class BordersDecision(models.Model):
    """By which decision borders and instruments of a procedure hold (O3.15); `approved` is what it was made about."""

    procedure = models.ForeignKey(
        Procedure, models.PROTECT, verbose_name="Процедура", related_name="borders_decisions"
    )
    body = models.ForeignKey(BodyRule, models.PROTECT, verbose_name="Орган", related_name="+")
    number = models.CharField("Номер решения", max_length=60)
    dated = models.DateField("Дата решения")
    file = models.FileField("Файл решения", upload_to="borders/%Y/%m", blank=True)
    approved = models.JSONField("Что утверждено", default=dict)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Внёс", related_name="+", null=True
    )
    recorded_at = models.DateTimeField("Внесено", default=clock.now)

    class Meta:
        verbose_name = "Решение о границах"
        verbose_name_plural = "Решения о границах"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.body.name}, № {self.number} от {self.dated:%d.%m.%Y}"
