"""Signals that somebody may have to leave the reserve, and the lists sent to the ministry (O6.2, O6.3)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from commissions.models import DecisionList
from reserve_portal.core import clock
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Edition, Ground

from ..enums import SignalKind, SignalState
from .membership import Reservist


class ExclusionSignal(models.Model):
    """A fact that speaks for an exclusion. It excludes nobody: an operator looks, a body decides (O6.1)."""

    reservist = models.ForeignKey(Reservist, models.PROTECT, verbose_name="Резервист", related_name="signals")
    ground = models.ForeignKey(Ground, models.PROTECT, verbose_name="Основание", related_name="+")
    kind = models.CharField("Повод", max_length=12, choices=SignalKind.choices)
    facts = models.TextField("Что произошло")
    # The moment of the newest fact: what was known before is no news after a dismissal.
    fact_at = models.DateTimeField("Когда произошло")
    state = models.CharField(
        "Состояние", max_length=10, choices=SignalState.choices, default=SignalState.OPEN
    )
    raised_at = models.DateTimeField("Появился", default=clock.now)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Кто сообщил",
        related_name="+",
    )
    decision_list = models.OneToOneField(
        DecisionList,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Список",
        related_name="exclusion_signal",
    )

    class Meta:
        verbose_name = "Сигнал об исключении"
        verbose_name_plural = "Сигналы об исключении"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reservist", "ground"],
                condition=Q(state=SignalState.OPEN),
                name="one_open_signal_per_ground",
            ),
            models.UniqueConstraint(fields=["reservist", "ground", "fact_at"], name="signal_once_per_fact"),
        ]
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.reservist}: {self.get_kind_display()}"


class MinistryList(models.Model):
    """A covering list of people recommended for exclusion, sent to the ministry (O6.3)."""

    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="Порядок")
    lists = models.ManyToManyField(DecisionList, verbose_name="Решения", related_name="ministry_lists")
    paper = models.OneToOneField(IssuedPaper, models.PROTECT, null=True, related_name="+")
    sent_on = models.DateField("Направлен", default=clock.today)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кто направил", related_name="+"
    )

    class Meta:
        verbose_name = "Список для министерства"
        verbose_name_plural = "Списки для министерства"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Список рекомендованных к исключению от {self.sent_on:%d.%m.%Y}"
