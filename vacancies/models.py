"""A vacancy as a case: report, matching, referral, defence of the concept, agreement, appointment."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from candidates.enums import ScanState
from candidates.models.quarantine import Quarantined
from commissions.models import Meeting, MeetingMember
from reserve_portal.accounts.models import Municipality, Organisation
from reserve_portal.core import clock
from reserve_portal.regulations.models import Edition, TargetGroup
from reservists.models import Reservist

from .enums import (
    CLOSED,
    ENGAGED,
    REFERRAL_TONES,
    VACANCY_TONES,
    WAITING,
    ReferralState,
    SheetState,
    VacancyState,
)


class VacancyQuerySet(models.QuerySet["Vacancy"]):
    def visible_to(self, user: Any) -> "VacancyQuerySet":
        """process.md 12: operator, authority and auditor all, a municipality its own, a member those it defends."""
        if user.has_any_role("operator", "authority", "auditor"):
            return self
        sits_on = ConceptDefence.objects.filter(vacancy=OuterRef("pk"), meeting__members__user=user)
        visible = Q(Exists(sits_on))
        if user.has_role("municipal") and user.municipality_id:
            visible |= Q(municipality=user.municipality_id)
        return self.filter(visible)

    def with_late_answers(self) -> "VacancyQuerySet":
        """Those where an asked reservist has let the day of the answer pass."""
        late = Referral.objects.filter(
            vacancy=OuterRef("pk"), state=ReferralState.ASKED, answer_until__lt=clock.today()
        )
        return self.filter(Exists(late))

    def open(self) -> "VacancyQuerySet":
        return self.exclude(state__in=CLOSED)


class Vacancy(models.Model):
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="Порядок")
    municipality = models.ForeignKey(Municipality, models.PROTECT, verbose_name="Муниципальное образование")
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name="Организация")
    target_group = models.ForeignKey(TargetGroup, models.PROTECT, verbose_name="Целевая группа")
    post = models.CharField("Должность", max_length=250)
    arose_on = models.DateField("Когда возникла")
    requirements = models.TextField("Требования", blank=True)
    conditions = models.TextField("Условия", blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кто сообщил", related_name="+"
    )
    reported_at = models.DateTimeField("Сообщено", default=clock.now)
    state = models.CharField(
        "Состояние", max_length=12, choices=VacancyState.choices, default=VacancyState.REPORTED
    )

    search_key = models.CharField(max_length=510, editable=False, db_index=True, default="")

    objects = VacancyQuerySet.as_manager()

    class Meta:
        verbose_name = "Вакансия"
        verbose_name_plural = "Вакансии"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.post}, {self.organisation}"

    @property
    def tone(self) -> str:
        """How the badge of the state looks."""
        return VACANCY_TONES.get(VacancyState(self.state), "info")

    @property
    def is_open(self) -> bool:
        return self.state not in CLOSED


class MatchSnapshot(models.Model):
    """The order of reservists as it was computed and shown; never changed."""

    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="snapshots")
    weights = models.JSONField("Веса")
    rows = models.JSONField("Порядок с объяснениями")
    left_out = models.JSONField("Кого нет и почему", default=list)
    reason = models.TextField("Почему порядок изменён", blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кто подбирал", related_name="+"
    )
    made_at = models.DateTimeField("Когда", default=clock.now)

    class Meta:
        verbose_name = "Подбор"
        verbose_name_plural = "Подборы"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Подбор {clock.local(self.made_at):%d.%m.%Y %H:%M}"


class ReferralQuerySet(models.QuerySet["Referral"]):
    def engaged(self) -> "ReferralQuerySet":
        """Those that keep a person from being proposed elsewhere."""
        return self.filter(state__in=ENGAGED)

    def waiting(self) -> "ReferralQuerySet":
        """Those still asked or considered."""
        return self.filter(state__in=WAITING)


class Referral(models.Model):
    """A reservist asked about, and then presented for, one vacancy; presented, he or she is a nominee."""

    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="referrals")
    reservist = models.ForeignKey(Reservist, models.PROTECT, related_name="referrals")
    snapshot = models.ForeignKey(MatchSnapshot, models.PROTECT, verbose_name="Подбор")
    place = models.PositiveIntegerField("Место в подборе")
    state = models.CharField(
        "Состояние", max_length=15, choices=ReferralState.choices, default=ReferralState.ASKED
    )
    asked_at = models.DateTimeField("Спрошен", default=clock.now)
    answer_until = models.DateField("Ответить до")
    refusal_reason = models.CharField("Причина отказа", max_length=300, blank=True)
    defence_place = models.PositiveSmallIntegerField("Место по итогам защиты", null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = "Представление на вакансию"
        verbose_name_plural = "Представления на вакансии"
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["vacancy", "reservist"],
                condition=~Q(state=ReferralState.RELEASED),
                name="reservist_asked_once_per_vacancy",
                violation_error_message="Этого резервиста по этой вакансии уже спросили.",
            ),
            # Two municipalities want the same person at once: one wins (process.md 8).
            models.UniqueConstraint(
                fields=["reservist"],
                condition=Q(
                    state__in=[
                        ReferralState.PRESENTED,
                        ReferralState.RECOMMENDED,
                        ReferralState.AGREED,
                    ]
                ),
                name="reservist_presented_to_one_vacancy",
                violation_error_message="Этот резервист уже представлен на другую вакансию.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reservist} — {self.vacancy}"

    @property
    def tone(self) -> str:
        """How the badge of the state looks."""
        return REFERRAL_TONES.get(ReferralState(self.state), "info")

    @property
    def defence_words(self) -> str:
        """The place after the defence in words; whoever follows the first stands in reserve for this vacancy."""
        if self.defence_place is None:
            return ""
        reserve = " (резервное)" if self.defence_place > 1 else ""
        return f"место по итогам защиты: {self.defence_place}{reserve}"

    @property
    def answer_is_late(self) -> bool:
        return self.state == ReferralState.ASKED and self.answer_until < clock.today()


class ConceptDefence(models.Model):
    """The defence of concepts for one vacancy, held at a meeting of its commission (T10)."""

    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="defences")
    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="defence")

    class Meta:
        verbose_name = "Защита концепции"
        verbose_name_plural = "Защиты концепций"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Защита концепции: {self.vacancy}"


class Criterion(models.Model):
    """One criterion of a defence, with its highest score."""

    defence = models.ForeignKey(ConceptDefence, models.CASCADE, related_name="criteria")
    name = models.CharField("Критерий", max_length=150)
    maximum = models.PositiveSmallIntegerField("Наибольший балл", default=2)
    order = models.PositiveSmallIntegerField("Порядок", default=0)

    class Meta:
        verbose_name = "Критерий"
        verbose_name_plural = "Критерии"
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class ConceptQuerySet(models.QuerySet["Concept"]):
    def standing(self) -> "ConceptQuerySet":
        """Those that were not taken out by the virus scanner."""
        return self.exclude(scan=ScanState.INFECTED)


class Concept(Quarantined):
    """A version of the nominee's development concept; nobody opens it before the virus scanner's verdict."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="concepts")
    version = models.PositiveSmallIntegerField("Версия")
    file = models.FileField("Файл", upload_to="concepts/%Y/%m")
    original_name = models.CharField("Имя файла", max_length=160)
    kind = models.CharField("Вид", max_length=5)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField("Размер, байт")
    content_type = models.CharField(max_length=80)
    uploaded_at = models.DateTimeField("Загружен", default=clock.now)

    objects = ConceptQuerySet.as_manager()

    class Meta:
        verbose_name = "Концепция развития"
        verbose_name_plural = "Концепции развития"
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["referral", "version"], name="concept_version_once")]

    def __str__(self) -> str:
        return f"{self.original_name}, версия {self.version}"


class ScoreSheet(models.Model):
    """One member's sheet on one nominee; hidden from the others until their own is handed in."""

    defence = models.ForeignKey(ConceptDefence, models.PROTECT, related_name="sheets")
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="sheets")
    member = models.ForeignKey(MeetingMember, models.PROTECT, related_name="sheets")
    state = models.CharField("Состояние", max_length=10, choices=SheetState.choices, default=SheetState.DRAFT)
    comment = models.TextField("Общее впечатление", blank=True)
    handed_in_at = models.DateTimeField("Сдан", null=True, blank=True)

    class Meta:
        verbose_name = "Оценочный лист"
        verbose_name_plural = "Оценочные листы"
        constraints = [models.UniqueConstraint(fields=["defence", "referral", "member"], name="sheet_once")]

    def __str__(self) -> str:
        return f"{self.member}: {self.referral.reservist}"

    @property
    def total(self) -> Decimal:
        return Decimal(sum(score.points for score in self.scores.all()))

    @property
    def maximum(self) -> Decimal:
        """The highest total that the criteria of this defence allow."""
        return Decimal(sum(item.maximum for item in self.defence.criteria.all()))


class Score(models.Model):
    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT)
    points = models.PositiveSmallIntegerField("Баллы")
    comment = models.CharField("Комментарий", max_length=300, blank=True)

    class Meta:
        verbose_name = "Балл"
        verbose_name_plural = "Баллы"
        ordering = ["criterion__order"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="score_once_per_criterion")
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.points}"


class Agreement(models.Model):
    """The department's agreement to an appointment, or its refusal with the reason (T9)."""

    referral = models.OneToOneField(Referral, models.PROTECT, related_name="agreement")
    agreed = models.BooleanField("Согласовано")
    number = models.CharField("Номер письма", max_length=60)
    dated = models.DateField("Дата письма")
    reason = models.TextField("Причина отказа", blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Кто", related_name="+"
    )
    decided_at = models.DateTimeField("Внесено", default=clock.now)

    class Meta:
        verbose_name = "Согласование назначения"
        verbose_name_plural = "Согласования назначений"

    def __str__(self) -> str:
        return f"№ {self.number} от {self.dated:%d.%m.%Y}"


class Appointment(models.Model):
    """An appointment by the municipality's order; one in force closes the vacancy."""

    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="appointments")
    referral = models.OneToOneField(
        Referral, models.PROTECT, null=True, blank=True, related_name="appointment"
    )
    person_name = models.CharField("Назначен", max_length=310)
    from_reserve = models.BooleanField("Из резерва")
    order_number = models.CharField("Номер приказа (распоряжения)", max_length=60)
    order_dated = models.DateField("Дата приказа")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("Внесено", default=clock.now)
    fell_through_at = models.DateTimeField("Не состоялось", null=True, blank=True)
    fell_through_reason = models.TextField("Почему не состоялось", blank=True)

    class Meta:
        verbose_name = "Назначение"
        verbose_name_plural = "Назначения"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["vacancy"],
                condition=Q(fell_through_at=None),
                name="one_appointment_per_vacancy",
                violation_error_message="На эту вакансию уже назначен руководитель.",
            ),
            models.CheckConstraint(
                condition=Q(from_reserve=False) | Q(referral__isnull=False),
                name="reserve_appointment_has_referral",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_name}: приказ № {self.order_number} от {self.order_dated:%d.%m.%Y}"


class HeadQuerySet(models.QuerySet["OrganisationHead"]):
    def current(self) -> "HeadQuerySet":
        """Those who hold the post now."""
        return self.filter(left_on=None)

    def visible_to(self, user: Any) -> "HeadQuerySet":
        """process.md 12: a municipality its own organisations' heads; operator, authority, auditor all."""
        if user.has_any_role("operator", "authority", "auditor"):
            return self
        if user.has_role("municipal") and user.municipality_id:
            return self.filter(organisation__municipality=user.municipality_id)
        return self.none()


class OrganisationHead(models.Model):
    """Who heads an organisation, from when to when; of the birth only the year is kept, for the forecast."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="Организация", related_name="heads"
    )
    name = models.CharField("Руководитель", max_length=310)
    since = models.DateField("В должности с", null=True, blank=True)
    contract_until = models.DateField("Окончание договора", null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField("Год рождения", null=True, blank=True)
    left_on = models.DateField("Должность свободна с", null=True, blank=True)
    vacancy = models.ForeignKey(
        Vacancy, models.PROTECT, null=True, blank=True, verbose_name="Вакансия после ухода", related_name="+"
    )
    appointment = models.OneToOneField(
        Appointment, models.PROTECT, null=True, blank=True, verbose_name="Назначение", related_name="head"
    )
    search_key = models.CharField(max_length=570, editable=False, db_index=True, default="")

    objects = HeadQuerySet.as_manager()

    class Meta:
        verbose_name = "Руководитель организации"
        verbose_name_plural = "Руководители организаций"
        ordering = ["organisation__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(left_on=None),
                name="one_head_per_organisation",
                violation_error_message="У этой организации уже есть руководитель.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.organisation}"
