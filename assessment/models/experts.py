"""Sheets on which experts score a person's package and career (O1.10, O3.9, O3.17)."""

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock

from ..enums import SHEET_TRACKS, SHEETS_IN_PLAY, SheetState
from .procedures import Invitation, Section


class SheetQuerySet(models.QuerySet["ExpertSheet"]):
    def visible_to(self, user: Any) -> "SheetQuerySet":
        """An expert sees what was given to him or her until it is handed in, and nobody else's (process.md 12).

        Who is no longer assessed (withdrew, declined, did not come) is no longer anybody's business.
        """
        if not user.has_role(Role.EXPERT):
            return self.none()
        return self.filter(expert=user, state=SheetState.GIVEN, invitation__track__state__in=SHEET_TRACKS)

    def in_play(self) -> "SheetQuerySet":
        """Given or handed in: those that count, or will."""
        return self.filter(state__in=SHEETS_IN_PLAY)


class ExpertSheet(models.Model):
    """One expert's points for one person in one direction; the direction's points are the mean of all sheets."""

    section = models.ForeignKey(Section, models.PROTECT, verbose_name="Направление", related_name="sheets")
    invitation = models.ForeignKey(Invitation, models.PROTECT, verbose_name="Кандидат", related_name="sheets")
    expert = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Эксперт", related_name="expert_sheets"
    )
    points = models.DecimalField(
        "Баллы", max_digits=8, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    comment = models.TextField("Обоснование", blank=True)
    deficits = models.TextField("Профессиональные дефициты", blank=True)
    development = models.TextField("Направления и способы развития", blank=True)
    recommended = models.BooleanField("Включение целесообразно", null=True, blank=True)
    state = models.CharField("Состояние", max_length=10, choices=SheetState.choices, default=SheetState.GIVEN)
    given_at = models.DateTimeField("Передан", default=clock.now)
    handed_in_at = models.DateTimeField("Сдан", null=True, blank=True)
    end_reason = models.CharField("Почему не сдан", max_length=1000, blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = "Экспертный лист"
        verbose_name_plural = "Экспертные листы"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "invitation", "expert"],
                condition=Q(state__in=sorted(SHEETS_IN_PLAY)),
                name="sheet_once_per_expert",
                violation_error_message="Этот лист эксперту уже передан.",
            ),
            models.CheckConstraint(
                condition=~Q(state=SheetState.HANDED_IN) | Q(points__isnull=False),
                name="sheet_handed_in_with_points",
                violation_error_message="В сданном листе должны быть баллы.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.section}: {self.invitation}"

    @property
    def person(self) -> Any:
        return self.invitation.track.application.user
