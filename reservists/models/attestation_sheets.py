"""Experts' sheets in the yearly attestation: cases, defences of projects, experience (O1.10, O4.17)."""

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from assessment.enums import SHEETS_IN_PLAY, SheetState
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock

from ..enums import AttestationState
from .attestation import AttestationEntry, AttestationInstrument


class AttestationSheetQuerySet(models.QuerySet["AttestationSheet"]):
    def visible_to(self, user: Any) -> "AttestationSheetQuerySet":
        """An expert sees what was given to him or her until it is handed in, and nobody else's (process.md 12)."""
        if not user.has_role(Role.EXPERT):
            return self.none()
        going_on = [AttestationState.OPEN, AttestationState.LISTED]
        return self.filter(
            expert=user, state=SheetState.GIVEN, entry__absent=False, entry__attestation__state__in=going_on
        )

    def in_play(self) -> "AttestationSheetQuerySet":
        """Given or handed in: those that count, or will."""
        return self.filter(state__in=SHEETS_IN_PLAY)


class AttestationSheet(models.Model):
    """One expert's points for one person by one instrument; the instrument's points are the mean of all sheets."""

    entry = models.ForeignKey(
        AttestationEntry, models.PROTECT, verbose_name="Резервист", related_name="sheets"
    )
    instrument = models.ForeignKey(
        AttestationInstrument, models.PROTECT, verbose_name="Средство", related_name="sheets"
    )
    expert = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Эксперт", related_name="attestation_sheets"
    )
    points = models.DecimalField(
        "Баллы", max_digits=6, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    comment = models.TextField("Обоснование", blank=True)
    state = models.CharField("Состояние", max_length=10, choices=SheetState.choices, default=SheetState.GIVEN)
    given_at = models.DateTimeField("Передан", default=clock.now)
    handed_in_at = models.DateTimeField("Сдан", null=True, blank=True)
    end_reason = models.CharField("Почему не сдан", max_length=1000, blank=True)

    objects = AttestationSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "Экспертный лист аттестации"
        verbose_name_plural = "Экспертные листы аттестации"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "instrument", "expert"],
                condition=Q(state__in=sorted(SHEETS_IN_PLAY)),
                name="attestation_sheet_once_per_expert",
                violation_error_message="Этот лист эксперту уже передан.",
            ),
            models.CheckConstraint(
                condition=~Q(state=SheetState.HANDED_IN) | Q(points__isnull=False),
                name="attestation_sheet_handed_in_with_points",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument}: {self.entry}"
