"""The history of what a decision changed in a membership (O4.16, O4.20)."""

from typing import Any

from django.db import models

from commissions.models import DecisionLine
from reserve_portal.core import clock

from ..enums import ChangeKind
from .membership import Reservist

SHOWN = (("group", "Целевая группа"), ("zone", "Зона"), ("points", "Баллы"), ("rank", "Место"))


class ReservistChange(models.Model):
    """One change with its ground: what stood before and after, in words of people."""

    reservist = models.ForeignKey(Reservist, models.PROTECT, verbose_name="Резервист", related_name="changes")
    kind = models.CharField("Что произошло", max_length=12, choices=ChangeKind.choices)
    made_on = models.DateField("Когда", default=clock.today)
    before = models.JSONField("Было", default=dict)
    after = models.JSONField("Стало", default=dict)
    ground = models.TextField("Почему")
    basis = models.CharField("Основание", max_length=300)
    line = models.OneToOneField(DecisionLine, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Изменение в резерве"
        verbose_name_plural = "Изменения в резерве"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.reservist}: {self.get_kind_display()}"

    @property
    def rows(self) -> list[tuple[str, Any, Any]]:
        """(what, before, after) of everything that is not as it was."""
        return [
            (label, self.before.get(key) or "—", self.after.get(key) or "—")
            for key, label in SHOWN
            if self.before.get(key) != self.after.get(key)
        ]
