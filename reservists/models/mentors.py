"""Mentors of the reserve and whom each of them guides (O4.7)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q

from reserve_portal.accounts.models import Municipality

from ..enums import MENTOR_TONES, MentorState, ReservistState
from .membership import Reservist


class MentorQuerySet(models.QuerySet["Mentor"]):
    def active(self) -> "MentorQuerySet":
        return self.filter(state=MentorState.ACTIVE, user__is_active=True)

    def with_load(self) -> "MentorQuerySet":
        """Annotate `load`: how many active reservists the mentor guides now."""
        guided = Q(assignments__until=None, assignments__reservist__state=ReservistState.ACTIVE)
        return self.annotate(load=Count("assignments", filter=guided))


class Mentor(models.Model):
    """A member of the pool of mentors, formed by decision of the bodies (O4.7)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Наставник", related_name="mentorship"
    )
    state = models.CharField(
        "Состояние", max_length=7, choices=MentorState.choices, default=MentorState.ACTIVE
    )
    since = models.DateField("В составе с")
    basis = models.CharField("Основание", max_length=300)
    # What the proposal of assignments goes by; empty: everybody, anywhere, without a limit.
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, verbose_name="Муниципальное образование"
    )
    group_code = models.CharField("Направление (целевая группа)", max_length=50, blank=True)
    capacity = models.PositiveSmallIntegerField("Не больше резервистов", null=True, blank=True)
    removed_on = models.DateField("Выведен", null=True, blank=True)
    removal_reason = models.CharField("Причина вывода", max_length=300, blank=True)

    objects = MentorQuerySet.as_manager()
    load: int  # with `with_load` alone

    class Meta:
        verbose_name = "Наставник"
        verbose_name_plural = "Наставники"
        ordering = ["user__last_name", "user__first_name", "pk"]

    def __str__(self) -> str:
        return self.user.full_name

    @property
    def tone(self) -> str:
        return MENTOR_TONES[MentorState(self.state)]


class AssignmentQuerySet(models.QuerySet["MentorAssignment"]):
    def current(self) -> "AssignmentQuerySet":
        return self.filter(until=None)

    def guided_by(self, user: Any) -> "AssignmentQuerySet":
        """Standing assignments of this person as a mentor."""
        return self.current().filter(mentor__user=user, mentor__state=MentorState.ACTIVE)


class MentorAssignment(models.Model):
    """Who guides a reservist and since when; a change ends one row and begins another (O4.7, O4.16)."""

    reservist = models.ForeignKey(
        Reservist, models.PROTECT, verbose_name="Резервист", related_name="assignments"
    )
    mentor = models.ForeignKey(Mentor, models.PROTECT, verbose_name="Наставник", related_name="assignments")
    since = models.DateField("С")
    basis = models.CharField("Основание", max_length=300)
    until = models.DateField("По", null=True, blank=True)
    end_ground = models.CharField("Почему закончилось", max_length=500, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "Закрепление наставника"
        verbose_name_plural = "Закрепления наставников"
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reservist"],
                condition=Q(until=None),
                name="one_mentor_at_a_time",
                violation_error_message="За этим резервистом уже закреплён наставник.",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="assignment_runs_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reservist} — {self.mentor}"
