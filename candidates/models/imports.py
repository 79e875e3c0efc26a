"""Archives of applications that came not through the portal, laid up to be checked and entered (O3.2)."""

from typing import Any

from django.conf import settings
from django.db import models

from reserve_portal.core import clock
from reserve_portal.core.models import Job

from ..enums import ArchiveState, Channel
from .campaigns import Campaign


def archive_path(row: "ArchiveImport", filename: str) -> str:
    """Archives lie under a random name of our own until they are entered."""
    return f"archives/{clock.today():%Y/%m}/{filename}"


class ArchiveImport(models.Model):
    """One archive: checked first, then entered whole or not at all; the file is destroyed afterwards."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, verbose_name="Набор", related_name="archives")
    channel = models.CharField("Как поступило", max_length=10, choices=Channel.choices)
    name = models.CharField("Имя файла", max_length=160)
    file = models.FileField("Архив", upload_to=archive_path, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    state = models.CharField(
        "Состояние", max_length=10, choices=ArchiveState.choices, default=ArchiveState.CHECKING
    )
    # {"problems": […], "rows": [{"row", "person", "email", "files", "state", "problems", "lacks"}]}
    report: Any = models.JSONField("Проверка", default=dict)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кто", related_name="+"
    )
    created_at = models.DateTimeField("Загружен", default=clock.now)

    class Meta:
        verbose_name = "Архив заявлений"
        verbose_name_plural = "Архивы заявлений"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name
