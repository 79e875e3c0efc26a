"""Where the testing platform's web service answers for a procedure."""

from django.conf import settings
from django.db import models

from reserve_portal.core import clock
from reserve_portal.core.crypto import SealedField

from .procedures import Procedure


class MoodleService(models.Model):
    """Address, sealed token and course of one procedure; the token is never shown again."""

    procedure = models.OneToOneField(
        Procedure, models.CASCADE, verbose_name="Процедура", related_name="moodle_service"
    )
    address = models.CharField("Адрес Moodle", max_length=300)
    token = SealedField("Токен")
    course = models.PositiveIntegerField("Номер курса")
    quiz = models.CharField("Тест", max_length=250, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кем указан", related_name="+"
    )
    changed_at = models.DateTimeField("Указан", default=clock.now)

    class Meta:
        verbose_name = "Веб-служба Moodle"
        verbose_name_plural = "Веб-службы Moodle"

    def __str__(self) -> str:
        return self.address
