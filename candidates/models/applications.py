"""One person's application in one campaign, its tracks by target group, its place in the journal."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from reserve_portal.core import clock
from reserve_portal.regulations.models import Ground, Requirement, TargetGroup

from ..enums import (
    APPLICATION_STATE_FOR_CANDIDATE,
    TRACK_STATE_FOR_CANDIDATE,
    ApplicationState,
    Channel,
    TrackState,
)
from .campaigns import Campaign


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: Any) -> "ApplicationQuerySet":
        """The own ones; an operator sees all that were submitted; see perms.py for bodies and authorities."""
        if user.has_role("operator"):
            return self.filter(Q(user=user) | ~Q(state=ApplicationState.DRAFT))
        return self.filter(user=user)

    def own_of(self, user: Any) -> "ApplicationQuerySet":
        """The person's applications; one that an operator is still entering appears once it is entered (O3.2)."""
        return self.filter(user=user).exclude(state=ApplicationState.DRAFT, entered_by__isnull=False)

    def being_entered(self) -> "ApplicationQuerySet":
        """Applications on paper that operators have begun to enter."""
        return self.filter(state=ApplicationState.DRAFT, entered_by__isnull=False)

    def awaiting_admission(self) -> "ApplicationQuerySet":
        """Reviewed, and some target group of theirs still without a decision on admission."""
        pending = ApplicationTrack.objects.filter(application=models.OuterRef("pk"), state=TrackState.PENDING)
        return self.filter(models.Exists(pending), state=ApplicationState.REVIEWED)


class Application(models.Model):
    campaign = models.ForeignKey(Campaign, models.PROTECT, verbose_name="Набор", related_name="applications")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кандидат", related_name="applications"
    )
    state = models.CharField(
        "Состояние", max_length=12, choices=ApplicationState.choices, default=ApplicationState.DRAFT
    )
    nominations = models.JSONField("Выдвижение", default=list, blank=True)
    wanted_groups = models.ManyToManyField(TargetGroup, verbose_name="Целевые группы", blank=True)
    channel = models.CharField("Как подано", max_length=10, choices=Channel.choices, default=Channel.PORTAL)
    # On paper, by mail, through Госуслуги: when it really came, and who entered it (O3.2).
    received_at = models.DateTimeField("Поступило", null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="Внёс", related_name="+"
    )
    created_at = models.DateTimeField("Начато", default=clock.now)
    submitted_at = models.DateTimeField("Подано", null=True, blank=True, db_index=True)
    late_until = models.DateTimeField("Личный срок подачи", null=True, blank=True)
    # The questionnaire, the consents and the inventory exactly as submitted.
    snapshot = models.JSONField("Анкета на момент подачи", default=dict)
    search_key = models.CharField(max_length=400, editable=False, db_index=True, default="")
    proposal_admit = models.BooleanField("Предложено допустить", null=True)
    proposal_ground = models.ForeignKey(
        Ground, models.PROTECT, null=True, blank=True, verbose_name="Основание", related_name="+"
    )
    proposal_words = models.TextField("Пояснение", blank=True)
    correction_note = models.TextField("Что исправить", blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "Заявление"
        verbose_name_plural = "Заявления"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "user"],
                condition=~Q(state=ApplicationState.WITHDRAWN),
                name="application_once_per_campaign",
                violation_error_message="В этом наборе у вас уже есть заявление.",
            )
        ]
        indexes = [models.Index(fields=["campaign", "state"])]

    def __str__(self) -> str:
        return f"Заявление: {self.user}"

    @property
    def state_for_candidate(self) -> str:
        return APPLICATION_STATE_FOR_CANDIDATE[ApplicationState(self.state)]


class ApplicationTrack(models.Model):
    """The application's way in one target group (O1.14-1.15); made at submission."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="tracks")
    target_group = models.ForeignKey(TargetGroup, models.PROTECT, verbose_name="Целевая группа")
    state = models.CharField(
        "Состояние", max_length=12, choices=TrackState.choices, default=TrackState.PENDING
    )

    class Meta:
        verbose_name = "Рассмотрение по целевой группе"
        verbose_name_plural = "Рассмотрение по целевым группам"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "target_group"], name="track_once_per_group")
        ]
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.application.user} — {self.target_group}"

    @property
    def state_for_candidate(self) -> str:
        return TRACK_STATE_FOR_CANDIDATE[TrackState(self.state)]


class RegistrationEntry(models.Model):
    """A line of the journal: gapless number, date, never edited, corrected by annotation alone (O3.4)."""

    application = models.OneToOneField(
        Application, models.PROTECT, verbose_name="Заявление", related_name="registration"
    )
    series = models.CharField("Журнал", max_length=60)
    number = models.PositiveIntegerField("№ п/п")
    text = models.CharField("Регистрационный номер", max_length=60, unique=True)
    received_at = models.DateTimeField("Поступило")
    registered_at = models.DateTimeField("Зарегистрировано", default=clock.now)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кем", related_name="+"
    )
    files = models.PositiveIntegerField("Файлов")
    pages = models.PositiveIntegerField("Листов")
    annotation = models.TextField("Примечание", blank=True)

    class Meta:
        verbose_name = "Запись журнала регистрации"
        verbose_name_plural = "Журнал регистрации"
        ordering = ["series", "number"]
        constraints = [models.UniqueConstraint(fields=["series", "number"], name="journal_number_once")]

    def __str__(self) -> str:
        return f"№ {self.text}"


class RequirementFinding(models.Model):
    """What the portal computed about one requirement, and what a person made of it."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="findings")
    requirement = models.ForeignKey(Requirement, models.PROTECT)
    met = models.BooleanField("Выполнено по расчёту", null=True)
    found = models.TextField("Что найдено")
    needed = models.TextField("Что нужно", blank=True)
    confirmed = models.BooleanField("Решение оператора", null=True)
    reason = models.TextField("Почему решение иное", blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "Соответствие требованию"
        verbose_name_plural = "Соответствие требованиям"
        ordering = ["requirement__order", "pk"]
        constraints = [models.UniqueConstraint(fields=["application", "requirement"], name="finding_once")]

    def __str__(self) -> str:
        return str(self.requirement)

    @property
    def holds(self) -> bool | None:
        """The operator's word where there is one, else the computed finding."""
        return self.met if self.confirmed is None else self.confirmed
