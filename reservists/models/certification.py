"""Final certification within training programmes, with its result (O1.16)."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models

from reserve_portal.core import clock

from ..enums import ProgrammeKind
from .membership import Reservist


class Certification(models.Model):
    """A programme of further training that ended with a certification, with experts of the commission (O1.16)."""

    reservist = models.ForeignKey(
        Reservist, models.PROTECT, verbose_name="Резервист", related_name="certifications"
    )
    programme = models.CharField("Программа", max_length=300)
    kind = models.CharField("Вид программы", max_length=12, choices=ProgrammeKind.choices)
    organiser = models.CharField("Организация", max_length=300)
    hours = models.PositiveSmallIntegerField(
        "Часов", validators=[MinValueValidator(16, "Не меньше 16 часов.")]
    )
    passed_on = models.DateField("Дата аттестации")
    passed = models.BooleanField("Аттестация пройдена", default=True)
    result = models.CharField("Результат", max_length=100)
    document = models.CharField("Документ", max_length=200, blank=True)
    with_experts = models.BooleanField("Участвовали члены экспертной комиссии", default=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кто внёс", related_name="+"
    )
    recorded_at = models.DateTimeField("Внесено", default=clock.now)

    class Meta:
        verbose_name = "Аттестация по программе обучения"
        verbose_name_plural = "Аттестации по программам обучения"
        ordering = ["-passed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reservist", "programme", "passed_on"],
                name="certification_once",
                violation_error_message="Эта аттестация уже внесена.",
            )
        ]

    def __str__(self) -> str:
        return self.programme

    @property
    def tone(self) -> str:
        return "success" if self.passed else "danger"

    @property
    def outcome(self) -> str:
        return "пройдена" if self.passed else "не пройдена"
