"""What people ask about their personal data (152-FZ, articles 14, 20 and 21)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from reserve_portal.core import clock
from reserve_portal.core.models import Job
from reserve_portal.regulations.models import Edition

from ..enums import RequestKind, RequestState


class SubjectRequestQuerySet(models.QuerySet["SubjectRequest"]):
    def visible_to(self, user: Any) -> "SubjectRequestQuerySet":
        """The own ones; the operator, who answers, and the auditor see all."""
        return self if user.has_any_role("operator", "auditor") else self.filter(user=user)


class SubjectRequest(models.Model):
    """A request of a person about the own data, and the answer."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кто просит", related_name="subject_requests"
    )
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="Порядок")
    kind = models.CharField("О чём просит", max_length=10, choices=RequestKind.choices)
    text = models.TextField("Подробности")
    state = models.CharField(
        "Состояние", max_length=10, choices=RequestState.choices, default=RequestState.RECEIVED
    )
    received_at = models.DateTimeField("Получен", default=clock.now)
    answer = models.TextField("Ответ", blank=True)
    answered_at = models.DateTimeField("Дан ответ", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Кто ответил",
        related_name="+",
    )

    objects = SubjectRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "Запрос о персональных данных"
        verbose_name_plural = "Запросы о персональных данных"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=Q(state=RequestState.RECEIVED),
                name="one_open_subject_request",
                violation_error_message="Такой запрос уже ждёт ответа.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"

    @property
    def tone(self) -> str:
        return "success" if self.state == RequestState.ANSWERED else "info"


class DataExport(models.Model):
    """The person's own copy of the data: asked for, made by a job, there for some days, for nobody else."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кому", related_name="data_exports"
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField("Запрошен", default=clock.now)
    file = models.FileField("Архив", upload_to="exports/%Y/%m", blank=True)
    size = models.PositiveBigIntegerField("Размер, байт", default=0)
    expires_at = models.DateTimeField("Хранится до", null=True, blank=True)

    class Meta:
        verbose_name = "Архив личных данных"
        verbose_name_plural = "Архивы личных данных"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.user}: {clock.local(self.asked_at):%d.%m.%Y}"
