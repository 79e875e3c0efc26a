"""What every stored file has that nobody opens before the virus scanner's verdict."""

from django.db import models

from ..enums import SCAN_CLOSED, ScanState


class Quarantined(models.Model):
    scan = models.CharField(
        "Проверка на вирусы",
        max_length=10,
        choices=ScanState.choices,
        default=ScanState.UNSCANNED,
        db_index=True,
    )
    scan_since = models.DateTimeField("Отдан на проверку", null=True, blank=True, editable=False)
    scan_found = models.CharField("Что найдено", max_length=100, blank=True)
    scanned_at = models.DateTimeField("Проверен на вирусы", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def may_be_opened(self) -> bool:
        """Nobody opens what waits for the virus scanner or was taken out by it."""
        return self.scan not in SCAN_CLOSED
