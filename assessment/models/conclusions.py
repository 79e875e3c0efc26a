"""The expert conclusion about one candidate in one target group (O3.17-3.18)."""

from django.db import models

from reserve_portal.papers.models import IssuedPaper

from ..enums import CONCLUSION_TONES, ConclusionState, Zone
from .results import Result


class ExpertConclusion(models.Model):
    """Five parts: results, zone, deficits, directions and ways of development, recommendation (O3.18).

    `results` and `zone` are taken from the points when it is drafted: they are what was signed.
    """

    result = models.OneToOneField(Result, models.PROTECT, verbose_name="Результат", related_name="conclusion")
    results = models.JSONField("Результаты оценки", default=dict)
    zone = models.CharField("Зона", max_length=6, choices=Zone.choices)
    deficits = models.TextField("Профессиональные дефициты", blank=True)
    development = models.TextField("Направления и способы развития", blank=True)
    recommended = models.BooleanField("Включение целесообразно")
    reason = models.TextField("Почему рекомендация иная", blank=True)
    state = models.CharField(
        "Состояние", max_length=8, choices=ConclusionState.choices, default=ConclusionState.DRAFT
    )
    approval = models.CharField("Чем утверждено", max_length=300, blank=True)
    paper = models.ForeignKey(
        IssuedPaper, models.PROTECT, null=True, blank=True, verbose_name="Документ", related_name="+"
    )

    class Meta:
        verbose_name = "Экспертное заключение"
        verbose_name_plural = "Экспертные заключения"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Экспертное заключение: {self.result.track}"

    @property
    def recommendation(self) -> str:
        """The fifth part in words (O3.18)."""
        return "включение целесообразно" if self.recommended else "включение нецелесообразно"

    @property
    def departs(self) -> bool:
        """Whether the recommendation is other than the threshold proposes."""
        return self.recommended != self.results.get("passed")

    @property
    def tone(self) -> str:
        return CONCLUSION_TONES[ConclusionState(self.state)]
