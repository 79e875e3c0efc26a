"""Membership in the reserve, its events, editions of its registry."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q

from assessment.enums import Zone
from candidates.models import ApplicationTrack
from commissions.models import DecisionList
from reserve_portal.accounts.models import Municipality
from reserve_portal.core import clock
from reserve_portal.core.models import Job
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Edition, Ground, TargetGroup

from .enums import (
    EVENT_TONES,
    PARTICIPATION_TONES,
    RESERVIST_TONES,
    EventKind,
    EventState,
    ParticipationState,
    RegistryState,
    ReservistState,
)


class ReservistQuerySet(models.QuerySet["Reservist"]):
    def active(self) -> "ReservistQuerySet":
        return self.filter(state=ReservistState.ACTIVE)

    def with_events(self) -> "ReservistQuerySet":
        """Annotate `planned_events`: confirmed participations in planned regional events (T7)."""
        counted = Q(
            participations__state=ParticipationState.CONFIRMED, participations__event__kind=EventKind.PLANNED
        )
        return self.annotate(planned_events=Count("participations", filter=counted))

    def visible_to(self, user: Any) -> "ReservistQuerySet":
        """process.md 12, row «registry»: own row; a municipality its own people; operator, authority, auditor all."""
        if user.has_any_role("operator", "authority", "auditor"):
            return self
        visible = Q(user=user)
        if user.has_role("municipal") and user.municipality_id:
            visible |= Q(municipality=user.municipality_id)
        return self.filter(visible)


class Reservist(models.Model):
    """A person's membership in the reserve in one target group."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Резервист", related_name="memberships"
    )
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="Порядок", related_name="reservists")
    target_group = models.ForeignKey(TargetGroup, models.PROTECT, verbose_name="Целевая группа")
    track = models.OneToOneField(
        ApplicationTrack,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Заявление",
        related_name="reservist",
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, verbose_name="Муниципальное образование"
    )
    state = models.CharField(
        "Состояние", max_length=10, choices=ReservistState.choices, default=ReservistState.ACTIVE
    )
    zone = models.CharField("Зона", max_length=6, choices=Zone.choices)
    points = models.DecimalField("Баллы", max_digits=12, decimal_places=7)
    maximum = models.DecimalField("Максимум", max_digits=10, decimal_places=2)
    rank = models.PositiveIntegerField("Место", null=True, blank=True)
    # Taken from the work record at the inclusion, so that matching need not open 20,000 questionnaires.
    managing_years = models.PositiveSmallIntegerField("Полных лет руководства на день включения", default=0)
    included_on = models.DateField("Включён")
    basis = models.CharField("Основание включения", max_length=300)
    ended_on = models.DateField("Исключён или назначен", null=True, blank=True)
    end_basis = models.CharField("Основание", max_length=300, blank=True)
    end_ground = models.ForeignKey(
        Ground, models.PROTECT, null=True, blank=True, verbose_name="Пункт", related_name="+"
    )

    objects = ReservistQuerySet.as_manager()
    planned_events: int  # with `with_events` alone

    class Meta:
        verbose_name = "Резервист"
        verbose_name_plural = "Резервисты"
        ordering = ["user__last_name", "user__first_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "target_group"],
                condition=~Q(state=ReservistState.EXCLUDED),
                name="one_membership_per_group",
                violation_error_message="Этот человек уже состоит в резерве по этой группе.",
            ),
            models.CheckConstraint(
                condition=Q(points__lte=F("maximum")), name="reservist_points_within_maximum"
            ),
        ]
        indexes = [models.Index(fields=["state", "zone"])]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def tone(self) -> str:
        return RESERVIST_TONES[ReservistState(self.state)]


class EventsPlan(models.Model):
    """The yearly plan of events, published by its day (T6)."""

    year = models.PositiveSmallIntegerField("Год", unique=True)
    published_on = models.DateField("Опубликован", null=True, blank=True)

    class Meta:
        verbose_name = "План мероприятий"
        verbose_name_plural = "Планы мероприятий"
        ordering = ["-year"]

    def __str__(self) -> str:
        return f"План мероприятий на {self.year} год"


class Event(models.Model):
    """An event of the reserve; only planned regional ones count for the advantage (T7)."""

    name = models.CharField("Название", max_length=250)
    description = models.TextField("О чём", blank=True)
    kind = models.CharField("Вид", max_length=8, choices=EventKind.choices, default=EventKind.PLANNED)
    starts_at = models.DateTimeField("Начало")
    ends_at = models.DateTimeField("Конец")
    place = models.CharField("Место или ссылка", max_length=250)
    places = models.PositiveIntegerField("Мест", null=True, blank=True)
    state = models.CharField(
        "Состояние", max_length=10, choices=EventState.choices, default=EventState.PLANNED
    )

    class Meta:
        verbose_name = "Мероприятие"
        verbose_name_plural = "Мероприятия"
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="event_runs_forward",
                violation_error_message="Конец мероприятия должен быть позже начала.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tone(self) -> str:
        return EVENT_TONES[EventState(self.state)]

    @property
    def is_over(self) -> bool:
        return self.ends_at < clock.now()


class Participation(models.Model):
    event = models.ForeignKey(Event, models.PROTECT, related_name="participations")
    reservist = models.ForeignKey(Reservist, models.PROTECT, related_name="participations")
    state = models.CharField("Состояние", max_length=10, choices=ParticipationState.choices)
    reason = models.CharField("Причина отказа", max_length=300, blank=True)
    changed_at = models.DateTimeField("Изменено", default=clock.now)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "Участие"
        verbose_name_plural = "Участие в мероприятиях"
        ordering = ["event__starts_at"]
        constraints = [models.UniqueConstraint(fields=["event", "reservist"], name="participation_once")]

    def __str__(self) -> str:
        return f"{self.reservist} — {self.event}"

    @property
    def tone(self) -> str:
        return PARTICIPATION_TONES[ParticipationState(self.state)]


class RegistryEdition(models.Model):
    """An immutable snapshot of the reserve, with the decision behind it and its papers."""

    number = models.PositiveIntegerField("№ редакции", unique=True)
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="Порядок")
    decision_list = models.OneToOneField(
        DecisionList,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Решение",
        related_name="registry_edition",
    )
    approved_on = models.DateField("Утверждена")
    basis = models.CharField("Основание", max_length=300)
    state = models.CharField(
        "Состояние", max_length=10, choices=RegistryState.choices, default=RegistryState.APPROVED
    )
    rows = models.JSONField("Строки реестра", default=list)
    public_rows = models.JSONField("Опубликованные строки", default=list)
    published_at = models.DateTimeField("Опубликована", null=True, blank=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="+")
    paper = models.ForeignKey(IssuedPaper, models.PROTECT, null=True, blank=True, related_name="+")
    table = models.FileField("XLSX", upload_to="registry/%Y/%m", blank=True)

    class Meta:
        verbose_name = "Редакция реестра"
        verbose_name_plural = "Реестр кадрового резерва"
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"Реестр кадрового резерва, редакция {self.number}"

    @property
    def is_published(self) -> bool:
        return self.state == RegistryState.PUBLISHED
