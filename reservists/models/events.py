"""Events of the reserve, their yearly plan, who took part."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from assessment.models import LearningRoute
from reserve_portal.accounts.models import Municipality
from reserve_portal.core import clock
from reserve_portal.regulations.models import TargetGroup

from ..enums import EVENT_TONES, PARTICIPATION_TONES, EventKind, EventState, ParticipationState
from .membership import Reservist


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


def person_of(participant: Reservist | LearningRoute) -> Any:
    """The person behind a membership or a learning route."""
    return participant.user if isinstance(participant, Reservist) else participant.track.application.user


class Participation(models.Model):
    """A reservist's place at an event, or that of a guest on a learning route (T5), which gives no advantage."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="participations")
    reservist = models.ForeignKey(
        Reservist, models.PROTECT, null=True, blank=True, related_name="participations"
    )
    route = models.ForeignKey(
        LearningRoute, models.PROTECT, null=True, blank=True, related_name="participations"
    )
    state = models.CharField("Состояние", max_length=10, choices=ParticipationState.choices)
    reason = models.CharField("Причина отказа", max_length=300, blank=True)
    changed_at = models.DateTimeField("Изменено", default=clock.now)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered = models.BooleanField("Отзыв оставлен", default=False)

    class Meta:
        verbose_name = "Участие"
        verbose_name_plural = "Участие в мероприятиях"
        ordering = ["event__starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["event", "reservist"], name="participation_once"),
            models.UniqueConstraint(fields=["event", "route"], name="guest_participation_once"),
            models.CheckConstraint(
                condition=Q(reservist__isnull=False, route=None) | Q(reservist=None, route__isnull=False),
                name="participation_of_reservist_or_guest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reservist or self.person} — {self.event}"

    @property
    def participant(self) -> Reservist | LearningRoute:
        """As what the person takes part."""
        found = self.reservist or self.route
        assert found is not None
        return found

    @property
    def person(self) -> Any:
        return person_of(self.participant)

    @property
    def tone(self) -> str:
        return PARTICIPATION_TONES[ParticipationState(self.state)]


class SurveyAnswer(models.Model):
    """What a participant thinks of an event (O7.3). Whose answer it is, is stored nowhere; who has answered, is."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="answers")
    score = models.PositiveSmallIntegerField("Оценка")
    words = models.TextField("Отзыв", max_length=2000, blank=True)
    given_on = models.DateField("Дата", default=clock.today)
    from_reserve = models.BooleanField("Состоит в резерве")
    target_group = models.ForeignKey(
        TargetGroup, models.PROTECT, verbose_name="Целевая группа", related_name="+"
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, verbose_name="Муниципальное образование", related_name="+"
    )

    class Meta:
        verbose_name = "Отзыв о мероприятии"
        verbose_name_plural = "Отзывы о мероприятиях"
        constraints = [
            models.CheckConstraint(condition=Q(score__range=(1, 5)), name="survey_score_of_five"),
        ]
        indexes = [models.Index(fields=["given_on"])]

    def __str__(self) -> str:
        return f"{self.event}: {self.score}"


class CalendarFeed(models.Model):
    """A person's own address of the events for a calendar program; of the address only a digest is kept."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    digest = models.CharField("SHA-256 адреса", max_length=64, unique=True)
    made_at = models.DateTimeField("Выдан", default=clock.now)

    class Meta:
        verbose_name = "Адрес календаря"
        verbose_name_plural = "Адреса календарей"

    def __str__(self) -> str:
        return f"Адрес календаря: {self.user}"
