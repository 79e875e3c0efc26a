"""Editions of the registry and their rows."""

from collections.abc import Iterator

from django.conf import settings
from django.db import models

from commissions.models import DecisionList
from reserve_portal.core.models import Job
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Edition

from ..enums import RegistryState
from .membership import Reservist

ROWS_AT_ONCE = 500


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
    size = models.PositiveIntegerField("Человек в реестре", default=0)
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

    def lines_in_order(self) -> Iterator["RegistryRow"]:
        """The rows one after another, a few in memory at a time."""
        return self.lines.order_by("place").iterator(chunk_size=ROWS_AT_ONCE)

    @property
    def is_published(self) -> bool:
        return self.state == RegistryState.PUBLISHED


class RegistryRow(models.Model):
    """One person's line of an edition: what stood in the reserve at the decision, and what of it was published.

    Rows of their own rather than one document: a page, a paper and a comparison read what they show and no more.
    """

    registry = models.ForeignKey(RegistryEdition, models.PROTECT, related_name="lines")
    place = models.PositiveIntegerField("№ п/п")
    reservist = models.ForeignKey(Reservist, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    cells = models.JSONField("Сведения")
    published = models.JSONField("Опубликовано", default=dict)  # empty: by number alone
    digest = models.CharField("Отпечаток", max_length=64)  # of what a decision may change

    class Meta:
        verbose_name = "Строка реестра"
        verbose_name_plural = "Строки реестра"
        ordering = ["registry", "place"]
        constraints = [
            models.UniqueConstraint(fields=["registry", "place"], name="registry_place_once"),
            models.UniqueConstraint(fields=["registry", "reservist"], name="registry_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.registry}, строка {self.place}"
