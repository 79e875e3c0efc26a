"""Appeals of candidates against their results, and the answers."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from reserve_portal.core import clock

from ..enums import APPEAL_TONES, AppealState
from .procedures import SEES_ALL_RESULTS
from .results import Result


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: Any) -> "AppealQuerySet":
        """All for the operator, authority and auditor; the own ones for everybody else."""
        if user.has_any_role(*SEES_ALL_RESULTS):
            return self
        return self.filter(result__track__application__user=user)

    def open(self) -> "AppealQuerySet":
        """Those that wait for an answer."""
        return self.filter(state=AppealState.FILED)


class Appeal(models.Model):
    """What a candidate holds against a result; answered by the operator, upheld or rejected, with words."""

    result = models.ForeignKey(Result, models.PROTECT, verbose_name="Результат", related_name="appeals")
    text = models.TextField("С чем не согласны")
    filed_at = models.DateTimeField("Подана", default=clock.now)
    state = models.CharField(
        "Состояние", max_length=10, choices=AppealState.choices, default=AppealState.FILED
    )
    answer = models.TextField("Ответ", blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Кто ответил",
        related_name="+",
    )
    answered_at = models.DateTimeField("Отвечено", null=True, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = "Апелляция"
        verbose_name_plural = "Апелляции"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["result"],
                condition=Q(state=AppealState.FILED),
                name="one_open_appeal_per_result",
                violation_error_message="Апелляция уже рассматривается.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[AppealState.UPHELD, AppealState.REJECTED]) | ~Q(answer=""),
                name="appeal_answered_with_words",
                violation_error_message="Ответ на апелляцию не может быть пустым.",
            ),
        ]

    def __str__(self) -> str:
        return f"Апелляция: {self.result.track.application.user}"

    @property
    def person(self) -> Any:
        return self.result.track.application.user

    @property
    def tone(self) -> str:
        return APPEAL_TONES[AppealState(self.state)]
