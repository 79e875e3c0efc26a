"""Procedures of assessment, their results, and the learning route of those below the threshold."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from candidates.models import ApplicationTrack, Campaign
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock

from .enums import ANNOUNCED, BORDERS_OPEN, DECIDED_TRACKS, TONES, ProcedureState, RouteState, Zone

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
        """The highest possible sum of points over all sections (T4)."""
        return sum((section.maximum for section in self.sections.all()), Decimal(0))

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
    maximum = models.DecimalField("Максимум баллов", max_digits=8, decimal_places=2)
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
        ]

    def __str__(self) -> str:
        return self.name


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


class ResultImport(models.Model):
    """One applied import with its source file, kept."""

    procedure = models.ForeignKey(Procedure, models.PROTECT, verbose_name="Процедура", related_name="imports")
    file = models.FileField("Файл", upload_to="imports/%Y/%m")
    name = models.CharField("Имя файла", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    summary = models.JSONField("Итог", default=dict)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="Кем загружен", related_name="+"
    )
    imported_at = models.DateTimeField("Загружен", default=clock.now)

    class Meta:
        verbose_name = "Загрузка результатов"
        verbose_name_plural = "Загрузки результатов"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class ImportDraft(models.Model):
    """A file laid up for an import until the operator has looked at the preview and confirmed or dropped it."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, verbose_name="Процедура", related_name="drafts")
    file = models.FileField("Файл", upload_to="imports/drafts/%Y/%m")
    name = models.CharField("Имя файла", max_length=200)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="Кем загружен", related_name="+"
    )
    uploaded_at = models.DateTimeField("Загружен", default=clock.now)

    class Meta:
        verbose_name = "Файл на проверке"
        verbose_name_plural = "Файлы на проверке"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class ResultQuerySet(models.QuerySet["Result"]):
    def visible_to(self, user: Any) -> "ResultQuerySet":
        """All for the operator, authority and auditor; the own one only after the decision on inclusion."""
        if user.has_any_role(*SEES_ALL_RESULTS):
            return self
        return self.filter(track__application__user=user, track__state__in=DECIDED_TRACKS)


class Result(models.Model):
    """A person's points in a procedure; the portal computes, a body decides."""

    procedure = models.ForeignKey(Procedure, models.PROTECT, verbose_name="Процедура", related_name="results")
    track = models.ForeignKey(
        ApplicationTrack, models.PROTECT, verbose_name="Кандидат", related_name="results"
    )
    points = models.DecimalField("Баллы", max_digits=12, decimal_places=7, validators=[MinValueValidator(0)])
    maximum = models.DecimalField("Максимум", max_digits=10, decimal_places=2)
    passed = models.BooleanField("Порог пройден")
    zone = models.CharField("Зона", max_length=6, choices=Zone.choices)
    rank = models.PositiveIntegerField("Место", null=True)
    source = models.ForeignKey(ResultImport, models.PROTECT, null=True, blank=True, verbose_name="Откуда")
    updated_at = models.DateTimeField("Внесён", default=clock.now)

    objects = ResultQuerySet.as_manager()

    class Meta:
        verbose_name = "Результат"
        verbose_name_plural = "Результаты"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["procedure", "track"], name="result_once"),
            models.CheckConstraint(
                condition=Q(points__gte=0) & Q(points__lte=F("maximum")), name="result_within_maximum"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.track}: {self.points.normalize():f} из {self.maximum.normalize():f}"


class SectionScore(models.Model):
    result = models.ForeignKey(Result, models.CASCADE, related_name="scores")
    section = models.ForeignKey(Section, models.PROTECT)
    points = models.DecimalField("Баллы", max_digits=12, decimal_places=7)

    class Meta:
        verbose_name = "Баллы по направлению"
        verbose_name_plural = "Баллы по направлениям"
        ordering = ["section__order"]
        constraints = [models.UniqueConstraint(fields=["result", "section"], name="score_once_per_section")]

    def __str__(self) -> str:
        return f"{self.section}: {self.points.normalize():f}"


class Programme(models.Model):
    """The catalogue behind learning routes: programmes and events tied to directions of the assessment."""

    name = models.CharField("Название", max_length=250, unique=True)
    section_code = models.SlugField("Направление (код)", max_length=60)
    organiser = models.CharField("Кто проводит", max_length=250)
    hours = models.PositiveSmallIntegerField("Часов", null=True, blank=True)
    is_active = models.BooleanField("Предлагать", default=True)

    class Meta:
        verbose_name = "Программа обучения"
        verbose_name_plural = "Каталог программ"
        ordering = ["section_code", "name"]

    def __str__(self) -> str:
        return self.name


class RouteQuerySet(models.QuerySet["LearningRoute"]):
    def visible_to(self, user: Any) -> "RouteQuerySet":
        """All for the operator, authority and auditor; the own one once it was sent (T5)."""
        if user.has_any_role(*SEES_ALL_RESULTS):
            return self
        return self.filter(track__application__user=user, state=RouteState.SENT)


class LearningRoute(models.Model):
    """The individual learning route of a person below the threshold (T5)."""

    track = models.OneToOneField(ApplicationTrack, models.PROTECT, related_name="route")
    result = models.ForeignKey(Result, models.PROTECT)
    deficits = models.TextField("Дефициты")
    words = models.TextField("Рекомендации", blank=True)
    possible_from = models.DateField("Включение возможно с")
    state = models.CharField("Состояние", max_length=5, choices=RouteState.choices, default=RouteState.DRAFT)

    objects = RouteQuerySet.as_manager()

    class Meta:
        verbose_name = "Индивидуальный образовательный маршрут"
        verbose_name_plural = "Индивидуальные образовательные маршруты"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"ИОМ: {self.track.application.user}"


class RouteItem(models.Model):
    route = models.ForeignKey(LearningRoute, models.CASCADE, related_name="items")
    section_name = models.CharField("Направление", max_length=250)
    programme = models.CharField("Программа или мероприятие", max_length=250)
    organiser = models.CharField("Кто проводит", max_length=250, blank=True)
    hours = models.PositiveSmallIntegerField("Часов", null=True, blank=True)

    class Meta:
        verbose_name = "Пункт маршрута"
        verbose_name_plural = "Пункты маршрута"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.programme
