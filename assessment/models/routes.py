"""The catalogue of programmes, and the learning routes of those below the threshold (T5)."""

from typing import Any

from django.db import models

from candidates.models import ApplicationTrack

from ..enums import RouteState
from .procedures import SEES_ALL_RESULTS
from .results import Result


class Programme(models.Model):
    """The catalogue behind learning routes: programmes and events tied to directions of the assessment."""

    name = models.CharField("Название", max_length=250, unique=True)
    section_code = models.SlugField("Направление (код)", max_length=60)
    organiser = models.CharField("Кто проводит", max_length=250)
    hours = models.PositiveSmallIntegerField("Часов", null=True, blank=True)
    is_active = models.BooleanField("Предлагать", default=True)

    class Meta:
        verbose_name = "Программа обучения"
        verbose_name_plural = "Каталог программ"
        ordering = ["section_code", "name"]

    def __str__(self) -> str:
        return self.name


class RouteQuerySet(models.QuerySet["LearningRoute"]):
    def visible_to(self, user: Any) -> "RouteQuerySet":
        """All for the operator, authority and auditor; the own one once it was sent (T5)."""
        if user.has_any_role(*SEES_ALL_RESULTS):
            return self
        return self.filter(track__application__user=user, state=RouteState.SENT)


class LearningRoute(models.Model):
    """The individual learning route of a person below the threshold (T5)."""

    track = models.OneToOneField(ApplicationTrack, models.PROTECT, related_name="route")
    result = models.ForeignKey(Result, models.PROTECT)
    deficits = models.TextField("Дефициты")
    words = models.TextField("Рекомендации", blank=True)
    possible_from = models.DateField("Включение возможно с")
    state = models.CharField("Состояние", max_length=5, choices=RouteState.choices, default=RouteState.DRAFT)

    objects = RouteQuerySet.as_manager()

    class Meta:
        verbose_name = "Индивидуальный образовательный маршрут"
        verbose_name_plural = "Индивидуальные образовательные маршруты"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"ИОМ: {self.track.application.user}"


class RouteItem(models.Model):
    route = models.ForeignKey(LearningRoute, models.CASCADE, related_name="items")
    section_name = models.CharField("Направление", max_length=250)
    programme = models.CharField("Программа или мероприятие", max_length=250)
    organiser = models.CharField("Кто проводит", max_length=250, blank=True)
    hours = models.PositiveSmallIntegerField("Часов", null=True, blank=True)

    class Meta:
        verbose_name = "Пункт маршрута"
        verbose_name_plural = "Пункты маршрута"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.programme
