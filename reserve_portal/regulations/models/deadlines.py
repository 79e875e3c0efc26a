"""Deadlines: limits of an edition that run for a case."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from reserve_portal.accounts.enums import PRIVATE_ROLES, Role
from reserve_portal.core import clock
from reserve_portal.core.models import AboutSubject, SubjectQuerySet

from .editions import TimeLimit


class DeadlineQuerySet(SubjectQuerySet):
    def open(self) -> "DeadlineQuerySet":
        return self.filter(closed_on=None, cancelled=False)

    def closed_by(self, event: str) -> "DeadlineQuerySet":
        """Those of the limits that `event` closes: named by their keys, or a database looks through all that run."""
        limits = TimeLimit.objects.filter(closes=event).values_list("pk", flat=True)
        return self.filter(limit__in=list(limits))

    def overdue(self) -> "DeadlineQuerySet":
        """Open and past their day."""
        return self.open().filter(due_on__lt=clock.today())

    def kept_late(self) -> "DeadlineQuerySet":
        """Closed, but after their day."""
        return self.filter(closed_on__gt=F("due_on"))

    def for_user(self, user: Any) -> "DeadlineQuerySet":
        """Deadlines this person answers for: by name, or by role (within the own municipality, where it has one).

        A candidate's or reservist's limit is somebody's own and belongs to the named person alone.
        """
        by_role = Q(responsible__in=user.roles - PRIVATE_ROLES, responsible_user=None) & (
            Q(municipality=None) | Q(municipality=user.municipality_id)
        )
        return self.filter(Q(responsible_user=user) | by_role)


class Deadline(AboutSubject):
    """A dated limit of one case: arises by an event, is closed by an event."""

    limit = models.ForeignKey(TimeLimit, models.PROTECT, verbose_name="Срок", related_name="deadlines")
    title = models.CharField("Что должно быть сделано", max_length=250)
    about = models.CharField("О чём", max_length=250)
    due_on = models.DateField("До какого числа включительно", db_index=True)
    opened_on = models.DateField("Начат")
    closed_on = models.DateField("Исполнен", null=True, blank=True)
    cancelled = models.BooleanField("Отпал", default=False)
    responsible = models.CharField("Кто отвечает", max_length=20, choices=Role.choices)
    responsible_user = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Лично",
        related_name="deadlines",
        db_index=False,
    )
    municipality = models.ForeignKey(
        "accounts.Municipality", models.PROTECT, null=True, blank=True, db_index=False
    )

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = "Срок дела"
        verbose_name_plural = "Сроки дел"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["limit", "content_type", "object_id", "opened_on"], name="deadline_once_per_event"
            )
        ]
        indexes = [
            models.Index(fields=["content_type", "object_id", "responsible", "due_on"]),
            # Most belong to nobody in person and to no municipality: an index of these would only lead astray.
            models.Index(
                fields=["municipality"],
                name="deadline_of_a_municipality",
                condition=Q(municipality__isnull=False),
            ),
            models.Index(
                fields=["responsible_user"],
                name="deadline_of_a_person",
                condition=Q(responsible_user__isnull=False),
            ),
            # What is due today or overdue, among the running ones alone.
            models.Index(
                fields=["due_on"], name="deadline_running", condition=Q(closed_on=None, cancelled=False)
            ),
            models.Index(
                fields=["content_type", "responsible", "due_on"],
                name="deadline_running_by_kind",
                condition=Q(closed_on=None, cancelled=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} — до {self.due_on:%d.%m.%Y}"

    @property
    def is_open(self) -> bool:
        return self.closed_on is None and not self.cancelled

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_on < clock.today()

    @property
    def was_late(self) -> bool:
        return self.closed_on is not None and self.closed_on > self.due_on
