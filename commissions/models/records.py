"""What is left of a decision: results, orders, what was laid before the voters."""

from secrets import token_hex

from django.conf import settings
from django.db import models

from reserve_portal.core import clock

from .meetings import AgendaItem, DecisionLine, DecisionList


class LineResult(models.Model):
    """How one person's line was decided at one meeting; written at closing, never changed."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="results")
    line = models.ForeignKey(DecisionLine, models.PROTECT, related_name="results")
    members = models.PositiveSmallIntegerField("Членов с правом голоса без отведённых")
    present = models.PositiveSmallIntegerField("Участвовали")
    in_favour = models.PositiveSmallIntegerField("За")
    against = models.PositiveSmallIntegerField("Против")
    abstained = models.PositiveSmallIntegerField("Воздержались")
    supported = models.BooleanField("Предложение поддержано")
    outcome = models.BooleanField("Решение положительно")
    reason = models.TextField("Причина отступления от предложения", blank=True)
    ground = models.TextField("Основание решения", blank=True)

    class Meta:
        verbose_name = "Итог голосования"
        verbose_name_plural = "Итоги голосования"
        constraints = [models.UniqueConstraint(fields=["item", "line"], name="result_once_per_line")]

    def __str__(self) -> str:
        return f"{self.line}: {'да' if self.outcome else 'нет'}"


class Order(models.Model):
    """An order by which a body approved a list: number, date, file."""

    list = models.ForeignKey(DecisionList, models.PROTECT, related_name="orders")
    link_order = models.PositiveSmallIntegerField("Звено")
    number = models.CharField("Номер приказа", max_length=60)
    dated = models.DateField("Дата приказа")
    body_name = models.CharField("Чей приказ", max_length=300, blank=True)
    file = models.FileField("Файл приказа", upload_to="orders/%Y/%m", blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Внёс", related_name="+"
    )
    recorded_at = models.DateTimeField("Внесён", default=clock.now)

    class Meta:
        verbose_name = "Приказ"
        verbose_name_plural = "Приказы"
        constraints = [models.UniqueConstraint(fields=["list", "link_order"], name="order_once_per_link")]

    def __str__(self) -> str:
        return f"Приказ № {self.number} от {self.dated:%d.%m.%Y}"


def material_path(row: "Material", filename: str) -> str:
    """Materials lie under a name of our own that tells nothing."""
    return f"materials/{clock.today():%Y/%m}/{token_hex(16)}.pdf"


class Material(models.Model):
    """A file for the voters, about the whole item or, with `line`, about one person."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="materials")
    line = models.ForeignKey(
        DecisionLine, models.CASCADE, null=True, blank=True, verbose_name="О ком", related_name="materials"
    )
    title = models.CharField("Название", max_length=250)
    file = models.FileField("Файл", upload_to=material_path)
    sha256 = models.CharField("SHA-256", max_length=64)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Добавил", related_name="+", null=True
    )
    added_at = models.DateTimeField("Добавлен", default=clock.now)

    class Meta:
        verbose_name = "Материал к вопросу"
        verbose_name_plural = "Материалы к вопросам"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title


class SeenPaper(models.Model):
    """A paper as it lay before the voters when their voting opened: what it was and the SHA-256 of its file."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="seen_papers")
    line = models.ForeignKey(
        DecisionLine, models.CASCADE, null=True, blank=True, verbose_name="О ком", related_name="seen_papers"
    )
    title = models.CharField("Название", max_length=300)
    sha256 = models.CharField("SHA-256", max_length=64)
    at = models.DateTimeField("Когда", default=clock.now)

    class Meta:
        verbose_name = "Документ перед голосующими"
        verbose_name_plural = "Документы перед голосующими"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title
