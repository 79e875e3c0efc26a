"""Numbers without gaps and issued papers that never change."""

from django.conf import settings
from django.db import models

from reserve_portal.core import clock
from reserve_portal.core.models import AboutSubject, SubjectQuerySet


class NumberSequence(models.Model):
    """The last number given in one series; locked while a number is taken, so series have no gap and no double."""

    key = models.CharField("Ряд", max_length=120, unique=True)
    last = models.PositiveIntegerField("Последний номер", default=0)

    class Meta:
        verbose_name = "Ряд номеров"
        verbose_name_plural = "Ряды номеров"

    def __str__(self) -> str:
        return f"{self.key}: {self.last}"


def paper_path(paper: "IssuedPaper", filename: str) -> str:
    """Papers lie under a name of our own that tells nothing."""
    return f"papers/{clock.today():%Y/%m}/{filename}"


class IssuedPaper(AboutSubject):
    """An issued paper: number, date, who issued it, the file and its SHA-256. Never regenerated."""

    kind = models.CharField("Вид", max_length=40)
    number = models.CharField("Номер", max_length=60)
    title = models.CharField("Заголовок", max_length=300)
    dated = models.DateField("Дата")
    issued_at = models.DateTimeField("Выдан", default=clock.now)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="Кем выдан", related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="О ком",
        related_name="papers",
    )
    file = models.FileField("Файл", upload_to=paper_path)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField("Размер, байт")
    check_code = models.CharField("Код проверки", max_length=16, unique=True)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = "Выданный документ"
        verbose_name_plural = "Выданные документы"
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="paper_number_once_per_kind")]
        indexes = [models.Index(fields=["content_type", "object_id"])]

    def __str__(self) -> str:
        return f"{self.title} № {self.number} от {self.dated:%d.%m.%Y}"
