"""Points of people, and the files they came from."""

from fractions import Fraction
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from candidates.models import ApplicationTrack
from reserve_portal.core import clock
from reserve_portal.core.models import Job

from ..enums import DECIDED_TRACKS, Zone
from .procedures import SEES_ALL_RESULTS, Invitation, Procedure, Section


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
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, verbose_name="Задание", related_name="+"
    )

    class Meta:
        verbose_name = "Файл на проверке"
        verbose_name_plural = "Файлы на проверке"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class ConfirmedMatch(models.Model):
    """A key of the testing platform (address or number, as in its files) of which the operator said whose it is."""

    procedure = models.ForeignKey(
        Procedure, models.CASCADE, verbose_name="Процедура", related_name="confirmed_matches"
    )
    key = models.CharField("Адрес или номер в файле", max_length=254)
    name = models.CharField("Имя в файле", max_length=300)
    invitation = models.ForeignKey(
        Invitation, models.CASCADE, verbose_name="Кандидат", related_name="confirmed_matches"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кем подтверждено", related_name="+"
    )
    confirmed_at = models.DateTimeField("Подтверждено", default=clock.now)

    class Meta:
        verbose_name = "Подтверждённое соответствие"
        verbose_name_plural = "Подтверждённые соответствия"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["procedure", "key"], name="match_once_per_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.invitation}"


class ResultQuerySet(models.QuerySet["Result"]):
    def visible_to(self, user: Any) -> "ResultQuerySet":
        """All for the operator, authority and auditor; the own one only after the decision on inclusion."""
        if user.has_any_role(*SEES_ALL_RESULTS):
            return self
        return self.filter(track__application__user=user, track__state__in=DECIDED_TRACKS)


class Result(models.Model):
    """A person's points in a procedure; the portal computes, a body decides.

    `points` is for showing, to seven decimals; threshold, zone and place rest on `exact` (O3.17).
    """

    procedure = models.ForeignKey(Procedure, models.PROTECT, verbose_name="Процедура", related_name="results")
    track = models.ForeignKey(
        ApplicationTrack, models.PROTECT, verbose_name="Кандидат", related_name="results"
    )
    points = models.DecimalField("Баллы", max_digits=12, decimal_places=7, validators=[MinValueValidator(0)])
    maximum = models.DecimalField("Максимум", max_digits=12, decimal_places=4)
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

    @property
    def exact(self) -> Fraction:
        """Σ weight × points over the directions, without any rounding."""
        return sum((Fraction(score.section.weight) * score.exact for score in self.scores.all()), Fraction(0))


class Score(models.Model):
    """Points in one direction. A mean of expert sheets is kept as a fraction: 53/3 has no end as a decimal."""

    section = models.ForeignKey(Section, models.PROTECT)
    points = models.DecimalField("Баллы", max_digits=12, decimal_places=7)
    numerator = models.BigIntegerField("Числитель", null=True, blank=True)
    denominator = models.PositiveIntegerField("Знаменатель", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def exact(self) -> Fraction:
        """The points without any rounding."""
        if self.numerator is not None and self.denominator:
            return Fraction(self.numerator, self.denominator)
        return Fraction(self.points)


class SectionScore(Score):
    result = models.ForeignKey(Result, models.CASCADE, related_name="scores")

    class Meta:
        verbose_name = "Баллы по направлению"
        verbose_name_plural = "Баллы по направлениям"
        ordering = ["section__order"]
        constraints = [models.UniqueConstraint(fields=["result", "section"], name="score_once_per_section")]

    def __str__(self) -> str:
        return f"{self.section}: {self.points.normalize():f}"


class WaitingScore(Score):
    """Points that came before a person's other instruments; they move into the result once all are there."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="waiting_scores")
    source = models.ForeignKey(ResultImport, models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = "Баллы до полного результата"
        verbose_name_plural = "Баллы до полного результата"
        ordering = ["section__order"]
        constraints = [
            models.UniqueConstraint(fields=["invitation", "section"], name="waiting_score_once_per_section")
        ]

    def __str__(self) -> str:
        return f"{self.section}: {self.points.normalize():f}"
