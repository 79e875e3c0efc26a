"""Targets of the indicators (O7.4)."""

from fractions import Fraction

from django.conf import settings
from django.db import models


class IndicatorTarget(models.Model):
    """What an indicator is to reach in a year, and by which decision."""

    indicator = models.SlugField("Показатель", max_length=40)
    year = models.PositiveSmallIntegerField("Год")
    value = models.DecimalField("Ориентир", max_digits=9, decimal_places=2)
    at_most = models.BooleanField("Не больше этого", default=False)
    basis = models.CharField("Каким решением установлен", max_length=250)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кто установил", related_name="+"
    )

    class Meta:
        verbose_name = "Ориентир показателя"
        verbose_name_plural = "Ориентиры показателей"
        ordering = ["-year", "indicator"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "year"], name="target_once_per_year"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}, {self.year}: {self.words}"

    @property
    def words(self) -> str:
        """«не меньше 70», «не больше 5»."""
        number = f"{self.value:f}".rstrip("0").rstrip(".").replace(".", ",")
        return f"{'не больше' if self.at_most else 'не меньше'} {number}"

    def is_reached(self, number: Fraction) -> bool:
        """Compared exactly."""
        return number <= Fraction(self.value) if self.at_most else number >= Fraction(self.value)
