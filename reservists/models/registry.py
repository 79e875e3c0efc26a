"""Editions of the registry."""

from django.db import models

from commissions.models import DecisionList
from reserve_portal.core.models import Job
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Edition

from ..enums import RegistryState


class RegistryEdition(models.Model):
    """An immutable snapshot of the reserve, with the decision behind it and its papers."""

    number = models.PositiveIntegerField("№ редакции", unique=True)
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="Порядок")
    decision_list = models.OneToOneField(
        DecisionList,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Решение",
        related_name="registry_edition",
    )
    approved_on = models.DateField("Утверждена")
    basis = models.CharField("Основание", max_length=300)
    state = models.CharField(
        "Состояние", max_length=10, choices=RegistryState.choices, default=RegistryState.APPROVED
    )
    rows = models.JSONField("Строки реестра", default=list)
    public_rows = models.JSONField("Опубликованные строки", default=list)
    published_at = models.DateTimeField("Опубликована", null=True, blank=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="+")
    paper = models.ForeignKey(IssuedPaper, models.PROTECT, null=True, blank=True, related_name="+")
    table = models.FileField("XLSX", upload_to="registry/%Y/%m", blank=True)

    class Meta:
        verbose_name = "Редакция реестра"
        verbose_name_plural = "Реестр кадрового резерва"
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"Реестр кадрового резерва, редакция {self.number}"

    @property
    def is_published(self) -> bool:
        return self.state == RegistryState.PUBLISHED
