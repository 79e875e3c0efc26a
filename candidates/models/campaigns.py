"""One intake: its window and the edition it runs under."""

from django.db import models
from django.db.models import F, Q

from reserve_portal.core import clock
from reserve_portal.regulations.models import Edition

from ..enums import CampaignState


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def public(self) -> "CampaignQuerySet":
        """Campaigns the public site shows: announced or running."""
        return self.filter(state__in=[CampaignState.PLANNED, CampaignState.OPEN]).order_by("opens_at")

    def receiving(self) -> "CampaignQuerySet":
        """Campaigns whose window is open at this moment (a second late is late, Civil Code 194)."""
        now = clock.now()
        return self.filter(state=CampaignState.OPEN, opens_at__lte=now, closes_at__gte=now)


class Campaign(models.Model):
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="Порядок", related_name="campaigns")
    name = models.CharField("Название", max_length=200, unique=True)
    opens_at = models.DateTimeField("Начало приёма")
    closes_at = models.DateTimeField(
        "Конец приёма", help_text="Последнее мгновение, когда заявление ещё подано в срок."
    )
    state = models.CharField(
        "Состояние", max_length=10, choices=CampaignState.choices, default=CampaignState.PLANNED
    )
    quota = models.PositiveIntegerField("Квота включения", null=True, blank=True)
    quota_basis = models.CharField("Чем установлена квота", max_length=300, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = "Набор"
        verbose_name_plural = "Наборы"
        ordering = ["-opens_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="campaign_window_runs_forward",
                violation_error_message="Конец приёма должен быть позже начала.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_receiving(self) -> bool:
        return self.state == CampaignState.OPEN and self.opens_at <= clock.now() <= self.closes_at
