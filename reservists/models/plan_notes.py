"""What stands beside the rows of a plan: words of both sides, files that prove what was done (O4.6, O4.13)."""

from secrets import token_hex
from typing import Any

from django.conf import settings
from django.db import models

from candidates.models.quarantine import Quarantined
from reserve_portal.core import clock

from .development import DevelopmentPlan, PlanItem


class PlanComment(models.Model):
    """What the reservist or whoever guides him or her says of a plan, or of one row of it; never changed."""

    plan = models.ForeignKey(DevelopmentPlan, models.PROTECT, verbose_name="План", related_name="comments")
    item = models.ForeignKey(
        PlanItem, models.SET_NULL, null=True, blank=True, verbose_name="Пункт", related_name="comments"
    )
    about = models.CharField("О чём", max_length=300, blank=True)  # the row's words, should it be taken out
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кто", related_name="plan_comments"
    )
    text = models.TextField("Комментарий", max_length=2000)
    made_at = models.DateTimeField("Когда", default=clock.now)

    class Meta:
        verbose_name = "Комментарий к плану"
        verbose_name_plural = "Комментарии к планам"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:80]


def evidence_path(evidence: Any, name: str) -> str:
    """A name of our own; the person's is kept in the row."""
    return f"plans/{clock.today():%Y/%m}/{token_hex(16)}.{name.rsplit('.', 1)[-1]}"


class PlanEvidence(Quarantined):
    """A file that proves what was done of a row: a certificate, an order, a diary."""

    item = models.ForeignKey(PlanItem, models.PROTECT, verbose_name="Пункт плана", related_name="files")
    title = models.CharField("Что это", max_length=200)
    file = models.FileField("Файл", upload_to=evidence_path)
    original_name = models.CharField("Имя файла", max_length=160)
    content_type = models.CharField(max_length=80)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField("Размер, байт")
    uploaded_at = models.DateTimeField("Загружен", default=clock.now)

    class Meta:
        verbose_name = "Подтверждение"
        verbose_name_plural = "Подтверждения"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title
