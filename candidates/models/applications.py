"""One person's application in one campaign, its tracks by target group, its place in the journal."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Case, Q, When
from django.utils.functional import cached_property

from reserve_portal.accounts.models import Municipality
from reserve_portal.core import clock
from reserve_portal.regulations.models import Deadline, Ground, Requirement, TargetGroup

from ..enums import (
    APPLICATION_ENDED,
    APPLICATION_STATE_FOR_CANDIDATE,
    TRACK_STATE_FOR_CANDIDATE,
    ApplicationState,
    Channel,
    NominationState,
    TrackState,
)
from .campaigns import Campaign


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: Any) -> "ApplicationQuerySet":
        """The own ones; an operator sees all that were submitted; see perms.py for bodies and authorities."""
        if user.has_role("operator"):
            return self.filter(Q(user=user) | ~Q(state=ApplicationState.DRAFT))
        return self.filter(user=user)

    def drafts_in_waiting(self) -> "ApplicationQuerySet":
        """Drafts of people who have handed in nothing in any window still open; what an operator enters is no draft."""
        submitted = (
            Application.objects.filter(
                user=models.OuterRef("user"), submitted_at__isnull=False, campaign__closes_at__gte=clock.now()
            )
            .exclude(state__in=APPLICATION_ENDED)
            .values("pk")
        )
        return self.filter(~models.Exists(submitted), state=ApplicationState.DRAFT, entered_by=None)

    def own_of(self, user: Any) -> "ApplicationQuerySet":
        """The person's applications; one that an operator is still entering appears once it is entered (O3.2)."""
        return self.filter(user=user).exclude(state=ApplicationState.DRAFT, entered_by__isnull=False)

    def being_entered(self) -> "ApplicationQuerySet":
        """Applications on paper that operators have begun to enter."""
        return self.filter(state=ApplicationState.DRAFT, entered_by__isnull=False)

    def awaiting_admission(self) -> "ApplicationQuerySet":
        """Reviewed, and some target group of theirs still without a decision on admission."""
        return self.filter(awaits_admission=True)

    def overdue_for(self, role: str, today: date) -> "ApplicationQuerySet":
        """Those with an open limit of `role` before `today`; `deadline_day` is the first one's day."""
        day, pk = models.OuterRef("deadlines__due_on"), models.OuterRef("deadlines__pk")
        earlier = Q(due_on__lt=day) | Q(due_on=day, pk__lt=pk)
        return self._with_limit_of(role, earlier, due_on__lt=today)

    def due_for(self, role: str, today: date) -> "ApplicationQuerySet":
        """Those with an open limit of `role` that ends `today`; `deadline_day` is that day."""
        earlier = Q(due_on=models.OuterRef("deadlines__due_on"), pk__lt=models.OuterRef("deadlines__pk"))
        return self._with_limit_of(role, earlier, due_on=today)

    def _with_limit_of(self, role: str, earlier: Q, **due: Any) -> "ApplicationQuerySet":
        """Joined to the limits, so that their index gives the order; once each, by the limit that has none `earlier`.

        A condition on `due` beside `earlier` would lead SQLite to all that is due instead of to one application's.
        """
        mine = {"closed_on": None, "cancelled": False, "responsible": role}
        others = Deadline.objects.about_kind(Application).filter(
            earlier, object_id=models.OuterRef("pk"), **mine
        )
        wanted = {f"deadlines__{name}": value for name, value in (mine | due).items()}
        return self.filter(~models.Exists(others), **wanted).annotate(
            deadline_day=models.F("deadlines__due_on")
        )

    def note_admission(self) -> None:
        """Store whether these wait for a decision on admission, as their states and their tracks' now are."""
        pending = ApplicationTrack.objects.filter(application=models.OuterRef("pk"), state=TrackState.PENDING)
        waits = Q(models.Exists(pending), state=ApplicationState.REVIEWED)
        self.update(awaits_admission=Case(When(waits, then=True), default=False))


class Application(models.Model):
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, verbose_name="Набор", related_name="applications", db_index=False
    )
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
    # As in the snapshot, for lists: filters and sorting must not reach into JSON.
    municipality = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name="Муниципальное образование",
        related_name="+",
        db_index=False,  # the first column of an index below
    )
    proposal_admit = models.BooleanField("Предложено допустить", null=True)
    proposal_ground = models.ForeignKey(
        Ground, models.PROTECT, null=True, blank=True, verbose_name="Основание", related_name="+"
    )
    proposal_words = models.TextField("Пояснение", blank=True)
    correction_note = models.TextField("Что исправить", blank=True)
    # What the states say together; both workflows keep it so. The reviewed of all years are not looked through for it.
    awaits_admission = models.BooleanField("Ждёт решения о допуске", default=False, editable=False)

    deadlines = GenericRelation(Deadline)

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
        # What the operator's list filters by, each in its order, so that a page reads the rows it shows alone.
        indexes = [
            models.Index(fields=["campaign", "state", "submitted_at"]),
            models.Index(fields=["state", "submitted_at"]),
            models.Index(fields=["campaign", "submitted_at"]),
            models.Index(fields=["municipality", "submitted_at"]),
            models.Index(
                fields=["submitted_at"],
                name="application_awaits_admission",
                condition=Q(awaits_admission=True),
            ),
            models.Index(
                fields=["campaign", "submitted_at"],
                name="application_awaits_in_campaign",
                condition=Q(awaits_admission=True),
            ),
            models.Index(fields=["state"], name="application_entered", condition=Q(entered_by__isnull=False)),
            models.Index(
                fields=["campaign"], name="application_late_window", condition=Q(late_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"Заявление: {self.user}"

    @cached_property
    def nominator_ids(self) -> frozenset[int]:
        """Keys of those whose nomination the person accepted, read once per loaded application."""
        accepted = self.nomination_rows.filter(state=NominationState.ACCEPTED)
        return frozenset(accepted.values_list("nominator_id", flat=True))

    @property
    def submit_until(self) -> datetime:
        """The last moment in which this person may submit: the window's, or a later one of the person's own."""
        return max(filter(None, [self.campaign.closes_at, self.late_until]))

    @property
    def state_for_candidate(self) -> str:
        return APPLICATION_STATE_FOR_CANDIDATE[ApplicationState(self.state)]


class SearchTerm(models.Model):
    """A word by whose beginning an application is found: of the name, the address, the number; see services/finding."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="search_terms", db_index=False)
    term = models.CharField("Слово", max_length=120)

    class Meta:
        verbose_name = "Слово поиска"
        verbose_name_plural = "Слова поиска"
        constraints = [models.UniqueConstraint(fields=["application", "term"], name="search_term_once")]
        indexes = [
            models.Index(
                fields=["term", "application"],
                name="search_term_begins",
                opclasses=["varchar_pattern_ops", "int8_ops"],
            )
        ]

    def __str__(self) -> str:
        return self.term


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
        # Of the states that somebody waits for; one of all would lead to the many whose case has long ended.
        indexes = [
            models.Index(
                fields=["application", "id"],
                name="track_pending",
                condition=Q(state=TrackState.PENDING),
            ),
            models.Index(
                fields=["application"], name="track_admitted", condition=Q(state=TrackState.ADMITTED)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application.user} — {self.target_group}"

    @property
    def state_for_candidate(self) -> str:
        return TRACK_STATE_FOR_CANDIDATE[TrackState(self.state)]


class ReviewClaim(models.Model):
    """Who works on an application now. It tells the others and stops nobody; it ends by itself."""

    application = models.OneToOneField(Application, models.CASCADE, related_name="claim")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="Кто", related_name="+")
    since = models.DateTimeField("С какого времени")
    until = models.DateTimeField("До какого времени", db_index=True)

    class Meta:
        verbose_name = "Кто работает с заявлением"
        verbose_name_plural = "Кто работает с заявлениями"

    def __str__(self) -> str:
        return f"{self.user}, с {clock.local(self.since):%H:%M}"


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
        indexes = [models.Index(fields=["registered_at"]), models.Index(fields=["series", "registered_at"])]

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
