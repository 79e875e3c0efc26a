"""Bodies and who sits on them."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from reserve_portal.regulations.models import BodyRule, Edition

from ..enums import Position


class Body(models.Model):
    """A commission, council or ministry; its rules are the edition's, its people stand here."""

    code = models.SlugField("Код", max_length=60, unique=True, help_text="Тот же, что в редакции порядка.")
    name = models.CharField("Название", max_length=300)
    index = models.CharField(
        "Индекс", max_length=10, blank=True, help_text="Стоит в номерах протоколов: «ЭК» даёт «ЭК-3/2026»."
    )

    class Meta:
        verbose_name = "Орган"
        verbose_name_plural = "Органы (комиссии)"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def rule(self, edition: Edition) -> BodyRule:
        """Return how this body decides under `edition`; raises BodyRule.DoesNotExist."""
        return edition.body_rules.get(code=self.code)

    @property
    def number_index(self) -> str:
        """What the numbers of this body's protocols begin with."""
        return self.index or f"{self.pk:02d}"

    def members_on(self, day: Any) -> models.QuerySet["BodyMember"]:
        """Members whose term covers `day`."""
        return (
            self.members.filter(since__lte=day)
            .filter(Q(until=None) | Q(until__gte=day))
            .select_related("user")
            .order_by("user__last_name", "user__first_name")
        )


class BodyMember(models.Model):
    body = models.ForeignKey(Body, models.PROTECT, related_name="members", verbose_name="Орган")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="body_memberships", verbose_name="Кто"
    )
    position = models.CharField("Положение", max_length=10, choices=Position.choices, default=Position.MEMBER)
    votes = models.BooleanField("Голосует", default=True)
    since = models.DateField("С")
    until = models.DateField("По", null=True, blank=True)
    stands_in_for = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Замещает",
        related_name="substitutes",
        help_text="Голосует вместо этого члена органа, когда тот отсутствует.",
    )

    class Meta:
        verbose_name = "Член органа"
        verbose_name_plural = "Члены органов"
        constraints = [
            models.UniqueConstraint(
                fields=["body", "user", "since"],
                name="body_member_once_per_term",
                violation_error_message="Этот человек уже состоит в органе с этой даты.",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="body_member_term_in_order",
                violation_error_message="Полномочия не могут закончиться раньше, чем начались.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} — {self.get_position_display()}"

    def clean(self) -> None:
        """A substitute stands in for another member of the same body, who is no substitute himself or herself."""
        other = self.stands_in_for
        if other is None:
            return
        if other.pk == self.pk or other.user_id == self.user_id:
            raise ValidationError({"stands_in_for": "Нельзя замещать самого себя."})
        if other.body_id != self.body_id or other.stands_in_for_id is not None:
            raise ValidationError(
                {"stands_in_for": "Замещать можно только постоянного члена этого же органа."}
            )
