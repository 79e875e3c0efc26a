"""What was changed and what was read: append-only, sealed into hash-chained batches."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from reserve_portal.core import clock
from reserve_portal.core.models import AboutSubject, SubjectQuerySet

from .deeds import words_of


class AuditBatch(models.Model):
    """A seal over committed events: the digest of their content, chained to the batch before."""

    count = models.PositiveIntegerField("Событий")
    digest = models.CharField("Хэш событий", max_length=64)
    chain = models.CharField("Хэш цепочки", max_length=64)
    sealed_at = models.DateTimeField("Опечатано", default=clock.now)

    class Meta:
        verbose_name = "Опечатанный блок журнала"
        verbose_name_plural = "Опечатанные блоки журнала"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Блок {self.pk}: {self.count} событий"


class AuditEvent(AboutSubject):
    """One deed or one reading of somebody's papers."""

    at = models.DateTimeField("Когда", default=clock.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="Кто", related_name="+"
    )
    actor_label = models.CharField("Кто (запись)", max_length=250)
    action = models.CharField("Действие", max_length=80, db_index=True)
    object_label = models.CharField("Над чем", max_length=250, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Чьи данные",
        related_name="+",
    )
    is_read = models.BooleanField("Чтение", default=False)
    details = models.JSONField("Подробности", default=dict, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField("Адрес", null=True, blank=True)
    batch = models.ForeignKey(
        AuditBatch, models.PROTECT, null=True, blank=True, related_name="events", verbose_name="Блок"
    )

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = "Событие"
        verbose_name_plural = "Журнал действий"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["content_type", "object_id"]),
            models.Index(fields=["person", "is_read", "at"]),
        ]

    def __str__(self) -> str:
        words = self.get_action_display()
        return f"{words}: {self.object_label}" if self.object_label else words

    def get_action_display(self) -> str:
        """What was done, in Russian: for whatever asks a field for its own words."""
        return words_of(self.action)
