"""Letters as rows: written in the transaction that causes them, delivered later, shown in the cabinet."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from reserve_portal.core import clock
from reserve_portal.core.models import AboutSubject, SubjectQuerySet

from .enums import LetterState
from .kinds import letter_kinds, unknown_placeholders


class LetterText(models.Model):
    """The operator's own text of a kind of letter, in place of the default one."""

    kind = models.CharField("Письмо", max_length=60, unique=True)
    subject = models.CharField("Тема", max_length=250)
    body = models.TextField("Текст")

    class Meta:
        verbose_name = "Текст письма"
        verbose_name_plural = "Тексты писем"

    def __str__(self) -> str:
        return letter_kinds.get(self.kind).title if self.kind in letter_kinds else self.kind

    def clean(self) -> None:
        if self.kind not in letter_kinds:
            raise ValidationError({"kind": "Такого письма нет."})
        kind = letter_kinds.get(self.kind)
        for field in ("subject", "body"):
            unknown = unknown_placeholders(kind, getattr(self, field))
            if unknown:
                known = ", ".join(f"{{{{ {name} }}}}" for name in kind.all_placeholders)
                raise ValidationError(
                    {field: f"Неизвестные подстановки: {', '.join(unknown)}. Можно: {known}."}
                )


class Mailing(models.Model):
    """One letter written to many at once; `token` keeps a double click from being a second one."""

    token = models.CharField(max_length=32, unique=True)
    subject = models.CharField("Тема", max_length=250)
    body = models.TextField("Текст")
    total = models.PositiveIntegerField("Получателей")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кто отправил", related_name="+"
    )
    created_at = models.DateTimeField("Когда", default=clock.now)

    class Meta:
        verbose_name = "Рассылка"
        verbose_name_plural = "Рассылки"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.subject


class LetterQuerySet(SubjectQuerySet):
    def visible_to(self, user: Any) -> "LetterQuerySet":
        """A person sees the own letters alone."""
        return self.filter(to=user)


class Letter(AboutSubject):
    """One letter to one receiver; `key` makes a second one impossible."""

    kind = models.CharField("Вид", max_length=60, db_index=True)
    key = models.CharField("Ключ", max_length=200, unique=True)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Кому",
        related_name="letters",
    )
    address = models.EmailField("Адрес", db_index=True)
    subject_line = models.CharField("Тема", max_length=250)
    body = models.TextField("Текст")
    # What filled the placeholders: a new text is tried on it.
    values = models.JSONField("Подстановки", default=dict, blank=True)
    mailing = models.ForeignKey(
        Mailing, models.PROTECT, null=True, blank=True, verbose_name="Рассылка", related_name="letters"
    )
    in_cabinet = models.BooleanField("Показывать в кабинете", default=True)
    message_id = models.CharField("Message-ID", max_length=120, unique=True)
    state = models.CharField(
        "Состояние", max_length=10, choices=LetterState.choices, default=LetterState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField("Попыток", default=0)
    next_attempt_at = models.DateTimeField("Следующая попытка", null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField("Ошибка", blank=True)
    created_at = models.DateTimeField("Написано", default=clock.now)
    sent_at = models.DateTimeField("Отправлено", null=True, blank=True)
    read_at = models.DateTimeField("Прочитано", null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "Письмо"
        verbose_name_plural = "Письма"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "next_attempt_at"]),
            models.Index(fields=["content_type", "object_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.subject_line} — {self.address}"
