"""The yearly attestation: instruments, who is attested, points (O4.10, O4.17-4.21)."""

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from assessment.enums import Zone
from reserve_portal.regulations.models import Edition

from ..enums import ATTESTATION_TONES, AttestationState, InstrumentKind
from .membership import Reservist


class Attestation(models.Model):
    """The attestation of one year; borders and instruments hold for good once it opens (O4.17)."""

    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="Порядок", related_name="attestations")
    year = models.PositiveSmallIntegerField("За какой год")
    opens_on = models.DateField("Начало")
    closes_on = models.DateField("Последний день")
    threshold_percent = models.DecimalField("Минимум, % от максимума", max_digits=5, decimal_places=2)
    green_percent = models.DecimalField(
        "Граница зелёной зоны, % от максимума", max_digits=5, decimal_places=2, null=True, blank=True
    )
    borders_basis = models.CharField("Каким решением утверждены порог и средства", max_length=250, blank=True)
    state = models.CharField(
        "Состояние", max_length=8, choices=AttestationState.choices, default=AttestationState.DRAFT
    )

    class Meta:
        verbose_name = "Итоговая аттестация"
        verbose_name_plural = "Итоговая аттестация"
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "year"],
                name="attestation_once_a_year",
                violation_error_message="Аттестация за этот год уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="attestation_runs_forward",
                violation_error_message="Последний день не может быть раньше начала.",
            ),
            models.CheckConstraint(
                condition=Q(green_percent=None) | Q(green_percent__gte=F("threshold_percent")),
                name="attestation_green_not_below_threshold",
                violation_error_message="Граница зелёной зоны не может быть ниже минимума.",
            ),
        ]

    def __str__(self) -> str:
        return f"Итоговая аттестация за {self.year} год"

    @property
    def tone(self) -> str:
        return ATTESTATION_TONES[AttestationState(self.state)]


class AttestationInstrument(models.Model):
    """A test, a case, a defence or an expert sheet, with its maximum and weight (O4.17).

    The weight is a whole number: points and maximum are multiplied by it, and stay exact.
    """

    attestation = models.ForeignKey(Attestation, models.CASCADE, related_name="instruments")
    name = models.CharField("Название", max_length=150)
    kind = models.CharField("Вид", max_length=8, choices=InstrumentKind.choices)
    maximum = models.DecimalField(
        "Максимум баллов", max_digits=6, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    weight = models.PositiveSmallIntegerField("Вес", default=1, validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = "Оценочное средство"
        verbose_name_plural = "Оценочные средства"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["attestation", "name"],
                name="instrument_once_per_attestation",
                violation_error_message="Средство с таким названием уже есть.",
            ),
            models.CheckConstraint(condition=Q(maximum__gt=0, weight__gte=1), name="instrument_counts"),
        ]

    def __str__(self) -> str:
        return self.name


class EntryQuerySet(models.QuerySet["AttestationEntry"]):
    def in_order(self) -> "EntryQuerySet":
        """With what a sheet shows of each person, by name."""
        return (
            self.select_related("reservist__user", "reservist__target_group")
            .prefetch_related("scores")
            .order_by("reservist__user__last_name", "reservist__user__first_name", "pk")
        )

    def unfinished(self, attestation: Attestation) -> "EntryQuerySet":
        """Present people of whom some instrument has no points yet."""
        needed = attestation.instruments.count()
        counted = self.filter(attestation=attestation, absent=False).annotate(given=models.Count("scores"))
        return counted.filter(given__lt=needed)


class AttestationEntry(models.Model):
    """One reservist in one attestation; the sums are computed when the results are put together."""

    attestation = models.ForeignKey(Attestation, models.PROTECT, related_name="entries")
    reservist = models.ForeignKey(
        Reservist, models.PROTECT, verbose_name="Резервист", related_name="attestations"
    )
    absent = models.BooleanField("Не проходил", default=False)
    absence_reason = models.CharField("Причина", max_length=300, blank=True)
    points = models.DecimalField("Баллы", max_digits=12, decimal_places=7, null=True, blank=True)
    maximum = models.DecimalField("Максимум", max_digits=10, decimal_places=2, null=True, blank=True)
    zone = models.CharField("Зона", max_length=6, choices=Zone.choices, blank=True)
    rank = models.PositiveIntegerField("Место", null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "Строка ведомости"
        verbose_name_plural = "Строки ведомости"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["attestation", "reservist"], name="attested_once"),
            models.CheckConstraint(
                condition=Q(absent=False) | ~Q(absence_reason=""), name="absence_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return str(self.reservist)

    def points_by_instrument(self) -> dict[int, Any]:
        """Points entered so far, by the instrument's id."""
        return {score.instrument_id: score.points for score in self.scores.all()}


class AttestationScore(models.Model):
    entry = models.ForeignKey(AttestationEntry, models.CASCADE, related_name="scores")
    instrument = models.ForeignKey(AttestationInstrument, models.PROTECT)
    # A mean of expert sheets is kept to the seventh place for showing; results count from the sheets themselves.
    points = models.DecimalField("Баллы", max_digits=12, decimal_places=7)

    class Meta:
        verbose_name = "Баллы"
        verbose_name_plural = "Баллы"
        constraints = [
            models.UniqueConstraint(fields=["entry", "instrument"], name="score_once_per_instrument"),
            models.CheckConstraint(condition=Q(points__gte=0), name="attestation_points_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument}: {self.points}"
